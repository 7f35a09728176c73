"""What is measured now: every signal with its newest value, every threshold with its state; and one reading of all."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tocsin.app import App
from tocsin.core.watching import Watch
from tocsin.errors import NotFound
from tocsin.ids import slug
from tocsin.plug.kinds import Listener
from tocsin.service import watch
from tocsin.service.thresholds import Watched, by_signal, thresholds
from tocsin.settings import Signal
from tocsin.store import heartbeats, signals
from tocsin.store.db import Tx
from tocsin.wire import decode

AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A threshold of a document: where it begins and ends, and how far it has come."""

    text: str
    ends: str
    for_seconds: float
    alert: str
    severity: str
    runbook: str
    scenario: str
    line: int
    state: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A metric. ``probe`` empty: no signal is bound to it. ``problem``: why the last reading gave no value."""

    metric: str
    probe: str
    every_seconds: float
    value: float | None
    at: datetime | None
    problem: str
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One reading, just taken; ``problem`` says why there is no value."""

    metric: str
    probe: str
    value: float | None
    detail: str
    problem: str
    seconds: float


def measured(app: App) -> list[Measured]:
    """Every bound signal in the order of the configuration, then the metrics that nothing measures."""

    def look(tx: Tx) -> list[Measured]:
        theirs = by_signal(app)
        found = [_bound(app, tx, signal, theirs.get(signal.metric, [])) for signal in app.settings.signals]
        bound = {each.id for group in theirs.values() for each in group}
        loose: dict[str, list[Watched]] = {}
        for each in thresholds(app):
            if each.id not in bound:
                loose.setdefault(each.rule.metric, []).append(each)
        for metric, group in loose.items():
            told = tuple(_threshold(app, each, Watch()) for each in group)
            found.append(
                Measured(
                    metric=metric, probe="", every_seconds=0, value=None, at=None, problem="no signal is bound to it",
                    thresholds=told,
                )
            )  # fmt: skip
        return found

    return app.db.read(look)


def read_all(app: App) -> list[Read]:
    """Every bound signal read once now, some at a time; nothing is done about what they say."""
    if not app.settings.signals:
        return []
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="tocsin-health") as threads:
        return list(threads.map(lambda signal: _read(app, signal), app.settings.signals))


def hear(app: App, name: str) -> datetime:
    """Note that a heartbeat was called, at this moment. Raises `NotFound` where no signal listens to that name."""
    names = [each.probe.listens_to for each in app.settings.signals if isinstance(each.probe, Listener)]
    if name not in names:
        raise NotFound(
            f"No signal listens to the heartbeat {name[:60]!r}.",
            'Bind one in tocsin.toml: probe = "heartbeat", and its name.',
        )
    now = app.clock.now()
    app.db.write(lambda tx: heartbeats.put(tx, name, now))
    return now


def _bound(app: App, tx: Tx, signal: Signal, theirs: list[Watched]) -> Measured:
    kept = {each.id: signals.watch(tx, each.id) for each in theirs}
    remembered = {name: decode(Watch, state) if state else Watch() for name, state in kept.items()}
    latest = signals.latest(tx, slug(signal.metric))
    return Measured(
        metric=signal.metric,
        probe=_kind(signal),
        every_seconds=signal.every.total_seconds(),
        value=latest[1] if latest else None,
        at=latest[0] if latest else None,
        problem=next((state.problem for state in remembered.values() if state.problem), ""),
        thresholds=tuple(_threshold(app, each, remembered[each.id]) for each in theirs),
    )


def _threshold(app: App, watched: Watched, state: Watch) -> Threshold:
    rule = watched.rule
    return Threshold(
        text=watched.says(),
        ends=watched.says_end(app.settings),
        for_seconds=(rule.for_minutes or 0) * 60,
        alert=watched.alert,
        severity=rule.severity or "",
        runbook=Path(watched.book.source).name,
        scenario=rule.scenario or "",
        line=rule.line,
        state=state.state,
        since=state.since,
    )


def _read(app: App, signal: Signal) -> Read:
    begun = time.perf_counter()
    reading = watch.read_signal(app, signal)
    seconds = round(time.perf_counter() - begun, 4)
    if isinstance(reading, str):
        return Read(metric=signal.metric, probe=_kind(signal), value=None, detail="", problem=reading, seconds=seconds)
    return Read(
        metric=signal.metric, probe=_kind(signal), value=reading.value, detail=reading.detail, problem="",
        seconds=seconds,
    )  # fmt: skip


def _kind(signal: Signal) -> str:
    return type(signal.probe).__name__.lower()
