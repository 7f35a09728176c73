"""What an expression is evaluated over: series, each with its labels and its samples in time.

Moments are whole milliseconds since 1970, as in Prometheus.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Protocol

from tocsin.core.labels import Matcher

Labels = tuple[tuple[str, str], ...]
"""Sorted by name, without empty values; a metric's name is the label ``__name__``."""
Vector = dict[Labels, float]
"""Series and the value that each has at one moment."""
Selector = tuple[Matcher, ...]
"""Matchers that must all hold."""

NAME = "__name__"
LOOKBACK = 300_000
"""How many milliseconds a sample stands for its series where no later one came."""

_STALE_BITS = 0x7FF0000000000002
STALE: float = struct.unpack("<d", _STALE_BITS.to_bytes(8, "little"))[0]
"""The NaN that says "this series has ended". Source: prometheus/prometheus ``model/value/value.go``."""


class Series(Protocol):
    """One series with its samples, the oldest first; no two at the same moment."""

    @property
    def labels(self) -> Labels:
        """What it is called."""

    @property
    def times(self) -> Sequence[int]:
        """The samples' moments, rising."""

    @property
    def values(self) -> Sequence[float]:
        """The samples' values, as many; `STALE` where the series ended."""

    @property
    def ends(self) -> bool:
        """Whether a `STALE` may be among the values."""


class Source(Protocol):
    """What holds series."""

    def select(self, selector: Selector) -> Sequence[Series]:
        """The series that a selector means, with at least the samples that its query can reach."""


def is_stale(value: float) -> bool:
    """Whether it is the mark of an end; an ordinary NaN is a value."""
    return value != value and struct.pack("<d", value) == _STALE_BYTES  # noqa: PLR0124  NaN is what differs from itself


_STALE_BYTES = _STALE_BITS.to_bytes(8, "little")


def without_name(labels: Labels) -> Labels:
    """The labels without the metric's name."""
    if labels and labels[0][0] == NAME:  # most often: lower-case letters sort behind the underscore
        return labels[1:]
    return tuple(pair for pair in labels if pair[0] != NAME)


def say_labels(labels: Labels) -> str:
    """``queue_depth{queue="mail"}``."""
    name = dict(labels).get(NAME, "")
    escaped = ((label, value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")) for label, value in labels)
    rest = ", ".join(f'{label}="{value}"' for label, value in escaped if label != NAME)
    return f"{name}{{{rest}}}" if rest or not name else name
