"""Readiness as people look at it: whom the next four weeks would page, whom nothing reaches, who lacks access."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta

from tocsin.app import App
from tocsin.core import readiness
from tocsin.core.oncall import Directory
from tocsin.core.outlook import Outlook, outlooks
from tocsin.core.readiness import AccessState, Finding, WayState
from tocsin.core.runbook import Access, Runbook
from tocsin.core.uncovered import uncovered
from tocsin.errors import Denied, Invalid, NotFound
from tocsin.ids import slug
from tocsin.lint.people import unfilled_contacts
from tocsin.lint.subject import Subject
from tocsin.reading.decoding import decode
from tocsin.service import deliveries, discretion, duty, targetchecks
from tocsin.service.access import Caller
from tocsin.service.catalogue import allow
from tocsin.service.deliveries import MethodView
from tocsin.service.respond import Name
from tocsin.store import readying, workers
from tocsin.store.db import Tx
from tocsin.store.readying import AccessCheck, TargetCheck
from tocsin.store.workers import WorkerSeen

WEEKS = 4
STALE = timedelta(days=2)
"""A look at a target that is older than this is told of as old."""
UNHEARD = timedelta(minutes=1)
"""A worker that was not heard of for so long is not there."""
_NOBODY = ", so nobody can be reached there"
WAKES_NOBODY = frozenset({"console"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody says of reaching a system of the runbook's list. ``person`` empty: the caller."""

    system: Annotated[Name, Meta(description="a system of the runbook's list of access, by its short name")]
    ok: Annotated[bool, Meta(description="whether they reach it")] = True
    person: Annotated[Name, Meta(description="a person's id; your own, unless you are an admin")] = ""
    note: Annotated[str, Meta(max_length=500, description="what is missing")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessCell:
    """One person and one system. ``state``: reached, refused, old, or unsaid."""

    person: str
    name: str
    state: str
    at: datetime | None = None
    ok_at: datetime | None = None
    note: str = ""
    said_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """A system of a runbook's list, with what each responder said of it."""

    system: str
    what: str
    kind: str
    source: str
    line: int
    cells: tuple[AccessCell, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillView:
    """A scenario, and when it was last drilled."""

    runbook: str
    scenario: str
    title: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """All of it, from ``at`` until ``ends``, shown in ``zone``. ``findings``: the worst first."""

    at: datetime
    ends: datetime
    zone: str
    findings: tuple[Finding, ...] = ()
    outlooks: tuple[Outlook, ...] = ()
    access: tuple[AccessRow, ...] = ()
    targets: tuple[TargetCheck, ...] = ()
    drills: tuple[DrillView, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database tells, read at once."""

    directory: Directory
    said: list[AccessCheck]
    targets: list[TargetCheck]
    drilled: Mapping[str, datetime]
    workers: list[WorkerSeen]


def overview(app: App, weeks: int = WEEKS) -> Readiness:
    """What is ready and what is not, for the next weeks. Raises `Invalid` for an odd number of them."""
    if not 0 < weeks <= WEEKS:
        raise Invalid(f"{weeks} weeks can't be looked at.", f"Ask for 1 to {WEEKS}.")
    known, ways = app.db.read(lambda tx: _known(app, tx)), ways_of(app)
    return assess(app, known, ways, app.clock.now(), timedelta(weeks=weeks))


def soon(app: App) -> tuple[Finding, ...]:
    """What of people is not ready, or will not be within a day; for the page that is always looked at."""
    if not app.books or not app.settings.directory.people:
        return ()
    now, ways = app.clock.now(), ways_of(app)
    known = duty.directory_now(app)
    lost = readiness.unreachable(known.people, ways)
    # A window that is as long as the whole look counts as a state of things, so it looks further than a day.
    found = outlooks(app.books, known, app.settings.calendar, now, readiness.SOON * 3, lost)
    failing = {name for name in lost if any(way.broken for way in ways.get(name, ()))}
    return tuple(
        each for each in readiness.soon(uncovered(found, zone_of(app), known.people), now)
        if each.code != "unreachable" or each.begins is not None or each.person in failing
    )  # fmt: skip


def assess(
    app: App, known: _Known, ways: Mapping[str, Sequence[WayState]], now: datetime, ahead: timedelta
) -> Readiness:
    """Everything, out of what was read."""
    people, zone = known.directory.people, zone_of(app)
    lost = readiness.unreachable(people, ways)
    found = outlooks(app.books, known.directory, app.settings.calendar, now, ahead, lost)
    called = [name for name in readiness.called_people(found) if name in people]
    said = [_state(each) for each in known.said]
    findings = [
        *uncovered(found, zone, people),
        *readiness.of_ways(called, people, ways),
        *_unfilled(app, known.directory),
        *(each for book in app.books for each in readiness.of_access(book, called, people, said, now)),
        *_of_targets(app, known, now),
        *(each for book in app.books for each in readiness.of_first_responses(book, known.directory, met(app))),
        *_variables(app),
        *(each for book in app.books for each in readiness.of_drills(book, known.drilled)),
    ]
    far = now + ahead
    return Readiness(
        at=now, ends=far, zone=zone, outlooks=found, targets=tuple(known.targets),
        findings=readiness.worst_first(findings, now),
        access=tuple(_rows(app, known, called, now)),
        drills=tuple(
            DrillView(runbook=book.title, scenario=each.id, title=each.title, at=known.drilled.get(each.id))
            for book in app.books for each in book.scenarios
        ),
    )  # fmt: skip


def say_access(app: App, said: Said, by: Caller) -> AccessRow:
    """Keep that somebody reaches a system, or does not. It takes the role responder; for others, admin."""
    allow(by.role, "responder", "say what they reach")
    people = app.settings.directory.people
    person = slug(said.person or by.name)
    if person not in people:
        known = ", ".join(people) or "nobody"
        raise NotFound(f"{said.person or by.name!r} is nobody under [people].", f"Known: {known}.")
    if person != slug(by.name) and by.role != "admin":
        raise Denied("Everybody says for themselves what they reach.", "An admin may say it for others.")
    book, item = _item(app, said.system)
    note = discretion.said(app, " ".join(said.note.split()))
    now = app.clock.now()
    check = AccessCheck(person=person, system=item.system, at=now, ok=said.ok, note=note, said_by=by.name)

    def write(tx: Tx) -> _Known:
        readying.say(tx, check)
        tx.after_commit(app.bell.show)
        return _known(app, tx)

    return _row(app.db.write(write), book, item, [person], now)


def responders(app: App) -> tuple[str, ...]:
    """Everybody who would be called within the next four weeks, as ids."""
    known = duty.directory_now(app)
    found = outlooks(app.books, known, app.settings.calendar, app.clock.now(), timedelta(weeks=WEEKS))
    return tuple(name for name in readiness.called_people(found) if name in known.people)


def ways_of(app: App) -> dict[str, list[WayState]]:
    """How each way to each person works."""
    found: dict[str, list[WayState]] = {}
    for each in deliveries.known(app):
        found.setdefault(each.person, []).append(_way(each))
    return found


def zone_of(app: App) -> str:
    """The zone in which hours are shown: that of the team's calendar, else of its first schedule."""
    first = next(iter(app.settings.directory.schedules.values()), None)
    return app.settings.calendar.zone if app.settings.calendar else first.zone if first else "UTC"


def _known(app: App, tx: Tx) -> _Known:
    return _Known(
        duty.directory(app, tx),
        readying.said(tx),
        readying.targets(tx),
        readying.drilled(tx),
        workers.present(tx, app.clock.now() - UNHEARD),
    )


def _way(each: MethodView) -> WayState:
    return WayState(
        via=each.via, verified_at=each.verified_at, ok_at=each.ok_at, failed_at=each.failed_at, error=each.error,
        woken=each.via not in WAKES_NOBODY,
    )  # fmt: skip


def _state(each: AccessCheck) -> AccessState:
    return AccessState(
        person=each.person, system=each.system, at=each.at, ok=each.ok, note=each.note, ok_at=each.ok_at
    )  # fmt: skip


def _unfilled(app: App, known: Directory) -> Iterator[Finding]:
    """Contacts that the document leaves open; where the role is bound, pages reach it all the same."""
    for book in app.books:
        lines = decode(app.raw.get(book.digest, b"")).text.split("\n")
        roles = {contact.line: contact.role for contact in book.contacts}
        for problem in unfilled_contacts(Subject(book=book, lines=tuple(lines))):
            bound = known.bound(roles.get(problem.line)) is not None
            said = problem.message
            if bound:
                said = said.removesuffix(".").removesuffix(_NOBODY)
                said += "; its role is bound in tocsin.toml, so pages go there."
            yield Finding(
                level="note" if bound else problem.level, code=problem.code, message=said,
                hint=problem.hint, source=book.source, line=problem.line,
            )  # fmt: skip


def met(app: App) -> bool:
    """Whether people have a place to meet: a war room's address, or a chat in which incidents have a channel."""
    return bool(app.settings.war_room or app.settings.chats)


def _of_targets(app: App, known: _Known, now: datetime) -> Iterator[Finding]:
    """Targets that did not answer, programs that are not there, and targets that nobody has looked at lately."""
    names = {place.target.name for place in app.settings.places}
    by_target = {name: [each for each in known.targets if each.target == name] for name in names}
    for place in app.settings.places:
        target, mine = place.target.name, by_target[place.target.name]
        hint = "Mend it, then look again: `tocsin check --people --targets`."
        silent = next((each for each in mine if not each.ok and each.subject == targetchecks.REACH), None)
        lacks = [each.subject for each in mine if not each.ok and each.subject != targetchecks.REACH]
        if silent is not None:
            message = f"The target {target} does not answer{f': {silent.detail}' if silent.detail else ''}."
            yield Finding(level="error", code="target", message=message, hint=hint)
        elif lacks:
            message = f"The target {target} lacks {readiness.listed(lacks)}."
            yield Finding(level="error", code="missing-program", message=message, hint=hint)
        theirs = targetchecks.others_look(app, place)
        labels = frozenset(place.target.labels)
        if theirs and not any(each.carries(labels) for each in known.workers):
            message = f"No worker carries out the target {target}, whose labels are {', '.join(sorted(labels))}."
            start = f"Start one where it is reached: `tocsin work --labels {','.join(sorted(labels))}`."
            yield Finding(level="error", code="no-worker", message=message, hint=start)
            continue
        if not theirs and not targetchecks.looked_at(app, place):
            continue
        if not mine or now - max(each.at for each in mine) > STALE:
            yield Finding(
                level="note", code="target-unchecked",
                message=f"Nobody has looked lately whether the target {target} answers and has its programs.",
                hint="`tocsin check --people --targets` looks, or asks its worker; a server does it once a day.",
            )  # fmt: skip


def _variables(app: App) -> Iterator[Finding]:
    """Credentials that a target hands to commands and that nobody has set."""
    for place in app.settings.places:
        if place.target.labels and not targetchecks.looked_at(app, place):
            continue  # its worker has an environment of its own
        for name in place.target.env_names:
            if not app.environ.get(name):
                message = f"${name} has no value, and the target {place.target.name} hands it to commands."
                yield Finding(level="error", code="unset-variable", message=message, hint="Set it where Tocsin runs.")


def _rows(app: App, known: _Known, called: Sequence[str], now: datetime) -> Iterator[AccessRow]:
    for book in app.books:
        for item in book.access:
            yield _row(known, book, item, called, now)


def _row(known: _Known, book: Runbook, item: Access, called: Sequence[str], now: datetime) -> AccessRow:
    said = {each.person: each for each in known.said if each.system == item.system}
    cells = [_cell(known.directory, name, said.get(name), now) for name in called]
    return AccessRow(
        system=item.system, what=item.what, kind=item.kind, source=book.source, line=item.line, cells=tuple(cells)
    )


def _cell(known: Directory, person: str, said: AccessCheck | None, now: datetime) -> AccessCell:
    cell = AccessCell(person=person, name=known.name_of(person), state="unsaid")
    if said is None:
        return cell
    state = "refused" if not said.ok else "old" if now - said.at > readiness.ACCESS_LASTS else "reached"
    return replace(cell, state=state, at=said.at, ok_at=said.ok_at, note=said.note, said_by=said.said_by)


def _item(app: App, system: str) -> tuple[Runbook, Access]:
    """The one thing of the lists that is meant. Raises `NotFound` with those that there are."""
    every = [(book, item) for book in app.books for item in book.access]
    wanted = slug(system)
    exact = [each for each in every if each[1].system == wanted]
    near = exact or [each for each in every if wanted and f"-{wanted}-" in f"-{slug(each[1].what)}-"]
    if len({item.system for _, item in near}) != 1:
        names = ", ".join(dict.fromkeys(item.system for _, item in every)) or "none: no runbook lists its access"
        raise NotFound(f"{system[:60]!r} is not one system of a runbook's list of access.", f"Known: {names}.")
    return near[0]
