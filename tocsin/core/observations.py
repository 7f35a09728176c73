"""What incidents showed about their runbook: commands that failed, things done by hand, people who did not answer.

Read off timelines alone. Each observation names the place of the document by a step's id, by words or by a line of the
version that the incident followed, so that it can be found again in a newer text (`tocsin.core.lessons`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from tocsin.core import facts
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.runbook import SET_BACK, Runbook

Kind = Literal["failed", "by hand", "late", "in vain", "unanswered", "boundary"]
IN_VAIN = timedelta(minutes=30)
"""An incident that an alert began and that ended within this time without any deed was declared in vain."""
LATE = timedelta(minutes=2)
MOST = 100
_CODE = re.compile(r"`([^`\n]{3,300})`")
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One of them. ``step``: whose; ``names``: whom or what the place is called; ``says``: what was seen.

    ``incidents`` are those that showed it, the newest first; ``at`` is when it last did.
    """

    kind: Kind
    says: str
    step: str = ""
    names: str = ""
    line: int = 0
    command: str = ""
    incidents: tuple[str, ...] = ()
    at: datetime

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two of them the same."""
        return (self.kind, self.step, self.names, self.command)


def observations(cases: Sequence[tuple[Incident, Runbook, Sequence[Entry]]]) -> tuple[Observation, ...]:
    """What incidents showed, each once with all that showed it; the newest first. Drills count as well."""
    found: dict[tuple[str, ...], Observation] = {}
    for incident, runbook, entries in sorted(cases, key=lambda case: case[0].number, reverse=True):
        for seen in _of(incident, runbook, entries):
            known = found.get(seen.key)
            if known is None:
                found[seen.key] = replace(seen, incidents=(incident.id,))
            elif incident.id not in known.incidents:
                found[seen.key] = replace(known, incidents=(*known.incidents, incident.id))
    return tuple(sorted(found.values(), key=lambda each: each.at, reverse=True))[:MOST]


def _of(incident: Incident, runbook: Runbook, entries: Sequence[Entry]) -> Iterator[Observation]:
    for entry in entries:
        yield from _failed(entry, runbook)
        yield from _by_hand(entry, incident, runbook)
        yield from _unanswered(entry)
    yield from _thresholds(incident, runbook, entries)


def _failed(entry: Entry, runbook: Runbook) -> Iterator[Observation]:
    match entry.fact:
        case facts.StepFinished(status=status) if status in ("failed", "timed_out", "unrunnable"):
            ended = entry.fact
        case _:
            return
    step = runbook.step(ended.step)
    if step is None or ended.step.startswith(SET_BACK):
        return
    code = "" if ended.exit_code is None else f" with exit code {ended.exit_code}"
    last = (ended.excerpt.rstrip().splitlines() or [""])[-1].strip()
    said = f", saying “{last[:_LONGEST]}”" if last else f": {ended.note[:_LONGEST]}" if ended.note else ""
    yield Observation(
        kind="failed", says=f"{ended.status.replace('_', ' ')}{code}{said}", step=step.id, line=step.line,
        command=(step.command or "").strip(), at=entry.at,
    )  # fmt: skip


def _by_hand(entry: Entry, incident: Incident, runbook: Runbook) -> Iterator[Observation]:
    """Commands in backquotes that people wrote down, and that the document does not have."""
    match entry.fact:
        case facts.StepDone(step=step, text=text):
            place = runbook.step(step)
        case facts.Noted(text=text) | facts.Mitigated(how=text):
            place = None
        case _:
            return
    known = {" ".join((step.command or "").split()) for step in runbook.steps()}
    scenario = runbook.scenario(incident.scenario)
    for command in _CODE.findall(text):
        if " ".join(command.split()) not in known and " " in command.strip():
            yield Observation(
                kind="by hand", says=f"{entry.by.name} ran it by hand", step=place.id if place else "",
                names="" if place or scenario is None else scenario.id, command=command.strip(), at=entry.at,
                line=place.line if place else scenario.line if scenario else 0,
            )  # fmt: skip


def _unanswered(entry: Entry) -> Iterator[Observation]:
    match entry.fact:
        case facts.Escalated(person=None, to=to, line=line) if to and line:
            yield Observation(kind="unanswered", says="nobody fills this", names=to, line=line, at=entry.at)
        case facts.NotifyFailed(person=person, why=why):
            yield Observation(kind="unanswered", says=f"not reached: {why[:_LONGEST]}", names=person, at=entry.at)
        case facts.ResponseMissed(severity=severity, line=line) if line:
            says = "nobody took it in this time"
            yield Observation(kind="unanswered", says=says, names=severity, line=line, at=entry.at)
        case facts.BranchLeftOpen(why=why):
            yield Observation(kind="boundary", says=why[:_LONGEST], names=why[:80], at=entry.at)
        case _:
            pass


def _thresholds(incident: Incident, runbook: Runbook, entries: Sequence[Entry]) -> Iterator[Observation]:
    """A threshold that fired behind the people who had noticed, or for nothing."""
    rule = next((rule for rule in runbook.rules if rule.scenario and rule.scenario == incident.scenario), None)
    if rule is None:
        return
    words = f"{rule.metric} {rule.op} {rule.value:g}{rule.unit or ''}"
    by_hand = entries[0].by.kind == "person"
    fired = next((entry.at for entry in entries if isinstance(entry.fact, facts.AlertLinked)), None)
    if by_hand and fired is not None and fired - incident.declared_at >= LATE:
        late = int((fired - incident.declared_at).total_seconds() // 60)
        says = f"fired {late} min after a person had noticed"
        yield Observation(kind="late", says=says, names=words, line=rule.line, at=fired)
    did = any(isinstance(entry.fact, _DEEDS) for entry in entries)
    ended = incident.resolved_at
    if not by_hand and not did and ended is not None and ended - incident.declared_at <= IN_VAIN:
        yield Observation(kind="in vain", says="it ended by itself, nobody did anything", names=words, line=rule.line,
                          at=ended)  # fmt: skip


_DEEDS = (facts.Mitigated, facts.BranchChosen, facts.ApprovalGranted, facts.StepDone)
