"""What people and channels are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from tocsin.core import facts
from tocsin.core.briefing import alerts_said, briefing
from tocsin.core.facts import Entry
from tocsin.core.handing import told as told_by_team
from tocsin.core.handing import yours
from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory, channel_id
from tocsin.core.reminders import reminder
from tocsin.core.runbook import SET_BACK, Channel
from tocsin.times import say_duration, say_moment, say_time

_DISCREET = {
    "page": "You are called. Sign in to see why.",
    "inform": "Something happened in it. Sign in to see what.",
    "approval": "Somebody asks for an approval. Sign in to see for what.",
    "message": "A message was sent. Sign in to read it.",
    "test": "This is a test.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of several messages that became one."""

    id: str
    incident: str
    subject: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one person or channel. Texts are plain; every notifier escapes them for its own sink.

    ``id`` is the same on every retry, so that a receiver can drop a repetition. ``status`` is the incident's at that
    moment; ``parts`` are the messages that it stands for where it is a bundle, ``beyond`` counts those not listed.
    ``answers`` are the ways to answer it, put in when it is sent and stored nowhere: a deed → its signed link,
    ``reply_to`` → the address for replies by mail, ``voice`` → what a telephone service asks for. ``calendar``: an
    invitation (iCalendar), for those who are asked to come.
    """

    id: str
    incident: str
    kind: Literal["page", "inform", "approval", "message", "test"]
    to: str
    why: str
    subject: str
    body: str
    url: str = ""
    severity: str = ""
    drill: bool = False
    status: str = ""
    parts: tuple[Part, ...] = ()
    beyond: int = 0
    answers: Mapping[str, str] = field(default_factory=dict)
    calendar: str = ""

    @property
    def members(self) -> tuple[Part, ...]:
        """The messages that it stands for; itself where it is no bundle."""
        return self.parts or (Part(id=self.id, incident=self.incident, subject=self.subject, why=self.why),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a notice needs beside the incident itself.

    ``channels`` are those that the incident's runbook names; a channel that nobody has bound is told nothing.
    ``approvers`` are the people whose token may approve; they are told where no responder is one of them.
    ``titles`` (`titles_of` the runbook) are what the document calls its steps. ``draft``: the message that waits to be
    sent, where somebody is reminded of one.
    """

    channels: Sequence[Channel] = ()
    approvers: Sequence[str] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    draft: str = ""


def notices_for(
    entry: Entry, incident: Incident, directory: Directory, base_url: str, around: Surroundings | None = None
) -> list[Notice]:
    """Who is told of one entry of the timeline. ``incident`` is as it is after the entry."""
    around = around or Surroundings()
    path = f"/incidents/{incident.id}"
    if isinstance(entry.fact, facts.ApprovalRequested):
        path = f"/approvals#{entry.fact.approval}"
    tell = _Teller(entry, incident, f"{base_url}{path}" if base_url else "", directory, around.titles, around.draft)
    if isinstance(entry.fact, facts.MessageSent):
        found = _messages(tell, entry.fact, directory)
    elif isinstance(entry.fact, facts.ApprovalRequested):
        found = _to_approvers(tell, entry.fact, directory, around.approvers)
    else:
        found = [*_to_people(tell, directory), *_to_channels(tell, directory, around.channels)]
    if incident.team.private:
        told = (each for each in found if each.to in directory.people and incident.is_shown_to(each.to))
        return [_discreet(each, incident) for each in told]
    return found


def _discreet(notice: Notice, incident: Incident) -> Notice:
    """Of a private incident nothing but its number and severity leaves the house; the rest is behind the door."""
    said = _DISCREET[notice.kind]
    drill = "DRILL " if notice.drill else ""
    about = f"{drill}[{incident.severity}] {incident.id}"
    lines = [f"{about} is private, so its words are not sent.", said, "", notice.url or _in_a_terminal(incident)]
    return replace(notice, why=said, subject=f"{about} a private incident", body="\n".join(lines))


def _in_a_terminal(incident: Incident) -> str:
    return f"tocsin incident show {incident.id}"


def _messages(tell: _Teller, sent: facts.MessageSent, directory: Directory) -> list[Notice]:
    """A message in its own words, and nothing beside them, to each of its channels."""
    body = f"This is a drill.\n\n{sent.text}" if tell.incident.drill else sent.text
    told = [directory.channels[name] for name in sent.channels if name in directory.channels]
    found = [replace(tell.one("message", each.id, "", sent.title), body=body, url="") for each in told]
    # people outside know neither our numbers nor our severities
    outside = f"{'DRILL ' if tell.incident.drill else ''}{sent.title}"
    return [
        replace(notice, subject=outside, severity="") if each.public else notice
        for notice, each in zip(found, told, strict=True)
    ]


def _to_approvers(
    tell: _Teller, asked: facts.ApprovalRequested, directory: Directory, approvers: Sequence[str]
) -> list[Notice]:
    """Responders, and who else may say yes: those whom the policy names; every approver where no responder is one."""
    roles = {role for each in (asked.roles, *(member.roles for member in asked.members)) for role in each}
    named = [person.id for role in sorted(roles) if (person := directory.find(role, tell.entry.at))]
    told = _responders(tell.incident)
    not_who_asked = [name for name in told if asked.self_approve or name != tell.entry.by.name]
    more = named or (() if set(not_who_asked) & set(approvers) else approvers)
    people = [*told, *(name for name in more if asked.self_approve or name != tell.entry.by.name)]
    about = asked.command.splitlines()[0][:80] if asked.command else asked.step
    if asked.members:
        about = f"{len(asked.members)} commands, first {about}"
    why = f"{tell.entry.by} asks for an approval"
    return tell.all("approval", list(dict.fromkeys(people)), why, f"approve: {about}")


def _to_people(tell: _Teller, directory: Directory) -> list[Notice]:
    entry, incident, fact = tell.entry, tell.incident, tell.entry.fact
    match fact:
        case facts.Escalated(person=str() as person):
            why = f"{fact.why}; {fact.on_call}" if fact.on_call else fact.why
            return [tell.one("page", person, why, incident.title)]
        case facts.SetStopped():
            return tell.all("inform", _responders(incident), fact.why, "an approved set was stopped")
        case facts.StepInDoubt():
            about = f"in doubt: {tell.titles.get(fact.step, fact.step)}"
            return tell.all("page", _responders(incident), fact.why, about)
        case facts.EscalationEnded():
            return tell.all("page", _responders(incident), fact.why, "the escalation ladder ended")
        case facts.SeverityChanged() if _rose(incident, fact):
            why = f"{entry.by} raised it from {fact.before} to {fact.after}: {fact.why}"
            return tell.all("page", _others(incident, directory, entry), why, f"now {fact.after}: {incident.title}")
        case facts.Acknowledged():
            told = _others(incident, directory, entry)
            return tell.all("inform", told, f"{entry.by} took it", f"acknowledged: {incident.title}")
        case facts.Resolved():
            return tell.all("inform", _responders(incident), _ended(fact, f"{entry.by}"), f"resolved: {incident.title}")
        case facts.Reopened():
            return tell.all("page", _responders(incident), fact.why, f"reopened: {incident.title}")
        case facts.Merged():
            told = _others(incident, directory, entry)
            return tell.all("inform", told, fact.why or f"{entry.by} merged it", f"merged into {fact.into}")
        case _:
            said = told_by_team(fact, incident, entry.by.name) or yours(entry, incident, directory, tell.titles)
            said = said or reminder(fact, incident, directory)
            return tell.all(said.kind, said.people, said.why, said.about) if said else []


def _ended(fact: facts.Resolved, by: str) -> str:
    """Who ended it, in which words, and the reason where it had not recovered."""
    said = f"{by} resolved it: {fact.summary}" if fact.summary else f"{by} resolved it"
    return f"{said}, although it had not recovered: {fact.override}" if fact.override else said


def _to_channels(tell: _Teller, directory: Directory, channels: Sequence[Channel]) -> list[Notice]:
    told: dict[str, Notice] = {}
    for channel in channels:
        to, news = channel_id(channel.address), _news(tell.entry, tell.incident, pager=channel.kind == "pager")
        bound = directory.channels.get(to)
        if bound is None or bound.public:  # what people outside read is written for them
            continue
        if news and to not in told and _concerns(channel, tell.entry, tell.incident):
            named = ", ".join(channel.severities) or "every incident"
            why = f"the runbook names {channel.address} for {named} (line {channel.line})"
            told[to] = tell.one("inform", to, why, news)
    return list(told.values())


def _news(entry: Entry, incident: Incident, *, pager: bool = False) -> str:
    """What a channel is told of an entry, in a few words; empty for what is nothing to it.

    Another system that pages must know that somebody has answered; people who only look on need not.
    """
    match entry.fact:
        case facts.Acknowledged() if pager:
            return f"acknowledged: {incident.title}"
        case facts.Declared():
            return f"declared: {incident.title}"
        case facts.SeverityChanged() as changed:
            return f"now {changed.after}: {incident.title}"
        case facts.Resolved() as resolved:
            return f"resolved: {resolved.summary or incident.title}"
        case facts.Reopened():
            return f"reopened: {incident.title}"
        case facts.Merged() as merged:
            return f"merged into {merged.into}: {incident.title}"
        case facts.UpdatePosted(stage=str() as stage) as update if stage:
            return f"on the status page: {update.title}" if update.title else "on the status page"
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
    directory: Directory
    titles: Mapping[str, str]
    draft: str = ""

    def one(self, kind: Literal["page", "inform", "approval", "message"], to: str, why: str, about: str) -> Notice:
        incident = self.incident
        drill = "DRILL " if incident.drill else ""
        return Notice(
            id=f"{incident.id}/{self.entry.seq}/{to}",
            incident=incident.id,
            kind=kind,
            to=to,
            why=why,
            subject=f"{drill}[{incident.severity}] {incident.id} {about}",
            body=_body(self, why, known=kind == "page"),
            url=self.url,
            severity=incident.severity,
            drill=incident.drill,
            status=incident.status,
        )

    def all(self, kind: Literal["page", "inform", "approval"], to: list[str], why: str, about: str) -> list[Notice]:
        return [self.one(kind, person, why, about) for person in to]


def _body(tell: _Teller, why: str, *, known: bool) -> str:
    """The message in full; ``known``: with what somebody who is drawn in must know."""
    incident, entry = tell.incident, tell.entry
    lines = [
        f"{incident.id} [{incident.severity}] {incident.title}",
        f"Why you are told: {why}",
        f"Declared {_begun(incident, entry)}: {incident.why}",
        *alerts_said(incident),
        *(briefing(incident, tell.directory, entry.at, tell.titles) if known else ()),
    ]
    if isinstance(entry.fact, facts.Resolved):
        lines += _lasted(incident, entry)
    if isinstance(entry.fact, facts.ApprovalRequested):
        lines += ["", *_question(entry.fact, tell.titles)]
    if isinstance(entry.fact, facts.UpdatePosted):
        posted = entry.fact
        how = f"published as {posted.stage}:" if posted.stage else f"tells {posted.audience}:"
        lines += ["", f"{entry.by} {how}", posted.text]
    if isinstance(entry.fact, facts.UpdateReminded | facts.UpdateMissed) and tell.draft:
        lines += ["", tell.draft]
    if known:
        lines += _meeting(incident)
    lines += ["", tell.url or _in_a_terminal(incident)]
    return "\n".join(lines)


def _lasted(incident: Incident, entry: Entry) -> list[str]:
    """How long it lasted, and its cause where somebody has said so."""
    cause = incident.learning.root_cause
    lasted = f"It lasted {say_duration(max(entry.at - incident.began_at, timedelta(0)))}"
    return [lasted, *([f"Root cause: {cause}"] if cause else [])]


def _begun(incident: Incident, entry: Entry) -> str:
    """When it began, with the day where that is not today."""
    same = entry.at.date() == incident.declared_at.date()
    return say_time(incident.declared_at) if same else say_moment(incident.declared_at)


def _meeting(incident: Incident) -> list[str]:
    """Where people meet; where the document wants a war room and no address is known, how to say it."""
    if incident.team.war_room:
        return [f"People meet at {incident.team.war_room}"]
    first = incident.clocks.timetable.first_for(incident.severity)
    if first is None or "war room" not in first.deeds:
        return []
    how = f"`tocsin incident set-war-room {incident.id} ADDRESS`"
    return [f"Line {first.line} of the runbook wants a war room. Its channel, where a chat is set up; else say: {how}"]


def _question(asked: facts.ApprovalRequested, titles: Mapping[str, str]) -> list[str]:
    """What is asked, to the byte, with what was judged, where it runs, who may answer and until when."""
    title = titles.get(asked.step.removeprefix(SET_BACK), "")
    named = f"To run “{title}”" if title and title not in asked.command else "To be run"
    named = f"To set back “{title}”" if title and asked.step.startswith(SET_BACK) else named
    lines = [f"{named} if you approve:"]
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
