"""The clocks and rules that are frozen on an incident when it is declared."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Literal

REPEAT_LAST_RUNG = 2
REPEAT_AFTER = timedelta(minutes=30)
TRY_EVERYONE = 48
"""So often, every `REPEAT_AFTER`, whoever can be reached is called where nobody fills any rung."""
Clock = Literal["unresolved", "unacknowledged", "unavailable", "estimate", "severity"] | None
"""What a rung waits for; null: a human's word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of the escalation ladder, as the document states it on ``line``.

    ``after_seconds`` counts from where its ``clock`` begins; null means that only a human can tell when (``when`` says
    what), but for an ``estimate``, of which ``factor`` times must be over, and a ``severity`` that rises. ``to`` empty:
    the next of those whom the document names.
    """

    to: str
    after_seconds: float | None = None
    severities: tuple[str, ...] = ()
    when: str = ""
    clock: Clock = None
    line: int = 0
    factor: float = 0.0

    def applies_to(self, severity: str) -> bool:
        """Whether this rung counts at this severity; a rung without severities counts at every one."""
        return not self.severities or severity in self.severities

    @property
    def timed(self) -> bool:
        """Whether a clock that runs from the declaration climbs this rung."""
        return self.after_seconds is not None and self.clock in ("unresolved", "unacknowledged")

    @property
    def by_hand(self) -> bool:
        """Whether only a human can tell that it is time for this rung."""
        return not self.timed and self.clock not in ("estimate", "severity") and not self._of_outage

    @property
    def _of_outage(self) -> bool:
        return self.clock == "unavailable" and self.after_seconds is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a rule looks at: the step, where it runs, what was proved of it, and how bad the incident is.

    ``scenario`` and ``step`` are what each may be called: its id, its title.
    """

    severity: str
    verdict: str
    traits: tuple[str, ...] = ()
    target: str = ""
    scenario: tuple[str, ...] = ()
    step: tuple[str, ...] = ()
    stage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRule:
    """When something else counts than the default. Of each key that is written one entry must fit (``*``: anything).

    What the rule does not say itself (null, ``roles`` null) is the default's. ``place`` says where it is written.
    """

    severity: tuple[str, ...] = ()
    verdict: tuple[str, ...] = ()
    trait: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    scenario: tuple[str, ...] = ()
    step: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    people: int | None = None
    self_approve: bool | None = None
    expires: timedelta | None = None
    roles: tuple[str, ...] | None = None
    place: str = ""

    def fits(self, asked: Asked) -> bool:
        """Whether it counts for this."""
        pairs = (
            (self.severity, (asked.severity,)), (self.verdict, (asked.verdict,)), (self.trait, asked.traits),
            (self.target, (asked.target,)), (self.scenario, asked.scenario), (self.step, asked.step),
            (self.stage, (asked.stage,)),
        )  # fmt: skip
        return all(not wanted or _one_fits(wanted, names) for wanted, names in pairs)

    def when(self) -> str:
        """Its conditions, in a few words."""
        keys = ("severity", "verdict", "trait", "target", "scenario", "step", "stage")
        told = [f"{key} {' or '.join(wanted)}" for key in keys if (wanted := getattr(self, key))]
        return ", ".join(told) or "everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPolicy:
    """How a command that may change something is allowed.

    ``people`` 0: it runs without asking anybody; only a rule can say so, and only for a person's own request.
    ``roles`` narrow who may say yes: a role of tokens, a person, or a role of the directory; empty: every approver.
    ``why`` says which rule made it so.
    """

    people: int = 1
    self_approve: bool = True
    expires: timedelta = timedelta(minutes=30)
    roles: tuple[str, ...] = ()
    rules: tuple[ApprovalRule, ...] = ()
    why: str = ""

    def of(self, asked: Asked, *, alone: bool = False) -> ApprovalPolicy:
        """What counts for this: the first rule that fits, completed by the default, else the default.

        ``alone``: a person asks for this very step; for anybody else a rule that wants nobody wants the default's.
        """
        rule = next((rule for rule in self.rules if rule.fits(asked)), None)
        if rule is None:
            return replace(self, rules=())
        people = self.people if rule.people is None or (rule.people == 0 and not alone) else rule.people
        return replace(
            self,
            people=people,
            self_approve=self.self_approve if rule.self_approve is None else rule.self_approve,
            expires=rule.expires or self.expires,
            roles=self.roles if rule.roles is None else rule.roles,
            rules=(),
            why=f"{rule.place} ({rule.when()})",
        )


def fits_any(pattern: str, names: Sequence[str]) -> bool:
    """Whether a condition of a rule can fit one of these names."""
    return _one_fits((pattern,), names)


def nearest(word: str, known: Sequence[str]) -> str:
    """The hint for a word that is none of the known ones: the nearest, or all of them."""
    by_case = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), by_case, n=1)
    return f"Did you mean {by_case[close[0]]!r}?" if close else f"Use one of: {', '.join(known)}."


def _one_fits(patterns: Sequence[str], names: Sequence[str]) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns for name in names)
