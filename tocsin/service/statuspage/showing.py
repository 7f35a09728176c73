"""What the page says now: everything public in one reading, and what the thresholds do to components."""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.core.routing import OURSELVES
from tocsin.core.statuspage.history import DAYS
from tocsin.core.statuspage.model import Page, Public, State
from tocsin.core.statuspage.proposing import speaks_of
from tocsin.errors import NotFound
from tocsin.settings.statuspage import StatusPage
from tocsin.store import statuspage as store
from tocsin.store.db import Tx

SHOWN = timedelta(days=DAYS + 1)
MOST_REPORTS = 1000


def configured(app: App) -> StatusPage:
    """The status page of the configuration. Raises `NotFound` where there is none."""
    if app.settings.status is None:
        raise NotFound("There is no status page.", "Write [status] with a name into tocsin.toml.")
    return app.settings.status


def public(app: App) -> Public:
    """All that the public may know now."""
    page = configured(app).page
    return app.db.read(lambda tx: public_of(page, tx, app.clock.now()))


def public_of(page: Page, tx: Tx, now: datetime) -> Public:
    """`public`, in a transaction of the caller's."""
    spans, lasting = store.followed(tx, now - SHOWN, now)
    return Public(
        page=page,
        reports=store.reports(tx, now - SHOWN, MOST_REPORTS),
        followed=spans,
        following=lasting,
        known=store.known(tx),
    )


def look(app: App) -> bool:
    """Keep what time does to the page: since when components are known, and what crossed thresholds say of some.

    Whether anything was new. Nothing is written where nothing is.
    """
    if app.settings.status is None:
        return False
    components, now = app.settings.status.page.components, app.clock.now()

    def read(tx: Tx) -> tuple[list[str], dict[str, State]]:
        known = store.known(tx)
        labels = store.crossed(tx, OURSELVES, now) if any(each.follow != "operational" for each in components) else []
        metrics = {each.get("metric", "") for each in labels}
        _, lasting = store.followed(tx, now, now)
        wanted: dict[str, State] = {
            each.id: each.follow
            if any(speaks_of(name, metric) for name in each.signals for metric in metrics)
            else "operational"
            for each in components
        }
        changed = {name: state for name, state in wanted.items() if state != lasting.get(name, "operational")}
        changed |= {name: "operational" for name in lasting if name not in wanted}
        return [each.id for each in components if each.id not in known], changed

    new, changed = app.db.read(read)
    if not new and not changed:
        return False

    def write(tx: Tx) -> None:
        store.know(tx, new, now)
        for name, state in changed.items():
            store.follow(tx, name, state, now)
        tx.after_commit(app.bell.show)

    app.db.write(write)
    return True
