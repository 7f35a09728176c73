"""The real application lives through a year on a clock that jumps to where something happens next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.year.plan import PEOPLE, Deed, Year
from tocsin import wire
from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.core.notices import Notice
from tocsin.core.oncall import Directory
from tocsin.errors import TocsinError
from tocsin.ids import slug
from tocsin.service import catalogue, clocks, respond
from tocsin.service.opening import open_app
from tocsin.store import incidents
from tocsin.store.db import Tx

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OLGA = Actor("person", "olga")
BOOK = Path(__file__).with_name("runbook.md")
CONFIG = "".join(f"[people.{name}]\n" for name in PEOPLE)
_SENT = "select id, body, created_at from outbox where kind = 'notify' and state = 'due'"
_DONE = "update outbox set state = 'done' where kind = 'notify' and state = 'due'"


@dataclass
class Hands:
    """A clock that is turned by hand."""

    at: datetime = BEGIN

    def now(self) -> datetime:
        """Where the hands are."""
        return self.at


@dataclass
class Life:
    """The application over one database, which ends and starts again."""

    folder: Path
    year: Year
    clock: Hands = field(default_factory=Hands)
    sent: dict[str, tuple[int, Notice]] = field(default_factory=dict)

    def send(self, app: App) -> None:
        """Take what is to be sent, as whoever delivers would."""

        def write(tx: Tx) -> None:
            for row in tx.all(_SENT):
                notice = wire.decode(Notice, row["body"])
                self.sent[notice.id] = ((row.time("created_at") - BEGIN) // MINUTE, notice)
            tx.execute(_DONE)

        app.db.write(write)

    @contextmanager
    def awake(self) -> Iterator[App]:
        """Tocsin is on, until the block ends."""
        app = open_app(
            runbooks=[self.folder / "chain.md"], config=self.folder / "tocsin.toml",
            database=f"sqlite:///{self.folder / 'year.db'}", environ={}, clock=self.clock,
        )  # fmt: skip
        try:
            yield app
        finally:
            app.db.close()


def live(folder: Path, year: Year) -> dict[int, list[tuple[int, str]]]:
    """Who was paged when, by the number of the incident."""
    (folder / "chain.md").write_bytes(BOOK.read_bytes())
    (folder / "tocsin.toml").write_text(CONFIG, "utf-8")
    life, last = Life(folder, year), max(deed.at for case in year.cases for deed in case.deeds) + 1
    off = [span for span in year.off if span[0] < last]
    for begins, ends in zip([0, *(end for _, end in off)], [*(begin for begin, _ in off), last], strict=True):
        with life.awake() as app:
            _live(app, life, begins, ends)
    found: dict[int, list[tuple[int, str]]] = {case.number: [] for case in year.cases}
    for at, notice in life.sent.values():
        if notice.kind == "page":
            found[int(notice.incident.removeprefix("INC-"))].append((at, notice.to))
    return {number: sorted(pages) for number, pages in found.items()}


def _live(app: App, life: Life, begins: int, ends: int) -> None:
    """From one start of Tocsin to its next end."""
    deeds: dict[int, list[tuple[int, Deed]]] = defaultdict(list)
    for case in life.year.cases:
        for deed in case.deeds:
            if begins <= deed.at < ends:
                deeds[deed.at].append((case.number, deed))
    edits = [since for since, _ in life.year.bound if begins <= since < ends]
    moments = sorted({begins, *deeds, *edits})
    for place, minute in enumerate(moments):
        _go_to(app, life, minute)
        for number, deed in deeds.get(minute, []):
            with suppress(TocsinError):  # refused: as the oracle does
                _do(app, number, deed)
        _wake(app)
        life.send(app)
        following = moments[place + 1] if place + 1 < len(moments) else ends
        while (at := _next(app)) is not None and at < following:
            _go_to(app, life, at)


def _go_to(app: App, life: Life, minute: int) -> None:
    life.clock.at = max(life.clock.at, BEGIN + minute * MINUTE)
    roles = {slug(role): person for role, person in life.year.roles_at(minute).items()}
    directory: Directory = replace(app.settings.directory, roles=roles)
    app.settings = replace(app.settings, directory=directory)
    _wake(app)
    life.send(app)  # what was sent is sent, also where somebody ends the incident in the same minute


def _wake(app: App) -> None:
    while clocks.wake_due(app):
        pass


def _next(app: App) -> int | None:
    times = app.db.read(incidents.wake_times)
    soonest = min(times.values(), default=None)
    return None if soonest is None else -(-(soonest - BEGIN) // MINUTE)


def _do(app: App, number: int, deed: Deed) -> None:
    if deed.kind == "declare":
        wanted = respond.Declaration(severity=deed.value, scenario="Tills stop")
        respond.declare_by_hand(app, wanted, OLGA)
        return
    words: dict[str, tuple[str, dict[str, Any]]] = {
        "acknowledge": ("acknowledge", {}),
        "assess": ("assess", {"severity": deed.value, "why": "I looked"}),
        "unavailable": ("mark_unavailable", {"minutes": deed.value}),
        "available": ("mark_available", {}),
        "estimate": ("estimate", {"minutes": deed.value}),
        "hold": ("hold", {"minutes": deed.value, "why": "I know"}),
        "harmed": ("confirm_condition", {"rung": 4, "why": "a cake"}),
        "resolve": ("resolve", {"override": "it is a test"}),
        "reopen": ("reopen", {"why": "it is back"}),
    }
    name, given = words[deed.kind]
    values = {key: float(text) if key == "minutes" else text for key, text in given.items()}
    request = wire.convert(catalogue.CATALOGUE[name].request, values)
    catalogue.make(app, name, f"INC-{number}", request, OLGA, "admin")
