"""Where an alert goes: to a new incident, to an open one, nowhere. Every decision carries its reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.core.alert import Alert, Silence
from tocsin.core.grouping import (
    AS_USUAL,
    GATHERING_TITLE,
    Grouping,
    gathers_now,
    group_of,
    lately,
    reason,
    same_service,
    shares,
)
from tocsin.core.incident import Incident
from tocsin.core.moves import LONGEST_NAME
from tocsin.core.openings import Openings
from tocsin.core.runbook import Rule, Runbook, Scenario
from tocsin.core.triggers import trigger_in, why_of
from tocsin.ids import slug
from tocsin.times import say_duration

OURSELVES = "tocsin"
"""The source of alerts about thresholds that Tocsin watches itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declare:
    """Begin an incident with this scenario, at this severity.

    ``group``: the labels that an alert must share to join it; ``title``: unless the scenario or the alert gives it.
    """

    runbook: Runbook
    scenario: Scenario | None
    severity: str
    why: str
    group: Mapping[str, str] = field(default_factory=dict)
    gathers: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attach:
    """The alert belongs to an open incident."""

    incident: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """An alert of an open incident no longer fires."""

    incident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Recorded, and nothing more; decided anew ``until`` this moment, or never."""

    why: str
    until: datetime | None = None


Decision = Declare | Attach | Clear | Mute


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A scenario that fits an alert, and why."""

    runbook: Runbook
    scenario: Scenario
    why: str


def route(  # noqa: PLR0913  all that a decision looks at
    alert: Alert,
    runbooks: Sequence[Runbook],
    open_incidents: Iterable[Incident] | Openings,
    silences: Iterable[Silence],
    default_severity: str,
    now: datetime,
    *,
    terms: Grouping = AS_USUAL,
) -> Decision:
    """Decide about one alert, as it is after merging. Where its label ``runbook`` names a runbook, only that counts."""
    fingerprint = alert.fingerprint
    opened = open_incidents if isinstance(open_incidents, Openings) else Openings(open_incidents)
    known = opened.holding(fingerprint)
    if not alert.firing_at(now):
        return Clear(incident=known[0].id) if known else Mute(why="it is resolved, and no open incident holds it")
    holder = known[0].id if known else alert.incident
    if holder is not None and opened.has(holder):
        return Attach(incident=holder, why="it already belongs to this incident")
    if holder is not None:
        return Mute(why=f"{holder} was resolved although it fires, and it has not ended since")
    covering = next((silence for silence in silences if silence.covers(alert, now)), None)
    if covering is not None:
        return Mute(why=f"silenced by {covering.author}: {covering.comment}", until=covering.ends_at)
    runbooks = [runbook for runbook in runbooks if runbook.title == alert.labels.get("runbook")] or runbooks
    match = find_scenario(alert, runbooks)
    if match is None:
        return _without_scenario(alert, runbooks, opened, default_severity, now, terms)
    same = []
    for incident in _same_scenario(match, _alike(alert, opened.about(match.scenario.id)), opened):
        if alert.source == OURSELVES or shares(alert, incident.group):
            why = f"{match.why}, for which {incident.id} is already open"
            return Attach(incident=incident.id, why=reason(why, {} if alert.source == OURSELVES else incident.group))
        same.append(incident)
    if len(same) >= terms.most:
        why = f"{match.why}; {len(same)} incidents of it are open, so the last one gathers the rest"
        return Attach(incident=same[-1].id, why=why)
    severity, from_where = severity_of(alert, match.runbook, match.scenario, default_severity)
    return Declare(
        runbook=match.runbook,
        scenario=match.scenario,
        severity=severity,
        why=f"{match.why}; severity {from_where}",
        group={} if alert.source == OURSELVES else group_of(alert, terms.by),
    )


def is_expected(alert: Alert, name: str) -> bool:
    """Whether it is the alert that always fires, to show that alerts arrive; ``name`` empty: none is."""
    return bool(name) and alert.name == name and alert.source != OURSELVES


def is_drill(alert: Alert) -> bool:
    """Whether the alert says that it is practice. Practice and the real thing never share an incident."""
    return alert.labels.get("tocsin_drill") == "true"


def find_scenario(alert: Alert, runbooks: Sequence[Runbook]) -> Match | None:
    """The scenario whose alert name is this alert's; else the one that the alert's ``runbook_url`` points to."""
    for runbook in runbooks:
        for scenario in runbook.scenarios:
            if alert.name and alert.name in scenario.alerts:
                why = f"line {scenario.line}: the scenario names the alert {alert.name}"
                return Match(runbook=runbook, scenario=scenario, why=why)
    anchor = alert.annotations.get("runbook_url", "").rpartition("#")[2]
    wanted = alert.labels.get("scenario") or anchor
    for runbook in runbooks:
        for scenario in runbook.scenarios:
            if wanted and slug(wanted) in (scenario.id, slug(scenario.title)):
                why = f"line {scenario.line}: the alert points to this scenario"
                return Match(runbook=runbook, scenario=scenario, why=why)
    return None


def severity_of(alert: Alert, runbook: Runbook, scenario: Scenario, default: str) -> tuple[str, str]:
    """The severity and its origin: our own threshold's, the scenario, its rule, the alert's label, else the default."""
    if alert.source == OURSELVES and runbook.severity(alert.labels.get("severity", "")) is not None:
        return alert.labels["severity"], "from the threshold that was crossed"
    if scenario.severity:
        return scenario.severity, f"from the scenario (line {scenario.line})"
    rule: Rule | None = next((rule for rule in runbook.rules if rule.scenario == scenario.id and rule.severity), None)
    if rule is not None and rule.severity:
        return rule.severity, f"from the threshold (line {rule.line})"
    label = alert.labels.get("severity", "")
    if runbook.severity(label) is not None:
        return label, "from the alert's label"
    return default, "not stated in the document, so the configured default"


def _alike(alert: Alert, incidents: Iterable[Incident]) -> Iterator[Incident]:
    """Practice for practice, the real thing for the real thing."""
    return (incident for incident in incidents if incident.drill is is_drill(alert))


def _same_scenario(match: Match, alike: Iterable[Incident], every: Openings) -> Iterator[Incident]:
    """The open incidents of a scenario, or with which one of it was merged."""
    runbook, scenario = match.runbook.title, match.scenario.id
    return (incident for incident in alike if _is_about(incident, runbook, scenario, every))


def _is_about(incident: Incident, runbook: str, scenario: str, every: Openings) -> bool:
    """Whether it follows this scenario (empty: none), or holds a merged incident that did and is not open itself."""
    if incident.scenario == scenario and (not scenario or incident.runbook == runbook):
        return True
    topics = (topic for topic in incident.topics if topic.scenario == scenario)
    known = [topic.incident for topic in topics if not scenario or topic.runbook == runbook]
    return any(not every.has(ref) for ref in known)


def _without_scenario(
    alert: Alert,
    runbooks: Sequence[Runbook],
    opened: Openings,
    default_severity: str,
    now: datetime,
    terms: Grouping,
) -> Decision:
    """An alert that no scenario names still pages: silence would be a guess."""
    title = alert.name[:LONGEST_NAME] or "Alert without a name"
    without = [incident for incident in _alike(alert, opened.about("")) if _is_about(incident, "", "", opened)]
    joined = _own_metric(alert, opened) or _same_name(alert, without, title) or _in_time(alert, without, terms, now)
    if joined is not None:
        return joined
    if not runbooks:
        return Mute(why="no runbook is loaded")
    crowd = gathers_now(without, terms, now)
    gathering = next((incident for incident in without if incident.gathers), None)
    if gathering is not None and (crowd or lately(gathering, terms, now)):
        why = f"{crowd or f'{gathering.id} still gathers what no scenario names'}, so it is kept in this one"
        return Attach(incident=gathering.id, why=why)
    book, severity, listed = _by_trigger(alert, runbooks)
    label = alert.labels.get("severity", "")
    why = f"no scenario of any runbook names the alert {title}, so it is followed by the general process{listed}"
    if crowd:
        why = f"{crowd}: from here on this one gathers every alert that no scenario names, whatever it is about"
    return Declare(
        runbook=book,
        scenario=None,
        severity=severity or (label if book.severity(label) is not None else default_severity),
        why=why,
        group={} if crowd or alert.source == OURSELVES else group_of(alert, terms.by),
        gathers=bool(crowd),
        title=GATHERING_TITLE if crowd else "",
    )


def _by_trigger(alert: Alert, runbooks: Sequence[Runbook]) -> tuple[Runbook, str, str]:
    """The runbook that lists the alert without a number, its severity there and the reason; else the first runbook."""
    for runbook in runbooks:
        trigger = trigger_in(alert.name, runbook.triggers)
        if trigger is not None:
            return runbook, trigger.severity, f"; {why_of(trigger)}"
    return runbooks[0], "", ""


def _own_metric(alert: Alert, opened: Openings) -> Attach | None:
    metric = slug(alert.labels.get("metric", "")) if alert.source == OURSELVES else ""
    for incident in _alike(alert, opened) if metric else ():
        if any(slug(state.labels.get("metric", "")) == metric for state in incident.firing):
            return Attach(incident=incident.id, why=f"{incident.id} is already open for this metric")
    return None


def _same_name(alert: Alert, without: Collection[Incident], title: str) -> Attach | None:
    name = alert.name[:LONGEST_NAME]
    for incident in without:
        if any(state.name == name for state in incident.alerts.values()) and shares(alert, incident.group):
            return Attach(incident=incident.id, why=reason(f"an incident for {title} is already open", incident.group))
    return None


def _in_time(alert: Alert, without: Collection[Incident], terms: Grouping, now: datetime) -> Attach | None:
    found = None if alert.source == OURSELVES else same_service(alert, without, terms, now)
    if found is None:
        return None
    incident, label = found
    why = f"{label} is the same, and an alert of {incident.id} came less than {say_duration(terms.within)} ago"
    return Attach(incident=incident.id, why=reason(why, incident.group))
