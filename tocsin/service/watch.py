"""Reading signals: open thresholds fire alerts, recovery criteria open the gate."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from tocsin.app import App
from tocsin.core import moves
from tocsin.core.alert import Alert
from tocsin.core.facts import ENGINE
from tocsin.core.incident import CriterionState, Incident
from tocsin.core.routing import OURSELVES
from tocsin.core.runbook import Rule, Runbook, Scenario
from tocsin.core.watching import Watch, holds, observe, say_threshold, silence, to_tell
from tocsin.errors import Unread
from tocsin.ids import slug
from tocsin.plug.kinds import Reading
from tocsin.plug.masking import mask_text
from tocsin.service.commit import commit
from tocsin.service.ingest import receive
from tocsin.settings import Signal
from tocsin.store import incidents, signals
from tocsin.store.db import Tx
from tocsin.wire import decode, encode_text

TIMEOUT = timedelta(seconds=5)
KEEP = timedelta(hours=48)
MOST_SAMPLES = 1_000_000
LONGEST_REASON = 300

log = logging.getLogger("tocsin")


@dataclass(frozen=True, slots=True)
class Watched:
    """A threshold of the document that a signal can measure."""

    book: Runbook
    scenario: Scenario | None
    rule: Rule

    @property
    def id(self) -> str:
        """The same for as long as the document states the same threshold in the same place of its outline."""
        threshold = f"{slug(self.rule.metric)}{self.rule.op}{self.rule.value:g}"
        return f"{slug(self.book.title)}/{self.rule.scenario or ''}/{threshold}"

    @property
    def alert(self) -> str:
        """The alert's name: the scenario's own, else made from the metric."""
        names = self.scenario.alerts if self.scenario else ()
        return names[0] if names else "".join(word.capitalize() for word in slug(self.rule.metric).split("-"))

    def says(self) -> str:
        """``error rate > 5 %``."""
        return say_threshold(self.rule.metric, self.rule.op, self.rule.value, self.rule.unit)


def read_signal(app: App, signal: Signal) -> Reading | str:
    """One reading, kept for the charts; a sentence where there is none, whatever the probe's fault."""
    try:
        reading = signal.probe.read(app.clock.now(), TIMEOUT)
    except Unread as error:
        return mask_text(str(error), app.settings.secrets)[:LONGEST_REASON]
    except Exception as error:
        log.exception("The probe of %s failed.", signal.metric)
        return f"The probe failed ({type(error).__name__}); the log says more."
    if not math.isfinite(reading.value):
        return f"no data: the value is {reading.value}"
    app.db.write(lambda tx: signals.append(tx, slug(signal.metric), reading.at, reading.value))
    return reading


def forget(app: App) -> None:
    """Keep the samples bounded, in age and in number."""
    before = app.clock.now() - KEEP
    app.db.write(lambda tx: signals.prune(tx, before=before, keep=MOST_SAMPLES))


def heed(app: App, signal: Signal, reading: Reading | str) -> None:
    """Do everything that a reading calls for: thresholds of the documents, criteria of the open incidents."""
    now = app.clock.now()
    measured = [watched for watched in thresholds(app) if app.settings.signal(watched.rule.metric) is signal]

    def move(tx: Tx) -> None:
        """What is remembered of the thresholds and what is told of them are stored together."""
        tx.alone(f"signal {slug(signal.metric)}")
        told = [_heed_threshold(tx, watched, reading, now) for watched in measured]
        receive(app, tx, OURSELVES, [alert for alert in told if alert is not None])

    if measured:
        app.db.write(move)
    _heed_criteria(app, signal, reading)


def thresholds(app: App) -> list[Watched]:
    """Every open threshold of every loaded runbook; those of a scenario first, because they say more."""
    every = [Watched(book, book.scenario(rule.scenario or ""), rule) for book in app.books for rule in book.rules]
    return sorted(every, key=lambda watched: watched.scenario is None)


def _heed_threshold(tx: Tx, watched: Watched, reading: Reading | str, now: datetime) -> Alert | None:
    rule, kept = watched.rule, signals.watch(tx, watched.id)
    before = decode(Watch, kept) if kept else Watch()
    if isinstance(reading, str):
        after = silence(before, reading, now)
    else:
        after = observe(before, reading.value, rule.op, rule.value, timedelta(minutes=rule.for_minutes or 0), now)
    tells = to_tell(before, after, now)
    signals.put_watch(tx, watched.id, encode_text(replace(after, told_at=now) if tells else after), now)
    return _alert(watched, after, before, now) if tells else None


def _alert(watched: Watched, after: Watch, before: Watch, now: datetime) -> Alert:
    rule = watched.rule
    labels = {
        "alertname": watched.alert,
        "metric": rule.metric,
        "runbook": watched.book.title,
        "threshold": f"{rule.op} {rule.value:g}",  # two of one scenario are two alerts
    }
    if watched.scenario:
        labels["scenario"] = watched.scenario.id
    if rule.severity:
        labels["severity"] = rule.severity
    unit = rule.unit or ""
    value = after.value if after.value is not None else float("nan")
    return Alert(
        source=OURSELVES,
        labels=labels,
        annotations={"summary": f"{rule.metric} is {value:.3g} {unit}".strip() + f", threshold {watched.says()}"},
        status="firing" if after.state == "firing" else "resolved",
        starts_at=after.since or before.since or now,
        ends_at=None if after.state == "firing" else now,
        updated_at=now,
    )


def _heed_criteria(app: App, signal: Signal, reading: Reading | str) -> None:
    def measured(incident: Incident) -> list[int]:
        return [
            index
            for index, state in enumerate(incident.criteria)
            if state.criterion.metric and app.settings.signal(state.criterion.metric) is signal
        ]

    for seen in app.db.read(incidents.open_ones):
        changed = [index for index in measured(seen) if _changes(seen.criteria[index], reading)]
        if changed:
            app.db.write(partial(_criteria, app, seen.id, changed, reading))


def _criteria(app: App, ref: str, indexes: list[int], reading: Reading | str, tx: Tx) -> None:
    incident = incidents.load(tx, ref, lock=True)
    if incident is None:
        return
    value = None if isinstance(reading, str) else reading.value
    for index in indexes:
        state = incident.criteria[index]
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
    unit = f" {criterion.unit}" if criterion.unit else ""
    wanted = say_threshold(criterion.metric or "", criterion.op or "", criterion.value or 0.0, criterion.unit)
    return f"{criterion.metric} is {reading.value:.3g}{unit}, wanted {wanted}"
