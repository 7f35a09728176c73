"""What a configuration binds already, what it mentions, and what is proposed for the rest. Nothing is guessed bound."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tocsin.core.oncall import channel_id
from tocsin.core.runbook import Runbook
from tocsin.ids import slug
from tocsin.lint.bindings import SERVED
from tocsin.lint.needs import GIVEN, ChannelNeed, MetricNeed, Need, Needs, PlaceholderNeed, RoleNeed
from tocsin.lint.needs import needs as needs_of
from tocsin.lint.subject import Bindings
from tocsin.service.guessing import Somebody, person_for
from tocsin.settings import Outline, measures

TablePath = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A comment of the file: the table that it stands in or names, and the key that it would set if it were none."""

    table: TablePath
    text: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A configuration as it stands, with the answers that wait in its comments."""

    outline: Outline = field(default_factory=Outline)
    remarks: tuple[Remark, ...] = ()

    def keys(self, table: str, same: Callable[[str], str]) -> frozenset[str]:
        """The keys, or the tables in it, that a table's comments would set; ``same`` makes alike ones equal."""
        return frozenset(
            same(remark.key or remark.table[-1])
            for remark in self.remarks
            if remark.table[:1] == (table,) and len(remark.table) == (1 if remark.key else 2)
        )

    def words(self, table: str) -> str:
        """What the table's comments say, one behind the other."""
        return "\n".join(remark.text for remark in self.remarks if remark.table[:1] == (table,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a file does not have yet. ``people`` are certain; ``filled``: the roles that they fill, with their ids."""

    people: tuple[Somebody, ...] = ()
    filled: tuple[tuple[RoleNeed, str], ...] = ()
    roles: tuple[RoleNeed, ...] = ()
    contacts: tuple[RoleNeed, ...] = ()
    channels: tuple[ChannelNeed, ...] = ()
    metrics: tuple[MetricNeed, ...] = ()
    placeholders: tuple[PlaceholderNeed, ...] = ()
    asked: tuple[PlaceholderNeed, ...] = ()
    variables: tuple[Need, ...] = ()

    @property
    def needs(self) -> tuple[Need, ...]:
        """Everything in it."""
        filled = tuple(role for role, _ in self.filled)
        certain: tuple[Need, ...] = (*filled, *self.roles, *self.contacts, *self.channels, *self.metrics)
        return (*certain, *self.placeholders, *self.asked, *self.variables)


def written(text: str, outline: Outline) -> Written:
    """A configuration's text with what it binds."""
    return Written(outline=outline, remarks=tuple(_remarks(text)))


def bindings(books: Sequence[Runbook], outline: Outline) -> Bindings:
    """What a configuration answers to these runbooks; nobody looks for programs."""
    wanted = needs_of(books)
    return Bindings(
        roles=frozenset(each.name for each in wanted.roles if outline.directory.bound(each.name)),
        metrics=frozenset(each.name for each in wanted.metrics if _measured(each, outline)),
        channels=frozenset(each.name for each in wanted.channels if _served(each, outline)),
        placeholders=frozenset(outline.placeholders),
        variables=GIVEN | frozenset(outline.env),
    )


def propose(wanted: Needs, there: Written) -> Proposal:
    """What these needs add to a file; without one, to an empty one."""
    outline, known = there.outline, there.keys("roles", slug)
    roles = [
        role
        for role in wanted.roles
        if slug(role.name) and slug(role.name) not in known and not outline.directory.bound(role.name)
    ]
    guesses = {role.name: somebody for role in roles if (somebody := person_for(role))}
    people = {somebody.id: somebody for somebody in reversed(guesses.values())}
    loose = [role for role in roles if role.name not in guesses]
    return Proposal(
        people=tuple(somebody for somebody in reversed(people.values()) if somebody.id not in outline.directory.people),
        filled=tuple((role, guesses[role.name].id) for role in roles if role.name in guesses),
        roles=tuple(role for role in loose if role.called),
        contacts=tuple(role for role in loose if not role.called),
        channels=tuple(_new_channels(wanted, there)),
        metrics=tuple(_new_metrics(wanted, there)),
        placeholders=tuple(_new_placeholders(wanted, there)),
        asked=tuple(_new_questions(wanted, there)),
        variables=tuple(_new_variables(wanted, there)),
    )


def _new_channels(wanted: Needs, there: Written) -> Iterator[ChannelNeed]:
    known = there.keys("channels", channel_id) | set(there.outline.directory.channels)
    return (each for each in wanted.channels if each.kind in SERVED and channel_id(each.name) not in known)


def _new_metrics(wanted: Needs, there: Written) -> Iterator[MetricNeed]:
    known = there.keys("signals", slug) | {""}
    return (each for each in wanted.metrics if slug(each.name) not in known and not _measured(each, there.outline))


def _new_placeholders(wanted: Needs, there: Written) -> Iterator[PlaceholderNeed]:
    known = there.keys("placeholders", str) | set(there.outline.placeholders)
    return (each for each in wanted.placeholders if each.lasting and each.name not in known)


def _new_questions(wanted: Needs, there: Written) -> Iterator[PlaceholderNeed]:
    """What is asked for in each incident, unless the file answers it all the same."""
    said, known = there.words("placeholders"), there.outline.placeholders
    asked = (each for each in wanted.placeholders if not each.lasting)
    return (each for each in asked if each.name not in said and each.name not in known)


def _new_variables(wanted: Needs, there: Written) -> Iterator[Need]:
    known = {*re.findall(r"\w+", there.words("target")), *there.outline.env}
    return (each for each in wanted.variables if each.name not in known)


def _measured(metric: MetricNeed, outline: Outline) -> bool:
    return any(measures(name, metric.name) for name in outline.signals)


def _served(channel: ChannelNeed, outline: Outline) -> bool:
    return channel_id(channel.name) in outline.directory.channels


def _remarks(text: str) -> Iterator[Remark]:
    table: TablePath = ()
    for line in text.splitlines():
        plain = line.strip()
        inside = plain.lstrip("#").strip() if plain.startswith("#") else plain
        table = _header(inside) or table
        if plain.startswith("#"):
            yield Remark(table=table, text=inside, key="" if _header(inside) else _key(inside))


def _header(line: str) -> TablePath:
    """The table that a line opens: ``[people.ana]`` → people, ana."""
    found = _read(line) if line.startswith("[") and not line.startswith("[[") else {}
    path: list[str] = []
    while isinstance(found, dict) and len(found) == 1:
        name, found = next(iter(found.items()))
        path.append(name)
    return tuple(path)


def _key(line: str) -> str:
    return next(iter(_read(line)), "") if "=" in line else ""


def _read(line: str) -> dict[str, Any]:
    try:
        return tomllib.loads(line)
    except (ValueError, RecursionError):
        return {}
