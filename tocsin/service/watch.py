"""Reading signals: open thresholds fire alerts, recovery criteria open the gate."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter

from tocsin.app import App, Timing
from tocsin.core import moves
from tocsin.core.alert import Alert
from tocsin.core.facts import ENGINE
from tocsin.core.incident import CriterionState
from tocsin.core.routing import OURSELVES
from tocsin.core.watching import Watch, holds, listen, observe, say_threshold, say_unit, say_value, silence, to_tell
from tocsin.errors import Unread
from tocsin.ids import slug
from tocsin.plug.kinds import Listener, Reading
from tocsin.plug.masking import mask_text
from tocsin.service import queries, thinning
from tocsin.service.commit import commit
from tocsin.service.ingest import receive
from tocsin.service.thresholds import Watched, factor, measured_by, ours, silence_id, silence_labels, units
from tocsin.settings import Signal
from tocsin.store import heartbeats, incidents, signals
from tocsin.store.db import Tx
from tocsin.wire import decode, encode_text

KEEP = timedelta(hours=48)
MOST_SAMPLES = 1_000_000
LONGEST_REASON = 300
LONGEST_DETAIL = 120
AT_ONCE = 50
"""Signals in one transaction, so that it is short and needs few locks."""

log = logging.getLogger("tocsin")


def read_signal(app: App, signal: Signal) -> Reading | str:
    """One reading, kept for the charts; a sentence where there is none, whatever the probe's fault."""
    reading = reading_of(app, signal, lambda: _ask(app, signal))
    keep(app, [(signal, reading)])
    return reading


def _ask(app: App, signal: Signal) -> Reading:
    if isinstance(signal.probe, Listener):
        name = signal.probe.listens_to
        return signal.probe.heard(app.db.read(lambda tx: heartbeats.last(tx, name)), app.clock.now())
    return queries.look(app, signal.probe, signal.timeout)


def reading_of(app: App, signal: Signal, ask: Callable[[], Reading]) -> Reading | str:
    """What ``ask`` reads; a sentence where that is nothing, whatever the probe's fault. How long it took is kept."""
    at, begun = app.clock.now(), time.perf_counter()
    found = _reading_of(app, signal, ask)
    problem = found if isinstance(found, str) else ""
    app.timings[signal.metric] = Timing(at, time.perf_counter() - begun, problem)
    return found


def _reading_of(app: App, signal: Signal, ask: Callable[[], Reading]) -> Reading | str:
    try:
        reading = ask()
    except Unread as error:
        return mask_text(str(error), app.settings.secrets)[:LONGEST_REASON]
    except Exception as error:
        log.exception("The probe of %s failed.", signal.metric)
        return f"The probe failed ({type(error).__name__}); the log says more."
    if not math.isfinite(reading.value):
        return f"no data: the value is {reading.value}"
    return replace(reading, detail=mask_text(reading.detail, app.settings.secrets)) if reading.detail else reading


def keep(app: App, heard: Sequence[tuple[Signal, Reading | str]]) -> None:
    """Keep readings for the charts."""

    def write(tx: Tx) -> None:
        for signal, reading in heard:
            if isinstance(reading, Reading):
                signals.append(tx, slug(signal.metric), reading.at, reading.value)

    app.db.write(write)


def forget(app: App) -> None:
    """Keep the samples bounded, in age and in number, and those that are older than `KEEP` thin."""
    thinning.thin(app, "signals", signals.thin, KEEP, max(KEEP, app.settings.samples.thinned))
    before = app.clock.now() - max(KEEP, app.settings.samples.thinned)
    app.db.write(lambda tx: signals.prune(tx, before=before, keep=MOST_SAMPLES))


def heed(app: App, signal: Signal, reading: Reading | str) -> None:
    """Do everything that a reading calls for: thresholds of the documents, criteria of the open incidents."""
    heed_all(app, [(signal, reading)], {signal.metric: measured_by(app, signal)})


def heed_all(
    app: App, heard: Sequence[tuple[Signal, Reading | str]], thresholds: Mapping[str, Sequence[Watched]]
) -> None:
    """`heed` for many signals at once, some in each transaction; ``thresholds``: those of each metric."""
    now = app.clock.now()

    def move(some: Sequence[tuple[Signal, Reading | str]], tx: Tx) -> None:
        """What is remembered of the thresholds and what is told of them are stored together."""
        alerts: list[Alert] = []
        for signal, reading in some:
            tx.alone(f"signal {slug(signal.metric)}")
            measured = thresholds.get(signal.metric, ())
            told = [(watched.rank, _heed_threshold(app, tx, signal, watched, reading, now)) for watched in measured]
            alerts += [*_in_order(told), *_heed_silence(tx, signal, reading, now)]
        receive(app, tx, OURSELVES, alerts)

    told_of = [one for one in heard if thresholds.get(one[0].metric) or one[0].terms.no_data == "say"]
    for start in range(0, len(told_of), AT_ONCE):
        app.db.write(partial(move, told_of[start : start + AT_ONCE]))
    _heed_criteria(app, {signal.metric: reading for signal, reading in heard})


def _in_order(told: Iterable[tuple[int, Alert | None]]) -> list[Alert]:
    """The worst that fires first, so that the incident begins at it; the mildest that ends first, for the same reason.

    Else one reading beyond several thresholds would page at each of them, and a fall below all would propose each.
    """
    firing = [(rank, alert) for rank, alert in told if alert is not None and alert.status == "firing"]
    ended = [(-rank, alert) for rank, alert in told if alert is not None and alert.status != "firing"]
    return [alert for _, alert in (*sorted(firing, key=itemgetter(0)), *sorted(ended, key=itemgetter(0)))]


def _heed_threshold(
    app: App, tx: Tx, signal: Signal, watched: Watched, reading: Reading | str, now: datetime
) -> Alert | None:
    before, terms = _remembered(tx, watched.id), watched.terms(signal)
    if isinstance(reading, str):
        after = silence(before, reading, terms, now)
    else:
        seen = replace(before, detail=" ".join(reading.detail.split())[:LONGEST_DETAIL])
        after = observe(seen, reading.value * watched.factor, watched.bound(app.settings), terms, now)
    tells = to_tell(before, after, now, terms.resend)
    signals.put_watch(tx, watched.id, encode_text(replace(after, told_at=now) if tells else after), now)
    return watched.alert_at(after, before, now) if tells else None


def _heed_silence(tx: Tx, signal: Signal, reading: Reading | str, now: datetime) -> list[Alert]:
    """The alert about missing data, where the configuration wants one."""
    if signal.terms.no_data != "say":
        return []
    name = silence_id(signal)
    before = _remembered(tx, name)
    after = listen(before, reading if isinstance(reading, str) else "", signal.terms, now)
    tells = to_tell(before, after, now, signal.terms.resend)
    signals.put_watch(tx, name, encode_text(replace(after, told_at=now) if tells else after), now)
    summary = f"{signal.metric} has no reading: {after.problem}" if after.problem else f"{signal.metric} is read again"
    return [ours(silence_labels(signal), summary, after, before, now)] if tells else []


def _remembered(tx: Tx, name: str) -> Watch:
    kept = signals.watch(tx, name)
    return decode(Watch, kept) if kept else Watch()


def _heed_criteria(app: App, readings: Mapping[str, Reading | str]) -> None:
    """Of every open incident, those criteria that one of the readings (by metric) changes."""
    known = units(app)
    for seen in app.db.read(incidents.open_ones):
        changed: dict[str, list[int]] = {}
        for index, state in enumerate(seen.criteria):
            signal = app.settings.signal(state.criterion.metric) if state.criterion.metric else None
            if signal is None or signal.metric not in readings:
                continue
            if _changes(state, _as_criterion(state, readings[signal.metric], known.get(signal.metric, ""))):
                changed.setdefault(signal.metric, []).append(index)
        for metric, indexes in changed.items():
            app.db.write(partial(_criteria, app, seen.id, indexes, readings[metric], known.get(metric, "")))


def _as_criterion(state: CriterionState, reading: Reading | str, unit: str) -> Reading | str:
    """The reading in the unit of the criterion."""
    if isinstance(reading, str):
        return reading
    return replace(reading, value=reading.value * factor(unit, state.criterion.unit))


def _criteria(app: App, ref: str, indexes: list[int], read: Reading | str, unit: str, tx: Tx) -> None:
    incident = incidents.load(tx, ref, lock=True)
    if incident is None:
        return
    for index in indexes:
        state = incident.criteria[index]
        reading = _as_criterion(state, read, unit)
        value = None if isinstance(reading, str) else reading.value
        facts = moves.read_criterion(incident, index, _holds(state, reading), value, _detail(state, reading))
        incident = commit(app, tx, incident, facts, ENGINE) if facts else incident


def _changes(state: CriterionState, reading: Reading | str) -> bool:
    return _holds(state, reading) != state.holds


def _holds(state: CriterionState, reading: Reading | str) -> bool | None:
    criterion = state.criterion
    if isinstance(reading, str) or criterion.op is None or criterion.value is None:
        return None
    return holds(reading.value, criterion.op, criterion.value)


def _detail(state: CriterionState, reading: Reading | str) -> str:
    if isinstance(reading, str):
        return reading
    criterion = state.criterion
    wanted = say_threshold(criterion.metric or "", criterion.op or "", criterion.value or 0.0, criterion.unit)
    amount = f"{say_value(reading.value, criterion.value or 0.0)} {say_unit(criterion.unit)}".rstrip()
    return f"{criterion.metric} is {amount}, wanted {wanted}"
