"""An expression, understood: what `parsing` makes and `evaluating` walks. Durations are milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tocsin.promql.series import Selector


@dataclass(frozen=True, slots=True)
class Number:
    """``0.5``."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """``"code"``."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """``name{label="value"} offset 5m``; ``fixed``: with ``@ start()`` or ``@ end()``, the moment of the question."""

    selector: Selector
    offset: int = 0
    fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """``select[5m]``."""

    select: Select
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subquery:
    """``inner[1h:1m] offset 5m``."""

    inner: Node
    width: int
    step: int
    offset: int = 0
    fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """``name(arguments)``."""

    name: str
    arguments: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """``op by (labels) (parameter, inner)``; ``without``: the labels are those that go."""

    op: str
    inner: Node
    parameter: Node | None = None
    labels: frozenset[str] = frozenset()
    without: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """How two vectors find each other: on these labels or on all but these; ``many`` is the side with more series."""

    labels: frozenset[str] = frozenset()
    on: bool = False
    many: Literal["", "left", "right"] = ""
    included: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """``left op right``; ``truth``: with ``bool``."""

    op: str
    left: Node
    right: Node
    truth: bool = False
    matching: Matching = field(default_factory=Matching)


@dataclass(frozen=True, slots=True)
class Negative:
    """``-inner``."""

    inner: Node


Node = Number | Text | Select | Range | Subquery | Call | Aggregate | Binary | Negative
