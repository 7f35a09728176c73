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
from tocsin.core.runbook import SET_BACK, Rule, Runbook, Step

Kind = Literal["failed", "by hand", "late", "in vain", "unanswered", "boundary"]
IN_VAIN = timedelta(minutes=30)
"""An incident that an alert began and that ended within this time without any deed was declared in vain."""
LATE = timedelta(minutes=2)
ANSWER = timedelta(minutes=1)
"""Who was called has at least so long to answer: rungs that are called together say nothing of each other."""
MOST = 100
_CODE = re.compile(r"`([^`\n]{3,300})`")
_QUOTED = re.compile(r"“([^”]+)”")
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One of them. ``step``: whose; ``names``: whom or what the place is called; ``says``: what was seen.

    ``incidents`` are those that showed it, the newest first, drills marked as such; ``at`` is when it last did.
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
    """What incidents showed, each once with all that showed it; the newest first.

    Drills count as well, but for what an alert did. Give no private ones: what is learned stands where all read it.
    """
    found: dict[tuple[str, ...], Observation] = {}
    for incident, runbook, entries in sorted(cases, key=lambda case: case[0].number, reverse=True):
        name = f"{incident.id} (drill)" if incident.drill else incident.id
        for seen in _of(incident, runbook, entries):
            known = found.get(seen.key)
            if known is None:
                found[seen.key] = replace(seen, incidents=(name,))
            elif name not in known.incidents:
                found[seen.key] = replace(known, incidents=(*known.incidents, name))
    return tuple(sorted(found.values(), key=lambda each: each.at, reverse=True))[:MOST]


def _of(incident: Incident, runbook: Runbook, entries: Sequence[Entry]) -> Iterator[Observation]:
    before: Step | None = None
    for entry in entries:
        yield from _failed(entry, runbook)
        yield from _by_hand(entry, incident, runbook, before)
        if isinstance(entry.fact, facts.StepDone | facts.StepFinished):
            before = runbook.step(entry.fact.step) or before
    yield from _unanswered(entries)
    yield from _boundaries(entries)
    if not incident.drill and not incident.duplicate_of:  # what a duplicate came to stands where it was merged into
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


def _by_hand(entry: Entry, incident: Incident, runbook: Runbook, before: Step | None) -> Iterator[Observation]:
    """Commands in backquotes that people wrote down, and that the document does not have.

    They belong to the step that they were told of, to the scenario, or where there is none to the step ``before``.
    """
    match entry.fact:
        case facts.StepDone(step=step, text=text):
            place = runbook.step(step)
        case facts.Noted(text=text) | facts.Mitigated(how=text):
            place = None
        case _:
            return
    known = {" ".join((step.command or "").split()) for step in runbook.steps()}
    scenario = runbook.scenario(incident.scenario)
    place = place or (before if scenario is None else None)
    for command in _CODE.findall(text):
        if " ".join(command.split()) not in known and " " in command.strip():
            yield Observation(
                kind="by hand", says=f"{entry.by.name} ran it by hand", step=place.id if place else "",
                names="" if place or scenario is None else scenario.id, command=command.strip(), at=entry.at,
                line=place.line if place else scenario.line if scenario else 0,
            )  # fmt: skip


def _unanswered(entries: Sequence[Entry]) -> Iterator[Observation]:
    """Roles that nobody fills, people whom nothing reached, and people who were called and did not answer."""
    filled: dict[str, facts.Escalated] = {}
    waiting: list[tuple[Entry, facts.Escalated]] = []
    taken = False  # whoever is called to somebody's help has nothing to answer
    for entry in entries:
        match entry.fact:
            case facts.Escalated() as call:
                if call.rung is not None:
                    late = [each for each in waiting if entry.at - each[0].at >= ANSWER]
                    yield from (_silent(*each, entry) for each in late if each[1].person != call.person)
                    waiting = [each for each in waiting if each not in late]
                if call.person is None and call.to and call.line:
                    yield Observation(
                        kind="unanswered", says="nobody fills this", names=call.to, line=call.line, at=entry.at
                    )
                elif call.person is not None:
                    filled[call.person] = call
                    waiting += [] if taken else [(entry, call)]
            case facts.Acknowledged():
                waiting, taken = [], True
            case facts.Reopened():
                taken = False
            case facts.NotifyFailed(person=person, why=why):
                role = filled.get(person)
                says = f"{f'{person} was ' if role else ''}not reached: {why[:_LONGEST]}"
                yield Observation(
                    kind="unanswered", says=says, names=role.to if role else person, line=role.line if role else 0,
                    at=entry.at, command=person,
                )  # fmt: skip
            case facts.ResponseMissed(severity=severity, line=line) if line:
                says = "nobody took it in this time"
                yield Observation(kind="unanswered", says=says, names=severity, line=line, at=entry.at)
            case _:
                waiting = [each for each in waiting if each[1].person != entry.by.name]


def _silent(called: Entry, call: facts.Escalated, then: Entry) -> Observation:
    minutes = int((then.at - called.at).total_seconds() // 60)
    says = f"{call.person} was called and had not answered {minutes} min later, when the next one was called"
    return Observation(kind="unanswered", says=says, names=call.to, line=call.line, at=then.at)


def _boundaries(entries: Sequence[Entry]) -> Iterator[Observation]:
    """Values that the document's branches leave open, with what a person decided then."""
    asked: Observation | None = None
    for entry in entries:
        match entry.fact:
            case facts.BranchLeftOpen(why=why):
                if asked is not None:
                    yield asked
                names = " / ".join(_QUOTED.findall(why)) or why[:80]
                asked = Observation(kind="boundary", says=why[:_LONGEST], names=names, at=entry.at)
            case facts.BranchChosen(branch=branch) if asked is not None and entry.by.kind != "engine":
                yield replace(asked, says=f"{asked.says}; {entry.by.name} chose “{branch}”")
                asked = None
    if asked is not None:
        yield asked


def _thresholds(incident: Incident, runbook: Runbook, entries: Sequence[Entry]) -> Iterator[Observation]:
    """A threshold, or an alert that the scenario names, that fired after people had noticed, or for nothing."""
    linked = ((entry, entry.fact) for entry in entries if isinstance(entry.fact, facts.AlertLinked))
    placed = ((entry, alert, _place_of(alert, incident, runbook)) for entry, alert in linked)
    first = next((each for each in placed if each[2][1]), None)  # alerts of others may have been merged into it
    if first is None:
        return
    fired, alert, (words, line) = first
    by_hand = entries[0].by.kind == "person"
    noticed = incident.declared_at if by_hand else incident.began_at
    behind = (fired.at if by_hand else alert.since or fired.at) - noticed
    if (by_hand or incident.assessment.began_at is not None) and behind >= LATE:
        what = "a person had noticed" if by_hand else f"it had begun, as {incident.assessment.began_by} says"
        says = f"fired {int(behind.total_seconds() // 60)} min after {what}"
        yield Observation(kind="late", says=says, names=words, line=line, at=fired.at)
    did = any(isinstance(entry.fact, _DEEDS) and entry.by.kind in ("person", "agent") for entry in entries)
    ended = incident.resolved_at
    if not by_hand and not did and ended is not None and ended - incident.declared_at <= IN_VAIN:
        says = "it ended by itself, nobody did anything"
        yield Observation(kind="in vain", says=says, names=words, line=line, at=ended)


def _place_of(alert: facts.AlertLinked, incident: Incident, runbook: Runbook) -> tuple[str, int]:
    """The document's own threshold behind an alert of ours, else the line that names the alert; 0: there is none."""
    metric, bound = alert.labels.get("metric"), alert.labels.get("threshold")
    rules = [
        rule for rule in runbook.rules
        if (rule.metric, f"{rule.op} {rule.value:g}") == (metric, bound) and rule.scenario in (incident.scenario, None)
    ]  # fmt: skip
    if rules:
        return words_of(rules[0]), rules[0].line
    scenario = runbook.scenario(incident.scenario)
    if scenario is None or alert.name not in scenario.alerts:
        return "", 0
    told = next((each.line for each in scenario.symptoms if alert.name in each.text), scenario.line)
    return f"alert {alert.name}", told


def words_of(rule: Rule) -> str:
    """How a threshold is called here: ``Error rate > 5%``."""
    return f"{rule.metric} {rule.op} {rule.value:g}{rule.unit or ''}"


_DEEDS = (facts.Mitigated, facts.BranchChosen, facts.ApprovalGranted, facts.StepDone)
"""What a runbook asks people to do; taking and closing an incident is none of it."""
