"""One incident, rolled up from its timeline: everything that figures need of it, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from tocsin.core import facts
from tocsin.core.cadences import same_update, update_due
from tocsin.core.clockfolds import is_update
from tocsin.core.facts import Entry
from tocsin.core.fold import evolve
from tocsin.core.incident import Incident
from tocsin.core.review import durations

RULES = 4
"""Rises when this module measures something else; what was rolled up by other rules is rolled up anew."""
MOST_LABELS, MOST_VALUES, LONGEST = 30, 5, 120
_PAGING = (facts.Escalated, facts.StepInDoubt, facts.EscalationEnded, facts.Reopened)
"""What paged somebody, where a record of an earlier release does not say that it did."""
_DEEDS = (
    facts.StepQueued, facts.StepDone, facts.StepSettled, facts.ApprovalGranted, facts.PlaceholderBound,
    facts.BranchChosen, facts.Mitigated, facts.UpdatePosted, facts.CauseJudged, facts.RootCauseRecorded,
    facts.MessageSent,
)  # fmt: skip
"""What somebody does who acts on an alert; taking and closing an incident is none of it."""
_FAILED = ("failed", "timed_out", "unrunnable")


class Measured(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An incident in figures; a struct, because ten thousand of them are read for a page, and three times as fast.

    Moments in tuples are seconds since 1970; spans are seconds, null: it did not happen.

    ``pages``: when whom; ``promises``: when which, and whether it was kept; ``fired``: when which alert, and what names
    that one time, because an alert that is split off or merged stands on two timelines; ``flapped``: when which alert;
    ``ran``: when which step (id and command), and how it ended: ``well``, ``failed`` or ``in doubt``.
    """

    incident: str
    title: str
    severity: str
    status: str
    scenario: str
    runbook: str
    runbook_digest: str
    drill: bool
    duplicate_of: str
    declared_at: datetime
    resolved_at: datetime | None = None
    last_at: datetime
    detect: float | None = None
    acknowledge: float | None = None
    mitigate: float | None = None
    resolve: float | None = None
    target: float | None = None
    acted: bool = False
    reopened: int = 0
    labels: dict[str, tuple[str, ...]] = {}
    pages: tuple[tuple[float, str], ...] = ()
    promises: tuple[tuple[float, str, bool], ...] = ()
    fired: tuple[tuple[float, str, str], ...] = ()
    flapped: tuple[tuple[float, str], ...] = ()
    ran: tuple[tuple[float, str, str, str], ...] = ()


def measure(entries: Sequence[Entry]) -> Measured:
    """An incident's figures from its whole timeline, oldest first. Raises as `tocsin.core.fold.evolve`."""
    tally = _Tally({entry.seq: entry for entry in entries})
    incident: Incident | None = None
    for entry in entries:
        before, incident = incident, evolve(incident, entry)
        if before is not None:
            tally.take(before, entry, incident)
    if incident is None:
        raise ValueError("An incident without a timeline has no figures.")
    return _rolled(incident, entries, tally)


def _rolled(incident: Incident, entries: Sequence[Entry], tally: _Tally) -> Measured:
    taken, begun = durations(incident), entries[0].fact
    signed = isinstance(begun, facts.Declared) and begun.detected_at is not None
    known = signed or incident.assessment.began_at is not None
    return Measured(
        incident=incident.id, title=incident.title, severity=incident.severity, status=incident.status,
        scenario=incident.scenario_title or incident.scenario, runbook=incident.runbook,
        runbook_digest=incident.runbook_digest, drill=incident.drill, duplicate_of=incident.duplicate_of,
        declared_at=incident.declared_at, resolved_at=incident.resolved_at, last_at=entries[-1].at,
        detect=_positive(taken.detect.total_seconds()) if known else None,
        acknowledge=taken.acknowledge.total_seconds() if taken.acknowledge is not None else None,
        mitigate=_positive(taken.mitigate.total_seconds()) if taken.mitigate is not None else None,
        resolve=_positive(taken.resolve.total_seconds()) if taken.resolve is not None else None,
        target=incident.response_seconds, acted=tally.acted, reopened=tally.reopened,
        labels={name: tuple(values) for name, values in tally.labels.items()}, pages=tuple(tally.pages.values()),
        promises=tuple(tally.promises), fired=tuple(tally.fired), flapped=tuple(tally.flapped), ran=tuple(tally.ran),
    )  # fmt: skip


def _positive(seconds: float) -> float:
    """A clock elsewhere that is ahead of ours makes no time negative."""
    return max(seconds, 0.0)


class _Tally:
    """What is counted on the way along a timeline."""

    def __init__(self, entries: Mapping[int, Entry]) -> None:
        self._entries = entries
        self._commands: dict[str, str] = {}
        self._met: set[str] = set()
        self.acted, self.reopened = False, 0
        self.labels: dict[str, list[str]] = {}
        self.pages: dict[tuple[str, str], tuple[float, str]] = {}
        self.promises: list[tuple[float, str, bool]] = []
        self.fired: list[tuple[float, str, str]] = []
        self.flapped: list[tuple[float, str]] = []
        self.ran: list[tuple[float, str, str, str]] = []

    def take(self, before: Incident, entry: Entry, after: Incident) -> None:
        """One more entry, and the incident before and after it."""
        at = entry.at.timestamp()
        self.acted = self.acted or (isinstance(entry.fact, _DEEDS) and entry.by.kind in ("person", "agent"))
        if after.clocks.response and not before.clocks.response:
            self.promises.append((at, "response", after.clocks.response == "kept"))
        match entry.fact:
            case facts.AlertLinked() as linked:
                began = linked.since.timestamp() if linked.since else at
                self.fired.append((at, linked.name[:LONGEST], f"{linked.fingerprint[:20]}@{began:.3f}"))
                self._label(linked.labels)
            case facts.AlertFlapped(name=name):
                self.flapped.append((at, name[:LONGEST]))
            case facts.Reopened():
                self.reopened += 1
            case facts.Notified() as told if self._paged(told):
                self.pages.setdefault((told.notice, told.person), (at, told.person))
            case fact:
                self._promise(before, entry, fact)
                self._step(at, fact)

    def _promise(self, before: Incident, entry: Entry, fact: Any) -> None:
        found: tuple[str, bool] | None = None
        match fact:
            case facts.UpdatePosted() | facts.MessageSent() if is_update(fact):
                due = update_due(before)
                kept = due is not None and entry.at <= due and not same_update(before, entry.at)
                found = ("update", True) if kept else None
            case facts.UpdateMissed():
                found = ("update", False)
            case facts.PhaseMissed():
                found = ("phase", False)
            case facts.PhaseReached(phase=phase):
                found = ("phase", True) if _in_window(before, phase) else None
            case facts.DeadlineMissed(again=0):
                found = ("deadline", False)
            case facts.DeadlineMet(task=task):
                state = before.clocks.tasks.get(task)
                again = task in self._met or (state is not None and bool(state.missed))
                self._met.add(task)  # a tick that was taken away and set again is no second promise
                found = None if again else ("deadline", True)
        if found is not None:
            self.promises.append((entry.at.timestamp(), *found))

    def _step(self, at: float, fact: Any) -> None:
        match fact:
            case facts.StepQueued():
                self._commands[fact.step] = (fact.command.strip().splitlines() or [""])[0][:LONGEST]
            case facts.StepFinished() if fact.status != "cancelled":
                how = "failed" if fact.status in _FAILED else "well"
                self.ran.append((at, fact.step, self._commands.get(fact.step, ""), how))
            case facts.StepInDoubt():
                self.ran.append((at, fact.step, self._commands.get(fact.step, ""), "in doubt"))

    def _paged(self, told: facts.Notified) -> bool:
        if told.kind:
            return told.kind == "page"
        seq = told.notice.split("/")[1:2]
        cause = self._entries.get(int(seq[0])) if seq and seq[0].isdecimal() else None
        return cause is not None and isinstance(cause.fact, _PAGING)

    def _label(self, labels: Mapping[str, str]) -> None:
        for name, value in labels.items():
            if name not in self.labels and len(self.labels) >= MOST_LABELS:
                continue
            known = self.labels.setdefault(name[:LONGEST], [])
            if value[:LONGEST] not in known and len(known) < MOST_VALUES:
                known.append(value[:LONGEST])


def _in_window(before: Incident, phase: str) -> bool:
    """Whether a phase that is reached now had a window, and is reached for the first time and within it."""
    state = before.clocks
    windowed = any(window.phase == phase for window in state.timetable.windows)
    reached = any(each.id == phase and each.at is not None for each in before.phases)
    return windowed and not reached and phase not in state.missed_phases
