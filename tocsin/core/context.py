"""What lies around an incident: changes near its beginning, suppliers, people affected, values of signals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core.change import Change
from tocsin.times import say_duration

LOOK_BACK = timedelta(hours=24)
"""Changes from so long before the beginning are shown."""
SUPPLIER_STATES = ("all is well", "minor trouble or maintenance", "major trouble", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A change and how long before the beginning it was; negative: after it. ``nearest``: the last one before it."""

    change: Change
    before_seconds: float
    nearest: bool = False

    def distance(self) -> str:
        """``12 min before``, ``40 s after``; from ten minutes on the seconds tell nothing."""
        seconds = round(abs(self.before_seconds))
        span = timedelta(seconds=seconds if seconds < 600 else round(seconds / 60) * 60)
        if not span:
            return "at that moment"
        return f"{say_duration(span)} {'before' if self.before_seconds > 0 else 'after'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalAt:
    """A signal as it was: its value, its lowest and highest of the hours before, and the threshold where there is one.

    ``threshold`` is written as the document means it: ``> 5 %``.
    """

    metric: str
    value: float | None
    unit: str = ""
    at: datetime | None = None
    low: float | None = None
    high: float | None = None
    threshold: str = ""
    bad: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierAt:
    """What somebody else's service said of itself: 0 to 3, in words. ``problem``: why it could not be asked."""

    name: str
    level: float | None = None
    says: str = ""
    at: datetime | None = None
    problem: str = ""

    def state(self) -> str:
        """How bad it is, in words."""
        if self.level is None:
            return "not known"
        return SUPPLIER_STATES[min(max(round(self.level), 0), len(SUPPLIER_STATES) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """How many people are affected, of how many; ``share`` in per cent, where it is told or can be worked out."""

    count: float | None = None
    of: float | None = None
    share: float | None = None
    at: datetime | None = None

    def says(self) -> str:
        """``340 of 12,000 users (2.8 %)``."""
        share = "" if self.share is None else f"{self.share:.2g} %" if self.share < 10 else f"{self.share:.3g} %"
        if self.count is None:
            return f"{share} of users"
        whole = "" if self.of is None else f" of {self.of:,.0f}"
        return f"{self.count:,.0f}{whole} users" + (f" ({share})" if share else "")


def affected(count: float | None, of: float | None, share: float | None, at: datetime | None) -> Affected | None:
    """What the signals tell of the people affected; None where they tell nothing that counts them."""
    if count is not None and of:
        share = 100 * count / of
    return None if count is None and share is None else Affected(count=count, of=of or None, share=share, at=at)


def near(changes: Iterable[Change], start: datetime) -> tuple[Near, ...]:
    """The changes with their distance to the beginning, the newest first; the last one before it is marked."""
    found = sorted(changes, key=lambda change: change.at, reverse=True)
    last = next((change for change in found if change.at <= start), None)
    return tuple(
        Near(change=change, before_seconds=(start - change.at).total_seconds(), nearest=change is last)
        for change in found
    )


def in_words(change: Change) -> str:
    """``v42 deployed to till by mara (success)``: a change in one line."""
    where = f", {change.where}" if change.where and change.where not in change.what else ""
    who = f" by {change.who}" if change.who and not change.what.endswith(change.who) else ""
    return f"{change.what}{where}{who}" + (f" ({change.outcome})" if change.outcome else "")
