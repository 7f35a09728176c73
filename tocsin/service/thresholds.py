"""The thresholds of the loaded runbooks as Tocsin watches them: what each is called, where and when it ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isclose

from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.core.amounts import factor_between
from tocsin.core.routing import OURSELVES
from tocsin.core.runbook import Criterion, Rule, Runbook, Scenario, Threshold
from tocsin.core.watching import Bound, Terms, Watch, bound_of, say_threshold, say_unit, say_value
from tocsin.ids import slug
from tocsin.settings import Settings, Signal

NO_DATA = "NoData"
"""The name of the alert that says that a signal has had no reading for too long."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A threshold of the document that a signal can measure."""

    book: Runbook
    scenario: Scenario | None
    rule: Rule
    known: Bound | None = None
    """Where it begins and ends, if that was worked out before (`by_signal`)."""
    factor: float = 1.0
    """By what a reading of its signal is multiplied to be in the unit of the threshold."""

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

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of its alert, which are its identity."""
        rule = self.rule
        labels = {
            "alertname": self.alert,
            "metric": rule.metric,
            "runbook": self.book.title,
            "threshold": f"{rule.op} {rule.value:g}",  # two of one scenario are two alerts
        }
        if self.scenario:
            labels["scenario"] = self.scenario.id
        if rule.severity:
            labels["severity"] = rule.severity
        return labels

    @property
    def rank(self) -> int:
        """How bad it is: 0 is the worst severity of its document; without one it is the mildest."""
        names = [severity.name for severity in self.book.severities]
        return names.index(self.rule.severity) if self.rule.severity in names else len(names)

    def bound(self, settings: Settings, among: Sequence[Rule] = ()) -> Bound:
        """Where it begins and ends, by the signal's ``clear`` or by the scenario's own recovery criterion.

        Of several thresholds of a scenario only the mildest ends elsewhere: the others are over when they are no longer
        crossed, so that it shows when things get better. ``among``: the rules of its document to look at, if not all.
        """
        if self.known is not None:
            return self.known
        signal = settings.signal(self.rule.metric)
        own = self.rule.scenario, self.rule.op
        alike = (each for each in among or self.book.rules if (each.scenario, each.op) == own)
        values = [each.value * factor(each.unit, self.rule.unit) for each in alike if self._same(settings, each.metric)]
        if self.rule.value != (min(values) if self.rule.op in (">", ">=") else max(values)):
            return Bound(op=self.rule.op, value=self.rule.value)
        criteria = self.scenario.criteria if self.scenario else ()
        closing = (each for each in criteria if each.metric and self._same(settings, each.metric))
        clear = signal.clear * self.factor if signal and signal.clear is not None else None
        return bound_of(self.rule, clear, self._in_own_unit(next(closing, None)))

    def says_end(self, settings: Settings) -> str:
        """``< 1``; empty where it ends at its own number, with the reason where ``clear`` was meant to change that."""
        bound, signal = self.bound(settings), settings.signal(self.rule.metric)
        if bound.end_op is not None:
            return f"{bound.end_op} {bound.end_value:g}"
        if signal is None or signal.clear is None:
            return ""
        if bound_of(self.rule, signal.clear * self.factor, None).end_op is not None:
            return ""
        return f"its own number (clear = {signal.clear:g} is on the wrong side of it)"

    def _in_own_unit(self, criterion: Criterion | None) -> Criterion | None:
        if criterion is None or criterion.value is None:
            return criterion
        return replace(criterion, value=criterion.value * factor(criterion.unit, self.rule.unit))

    def _same(self, settings: Settings, metric: str) -> bool:
        """Whether another metric is measured by the same signal; unbound ones are told by their words."""
        signal = settings.signal(self.rule.metric)
        if signal is None:
            return slug(metric) == slug(self.rule.metric)
        return settings.signal(metric) is signal

    def terms(self, signal: Signal) -> Terms:
        """How it behaves over time."""
        return replace(signal.terms, lasting=timedelta(minutes=self.rule.for_minutes or 0))

    def says(self) -> str:
        """``error rate > 5 %``."""
        return say_threshold(self.rule.metric, self.rule.op, self.rule.value, self.rule.unit)

    def alert_at(self, after: Watch, before: Watch, now: datetime) -> Alert:
        """Its alert, as it is after a reading; while it only goes on, the value is the last that crossed."""
        rule, firing = self.rule, after.state == "firing"
        value = after.crossing if firing and after.crossing is not None else after.value
        known = "" if value is None else f"{say_value(value, rule.value)} {say_unit(rule.unit)}".strip()
        if firing and after.silent_since:
            reads = f"{rule.metric} has no data" + (f" (it was {known})" if known else "")
        else:
            reads = f"{rule.metric} is {known or 'unknown'}" + (f" ({after.detail})" if after.detail else "")
        return ours(self.labels, f"{reads}, threshold {self.says()}", after, before, now)


def ours(labels: Mapping[str, str], summary: str, after: Watch, before: Watch, now: datetime) -> Alert:
    """An alert of our own with what is remembered of its rule."""
    firing = after.state == "firing"
    return Alert(
        source=OURSELVES,
        labels=labels,
        annotations={"summary": summary},
        status="firing" if firing else "resolved",
        starts_at=after.since or before.since or now,
        ends_at=None if firing else now,
        updated_at=now,
    )


def thresholds(app: App) -> list[Watched]:
    """Every open threshold of every loaded runbook; those of a scenario first, because they say more."""
    every = [each for book in app.books for each in _of_book(book)]
    return sorted(every, key=lambda watched: watched.scenario is None)


def measured_by(app: App, signal: Signal) -> list[Watched]:
    """The thresholds that this signal measures."""
    return by_signal(app).get(signal.metric, [])


def stated(books: Sequence[Runbook], settings: Settings) -> list[Watched]:
    """Every threshold of these runbooks as the configuration lets it be measured, in the order of the documents."""
    units, found = units_of(settings, books), list[Watched]()
    for each in (each for book in books for each in _of_book(book)):
        signal = settings.signal(each.rule.metric)
        found.append(in_unit(each, units.get(signal.metric, "") if signal else ""))
    return found


def _of_book(book: Runbook) -> Iterator[Watched]:
    """Its thresholds. One that stands apart and that one scenario states too is that scenario's: it is one problem."""
    scenes: dict[tuple[str, str], list[Rule]] = {}
    for rule in book.rules:
        if rule.scenario:
            scenes.setdefault((slug(rule.metric), rule.op[0]), []).append(rule)
    for rule in book.rules:
        same = [] if rule.scenario else scenes.get((slug(rule.metric), rule.op[0]), [])
        twins = {one.scenario for one in same if isclose(one.value * factor(one.unit, rule.unit), rule.value)}
        scenario = twins.pop() if len(twins) == 1 else rule.scenario
        yield Watched(book, book.scenario(scenario or ""), rule)


def units_of(settings: Settings, books: Sequence[Runbook]) -> dict[str, str]:
    """In which unit each signal is read: as the configuration says, else as the runbooks first state its metric."""
    found = {signal.metric: signal.unit for signal in settings.signals if signal.unit}
    for book in books:
        said: list[Threshold | Criterion] = [*book.rules, *(one for scene in book.scenarios for one in scene.criteria)]
        for one in (*sorted(said, key=lambda each: each.line), *book.targets):
            signal = settings.signal(one.metric) if one.unit else None
            if signal is not None:
                found.setdefault(signal.metric, one.unit or "")
    return found


def in_unit(watched: Watched, unit: str) -> Watched:
    """The same threshold for readings in that unit."""
    return replace(watched, factor=factor(unit, watched.rule.unit))


def factor(unit: str | None, other: str | None) -> float:
    """By what a value is multiplied to be in another unit; 1 where the two can't be compared."""
    return factor_between(unit or "", other or "") or 1.0


def by_signal(app: App) -> dict[str, list[Watched]]:
    """Every signal's thresholds, by the metric of the signal; where each begins and ends is worked out once for all."""
    return _known(app).thresholds


def units(app: App) -> Mapping[str, str]:
    """The unit of each signal that has one, by its metric (`units_of`)."""
    return _known(app).units


@dataclass(frozen=True, slots=True)
class _Known:
    thresholds: dict[str, list[Watched]]
    units: dict[str, str]


def _known(app: App) -> _Known:
    """Worked out anew when runbooks or settings were replaced; every reading asks for it."""
    kept = app.watched
    if kept is None or kept[0] is not app.books or kept[1] is not app.settings:
        known = units_of(app.settings, app.books)
        app.watched = kept = (app.books, app.settings, _Known(_by_signal(app, known), known))
    found: _Known = kept[2]
    return found


def _by_signal(app: App, units: Mapping[str, str]) -> dict[str, list[Watched]]:
    found: dict[str, list[Watched]] = {}
    for watched in thresholds(app):
        signal = app.settings.signal(watched.rule.metric)
        if signal is not None:
            found.setdefault(signal.metric, []).append(watched)
    told = {metric: [in_unit(each, units.get(metric, "")) for each in group] for metric, group in found.items()}
    return {metric: [_worked_out(each, app.settings, group) for each in group] for metric, group in told.items()}


def _worked_out(watched: Watched, settings: Settings, group: Sequence[Watched]) -> Watched:
    among = [each.rule for each in group if each.book is watched.book]
    return replace(watched, known=watched.bound(settings, among))


def silence_id(signal: Signal) -> str:
    """Under which name the rule "this signal has data" is remembered."""
    return f"no data/{slug(signal.metric)}"


def silence_labels(signal: Signal) -> Mapping[str, str]:
    """The labels of the alert that says that a signal has no data."""
    return {"alertname": NO_DATA, "metric": signal.metric}
