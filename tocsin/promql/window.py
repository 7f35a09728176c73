"""The newest samples of the series that some queries read, as columns in memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tocsin.core.labels import all_match
from tocsin.promql.series import Labels, Selector, is_stale


@dataclass(slots=True, eq=False)
class Column:
    """One series: eight bytes for each moment and each value."""

    labels: Labels
    reach: int
    times: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))
    ends: bool = False

    def add(self, at: int, value: float) -> None:
        """One more sample, most often the newest; a second one of the same moment replaces the first."""
        self.ends = self.ends or (value != value and is_stale(value))  # noqa: PLR0124  NaN is what differs from itself
        if not self.times or at > self.times[-1]:
            self.times.append(at)
            self.values.append(value)
            return
        place = bisect_left(self.times, at)
        if self.times[place] == at:
            self.values[place] = value
        else:
            self.times.insert(place, at)
            self.values.insert(place, value)


class Window:
    """Holds what the given selectors mean, each as far back (ms) as it reaches. One thread only."""

    def __init__(self, reads: Iterable[tuple[Selector, int]]) -> None:
        self._reach: dict[Selector, int] = {}
        for selector, reach in reads:
            self._reach[selector] = max(reach, self._reach.get(selector, 0))
        self._found: dict[Selector, list[Column]] = {selector: [] for selector in self._reach}
        self._columns: dict[int, Column] = {}

    @property
    def reach(self) -> int:
        """The farthest (ms) that any selector reaches back."""
        return max(self._reach.values(), default=0)

    def name(self, number: int, labels: Labels) -> bool:
        """Make a series known by a number; whether any selector means it."""
        plain: Mapping[str, str] = dict(labels)
        meant = [selector for selector in self._found if all_match(selector, plain)]
        if meant and number not in self._columns:
            column = Column(labels, max(self._reach[selector] for selector in meant))
            self._columns[number] = column
            for selector in meant:
                self._found[selector].append(column)
        return bool(meant)

    def places(self, numbers: Sequence[int]) -> list[tuple[int, Column]]:
        """Which of these series are held, with their places among the numbers."""
        columns = self._columns
        return [(place, columns[number]) for place, number in enumerate(numbers) if number in columns]

    def trim(self, now: int) -> None:
        """Let go of what no query reaches any more."""
        for column in self._columns.values():
            times = column.times
            if times and times[0] < now - column.reach - column.reach // 4:
                gone = bisect_left(times, now - column.reach)
                del times[:gone], column.values[:gone]

    def select(self, selector: Selector) -> Sequence[Column]:
        """The series that one of the window's own selectors means."""
        return self._found[selector]
