"""The world of a story: the real application over SQLite, a clock that is turned by hand, phones that remember."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.stories.script import Story
from tocsin.app import App
from tocsin.core.notices import Notice
from tocsin.core.oncall import Directory, Person
from tocsin.engine.runner import Runner
from tocsin.engine.worker import Worker
from tocsin.errors import Undelivered
from tocsin.plug.kinds import Address, Reading, Receipt
from tocsin.service import ingest, watch
from tocsin.service.clocks import wake_due
from tocsin.service.opening import open_app
from tocsin.settings import Signal
from tocsin.store import incidents, outbox

BEGIN = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
PEOPLE = """
[people.ana]
notify = ["phone"]
[people.ben]
notify = ["phone"]
[people.cleo]
notify = ["phone"]
[people.dora]
notify = ["phone"]
[people.eve]
notify = ["phone"]
[roles]
"on-call engineer" = "ana"
"team lead" = "ben"
"engineering manager" = "cleo"
"cto" = "dora"
"""


class HandClock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.at = BEGIN

    def now(self) -> datetime:
        """Where the hands are."""
        return self.at


@dataclass(slots=True)
class Phone:
    """Remembers every message, and can be dead."""

    got: list[Notice] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:
        """Keep the message."""
        del to, timeout
        if notice.to in self.dead:
            raise Undelivered(f"{notice.to}'s phone is dead.", permanent=True)
        with self.lock:
            self.got.append(notice)
        return Receipt()


@dataclass(slots=True)
class Gauge:
    """A signal that reads what the story says."""

    clock: HandClock
    value: float | None = None

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """The value that the story set last."""
        del timeout
        if self.value is None:
            from tocsin.errors import Unread

            raise Unread("the signal is silent")
        return Reading(value=self.value, at=now)


@dataclass(slots=True)
class World:
    """Everything that a story's rows act on."""

    app: App
    clock: HandClock
    phone: Phone
    gauges: dict[str, Gauge]
    worker: Worker
    runner: Runner
    seen: int = 0

    def settle(self) -> None:
        """Let everything happen that happens without time passing."""
        for _ in range(200):
            if not self._turn():
                return
        raise AssertionError("The story never comes to rest.")

    def go_to(self, moment: datetime) -> Iterator[datetime]:
        """Turn the clock forward, stopping wherever something is due."""
        while True:
            due = [at for at in self._due() if self.clock.at < at <= moment]
            if not due:
                break
            self.clock.at = min(due)
            self.settle()
            yield self.clock.at
        self.clock.at = moment
        self.settle()
        yield moment

    def messages(self) -> list[Notice]:
        """The messages since the last call."""
        new = self.phone.got[self.seen :]
        self.seen = len(self.phone.got)
        return new

    def read(self, metric: str) -> None:
        """Read a signal now, as the watcher would."""
        signal = self.app.settings.signal(metric)
        if signal is None:
            raise AssertionError(f"The story binds no signal to {metric!r}.")
        watch.heed(self.app, signal, watch.read_signal(self.app, signal))

    def close(self) -> None:
        """End it all."""
        self.runner.stop(5)
        self.worker.stop(5)
        self.app.db.close()

    def _turn(self) -> bool:
        before = self._mark()
        ingest.merge_waiting(self.app)
        ingest.expire(self.app)
        wake_due(self.app)
        self.worker.turn()
        self.runner.turn()
        self.runner.rest()
        return self._mark() != before

    def _mark(self) -> tuple[object, ...]:
        def read(tx):  # type: ignore[no-untyped-def]
            found = incidents.listing(tx, limit=1000)
            return tuple((one.id, one.version) for one in found), outbox.backlog(tx, self.clock.at)[0]

        return (*self.app.db.read(read), len(self.phone.got))

    def _due(self) -> list[datetime]:
        def read(tx):  # type: ignore[no-untyped-def]
            retry = outbox.next_due(tx, self.clock.at)
            return [*incidents.wake_times(tx).values(), *([retry] if retry else [])]

        return self.app.db.read(read)


def open_world(story: Story, folder: Path) -> World:
    """The application that a story describes."""
    config = folder / "tocsin.toml"
    config.write_text("[notifiers.phone]\nkind = 'console'\n" + (story.settings or PEOPLE), "utf-8")
    books = []
    for name, raw in story.runbooks:
        path = folder / name
        path.write_bytes(raw)
        books.append(path)
    tools = folder / "bin"
    tools.mkdir()
    for tool in story.tools:
        script = tools / tool.name
        script.write_text(f"#!/bin/sh\ncat <<'__END__'\n{tool.prints}\n__END__\nexit {tool.exits}\n", "utf-8")
        script.chmod(0o755)
    clock, phone = HandClock(), Phone()
    app = open_app(runbooks=books, config=config, database=str(folder / "tocsin.db"), environ=story.env, clock=clock)
    gauges = {metric: Gauge(clock) for metric in _metrics(app)}
    directory = app.settings.directory
    app.settings = replace(
        app.settings,
        notifiers={**app.settings.notifiers, "phone": phone},
        signals=tuple(Signal(metric=metric, probe=gauge) for metric, gauge in gauges.items()),
        directory=directory if directory.people else Directory({"ana": Person(id="ana", name="ana")}, {}),
        target=replace(
            app.settings.target, path=f"{tools}:/usr/bin:/bin", workdir=str(folder), env_names=tuple(story.env)
        ),
    )
    return World(app=app, clock=clock, phone=phone, gauges=gauges, worker=Worker(app), runner=Runner(app))


def _metrics(app: App) -> list[str]:
    rules = [rule.metric for book in app.books for rule in book.rules]
    criteria = [
        criterion.metric
        for book in app.books
        for scenario in book.scenarios
        for criterion in scenario.criteria
        if criterion.metric
    ]
    return list(dict.fromkeys([*rules, *criteria]))
