"""Where an alert goes: to a new incident, to an open one, nowhere. Every decision carries its reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.core.alert import Alert, Silence
from tocsin.core.incident import Incident
from tocsin.core.moves import LONGEST_NAME
from tocsin.core.runbook import Rule, Runbook, Scenario
from tocsin.ids import slug

MOST_WITHOUT_SCENARIO = 20
OURSELVES = "tocsin"
"""The source of alerts about thresholds that Tocsin watches itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declare:
    """Begin an incident with this scenario, at this severity."""

    runbook: Runbook
    scenario: Scenario | None
    severity: str
    why: str


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
    """Recorded, and nothing more."""

    why: str


Decision = Declare | Attach | Clear | Mute


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A scenario that fits an alert, and why."""

    runbook: Runbook
    scenario: Scenario
    why: str


def route(
    alert: Alert,
    runbooks: Sequence[Runbook],
    open_incidents: Collection[Incident],
    silences: Iterable[Silence],
    default_severity: str,
    now: datetime,
) -> Decision:
    """Decide about one alert, as it is after merging. Where its label ``runbook`` names a runbook, only that counts."""
    fingerprint = alert.fingerprint
    known = [incident for incident in open_incidents if fingerprint in incident.alerts]
    if not alert.firing_at(now):
        return Clear(incident=known[0].id) if known else Mute(why="it is resolved, and no open incident holds it")
    holder = known[0].id if known else alert.incident
    if holder is not None and any(incident.id == holder for incident in open_incidents):
        return Attach(incident=holder, why="it already belongs to this incident")
    if holder is not None:
        return Mute(why=f"{holder} was resolved although it fires, and it has not ended since")
    covering = next((silence for silence in silences if silence.covers(alert, now)), None)
    if covering is not None:
        return Mute(why=f"silenced by {covering.created_by}: {covering.comment}")
    runbooks = [runbook for runbook in runbooks if runbook.title == alert.labels.get("runbook")] or runbooks
    alike = [incident for incident in open_incidents if incident.drill is is_drill(alert)]
    match = find_scenario(alert, runbooks)
    if match is None:
        return _without_scenario(alert, runbooks, alike, default_severity)
    same = _same_scenario(match, alike)
    if same is not None:
        return Attach(incident=same.id, why=f"{match.why}, for which {same.id} is already open")
    severity, from_where = severity_of(alert, match.runbook, match.scenario, default_severity)
    return Declare(
        runbook=match.runbook, scenario=match.scenario, severity=severity, why=f"{match.why}; severity {from_where}"
    )


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


def _same_scenario(match: Match, open_incidents: Collection[Incident]) -> Incident | None:
    return next(
        (
            incident
            for incident in open_incidents
            if incident.scenario == match.scenario.id and incident.runbook == match.runbook.title
        ),
        None,
    )


def _without_scenario(
    alert: Alert, runbooks: Sequence[Runbook], open_incidents: Collection[Incident], default_severity: str
) -> Decision:
    """An alert that no scenario names still pages: silence would be a guess."""
    title = alert.name[:LONGEST_NAME] or "Alert without a name"
    metric = slug(alert.labels.get("metric", "")) if alert.source == OURSELVES else ""
    for incident in open_incidents:
        if metric and any(slug(state.labels.get("metric", "")) == metric for state in incident.firing):
            return Attach(incident=incident.id, why=f"{incident.id} is already open for this metric")
        if not incident.scenario and any(state.name == alert.name[:LONGEST_NAME] for state in incident.alerts.values()):
            return Attach(incident=incident.id, why=f"an incident for {title} is already open")
    if not runbooks:
        return Mute(why="no runbook is loaded")
    without = [incident for incident in open_incidents if not incident.scenario]
    if len(without) >= MOST_WITHOUT_SCENARIO:
        why = f"{len(without)} incidents without a scenario are open, so the storm is kept together in the last one"
        return Attach(incident=without[-1].id, why=why)
    label = alert.labels.get("severity", "")
    known = runbooks[0].severity(label) is not None
    return Declare(
        runbook=runbooks[0],
        scenario=None,
        severity=label if known else default_severity,
        why=f"no scenario of any runbook names the alert {title}, so it is followed by the general process",
    )
