"""What happens in a year: incidents and what people do to them, who fills which role when, and when Tocsin is off.

All moments are whole minutes since the year began. The same seed makes the same year.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

YEAR = 365 * 24 * 60
SEVERITIES = ("P0", "P1", "P2")
PEOPLE = ("ada", "bo", "cy", "di", "eli", "flo")
ROLES = ("on-call engineer", "second baker", "shift lead", "head of shops", "owner", "lawyer")


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody does to an incident; ``value`` is a severity or a number of minutes."""

    at: int
    kind: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """An incident and all that people do to it, each at another minute."""

    number: int
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """All of it. ``bound``: from which minute on who fills which role; ``off``: from when to when Tocsin is off."""

    cases: tuple[Case, ...]
    bound: tuple[tuple[int, dict[str, str]], ...]
    off: tuple[tuple[int, int], ...] = field(default=())

    def roles_at(self, minute: int) -> dict[str, str]:
        """Who fills which role at a minute."""
        return next(roles for since, roles in reversed(self.bound) if since <= minute)

    def is_off(self, minute: int) -> bool:
        """Whether Tocsin is off."""
        return any(begins <= minute < ends for begins, ends in self.off)


def a_year(seed: int, incidents: int, minutes: int = YEAR) -> Year:
    """A random year (or less) of that many incidents."""
    dice = random.Random(seed)
    off = tuple(_outages(dice, minutes))
    begins = sorted(dice.sample(range(minutes), incidents))
    cases = [Case(number, tuple(_deeds(dice, at))) for number, at in enumerate(begins, 1)]
    year = Year(cases=(), bound=tuple(_bindings(dice, minutes)), off=off)
    return Year(cases=tuple(_while_it_is_on(year, case) for case in cases), bound=year.bound, off=off)


def _deeds(dice: random.Random, begins: int) -> Iterator[Deed]:
    severity = dice.choice(SEVERITIES)
    ends = begins + dice.choice((7, 25, 45, 80, 130, 260, 500)) + dice.randrange(60)
    yield Deed(begins, "declare", severity)
    wanted: list[tuple[float, str, str]] = [
        (0.7, "acknowledge", ""), (0.25, "assess", dice.choice(SEVERITIES)), (0.25, "assess", dice.choice(SEVERITIES)),
        (0.25, "unavailable", str(dice.randrange(40))), (0.12, "available", ""),
        (0.2, "estimate", str(dice.randrange(5, 50))), (0.15, "estimate", str(dice.randrange(5, 50))),
        (0.1, "hold", str(dice.randrange(5, 90))), (0.08, "harmed", ""),
    ]  # fmt: skip
    for chance, kind, value in wanted:
        if dice.random() < chance:
            yield Deed(dice.randrange(begins + 1, ends), kind, value)
    yield Deed(ends, "resolve")
    if dice.random() < 0.06:
        again = ends + dice.randrange(2, 90)
        yield Deed(again, "reopen")
        if dice.random() < 0.5:
            yield Deed(again + dice.randrange(1, 40), "acknowledge")
        yield Deed(again + dice.randrange(41, 200), "resolve")


def _while_it_is_on(year: Year, case: Case) -> Case:
    """Nobody does anything while Tocsin is off, and nobody does two things in one minute."""
    deeds: list[Deed] = []
    for deed in sorted(case.deeds, key=lambda each: each.at):
        at = max(deed.at, deeds[-1].at + 1 if deeds else 0)
        while year.is_off(at):
            at += 1
        deeds.append(Deed(at, deed.kind, deed.value))
    return Case(case.number, tuple(deeds))


def _bindings(dice: random.Random, minutes: int) -> Iterator[tuple[int, dict[str, str]]]:
    at = 0
    while at <= minutes:
        roles = {role: dice.choice(PEOPLE) for role in ROLES if dice.random() < 0.85}
        yield at, {} if dice.random() < 0.04 else roles
        at += dice.randrange(60, 3 * 24 * 60)


def _outages(dice: random.Random, minutes: int) -> Iterator[tuple[int, int]]:
    at = dice.randrange(24 * 60)
    while at < minutes:
        length = dice.choice((0, 0, 1, 2, 10, 45, 200))
        yield at, at + length
        at += length + dice.randrange(60, 4 * 24 * 60)
