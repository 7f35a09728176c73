"""Operators on two numbers as Go computes them: nothing raises, faults become NaN or an infinity."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping


def divide(left: float, right: float) -> float:
    """Division by zero is an infinity with the product of the signs, or NaN."""
    try:
        return left / right
    except ZeroDivisionError:
        if left == 0 or math.isnan(left):
            return math.nan
        return math.copysign(math.inf, left) * math.copysign(1.0, right)


def modulo(left: float, right: float) -> float:
    """The remainder with the sign of the dividend."""
    try:
        return math.fmod(left, right)
    except ValueError:
        return math.nan


def power(left: float, right: float) -> float:
    """Powers; of zero and of negative numbers as IEEE 754 says."""
    try:
        return math.pow(left, right)
    except OverflowError:
        odd = right % 2 == 1
        return -math.inf if left < 0 and odd else math.inf
    except ValueError:
        if left != 0:
            return math.nan  # a root of a negative number
        return math.copysign(math.inf, left) if right % 2 == 1 else math.inf


OPERATORS: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": divide,
    "%": modulo,
    "^": power,
}
"""What makes a number of two; the result has no name."""

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
}
"""What keeps the left number or drops it."""


def rounded(value: float, to: Callable[[float], int]) -> float:
    """``math.floor`` and ``math.ceil`` for every float."""
    return float(to(value)) if math.isfinite(value) else value


def logarithm(value: float, of: Callable[[float], float]) -> float:
    """``math.log`` and its kin for every float."""
    if value > 0:
        return of(value)
    return -math.inf if value == 0 else math.nan


def exponential(value: float) -> float:
    """``math.exp`` for every float."""
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def total(values: list[float]) -> float:
    """An exact sum, also of infinities and of what overflows on the way."""
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):
        return sum(values)


def mean(values: list[float]) -> float:
    """An average that overflows only where the result does."""
    number = len(values)
    try:
        return math.fsum(values) / number
    except OverflowError:
        return math.fsum(value / number for value in values)
    except ValueError:
        return math.nan


def quantile(share: float, values: list[float]) -> float:
    """The quantile, interpolated between its neighbours; NaN counts as the smallest. Source: ``promql/quantile.go``."""
    if not values or math.isnan(share):
        return math.nan
    if not 0 <= share <= 1:
        return -math.inf if share < 0 else math.inf
    ordered = sorted(values, key=lambda value: (not math.isnan(value), value))
    rank = share * (len(ordered) - 1)
    lower = math.floor(rank)
    weight = rank - lower
    return ordered[lower] * (1 - weight) + ordered[min(len(ordered) - 1, lower + 1)] * weight


def deviation(values: list[float]) -> float:
    """The variance of the whole population."""
    if not all(map(math.isfinite, values)):
        return math.nan
    middle = mean(values)
    try:
        return math.fsum((value - middle) ** 2 for value in values) / len(values)
    except OverflowError:
        return math.inf
