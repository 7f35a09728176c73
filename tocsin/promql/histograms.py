"""Quantiles from the buckets of a classic histogram. Source: prometheus/prometheus ``promql/quantile.go`` (2.42)."""

from __future__ import annotations

import math
from itertools import accumulate, groupby

from tocsin.errors import Invalid
from tocsin.promql.series import Labels, Vector, without_name

_LE = "le"


def histogram_quantile(share: float, vector: Vector) -> Vector:
    """The value below which this share of the observations lies, for each histogram in the vector."""
    histograms: dict[Labels, list[tuple[float, float]]] = {}
    for labels, count in vector.items():
        bound = _bound(dict(labels).get(_LE, ""))
        if bound is not None:
            histograms.setdefault(tuple(pair for pair in labels if pair[0] != _LE), []).append((bound, count))
    found = [(without_name(labels), _quantile(share, buckets)) for labels, buckets in histograms.items()]
    if len(dict(found)) < len(found):
        raise Invalid("Several histograms have the same labels once the metric's name is gone.", "Name one metric.")
    return dict(found)


def _bound(text: str) -> float | None:
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def _quantile(share: float, buckets: list[tuple[float, float]]) -> float:
    if math.isnan(share):
        return math.nan
    if not 0 <= share <= 1:
        return -math.inf if share < 0 else math.inf
    ordered = sorted(buckets, key=lambda bucket: bucket[0])
    if ordered[-1][0] != math.inf:
        return math.nan
    merged = [(bound, sum(count for _, count in same)) for bound, same in groupby(ordered, key=lambda one: one[0])]
    bounds = [bound for bound, _ in merged]
    counts = list(accumulate((count for _, count in merged), _larger))  # scrapes may split a histogram
    if len(bounds) < 2 or not counts[-1]:
        return math.nan
    return _interpolated(share * counts[-1], bounds, counts)


def _larger(before: float, count: float) -> float:
    return max(count, before)  # what is no number stays so


def _interpolated(rank: float, bounds: list[float], counts: list[float]) -> float:
    last = len(bounds) - 1
    place = next((number for number in range(last) if counts[number] >= rank), last)
    if place == last:
        return bounds[last - 1]
    if place == 0 and bounds[0] <= 0:
        return bounds[0]
    start, before = (bounds[place - 1], counts[place - 1]) if place else (0.0, 0.0)
    within = counts[place] - before
    return start + (bounds[place] - start) * ((rank - before) / within if within else math.nan)
