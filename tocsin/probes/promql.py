"""Reads a signal from the samples that Tocsin keeps itself, by an expression in the subset of PromQL that it knows."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from tocsin.errors import Invalid, Unread
from tocsin.plug.kinds import Example, Reading
from tocsin.promql import Query, Source, evaluate, parse
from tocsin.promql.series import NAME, Labels, say_labels
from tocsin.times import to_micros

EXAMPLES = (
    Example(settings={"query": "max(queue_depth)"}),
    Example(
        settings={
            "query": 'sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))',
            "scale": 100,
        }
    ),
)
_MOST_NAMED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Promql:
    """The present value of a PromQL expression over the samples that `[scrape.NAME]` keeps; it must yield one number.

    Which part of PromQL this is, stands in [PromQL without a Prometheus](promql.md). ``scale`` brings the value to the
    unit of the document: 100 turns a ratio into per cent, 1000 seconds into milliseconds.
    """

    query: Annotated[str, "PromQL expression with one value"]
    scale: Annotated[float, "What the value is multiplied by"] = 1.0
    parsed: Query = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parsed", parse(self.query))

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """Raises `Unread`: where the samples are is not known here; see `over`."""
        del now, timeout
        raise Unread("no data: the samples of this query are read by the server that keeps them.")

    def over(self, samples: Source, now: datetime) -> Reading:
        """The expression's value now; raises `Unread` for no data, several series, NaN and what can't be evaluated."""
        try:
            found = evaluate(self.parsed, to_micros(now) // 1000, samples)
        except Invalid as error:
            raise Unread(error.message, error.hint) from None
        labels: Labels = ()
        if isinstance(found, dict):
            if not found:
                raise Unread("no data: the query matches no series.")
            if len(found) > 1:
                raise Unread(_too_many(list(found)), "Aggregate them with sum() or max().")
            ((labels, found),) = found.items()
        if not math.isfinite(found):
            raise Unread(f"no data: the query yields {found}, which nothing can be compared with.")
        detail = ", ".join(f"{name}={value}" for name, value in labels if name != NAME)[:300]
        return Reading(value=found * self.scale, at=now, detail=detail)


def _too_many(found: list[Labels]) -> str:
    shown = ", ".join(say_labels(labels) for labels in found[:_MOST_NAMED])
    return f"The query yields {len(found)} series, not one value: {shown}{' …' if len(found) > _MOST_NAMED else '.'}"
