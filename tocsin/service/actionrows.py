"""The table of action items in a post-mortem and the items themselves: each follows the other."""

from __future__ import annotations

from typing import Any

from tocsin.app import App
from tocsin.core import facts, learning
from tocsin.core.actiontable import Row, rows_of, say_day, statuses
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.errors import TocsinError
from tocsin.ids import new_id, slug
from tocsin.service import actions
from tocsin.service.commit import commit
from tocsin.store import library
from tocsin.store.db import Tx


def take_over(app: App, tx: Tx, incident: Incident, saved: library.ReviewText, by: Actor) -> library.ReviewText:
    """Make true of the items what people wrote into the table; the text as it stands afterwards."""
    rows = rows_of(saved.text)
    if rows is None:
        return saved
    by_words = {slug(item.text): name for name, item in incident.learning.actions.items()}
    new: list[Any] = []
    for words, row in statuses(rows):
        name = by_words.get(words)
        new += _changed(app, incident, name, row) if name else _added(app, incident, row)
    if not new:
        return saved
    commit(app, tx, incident, new, by)  # which writes the table as it is now
    return library.review(tx, incident.id) or saved


def _added(app: App, incident: Incident, row: Row) -> list[Any]:
    now = app.clock.now()
    item = facts.ActionAdded(
        action=new_id("act", now), text=row.text[: learning.LONGEST_ACTION], owner=actions.person_of(app, row.owner),
        due_at=_due(app, incident, row),
    )  # fmt: skip
    try:
        added: list[Any] = learning.add_action(incident, item)
    except TocsinError:  # the words stay in the text; there are too many items, or the same one
        return []
    return [*added, *([facts.ActionDone(action=item.action, text=item.text)] if row.done else [])]


def _changed(app: App, incident: Incident, name: str, row: Row) -> list[Any]:
    item = incident.learning.actions[name]
    if row.done and item.state == "open":
        return [facts.ActionDone(action=name, text=item.text)]
    if row.dropped and item.state == "open":
        return [facts.ActionDropped(action=name, why="the post-mortem says so", text=item.text)]
    owner = actions.person_of(app, row.owner) or item.owner
    due = item.due_at if row.due is None or say_day(item) == row.due.isoformat() else _due(app, incident, row)
    if item.state != "open" or (owner, due) == (item.owner, item.due_at):
        return []
    return [facts.ActionChanged(action=name, text=item.text, owner=owner, due_at=due)]


def _due(app: App, incident: Incident, row: Row) -> Any:
    """The day of a row; None for one that has passed, which stays in the text alone."""
    try:
        calendar = incident.clocks.timetable.calendar
        return actions.due_of(row.due.isoformat(), app.clock.now(), calendar) if row.due else None
    except TocsinError:
        return None
