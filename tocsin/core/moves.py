"""Moves: what can be done to an incident. Each looks at it and returns facts, or raises `Refused` with a sentence.

Moves over steps and approvals are in `tocsin.core.steps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tocsin.core import facts, outages
from tocsin.core.alert import Alert
from tocsin.core.calendar import Calendar
from tocsin.core.closing import criteria_of
from tocsin.core.facts import Actor
from tocsin.core.incident import CriterionState, Incident
from tocsin.core.ladders import ladder
from tocsin.core.oncall import Directory
from tocsin.core.placeholders import problem_of
from tocsin.core.promises import timetable
from tocsin.core.runbook import Runbook, Scenario
from tocsin.errors import Invalid, Refused
from tocsin.times import say_duration

Facts = list[Any]

LONGEST_HOLD = timedelta(days=7)
LONGEST_TEXT = 20_000
LONGEST_NAME, LONGEST_LABEL, MOST_LABELS = 200, 500, 40
_PHASE_WORDS = {
    "acknowledge": ("acknowledg", "detect"),
    "assess": ("assess", "triage"),
    "communicate": ("communicat",),
    "mitigate": ("mitigat", "contain"),
    "investigate": ("investigat", "diagnos"),
    "resolve": ("resolv", "resolution"),
    "document": ("document", "post-incident", "post-mortem"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What is known when an incident is declared."""

    number: int
    title: str
    severity: str
    why: str
    scenario: Scenario | None = None
    source: str = ""
    drill: bool = False
    detected_at: datetime | None = None
    watch: timedelta = timedelta(0)
    group: Mapping[str, str] = field(default_factory=dict)
    gathers: bool = False
    split_from: str = ""
    calendar: Calendar | None = None
    private: bool = False
    named: tuple[str, ...] = ()
    war_room: str = ""


def declare(runbook: Runbook, opening: Opening) -> Facts:
    """Begin an incident and freeze on it the runbook's version, ladder, phases and recovery criteria."""
    severity = runbook.severity(opening.severity)
    if runbook.severities and severity is None:
        known = ", ".join(level.name for level in runbook.severities)
        raise Invalid(f"{opening.severity!r} is not a severity of {runbook.title!r}.", f"Use one of: {known}.")
    scenario = opening.scenario
    goals = {level.name: level.response_minutes for level in runbook.severities}
    responses = {name: minutes * 60 for name, minutes in goals.items() if minutes is not None}
    return [
        facts.Declared(
            number=opening.number,
            title=_text(opening.title, "a title"),
            severity=opening.severity,
            why=opening.why,
            runbook=runbook.title,
            runbook_digest=runbook.digest,
            source=opening.source,
            scenario=scenario.id if scenario else "",
            scenario_title=scenario.title if scenario else "",
            line=scenario.line if scenario else 0,
            drill=opening.drill,
            detected_at=opening.detected_at,
            severities=tuple(level.name for level in runbook.severities),
            ladder=ladder(runbook),
            phases=tuple(facts.PhasePlan(id=phase.id, title=phase.title, line=phase.line) for phase in runbook.phases),
            criteria=criteria_of(runbook, scenario),
            watch_seconds=opening.watch.total_seconds(),
            response_seconds=responses.get(opening.severity),
            responses=responses,
            group=opening.group,
            gathers=opening.gathers,
            split_from=opening.split_from,
            timetable=timetable(runbook, opening.calendar),
            private=opening.private,
            named=opening.named,
            war_room=opening.war_room,
        )
    ]


def acknowledge(incident: Incident, by: Actor, via: str = "") -> Facts:
    """Take the incident. Exactly one answer wins; a second one is refused by name. ``via``: the way it came."""
    _must_be_open(incident)
    if incident.acknowledged_at is not None:
        raise Refused(f"{incident.id} is already acknowledged by {incident.acknowledged_by}.")
    return [facts.Acknowledged(via=via), *reach(incident, "acknowledge", f"{by.name} acknowledged")]


def assign(incident: Incident, role: str, person: str) -> Facts:
    """Give a role (commander, communications, scribe, operations, …) to a person."""
    _must_be_open(incident)
    role, person = _text(role, "a role"), _text(person, "a person")
    if incident.roles.get(role) == person:
        raise Refused(f"{person} already is {role} of {incident.id}.")
    return [facts.Assigned(role=role, person=person)]


def assess(incident: Incident, runbook: Runbook, severity: str, why: str) -> Facts:
    """Say how bad it is; a severity that differs from the present one changes it."""
    _must_be_open(incident)
    if runbook.severities and runbook.severity(severity) is None:
        known = ", ".join(level.name for level in runbook.severities)
        raise Invalid(f"{severity!r} is not a severity of the runbook.", f"Use one of: {known}.")
    changed = severity != incident.severity
    change: Facts = [facts.SeverityChanged(before=incident.severity, after=severity, why=_text(why, "a reason"))]
    return [*(change if changed else []), *reach(incident, "assess", f"severity {severity}: {why}")] or [
        facts.Noted(text=f"Severity {severity} confirmed: {why}")
    ]


def raise_severity(incident: Incident, severity: str, why: str) -> Facts:
    """Take over a severity that is worse than the present one; anything else lowers and changes nothing."""
    if severity not in incident.severities or rank(incident, severity) >= rank(incident, incident.severity):
        return []
    return [facts.SeverityChanged(before=incident.severity, after=severity, why=why)]


def note(incident: Incident, text: str, happened: datetime | None = None) -> Facts:
    """Write something down; also after the end, and of an earlier moment."""
    del incident
    return [facts.Noted(text=_text(text, "a note"), happened=happened)]


def post_update(incident: Incident, audience: str, text: str) -> Facts:
    """Record what was told to people outside the response."""
    return [
        facts.UpdatePosted(audience=_text(audience, "an audience"), text=_text(text, "a text")),
        *reach(incident, "communicate", "the first update was posted"),
    ]


def link_alert(incident: Incident, alert: Alert, why: str) -> Facts:
    """Attach an alert, once."""
    known = incident.alerts.get(alert.fingerprint)
    if known is not None and known.firing:
        return []
    summary = alert.annotations.get("summary") or alert.annotations.get("description") or ""
    return [
        facts.AlertLinked(
            fingerprint=alert.fingerprint,
            name=alert.name[:LONGEST_NAME],
            summary=summary[:LONGEST_LABEL],
            labels={name[:LONGEST_NAME]: text[:LONGEST_LABEL] for name, text in [*alert.labels.items()][:MOST_LABELS]},
            why=why,
            since=alert.starts_at,
        ),
        *outages.begins(incident, alert),
    ]


def clear_alert(incident: Incident, fingerprint: str, why: str = "") -> Facts:
    """An alert ceased to fire. Recovery is then decided by the criteria, not by the alert.

    Where it was one of several thresholds of a metric, a milder severity is proposed; only a person lowers it.
    """
    known = incident.alerts.get(fingerprint)
    if known is None or not known.firing:
        return []
    cleared = facts.AlertCleared(fingerprint=fingerprint, name=known.name, why=why[:LONGEST_LABEL])
    return [cleared, *outages.ends(incident, fingerprint), *_propose_milder(incident, fingerprint)]


def _propose_milder(incident: Incident, fingerprint: str) -> Facts:
    gone = incident.alerts[fingerprint].labels
    metric = gone.get("metric")
    left = [
        state.labels.get("severity", "")
        for other, state in incident.alerts.items()
        if other != fingerprint and state.firing and metric and state.labels.get("metric") == metric
    ]
    worst = min(left, key=lambda severity: rank(incident, severity), default="")
    if gone.get("severity") != incident.severity or worst not in incident.severities:
        return []
    if rank(incident, worst) <= rank(incident, incident.severity):
        return []
    text = (
        f"{metric} no longer crosses the threshold for {incident.severity}; the worst that still fires says {worst}. "
        f"The severity stays {incident.severity} until somebody assesses it as {worst}."
    )
    return [facts.Noted(text=text)]


def bind_placeholder(incident: Incident, runbook: Runbook, placeholder: str, value: str) -> Facts:
    """Fill a gap of the text for this incident."""
    _must_be_open(incident)
    gap = next((known for known in runbook.placeholders if known.text == placeholder), None)
    if gap is None:
        raise Invalid(f"{placeholder!r} is not a placeholder of the runbook.")
    if gap.type == "secret":
        raise Refused(
            f"{placeholder} is a secret, and a value given here would stand on the timeline.",
            "Put it into the environment and name it under [target] env in tocsin.toml.",
        )
    value = _text(value, f"a value for {placeholder}", longest=500)
    problem = problem_of(placeholder, gap.type, value)
    if problem:
        raise Invalid(f"{value!r} can't stand for {placeholder}: {problem}.", "Give it another value.")
    return [facts.PlaceholderBound(placeholder=placeholder, value=value)]


def escalate(incident: Incident, directory: Directory, to: str, why: str, now: datetime) -> Facts:
    """Draw somebody in by hand."""
    _must_be_open(incident)
    filled = directory.filled(_text(to, "a person or role"), now)
    person = filled.person
    if person is None and filled.why:
        raise Invalid(f"Nobody can be called as {to!r}: {filled.why}.", "Name a person, or see `tocsin oncall`.")
    if person is None:
        known = ", ".join(sorted({*directory.people, *directory.roles})) or "nobody yet"
        raise Invalid(f"Nobody is bound to {to!r}.", f"Bind the role in tocsin.toml under [roles]; known: {known}.")
    return [facts.Escalated(to=to, person=person.id, why=_text(why, "a reason"), on_call=filled.why)]


def hold(incident: Incident, until: datetime, why: str, now: datetime) -> Facts:
    """Let the ladder wait, at most 7 days, with a reason."""
    _must_be_open(incident)
    if not now < until <= now + LONGEST_HOLD:
        raise Invalid(f"Escalation can be held for at most {LONGEST_HOLD.days} days, counted from now.")
    return [facts.EscalationHeld(until=until, why=_text(why, "a reason"))]


def mitigate(incident: Incident, how: str) -> Facts:
    """Say that the impact is over or bearable."""
    _must_be_open(incident)
    if incident.status == "mitigated":
        raise Refused(f"{incident.id} is already mitigated.")
    return [facts.Mitigated(how=_text(how, "how it was mitigated")), *reach(incident, "mitigate", how)]


def read_criterion(incident: Incident, index: int, holds: bool | None, value: float | None, detail: str) -> Facts:
    """Take a reading of a recovery criterion; only a change is a fact."""
    state = incident.criteria[index]
    if not incident.open or state.holds == holds:
        return []
    return [facts.CriterionChanged(criterion=index, holds=holds, value=value, detail=detail)]


def confirm_criterion(incident: Incident, index: int, why: str) -> Facts:
    """Say that a criterion without a number holds."""
    _must_be_open(incident)
    if not 0 <= index < len(incident.criteria):
        raise Invalid(f"{incident.id} has {len(incident.criteria)} recovery criteria; there is no number {index}.")
    if incident.criteria[index].criterion.metric is not None:
        raise Refused("This criterion is measured, so nobody can confirm it by hand.", "Resolve with an override.")
    return [facts.CriterionConfirmed(criterion=index, why=why)]


def missing(incident: Incident, now: datetime) -> list[str]:
    """What still stands between the incident and its resolution, each as a sentence."""
    reasons = [f"The alert {name} still fires." for name in dict.fromkeys(alert.name for alert in incident.firing)]
    unquiet = [(alert.name, rest) for alert in incident.alerts.values() if (rest := alert.unquiet_for(now))]
    reasons += [f"The alert {name} flaps: it must be quiet for another {say_duration(rest)}." for name, rest in unquiet]
    reasons += [_why_not(incident, state, now) for state in incident.criteria if not incident.recovered(state, now)]
    reasons += [
        f"The check of the step {step} differs: {state.check.detail}."
        for step, state in incident.steps.items()
        if state.verifies and state.check is not None and state.check.result == "differs"
    ]
    doubtful = [step for step, state in incident.steps.items() if state.status == "in_doubt"]
    reasons += [f"The step {step} is in doubt: somebody must say whether it happened." for step in doubtful]
    return reasons


def resolve(incident: Incident, summary: str, override: str, now: datetime) -> Facts:
    """End the incident: by its criteria, or with a reason why they don't count."""
    _must_be_open(incident)
    running = [step for step, state in incident.steps.items() if state.status in ("queued", "running")]
    if running:
        raise Refused(f"{incident.id} can't be resolved while {running[0]} runs.", "Wait for its end.")
    reasons = missing(incident, now)
    if reasons and not override.strip():
        raise Refused(f"{incident.id} has not recovered. {' '.join(reasons)}", "Give a reason to resolve all the same.")
    withdrawn = [
        facts.ApprovalWithdrawn(approval=approval.id, step=approval.step, why="the incident was resolved")
        for approval in incident.waiting_approvals
    ]
    return [
        *withdrawn,
        facts.Resolved(summary=summary.strip(), override=override.strip() if reasons else ""),
        *reach(incident, "resolve", "resolved"),
    ]


def reopen(incident: Incident, why: str) -> Facts:
    """It was not over."""
    if incident.open:
        raise Refused(f"{incident.id} is not resolved, so it can't be reopened.")
    return [facts.Reopened(why=_text(why, "a reason"), anew=True)]


def reach_phase(incident: Incident, phase_id: str, why: str) -> Facts:
    """Tick a phase of the document's process by hand."""
    phase = next((phase for phase in incident.phases if phase.id == phase_id), None)
    if phase is None:
        known = ", ".join(phase.id for phase in incident.phases) or "none"
        raise Invalid(f"{phase_id!r} is not a phase of this incident.", f"Its phases: {known}.")
    if phase.at is not None:
        raise Refused(f"The phase {phase.title!r} was already reached by {phase.by}.")
    return [facts.PhaseReached(phase=phase.id, why=why)]


def own_phase(incident: Incident, phase_id: str, owner: str) -> Facts:
    """Say who answers for a phase."""
    if all(phase.id != phase_id for phase in incident.phases):
        raise Invalid(f"{phase_id!r} is not a phase of this incident.")
    return [facts.PhaseOwned(phase=phase_id, owner=_text(owner, "an owner"))]


def reach(incident: Incident, stage: str, why: str) -> Facts:
    """The document's phase for a stage of the response, if it has one that was not yet reached."""
    words = _PHASE_WORDS[stage]
    for phase in incident.phases:
        if phase.at is None and any(word in phase.title.lower() for word in words):
            return [facts.PhaseReached(phase=phase.id, why=why[:200])]
    return []


def rank(incident: Incident, severity: str) -> int:
    """How bad a severity is: 0 is the worst; a name that the document does not define is the mildest."""
    order: Mapping[str, int] = {name: place for place, name in enumerate(incident.severities)}
    return order.get(severity, len(order))


def _why_not(incident: Incident, state: CriterionState, now: datetime) -> str:
    text = state.criterion.text
    for_how_long = incident.held(state, now)
    if for_how_long is not None:
        rest = timedelta(seconds=incident.watch_of(state)) - for_how_long
        return f"“{text}” holds, but must be watched for another {say_duration(rest)}."
    if state.criterion.metric is None:
        return f"Nobody has confirmed “{text}”."
    if state.holds is None:
        return f"“{text}” has no reading{f' ({state.detail})' if state.detail else ''}."
    return f"“{text}” does not hold: {state.detail or state.value}."


def _must_be_open(incident: Incident) -> None:
    if not incident.open:
        raise Refused(f"{incident.id} is resolved.", "Reopen it first.")


def _text(text: str, what: str, longest: int = LONGEST_TEXT) -> str:
    cleaned = text.strip()
    if not cleaned:
        raise Invalid(f"This needs {what}.")
    if len(cleaned) > longest:
        raise Invalid(f"This is {len(cleaned):,} characters long; at most {longest:,} are kept.")
    return cleaned
