"""Carrying out runs. The intent is on record before a command starts, the outcome after it ended.

A command that is proved to read is at-least-once: interrupted, it runs again. Any other is at-most-once: interrupted,
it is in doubt, and a human says what happened.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from tocsin import safety
from tocsin.app import App
from tocsin.core.run import Outcome, Run, Verdict, after_crash
from tocsin.engine.lookout import LOOKS, Lookout
from tocsin.engine.loops import complain
from tocsin.errors import TocsinError, Unavailable, Unrunnable
from tocsin.plug import sandbox
from tocsin.plug.kinds import Executor, Job, taken_by
from tocsin.plug.masking import MARK, mask_text
from tocsin.plug.neutral import clean_environment
from tocsin.plug.written import Written
from tocsin.safety.before import before
from tocsin.safety.writing import written
from tocsin.service import act, keeping
from tocsin.service.placing import place_of_run, team_on
from tocsin.settings import Place
from tocsin.store import runs, workers
from tocsin.store.db import Tx

PARALLEL = 8
HEARTBEAT = timedelta(seconds=5)
LOST_AFTER = HEARTBEAT * LOOKS
ENDLESS_FOR = timedelta(seconds=10)
MOST_LIVE = 4 * 1024 * 1024
NO_MORE = "\n… it goes on; the rest is not shown live, its end is shown when it has ended …\n"
_SETTING = re.compile(r"^([ \t]*(?:export[ \t]+)?[\"']?[\w.-]+[\"']?[ \t]*[=:][ \t]*)\S.*$", re.MULTILINE)
TRY_AGAIN_AFTER = timedelta(minutes=1)
PAUSE, MOST_TRIES = 0.5, 10
"""Seconds between two tries to put an outcome on record; how many there are where Tocsin is stopping."""
LONGEST_SHOW = timedelta(seconds=1)
READING = timedelta(seconds=10)
"""How long the reading of a value before a change may take."""
BROKEN = "Something broke while this ran, so nobody knows whether it had its effect."
INTERRUPTED = "Tocsin stopped while this ran, so nobody knows whether it had its effect."


@dataclass(frozen=True, slots=True)
class Mine:
    """A run of this node. ``begun`` is set when the intent is on record, ``cancel`` when it is to end."""

    run: Run
    future: Future[None]
    begun: threading.Event
    cancel: threading.Event


class Runner:
    """Starts queued runs, watches over running ones, settles those whose node has died."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(max_workers=PARALLEL, thread_name_prefix="tocsin-run")
        self._mine: dict[str, Mine] = {}
        self._later: dict[str, datetime] = {}
        self._stopping = threading.Event()
        self._beaten = app.clock.now()
        self._lookout = Lookout()

    def turn(self) -> bool:
        """Start what is queued, beat for what runs, look for the dead; never busy, because nothing is waited for."""
        now = self._app.clock.now()
        self._mine = {key: mine for key, mine in self._mine.items() if not mine.future.done()}
        if abs(now - self._beaten) >= HEARTBEAT:  # also when the clock was set back
            self._beaten = now
            self.report()
            self._beat()
            self._settle(self._lookout.lost(self._app.db.read(runs.running)))
        free = PARALLEL - len(self._mine)
        if free <= 0 or self._stopping.is_set():
            return False
        self._later = {key: until for key, until in self._later.items() if until > now}
        passed_over = {*self._mine, *self._later}
        waiting = self._app.db.read(lambda tx: runs.queued(tx, free + len(passed_over), self._is_mine))
        for run in [run for run in waiting if run.id not in passed_over][:free]:
            begun, cancel = threading.Event(), threading.Event()
            self._mine[run.id] = Mine(run, self._pool.submit(self._carry_out, run, begun, cancel), begun, cancel)
        return False

    def report(self) -> None:
        """Say that this node is there, and which labels it has."""
        app = self._app
        app.db.write(lambda tx: workers.seen(tx, app.node, app.labels, app.clock.now(), serves=app.serves))

    def _is_mine(self, labels: frozenset[str]) -> bool:
        return workers.carries(self._app.labels, labels, serves=self._app.serves)

    def recover(self) -> None:
        """Settle runs of a SQLite database at once: nobody else is called as this node is."""
        if self._app.db.dialect == "sqlite":
            self._settle(self._app.db.read(lambda tx: runs.of_node(tx, self._app.node)))

    def rest(self) -> None:
        """Wait until everything that was started has ended."""
        wait([mine.future for mine in list(self._mine.values())])

    def stop(self, timeout: float) -> None:
        """Start nothing more; cut reading commands short, wait for changing ones as long as their own limit allows."""
        del timeout
        self._stopping.set()
        left = {mine.future for mine in list(self._mine.values())}
        for mine in list(self._mine.values()):
            if mine.run.verdict == "read":
                mine.cancel.set()
        while left := wait(left, HEARTBEAT.total_seconds()).not_done:
            try:
                self._beat()
            except Exception as error:  # noqa: BLE001 -- the database may be away; the commands go on
                complain("runs", error)
        self._pool.shutdown(wait=True)
        try:
            self._app.db.write(lambda tx: workers.gone(tx, self._app.node))
        except Exception as error:  # noqa: BLE001 -- it is forgotten soon in any case
            complain("runs", error)

    def _carry_out(self, run: Run, begun: threading.Event, cancel: threading.Event) -> None:
        try:
            if not act.started(self._app, run):
                return
            begun.set()
        except Exception as error:  # noqa: BLE001 -- it is still queued; the others come first
            complain(f"run {run.id}", error)
            self._later[run.id] = self._app.clock.now() + TRY_AGAIN_AFTER
            return
        try:
            self._keep_value(run, cancel)
            outcome = self._execute(run, cancel)
            if self._stopping.is_set() and cancel.is_set() and run.verdict == "read":
                self._keep(run, lambda: act.repeated(self._app, run))
            else:
                self._keep(run, lambda: act.finished(self._app, run, outcome))
        except Exception as error:  # noqa: BLE001 -- what it did is not known
            complain(f"run {run.id}", error)
            self._settle_one(run, BROKEN)

    def _keep_value(self, run: Run, cancel: threading.Event) -> None:
        """Read what a change is about to replace, where that is proved or approved; else the change goes on."""
        known = before(run.kind, run.command) if run.verdict != "read" else None
        if known is None:
            return
        try:
            if not (act.still_sealed(self._app, run) and keeping.may_read(self._app, run, known)):
                return
            place = place_of_run(self._app, run)
            reading = replace(run, command=known.read, verdict="read" if known.proved else "unknown")
            verdict = act.plan(reading, place, team_on(self._app.settings, place))
            if verdict.word != reading.verdict:
                return
            job = replace(self._job(reading, verdict, place), timeout=min(READING, place.target.timeout))
            outcome = place.executor.run(job, lambda _: None, cancel)
            if outcome.status in ("succeeded", "failed"):
                keeping.keep(self._app, run, known, outcome.output)
        except Exception as error:  # noqa: BLE001 -- it is only a convenience
            complain(f"run {run.id}", error)

    def _keep(self, run: Run, say: Callable[[], None]) -> None:
        """How it ended is known now and never again, so a database that is locked or full is waited for."""
        tries = 0
        while True:
            try:
                say()
            except Unavailable as error:
                tries += 1
                if tries == 1:
                    complain(f"run {run.id}", error)
                if self._stopping.is_set() and tries >= MOST_TRIES:
                    raise
                threading.Event().wait(PAUSE)
            else:
                return

    def _execute(self, run: Run, cancel: threading.Event) -> Outcome:
        try:
            prepared = self._prepare(run)
        except Exception as error:  # noqa: BLE001 -- whatever it is, it came before the start
            complain(f"run {run.id}", error)
            why = error.message if isinstance(error, TocsinError) else f"{type(error).__name__}; the log says more"
            return Outcome(status="unrunnable", note=f"Nothing was started: {why}")
        if isinstance(prepared, Outcome):
            return prepared
        job, shows_secrets, executor = prepared
        pieces = _Pieces(self._app, run.id, shows_secrets)
        names = written(run.command) if job.plan is None and _is_here(self._app, run) else ()
        files = Written(job.workdir, names)
        try:
            outcome = executor.run(job, pieces.emit, cancel)
            outcome = replace(outcome, files=files.found(job.secrets))
            return replace(outcome, output=_without_values(outcome.output)) if shows_secrets else outcome
        except Unrunnable as error:
            return Outcome(status="unrunnable", note=mask_text(str(error), job.secrets))

    def _prepare(self, run: Run) -> tuple[Job, bool, Executor] | Outcome:
        """What will be started, whether it lists secrets, and what starts it; or why nothing will."""
        place = place_of_run(self._app, run)
        verdict = act.plan(run, place, team_on(self._app.settings, place))
        if run.verdict == "read" and verdict.word != "read":
            return Outcome(status="unrunnable", note=f"It is no longer proved to read: {verdict.why}")
        must = run.verdict == "read" and self._app.settings.sandbox == "on" and place.target.kind == "local"
        if must and (why := sandbox.sentence("on")):
            return Outcome(status="unrunnable", note=f"Nothing was started: {why}")
        if not act.still_sealed(self._app, run):
            return Outcome(status="unrunnable", note="The target changed since this was asked for; ask again.")
        return self._job(run, verdict, place), "secret" in verdict.traits, place.executor

    def _job(self, run: Run, verdict: Verdict, place: Place) -> Job:
        target, environ = place.target, self._app.environ
        extra = {name: environ[name] for name in target.env_names if name in environ}
        endless = "endless" in verdict.traits and run.verdict != "change"  # a known change is never cut short
        plan = verdict.plan if run.verdict == "read" else None
        proved = safety.pinned_environment() if plan is not None else {}  # an approved command may write
        return Job(
            kind=_kind(run, place),
            command=act.command_of(run, place),
            plan=plan,
            env={**clean_environment(target.path, extra), **proved},
            workdir=target.workdir,
            timeout=min(ENDLESS_FOR, target.timeout) if endless else target.timeout,
            endless=endless,
            proved=run.verdict == "read",
            fenced=plan is not None and self._app.settings.sandbox != "off" and not sandbox.fault(),
            network="network" in verdict.traits,
            secrets=self._app.settings.secrets,
            pins=verdict.pins if plan is not None else (),
        )

    def _beat(self) -> None:
        """Say of every run that has begun that this node still works on it; end the reading ones that it has lost."""
        begun = [mine for mine in list(self._mine.values()) if mine.begun.is_set() and not mine.future.done()]
        now = self._app.clock.now()

        def write(tx: Tx) -> list[Mine]:
            return [mine for mine in begun if not runs.heartbeat(tx, mine.run.id, self._app.node, now)]

        for lost in self._app.db.write(write) if begun else ():
            if lost.run.verdict == "read":  # a change goes on to its end: half of it would be worse than a late word
                lost.cancel.set()

    def _settle(self, lost: list[Run]) -> None:
        for run in lost:
            if run.id not in self._mine:
                self._settle_one(run, INTERRUPTED)

    def _settle_one(self, run: Run, why: str) -> None:
        try:
            if after_crash(replace(run, status="running")) == "repeat":
                act.repeated(self._app, run)
            else:
                act.doubted(self._app, run, why)
        except Exception as error:  # noqa: BLE001 -- it stays on record as running, and is looked at again
            complain(f"run {run.id}", error)


def _kind(run: Run, place: Place) -> Literal["shell", "sql", "http"]:
    """As what a run reaches its executor: a statement of SQL as a command where that takes no statements."""
    if run.kind == "http":
        return "http"
    return "sql" if run.kind == "sql" and "sql" in taken_by(place.executor) else "shell"


def _is_here(app: App, run: Run) -> bool:
    """Whether a run's files are on this machine."""
    return run.kind == "shell" and place_of_run(app, run).target.kind == "local"


class _Pieces:
    """Keeps what a run prints, numbered in the order in which it came."""

    def __init__(self, app: App, run: str, shows_secrets: bool) -> None:
        self._app, self._run, self._shows_secrets, self._seq = app, run, shows_secrets, 0
        self._room, self._said = MOST_LIVE, False

    def emit(self, piece: bytes) -> None:
        """Bounded, and never the end of the command: what is kept in the end is the outcome's own output."""
        if self._room <= 0:
            return
        self._room -= len(piece)
        self._seq += 1
        now, seq, text = self._app.clock.now(), self._seq, piece.decode("utf-8", "replace")
        text = _without_values(text) if self._shows_secrets else text
        text += "" if self._room > 0 else NO_MORE

        def write(tx: Tx) -> None:
            runs.emit(tx, self._run, seq, text, now)
            tx.after_commit(self._app.bell.show)

        try:
            self._app.db.write(write, timeout=LONGEST_SHOW)
        except Exception as error:  # noqa: BLE001 -- a disk that is full now must not end a mitigation half done
            if not self._said:
                complain(f"output of {self._run}", error)
            self._said = True


def _without_values(text: str) -> str:
    """What a command prints that lists settings: their names, and whether they have a value."""
    return _SETTING.sub(rf"\1{MARK}", text)
