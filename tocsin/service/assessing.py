"""Assess an incident: the document's questions with their answers, the rules that fit them, the people affected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Annotated, Any

from msgspec import Meta

from tocsin.app import App
from tocsin.core import assessing, moves
from tocsin.core.assessing import Asked, Word
from tocsin.core.calendar import Calendar
from tocsin.core.context import Affected, Near, affected
from tocsin.core.docrules import DocRule
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.moves import Facts
from tocsin.core.questions import users_in
from tocsin.core.runbook import Runbook
from tocsin.core.schedules import instant
from tocsin.errors import Invalid, TocsinError
from tocsin.ids import slug
from tocsin.service import context, duty, respond
from tocsin.service.act import find
from tocsin.service.books import whole_book
from tocsin.service.commit import commit
from tocsin.service.learning import moment_of
from tocsin.service.respond import Name, Words
from tocsin.service.views import SignalView
from tocsin.store import signals
from tocsin.store.db import Tx
from tocsin.times import from_micros, parse_duration

MOST_ROWS = 12
BEFORE = timedelta(minutes=30)
"""So much before the beginning the number of users affected is shown."""
_COUNTS = ("affected users", "share of users")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Answers to questions of the document, by their line, their id or words that only one has.

    ``words`` are said behind an answer. ``rules`` are carried out where the answers then speak of them.
    """

    answers: Annotated[dict[str, Words], Meta(description="a question's line or words, and the answer to it")] = field(
        default_factory=dict
    )
    words: dict[str, Words] = field(default_factory=dict)
    rules: tuple[Name, ...] = ()
    shown: Annotated[
        dict[str, Words],
        Meta(description="a question and the answer that stood there when you looked; so it is not said"),
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A sentence of the document that the answers speak of, by its line."""

    rule: Annotated[Name, Meta(description="the rule's line or id, as the assessment shows it")]
    why: Words = ""
    to: Annotated[Name, Meta(description="whom to call, where the document names nobody there")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """How many users are affected, of how many; or which share of them."""

    users: Annotated[Name, Meta(description="how many users: 340, 340 of 12,000, or 2.8 %")]
    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """When the trouble began."""

    at: Annotated[
        Name, Meta(description="when: 2026-03-05T13:20 or 13:20 in the team's time zone, or for how long: 25m")
    ]
    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What is known of how bad an incident is. ``rules`` wait for somebody to have them carried out.

    ``affected``: how many users, the oldest first; ``measured``: the same as a signal tells it. ``nearest``: the last
    change before the beginning.
    """

    incident: str
    severity: str
    questions: tuple[Asked, ...] = ()
    rules: tuple[DocRule, ...] = ()
    affected: tuple[Affected, ...] = ()
    measured: SignalView | None = None
    began_at: datetime | None = None
    began_by: str = ""
    nearest: Near | None = None
    changes: tuple[Near, ...] = ()
    private: bool = False


def assessment(app: App, ref: str) -> Assessment:
    """What is known of an incident. Raises `NotFound`."""
    incident = respond.exists(app, ref)

    def read(tx: Tx) -> Assessment:
        now, book = app.clock.now(), whole_book(app, tx, incident)
        near, _ = context.changes_near(tx, incident, now, context.SHOWN)
        measured = _measured(app, tx, incident, now)
        return Assessment(
            incident=incident.id, severity=incident.severity, questions=assessing.asked(incident, book),
            rules=tuple(assessing.followable(incident, book)), affected=_over_time(incident, measured),
            measured=measured, began_at=incident.began_at, began_by=incident.assessment.began_by,
            nearest=next((each for each in near if each.nearest), None), changes=near, private=incident.team.private,
        )  # fmt: skip

    return app.db.read(read)


def answer_questions(app: App, ref: str, request: Answers, by: Actor) -> Incident:
    """Answer the document's questions; rules of the document that are named act where the answers speak of them."""
    given = {name: _joined(text, request.words.get(name, "")) for name, text in request.answers.items()}
    given |= {name: text for name, text in request.words.items() if name not in given}
    given = {name: text for name, text in given.items() if text != request.shown.get(name)}
    now = app.clock.now()
    word = Word(by=by, now=now, directory=duty.directory_now(app))

    def write(tx: Tx) -> Incident:
        incident, book = find(app, tx, ref)
        new = [*assessing.answer(incident, book, given), *_began(incident, book, given, now)]
        incident = commit(app, tx, incident, new, by)
        for name in dict.fromkeys(request.rules):
            rule = next((each for each in assessing.followable(incident, book) if each.id == name), None)
            if rule is not None:
                incident = commit(app, tx, incident, assessing.follow(incident, rule, word), by)
        return incident

    return app.db.write(write)


def follow_rule(app: App, ref: str, request: Rule, by: Actor) -> Incident:
    """Carry out a rule of the document that the answers speak of: a call, a severity, who may see it."""
    word = Word(by=by, now=app.clock.now(), directory=duty.directory_now(app), why=request.why, to=request.to)

    def decide(incident: Incident, book: Runbook) -> Facts:
        return assessing.follow(incident, assessing.rule_named(incident, book, request.rule), word)

    return respond.move(app, ref, by, decide)


def count_affected(app: App, ref: str, request: Number, by: Actor) -> Incident:
    """Say how many users are affected, as a number, a number of all, or a share."""

    def decide(incident: Incident, _: Runbook) -> Facts:
        users = users_in(request.users)
        if users is None:
            raise Invalid(f"{request.users[:60]!r} is no number of users.", "Write 340, 340 of 12,000, or 2.8 %.")
        return assessing.count_affected(incident, users, request.why)

    return respond.move(app, ref, by, decide)


def set_beginning(app: App, ref: str, request: Beginning, by: Actor) -> Incident:
    """Say when the trouble began; changes are shown with their distance to that moment."""
    now = app.clock.now()

    def decide(incident: Incident, _: Runbook) -> Facts:
        at = beginning(request.at, incident.clocks.timetable.calendar, now)
        return assessing.set_beginning(incident, at, request.why, now)

    return respond.move(app, ref, by, decide)


Earlier = Annotated[
    Name,
    Meta(description="when it happened, if earlier: 13:20 in the team's time zone, a moment, or how long ago: 25m"),
]


def note(app: App, ref: str, text: str, at: str, by: Actor) -> Incident:
    """Write something down, of an earlier moment where one is named. Raises `Invalid` for one that is not over."""
    now = app.clock.now()

    def decide(incident: Incident, _: Runbook) -> Facts:
        happened = beginning(at, incident.clocks.timetable.calendar, now) if at.strip() else None
        if happened is not None and happened > now:
            raise Invalid("A note is of a moment that is over.", "Write for example 14:02, or 10m ago.")
        return moves.note(incident, text, happened)

    return respond.move(app, ref, by, decide)


def beginning(text: str, calendar: Calendar, now: datetime) -> datetime:
    """A moment that has passed: as `moment_of` reads it, as a time of this day (or the last), or as a span ago."""
    words = text.strip()
    try:
        clock = time.fromisoformat(words) if ":" in words and "-" not in words else None
    except ValueError:
        clock = None
    if clock is not None and clock.tzinfo is None:
        at = instant(datetime.combine(calendar.day_of(now), clock), calendar.zone)
        return at if at <= now else at - timedelta(days=1)
    ago = words.removesuffix("ago").strip()
    try:
        return now - parse_duration(ago)
    except (ValueError, OverflowError):
        return moment_of(words, calendar)


def _began(incident: Incident, book: Runbook, given: Mapping[str, str], now: datetime) -> Facts:
    """The beginning, where a question asks for it and its answer is a moment; any other words are only kept."""
    found: Facts = []
    for name, text in given.items():
        if text.strip() and assessing.find(book, name).kind == "beginning":
            try:
                at = beginning(text, incident.clocks.timetable.calendar, now)
                found += assessing.set_beginning(incident, at, "", now)
            except TocsinError:
                continue
    return found[-1:]


def _joined(answer: str, words: str) -> str:
    return ", ".join(part for part in (answer.strip(), words.strip()) if part)


def _measured(app: App, tx: Tx, incident: Incident, now: datetime) -> SignalView | None:
    """The signal that counts users affected, from before the beginning until the end."""
    since, until = incident.began_at - BEFORE, min(incident.resolved_at or now, now)
    for what in _COUNTS:
        for signal in app.settings.signals:
            if signal.counts != what:
                continue
            points = signals.window(tx, slug(signal.metric), since, until)
            if points:
                return SignalView(
                    metric=signal.metric, unit="%" if what == "share of users" else "users",
                    points=tuple((at.timestamp(), value) for at, value in points), value=points[-1][1],
                    threshold=None, goal=None, bad=False,
                )  # fmt: skip
    return None


def _over_time(incident: Incident, measured: SignalView | None) -> tuple[Affected, ...]:
    """What people said; of a signal the first, the highest and the last value."""
    said = [affected(each.count, each.of, each.share, each.at) for each in incident.assessment.counts]
    if measured is not None and measured.points:
        points = (measured.points[0], max(measured.points, key=lambda point: point[1]), measured.points[-1])
        for at, value in dict.fromkeys(points):
            of_users = measured.unit == "users"
            told = affected(value if of_users else None, None, None if of_users else value, None)
            said.append(replace(told, at=from_micros(round(at * 1_000_000))) if told else None)
    known = sorted((each for each in said if each is not None and each.at is not None), key=_moment)
    return tuple(known[-MOST_ROWS:])


def _moment(one: Affected) -> float:
    return one.at.timestamp() if one.at else 0.0


MOVES: Mapping[str, tuple[str, type[Any], Callable[..., Incident]]] = {
    "answer_questions": ("responder", Answers, answer_questions),
    "follow_rule": ("responder", Rule, follow_rule),
    "count_affected": ("responder", Number, count_affected),
    "set_beginning": ("responder", Beginning, set_beginning),
}
"""Name of a move → the least role, what it needs, what it does: for `tocsin.service.catalogue`."""
