"""Read models: what a page, the terminal or the API shows, computed from stored rows and never stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from tocsin import safety
from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.core.countdowns import Countdown, countdowns
from tocsin.core.incident import Incident
from tocsin.core.instead import done_instead, waits_for_a_person
from tocsin.core.line import Line
from tocsin.core.milder import Milder, milder
from tocsin.core.moves import missing
from tocsin.core.oncall import Directory
from tocsin.core.run import Verdict
from tocsin.core.runbook import SET_BACK, Criterion, Runbook, Scenario, Step
from tocsin.core.shown import BranchView, Clock, CriterionView, RungView, StepView, Summary
from tocsin.core.telling import tell, titles_in
from tocsin.core.wake import due_at
from tocsin.core.watching import Watch, holds, say_unit
from tocsin.core.worsening import reason_to_go_back
from tocsin.errors import NotFound, Refused
from tocsin.ids import slug
from tocsin.safety.team import Team
from tocsin.service import deciding, duty, offering
from tocsin.service.access import Caller, only_in_reach
from tocsin.service.books import whole_book
from tocsin.service.clockviews import clocks
from tocsin.service.filling import render
from tocsin.service.keeping import in_order, with_ways_back
from tocsin.service.placing import place_of, team_on
from tocsin.service.thresholds import Watched, factor, units
from tocsin.store import alerts, incidents, signals
from tocsin.store.db import Tx
from tocsin.wire import decode

HISTORY = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineLine:
    """One entry of the timeline in words."""

    seq: int
    at: datetime
    kind: str
    by: str
    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalView:
    """A signal of the scenario with its last hours. ``threshold``: the open one; ``goal``: the close criterion.

    ``rule``: the threshold as the document means it, ``> 5 %``.
    """

    metric: str
    unit: str
    points: tuple[tuple[float, float], ...]
    value: float | None
    threshold: float | None
    goal: float | None
    bad: bool
    problem: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPage:
    """All that the incident page shows."""

    incident: Incident
    runbook: Runbook
    scenario: Scenario | None
    parts: tuple[BranchView, ...]
    timeline: tuple[TimelineLine, ...]
    clocks: tuple[Clock, ...]
    signals: tuple[SignalView, ...]
    criteria: tuple[CriterionView, ...]
    ladder: tuple[RungView, ...]
    missing: tuple[str, ...]
    now: datetime
    measured: tuple[str, ...] = ()
    go_back: str = ""
    milder: Milder | None = None
    countdowns: tuple[Countdown, ...] = ()


def incident_page(app: App, ref: str) -> IncidentPage:
    """The incident page; `NotFound` where there is no such incident."""

    def read(tx: Tx) -> IncidentPage:
        incident = incidents.load(tx, ref)
        if incident is None:
            raise NotFound(f"There is no incident {ref}.", "`tocsin incident list` shows them.")
        now = app.clock.now()
        runbook = with_ways_back(incident, whole_book(app, tx, incident))
        scenario = runbook.scenario(incident.scenario)
        directory = duty.directory(app, tx)
        return IncidentPage(
            incident=incident,
            runbook=runbook,
            scenario=scenario,
            parts=_parts(app, tx, incident, runbook, scenario),
            timeline=timeline(tx, incident.id, directory, titles_in(incident, runbook)),
            clocks=clocks(incident, directory, now),
            signals=signals_of(app, tx, incident, runbook, now),
            criteria=_criteria(incident, now),
            ladder=_ladder(incident, directory, now),
            missing=tuple(missing(incident, now)) if incident.open else (),
            now=now,
            go_back=reason_to_go_back(incident, runbook) if incident.open else "",
            milder=milder(incident),
            countdowns=countdowns(incident, directory, now, app.settings.reopen_within),
            measured=deciding.measurements(app, tx, incident, runbook),
        )

    return app.db.read(read)


def listing(app: App, *, status: str | None = None, most: int = 100) -> list[Summary]:
    """Incidents, the newest first; ``status`` ``open`` means everything that is not resolved."""

    def read(tx: Tx) -> list[Summary]:
        now = app.clock.now()
        found = incidents.open_ones(tx) if status == "open" else incidents.listing(tx, status=status, limit=most)
        ordered = sorted(found, key=lambda incident: incident.number, reverse=True)
        directory = duty.directory(app, tx)
        return [
            Summary(
                incident=incident,
                clocks=clocks(incident, directory, now),
                waiting=len(incident.waiting_approvals),
            )
            for incident in ordered
        ]

    return app.db.read(read)


def in_reach(app: App, caller: Caller, found: Sequence[Summary]) -> list[Summary]:
    """Those that the caller's scopes leave to them."""
    seen = {incident.id for incident in only_in_reach(app, caller, [each.incident for each in found])}
    return [each for each in found if each.incident.id in seen]


def timeline(tx: Tx, ref: str, directory: Directory, titles: Mapping[str, str]) -> tuple[TimelineLine, ...]:
    """The timeline in words, the oldest first."""
    return tuple(
        TimelineLine(
            seq=entry.seq,
            at=entry.at,
            kind=entry.kind,
            by=directory.name_of(entry.by.name),
            line=tell(entry, directory, titles),
        )
        for entry in incidents.timeline(tx, ref)
    )


def firing_alerts(app: App) -> list[Alert]:
    """All alerts that fire now."""
    return app.db.read(lambda tx: alerts.listing(tx, firing_at=app.clock.now()))


def _parts(
    app: App, tx: Tx, incident: Incident, runbook: Runbook, scenario: Scenario | None
) -> tuple[BranchView, ...]:  # fmt: skip
    """The scenario's steps in the document's order, cut where the stage or the condition changes."""
    parts: list[BranchView] = []
    steps = scenario.steps if scenario else tuple(step for phase in runbook.phases for step in phase.steps)
    gaps = incident.open and any(step.placeholders for step in steps)
    earlier = offering.earlier_values(tx, incident) if gaps else {}
    printed = offering.long_outputs(tx, incident) if gaps else {}
    for step in in_order(runbook, steps):
        view = step_view(app, incident, runbook, step)
        if incident.open and step.placeholders:
            view = replace(view, offers=offering.offers_of(app, incident, runbook, step, earlier, printed))
        beside = bool(parts) and step.id == SET_BACK + parts[-1].steps[-1].step.id
        key = (parts[-1].branch, parts[-1].stage) if beside else (step.branch or "", step.stage)
        if parts and (parts[-1].branch, parts[-1].stage) == key:
            last = parts.pop()
            parts.append(
                BranchView(branch=last.branch, stage=last.stage, chosen=last.chosen, steps=(*last.steps, view))
            )
        else:
            chosen = bool(step.branch) and step.branch == incident.branch
            parts.append(BranchView(branch=key[0], stage=step.stage, chosen=chosen, steps=(view,)))
    return tuple(parts)


def step_view(app: App, incident: Incident, runbook: Runbook, step: Step) -> StepView:
    """A step with what has become of it, judged as it would run now."""
    state = incident.step(step.id)
    approval = incident.approvals.get(state.approval) if state and state.approval else None
    command, unbound, problem = step.command or "", step.placeholders, ""
    try:
        command, unbound = render(app, incident, runbook, step)
    except Refused as error:
        problem = str(error)
    waiting = approval if approval and approval.status == "waiting" else None
    proved = None
    if step.runnable and step.kind != "set":
        proved = _proved(step.kind, command, step.placeholders, team_on(app.settings, place_of(app, runbook, step)))
    return StepView(
        step=step,
        state=state,
        command=command,
        unbound=unbound,
        approval=waiting,
        problem=problem,
        proved=proved,
        instead=done_instead(incident, runbook, step),
        for_a_person=proved is not None and waits_for_a_person(proved),
    )


@lru_cache(maxsize=2000)
def _proved(kind: str, command: str, placeholders: tuple[str, ...], team: Team) -> Verdict:
    """The verdict on a text never changes, and a page is drawn anew with every fact."""
    return safety.classify(kind, command, placeholders=placeholders, team=team)


def signals_of(app: App, tx: Tx, incident: Incident, runbook: Runbook, now: datetime) -> tuple[SignalView, ...]:
    """The signals of an incident's scenario and of its recovery criteria, with their last hours."""
    rules = [rule for rule in runbook.rules if (rule.scenario or "") == incident.scenario]
    metrics = dict.fromkeys(
        [rule.metric for rule in rules]
        + [state.criterion.metric for state in incident.criteria if state.criterion.metric]
    )
    views: dict[str, SignalView] = {}
    known = units(app)
    for metric in metrics:
        signal = app.settings.signal(metric)
        if signal is None or signal.metric in views:
            continue
        rule = next((rule for rule in rules if app.settings.signal(rule.metric) is signal), None)
        closing = [
            state.criterion for state in incident.criteria if app.settings.signal(state.criterion.metric) is signal
        ]
        points = signals.window(tx, slug(signal.metric), now - HISTORY, now)
        value = points[-1][1] if points else None
        unit = known.get(signal.metric) or (rule.unit if rule else closing[0].unit if closing else None) or ""
        views[signal.metric] = SignalView(
            metric=signal.metric,
            unit=say_unit(unit),
            points=tuple((at.timestamp(), point) for at, point in points),
            value=value,
            threshold=rule.value / factor(unit, rule.unit) if rule else None,
            goal=_goal(closing[0], unit) if closing else None,
            bad=value is not None and rule is not None and holds(value * factor(unit, rule.unit), rule.op, rule.value),
            rule=f"{rule.op} {rule.value:g} {rule.unit or ''}".rstrip() if rule else "",
            problem=_silent_because(tx, Watched(runbook, runbook.scenario(rule.scenario or ""), rule)) if rule else "",
        )
    return tuple(views.values())


def _goal(criterion: Criterion, unit: str) -> float | None:
    """Where a criterion holds, in the unit of the signal."""
    return None if criterion.value is None else criterion.value / factor(unit, criterion.unit)


def with_points(view: SignalView, points: Sequence[tuple[datetime, float]]) -> SignalView:
    """The same signal over another time."""
    return replace(view, points=tuple((at.timestamp(), value) for at, value in points), value=points[-1][1])


def _silent_because(tx: Tx, watched: Watched) -> str:
    """Why the last reading gave no value; empty where it gave one."""
    kept = signals.watch(tx, watched.id)
    return decode(Watch, kept).problem if kept else ""


def _criteria(incident: Incident, now: datetime) -> tuple[CriterionView, ...]:
    return tuple(
        CriterionView(
            index=index,
            state=state,
            recovered=incident.recovered(state, now),
            held_seconds=held.total_seconds() if (held := incident.held(state, now)) is not None else None,
            watch_seconds=incident.watch_of(state),
        )
        for index, state in enumerate(incident.criteria)
    )


def _ladder(incident: Incident, directory: Directory, now: datetime) -> tuple[RungView, ...]:
    found = [(rung, due_at(incident, rung)) for rung in incident.ladder]
    people = [directory.find(rung.to, max(at or now, now)) for rung, at in found]
    missed = incident.reach.missed
    return tuple(
        RungView(
            rung=rung,
            person=person.name if person else "",
            climbed=index in incident.climbed,
            at=at,
            missed=missed[person.id].why if person and person.id in missed and index in incident.climbed else "",
        )
        for index, ((rung, at), person) in enumerate(zip(found, people, strict=True))
    )
