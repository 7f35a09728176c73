"""What happens to watched thresholds and criteria when Tocsin starts: nobody looked meanwhile, and texts may differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from tocsin.app import App
from tocsin.core import moves
from tocsin.core.alert import Alert
from tocsin.core.facts import ENGINE
from tocsin.core.routing import OURSELVES
from tocsin.core.watching import Watch, resume
from tocsin.ids import fingerprint, slug
from tocsin.service import deadman
from tocsin.service.commit import commit
from tocsin.service.ingest import ENDED, receive
from tocsin.service.thresholds import Watched, silence_id, silence_labels, thresholds
from tocsin.settings import Signal
from tocsin.store import alerts, incidents, signals
from tocsin.store.db import Tx
from tocsin.times import say_duration
from tocsin.wire import decode, encode_text

_PAUSES = 4
"""So many usual pauses between two readings are no absence."""
_LEAST = timedelta(minutes=1)


def resume_watching(app: App) -> None:
    """Before the first reading of a start: count absences for nothing, and end what no document states any more."""
    app.db.write(partial(_resume, app))
    for signal in app.settings.signals:
        _doubt_criteria(app, signal)


def _resume(app: App, tx: Tx) -> None:
    now = app.clock.now()
    known = {watched.id: signal for watched, signal in _bound(app)}
    known |= {silence_id(signal): signal for signal in app.settings.signals if signal.terms.no_data == "say"}
    for name, kept in signals.watches(tx).items():
        if name not in known:
            signals.drop_watch(tx, name)
            continue
        before = decode(Watch, kept)
        after = resume(before, now, _usual(known[name]))
        if after != before:
            signals.put_watch(tx, name, encode_text(after), now)
    receive(app, tx, OURSELVES, _orphans(app, tx, now))


def _orphans(app: App, tx: Tx, now: datetime) -> list[Alert]:
    """Our own alerts that nothing could end any more, as they are ended now, each with the reason."""
    measured = {fingerprint(watched.labels) for watched, _ in _bound(app)}
    measured |= {fingerprint(silence_labels(each)) for each in app.settings.signals if each.terms.no_data == "say"}
    measured |= {fingerprint(deadman.labels(app.settings.deadman.expect))}
    stated = {fingerprint(watched.labels) for watched in thresholds(app)}
    found: list[Alert] = []
    for alert in alerts.listing(tx, firing_at=now):
        if alert.source != OURSELVES or alert.fingerprint in measured:
            continue
        metric = alert.labels.get("metric", "its metric")
        why = (
            f"no signal measures {metric} any more"
            if alert.fingerprint in stated
            else "no runbook states this threshold any more"
        )
        ended = {**alert.annotations, ENDED: f"Ended without a reading: {why}."}
        found.append(replace(alert, status="resolved", annotations=ended, ends_at=now, updated_at=now))
    return found


def _bound(app: App) -> list[tuple[Watched, Signal]]:
    found = ((watched, app.settings.signal(watched.rule.metric)) for watched in thresholds(app))
    return [(watched, signal) for watched, signal in found if signal is not None]


def _usual(signal: Signal) -> timedelta:
    return max(_LEAST, _PAUSES * (signal.every + signal.timeout))


def _doubt_criteria(app: App, signal: Signal) -> None:
    """A criterion that held before an absence may have ceased meanwhile, so its watch begins anew."""
    latest = app.db.read(lambda tx: signals.latest(tx, slug(signal.metric)))
    now = app.clock.now()
    if latest is None or now - latest[0] <= _usual(signal):
        return
    detail = f"Nobody read {signal.metric} for {say_duration(now - latest[0])}, so the watch begins anew"
    for incident in app.db.read(incidents.open_ones):
        holding = [
            index
            for index, state in enumerate(incident.criteria)
            if state.holds and state.criterion.metric and app.settings.signal(state.criterion.metric) is signal
        ]
        if holding:
            app.db.write(_doubting(app, incident.id, holding, detail))


def _doubting(app: App, ref: str, indexes: list[int], detail: str) -> Callable[[Tx], None]:
    def write(tx: Tx) -> None:
        incident = incidents.load(tx, ref, lock=True)
        if incident is None:
            return
        for index in indexes:
            facts = moves.read_criterion(incident, index, None, None, detail)
            incident = commit(app, tx, incident, facts, ENGINE) if facts else incident

    return write
