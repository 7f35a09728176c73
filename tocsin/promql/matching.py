"""Two vectors find each other by their labels. Source: prometheus/prometheus ``promql/engine.go`` (2.42)."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.errors import Invalid
from tocsin.promql.arithmetic import COMPARISONS, OPERATORS
from tocsin.promql.functions import labels_of, unique
from tocsin.promql.series import NAME, Labels, Vector, say_labels, without_name
from tocsin.promql.tree import Binary, Matching

_Key = Callable[[Labels], Labels]


def combine(node: Binary, left: Vector, right: Vector) -> Vector:
    """``left op right`` for series that match."""
    key = _key(node.matching)
    if node.op == "and":
        found = set(map(key, right))
        return {labels: value for labels, value in left.items() if key(labels) in found}
    if node.op == "unless":
        found = set(map(key, right))
        return {labels: value for labels, value in left.items() if key(labels) not in found}
    if node.op == "or":
        found = set(map(key, left))
        return left | {labels: value for labels, value in right.items() if key(labels) not in found}
    return _joined(node, left, right, key)


def with_number(node: Binary, vector: Vector, number: float, *, number_first: bool) -> Vector:
    """``vector op number``, or the other way round."""
    pairs: list[tuple[Labels, float]] = []
    compute, compare = OPERATORS.get(node.op), COMPARISONS.get(node.op)
    for labels, value in vector.items():
        left, right = (number, value) if number_first else (value, number)
        if compute is not None:
            pairs.append((without_name(labels), compute(left, right)))
        elif compare is not None and node.truth:
            pairs.append((without_name(labels), float(compare(left, right))))
        elif compare is not None and compare(left, right):
            pairs.append((labels, value))
    return unique(pairs)


def of_numbers(node: Binary, left: float, right: float) -> float:
    """``number op number``."""
    if node.op in OPERATORS:
        return OPERATORS[node.op](left, right)
    return float(COMPARISONS[node.op](left, right))


def _key(matching: Matching) -> _Key:
    """What of the labels must be equal on both sides."""
    names = matching.labels
    if matching.on:
        return lambda labels: tuple(pair for pair in labels if pair[0] in names)
    if names:
        return lambda labels: tuple(pair for pair in labels if pair[0] not in names and pair[0] != NAME)
    return without_name


def _joined(node: Binary, left: Vector, right: Vector, key: _Key) -> Vector:
    matching, compute, compare = node.matching, OPERATORS.get(node.op), COMPARISONS.get(node.op)
    many, one = (right, left) if matching.many == "right" else (left, right)
    singles = _singles(one, key, "left" if matching.many == "right" else "right")
    pairs: list[tuple[Labels, float]] = []
    matched: set[Labels] = set()
    for labels, value in many.items():
        group = key(labels)
        if group not in singles:
            continue
        other_labels, other = singles[group]
        first, second = (other, value) if matching.many == "right" else (value, other)
        if compute is not None:
            found = compute(first, second)
        elif compare is not None and (node.truth or compare(first, second)):
            found = float(compare(first, second)) if node.truth else first
        else:
            continue
        if not matching.many and group in matched:
            raise Invalid(
                f"Several series on the left match one on the right ({say_labels(group)}).",
                "Say so by group_left, or aggregate them first.",
            )
        matched.add(group)
        pairs.append((_result_labels(node, labels, other_labels), found))
    vector = dict(pairs)
    if len(vector) < len(pairs):
        raise Invalid("Several matches have the same labels.", "Group by labels that tell them apart.")
    return vector


def _singles(one: Vector, key: _Key, side: str) -> dict[Labels, tuple[Labels, float]]:
    """The side on which every group has one series."""
    singles: dict[Labels, tuple[Labels, float]] = {}
    for labels, value in one.items():
        group = key(labels)
        if group in singles:
            known = say_labels(singles[group][0])
            raise Invalid(
                f"On the {side} hand-side, {known} and {say_labels(labels)} both match {say_labels(group)}.",
                "Aggregate that side, or match on more labels.",
            )
        singles[group] = labels, value
    return singles


def _result_labels(node: Binary, many: Labels, one: Labels) -> Labels:
    matching = node.matching
    labels = without_name(many) if node.op in OPERATORS or node.truth else many
    if not matching.many:
        if matching.on:
            return tuple(pair for pair in labels if pair[0] in matching.labels)
        return tuple(pair for pair in labels if pair[0] not in matching.labels) if matching.labels else labels
    if not matching.included:
        return labels
    given = dict(one)
    return labels_of({**dict(labels), **{name: given.get(name, "") for name in matching.included}})
