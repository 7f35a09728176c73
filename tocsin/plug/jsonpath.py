"""Where in a JSON answer the value of a signal stands, and what it must be.

A small part of RFC 9535: names, indexes, ``[*]`` and filters with one comparison: ``checks.database.status``,
``queues[0].depth``, ``runs[?status == "Running"]``. Pure: text in, values out.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

_NAME = re.compile(r"\.?([A-Za-z_][\w-]*)")
_QUOTED = re.compile(r"\[\s*(\"(?:[^\"\\]|\\.)*\"|'[^'\\]*')\s*\]")
_INDEX = re.compile(r"\[\s*(-?\d{1,9})\s*\]")
_EVERY = re.compile(r"\[\s*\*\s*\]|\.\*")
_FILTER = re.compile(r"\[\s*\?\s*\(?\s*@?\.?([\w.-]+)\s*(==|!=|>=|<=|>|<)\s*([^\]\)]+?)\s*\)?\s*\]")
_COMPARISON = re.compile(r"\s*(==|!=|>=|<=|>|<)\s*(.+?)\s*", re.DOTALL)
_Step = Callable[[Any], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """``== "ok"``, ``< 5``: what a value is held against."""

    op: str
    wanted: Any

    def holds(self, value: Any) -> bool:
        """Whether the value compares so; what can't be compared in size does not."""
        if self.op in ("==", "!="):
            same = type(value) is type(self.wanted) and value == self.wanted
            same = same or (_is_number(value) and _is_number(self.wanted) and value == self.wanted)
            return same is (self.op == "==")
        both_numbers = _is_number(value) and _is_number(self.wanted)
        if not both_numbers and not (isinstance(value, str) and isinstance(self.wanted, str)):
            return False
        return bool(
            {
                ">": value > self.wanted,
                ">=": value >= self.wanted,
                "<": value < self.wanted,
                "<=": value <= self.wanted,
            }[self.op]
        )


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path. ``counts``: it ends in a choice of entries, so its value is how many there are."""

    text: str
    steps: tuple[_Step, ...]
    counts: bool

    def find(self, document: Any) -> list[Any]:
        """Every value that stands there, in order."""
        found = [document]
        for step in self.steps:
            found = [each for value in found for each in step(value)]
        return found

    def number(self, document: Any) -> float:
        """The number there; of a list, or of a choice of entries, how many. `ValueError` with a sentence otherwise."""
        found = self.find(document)
        if self.counts:
            return float(len(found))
        if not found:
            raise ValueError(f"the answer has no {self.text}")
        if len(found) > 1:
            raise ValueError(f"{self.text} stands for {len(found)} values, not one")
        return _number(found[0], self.text)


def parse_path(text: str) -> Path:
    """The path that a text writes. `ValueError` with a sentence where it is none."""
    rest, at = text.strip().removeprefix("$"), 0
    steps: list[_Step] = []
    counts = False
    while at < len(rest):
        for pattern, make in _PARTS:
            part = pattern.match(rest, at)
            if part:
                steps.append(make(part))
                counts = pattern in (_EVERY, _FILTER)
                at = part.end()
                break
        else:
            raise ValueError(f"{text!r} is not a path into JSON; write for example checks.database or runs[0].state.")
    if not steps:
        raise ValueError("A path into JSON is empty; write for example checks.database.")
    return Path(text.strip(), tuple(steps), counts)


def parse_comparison(text: str) -> Comparison:
    """``== ok``, ``> 5``. `ValueError` with a sentence where it is none."""
    found = _COMPARISON.fullmatch(text)
    if not found:
        raise ValueError(f'{text!r} is not a comparison; write for example == "ok" or < 5.')
    return Comparison(found[1], _literal(found[2]))


def first_number(text: str) -> float:
    """The first number in a text, as a program prints one. `ValueError` with a sentence where there is none."""
    found = re.search(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])", text)
    found = found or re.search(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", text)
    if not found:
        raise ValueError("there is no number in it")
    return float(found[0])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Any, text: str) -> float:
    if isinstance(value, list):
        return float(len(value))
    number = _as_float(value, text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is {number}, which nothing can be compared with")
    return number


def _as_float(value: Any, text: str) -> float:
    if value is None or isinstance(value, dict):
        raise ValueError(f"{text} is {'null' if value is None else 'an object'}, not a number")
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise ValueError(f"{text} is the text {str(value)[:60]!r}, not a number") from None


def _literal(text: str) -> Any:
    """JSON where it is JSON, else the bare word as text."""
    try:
        return json.loads(text)
    except ValueError:
        return text.strip("'")


def _member(name: str) -> _Step:
    return lambda value: [value[name]] if isinstance(value, dict) and name in value else []


def _named(part: re.Match[str]) -> _Step:
    return _member(part[1])


def _quoted(part: re.Match[str]) -> _Step:
    return _member(json.loads(part[1]) if part[1].startswith('"') else part[1][1:-1])


def _indexed(part: re.Match[str]) -> _Step:
    at = int(part[1])
    return lambda value: [value[at]] if isinstance(value, list) and -len(value) <= at < len(value) else []


def _every(_: re.Match[str]) -> _Step:
    return _entries


def _entries(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()


def _filtered(part: re.Match[str]) -> _Step:
    names, comparison = part[1].split("."), Comparison(part[2], _literal(part[3]))

    def chosen(value: Any) -> Iterable[Any]:
        return [entry for entry in _entries(value) if comparison.holds(_inside(entry, names))]

    return chosen


def _inside(value: Any, names: Iterable[str]) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


_PARTS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], _Step]], ...] = (
    (_EVERY, _every), (_FILTER, _filtered), (_INDEX, _indexed), (_QUOTED, _quoted), (_NAME, _named),
)  # fmt: skip
