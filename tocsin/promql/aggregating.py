"""Many series become one for each group. Source of the rules: prometheus/prometheus ``promql/engine.go`` (2.42)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal

from tocsin.errors import Invalid
from tocsin.promql.arithmetic import deviation, mean, quantile
from tocsin.promql.functions import LABEL_NAME, labels_of
from tocsin.promql.ranges import greatest, least
from tocsin.promql.series import NAME, Labels, Vector
from tocsin.promql.tree import Aggregate

_SIMPLE: Mapping[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "avg": mean,
    "min": least,
    "max": greatest,
    "count": len,
    "group": lambda _: 1.0,
    "stddev": lambda values: math.sqrt(deviation(values)),
    "stdvar": deviation,
}
AGGREGATIONS = frozenset({*_SIMPLE, "quantile", "topk", "bottomk", "count_values"})


def aggregate(node: Aggregate, vector: Vector, parameter: float | str | None) -> Vector:
    """The groups of the vector, each with its value."""
    if node.op == "count_values":
        return _count_values(node, vector, str(parameter))
    number = parameter if isinstance(parameter, float) else math.nan
    if node.op in ("topk", "bottomk"):
        return _extreme(node, vector, number)
    groups: dict[Labels, list[float]] = {}
    for labels, value in vector.items():
        groups.setdefault(_group(node, labels), []).append(value)
    if node.op == "quantile":
        return {labels: quantile(number, values) for labels, values in groups.items()}
    compute = _SIMPLE[node.op]
    return {labels: float(compute(values)) for labels, values in groups.items()}


def _group(node: Aggregate, labels: Labels) -> Labels:
    wanted = node.labels
    if node.without:
        return tuple(pair for pair in labels if pair[0] not in wanted and pair[0] != NAME)
    return tuple(pair for pair in labels if pair[0] in wanted) if wanted else ()


def _extreme(node: Aggregate, vector: Vector, number: float) -> Vector:
    """The series with the largest or smallest values of each group, as they are; NaN comes last."""
    if math.isnan(number) or math.isinf(number):
        raise Invalid(f"{node.op}() is asked for {number} series.", "Write a whole number.")
    sign = -1 if node.op == "topk" else 1
    ordered = sorted(vector.items(), key=lambda item: (math.isnan(item[1]), sign * item[1]))
    taken: dict[Labels, int] = {}
    kept: Vector = {}
    for labels, value in ordered:
        group = _group(node, labels)
        taken[group] = taken.get(group, 0) + 1
        if taken[group] <= int(number):
            kept[labels] = value
    return kept


def _count_values(node: Aggregate, vector: Vector, label: str) -> Vector:
    if not LABEL_NAME.fullmatch(label):
        raise Invalid(f"{label[:100]!r} is not a label's name.", "Use letters, digits and underscores.")
    grouping = Aggregate(
        op=node.op, inner=node.inner, without=node.without,
        labels=node.labels - {label} if node.without else node.labels | {label},
    )  # fmt: skip
    counts: Vector = {}
    for labels, value in vector.items():
        group = _group(grouping, labels_of({**dict(labels), label: say_number(value)}))
        counts[group] = counts.get(group, 0.0) + 1
    return counts


def say_number(value: float) -> str:
    """The shortest text that is this number, without an exponent: ``5``, ``0.25``, ``+Inf``."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return format(Decimal(repr(value)), "f").removesuffix(".0")
