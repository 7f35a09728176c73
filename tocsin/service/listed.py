"""Where action items are listed: the table over all incidents, and the one in the post-mortem. Copies of timelines."""

from __future__ import annotations

from dataclasses import replace

from tocsin.app import App
from tocsin.core.actiontable import refreshed
from tocsin.core.facts import ENGINE
from tocsin.core.incident import Incident
from tocsin.store import library
from tocsin.store.db import Tx


def keep(app: App, tx: Tx, before: Incident | None, after: Incident) -> None:
    """Keep both tables of action items in step with an incident's timeline; in the transaction of the entry."""
    was = before.learning.actions if before else {}
    if was is after.learning.actions:
        return
    for name, item in after.learning.actions.items():
        if was.get(name) != item:
            library.put_action(
                tx,
                library.Action(
                    id=name, incident=after.id, text=item.text, owner=item.owner, due_at=item.due_at, state=item.state,
                    line=item.line, created_at=item.added_at,
                ),
            )  # fmt: skip
    _in_text(app, tx, after)


def _in_text(app: App, tx: Tx, after: Incident) -> None:
    """Write the table anew where the items changed and somebody has edited the text; a draft follows by itself.

    Who wrote the text stays its author: whoever closes an item may still be the one who reads it.
    """
    known = library.review(tx, after.id)
    if known is None or known.updated_by == ENGINE.name:
        return
    text = refreshed(known.text, after.learning.actions, app.settings.directory)
    if text != known.text:
        library.write_review(tx, replace(known, text=text, version=known.version + 1, updated_at=app.clock.now()))
