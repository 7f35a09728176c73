"""What people and channels are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tocsin.core import facts
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory, channel_id
from tocsin.core.runbook import Channel
from tocsin.times import say_time

MOST_ALERTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one person or channel. Texts are plain; every notifier escapes them for its own sink.

    ``id`` is the same on every retry, so that a receiver can drop a repetition.
    """

    id: str
    incident: str
    kind: Literal["page", "inform", "approval", "test"]
    to: str
    why: str
    subject: str
    body: str
    url: str = ""
    severity: str = ""
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a notice needs beside the incident itself.

    ``channels`` are those that the incident's runbook names; a channel that nobody has bound is told nothing.
    ``approvers`` are the people whose token may approve; they are told where no responder is one of them.
    ``titles`` (`titles_of` the runbook) are what the document calls its steps.
    """

    channels: Sequence[Channel] = ()
    approvers: Sequence[str] = ()
    titles: Mapping[str, str] = field(default_factory=dict)


def notices_for(
    entry: Entry, incident: Incident, directory: Directory, base_url: str, around: Surroundings | None = None
) -> list[Notice]:
    """Who is told of one entry of the timeline. ``incident`` is as it is after the entry."""
    around = around or Surroundings()
    path = f"/incidents/{incident.id}"
    if isinstance(entry.fact, facts.ApprovalRequested):
        path = f"/approvals#{entry.fact.approval}"
    tell = _Teller(entry, incident, f"{base_url}{path}" if base_url else "", around.titles)
    if isinstance(entry.fact, facts.ApprovalRequested):
        return _to_approvers(tell, entry.fact, directory, around.approvers)
    return [*_to_people(tell, directory), *_to_channels(tell, directory, around.channels)]


def _to_approvers(
    tell: _Teller, asked: facts.ApprovalRequested, directory: Directory, approvers: Sequence[str]
) -> list[Notice]:
    """Responders, and who else may say yes: those whom the policy names; every approver where no responder is one."""
    roles = {role for each in (asked.roles, *(member.roles for member in asked.members)) for role in each}
    named = [person.id for role in sorted(roles) if (person := directory.find(role))]
    told = _responders(tell.incident)
    not_who_asked = [name for name in told if asked.self_approve or name != tell.entry.by.name]
    more = named or (() if set(not_who_asked) & set(approvers) else approvers)
    people = [*told, *(name for name in more if asked.self_approve or name != tell.entry.by.name)]
    about = asked.command.splitlines()[0][:80] if asked.command else asked.step
    if asked.members:
        about = f"{len(asked.members)} commands, first {about}"
    return tell.all("approval", list(dict.fromkeys(people)), f"asked by {tell.entry.by}", f"approve: {about}")


def _to_people(tell: _Teller, directory: Directory) -> list[Notice]:
    entry, incident, fact = tell.entry, tell.incident, tell.entry.fact
    match fact:
        case facts.Escalated(person=str() as person):
            return [tell.one("page", person, fact.why, incident.title)]
        case facts.SetStopped():
            return tell.all("inform", _responders(incident), fact.why, "an approved set was stopped")
        case facts.StepInDoubt():
            about = f"in doubt: {tell.titles.get(fact.step, fact.step)}"
            return tell.all("page", _responders(incident), fact.why, about)
        case facts.EscalationEnded():
            return tell.all("page", _responders(incident), fact.why, "the escalation ladder ended")
        case facts.SeverityChanged() if _rose(incident, fact):
            return tell.all("page", _responders(incident), fact.why, f"now {fact.after}: {incident.title}")
        case facts.Acknowledged():
            return tell.all("inform", _others(incident, directory, entry), f"{entry.by} took it", "acknowledged")
        case facts.Resolved():
            return tell.all("inform", _responders(incident), fact.summary or "recovered", "resolved")
        case facts.Reopened():
            return tell.all("page", _responders(incident), fact.why, f"reopened: {incident.title}")
        case _:
            return []


def _to_channels(tell: _Teller, directory: Directory, channels: Sequence[Channel]) -> list[Notice]:
    news = _news(tell.entry, tell.incident)
    told: dict[str, Notice] = {}
    for channel in channels if news else ():
        to = channel_id(channel.address)
        if to in directory.channels and to not in told and _concerns(channel, tell.entry, tell.incident):
            named = ", ".join(channel.severities) or "every incident"
            why = f"the runbook names {channel.address} for {named} (line {channel.line})"
            told[to] = tell.one("inform", to, why, news)
    return list(told.values())


def _news(entry: Entry, incident: Incident) -> str:
    """What a channel is told of an entry, in a few words; empty for what is nothing to it."""
    match entry.fact:
        case facts.Declared():
            return f"declared: {incident.title}"
        case facts.SeverityChanged() as changed:
            return f"now {changed.after}: {incident.title}"
        case facts.Resolved() as resolved:
            return f"resolved: {resolved.summary or incident.title}"
        case facts.Reopened():
            return f"reopened: {incident.title}"
        case facts.UpdatePosted() as update:
            return f"update for {update.audience}"
        case _:
            return ""


def _concerns(channel: Channel, entry: Entry, incident: Incident) -> bool:
    """Whether the channel is for this severity. An incident that sinks below what it is for is news to it once."""
    concerned = not channel.severities or incident.severity in channel.severities
    if isinstance(entry.fact, facts.SeverityChanged) and not _rose(incident, entry.fact):
        return not concerned and entry.fact.before in channel.severities
    return concerned


@dataclass(frozen=True, slots=True)
class _Teller:
    entry: Entry
    incident: Incident
    url: str
    titles: Mapping[str, str]

    def one(self, kind: Literal["page", "inform", "approval"], to: str, why: str, about: str) -> Notice:
        incident = self.incident
        drill = "DRILL " if incident.drill else ""
        return Notice(
            id=f"{incident.id}/{self.entry.seq}/{to}",
            incident=incident.id,
            kind=kind,
            to=to,
            why=why,
            subject=f"{drill}[{incident.severity}] {incident.id} {about}",
            body=_body(incident, self.entry, why, self.url, self.titles),
            url=self.url,
            severity=incident.severity,
            drill=incident.drill,
        )

    def all(self, kind: Literal["page", "inform", "approval"], to: list[str], why: str, about: str) -> list[Notice]:
        return [self.one(kind, person, why, about) for person in to]


def _body(incident: Incident, entry: Entry, why: str, url: str, titles: Mapping[str, str]) -> str:
    firing = incident.firing
    alerts = [f"Alert {alert.name}: {alert.summary}".rstrip(": ") for alert in firing[:MOST_ALERTS]]
    if len(firing) > MOST_ALERTS:
        alerts.append(f"and {len(firing) - MOST_ALERTS} more alerts")
    lines = [
        f"{incident.id} [{incident.severity}] {incident.title}",
        f"Why you are told: {why}",
        f"Declared {say_time(incident.declared_at)}: {incident.why}",
        *alerts,
    ]
    if isinstance(entry.fact, facts.ApprovalRequested):
        lines += ["", *_question(entry.fact, titles)]
    if isinstance(entry.fact, facts.UpdatePosted):
        lines += ["", f"{entry.by} tells {entry.fact.audience}:", entry.fact.text]
    lines += ["", url or f"tocsin incident show {incident.id}"]
    return "\n".join(lines)


def _question(asked: facts.ApprovalRequested, titles: Mapping[str, str]) -> list[str]:
    """What is asked, to the byte, with what was judged, where it runs, who may answer and until when."""
    lines = ["To be run if you approve:"]
    if asked.members:
        going = "what fails does not stop the others" if asked.go_on else "what does not go well stops the rest"
        lines = [f"To be run if you approve, one behind the other; {going}:"]
    for number, each in enumerate(asked.members, 1):
        lines += [
            f"{number}. {each.command}",
            f"   on {each.target}",
            f"   Verdict: {each.verdict} ({each.verdict_why})",
        ]
    if not asked.members:
        lines += [asked.command, f"on {asked.target}", f"Verdict: {asked.verdict} ({asked.verdict_why})"]
    if asked.undoes:
        lines.append(f"It undoes {titles.get(asked.undoes, asked.undoes)}, which is in doubt.")
    if asked.roles:
        lines.append(f"Only {' or '.join(asked.roles)} can approve.")
    rule = f" ({asked.policy})" if asked.policy else ""
    people = "one person" if asked.needs == 1 else f"{asked.needs} people"
    return [*lines, f"Needs {people}, until {say_time(asked.expires_at)}{rule}."]


def _responders(incident: Incident) -> list[str]:
    return list(dict.fromkeys((*incident.roles.values(), *incident.paged)))


def _others(incident: Incident, directory: Directory, entry: Entry) -> list[str]:
    return [person for person in _responders(incident) if entry.by.name not in (person, directory.name_of(person))]


def _rose(incident: Incident, change: facts.SeverityChanged) -> bool:
    order = {name: place for place, name in enumerate(incident.severities)}
    return order.get(change.after, len(order)) < order.get(change.before, len(order))
