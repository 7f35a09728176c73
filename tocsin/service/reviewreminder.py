"""Who owns a runbook hears that its review is due: once when it is, then once a week until it is done."""

from __future__ import annotations

from datetime import timedelta

from tocsin import wire
from tocsin.app import App
from tocsin.core.notices import Notice
from tocsin.core.reviewclock import Reviewed
from tocsin.core.runbook import Runbook
from tocsin.ids import slug
from tocsin.service import notifying
from tocsin.service.bookhealth import review_of
from tocsin.store import bookuse, heartbeats, outbox
from tocsin.store.db import Tx

AGAIN = timedelta(days=7)
OWNERS = ("runbook owner", "owner", "incident commander", "team lead", "on-call engineer", "on-call")
"""Who is told where ``[review] owner`` says nobody: the first of these roles that somebody fills."""


def remind(app: App) -> int:
    """Tell whoever is to be told; of how many runbooks. Called now and then, by any node: each is told of once."""
    return sum(_remind(app, book) for book in app.books)


def _remind(app: App, book: Runbook) -> bool:
    now = app.clock.now()
    state = app.db.read(lambda tx: review_of(tx, book, now, bookuse.read_since(tx, book.source)[0]))
    owner = owner_of(app)
    if not state.overdue or state.due is None or owner is None:
        return False
    name = f"tocsin/review/{slug(book.source)}"

    def write(tx: Tx) -> bool:
        last = heartbeats.last(tx, name)
        if last is not None and now - last < AGAIN:
            return False
        heartbeats.put(tx, name, now)
        notice = _notice(app, book, state, owner, f"{now:%Y-%m-%d}")
        body = wire.encode_text(notice)
        for place, way in enumerate(notifying.ways_of(app.settings, notice, now)):
            outbox.put(
                tx,
                outbox.Effect(
                    id=notice.id if place == 0 else f"{notice.id}+{place}", kind="notify", incident="", body=body,
                    due_at=now, created_at=now, state="due" if place == 0 else "spare", notice=notice.id,
                    person=owner, via=way.via, place=place, urgency=notifying.WORD, why=notice.why,
                ),
            )  # fmt: skip
        tx.after_commit(app.bell.ring)
        return True

    return app.db.write(write)


def owner_of(app: App) -> str | None:
    """Who is told of a runbook's review; None where nobody fills any of the roles that could be."""
    directory, now = app.settings.directory, app.clock.now()
    wanted = (app.settings.reviewing.owner, *OWNERS) if app.settings.reviewing.owner else OWNERS
    found = (directory.find(role, now) for role in wanted)
    return next((person.id for person in found if person is not None), None)


def _notice(app: App, book: Runbook, state: Reviewed, owner: str, day: str) -> Notice:
    url = f"{app.settings.base_url}/health/{book.digest.removeprefix('sha256:')}" if app.settings.base_url else ""
    when = "on occasions that it lists" if state.from_what.startswith("“") else f"every {state.every or 'so often'}"
    why = f"the document is to be read again {when} (line {state.line}; {state.from_what})"
    body = "\n".join([
        f"The review of {book.title} was due {state.due}.", f"Why you are told: {why}",
        "`tocsin runbook health` shows how it was used, `tocsin runbook learn` what it should learn.", "", url,
    ])  # fmt: skip
    return Notice(
        id=f"review/{slug(book.source)}/{day}/{owner}", incident="", kind="inform", to=owner, why=why,
        subject=f"Review due: {book.title}", body=body.rstrip(), url=url,
    )  # fmt: skip
