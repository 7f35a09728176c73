"""Calendars that leave and come in: secret addresses for other programs, and copies of calendars of others."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from tocsin.app import App
from tocsin.core.schedules import Schedule
from tocsin.errors import Denied, Invalid, NotFound, TocsinError
from tocsin.ids import new_id, slug
from tocsin.plug import icalendars
from tocsin.plug.files import read_regular
from tocsin.plug.web import NoAnswer, fetch
from tocsin.service import duty
from tocsin.service.access import Caller, hashed
from tocsin.service.catalogue import allow
from tocsin.service.planning import schedule_of
from tocsin.service.respond import Name
from tocsin.settings.schedules import CalendarSource
from tocsin.store import duties
from tocsin.store.db import Tx

SHOWN_BACK, SHOWN_AHEAD = timedelta(days=31), timedelta(days=366)
"""The time that a feed tells of: a year ahead, as other on-call programs do."""
REFRESH_EVERY, REFRESH_WITHIN = timedelta(minutes=10), timedelta(seconds=20)
TAKEN_DOWN_EVERY = timedelta(minutes=10)
LONGEST_PROBLEM = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFeed:
    """Whose calendar: a schedule's, or a person's over all schedules; the caller's own where neither is named."""

    schedule: Name = ""
    person: Annotated[Name, Meta(description="a person's id")] = ""
    replaces: Annotated[Name, Meta(description="the id of an address that ends with this: the same calendar")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """A secret address. ``path`` is told once, when it is made: only a hash of its secret is kept."""

    id: str
    schedule: str = ""
    person: str = ""
    made_by: str = ""
    made_at: datetime
    read_at: datetime | None = None
    path: str = ""


def make_feed(app: App, wanted: NewFeed, by: Caller) -> FeedView:
    """Make a secret address for a calendar; whoever knows it can read that calendar, and nothing else."""
    allow(by.role, "responder", "make the address of a calendar")
    now, known = app.clock.now(), app.settings.directory
    old = _revocable(app.db.read(duties.feeds), wanted.replaces, by) if wanted.replaces else None
    if old is not None:
        wanted = NewFeed(schedule=old.schedule, person=old.person)
    if wanted.schedule and wanted.person:
        raise Invalid("A calendar is a schedule's or a person's.", "Name one of them.")
    schedule = schedule_of(known, wanted.schedule).name if wanted.schedule else ""
    person = "" if schedule else slug(wanted.person or by.name)
    if person and person not in known.people:
        raise Invalid(f"{person!r} is nobody under [people].", f"Known: {', '.join(known.people) or 'nobody'}.")
    secret = secrets.token_urlsafe(32)
    feed = duties.Feed(
        id=new_id("feed", now), hash=hashed(secret), schedule=schedule, person=person, made_by=by.name, made_at=now
    )

    def write(tx: Tx) -> None:
        if old is not None:
            duties.revoke_feed(tx, old.id, by.name, now)
        duties.add_feed(tx, feed)

    app.db.write(write)
    return _view(feed, f"/oncall/feed/{secret}.ics")


def revoke_feed(app: App, feed_id: str, by: Caller) -> None:
    """End an address: who made it, whose calendar it is, or an admin."""
    allow(by.role, "responder", "revoke the address of a calendar")
    now = app.clock.now()

    def revoke(tx: Tx) -> None:
        duties.revoke_feed(tx, _revocable(duties.feeds(tx), feed_id, by).id, by.name, now)

    app.db.write(revoke)


def feeds(app: App, by: Caller) -> tuple[FeedView, ...]:
    """The addresses that are in force: for an admin all of them, for others their own."""
    known = app.db.read(duties.feeds)
    mine = {by.name, slug(by.name)}
    return tuple(_view(each) for each in known if by.role == "admin" or {each.made_by, each.person} & mine)


def feed_text(app: App, secret: str) -> bytes:
    """The calendar behind an address. Raises `NotFound` where the secret is wrong or was revoked."""
    key, now = hashed(secret), app.clock.now()

    def read(tx: Tx) -> tuple[duties.Feed, bytes]:
        feed = duties.feed(tx, key)
        known = duty.directory(app, tx)
        if feed is None or (feed.schedule and feed.schedule not in known.schedules):
            raise NotFound("There is no calendar at this address.")
        begins, ends = now - SHOWN_BACK, now + SHOWN_AHEAD
        chosen = [known.schedules[feed.schedule]] if feed.schedule else list(known.schedules.values())
        shifts = [
            (schedule.name, shift)
            for schedule in chosen
            for shift in schedule.shifts(begins, ends)
            if not feed.person or shift.person == feed.person
        ]
        name = feed.schedule or known.name_of(feed.person)
        names = {shift.person: known.name_of(shift.person) for _, shift in shifts}
        return feed, icalendars.write(
            icalendars.Feed(name=f"On call: {name}", shifts=shifts, at=now, ends=ends, titles=names)
        )

    feed, text = app.db.read(read)
    if feed.read_at is None or now - feed.read_at >= TAKEN_DOWN_EVERY:
        with suppress(TocsinError):  # a full disk must not keep anybody from reading
            app.db.write(lambda tx: duties.feed_was_read(tx, key, now))
    return text


def refresh(app: App) -> dict[str, str]:
    """Read the calendars of others that are due; what is wrong with each, or nothing. The last good copies stay."""
    now, problems = app.clock.now(), {}
    for name, source in app.settings.calendar_sources.items():
        copy = app.db.read(lambda tx, name=name: duties.copy(tx, name))  # type: ignore[misc]
        if copy is not None and timedelta(0) <= now - copy.tried_at < REFRESH_EVERY:
            continue
        problems[name] = _refresh(app, app.settings.directory.schedules[name], source, now)
    return problems


def _refresh(app: App, schedule: Schedule, source: CalendarSource, now: datetime) -> str:
    try:
        body = _load(source)
        icalendars.read(body, schedule.zone, now, now)
    except TocsinError as error:
        problem = error.message.replace(source.address, "its address")[:LONGEST_PROBLEM]
        app.db.write(lambda tx: duties.put_problem(tx, schedule.name, problem, now))
        return problem
    app.db.write(lambda tx: duties.put_copy(tx, schedule.name, body, now))
    return ""


def _load(source: CalendarSource) -> str:
    """The text of a calendar. An address is asked through the guard that all requests of ours pass."""
    if not source.address.startswith(("https://", "http://")):
        return _text(read_regular(Path(source.address), icalendars.LARGEST))
    answer = fetch(source.address, REFRESH_WITHIN, allow=source.allow, max_bytes=icalendars.LARGEST)
    if answer.status != 200:
        raise NoAnswer(f"It answered {answer.status}.")
    return _text(answer.body)


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("The calendar is not UTF-8 text.") from None
    if "\0" in text:
        raise Invalid("The calendar holds a NUL character.")
    return text


def _revocable(known: Sequence[duties.Feed], feed_id: str, by: Caller) -> duties.Feed:
    feed = next((each for each in known if each.id == feed_id), None)
    if feed is None:
        raise NotFound("There is no such address of a calendar.", "`tocsin oncall feed list` shows them.")
    if by.role != "admin" and by.name != feed.made_by and slug(by.name) != feed.person:
        raise Denied(f"{feed.made_by} made it.", "They can revoke it, or an admin.")
    return feed


def _view(feed: duties.Feed, path: str = "") -> FeedView:
    return FeedView(
        id=feed.id, schedule=feed.schedule, person=feed.person, made_by=feed.made_by, made_at=feed.made_at,
        read_at=feed.read_at, path=path,
    )  # fmt: skip
