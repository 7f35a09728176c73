"""What was left open at the closing, in the post-mortem: also where people have edited that text."""

from __future__ import annotations

import re
from dataclasses import replace

from tocsin.app import App
from tocsin.core.closingtext import body_of
from tocsin.core.facts import ENGINE, Actor
from tocsin.core.incident import Incident
from tocsin.service import discretion
from tocsin.store import library
from tocsin.store.db import Tx

TITLE = "## Left open"
_SECTION = re.compile(r"^## Left open\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def into_review(app: App, tx: Tx, incident: Incident, by: Actor) -> None:
    """Write the reason into a post-mortem that somebody has edited; a draft takes it in by itself."""
    known, said = library.review(tx, incident.id), body_of(incident)
    if known is None or known.updated_by == ENGINE.name or not said:
        return
    section = f"{TITLE}\n\n{discretion.said(app, said)}\n"
    old = _SECTION.search(known.text)
    rest = known.text[: old.start()] + known.text[old.end() :] if old else known.text
    text = f"{rest.rstrip()}\n\n{section}"
    new = replace(known, text=text, version=known.version + 1, updated_at=app.clock.now(), updated_by=by.name)
    library.write_review(tx, new)
