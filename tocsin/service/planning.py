"""What people change about schedules: overrides, temporary schedules, swaps. Who did it stays on record for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from msgspec import Meta

from tocsin.app import App
from tocsin.core.oncall import Directory
from tocsin.core.schedules import Change, Schedule, instant
from tocsin.errors import Denied, Invalid, NotFound, Refused
from tocsin.ids import new_id, slug
from tocsin.service import discretion, duty
from tocsin.service.access import Caller
from tocsin.service.catalogue import allow
from tocsin.service.respond import Name
from tocsin.store import duties
from tocsin.store.db import Tx
from tocsin.times import parse_duration, say_duration

LONGEST = timedelta(days=92)
FARTHEST = timedelta(days=366)
MOST_PEOPLE = 50
Why = Annotated[str, Meta(max_length=1_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Somebody else is on call for a while.

    Until ``ends``, or for as long as ``lasts`` says (8h, 2d). A moment without a zone is one of the schedule's zone.
    ``instead_of``: only where this person would be on call. Several ``people`` take turns ``every`` so long (1d):
    a temporary schedule. Without people nobody is on call.
    """

    schedule: Name = ""
    people: tuple[Name, ...] = ()
    begins: datetime | None = None
    ends: datetime | None = None
    lasts: Name = ""
    instead_of: Name = ""
    every: Name = ""
    why: Why = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """One offers their time to another. ``back_begins`` and ``back_ends``: the time that they take over in return."""

    schedule: Name = ""
    to: Name
    begins: datetime
    ends: datetime
    back_begins: datetime | None = None
    back_ends: datetime | None = None
    offered_by: Name = ""
    why: Why = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A change as it is now. ``state``: counts, offered, accepted, declined or ended."""

    id: str
    schedule: str
    kind: str
    state: str
    begins: datetime
    ends: datetime
    people: tuple[str, ...]
    names: tuple[str, ...]
    instead_of: str = ""
    instead_of_name: str = ""
    every: str = ""
    back_begins: datetime | None = None
    back_ends: datetime | None = None
    why: str = ""
    made_by: str = ""
    made_at: datetime
    settled_by: str = ""
    settled_at: datetime | None = None
    zone: str = "UTC"


def override(app: App, wanted: Override, by: Caller) -> ChangeView:
    """Put somebody else on call for a while. It takes the role responder."""
    allow(by.role, "responder", "change who is on call")
    now, known = app.clock.now(), app.settings.directory
    schedule = schedule_of(known, wanted.schedule)
    people = tuple(_person(known, name) for name in wanted.people)
    instead = _person(known, wanted.instead_of) if wanted.instead_of else ""
    begins = max(moment_of(wanted.begins, schedule) or now, now)
    ends = _end(wanted, begins, schedule)
    every = _every(wanted, people)
    _sensible(begins, ends, now)
    if not people and not wanted.why.strip():
        raise Invalid("Nobody would be on call.", "Name who takes over, or say why nobody has to.")
    kept = duties.Kept(
        change=Change(
            id=new_id("duty", now), schedule=schedule.name, kind="temporary" if every else "override", begins=begins,
            ends=ends, people=people, made_at=now, made_by=by.name, instead_of=instead, every=every,
            why=discretion.said(app, wanted.why.strip()),
        ),
        state="counts",
    )  # fmt: skip
    return _write(app, lambda tx: duties.add(tx, kept))


def end(app: App, change_id: str, by: Caller) -> ChangeView:
    """End a change now, or call it off before it begins. It takes the role responder."""
    allow(by.role, "responder", "change who is on call")
    now = app.clock.now()

    def settle(tx: Tx) -> duties.Kept:
        kept = _found(tx, change_id)
        times = [(kept.change.begins, kept.change.ends), *([kept.back] if kept.back else [])]
        if kept.state not in ("counts", "accepted") or all(after <= now for _, after in times):
            raise Refused(f"It is over already ({kept.state}).")
        if all(begins >= now for begins, _ in times):  # nothing of it ever counted
            duties.settle(tx, kept, "ended", times, by.name, now)
        else:
            left = [(begins, max(begins, min(after, now))) for begins, after in times]
            duties.settle(tx, kept, kept.state, left, by.name, now)
        return _found(tx, change_id)

    return _write(app, settle)


def offer(app: App, wanted: Swap, by: Caller) -> ChangeView:
    """Offer one's own time on call to another; it counts when they have accepted. An admin may offer for others."""
    allow(by.role, "responder", "offer a swap")
    now, known = app.clock.now(), duty.directory_now(app)
    schedule = schedule_of(known, wanted.schedule)
    giver, taker = _person(known, wanted.offered_by or by.name), _person(known, wanted.to)
    if giver != slug(by.name) and by.role != "admin":
        raise Denied("Everybody offers their own time.", "An admin may offer for others.")
    if giver == taker:
        raise Invalid("Nobody swaps with themselves.", "Name somebody else.")
    begins = max(moment_of(wanted.begins, schedule) or now, now)
    ends = moment_of(wanted.ends, schedule) or now
    _sensible(begins, ends, now)
    back = _back(wanted, schedule, now)
    for who, times in ((giver, (begins, ends)), (taker, back)):
        if times and who not in {shift.person for shift in schedule.shifts(*times)}:
            raise Refused(
                f"{known.name_of(who)} is not on call by {schedule.name} then.", "`tocsin oncall` shows when."
            )
    change = Change(
        id=new_id("duty", now), schedule=schedule.name, kind="swap", begins=begins, ends=ends, people=(taker,),
        made_at=now, made_by=by.name, instead_of=giver, why=discretion.said(app, wanted.why.strip()),
    )  # fmt: skip
    kept = duties.Kept(change=change, state="offered", back=back)
    return _write(app, lambda tx: duties.add(tx, kept))


def answer(app: App, change_id: str, by: Caller, *, accept: bool) -> ChangeView:
    """Accept or decline a swap: whom it was offered to, or an admin; who offered it may take it back."""
    allow(by.role, "responder", "answer a swap")
    now = app.clock.now()

    def settle(tx: Tx) -> duties.Kept:
        kept = _found(tx, change_id)
        change = kept.change
        if kept.state != "offered":
            raise Refused(f"It was settled already ({kept.state}).")
        may = {*change.people, *(() if accept else (change.instead_of,))}
        if slug(by.name) not in may and by.role != "admin":
            name = app.settings.directory.name_of(change.people[0])
            raise Denied(f"It was offered to {name}.", "Only they can answer, or an admin.")
        if accept and change.ends <= now:
            raise Refused("That time is over.", "Offer another one.")
        times = [(change.begins, change.ends), *([kept.back] if kept.back else [])]
        duties.settle(tx, kept, "accepted" if accept else "declined", times, by.name, now)
        return _found(tx, change_id)

    return _write(app, settle)


def change_views(known: Directory, kept: Sequence[duties.Kept]) -> tuple[ChangeView, ...]:
    """Changes as people look at them; those of schedules that are gone stay among them."""
    return tuple(_view(known, each) for each in kept)


def history(app: App, *, past: bool = False) -> tuple[ChangeView, ...]:
    """The changes that are not over; with ``past`` those of the last year, too."""
    since = app.clock.now() - (FARTHEST if past else timedelta(0))
    return change_views(app.settings.directory, app.db.read(lambda tx: duties.since(tx, since)))


def schedule_of(known: Directory, name: str) -> Schedule:
    """The schedule of this name; without a name the only one. Raises `NotFound` with those that there are."""
    if not name and len(known.schedules) == 1:
        return next(iter(known.schedules.values()))
    if not name and known.schedules:
        raise Invalid("There are several schedules.", f"Say which one is meant: {', '.join(known.schedules)}.")
    found = known.schedules.get(slug(name.removeprefix("schedule:")))
    if found is None:
        names = ", ".join(known.schedules) or "none; write [schedules.primary] into tocsin.toml"
        raise NotFound(f"There is no schedule {name!r}.", f"Schedules: {names}.")
    return found


def moment_of(given: datetime | None, schedule: Schedule) -> datetime | None:
    """A moment as it was meant: without a zone it stands on the wall of the schedule's zone."""
    if given is None:
        return None
    try:
        return given.astimezone(UTC) if given.tzinfo else instant(given, schedule.zone)
    except OverflowError:
        raise Invalid("That moment is too far away.", "Write for example 2026-03-07T22:00.") from None


def _write(app: App, change: Callable[[Tx], duties.Kept]) -> ChangeView:
    def write(tx: Tx) -> ChangeView:
        kept = change(tx)
        tx.after_commit(app.bell.ring)
        return _view(app.settings.directory, kept)

    return app.db.write(write)


def _found(tx: Tx, change_id: str) -> duties.Kept:
    kept = duties.get(tx, change_id)
    if kept is None:
        raise NotFound("There is no such change.", "`tocsin oncall changes` lists them.")
    return kept


def _person(known: Directory, name: str) -> str:
    wanted = slug(name)
    if wanted in known.people:
        return wanted
    named = [person.id for person in known.people.values() if slug(person.name) == wanted]
    if len(named) != 1:
        raise Invalid(f"{name[:60]!r} is nobody under [people].", f"Known: {', '.join(known.people) or 'nobody'}.")
    return named[0]


def _end(wanted: Override, begins: datetime, schedule: Schedule) -> datetime:
    if bool(wanted.lasts.strip()) is (wanted.ends is not None):
        said = "Nothing says when it ends." if wanted.ends is None else "It has two ends."
        raise Invalid(said, "Say until when, or for how long.")
    if wanted.ends is not None:
        return moment_of(wanted.ends, schedule) or wanted.ends
    try:
        return begins + parse_duration(wanted.lasts)
    except (ValueError, OverflowError) as error:
        raise Invalid(str(error), where="lasts") from None


def _every(wanted: Override, people: Sequence[str]) -> timedelta | None:
    if len(people) > MOST_PEOPLE:
        raise Invalid(f"At most {MOST_PEOPLE} people.", where="people")
    if len(people) < 2:
        return None
    try:
        every = parse_duration(wanted.every or "1d")
    except ValueError as error:
        raise Invalid(str(error), where="every") from None
    if every < timedelta(hours=1):
        raise Invalid("A turn shorter than an hour helps nobody.", "Write for example 12h or 1d.", where="every")
    return every


def _sensible(begins: datetime, ends: datetime, now: datetime) -> None:
    if ends <= begins:
        raise Invalid("It would end before it begins, or before now.", "Check both moments and their zone.")
    if ends - begins > LONGEST:
        asked = say_duration(ends - begins)
        hint = "Change [schedules] in tocsin.toml for what is to last."
        raise Invalid(f"It would last {asked}; at most {say_duration(LONGEST)} are allowed.", hint)
    if begins - now > FARTHEST:
        raise Invalid("That is more than a year away.", "Make it when it is nearer.")


def _back(wanted: Swap, schedule: Schedule, now: datetime) -> tuple[datetime, datetime] | None:
    begins, ends = moment_of(wanted.back_begins, schedule), moment_of(wanted.back_ends, schedule)
    if (begins is None) is not (ends is None):
        raise Invalid("The time in return has only one end.", "Say from when until when, or neither.")
    if begins is None or ends is None:
        return None
    _sensible(max(begins, now), ends, now)
    return max(begins, now), ends


def _view(known: Directory, kept: duties.Kept) -> ChangeView:
    change = kept.change
    schedule = known.schedules.get(change.schedule)
    return ChangeView(
        id=change.id,
        schedule=change.schedule,
        kind=change.kind,
        state=kept.state,
        begins=change.begins,
        ends=change.ends,
        people=change.people,
        names=tuple(known.name_of(person) for person in change.people),
        instead_of=change.instead_of,
        instead_of_name=known.name_of(change.instead_of) if change.instead_of else "",
        every=say_duration(change.every) if change.every else "",
        back_begins=kept.back[0] if kept.back else None,
        back_ends=kept.back[1] if kept.back else None,
        why=change.why,
        made_by=change.made_by,
        made_at=change.made_at,
        settled_by=kept.settled_by,
        settled_at=kept.settled_at,
        zone=schedule.zone if schedule else "UTC",
    )
