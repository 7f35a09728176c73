"""Read models: what a page, the terminal or the API shows, computed from stored rows and never stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from tocsin import safety
from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.core.incident import Incident
from tocsin.core.milder import Milder, milder
from tocsin.core.moves import missing
from tocsin.core.oncall import Directory
from tocsin.core.run import Verdict
from tocsin.core.runbook import SET_BACK, Runbook, Scenario, Step
from tocsin.core.shown import BranchView, Clock, CriterionView, RungView, StepView, Summary
from tocsin.core.telling import Line, tell, titles_in
from tocsin.core.wake import next_due
from tocsin.core.watching import Watch, holds
from tocsin.core.worsening import reason_to_go_back
from tocsin.errors import NotFound, Refused
from tocsin.ids import slug
from tocsin.safety.team import Team
from tocsin.service import deciding, offering
from tocsin.service.access import Caller, only_in_reach
from tocsin.service.books import pinned
from tocsin.service.filling import render
from tocsin.service.keeping import in_order, with_ways_back
from tocsin.service.placing import place_of, team_on
from tocsin.service.thresholds import Watched
from tocsin.store import alerts, incidents, signals
from tocsin.store.db import Tx
from tocsin.times import say_duration
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
    """A signal of the scenario with its last hours. ``threshold``: the open one; ``goal``: the close criterion."""

    metric: str
    unit: str
    points: tuple[tuple[float, float], ...]
    value: float | None
    threshold: float | None
    goal: float | None
    bad: bool
    problem: str = ""


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


def incident_page(app: App, ref: str) -> IncidentPage:
    """The incident page; `NotFound` where there is no such incident."""

    def read(tx: Tx) -> IncidentPage:
        incident = incidents.load(tx, ref)
        if incident is None:
            raise NotFound(f"There is no incident {ref}.", "`tocsin incident list` shows them.")
        now = app.clock.now()
        runbook = with_ways_back(incident, pinned(app, tx, incident.runbook_digest))
        scenario = runbook.scenario(incident.scenario)
        directory = app.settings.directory
        return IncidentPage(
            incident=incident,
            runbook=runbook,
            scenario=scenario,
            parts=_parts(app, tx, incident, runbook, scenario),
            timeline=timeline(tx, incident.id, directory, titles_in(incident, runbook)),
            clocks=clocks(incident, directory, now),
            signals=_signals(app, tx, incident, runbook, now),
            criteria=_criteria(incident, now),
            ladder=_ladder(incident, directory),
            missing=tuple(missing(incident, now)) if incident.open else (),
            now=now,
            go_back=reason_to_go_back(incident, runbook) if incident.open else "",
            milder=milder(incident),
            measured=deciding.measurements(app, tx, incident, runbook),
        )

    return app.db.read(read)


def listing(app: App, *, status: str | None = None, most: int = 100) -> list[Summary]:
    """Incidents, the newest first; ``status`` ``open`` means everything that is not resolved."""

    def read(tx: Tx) -> list[Summary]:
        now = app.clock.now()
        found = incidents.open_ones(tx) if status == "open" else incidents.listing(tx, status=status, limit=most)
        ordered = sorted(found, key=lambda incident: incident.number, reverse=True)
        return [
            Summary(
                incident=incident,
                clocks=clocks(incident, app.settings.directory, now),
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


def clocks(incident: Incident, directory: Directory, now: datetime) -> tuple[Clock, ...]:
    """The clocks that run for an incident, each with its reason."""
    shown = [_elapsed(incident), _acknowledged(incident, now)]
    due = next_due(incident)
    if due is not None:
        who = directory.find(due.rung.to)
        name = f"{who.name} ({due.rung.to})" if who else f"nobody ({due.rung.to})"
        why = f"{incident.severity} {due.rung.clock}, line {due.rung.line}"
        label = "Ladder ends in" if due.ends else f"Calls {name} in"
        tone: Literal["bad", "plain"] = "bad" if due.at <= now else "plain"
        shown.append(Clock(name=label, until=due.at, why=why, tone=tone))
    elif incident.open and incident.ladder_ended:
        shown.append(Clock(name="Escalation", text="ended", tone="bad", why="nobody is left to call"))
    shown.append(_recovery(incident, now))
    return tuple(shown)


def firing_alerts(app: App) -> list[Alert]:
    """All alerts that fire now."""
    return app.db.read(lambda tx: alerts.listing(tx, firing_at=app.clock.now()))


def _elapsed(incident: Incident) -> Clock:
    if incident.resolved_at is not None:
        took = incident.resolved_at - incident.declared_at
        return Clock(name="Duration", text=say_duration(took), tone="good")
    return Clock(name="Elapsed", since=incident.declared_at)


def _acknowledged(incident: Incident, now: datetime) -> Clock:
    goal = incident.response_seconds
    of_goal = f" (goal {say_duration(timedelta(seconds=goal))})" if goal else ""
    if incident.acknowledged_at is not None:
        took = incident.acknowledged_at - incident.unanswered_since
        late = bool(goal) and took.total_seconds() > (goal or 0)
        return Clock(
            name=f"Acknowledged in{of_goal}",
            text=say_duration(took),
            tone="bad" if late else "good",
            why=f"by {incident.acknowledged_by}",
        )
    if goal and incident.open:
        until = incident.unanswered_since + timedelta(seconds=goal)
        return Clock(name="Acknowledge in", until=until, tone="bad" if until < now else "ask", why="response target")
    return Clock(name="Acknowledged", text="not yet" if incident.open else "never", tone="ask")


def _recovery(incident: Incident, now: datetime) -> Clock:
    if not incident.criteria:
        return Clock(name="Recovery", text="no criterion", why="the scenario names none")
    recovered = sum(incident.recovered(state, now) for state in incident.criteria)
    text = f"{recovered} of {len(incident.criteria)} hold"
    return Clock(name="Recovery", text=text, tone="good" if recovered == len(incident.criteria) else "plain")


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
        view = _step(app, incident, runbook, step)
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


def _step(app: App, incident: Incident, runbook: Runbook, step: Step) -> StepView:
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
    )


@lru_cache(maxsize=2000)
def _proved(kind: str, command: str, placeholders: tuple[str, ...], team: Team) -> Verdict:
    """The verdict on a text never changes, and a page is drawn anew with every fact."""
    return safety.classify(kind, command, placeholders=placeholders, team=team)


def _signals(app: App, tx: Tx, incident: Incident, runbook: Runbook, now: datetime) -> tuple[SignalView, ...]:
    rules = [rule for rule in runbook.rules if (rule.scenario or "") == incident.scenario]
    metrics = dict.fromkeys(
        [rule.metric for rule in rules]
        + [state.criterion.metric for state in incident.criteria if state.criterion.metric]
    )
    views: dict[str, SignalView] = {}
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
        views[signal.metric] = SignalView(
            metric=signal.metric,
            unit=(rule.unit if rule else closing[0].unit if closing else None) or "",
            points=tuple((at.timestamp(), point) for at, point in points),
            value=value,
            threshold=rule.value if rule else None,
            goal=closing[0].value if closing else None,
            bad=value is not None and rule is not None and holds(value, rule.op, rule.value),
            problem=_silent_because(tx, Watched(runbook, runbook.scenario(rule.scenario or ""), rule)) if rule else "",
        )
    return tuple(views.values())


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


def _ladder(incident: Incident, directory: Directory) -> tuple[RungView, ...]:
    return tuple(
        RungView(
            rung=rung,
            person=person.name if (person := directory.find(rung.to)) else "",
            climbed=index in incident.climbed,
            at=incident.unresolved_since + timedelta(seconds=rung.after_seconds or 0.0) if rung.timed else None,
        )
        for index, rung in enumerate(incident.ladder)
    )
