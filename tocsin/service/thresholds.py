"""The thresholds of the loaded runbooks as Tocsin watches them: what each is called, where and when it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.core.routing import OURSELVES
from tocsin.core.runbook import Rule, Runbook, Scenario
from tocsin.core.watching import Bound, Terms, Watch, bound_of, say_threshold
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
        values = [each.value for each in alike if self._same(settings, each.metric)]
        if self.rule.value != (min(values) if self.rule.op in (">", ">=") else max(values)):
            return Bound(op=self.rule.op, value=self.rule.value)
        criteria = self.scenario.criteria if self.scenario else ()
        closing = (each for each in criteria if each.metric and self._same(settings, each.metric))
        return bound_of(self.rule, signal.clear if signal else None, next(closing, None))

    def says_end(self, settings: Settings) -> str:
        """``< 1``; empty where it ends at its own number, with the reason where ``clear`` was meant to change that."""
        bound, signal = self.bound(settings), settings.signal(self.rule.metric)
        if bound.end_op is not None:
            return f"{bound.end_op} {bound.end_value:g}"
        if signal is None or signal.clear is None or bound_of(self.rule, signal.clear, None).end_op is not None:
            return ""
        return f"its own number (clear = {signal.clear:g} is on the wrong side of it)"

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
        known = "" if value is None else f"{value:.3g} {rule.unit or ''}".strip()
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
    every = [Watched(book, book.scenario(rule.scenario or ""), rule) for book in app.books for rule in book.rules]
    return sorted(every, key=lambda watched: watched.scenario is None)


def measured_by(app: App, signal: Signal) -> list[Watched]:
    """The thresholds that this signal measures."""
    return [watched for watched in thresholds(app) if app.settings.signal(watched.rule.metric) is signal]


def by_signal(app: App) -> dict[str, list[Watched]]:
    """Every signal's thresholds, by the metric of the signal; where each begins and ends is worked out once for all."""
    found: dict[str, list[Watched]] = {}
    for watched in thresholds(app):
        signal = app.settings.signal(watched.rule.metric)
        if signal is not None:
            found.setdefault(signal.metric, []).append(watched)
    return {metric: [_worked_out(each, app.settings, group) for each in group] for metric, group in found.items()}


def _worked_out(watched: Watched, settings: Settings, group: Sequence[Watched]) -> Watched:
    among = [each.rule for each in group if each.book is watched.book]
    return replace(watched, known=watched.bound(settings, among))


def silence_id(signal: Signal) -> str:
    """Under which name the rule "this signal has data" is remembered."""
    return f"no data/{slug(signal.metric)}"


def silence_labels(signal: Signal) -> Mapping[str, str]:
    """The labels of the alert that says that a signal has no data."""
    return {"alertname": NO_DATA, "metric": signal.metric}
