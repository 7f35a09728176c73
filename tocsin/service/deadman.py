"""Who notices that alerts don't come through: a word that leaves the machine, and an alert that must keep arriving.

While intake, clocks and notices are well, an address outside is told so (``[deadman] url``); when that ceases, whoever
watches there calls. And where ``[deadman] expect`` names an alert that always fires, its silence is an incident here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.core.routing import OURSELVES
from tocsin.errors import TocsinError
from tocsin.ids import fingerprint
from tocsin.service import claiming, discretion
from tocsin.service.ingest import receive
from tocsin.settings import Settings
from tocsin.store import alerts as alert_store
from tocsin.store import heartbeats, outbox, signals, waking
from tocsin.store.db import Tx
from tocsin.times import say_duration
from tocsin.wire import decode, encode_text

SILENT = "DeadMansSwitch"
"""The name of the alert that says that the expected one has ceased."""
OVERDUE = timedelta(minutes=2)
TIMEOUT = timedelta(seconds=10)
MISSED = 3
"""So many times in a row nothing left, and it is said."""
_LEFT, _HEARD, _KEPT_BACK = "tocsin/left", "tocsin/expected", "tocsin/deadman"
"""Names that no heartbeat of anybody else can have: they hold a slash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the dead man's switch stands. ``problems``: sentences; none while all is well, or where none is set up."""

    watcher: str = ""
    left_at: datetime | None = None
    kept_back: str = ""
    expects: str = ""
    heard_at: datetime | None = None
    problems: tuple[str, ...] = ()


def overdue(app: App) -> list[str]:
    """What of intake, clocks and notices should have happened by now and has not, each as a sentence."""
    now = app.clock.now()

    def read(tx: Tx) -> list[str]:
        due = {
            "alerts that wait to be merged": claiming.backlog(app, tx)[1],
            "notices that wait to be sent": outbox.backlog(tx, now)[1],
            "clocks of incidents": next((at for _, at in waking.overdue(tx, now, 1)), None),
        }
        late = {what: now - since for what, since in due.items() if since is not None and now - since > OVERDUE}
        return [f"Of {what} the oldest is late by {say_duration(span)}." for what, span in late.items()]

    return app.db.read(read)


def leave(app: App, problems: Sequence[str]) -> str:
    """Tell the watcher outside that all is well; why not otherwise. With problems nothing leaves: that is the point."""
    terms = app.settings.deadman
    if not terms.url:
        return ""
    why = " ".join(problems) or _ask(app)
    now = app.clock.now()

    def write(tx: Tx) -> None:
        if why:
            signals.put_watch(tx, _KEPT_BACK, encode_text(why), now)
        else:
            heartbeats.put(tx, _LEFT, now)
            signals.drop_watch(tx, _KEPT_BACK)

    app.db.write(write)
    return why


def _ask(app: App) -> str:
    from tocsin.plug.web import NoAnswer, fetch

    terms = app.settings.deadman
    try:
        answer = fetch(terms.url, TIMEOUT, method="POST", allow=terms.allow, max_bytes=0)
    except NoAnswer as error:
        return discretion.said(app, f"{error.message} {error.hint}".strip())
    return "" if 200 <= answer.status < 300 else f"{_host(terms.url)} answers {answer.status}."


def expect(app: App, since: datetime) -> bool:
    """Tell of an expected alert that has ceased, or is heard again; whether there was anything to tell.

    ``since`` is when this node began: what could not be heard before then does not count as silence.
    """
    terms, now = app.settings.deadman, app.clock.now()
    if not terms.expect:
        return False
    heard = _hear(app, terms.expect)
    alert = app.db.read(lambda tx: alert_store.get(tx, fingerprint(labels(terms.expect))))
    told = alert is not None and alert.status == "firing"
    late = now - max(heard or since, since) >= terms.within
    if told is late or (told and alert is not None and (heard is None or heard <= alert.starts_at)):
        return False

    def write(tx: Tx) -> None:
        receive(app, tx, OURSELVES, [_alert(terms.expect, late, terms.within, heard, now)])

    if app.db.read(lambda tx: claiming.backlog(app, tx))[0]:
        return False  # what it waits for may be among what is not merged yet
    app.db.write(write)
    return True


def due(app: App, since: datetime) -> datetime | None:
    """When an expected alert will have been silent for too long."""
    terms = app.settings.deadman
    heard = app.db.read(lambda tx: heartbeats.last(tx, _HEARD))
    return max(heard or since, since) + terms.within if terms.expect else None


def labels(expected: str) -> Mapping[str, str]:
    """The labels of the alert that says that the expected one has ceased."""
    return {"alertname": SILENT, "expected": expected}


def standing(app: App) -> Standing:
    """How the dead man's switch stands now."""
    return app.db.read(lambda tx: standing_of(app.settings, tx, app.clock.now()))


def standing_of(settings: Settings, tx: Tx, now: datetime) -> Standing:
    """`standing`, also for who opens the database beside a server."""
    terms = settings.deadman
    left, heard = heartbeats.last(tx, _LEFT), heartbeats.last(tx, _HEARD)
    kept = signals.watch(tx, _KEPT_BACK)
    why, problems = decode(str, kept) if kept else "", []
    if terms.url and (left is None or now - left > MISSED * terms.every + TIMEOUT):
        ago = f"for {say_duration(now - left)}" if left else "yet"
        problems.append(f"{_host(terms.url)} has not been told that Tocsin is well {ago}. {why}".strip())
    if terms.expect and (heard is None or now - heard > terms.within):
        ago = f"for {say_duration(now - heard)}" if heard else "yet"
        problems.append(f"The alert {terms.expect}, which always fires, has not been heard of {ago}.")
    return Standing(
        watcher=_host(terms.url) if terms.url else "",
        left_at=left,
        kept_back=why,
        expects=terms.expect,
        heard_at=heard,
        problems=tuple(problems),
    )


def _hear(app: App, name: str) -> datetime | None:
    """When the expected alert was last heard of; kept, because its row says nothing of it when it has ended."""
    found, known = app.db.read(lambda tx: (alert_store.last_heard(tx, name), heartbeats.last(tx, _HEARD)))
    if found is not None and (known is None or found > known):
        app.db.write(lambda tx: heartbeats.put(tx, _HEARD, found))
        return found
    return known


def _alert(expected: str, late: bool, within: timedelta, heard: datetime | None, now: datetime) -> Alert:
    ago = f"for {say_duration(now - heard)}" if heard else f"for {say_duration(within)}"
    summary = f"{expected} is heard again"
    if late:
        summary = f"{expected}, which always fires, has not been heard of {ago}: alerts may not reach Tocsin at all"
    return Alert(
        source=OURSELVES, labels=labels(expected), annotations={"summary": summary},
        status="firing" if late else "resolved", starts_at=now, ends_at=None if late else now, updated_at=now,
    )  # fmt: skip


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "the watcher"
    except ValueError:
        return "the watcher"


def problems_of(app: App, engine: Sequence[str]) -> list[str]:
    """What keeps the word from leaving: what the engine says of itself, and what is overdue."""
    try:
        return [*engine, *app.late, *overdue(app)]
    except TocsinError as error:
        return [*engine, error.message]
