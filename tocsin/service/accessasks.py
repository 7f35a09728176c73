"""Once a month, in business hours, everybody who would be called is asked to try what they must reach."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from tocsin.app import App
from tocsin.core.calendar import Calendar
from tocsin.core.notices import Notice
from tocsin.core.oncall import Person
from tocsin.core.runbook import Access
from tocsin.core.ways import FALLBACK, Way
from tocsin.ids import new_id
from tocsin.plug.kinds import reaches
from tocsin.service import notifying, readiness
from tocsin.store import readying
from tocsin.store.db import Tx
from tocsin.store.readying import AccessCheck

EVERY = timedelta(days=30)
_QUIET_FIRST = ("email", "chat")
"""Kinds of ways that ring no telephone: nobody is called for a question that has time."""


def ask_due(app: App) -> tuple[str, ...]:
    """Ask those whose turn it is, each once over all nodes; their ids. Outside of business hours nobody is asked.

    That somebody was asked and the message to them are one transaction; workers send it as every other.
    """
    now = app.clock.now()
    calendar = app.settings.calendar or Calendar(zone=readiness.zone_of(app))
    if not any(book.access for book in app.books) or not calendar.is_open(now):
        return ()
    said, asked = app.db.read(lambda tx: (readying.said(tx), readying.asked(tx)))
    told = []
    for name in readiness.responders(app):
        open_ones = _open(app, [each for each in said if each.person == name], now)
        if not open_ones or now - asked.get(name, now - EVERY) < EVERY:
            continue
        if app.db.write(partial(_ask, app, app.settings.directory.people[name], open_ones, now)):
            told.append(name)
    return tuple(told)


def _ask(app: App, person: Person, items: list[Access], now: datetime, tx: Tx) -> bool:
    if not readying.ask(tx, person.id, now, now - EVERY):
        return False
    notifying.put_word(app, tx, _notice(app, person, items, now), _ways(app, person), now)
    return True


def _ways(app: App, person: Person) -> tuple[Way, ...]:
    """Those that ring no telephone first; each further one only where the one before it takes nothing."""
    ways = sorted(
        person.notify or FALLBACK,
        key=lambda via: via not in app.settings.notifiers or reaches(app.settings.notifiers[via]) not in _QUIET_FIRST,
    )
    return tuple(Way(via=via, after=None if place else timedelta(0)) for place, via in enumerate(ways))


def _open(app: App, said: list[AccessCheck], now: datetime) -> list[Access]:
    """What somebody has not said within a month that they reach."""
    well = {each.system for each in said if each.ok and now - each.at < EVERY}
    every = {item.system: item for book in app.books for item in book.access}
    return [item for system, item in every.items() if system not in well]


def _notice(app: App, person: Person, items: list[Access], now: datetime) -> Notice:
    url = f"{app.settings.base_url}/readiness#access" if app.settings.base_url else ""
    where = f"Then say so at {url}" if url else f"Then say so: tocsin people access {person.id} --system NAME --ok"
    listed = "\n".join(f"- {item.what} ({item.system})" for item in items)
    body = f"You would be called when something breaks. Please try now whether you reach these:\n{listed}\n\n{where}"
    return Notice(
        id=new_id("access", now), incident="", kind="inform", to=person.id,
        why="everybody who would be called is asked monthly",
        subject="Tocsin: can you still reach everything?", body=body, url=url,
    )  # fmt: skip
