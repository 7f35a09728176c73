"""What is measured now: every signal with its newest value, every threshold with its state; and one reading of all."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tocsin.app import App
from tocsin.core.watching import Watch
from tocsin.errors import NotFound
from tocsin.ids import fingerprint, slug
from tocsin.plug.kinds import Listener
from tocsin.service import watch
from tocsin.service.thresholds import Watched, by_signal, thresholds, units
from tocsin.settings import Signal
from tocsin.store import alerts, heartbeats, signals
from tocsin.store.db import Tx
from tocsin.wire import decode

AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A threshold of a document: where it begins and ends, and how far it has come.

    ``op value unit``: where it begins; ``end_value``: where it ends, if elsewhere. ``level``, ``end_level``: the same
    in the unit in which its signal is read. ``digest``: of its runbook.
    ``incident``: the one that its alert is in, or was in last. ``silent_since``: there has been no reading from then.
    """

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
    op: str = ""
    value: float | None = None
    unit: str = ""
    end_value: float | None = None
    level: float | None = None
    end_level: float | None = None
    digest: str = ""
    incident: str = ""
    silent_since: datetime | None = None
    looked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A metric. ``probe`` empty: no signal is bound to it. ``problem``: why the last reading gave no value.

    ``read_at``, ``seconds``: when it was read last, with a value or without, and how long that took.
    """

    metric: str
    probe: str
    every_seconds: float
    value: float | None
    at: datetime | None
    problem: str
    thresholds: tuple[Threshold, ...]
    read_at: datetime | None = None
    seconds: float | None = None
    unit: str = ""


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
        theirs, known = by_signal(app), units(app)
        kept = _Kept(newest=signals.newest(tx), watches=signals.watches(tx))
        found = [
            _bound(app, tx, signal, theirs.get(signal.metric, []), known.get(signal.metric, ""), kept)
            for signal in app.settings.signals
        ]
        bound = {each.id for group in theirs.values() for each in group}
        loose: dict[str, list[Watched]] = {}
        for each in thresholds(app):
            if each.id not in bound:
                loose.setdefault(each.rule.metric, []).append(each)
        for metric, group in loose.items():
            told = tuple(_threshold(app, tx, each, Watch()) for each in group)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What is stored of all signals, read at once: the newest values, and how far each rule has come."""

    newest: Mapping[str, tuple[datetime, float]]
    watches: Mapping[str, str]


def _bound(app: App, tx: Tx, signal: Signal, theirs: list[Watched], unit: str, kept: _Kept) -> Measured:
    states = {each.id: kept.watches.get(each.id) for each in theirs}
    remembered = {name: decode(Watch, state) if state else Watch() for name, state in states.items()}
    latest = kept.newest.get(slug(signal.metric))
    timing = app.timings.get(signal.metric)
    looks = [state.looked_at for state in remembered.values() if state.looked_at]
    return Measured(
        metric=signal.metric,
        probe=_kind(signal),
        every_seconds=signal.every.total_seconds(),
        value=latest[1] if latest else None,
        at=latest[0] if latest else None,
        problem=next(
            (state.problem for state in remembered.values() if state.problem), timing.problem if timing else ""
        ),
        read_at=timing.at if timing else max(looks, default=None),
        seconds=round(timing.seconds, 4) if timing else None,
        unit=unit,
        thresholds=tuple(_threshold(app, tx, each, remembered[each.id]) for each in theirs),
    )


def _threshold(app: App, tx: Tx, watched: Watched, state: Watch) -> Threshold:
    rule, bound = watched.rule, watched.bound(app.settings)
    alert = alerts.get(tx, fingerprint(watched.labels))
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
        op=rule.op,
        value=rule.value,
        unit=rule.unit or "",
        level=rule.value / watched.factor,
        end_value=None if bound.end_op is None else bound.end_value,
        end_level=None if bound.end_op is None else bound.end_value / watched.factor,
        digest=watched.book.digest,
        incident=(alert.incident or "") if alert else "",
        silent_since=state.silent_since,
        looked_at=state.looked_at,
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
