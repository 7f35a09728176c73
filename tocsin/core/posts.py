"""What a chat shows of an incident: one message that is kept current, questions with their buttons, and the news.

Pure, and for no chat in particular: texts are plain and hostile, and each chat escapes them for its own sink.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tocsin.core import facts
from tocsin.core.answering import LABELS
from tocsin.core.facts import Entry
from tocsin.core.incident import Approval, Incident
from tocsin.core.line import Line
from tocsin.core.oncall import Directory
from tocsin.core.teamstate import OWNER, Offer
from tocsin.core.telling import tell
from tocsin.times import say_moment, say_time

LONGEST_COMMAND = 2_500
"""Characters of a command that a message can show whole; a longer one is approved on the page, where it is seen."""
MOST_NEWS = 20
MOST_BUTTONS = 7
CODE = 8
HEAD = "head"
OFFERS = "offer/"
_TOPIC = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something to click: a move of the catalogue, with the values that it needs; ``sure`` asks once more before."""

    move: str
    label: str
    value: Mapping[str, str]
    style: Literal["plain", "good", "bad"] = "plain"
    sure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message. ``key`` is the same for what is kept current; ``command`` is shown to the byte.

    ``hint`` and ``refusal``: the commands that say yes and no to it.
    """

    key: str
    title: str
    lines: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    command: str = ""
    buttons: tuple[Button, ...] = ()
    url: str = ""
    hint: str = ""
    refusal: str = ""
    tone: str = "plain"


_ALWAYS: tuple[type[object], ...] = (
    facts.Acknowledged, facts.Assigned, facts.SeverityChanged, facts.PhaseReached, facts.Noted, facts.UpdatePosted,
    facts.MessageSent,
    facts.Mitigated, facts.Resolved, facts.Reopened, facts.Escalated, facts.EscalationHeld, facts.EscalationEnded,
    facts.NotifyFailed, facts.BranchChosen, facts.BranchLeftOpen, facts.ApprovalGranted, facts.ApprovalDenied,
    facts.ApprovalExpired, facts.ApprovalWithdrawn, facts.SetStopped, facts.StepInDoubt, facts.StepSettled,
    facts.StepDone, facts.AlertsGathered, facts.AlertsSplit, facts.Merged, facts.Absorbed, facts.AlertFlapped,
    facts.ResponseMissed, facts.PhaseMissed, facts.UpdateMissed, facts.UpdateReminded, facts.DeadlineMissed,
    facts.OutageBegan, facts.OutageEnded, facts.EveryoneCalled, facts.HandOverOffered, facts.HandOverAccepted,
    facts.HandOverDeclined, facts.HandOverExpired, facts.RoleLeft, facts.WarRoomSet, facts.GlassBroken,
    facts.ResolutionEstimated, facts.CauseJudged, facts.RootCauseRecorded, facts.CriterionConfirmed, facts.StepSkipped,
    facts.ReviewScheduled, facts.ReviewPublished,
)  # fmt: skip
"""Kinds of entries that people in the channel must know; what merely goes on stands on the page."""


def matters(entry: Entry, reads: frozenset[str]) -> bool:
    """Whether the channel is told of an entry. ``reads``: steps that are proved to read, whose success is no news."""
    fact = entry.fact
    if isinstance(fact, facts.StepFinished):
        differs = fact.check is not None and fact.check.result == "differs"
        return fact.status != "succeeded" or differs or fact.step not in reads
    return isinstance(fact, _ALWAYS)


def news(
    entries: Sequence[Entry], directory: Directory, titles: Mapping[str, str], reads: frozenset[str]
) -> tuple[Post, ...]:
    """One message for all that happened since the last one, the oldest first; none where nothing mattered."""
    told = [(entry, tell(entry, directory, titles)) for entry in entries if matters(entry, reads)]
    if not told:
        return ()
    kept, beyond = told[-MOST_NEWS:], max(len(told) - MOST_NEWS, 0)
    lines = [f"and {beyond} earlier entries, which stand on the timeline"] if beyond else []
    lines += [_said(entry, line) for entry, line in kept]
    tone = next((line.tone for _, line in kept if line.tone in ("bad", "ask")), kept[-1][1].tone)
    return (Post(key=f"news/{entries[-1].seq}", title="", lines=tuple(lines), tone=tone),)


def head(incident: Incident, directory: Directory, url: str, readable: Sequence[tuple[str, str]] = ()) -> Post:
    """The message that is pinned and kept current. ``readable``: id and title of steps that are proved to read."""
    who = directory.name_of(incident.acknowledged_by) if incident.acknowledged_by else "nobody yet"
    roles = ", ".join(f"{role}: {directory.name_of(person)}" for role, person in incident.roles.items())
    fields = [
        ("Severity", incident.severity), ("Status", incident.status), ("Answered by", who),
        ("Declared", f"{say_moment(incident.declared_at)} by {incident.declared_by}"),
    ]  # fmt: skip
    fields += [("Roles", roles)] if roles else []
    fields += [("People meet at", incident.team.war_room)] if incident.team.war_room else []
    fields += [("Scenario", incident.scenario_title)] if incident.scenario_title else []
    fields += [("Waits for approval", str(len(incident.waiting_approvals)))] if incident.waiting_approvals else []
    return Post(
        key=HEAD, title=title(incident), lines=(f"Why: {incident.why}",), fields=tuple(fields), url=url,
        buttons=_moves(incident, readable), tone="good" if not incident.open else "bad",
    )  # fmt: skip


def title(incident: Incident) -> str:
    """An incident in one line."""
    return f"{'DRILL ' if incident.drill else ''}[{incident.severity}] {incident.id} {incident.title}"


def topic(incident: Incident, directory: Directory, url: str) -> str:
    """The channel's topic: how it is, who leads, where the page is."""
    leads = incident.roles.get("commander", "") or incident.acknowledged_by
    parts = [title(incident), incident.status, f"led by {directory.name_of(leads)}" if leads else "", url]
    return " · ".join(filter(None, parts))[:_TOPIC]


def question(incident: Incident, asked: Approval, directory: Directory, url: str) -> Post:
    """A question about a command, with the exact command; answered ones say how, and have no buttons any more."""
    command, hidden = commands_of(asked), not_shown(asked)
    number = f"{len(asked.members)} commands" if asked.members else "a command"
    waits = asked.status == "waiting"
    granted = ", ".join(map(directory.name_of, asked.granted_by))
    lines = () if waits else (f"{asked.status}{f' by {granted}' if granted else ''}",)
    if hidden:
        command, lines = f"{command[:LONGEST_COMMAND]} …", (*lines, f"{hidden}, so it is answered on the page.")
    return Post(
        key=f"approval/{asked.id}", title=f"{incident.id}: {directory.name_of(asked.asked_by)} asks to run {number}",
        lines=lines, fields=_terms(asked), command=command, url=url, tone="ask" if waits else "plain",
        buttons=_answers(incident, asked, command) if waits and not hidden else (),
        hint=f"approve {incident.id} {short(asked)}" if waits and not hidden else "",
        refusal=f"deny {incident.id} {short(asked)}" if waits and not hidden else "",
    )  # fmt: skip


def offer(incident: Incident, made: Offer, directory: Directory, url: str) -> Post:
    """What is offered to somebody, with the buttons that only they, and who offered it, can use."""
    what = incident.id if made.role == OWNER else f"the role {made.role} of {incident.id}"
    value = {"ref": incident.id, "role": made.role}
    return Post(
        key=offer_key(made), title=f"{directory.name_of(made.by)} offers {what} to {directory.name_of(made.to)}",
        lines=(f"Why: {made.why}",) if made.why else (), fields=(("Until", say_time(made.until)),), url=url, tone="ask",
        buttons=(
            Button(move="accept", label=LABELS["accept"], value=value, style="good"),
            Button(move="decline", label=LABELS["decline"], value=value),
        ),
        hint=f"accept {incident.id}", refusal=f"decline {incident.id}",
    )  # fmt: skip


def offer_over(incident: Incident, key: str) -> Post:
    """The same message once the offer has ended, however it did: the news say how."""
    return Post(key=key, title=f"{incident.id}: an offer was made here", lines=("It is over.",))


def offer_key(made: Offer) -> str:
    """What the message of an offer is kept under."""
    return f"{OFFERS}{made.role}/{made.until:%Y%m%dT%H%M%S.%f}"


def commands_of(asked: Approval) -> str:
    """All that would run, to the byte, one command behind the other."""
    return "\n".join(member.command for member in asked.members) if asked.members else asked.command


def not_shown(asked: Approval) -> str:
    """Why a message can't show what would run as it is; empty where it can. Nobody approves what they did not see."""
    command = commands_of(asked)
    if len(command) > LONGEST_COMMAND:
        return "It is too long to be shown whole"
    if any(unicodedata.category(letter) in ("Cc", "Cf") and letter not in "\n\t" for letter in command):
        return "It holds characters that can't be seen"
    return ""


def _terms(asked: Approval) -> tuple[tuple[str, str], ...]:
    targets = dict.fromkeys(member.target for member in asked.members) or {asked.target: None}
    fields = [("On", ", ".join(targets)), ("Verdict", f"{asked.verdict} ({asked.verdict_why})")]
    fields += [("Needs", f"{asked.needs} people" if asked.needs > 1 else "one person")]
    fields += [("Only", " or ".join(asked.roles))] if asked.roles else []
    return (*fields, ("Until", say_time(asked.expires_at))) if asked.status == "waiting" else tuple(fields)


def short(asked: Approval) -> str:
    """The beginning of an approval's seal, by which it is named where there are no buttons."""
    return asked.sha.removeprefix("sha256:")[:CODE]


def _answers(incident: Incident, asked: Approval, command: str) -> tuple[Button, ...]:
    value = {"ref": incident.id, "approval": asked.id, "sha": asked.sha}
    sure = f"Runs on {asked.target}, once:\n{command}"
    return (
        Button(move="approve", label="Approve", value=value, style="good", sure=sure),
        Button(move="deny", label="Deny", value=value, style="bad"),
    )


def _moves(incident: Incident, readable: Sequence[tuple[str, str]]) -> tuple[Button, ...]:
    if not incident.open:
        return ()
    value = {"ref": incident.id}
    first = [
        Button(move="escalate", label=LABELS["escalate"], value=value, sure="The runbook says who is called next."),
        Button(move="hold", label=LABELS["hold"], value=value, sure="Its escalation calls nobody for 30 minutes."),
    ]
    if incident.acknowledged_at is None:
        first.insert(0, Button(move="acknowledge", label="Acknowledge", value=value, style="good"))
    runs = (Button(move="request_step", label=f"Run: {name}", value={**value, "step": step}) for step, name in readable)
    return (*first, *runs)[:MOST_BUTTONS]


def _said(entry: Entry, line: Line) -> str:
    detail = f" ({line.detail})" if line.detail else ""
    return f"{entry.at:%H:%M:%S} {line.title}{detail}"
