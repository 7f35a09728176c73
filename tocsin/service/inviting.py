"""The invitation to a post-mortem meeting: what it says, who gets it, and that it goes by mail where there is any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tocsin.app import App
from tocsin.core.facts import Entry, ReviewScheduled
from tocsin.core.incident import Incident
from tocsin.core.notices import Notice
from tocsin.core.ways import Way
from tocsin.errors import NotFound
from tocsin.plug import invitations
from tocsin.plug.kinds import reaches
from tocsin.settings import Settings
from tocsin.times import say_moment

MAIL = "email"


def attached(app: App, incident: Incident, entry: Entry, notices: Sequence[Notice]) -> list[Notice]:
    """The messages about a meeting, each with its calendar entry; any others as they are."""
    if not isinstance(entry.fact, ReviewScheduled):
        return list(notices)
    made, text = entry.fact, text_of(app, incident)
    found = [replace(notice, calendar=text) if notice.to in made.people else notice for notice in notices]
    return [_without(app, incident, notice) if notice.to in made.left else notice for notice in found]


def _without(app: App, incident: Incident, notice: Notice) -> Notice:
    """The message to somebody who is invited no longer: their calendar forgets the meeting."""
    before, _, _ = notice.subject.partition("post-mortem meeting")
    return replace(
        notice, subject=f"{before}post-mortem meeting: you are not needed any more",
        why="the meeting about the post-mortem was called anew, without you",
        calendar=text_of(app, incident, without=notice.to),
    )  # fmt: skip


def by_mail(settings: Settings, notice: Notice, ways: Sequence[Way]) -> tuple[Way, ...]:
    """The ways of a message; one with a calendar entry goes by mail first, where its receiver has an address."""
    person = settings.directory.people.get(notice.to)
    if not notice.calendar or person is None or not person.contacts.get(MAIL):
        return tuple(ways)
    mail = next((name for name, notifier in settings.notifiers.items() if reaches(notifier) == MAIL), "")
    if not mail:
        return tuple(ways)
    rest = [replace(way, after=None) for way in ways if way.via != mail]
    return (Way(via=mail, after=timedelta(0), why="an invitation goes by mail"), *rest)


def text_of(app: App, incident: Incident, without: str = "") -> str:
    """The calendar file of an incident's meeting; for one person the one that takes it out of their calendar.

    Raises `NotFound` where nobody has called a meeting.
    """
    meeting = incident.learning.meeting
    if meeting is None:
        raise NotFound(f"{incident.id} has no meeting.", "`tocsin incident schedule_review` calls one.")
    settings, known = app.settings, app.settings.directory.people
    url = f"{settings.base_url}/incidents/{incident.id}/review" if settings.base_url else ""
    about = incident.id if incident.team.private else f"{incident.id}: {incident.title}"
    wanted = f"Line {meeting.line} of the runbook wants it by {say_moment(meeting.due)}." if meeting.due else ""
    invited = (without,) if without else meeting.people
    people = {known[name].name: known[name].contacts[MAIL] for name in invited if _has_mail(app, name)}
    senders = (getattr(notifier, "sender", "") for notifier in settings.notifiers.values())
    return invitations.write(
        invitations.Invitation(
            id=f"{incident.id.lower()}-post-mortem-{incident.declared_at:%Y%m%dT%H%M%S%f}",  # others have an INC-1, too
            sequence=meeting.times - 1, title=f"Post-mortem of {about}",
            says="\n".join(part for part in ("What happened, and what we learn from it.", wanted, url) if part),
            at=meeting.at, minutes=meeting.minutes, where=meeting.where, url=url, people=people,
            organizer=next((sender for sender in senders if sender), next(iter(people.values()), "")),
            made_at=app.clock.now(), cancelled=bool(without),
        )
    )  # fmt: skip


def _has_mail(app: App, name: str) -> bool:
    person = app.settings.directory.people.get(name)
    return person is not None and "@" in person.contacts.get(MAIL, "")
