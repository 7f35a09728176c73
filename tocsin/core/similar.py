"""Which earlier incidents are like this one, and why: the scenario, the alerts, the words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.core import facts
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident

MOST = 5
LONGEST = 20_000
"""Characters of one incident that are searched."""
MOST_WORDS = 40
_SCENARIO, _ALERT, _WORD = 4.0, 2.0, 0.5
_ALERTS_THAT_COUNT, _WORDS_THAT_COUNT, _FEWEST_WORDS = 3, 6, 2
_TOKEN = re.compile(r"[^\W_]{3,}")
_EMPTY = frozenset({
    "about", "after", "again", "all", "alert", "also", "and", "any", "are", "because", "been", "before", "but",
    "can", "could", "did", "does", "done", "for", "from", "had", "has", "have", "her", "him", "his", "how",
    "incident", "into", "its", "more", "not", "now", "off", "one", "our", "out", "over", "says", "she", "should",
    "since", "some", "still", "than", "that", "the", "their", "them", "then", "there", "they", "this", "threshold",
    "too", "two", "until", "was", "were", "what", "when", "where", "which", "who", "why", "will", "with", "without",
    "you", "your",
})  # fmt: skip
"""Words that say nothing of an incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said in an incident: its titles, the names of its alerts, what people noted, how it ended."""

    title: str
    alerts: tuple[str, ...] = ()
    notes: str = ""
    resolution: str = ""

    @property
    def whole(self) -> str:
        """All of it."""
        return "\n".join((self.title, *self.alerts, self.notes, self.resolution))[:LONGEST]


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """An earlier incident that is like this one. ``why``: the reasons, the strongest first."""

    incident: str
    title: str
    severity: str
    status: str
    declared_at: datetime
    why: tuple[str, ...]
    score: float
    resolution: str = ""
    branch: str = ""
    took_seconds: float | None = None


def said(incident: Incident, entries: Iterable[Entry]) -> Said:
    """What is said in an incident."""
    alerts: dict[str, None] = {}
    notes: list[str] = []
    ends: list[str] = []
    for entry in entries:
        match entry.fact:
            case facts.AlertLinked():
                alerts.setdefault(entry.fact.name)
                notes.append(entry.fact.summary)
            case facts.Noted() | facts.UpdatePosted():
                notes.append(entry.fact.text)
            case facts.Mitigated():
                ends.append(entry.fact.how)
            case facts.Resolved():
                ends.append(entry.fact.summary or entry.fact.override)
            case facts.SeverityChanged() | facts.Reopened():
                notes.append(entry.fact.why)
    return Said(
        title=f"{incident.title}\n{incident.scenario_title}",
        alerts=tuple(alerts),
        notes="\n".join(dict.fromkeys(filter(None, notes)))[:LONGEST],
        resolution="\n".join(dict.fromkeys(filter(None, ends)))[:LONGEST],
    )


def words_of(text: str) -> list[str]:
    """The words that say something, each once, in their order."""
    found = dict.fromkeys(_TOKEN.findall(text.lower()))
    return [word for word in found if word.isalnum() and not word.isdigit() and word not in _EMPTY]


def ranked(one: Incident, own: Said, others: Iterable[tuple[Incident, Said]]) -> list[Similar]:
    """The incidents that are like ``one``, the most alike first, each with its reasons; at most `MOST`."""
    found = [like for other, theirs in others if other.id != one.id and (like := _like(one, own, other, theirs))]
    return sorted(found, key=lambda like: (-like.score, -like.declared_at.timestamp()))[:MOST]


def _like(one: Incident, own: Said, other: Incident, theirs: Said) -> Similar | None:
    same = bool(one.scenario) and (one.scenario, one.runbook) == (other.scenario, other.runbook)
    alerts = [name for name in own.alerts if name and name in theirs.alerts]
    known = {word for name in (*alerts, *([one.title, one.scenario_title] if same else [])) for word in words_of(name)}
    their_words = set(words_of(theirs.whole))
    words = [word for word in words_of(own.whole) if word in their_words and word not in known]
    if not same and not alerts and len(words) < _FEWEST_WORDS:
        return None
    score = _SCENARIO * same + _ALERT * min(len(alerts), _ALERTS_THAT_COUNT)
    took = other.resolved_at - other.declared_at if other.resolved_at else None
    return Similar(
        incident=other.id, title=other.title, severity=other.severity, status=other.status,
        declared_at=other.declared_at, why=_reasons(same, alerts, words),
        score=score + _WORD * min(len(words), _WORDS_THAT_COUNT),
        resolution=theirs.resolution, branch=other.branch, took_seconds=took.total_seconds() if took else None,
    )  # fmt: skip


def _reasons(same: bool, alerts: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    reasons = ["same scenario"] if same else []
    if alerts:
        named = ", ".join(alerts[:_ALERTS_THAT_COUNT])
        reasons.append(f"{len(alerts)} common {'alert' if len(alerts) == 1 else 'alerts'}: {named}")
    if words:
        reasons.append(f"common words: {', '.join(words[:_WORDS_THAT_COUNT])}")
    return tuple(reasons)
