"""Reads a signal straight from a program's ``/metrics`` page, where there is no Prometheus."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from tocsin.core.labels import Matcher, all_match, parse_matchers
from tocsin.errors import Invalid, Unread
from tocsin.plug.addresses import check_networks
from tocsin.plug.exposition import Series, parse_series
from tocsin.plug.kinds import NO_SECRET, Example, Reading, Secret
from tocsin.plug.scraping import fetch_page
from tocsin.times import say_duration

EXAMPLES = (
    Example(settings={"url": "http://127.0.0.1:8000/metrics", "gauge": 'queue_depth{queue="mail"}'}),
    Example(
        settings={
            "url": "http://127.0.0.1:8000/metrics",
            "errors": 'http_requests_total{code=~"5.."}',
            "total": "http_requests_total",
        }
    ),
)

_MOST_SAMPLES = 1000
_Counters = Mapping[Series, float]


@dataclass(frozen=True, slots=True)
class _Sample:
    at: datetime
    errors: _Counters
    total: _Counters


class _Window:
    """The samples of a ratio so far; shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: list[_Sample] = []

    def add(self, sample: _Sample, width: timedelta) -> _Sample | None:
        """Keeps the sample; gives back the one to compare it with: the newest that is ``width`` old, or the oldest."""
        with self._lock:
            earlier = [known for known in self._samples if known.at < sample.at]
            old_enough = [number for number, known in enumerate(earlier) if sample.at - known.at >= width]
            earlier = earlier[old_enough[-1] if old_enough else 0 :][-_MOST_SAMPLES:]
            self._samples = [*earlier, sample]
            return earlier[0] if earlier else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """A gauge's value, or a share in per cent by how much two counters grew between two reads.

    Set ``gauge``, or ``errors`` and ``total``. A counter that starts anew (the program was restarted) counts from zero.
    """

    url: Annotated[str, "Address of the page in the Prometheus text format"]
    gauge: Annotated[str, 'Series with the value, such as queue_depth{queue="mail"}'] = ""
    errors: Annotated[str, "Counters of what went wrong; all that match are added"] = ""
    total: Annotated[str, "Counters of all that happened; all that match are added"] = ""
    window: Annotated[timedelta, "How far back the growth is measured; 0s means since the last read"] = timedelta(0)
    scale: Annotated[float, "What a gauge is multiplied by"] = 1.0
    token: Annotated[Secret, "Bearer token, if the page asks for one"] = NO_SECRET
    allow: Annotated[bool | tuple[str, ...], "Whether private addresses may be asked, or which networks"] = True
    _window: _Window = field(default_factory=_Window, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_networks(() if isinstance(self.allow, bool) else self.allow)
        if bool(self.gauge) == bool(self.errors or self.total) or bool(self.errors) != bool(self.total):
            raise ValueError("set either gauge, or both errors and total.")
        for selector in filter(None, (self.gauge, self.errors, self.total)):
            _parse_selector(selector)

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """The present value; raises `Unread` without a matching series, a second sample or any traffic."""
        page = fetch_page(self.url, self.token, self.allow, timeout)
        return self._read_gauge(page, now) if self.gauge else self._read_share(page, now)

    def _read_gauge(self, page: str, now: datetime) -> Reading:
        found = _select(page, self.gauge)
        if not found:
            raise Unread(f"no data: the page has no series {self.gauge}.")
        if len(found) > 1:
            raise Unread(f"{len(found)} series match {self.gauge}.", "Add labels until one is left.")
        value = next(iter(found.values()))
        if not math.isfinite(value):
            raise Unread(f"no data: {self.gauge} is {value}.")
        return Reading(value=value * self.scale, at=now)

    def _read_share(self, page: str, now: datetime) -> Reading:
        sample = _Sample(now, _select(page, self.errors), _select(page, self.total))
        if not sample.total:
            raise Unread(f"no data: the page has no series {self.total}.")
        before = self._window.add(sample, self.window)
        if before is None:
            raise Unread("no data yet: a share needs a second sample.")
        grown, wrong = _growth(before.total, sample.total), _growth(before.errors, sample.errors)
        since = say_duration(now - before.at)
        if not (math.isfinite(grown) and math.isfinite(wrong)):
            raise Unread("no data: a counter has no finite value.")
        if grown <= 0:
            raise Unread(f"no data: no requests in the last {since}.")
        return Reading(value=100 * wrong / grown, at=now, detail=f"{wrong:g} of {grown:g} in {since}")


def _growth(before: _Counters, after: _Counters) -> float:
    """By how much the counters grew together; one that is new or smaller than before has counted from zero."""
    return sum(
        value - before.get(series, 0) if value >= before.get(series, 0) else value for series, value in after.items()
    )


def _select(page: str, selector: str) -> _Counters:
    name, matchers = _parse_selector(selector)
    return {
        series: value for series, value in parse_series(page, name)
        if all_match(matchers, dict(series.labels))
    }  # fmt: skip


def _parse_selector(selector: str) -> tuple[str, tuple[Matcher, ...]]:
    name, brace, rest = selector.strip().partition("{")
    if not name or (brace and not rest.endswith("}")) or any(char.isspace() for char in name):
        raise ValueError(f'{selector!r} does not name a series; write for example requests_total{{code="500"}}.')
    try:
        return name, parse_matchers(rest.removesuffix("}"))
    except Invalid as error:
        raise ValueError(f"{selector!r}: {error}") from None
