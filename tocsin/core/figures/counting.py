"""Many incidents, counted: times by group, pages by person, promises, alerts, steps. No mean, no percentile of few."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from tocsin.core.figures.meanings import FEWEST, MEASURES, NIGHT_BEGINS, NIGHT_ENDS, PROMISES, Measure
from tocsin.core.figures.measuring import Measured
from tocsin.times import EPOCH

LABEL = "label:"
GROUPS = ("severity", "service", "scenario", "month", "runbook")
MOST_LISTED = 200
"""So many people, alerts and steps are told, those that matter most first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for: a period, by what it is grouped, and in which zone months and periods are read.

    ``of`` "ended": incidents that ended in the period count, else those that were declared in it.
    """

    since: datetime
    until: datetime
    by: str = "severity"
    zone: str = "UTC"
    of: Literal["declared", "ended"] = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Some spans in seconds. Below `FEWEST` of them the ``values`` are told, from there on median and p90."""

    n: int = 0
    median: float | None = None
    p90: float | None = None
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Incidents of one kind. ``target``: seconds to an answer, where all have the same; ``""``: nothing is said."""

    name: str
    incidents: int
    open: int = 0
    reopened: int = 0
    target: float | None = None
    responses_kept: int = 0
    responses_missed: int = 0
    times: Mapping[Measure, Spread] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Pages that reached a person; ``nights``: in how many of their nights."""

    person: str
    pages: int
    at_night: int
    nights: int
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """How often something of a kind was done by the time at which it was due, and how often not."""

    kind: str
    kept: int
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How often an alert fired, in how many incidents, and in how many of those somebody took it or acted on it."""

    alert: str
    fired: int
    incidents: int
    acknowledged: int
    acted: int
    flapped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A step whose runs did not all go well."""

    runbook: str
    step: str
    command: str
    runs: int
    failed: int
    in_doubt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that is told of a period. ``behind``: so many incidents changed and are not counted anew yet."""

    asked: Asked
    whole: Group
    groups: tuple[Group, ...]
    months: tuple[Group, ...]
    drills: int
    duplicates: int
    load: tuple[Load, ...]
    promises: tuple[Promise, ...]
    alerts: tuple[Noise, ...]
    steps: tuple[Trouble, ...]
    behind: int = 0


def figures(rows: Sequence[Measured], asked: Asked, zones: Mapping[str, str]) -> Figures:
    """Count. ``rows`` are all that were touched from the beginning of the period on; ``zones``: person → IANA zone."""
    of_period = [row for row in rows if _within(row.declared_at if asked.of == "declared" else row.resolved_at, asked)]
    counted = [row for row in of_period if not row.drill and not row.duplicate_of]
    real = [row for row in rows if not row.drill]
    return Figures(
        asked=asked,
        whole=group("", counted),
        groups=tuple(_groups(counted, asked, asked.by)),
        months=tuple(_groups(counted, asked, "month")),
        drills=sum(row.drill for row in of_period),
        duplicates=sum(bool(row.duplicate_of) and not row.drill for row in of_period),
        load=_load(rows, asked, zones),
        promises=_promises(real, asked),
        alerts=_noise(real, asked),
        steps=_troubles(real, asked),
    )


def spread(values: Iterable[float]) -> Spread:
    """Median and p90 by rank: the p90 is the smallest value that nine of ten do not exceed."""
    told = sorted(values)
    if len(told) < FEWEST:
        return Spread(n=len(told), values=tuple(told))
    middle = len(told) // 2
    median = told[middle] if len(told) % 2 else (told[middle - 1] + told[middle]) / 2
    return Spread(n=len(told), median=median, p90=told[math.ceil(0.9 * len(told)) - 1])


def group(name: str, rows: Sequence[Measured]) -> Group:
    """The figures of some incidents together."""
    targets = {row.target for row in rows}
    responses = Counter(kept for row in rows for _, kind, kept in row.promises if kind == "response")
    return Group(
        name=name,
        incidents=len(rows),
        open=sum(row.status != "resolved" for row in rows),
        reopened=sum(row.reopened > 0 for row in rows),
        target=targets.pop() if len(targets) == 1 else None,
        responses_kept=responses[True],
        responses_missed=responses[False],
        times={each: spread(span for row in rows if (span := getattr(row, each)) is not None) for each in MEASURES},
    )


def _within(at: datetime | None, asked: Asked) -> bool:
    return at is not None and asked.since <= at < asked.until


def _groups(rows: Sequence[Measured], asked: Asked, by: str) -> list[Group]:
    members: dict[str, list[Measured]] = {}
    clock = ZoneInfo(asked.zone)
    for row in rows:
        for name in _names(row, by, clock):
            members.setdefault(name, []).append(row)
    found = [group(name, mine) for name, mine in members.items()]
    if by in ("severity", "month"):
        return sorted(found, key=lambda each: (not each.name, each.name))
    return sorted(found, key=lambda each: (not each.name, -each.incidents, each.name))[:MOST_LISTED]


def _names(row: Measured, by: str, clock: ZoneInfo) -> Iterable[str]:
    if by == "month":
        shown = row.declared_at.astimezone(clock)
        return (f"{shown.year:04}-{shown.month:02}",)
    if by in ("severity", "scenario", "runbook"):
        return (str(getattr(row, by)),)
    return row.labels.get(by.removeprefix(LABEL), ()) or ("",)


def _load(rows: Sequence[Measured], asked: Asked, zones: Mapping[str, str]) -> tuple[Load, ...]:
    first, last = asked.since.timestamp(), asked.until.timestamp()
    pages: Counter[str] = Counter()
    at_night: Counter[str] = Counter()
    nights: dict[str, set[date]] = {}
    clocks: dict[str, ZoneInfo] = {}
    for at, person in (page for row in rows if row.pages for page in row.pages):
        if not first <= at < last:
            continue
        pages[person] += 1
        zone = clocks.setdefault(person, ZoneInfo(zones.get(person) or asked.zone))
        night = night_of((EPOCH + timedelta(seconds=at)).astimezone(zone))
        if night is not None:
            at_night[person] += 1
            nights.setdefault(person, set()).add(night)
    found = [
        Load(
            person=person, pages=number, at_night=at_night[person], nights=len(nights.get(person, ())),
            zone=str(clocks[person]),
        )
        for person, number in pages.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: (-each.at_night, -each.pages, each.person))[:MOST_LISTED])


def night_of(shown: datetime) -> date | None:
    """The evening's date of the night in which a clock shows this; None by day."""
    if shown.hour >= NIGHT_BEGINS:
        return shown.date()
    return shown.date() - timedelta(days=1) if shown.hour < NIGHT_ENDS else None


def _promises(rows: Sequence[Measured], asked: Asked) -> tuple[Promise, ...]:
    first, last = asked.since.timestamp(), asked.until.timestamp()
    events = (event for row in rows if row.promises and not row.duplicate_of for event in row.promises)
    told = Counter((kind, kept) for at, kind, kept in events if first <= at < last)
    every = ((kind, told[kind, True], told[kind, False]) for kind in PROMISES)
    return tuple(Promise(kind=kind, kept=kept, missed=missed) for kind, kept, missed in every if kept + missed)


def _noise(rows: Sequence[Measured], asked: Asked) -> tuple[Noise, ...]:
    """An alert of a merged incident was acted on where the one that it was merged into was."""
    first, last = asked.since.timestamp(), asked.until.timestamp()
    by_name = {row.incident: row for row in rows}
    known: dict[tuple[str, str], tuple[float, float, str]] = {}
    for row in rows:
        home = row.duplicate_of if row.duplicate_of in by_name else row.incident
        for at, name, time in row.fired:
            first_at, last_at, before = known.get((name, time), (at, at, home))
            known[name, time] = (min(at, first_at), max(at, last_at), home if at >= last_at else before)
    homes: dict[str, list[str]] = {}
    for (name, _), (at, _, home) in known.items():
        if first <= at < last:
            homes.setdefault(name, []).append(home)
    flapped = Counter(name for row in rows if row.flapped for at, name in row.flapped if first <= at < last)
    found = []
    for name, fired in homes.items():
        mine = [by_name[home] for home in set(fired)]
        taken = sum(home.acknowledge is not None for home in mine)
        acted = sum(home.acted for home in mine)
        found.append(
            Noise(
                alert=name,
                fired=len(fired),
                incidents=len(mine),
                acknowledged=taken,
                acted=acted,
                flapped=flapped[name],
            )
        )
    return tuple(sorted(found, key=lambda each: (each.acted - each.incidents, -each.fired, each.alert))[:MOST_LISTED])


def _troubles(rows: Sequence[Measured], asked: Asked) -> tuple[Trouble, ...]:
    first, last = asked.since.timestamp(), asked.until.timestamp()
    runs: dict[tuple[str, str], list[str]] = {}
    commands: dict[tuple[str, str], str] = {}
    for row in rows:
        for at, step, command, how in row.ran:
            if first <= at < last and not row.duplicate_of:
                key = (row.runbook, step)
                runs.setdefault(key, []).append(how)
                commands[key] = command or commands.get(key, "")
    found = [
        Trouble(
            runbook=key[0], step=key[1], command=commands[key], runs=len(ended), failed=ended.count("failed"),
            in_doubt=ended.count("in doubt"),
        )
        for key, ended in runs.items()
        if "failed" in ended or "in doubt" in ended
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: (-each.failed - each.in_doubt, each.step))[:MOST_LISTED])
