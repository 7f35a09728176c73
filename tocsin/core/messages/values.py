"""What an incident itself knows of the fields of its messages, each with the words that tell where it is from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core.cadences import cadence, update_due
from tocsin.core.context import affected
from tocsin.core.incident import Incident
from tocsin.core.messages.gaps import Gap
from tocsin.core.messages.meanings import plain
from tocsin.core.oncall import Directory
from tocsin.core.runbook import Runbook
from tocsin.ids import slug
from tocsin.times import say_duration

MOST_DONE = 8
_SERVICE_LABELS = ("service", "app", "application", "component", "job")
_STATES: Mapping[str, tuple[str, ...]] = {
    "open": ("investigating", "investigation", "ongoing", "en cours", "open", "new"),
    "acknowledged": ("investigating", "investigation", "ongoing", "en cours", "acknowledged"),
    "mitigating": ("mitigating", "identified", "investigating", "ongoing", "en cours"),
    "mitigated": ("monitoring", "mitigated", "mitigating", "ongoing", "en cours"),
    "resolved": ("resolved", "resolu", "resuelto", "behoben", "closed", "done"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is needed beside the incident: its runbook, who is who, and the moment for which it is said.

    ``ending``: it is said of the end, so nothing of it is known before.
    """

    incident: Incident
    runbook: Runbook
    directory: Directory
    now: datetime
    ending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A value and where it is from. Empty with a ``source``: it is not known yet, and that says when it will be.

    ``at``: when somebody said so; a later answer counts more, an earlier one less.
    """

    text: str
    source: str
    at: datetime | None = None


def known(key: str, gap: Gap, around: Around) -> Known | None:
    """What the incident knows of a field; None where only a person does."""
    find = _VALUES.get(key)
    return find(gap, around) if find else None


def _id(_: Gap, around: Around) -> Known:
    return Known(text=around.incident.id, source="this incident")


def _number(_: Gap, around: Around) -> Known:
    return Known(text=str(around.incident.number), source="this incident's number")


def _title(_: Gap, around: Around) -> Known:
    title = " ".join(around.incident.title.split())  # a line of it is a line of the message, and not of the template
    return Known(text=title, source="this incident's title")


def _severity(gap: Gap, around: Around) -> Known:
    severity = around.incident.severity
    digits = re.fullmatch(r"([A-Za-z-]+?)(\d+)", severity)
    if digits and re.search(rf"{re.escape(digits[1])}$", gap.before, re.IGNORECASE):
        return Known(text=digits[2], source="this incident's severity")  # "SEV[1-4]" has its letters already
    return Known(text=severity, source="this incident's severity")


def _status(gap: Gap, around: Around) -> Known:
    """The incident's status, in the template's own word for it where it offers several."""
    incident = around.incident
    state = "mitigating" if incident.status == "acknowledged" and incident.branch else incident.status
    offered = [part.strip() for part in re.split(r"[/|]", gap.text.strip("[]<>{} "))]
    for word in _STATES[state]:
        fitting = next((part for part in offered if len(offered) > 1 and word in plain(part)), None)
        if fitting:
            return Known(text=fitting, source=f"it is {incident.status}")
    return Known(text=_STATES[state][0].capitalize(), source=f"it is {incident.status}")


def _began(_: Gap, around: Around) -> Known:
    return Known(text=_moment(around.incident.began_at, around), source="when it began")


def _ended(_: Gap, around: Around) -> Known:
    ended = around.incident.resolved_at
    if ended is None:
        return Known(text="", source="known when it is resolved")
    return Known(text=_moment(ended, around), source="when it was resolved")


def _duration(gap: Gap, around: Around) -> Known:
    incident = around.incident
    ends = incident.resolved_at
    if ends is None and (around.ending or re.search(r"\btotal\b", plain(gap.text))):
        return Known(text="", source="known when it is resolved")
    span = max((ends or around.now) - incident.began_at, timedelta(0))
    return Known(text=say_duration(span), source="from its beginning to its end" if ends else "so far")


def _date(_: Gap, around: Around) -> Known:
    return Known(text=around.incident.began_at.strftime("%Y-%m-%d"), source="the day of this incident")


def _now(_: Gap, around: Around) -> Known:
    return Known(text=_moment(around.now, around), source="when it is sent")


def _leader(_: Gap, around: Around) -> Known | None:
    incident = around.incident
    who = incident.roles.get("commander") or incident.owner
    return Known(text=around.directory.name_of(who), source="who leads it") if who else None


def _alert(_: Gap, around: Around) -> Known | None:
    name = next((alert.name for alert in around.incident.alerts.values()), "")
    return Known(text=name, source="its first alert") if name else None


def _service(_: Gap, around: Around) -> Known | None:
    for alert in around.incident.alerts.values():
        for label in _SERVICE_LABELS:
            if alert.labels.get(label):
                return Known(text=alert.labels[label], source=f"label {label} of the alert {alert.name}")
    return None


def _users(_: Gap, around: Around) -> Known | None:
    if not around.incident.assessment.counts:
        return None
    last = around.incident.assessment.counts[-1]
    found = affected(last.count, last.of, last.share, last.at)
    if found is None:
        return None
    return Known(text=found.says(), source=f"as {around.directory.name_of(last.by)} counted", at=last.at)


def _impact(_: Gap, around: Around) -> Known | None:
    """What somebody answered where the document asks for the impact."""
    for each in around.incident.assessment.answers.values():
        if re.search(r"\bimpact\b", plain(each.text)) and each.answer:
            source = f"as {around.directory.name_of(each.by)} answered (line {each.line})"
            return Known(text=each.answer, source=source, at=each.at)
    return None


def _root_cause(_: Gap, around: Around) -> Known | None:
    learned = around.incident.learning
    by = around.directory.name_of(learned.root_cause_by)
    if not learned.root_cause:
        return None
    return Known(text=learned.root_cause, source=f"as {by} recorded", at=learned.root_cause_at)


def _fix(_: Gap, around: Around) -> Known | None:
    said = [each.rstrip(".") for each in around.incident.messages.fix]
    return Known(text="; ".join(said), source="what ended it, as people said") if said else None


def _done(_: Gap, around: Around) -> Known | None:
    """What changed something and ran, or was done by hand, in the document's words."""
    steps = sorted(around.incident.steps.items(), key=lambda each: each[1].at)
    titles = [
        step.title for name, state in steps
        if state.status in ("succeeded", "done") and (step := around.runbook.step(name)) and step.verdict != "read"
    ]  # fmt: skip
    said = list(dict.fromkeys([*titles, *around.incident.messages.fix]))[-MOST_DONE:]
    return Known(text="; ".join(said), source="the steps that were done") if said else None


def _eta(_: Gap, around: Around) -> Known | None:
    estimate = around.incident.clocks.estimate
    if estimate is None or not around.incident.open:
        return None
    return Known(text=_moment(estimate.over(1), around), source=f"as {estimate.by} estimated", at=estimate.at)


def unit_of(gap: Gap) -> timedelta:
    """In what a gap such as ``every [X] minutes`` counts."""
    hours = re.match(r"\W{0,3}(?:hour|h\b|stunde|hora|heure)", gap.after, re.IGNORECASE)
    return timedelta(hours=1) if hours else timedelta(minutes=1)


def _cadence(gap: Gap, around: Around) -> Known | None:
    promised = cadence(around.incident)
    if promised is None or promised[0] is None:
        return None
    return Known(text=f"{promised[0] / unit_of(gap).total_seconds():g}", source="the promise of updates")


def _next_update(_: Gap, around: Around) -> Known | None:
    every = cadence(around.incident)
    if not around.incident.open or every is None or every[0] is None or update_due(around.incident) is None:
        return None
    return Known(text=_moment(around.now + timedelta(seconds=every[0]), around), source="the promise of updates")


def _meeting(_: Gap, around: Around) -> Known | None:
    meeting = around.incident.learning.meeting
    if meeting is None:
        return None
    return Known(text=meeting.at.strftime("%Y-%m-%d %H:%M UTC"), source="the meeting that was called")


def _actions(_: Gap, around: Around) -> Known | None:
    texts = [each.text for each in around.incident.learning.actions.values() if each.state == "open"]
    return Known(text="; ".join(texts), source="its open action items") if texts else None


def _moment(moment: datetime, around: Around) -> str:
    """A moment of the day on which it is said by its time, any other with its day."""
    same = moment.date() == around.now.date()
    return moment.strftime("%H:%M UTC" if same else "%Y-%m-%d %H:%M UTC")


def suggestions(key: str, around: Around) -> tuple[str, ...]:
    """What a person who is asked may take over: the document's own words, never taken by themselves."""
    scenario = around.runbook.scenario(around.incident.scenario)
    if scenario is None:
        return ()
    if key == "symptom":
        return tuple(each.text for each in scenario.symptoms)
    return (scenario.title,) if key in ("features", "service") and slug(scenario.title) else ()


_VALUES: Mapping[str, Callable[[Gap, Around], Known | None]] = {
    "id": _id, "number": _number, "title": _title, "severity": _severity, "status": _status, "began": _began,
    "ended": _ended, "duration": _duration, "date": _date, "now": _now, "leader": _leader, "alert": _alert,
    "service": _service, "users": _users, "impact": _impact, "root cause": _root_cause, "fix": _fix, "done": _done,
    "eta": _eta, "cadence": _cadence, "next update": _next_update, "meeting": _meeting, "actions": _actions,
}  # fmt: skip
