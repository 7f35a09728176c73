"""Reads the Prometheus text format (0.0.4 and OpenMetrics 1.0), as programs print it on ``/metrics``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NAME = r"[A-Za-z_:][\w:]*"
_LABEL = re.compile(r'\s*([A-Za-z_][\w.]*|"(?:[^"\\]|\\.)*")\s*(?:=\s*"((?:[^"\\]|\\.)*)")?\s*(,|$)')
_BRACES = r'\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\}'
_LINE = re.compile(rf"({_NAME})?[ \t]*({_BRACES})?[ \t]*(\S+)")
_SAMPLE = re.compile(
    rf"({_NAME}(?=[ \t]+[^ \t{{])|(?:{_NAME})?[ \t]*{_BRACES})[ \t]*(\S+)(?:[ \t]+(-?\d+(?:\.\d+)?)(?!\S))?"
)
_ESCAPES = {"n": "\n", "\\": "\\", '"': '"'}


@dataclass(frozen=True, slots=True)
class Series:
    """A metric's name and labels, the labels sorted by name."""

    name: str
    labels: tuple[tuple[str, str], ...]


def parse_series(page: str, name: str) -> Iterator[tuple[Series, float]]:
    """The series of that name with their values (NaN and infinities as such); lines that can't be read are left out."""
    for line in page.split("\n"):
        if name not in line or line.startswith("#"):
            continue
        match = _LINE.match(line.strip())
        if match is None:
            continue
        found, braces, number = match.groups()
        labels = _parse_labels(braces[1:-1]) if braces else {}
        # Newer programs write a name with dots as the first, valueless label: {"queue.depth", queue="mail"}.
        found = found or next((label for label, value in (labels or {}).items() if value is None), None)
        value = _parse_number(number)
        if found == name and labels is not None and value is not None:
            plain = {label: text for label, text in labels.items() if text is not None}
            yield Series(name, tuple(sorted(plain.items()))), value


def parse_samples(page: str) -> Iterator[tuple[str, float, str]]:
    """Every sample of a page: its series as it stands there, for `parse_name`; its value; its time, if it has one.

    The time is a text: milliseconds in the older format, seconds in OpenMetrics. What can't be read is left out.
    """
    for line in page.split("\n"):
        match = None if line.startswith("#") else _SAMPLE.match(line.strip())
        value = _parse_number(match[2]) if match else None
        if match and value is not None:
            yield match[1], value, match[3] or ""


def parse_name(text: str) -> Series | None:
    """A series as it stands before its value, such as ``queue_depth{queue="mail"}``; None where it can't be read."""
    plain, brace, rest = text.partition("{")
    labels = _parse_labels(rest.rstrip().removesuffix("}")) if brace else {}
    if labels is None:
        return None
    name = plain.strip() or next((label for label, value in labels.items() if value is None), "")
    pairs = ((label, value) for label, value in labels.items() if value is not None)
    return Series(name, tuple(sorted(pairs))) if name else None


def _parse_labels(text: str) -> dict[str, str | None] | None:
    labels: dict[str, str | None] = {}
    at = 0
    while at < len(text.rstrip()):
        match = _LABEL.match(text, at)
        if match is None:
            return None
        label, value, _ = match.groups()
        label = _unescape(label[1:-1]) if label.startswith('"') else label
        labels[label] = None if value is None else _unescape(value)
        at = match.end()
    return labels


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match.group(1), match.group(0)), text) if "\\" in text else text


def _parse_number(text: str) -> float | None:
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None
