"""What states are called and how they look on a page. None is told by colour alone: each has an icon and a word."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.core import marks
from tocsin.core.incident import Approval, Incident, StepState
from tocsin.core.reaching import unheard_since
from tocsin.core.runbook import Runbook, Step
from tocsin.core.shown import BranchView, Clock
from tocsin.ids import slug
from tocsin.service.alerting import AlertView
from tocsin.service.gauging import Threshold
from tocsin.service.views import IncidentPage

DONE = frozenset({"succeeded", "done", "skipped"})
BUSY = frozenset({"queued", "running"})


@dataclass(frozen=True, slots=True)
class Look:
    """An icon, a word and a tone (``plain good bad ask accent``)."""

    icon: str
    word: str
    tone: str = "plain"


_STEPS = {
    "awaiting_approval": Look("lock", "waits for an approval", "ask"),
    "approved": Look("clock", "approved, waits for its turn", "accent"),
    "queued": Look("clock", "queued", "accent"),
    "running": Look("circle-dot", "running", "accent"),
    "succeeded": Look("circle-check", "succeeded", "good"),
    "failed": Look("triangle-alert", "failed", "bad"),
    "timed_out": Look("clock", "timed out", "bad"),
    "cancelled": Look("ban", "cancelled"),
    "unrunnable": Look("ban", "could not be started", "bad"),
    "in_doubt": Look("triangle-alert", "in doubt", "ask"),
    "done": Look("circle-check", "done by hand", "good"),
    "skipped": Look("x", "skipped"),
    "undone": Look("rotate-ccw", "undone"),
}
_VERDICT_ICONS = {"read": "eye", "change": "pencil", "unknown": "circle-help"}
_BY_HAND_ICONS = {"manual": "hand", "link": "link", "set": "pencil"}
_STATUSES = {
    "open": Look("siren", "open", "bad"),
    "acknowledged": Look("check", "acknowledged", "ask"),
    "mitigated": Look("circle-dot", "mitigated", "accent"),
    "resolved": Look("circle-check", "resolved", "good"),
}
_ALERTS = {
    "firing": Look("bell", "firing", "bad"),
    "silenced": Look("ban", "silenced", "ask"),
    "kept back": Look("ban", "kept back", "ask"),
    "resolved": Look("circle-check", "resolved", "good"),
}
_SIGNALS = {
    "firing": Look("bell", "firing", "bad"),
    "no data": Look("triangle-alert", "no data", "ask"),
    "pending": Look("clock", "pending", "ask"),
    "ok": Look("circle-check", "ok", "good"),
    "read": Look("eye", "read"),
    "not measured": Look("circle-help", "not measured"),
}
_HEALTH = {
    "unhealthy": Look("triangle-alert", "unhealthy", "bad"),
    "degraded": Look("clock", "degraded", "ask"),
    "unknown": Look("circle-help", "unknown", "ask"),
    "healthy": Look("circle-check", "healthy", "good"),
    "unjudged": Look("eye", "no limit"),
}
_FILTERS = {
    "alert": "decisions", "decision": "decisions", "recovery": "decisions", "command": "commands",
    "people": "people", "words": "people", "learning": "people",
}  # fmt: skip


def ways_back(view: IncidentPage) -> list[Step]:
    """The rollback's steps that the page shows, in the document's order."""
    return [shown.step for part in view.parts for shown in part.steps if shown.step.stage == "rollback"]


def step_look(state: StepState | None) -> Look:
    """How far a step is."""
    return _STEPS.get(state.status, Look("circle", state.status)) if state else Look("circle", "not done yet")


def verdict_look(step: Step) -> Look:
    """What is proved about a step's command; for anything without a command, who does it."""
    word, tone = marks.verdict(step)
    return Look(_BY_HAND_ICONS.get(step.kind) or _VERDICT_ICONS[step.verdict], word, tone)


def proof_tone(word: str) -> str:
    """How one word of a proof looks."""
    return {"read": "good", "change": "bad"}.get(word, "ask")


def status_look(incident: Incident) -> Look:
    """How far an incident is."""
    if incident.duplicate_of:
        return Look("link", f"merged into {incident.duplicate_of}")
    return _STATUSES[incident.status]


def alert_look(view: AlertView) -> Look:
    """What an alert is now."""
    return _ALERTS[view.state]


def severity_tone(incident: Incident) -> str:
    """The two worst levels of the document's scale stand out."""
    order = list(incident.severities)
    place = order.index(incident.severity) if incident.severity in order else len(order)
    return "bad" if place == 0 or (place == 1 and len(order) > 2) else "ask" if place < 3 else "plain"


def barred(approval: Approval, name: str) -> str:
    """Why this person's yes would be refused, so that none is offered; empty where it counts."""
    if name in approval.granted_by:
        return "You have said yes; it takes somebody else too."
    if name == approval.asked_by and not approval.self_approve:
        return "You asked; it takes somebody else's yes."
    return ""


def signal_look(state: str, number: int = 0) -> Look:
    """How a signal stands; with a number, how many do."""
    look = _SIGNALS[state]
    return replace(look, word=f"{number} {look.word}") if number else look


def health_look(state: str) -> Look:
    """How the system is, or one of its checks."""
    return _HEALTH[state]


def threshold_look(threshold: Threshold) -> Look:
    """How far a threshold has come; a firing one goes on firing while there is no data."""
    if threshold.state != "inactive":
        return _SIGNALS[threshold.state]
    return _SIGNALS["no data" if threshold.silent_since else "ok"]


def filter_of(category: str) -> str:
    """Under which choice of the timeline an entry is found."""
    return _FILTERS.get(category, "decisions")


def countdown(span: timedelta) -> str:
    """``7:57``, ``3:40:45``; app.js counts on in the same form."""
    seconds = abs(int(span.total_seconds()))
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02d}:{seconds % 60:02d}" if hours else f"{minutes}:{seconds % 60:02d}"


def clock_text(clock: Clock, now: datetime) -> str:
    """What a clock shows at this moment; a missed deadline says so in a word."""
    if clock.until is not None:
        left = clock.until - now
        return countdown(left) if left > timedelta(0) else f"late {countdown(left)}"
    return countdown(now - clock.since) if clock.since is not None else clock.text


def clock_tone(clock: Clock, now: datetime) -> str:
    """Red once it is late."""
    return "bad" if clock.until is not None and clock.until <= now else clock.tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of the incident's bar."""

    title: str
    state: str
    at: datetime | None = None
    late: bool = False
    line: int = 0


def stages(incident: Incident, runbook: Runbook, now: datetime) -> tuple[Stage, ...]:
    """The document's own phases where it has any, else declared, acknowledged, mitigated, resolved."""
    if incident.phases:
        ends = {phase.id: phase.to_minutes for phase in runbook.phases}
        rows = [(phase.title, phase.at, ends.get(phase.id), phase.line) for phase in incident.phases]
    else:
        rows = [
            ("Declared", incident.declared_at, None, 0),
            ("Acknowledged", incident.acknowledged_at, None, 0),
            ("Mitigated", incident.mitigated_at, None, 0),
            ("Resolved", incident.resolved_at, None, 0),
        ]
    current = next((place for place, row in enumerate(rows) if row[1] is None), -1)
    return tuple(
        Stage(
            title=title,
            state="done" if at else "current" if place == current and incident.open else "ahead",
            at=at,
            late=at is None and incident.open and _over(incident, minutes, now),
            line=line,
        )
        for place, (title, at, minutes, line) in enumerate(rows)
    )


def _over(incident: Incident, minutes: float | None, now: datetime) -> bool:
    return minutes is not None and now > incident.declared_at + timedelta(minutes=minutes)


def progress(parts: Iterable[BranchView]) -> str:
    """``2/5 done``: over the steps under no condition and those of the branch that was taken."""
    counted = [view for part in parts if not part.branch or part.chosen for view in part.steps]
    done = sum(view.state is not None and view.state.status in DONE for view in counted)
    return f"{done}/{len(counted)} done"


def initials(name: str) -> str:
    """``Mara Okafor`` → ``MO``."""
    parts = [part for part in name.replace("-", " ").replace(".", " ").split() if part[0].isalnum()]
    return "".join(part[0] for part in (parts if len(parts) < 2 else (parts[0], parts[-1]))).upper() or "?"


def colour(name: str) -> int:
    """One of six colours, always the same for a name."""
    return zlib.crc32(name.encode()) % 6


def short(digest: str) -> str:
    """``sha256:9f2c1ab…`` → ``9f2c1ab``."""
    return digest.removeprefix("sha256:")[:7]


def base_name(source: str) -> str:
    """The file's name without its folders."""
    return source.replace("\\", "/").rpartition("/")[2]


def same_person(person: str, name: str) -> bool:
    """Whether a name, as somebody signs in with it, is this person's."""
    return bool(person) and slug(person) == slug(name)


def roles_of(incident: Incident, name: str) -> list[str]:
    """The roles that somebody has in an incident."""
    return [role for role, person in incident.roles.items() if same_person(person, name)]


def unheard(incident: Incident) -> list[tuple[str, str]]:
    """Those who were called, with why they could not be told, where nobody who was called was reached; else none."""
    if not incident.open or unheard_since(incident) is None:
        return []
    return [(person, incident.reach.missed[person].why) for person in incident.paged]
