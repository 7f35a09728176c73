"""Carrying out runs. The intent is on record before a command starts, the outcome after it ended.

A command that is proved to read is at-least-once: interrupted, it runs again. Any other is at-most-once: interrupted,
it is in doubt, and a human says what happened.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from tocsin import safety
from tocsin.app import App
from tocsin.core.run import Outcome, Run, Verdict, after_crash
from tocsin.engine.loops import complain
from tocsin.errors import TocsinError, Unrunnable
from tocsin.plug.kinds import Job
from tocsin.plug.masking import mask_text
from tocsin.plug.neutral import clean_environment
from tocsin.service import act
from tocsin.store import runs
from tocsin.store.db import Tx

PARALLEL = 8
HEARTBEAT = timedelta(seconds=5)
LOST_AFTER = timedelta(seconds=60)
ENDLESS_FOR = timedelta(seconds=10)
INTERRUPTED = "Tocsin stopped while this ran, so nobody knows whether it had its effect."


class Runner:
    """Starts queued runs, watches over running ones, settles those whose node has died."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(max_workers=PARALLEL, thread_name_prefix="tocsin-run")
        self._mine: dict[str, tuple[Future[None], threading.Event, bool]] = {}
        self._stopping = threading.Event()
        self._beaten = app.clock.now()

    def turn(self) -> bool:
        """Start what is queued, beat for what runs, look for the dead; whether anything was started."""
        now = self._app.clock.now()
        self._mine = {key: entry for key, entry in self._mine.items() if not entry[0].done()}
        if now - self._beaten >= HEARTBEAT:
            self._beaten = now
            self._beat()
            self._settle(self._app.db.read(lambda tx: runs.stale(tx, now - LOST_AFTER)))
        free = PARALLEL - len(self._mine)
        if free <= 0 or self._stopping.is_set():
            return False
        waiting = [run for run in self._app.db.read(lambda tx: runs.queued(tx, free)) if run.id not in self._mine]
        for run in waiting:
            cancel = threading.Event()
            self._mine[run.id] = (self._pool.submit(self._carry_out, run, cancel), cancel, run.verdict == "read")
        return False

    def recover(self) -> None:
        """Settle runs of a SQLite database at once: nobody else can be carrying them out."""
        if self._app.db.dialect == "sqlite":
            now = self._app.clock.now()
            self._settle(self._app.db.read(lambda tx: runs.stale(tx, now + LOST_AFTER)))

    def rest(self) -> None:
        """Wait until everything that was started has ended."""
        for future, _, _ in list(self._mine.values()):
            future.result()

    def stop(self, timeout: float) -> None:
        """Start nothing more; cut reading commands short, wait for changing ones."""
        self._stopping.set()
        for _, cancel, reads in self._mine.values():
            if reads:
                cancel.set()
        for future, cancel, reads in list(self._mine.values()):
            try:
                future.result(None if not reads else timeout)
            except TimeoutError:
                cancel.set()
        self._pool.shutdown(wait=True)

    def _carry_out(self, run: Run, cancel: threading.Event) -> None:
        try:
            if not act.started(self._app, run):
                return
            outcome = self._execute(run, cancel)
            if self._stopping.is_set() and cancel.is_set() and run.verdict == "read":
                act.repeated(self._app, run)
                return
            act.finished(self._app, run, outcome)
        except Exception as error:  # noqa: BLE001 -- the run stays on record as running, and is settled as lost
            complain(f"run {run.id}", error)

    def _execute(self, run: Run, cancel: threading.Event) -> Outcome:
        verdict = act.plan(run)
        if run.verdict == "read" and verdict.word != "read":
            return Outcome(status="unrunnable", note=f"It is no longer proved to read: {verdict.why}")
        if not act.still_sealed(self._app, run):
            return Outcome(status="unrunnable", note="The target changed since this was asked for; ask again.")
        job = self._job(run, verdict)
        pieces = _Pieces(self._app, run.id)
        try:
            return self._app.executor.run(job, pieces.emit, cancel)
        except Unrunnable as error:
            return Outcome(status="unrunnable", note=mask_text(str(error), job.secrets))

    def _job(self, run: Run, verdict: Verdict) -> Job:
        target, environ = self._app.settings.target, self._app.environ
        extra = {name: environ[name] for name in target.env_names if name in environ}
        endless = "endless" in verdict.traits
        plan = verdict.plan if run.verdict == "read" else None
        proved = safety.pinned_environment() if plan is not None else {}  # an approved command may write
        return Job(
            kind="shell",
            command=act.command_of(run),
            plan=plan,
            env={**clean_environment(target.path, extra), **proved},
            workdir=target.workdir,
            timeout=min(ENDLESS_FOR, target.timeout) if endless else target.timeout,
            endless=endless,
            secrets=self._app.settings.secrets,
        )

    def _beat(self) -> None:
        def write(tx: Tx) -> list[str]:
            now = self._app.clock.now()
            return [key for key in self._mine if not runs.heartbeat(tx, key, self._app.node, now)]

        for lost in self._app.db.write(write):
            if not self._mine[lost][0].done():
                self._mine[lost][1].set()

    def _settle(self, lost: list[Run]) -> None:
        for run in lost:
            if run.id in self._mine:
                continue
            try:
                if after_crash(run) == "repeat":
                    act.repeated(self._app, run)
                else:
                    act.doubted(self._app, run, INTERRUPTED)
            except TocsinError as error:
                complain(f"run {run.id}", error)


class _Pieces:
    """Keeps what a run prints, numbered in the order in which it came."""

    def __init__(self, app: App, run: str) -> None:
        self._app, self._run, self._seq = app, run, 0

    def emit(self, piece: bytes) -> None:
        self._seq += 1
        now, seq, text = self._app.clock.now(), self._seq, piece.decode("utf-8", "replace")

        def write(tx: Tx) -> None:
            runs.emit(tx, self._run, seq, text, now)
            tx.after_commit(self._app.bell.show)

        self._app.db.write(write)
