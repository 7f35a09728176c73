"""Two sets of samples under the same names: a bakery that is scraped regularly, and a ferry where everything is odd."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from tocsin.promql import STALE, Labels, Query, Window

STEP = 15_000
START = 1_767_225_600_000
"""The first of January 2026; all of it happens within 70 minutes."""
END = START + 70 * 60_000


@dataclass(slots=True)
class Line:
    """One series: its labels and its samples in time (ms)."""

    labels: Labels
    samples: list[tuple[int, float]] = field(default_factory=list)


def line(name: str, **labels: str) -> Line:
    """A series without samples."""
    return Line(tuple(sorted({"__name__": name, **labels}.items())))


def bakery() -> list[Line]:
    """Scraped every 15 s without a gap: counters that restart at times, gauges, a histogram for each oven."""
    dice = random.Random(7)
    lines: list[Line] = []
    for oven in ("east", "west", "north"):
        for code, speed in (("200", 5), ("404", 2), ("500", 4), ("503", 7)):
            lines += [_counter(dice, line("loaves_total", oven=oven, code=code), speed)]
        lines.append(_gauge(dice, line("heat_celsius", oven=oven, room="bakery"), middle=230))
        lines.append(_gauge(dice, line("queue_depth", oven=oven), middle=3))
        lines += _histogram(dice, oven)
        lines.append(_constant(line("capacity", oven=oven), float(100 + len(oven))))
        lines.append(_constant(line("up", oven=oven, job="bakery"), 1.0))
    lines.append(_constant(line("oven_info", oven="east", maker='Älmar "&" Sons'), 1.0))
    lines.append(_constant(line("oven_info", oven="west", maker="Brot\\Werk"), 1.0))
    lines.append(_gauge(dice, line("temperature", place="hall"), middle=20))
    lines += [
        _counter(dice, line("frost_celsius_bucket", le=bound), speed)
        for bound, speed in (("-5", 5), ("0", 9), ("10", 12), ("+Inf", 15))
    ]
    return lines


def ferry() -> list[Line]:
    """The same names, with gaps, ends, jitter, restarts, NaN, infinities and series that come and go."""
    dice = random.Random(11)
    lines = bakery()
    for number, each in enumerate(lines):
        each.samples = list(_shaken(dice, each.samples, number))
    odd = line("heat_celsius", oven="south", room="deck")
    odd.samples = [
        (START + STEP * n, value)
        for n, value in enumerate((math.nan, math.inf, -math.inf, -1.5, 0.0, 1e300, -1e-300) * 40)
    ]
    lone = line("queue_depth", oven="south")
    lone.samples = [(START + 31 * 60_000, 4.0)]
    negative = line("loaves_total", oven="south", code="500")
    negative.samples = [(START + STEP * n, -50.0 + n) for n in range(0, 280, 2)]
    return [*lines, odd, lone, negative]


SETS = {"bakery": bakery, "ferry": ferry}


def window_of(lines: list[Line], query: Query) -> Window:
    """What the query reads, as the service holds it."""
    window = Window(query.reads)
    for number, each in enumerate(lines):
        if window.name(number, each.labels):
            ((_, column),) = window.places([number])
            for at, value in each.samples:
                column.add(at, value)
    return window


def _times() -> range:
    return range(START, END, STEP)


def _counter(dice: random.Random, each: Line, speed: int) -> Line:
    value = float(dice.randrange(1000))
    for at in _times():
        value = 0.0 if dice.random() < 0.01 else value + dice.randrange(speed * 4)
        each.samples.append((at, value))
    return each


def _gauge(dice: random.Random, each: Line, middle: float) -> Line:
    value = middle
    for at in _times():
        value += dice.gauss(0, middle / 20)
        each.samples.append((at, value))
    return each


def _constant(each: Line, value: float) -> Line:
    each.samples = [(at, value) for at in _times()]
    return each


def _histogram(dice: random.Random, oven: str) -> list[Line]:
    bounds = ("0.1", "0.25", "0.5", "1", "2.5", "+Inf")
    buckets = [line("bake_seconds_bucket", oven=oven, le=bound) for bound in bounds]
    total, count = line("bake_seconds_sum", oven=oven), line("bake_seconds_count", oven=oven)
    counts, seconds = [0] * len(bounds), 0.0
    for at in _times():
        for _ in range(dice.randrange(12)):
            took = dice.expovariate(2 if oven == "east" else 1)
            seconds += took
            for place, bound in enumerate(bounds):
                counts[place] += took <= float(bound)
        for bucket, value in zip(buckets, counts, strict=True):
            bucket.samples.append((at, float(value)))
        total.samples.append((at, seconds))
        count.samples.append((at, float(counts[-1])))
    return [*buckets, total, count]


def _shaken(dice: random.Random, samples: list[tuple[int, float]], number: int) -> Iterator[tuple[int, float]]:
    """Moments that are not quite regular, samples that are missing, ends that are marked."""
    if number % 7 == 3:
        samples = samples[len(samples) // 3 :]
    ended = False
    for place, (at, value) in enumerate(samples):
        if number % 5 == 1 and 120 <= place < 170:
            if not ended:
                yield at, STALE
            ended = True
            continue
        ended = False
        if dice.random() < 0.06:
            continue
        if number % 11 == 5 and place % 40 == 20:
            yield at, math.nan
            continue
        yield at + (dice.randrange(-900, 900) if number % 2 else 0), value
