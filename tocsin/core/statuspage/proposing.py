"""What a person who is about to publish finds filled in: by the configuration's bindings, never internal text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.core.incident import Incident
from tocsin.core.statuspage.model import Affected, Component, Page, Report, Stage, State
from tocsin.ids import slug

_BY_STATUS: Mapping[str, Stage] = {
    "open": "investigating", "acknowledged": "investigating", "mitigated": "monitoring", "resolved": "resolved",
}  # fmt: skip
_BY_PLACE: tuple[State, ...] = ("major", "partial")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a form begins with. ``why``: for each component, what of the configuration proposes it.

    The title is asked, and is what the public has read before; it is never the incident's own.
    """

    title: str = ""
    stage: Stage = "investigating"
    components: Mapping[str, Affected] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)


def propose(page: Page, incident: Incident, before: Report | None) -> Proposal:
    """What to say of an incident next; ``before`` is what the public knows of it."""
    stage = _BY_STATUS.get(incident.status, "investigating")
    if before is not None and before.posts:
        last = before.posts[-1]
        if stage == "investigating" and last.stage != "resolved":
            stage = last.stage
        kept = {} if stage == "resolved" else last.components
        return Proposal(title=before.title, stage=stage, components=kept)
    if stage == "investigating" and incident.branch:
        stage = "identified"
    reasons = {each.id: _why(each, incident) for each in page.components}
    why = {name: reason for name, reason in reasons.items() if reason}
    state = _state(page, incident)
    affected = {
        each.id: Affected(state=state, message=each.degraded) for each in page.components if each.id in why
    }  # fmt: skip
    return Proposal(stage=stage, components={} if stage == "resolved" else affected, why=why)


def _why(component: Component, incident: Incident) -> str:
    """Which binding of a component an incident fits; empty for none. A severity alone must be the only binding."""
    if component.severities and incident.severity.casefold() not in map(str.casefold, component.severities):
        return ""
    by_scenario = next((name for name in component.scenarios if _is_scenario(name, incident)), "")
    if by_scenario:
        return f"the scenario {by_scenario}"
    metrics = {slug(alert.labels.get("metric", "")) for alert in incident.alerts.values()}
    by_signal = next((name for name in component.signals if any(speaks_of(name, each) for each in metrics)), "")
    if by_signal:
        return f"the signal {by_signal}"
    if component.severities and not component.scenarios and not component.signals:
        return f"the severity {incident.severity}"
    return ""


def speaks_of(signal: str, metric: str) -> bool:
    """Whether a signal's words stand in a metric's, in their order."""
    return bool(slug(signal)) and f"-{slug(signal)}-" in f"-{slug(metric)}-"


def _is_scenario(name: str, incident: Incident) -> bool:
    return bool(incident.scenario) and slug(name) in (incident.scenario, slug(incident.scenario_title))


def _state(page: Page, incident: Incident) -> State:
    """By the configuration, else by the place of the severity in its scale: major, partial, then degraded."""
    told = {name.casefold(): state for name, state in page.severities.items()}
    if incident.severity.casefold() in told:
        return told[incident.severity.casefold()]
    scale = [name.casefold() for name in incident.severities]
    place = scale.index(incident.severity.casefold()) if incident.severity.casefold() in scale else len(scale)
    return _BY_PLACE[place] if place < len(_BY_PLACE) else "degraded"
