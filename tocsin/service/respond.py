"""What people do to an incident, each one transaction. The catalogue of moves gives these to every door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from msgspec import Meta

from tocsin.app import App
from tocsin.core import moves
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.moves import Facts
from tocsin.core.privacy import MOST_NAMED, names_of
from tocsin.core.runbook import Runbook, Scenario
from tocsin.core.triggers import trigger_in, why_of
from tocsin.errors import Invalid, NotFound, Refused
from tocsin.service import actions
from tocsin.service.act import find
from tocsin.service.commit import commit
from tocsin.service.ingest import begin, declare, default_severity
from tocsin.store import alerts, incidents
from tocsin.store.db import Tx

Words = Annotated[str, Meta(max_length=20_000)]
Name = Annotated[str, Meta(max_length=300)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What it takes to declare an incident by hand."""

    title: Name = ""
    severity: Name = ""
    scenario: Name = ""
    runbook: Name = ""
    why: Words = ""
    drill: bool = False
    private: bool = False
    people: Annotated[Words, Meta(description="who sees it, beside you, where it is private; divided by commas")] = ""


def move(app: App, ref: str, by: Actor, decide: Callable[[Incident, Runbook], Facts]) -> Incident:
    """Load the incident, decide, commit."""

    def write(tx: Tx) -> Incident:
        incident, runbook = find(app, tx, ref)
        return commit(app, tx, incident, decide(incident, runbook), by)

    return app.db.write(write)


def declare_by_hand(app: App, wanted: Declaration, by: Actor) -> Incident:
    """Begin an incident without an alert."""
    book = find_book(app, wanted.runbook)
    chosen = find_scenario(book, wanted.scenario) if wanted.scenario else None
    stated = wanted.severity or (chosen.severity if chosen else None)
    trigger = None if stated else trigger_in(wanted.title, book.triggers)
    listed = f"; {why_of(trigger)}" if trigger else ""
    opening = moves.Opening(
        number=0,
        title=wanted.title or (chosen.title if chosen else ""),
        severity=stated or (trigger.severity if trigger else "") or default_severity(app, book),
        why=(wanted.why or f"declared by {by.name}") + listed,
        scenario=chosen,
        source=by.name,
        drill=wanted.drill,
        private=wanted.private,
        named=_named(wanted),
    )

    def write(tx: Tx) -> Incident:
        return begin(app, tx, declare(app, tx, book, opening, by), book)

    return app.db.write(write)


def _named(wanted: Declaration) -> tuple[str, ...]:
    """Who sees it from the start. Raises `Invalid` where people are named and nothing says that it is private."""
    named = names_of(wanted.people)
    if named and not wanted.private:
        raise Invalid("People are named, but the incident would be seen by everybody.", "Say that it is private, too.")
    if len(named) > MOST_NAMED:
        raise Invalid(f"At most {MOST_NAMED} people can be named.")
    return named


def resolve(app: App, ref: str, summary: str, override: str, by: Actor) -> Incident:
    """End an incident; what its scenario lists as long-term fixes is proposed as action items."""

    def write(tx: Tx) -> Incident:
        incident, runbook = find(app, tx, ref)
        now = app.clock.now()
        unlisted = [
            alert.name
            for alert in alerts.listing(tx, firing_at=now, incident=incident.id)
            if alert.fingerprint not in incident.alerts
        ]
        if unlisted and not override.strip():
            raise Refused(
                f"{incident.id} has not recovered. {len(unlisted)} more alerts fire, {unlisted[0]} for one.",
                "Give a reason to resolve all the same.",
            )
        after = commit(app, tx, incident, moves.resolve(incident, summary, override, now), by)
        return actions.propose(app, tx, after, runbook)

    return app.db.write(write)


def hold(app: App, ref: str, minutes: float, why: str, by: Actor) -> Incident:
    """Let the escalation ladder wait."""
    if not 0 < minutes <= moves.LONGEST_HOLD / timedelta(minutes=1):
        raise Invalid("Escalation can be held for at least a moment and at most 7 days.")
    now = app.clock.now()
    return move(app, ref, by, lambda incident, _: moves.hold(incident, now + timedelta(minutes=minutes), why, now))


def find_book(app: App, name: str) -> Runbook:
    """The runbook with this title or file name; without a name the only one, or the first."""
    if not app.books:
        raise Refused("No runbook is loaded.", "Start with `tocsin up RUNBOOK.md`.")
    if not name:
        return app.books[0]
    book = app.book(name)
    if book is None:
        known = ", ".join(repr(book.title) for book in app.books)
        raise NotFound(f"There is no runbook {name!r}.", f"Loaded: {known}.")
    return book


def find_scenario(book: Runbook, name: str) -> Scenario:
    """A scenario by its id, by words that only one title holds, or by words of a symptom that only one lists."""
    exact = book.scenario(name)
    if exact is not None:
        return exact
    words = " ".join(name.lower().split())
    fitting = [scenario for scenario in book.scenarios if words in scenario.title.lower()]
    if not fitting and words:
        fitting = [part for part in book.scenarios if any(words in each.text.lower() for each in part.symptoms)]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(scenario.id for scenario in book.scenarios) or "none"
    raise NotFound(f"{name!r} names {len(fitting)} scenarios of {book.title!r}.", f"Its scenarios: {known}.")


def exists(app: App, ref: str) -> Incident:
    """An incident, to look at."""
    incident = app.db.read(lambda tx: incidents.load(tx, ref))
    if incident is None:
        raise NotFound(f"There is no incident {ref}.", "`tocsin incident list` shows them.")
    return incident
