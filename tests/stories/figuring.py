"""What a story's figures must say, and its reports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tests.stories.vocabulary import Seen, action, check
from tests.stories.world import World
from tocsin.core.figures.counting import Asked, Figures
from tocsin.core.figures.meanings import MEASURES
from tocsin.core.figures.report import said
from tocsin.service import figuring, reporting
from tocsin.service.access import Caller

VIEWER = "vera"


@action(r"two nodes look whether a report is due", "two nodes look whether a report is due")
def _look(world: World) -> None:
    """Each node of Tocsin does so every few seconds."""
    for _ in range(2):
        reporting.send_due(world.app)


@check(
    r"the figures(?: by (?P<by>[\w:]+))?(?: for (?P<who>[a-z]+))? (?P<never>never )?say `(?P<words>[^`]*)`",
    "the figures by scenario say `Orders fail: resolve 16 min (n 1)`",
)
def _say(seen: Seen, *, by: str | None, who: str | None, never: str | None, words: str) -> None:
    """One line of the figures of the last 30 days, as somebody sees them who may look ("for": who that is)."""
    app, now = seen.world.app, seen.world.clock.at
    asked = Asked(since=now - timedelta(days=30), until=now + timedelta(seconds=1), by=by or "severity")
    lines = list(_lines(figuring.of_period(app, Caller(who or VIEWER, "viewer", ()), asked)))
    assert any(words in line for line in lines) is not bool(never), "\n  ".join(lines)


@check(
    r"the (?P<kind>daily|weekly) report (?P<never>never )?says `(?P<words>[^`]*)`",
    "the daily report says `2 began, 1 ended`",
)
def _report(seen: Seen, kind: str, never: str | None, words: str) -> None:
    """What `tocsin figures report` prints now."""
    caller = Caller(VIEWER, "viewer", ())
    text = reporting.written(seen.world.app, caller, "daily" if kind == "daily" else "weekly", seen.world.clock.at).text
    assert (words in text) is not bool(never), text


def _lines(told: Figures) -> Iterator[str]:
    yield f"left out: {told.drills} drills, {told.duplicates} duplicates"
    for group in (told.whole, *told.groups):
        name = group.name or ("all" if group is told.whole else "none")
        yield f"{name}: {group.incidents} incidents, {group.open} open, {group.reopened} reopened"
        target = f" (target {group.target / 60:g} min)" if group.target is not None else ""
        yield f"{name}: responses {group.responses_kept} kept, {group.responses_missed} missed{target}"
        yield from (f"{name}: {measure} {said(group.times[measure])}" for measure in MEASURES)
    for load in told.load:
        yield f"{load.person}: {load.pages} pages, {load.at_night} at night ({load.zone})"
    yield from (f"{one.kind} promises: {one.kept} kept, {one.missed} missed" for one in told.promises)
    for noise in told.alerts:
        fired = f"{noise.alert}: fired {noise.fired} times in {noise.incidents} incidents"
        yield f"{fired}, taken in {noise.acknowledged}, acted on in {noise.acted}, flapped {noise.flapped} times"
    for step in told.steps:
        yield f"{step.command}: {step.failed} of {step.runs} runs failed, {step.in_doubt} in doubt"
