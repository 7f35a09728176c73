"""What a token reaches within its role: which kinds of things (``incidents:read``), and which incidents.

Words of two kinds, and both narrow: those that name what may be done are added to each other, so are those that name
incidents; together they mean what both allow. Without any word a token reaches all that its role may.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tocsin.errors import Invalid

MOST_SCOPES = 50
LONGEST_SCOPE = 300
_READS = ("incidents:read", "alerts:read", "runbooks:read")

DEEDS: dict[str, tuple[str, frozenset[str]]] = {
    "read": ("read everything, change nothing", frozenset(_READS)),
    "incidents:read": (
        "read incidents: timelines, output, post-mortems, waiting approvals", frozenset({"incidents:read"}),
    ),
    "incidents:write": (
        "read incidents and make the role's moves on them", frozenset({"incidents:read", "incidents:write"}),
    ),
    "alerts:send": ("send alerts, and nothing else", frozenset({"alerts:send"})),
    "alerts:read": ("read alerts and silences", frozenset({"alerts:read"})),
    "alerts:write": (
        "send and read alerts, make and end silences", frozenset({"alerts:send", "alerts:read", "alerts:write"}),
    ),
    "runbooks:read": ("read the runbooks", frozenset({"runbooks:read"})),
    "runbooks:write": ("read and change the runbooks", frozenset({"runbooks:read", "runbooks:write"})),
}  # fmt: skip
"""Word → what it is for, and the deeds that it allows. A deed is what a route asks for."""

OF_INCIDENTS = frozenset({"incidents:read", "incidents:write"})
OF_ONE_RUNBOOK = OF_INCIDENTS | {"runbooks:read", "runbooks:write"}
_INCIDENT = re.compile(r"INC-[1-9]\d{0,15}")


@dataclass(frozen=True, slots=True)
class Reach:
    """What some scopes allow. ``deeds`` null: all of them. Neither incidents nor runbooks: every incident."""

    deeds: frozenset[str] | None = None
    incidents: frozenset[str] = frozenset()
    runbooks: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        """Whether nothing is narrowed."""
        return self.deeds is None and self.every_incident

    @property
    def every_incident(self) -> bool:
        """Whether no incident is left out."""
        return not self.incidents and not self.runbooks

    def may(self, deed: str) -> bool:
        """Whether this deed is in reach for some incident at least; what no word names is for whole tokens alone."""
        return self.deeds is None or deed in self.deeds

    def holds(self, incident: str, *runbook: str) -> bool:
        """Whether this incident is in reach, which follows the runbook of these names (title, file name)."""
        return self.every_incident or incident in self.incidents or self.holds_runbook(*runbook)

    def holds_runbook(self, *names: str) -> bool:
        """Whether the runbook of these names (title, file name) is in reach."""
        return self.every_incident or not self.runbooks.isdisjoint(name.casefold() for name in names)


@lru_cache(maxsize=1024)
def reach_of(scopes: tuple[str, ...]) -> Reach:
    """What these words mean together. Raises `Invalid` that names the first one that is none, or if nothing is left."""
    if len(scopes) > MOST_SCOPES:
        raise Invalid(f"A token has at most {MOST_SCOPES} scopes.")
    deeds: set[str] = set()
    incidents: set[str] = set()
    runbooks: set[str] = set()
    for word in scopes:
        kind, _, name = word.partition(":")
        if word in DEEDS:
            deeds |= DEEDS[word][1]
        elif kind == "incident" and _INCIDENT.fullmatch(name):
            incidents.add(name)
        elif kind == "runbook" and name.strip() and name.isprintable() and len(word) <= LONGEST_SCOPE:
            runbooks.add(name.strip().casefold())
        else:
            known = ", ".join(DEEDS)
            raise Invalid(f"{word[:60]!r} is not a scope.", f"Known: {known}, incident:INC-12, runbook:FILE.md.")
    if not incidents and not runbooks:
        return Reach(frozenset(deeds) if deeds else None)
    there = OF_ONE_RUNBOOK if runbooks else OF_INCIDENTS
    both = there & deeds if deeds else there
    if not both:
        raise Invalid("These scopes together leave nothing to reach.", "Leave out either the deeds or the incidents.")
    return Reach(both, frozenset(incidents), frozenset(runbooks))


def checked(scopes: Sequence[str]) -> tuple[str, ...]:
    """The words, each once, in the order of their first use. Raises `Invalid` for one that is none."""
    words = tuple(dict.fromkeys(scope.strip() for scope in scopes))
    reach_of(words)
    return words
