"""What was changed: told by people and programs, read from git, noticed of our own files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from tocsin.app import App
from tocsin.core.change import Change
from tocsin.core.context import LOOK_BACK
from tocsin.errors import Invalid, Unread
from tocsin.ids import new_id
from tocsin.plug import gitlog, heard
from tocsin.service import discretion
from tocsin.service.checkout import home_of
from tocsin.store import changes
from tocsin.store.db import Tx

BY_HAND = "by hand"
OURSELVES = "tocsin"
AHEAD = timedelta(minutes=5)
"""So much may a teller's clock be ahead."""
Short = Annotated[str, Meta(max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChange:
    """A change that somebody tells of. ``at`` (RFC 3339) empty: now."""

    what: Annotated[str, Meta(max_length=1000)]
    where: Short = ""
    kind: Short = "change"
    who: Short = ""
    at: Annotated[str, Meta(max_length=64)] = ""
    url: Annotated[str, Meta(max_length=2000)] = ""
    outcome: Short = ""


def record(app: App, told: NewChange, by: str, *, source: str = BY_HAND) -> Change:
    """Keep a change that somebody tells of. Raises `Invalid` where it has no words, no time, no address."""
    now = app.clock.now()
    if not told.what.strip():
        raise Invalid("Nothing says what was changed.", "Say it in a few words: v42 deployed.", where="what")
    change = Change(
        id=new_id("chg", now), source=source, kind=_line(told.kind) or "change", what=_line(told.what),
        where=_line(told.where), who=_line(told.who) or by, at=_moment(told.at, now), url=_address(told.url),
        outcome=_line(told.outcome),
    )  # fmt: skip
    kept = discretion.in_change(app, change)
    app.db.write(lambda tx: changes.append(tx, [kept], now))
    app.bell.show()
    return kept


def note_commits(app: App, now: datetime) -> dict[str, str]:
    """Keep the last day's commits of the configured repositories; of those that can't be read, why."""
    found: list[Change] = []
    problems: dict[str, str] = {}
    for folder in repositories(app):
        try:
            found += gitlog.commits(folder, now - LOOK_BACK)
        except Unread as error:
            problems[str(folder)] = error.message
    kept = [discretion.in_change(app, each) for each in found if each.at <= now + AHEAD]
    if kept:
        app.db.write(lambda tx: changes.append(tx, kept, now))
    return problems


def repositories(app: App) -> list[Path]:
    """The configured ones; unless any is, those in which the runbooks lie."""
    if app.settings.repositories is not None:
        return [Path(each) for each in app.settings.repositories]
    homes = (home_of(Path(book.source)) for book in app.books)
    return list(dict.fromkeys(home for home in homes if home is not None))


def note_versions(app: App) -> None:
    """Tell of every file of ours that is not the one of the last start: it is a change like any other."""

    def write(tx: Tx) -> None:
        now = app.clock.now()
        for name, digest in app.versions.items():
            before = changes.swap_version(tx, name, digest, now)
            if before not in (None, digest):
                kind = "configuration" if name.endswith(".toml") else "runbook"
                said = f"{name} is another one since this start: {_short(before or '')} → {_short(digest)}"
                told = Change(id=new_id("chg", now), source=OURSELVES, kind=kind, what=said, where=name, who="", at=now)
                changes.append(tx, [discretion.in_change(app, told)], now)

    if app.versions:
        app.db.write(write)


def _line(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:10]


def _moment(text: str, now: datetime) -> datetime:
    at = heard.moment(text) if text.strip() else now
    if at is None:
        raise Invalid(f"{text!r} is not a time with a zone.", "Write for example 2026-11-20T23:17:31Z.", where="at")
    if at > now + AHEAD:
        raise Invalid("That moment is in the future.", "Tell of a change when it has begun.", where="at")
    return at


def _address(text: str) -> str:
    if text.strip() and not heard.link(text.strip()):
        raise Invalid("The link is not an address.", "Write https://…", where="url")
    return text.strip()
