"""Figures as tables of plain cells, for CSV: one table for each kind, spans in seconds."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from tocsin.core.figures.counting import Figures, Group
from tocsin.core.figures.meanings import MEASURES

Row = tuple[str | int | float | None, ...]
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(told: Figures, table: str) -> str:
    """One table as CSV (RFC 4180) with a head. No cell begins as a formula does, whatever alerts are called."""
    head, rows = SHEETS[table]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows(told))
    return out.getvalue()


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_STARTS_A_FORMULA) else value
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _times(by: str, groups: Sequence[Group]) -> Iterator[Row]:
    for group in groups:
        for measure in MEASURES:
            spread = group.times[measure]
            values = " ".join(_cell(value) for value in spread.values)
            yield by, group.name, group.incidents, group.open, measure, spread.n, spread.median, spread.p90, values


def _all_times(told: Figures) -> Iterator[Row]:
    yield from _times("", [told.whole])
    yield from _times(told.asked.by, told.groups)


def _groups(told: Figures) -> Iterator[Row]:
    for each in (told.whole, *told.groups):
        yield (
            told.asked.by if each is not told.whole else "", each.name, each.incidents, each.open, each.reopened,
            each.target, each.responses_kept, each.responses_missed,
        )  # fmt: skip


_TIMES = ("by", "group", "incidents", "open", "measure", "n", "median_seconds", "p90_seconds", "values_seconds")
SHEETS: dict[str, tuple[tuple[str, ...], Callable[[Figures], Iterator[Row]]]] = {
    "times": (_TIMES, _all_times),
    "months": (_TIMES, lambda told: _times("month", told.months)),
    "groups": (
        ("by", "group", "incidents", "open", "reopened", "target_seconds", "responses_kept", "responses_missed"),
        _groups,
    ),
    "people": (
        ("person", "pages", "at_night", "nights", "zone"),
        lambda told: ((one.person, one.pages, one.at_night, one.nights, one.zone) for one in told.load),
    ),
    "promises": (
        ("promise", "kept", "missed"), lambda told: ((one.kind, one.kept, one.missed) for one in told.promises),
    ),
    "alerts": (
        ("alert", "fired", "incidents", "acknowledged", "acted", "flapped"),
        lambda told: (
            (one.alert, one.fired, one.incidents, one.acknowledged, one.acted, one.flapped) for one in told.alerts
        ),
    ),
    "steps": (
        ("runbook", "step", "command", "runs", "failed", "in_doubt"),
        lambda told: (
            (one.runbook, one.step, one.command, one.runs, one.failed, one.in_doubt) for one in told.steps
        ),
    ),
}  # fmt: skip
"""Name of a table → its head, and its rows."""
