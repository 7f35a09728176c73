"""The world of a story: the real application over SQLite, a clock that is turned by hand, devices that remember."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.chats.workspace import BOT, Workspace, running
from tests.servers import postgres_programs
from tests.stories.devices import BEGIN, Device, HandClock, Message, MetricsPage, PostOffice, gauge_of, install
from tests.stories.leaving import Leaving
from tests.stories.letters import Letters
from tests.stories.script import Story
from tests.stories.site import Site
from tests.tracker import Tracker
from tocsin.app import App
from tocsin.core.runbook import Runbook
from tocsin.engine.chatter import Chatter
from tocsin.engine.herald import Herald
from tocsin.engine.runner import Runner
from tocsin.engine.surveyor import Surveyor
from tocsin.engine.worker import Worker
from tocsin.service import act, deadman, ingest, messaging, reporting, reviewreminder, tracking, watch
from tocsin.service.books import read_book
from tocsin.service.changelog import note_versions
from tocsin.service.clocks import wake_due
from tocsin.service.opening import open_app
from tocsin.service.resuming import resume_watching
from tocsin.service.statuspage.telling import next_by_clock
from tocsin.settings import Signal
from tocsin.store import alerts, incidents, intake, issues, outbox, rooms, runs, statuspage, subscribers
from tocsin.store.db import Tx

DEVICES = ("phone", "mail", "chat")
PROGRAMS = ("bash", "cat", "grep", "sh", "sleep", "touch", "tr", "uname")
"""The only real programs that a story's commands find, so that none of them reaches out of the story."""
PEOPLE = """
[people.ana]
notify = ["phone"]
[people.ben]
notify = ["phone"]
[people.cleo]
notify = ["phone"]
[people.dora]
notify = ["phone"]
[roles]
"on-call engineer" = "ana"
"team lead" = "ben"
"engineering manager" = "cleo"
"cto" = "dora"
"""


class World:
    """Everything that a story's rows act on."""

    app: App
    worker: Worker
    runner: Runner
    surveyor: Surveyor
    tracker: Tracker
    herald: Herald
    site: Site

    def __init__(self, story: Story, folder: Path, database: str = "") -> None:
        self.story, self.folder = story, folder
        self._rest: list[Any] = []
        self.clock, self.office, self.page = HandClock(), PostOffice(), MetricsPage()
        self.env = {**story.env, **({"DATABASE_URL": database} if database else {})}
        self.target_name = "local"
        self.calls = folder / "calls"
        self.guests: list[Any] = []
        self.workspace: Workspace | None = None
        self.answer = ""
        self.leaving = Leaving()
        if "[slack]" in story.settings:
            self._rest.append(opened := running())
            self.workspace = opened.__enter__()
            self.workspace.users = {f"U-{name}" for name in ("ana", "ben", "cleo", "dora")}
        if story.pages:
            self.guests.append(site := Site(story.pages, self.calls))
            self.site, self.env["SERVER"] = site, site.url
        self.letters: Letters | None = None
        if "[notifiers.letters]" in story.settings or "[notifiers.hook]" in story.settings:
            self.letters = Letters()
            self.guests.append(self.letters)
        if "[tracker]" in story.settings:
            self.guests.append(tracker := Tracker())
            self.tracker, self.env["TRACKER"] = tracker, tracker.url
        self.carriers: dict[str, tuple[App, Runner]] = {}
        self._seen = 0
        self.is_up, self._began = False, BEGIN
        self._furnish()

    def start(self) -> None:
        """Start Tocsin over what lies in the folder; raises what it raises."""
        books = [self.folder / name for name, _ in self.story.runbooks]
        config = self.folder / "tocsin.toml"
        config.write_text(self._config([read_book(path)[0] for path in books]), "utf-8")
        self.app = open_app(
            runbooks=books,
            config=config,
            database=f"sqlite://{self.folder}/tocsin.db",
            environ=self.env,
            clock=self.clock,
        )
        devices = {way: Device(way, self.office) for way in DEVICES}
        self.app.settings = replace(self.app.settings, notifiers={**self.app.settings.notifiers, **devices})
        self.worker, self.runner, self.surveyor = Worker(self.app), Runner(self.app), Surveyor(self.app)
        self.herald = Herald(self.app)
        self.chatters = [Chatter(self.app, name, chat) for name, chat in self.app.settings.chats.items()]
        for chatter in self.chatters:
            chatter.chat.every = timedelta(0)  # type: ignore[misc]
        self.is_up, self._began = True, self.clock.at
        note_versions(self.app)
        self.runner.recover()
        self.worker.recover()
        resume_watching(self.app)

    def stop(self) -> None:
        """End Tocsin; what it has stored stays."""
        if self.is_up:
            self.is_up = False
            self.runner.stop(5)
            self.worker.stop(5)
            self.app.db.close()

    def carrier_begins(self, labels: str) -> None:
        """A worker with these labels opens the same database with the same configuration."""
        app = open_app(
            runbooks=(), config=self.folder / "tocsin.toml", database=f"sqlite://{self.folder}/tocsin.db",
            environ=self.env, clock=self.clock,
        )  # fmt: skip
        app.labels, app.serves, app.node = frozenset(labels.split(",")), False, f"work:{labels}"
        self.carriers[labels] = app, Runner(app)

    def carrier_ends(self, labels: str) -> None:
        """It finishes what it has begun."""
        app, runner = self.carriers.pop(labels)
        runner.stop(5)
        app.db.close()

    def off_for(self, span: timedelta) -> None:
        """Tocsin is down while the clock goes on, then starts again."""
        self.stop()
        self.clock.at += span
        self.start()

    def dies_while_running(self) -> None:
        """Every ordered run has begun when the process ends, and none of them got to its end."""
        ingest.merge_waiting(self.app)
        for run in self.app.db.read(lambda tx: runs.queued(tx, 100)):
            act.started(self.app, run)
        self.off_for(timedelta(0))

    def settle(self) -> None:
        """Let everything happen that happens without time passing."""
        for _ in range(200):
            moved = self._turn()
            self.leaving.collect(self)
            if not moved:
                return
        raise AssertionError("The story never comes to rest.")

    def go_to(self, moment: datetime) -> Iterator[datetime]:
        """Turn the clock forward, stopping wherever something is due."""
        assert moment >= self.clock.at, f"the clock already stands at {self.clock.at:%H:%M:%S}"
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

    def messages(self) -> list[Message]:
        """The messages since the last call."""
        new = self.office.got[self._seen :]
        self._seen = len(self.office.got)
        return new

    def signal(self, words: str) -> Signal:
        """The signal that the words name: its own name, or a part of one name only."""
        found = self.app.settings.signal(words)
        fitting = [one for one in self.app.settings.signals if gauge_of(words)[6:] in gauge_of(one.metric)]
        if found is None and len(fitting) == 1:
            found = fitting[0]
        names = [one.metric for one in self.app.settings.signals]
        assert found is not None, f"{words!r} names {len(fitting)} of the runbook's metrics {names}"
        return found

    def read(self, signal: Signal) -> None:
        """Read a signal now, as the watcher does."""
        watch.heed(self.app, signal, watch.read_signal(self.app, signal))

    def called(self, tool: str, words: str = "") -> int:
        """How often a tool was called with these words among its arguments."""
        lines = self.calls.read_text("utf-8").splitlines() if self.calls.exists() else []
        plain = [" ".join(line.split()) for line in lines]
        return sum(line.split()[0] == tool and " ".join(words.split()) in line for line in plain if line)

    def close(self) -> None:
        """End it all."""
        for guest in self.guests:
            guest.close()
        for each in self._rest:
            each.__exit__(None, None, None)
        for labels in list(self.carriers):
            self.carrier_ends(labels)
        self.stop()
        self.page.close()

    def _furnish(self) -> None:
        for name, raw in self.story.runbooks:
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(raw)
        for name, text in self.story.files:
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, "utf-8")
        tools = self.folder / "bin"
        tools.mkdir()
        for name in (*PROGRAMS, *(["psql"] if "postgres" in self.story.needs else [])):
            (tools / name).symlink_to(program(name) or "/nowhere")
        for tool in self.story.tools:
            (tools / tool.name).unlink(missing_ok=True)
            install(tool, tools, self.calls)

    def _config(self, books: list[Runbook]) -> str:
        """The story's toml, completed by what only this machine knows."""
        text = self.story.settings
        people = "" if "[people." in text else PEOPLE
        # The story's tools note that they were called, which nothing inside the sandbox can.
        if self.workspace is not None:
            app = f'bot_token = "{BOT}"\napi = "{self.workspace.url}/api"\nallow = true\n'
            text = text.replace("[slack]\n", f"[slack]\n{app}")
        if self.story.pages:
            text = text.replace('port = "SERVER"', f"port = {self.env['SERVER'].rpartition(':')[2]}")
        text = self.letters.configured(text) if self.letters else text
        text = text if "[server]" in text else f'[server]\nsandbox = "off"\n{text}'
        target = f'[target]\nname = "{self.target_name}"\nworkdir = "."\npath = "{self.folder / "bin"}"\n'
        target += f"env = {sorted(self.env)}\n"
        text = text.replace("[target]\n", target) if "[target]\n" in text else text + target
        text = re.sub(r"(?m)^(\[targets\.[^\]]+\])$", rf'\1\npath = "{self.folder / "bin"}"', text)
        text = re.sub(r"(?m)^(\[scrape\.[^\]]+\])$", rf'\1\nurl = "{self.page.url}"', text)
        devices = "".join(f'[notifiers.{way}]\nkind = "console"\n' for way in DEVICES)
        signals = ""
        for metric in _metrics(books):
            head = f'[signals."{metric}"]\n'
            body = f'{head}probe = "scrape"\nurl = "{self.page.url}"\ngauge = "{gauge_of(metric)}"\n'
            own = text.partition(head)[2].partition("\n[")[0] if head in text else None
            if own is None:
                signals += body
            elif "probe =" not in own:
                text = text.replace(head, body)
        return f"{text}\n{people}{devices}{signals}"

    def _turn(self) -> bool:
        before = self._mark()
        ingest.merge_waiting(self.app)
        ingest.expire(self.app)
        ingest.lift(self.app)
        if deadman.expect(self.app, self._began):
            ingest.merge_waiting(self.app)
        wake_due(self.app)
        self.worker.turn()
        for runner in (self.runner, *(each for _, each in self.carriers.values())):
            runner.turn()
            runner.rest()
        messaging.send_due(self.app)
        self.surveyor.turn()
        tracking.turn(self.app)
        reviewreminder.remind(self.app)
        for chatter in self.chatters:
            chatter.turn()
        self.herald.turn()
        reporting.send_due(self.app)
        return self._mark() != before

    def _mark(self) -> tuple[object, ...]:
        def read(tx: Tx) -> tuple[object, ...]:
            found = incidents.listing(tx, limit=1000)
            return (
                tuple((one.id, one.version) for one in found),
                outbox.backlog(tx, self.clock.at)[0],
                intake.backlog(tx)[0],
                tuple(rooms.next_due(tx, name, self.clock.at) for name in self.app.settings.chats),
                subscribers.backlog(tx, self.clock.at)[0],
            )

        called = len(self.workspace.calls) if self.workspace else 0
        return (*self.app.db.read(read), len(self.office.got), called)

    def _due(self) -> list[datetime]:
        silent, report = deadman.due(self.app, self._began), reporting.next_moment(self.app)

        def read(tx: Tx) -> list[datetime]:
            told = [rooms.next_due(tx, name, self.clock.at) for name in self.app.settings.chats]
            told += [outbox.next_due(tx, self.clock.at), alerts.next_lapse(tx), issues.next_due(tx)]
            others = (silent, report, *self._announced(tx), *told)
            return [*incidents.wake_times(tx).values(), *(at for at in others if at)]

        return self.app.db.read(read)

    def _announced(self, tx: Tx) -> list[datetime | None]:
        """When the status page has something to say by the clock."""
        if self.app.settings.status is None:
            return []
        now = self.clock.at
        return [subscribers.next_due(tx), *(next_by_clock(each, now) for each in statuspage.reports(tx, now))]


def program(name: str) -> str | None:
    """Where one of this machine's programs is; PostgreSQL's may come with its server."""
    return shutil.which(name, path=f"/usr/bin:/bin:{postgres_programs()}")


def _metrics(books: list[Runbook]) -> list[str]:
    rules = [rule.metric for book in books for rule in book.rules]
    criteria = [
        criterion.metric
        for book in books
        for scenario in book.scenarios
        for criterion in scenario.criteria
        if criterion.metric
    ]
    by_gauge = {gauge_of(metric): metric for metric in reversed([*rules, *criteria])}
    return [metric for metric in dict.fromkeys([*rules, *criteria]) if by_gauge[gauge_of(metric)] == metric]
