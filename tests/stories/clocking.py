"""The clocks: what people say to them, and what they show."""

from __future__ import annotations

from datetime import timedelta

from tests.stories.doing import move
from tests.stories.vocabulary import IN, REF, WHO, WHY, Seen, action, check, latest, page_of
from tests.stories.world import World
from tocsin.times import parse_duration

SPAN = r"(?P<span>[\dhmsd ]+?)"


def minutes(span: str) -> float:
    """``1h 20m`` → 80."""
    return parse_duration(span) / timedelta(minutes=1)


@action(rf"{WHO} estimates another {SPAN}{IN}{WHY}", "ana estimates another 40m because it only restarts")
def _estimates(world: World, who: str, span: str, ref: str | None, why: str | None) -> None:
    """Say how long the rest will take; said again it counts anew."""
    move(world, who, ref, "estimate", minutes=minutes(span), why=why or "")


@action(
    rf"{WHO} says that the service is unavailable(?: for {SPAN} already)?{IN}{WHY}",
    "ana says that the service is unavailable for 20m already",
)
def _unavailable(world: World, who: str, span: str | None, ref: str | None, why: str | None) -> None:
    """Begin the outage clock by hand."""
    move(world, who, ref, "mark_unavailable", minutes=minutes(span) if span else 0.0, why=why or "")


@action(rf"{WHO} says that the service is available{IN}{WHY}", "ana says that the service is available")
def _available(world: World, who: str, ref: str | None, why: str | None) -> None:
    """End the outage clock by hand."""
    move(world, who, ref, "mark_available", why=why or "")


@action(rf"{WHO} promises updates every {SPAN}{IN}", "ana promises updates every 20m")
def _promises(world: World, who: str, span: str, ref: str | None) -> None:
    """Say how often people are told how it goes."""
    move(world, who, ref, "set_cadence", minutes=minutes(span))


@action(
    rf"{WHO} confirms line (?P<line>\d+){IN}(?: for (?P<to>[a-z/ -]+?))? because (?P<why>.+)",
    "ana confirms line 41 because the till was opened",
)
def _confirms(world: World, *, who: str, line: str, ref: str | None, to: str | None, why: str) -> None:
    """Say that a condition of the escalation is true: its rung is climbed; "for" names whom, if need be."""
    rungs = [place for place, rung in enumerate(latest(world, ref).ladder) if rung.line == int(line)]
    assert rungs, f"no rung stands on line {line}"
    move(world, who, ref, "confirm_condition", rung=rungs[0], why=why, to=to or "")


@action(
    rf"{WHO} has done the deadline of line (?P<line>\d+){IN}{WHY}",
    "ana has done the deadline of line 60 because ben wrote it",
)
def _done(world: World, who: str, line: str, ref: str | None, why: str | None) -> None:
    """Say that something that the document wants done in time was done."""
    tasks = [task.id for task in latest(world, ref).clocks.timetable.tasks if task.line == int(line)]
    assert tasks, f"no deadline stands on line {line}"
    move(world, who, ref, "meet_deadline", deadline=tasks[0], why=why or "")


@check(
    rf"the clock of line (?P<line>\d+){REF} (?:strikes in {SPAN}|is (?P<state>late|asked|kept|missed|held|not there))",
    "the clock of line 41 strikes in 40m",
)
def _clock(seen: Seen, line: str, ref: str | None, span: str | None, state: str | None) -> None:
    """When the clock that a line of the runbook asks for strikes, or how it stands."""
    now = seen.world.clock.at
    found = [each for each in page_of(seen.world, ref).countdowns if each.line == int(line)]
    if state == "not there":
        assert not found, found
        return
    assert found, [(each.line, each.what) for each in page_of(seen.world, ref).countdowns]
    if state:
        assert state in {each.state for each in found}, found
    else:
        rests = [(each.at - now) / timedelta(minutes=1) for each in found if each.at]
        assert any(abs(rest - minutes(span or "")) < 0.02 for rest in rests), f"in {rests} min"
