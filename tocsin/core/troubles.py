"""What went wrong in the response itself, read off a timeline: each a proposal of what to do, with its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tocsin.core import facts
from tocsin.core.facts import Entry
from tocsin.times import say_moment, say_time

MOST = 12


class Trouble(NamedTuple):
    """What is to be done about it, and what shows it. ``key``: the same trouble again; ``line``: of the document."""

    key: str
    text: str
    evidence: str
    line: int = 0


def troubles(entries: Sequence[Entry], titles: Mapping[str, str], lines: Mapping[str, int]) -> list[Trouble]:
    """What to do about steps that failed, people who were not found, promises that were broken; each once.

    ``titles`` and ``lines`` are the document's, by the id of a step or phase.
    """
    found: dict[str, Trouble] = {}
    for entry in entries:
        for trouble in _of(entry, titles, lines):
            found.setdefault(trouble.key, trouble)
    return list(found.values())[:MOST]


def _of(entry: Entry, titles: Mapping[str, str], lines: Mapping[str, int]) -> Iterator[Trouble]:
    fact = entry.fact
    step = getattr(fact, "step", "")
    title, line = titles.get(step, step), lines.get(step, 0)
    match fact:
        case facts.StepFinished(status=status) if status in ("failed", "timed_out", "unrunnable"):
            code = "" if fact.exit_code is None else f" with exit code {fact.exit_code}"
            words = status.replace("_", " ")
            yield Trouble(f"step {step}", f"Mend the step “{title}”", f"it {words}{code} at {say_time(entry.at)}", line)
        case facts.StepInDoubt():
            yield Trouble(
                f"doubt {step}",
                f"Make “{title}” safe to repeat",
                f"it was interrupted at {say_time(entry.at)}: {fact.why}",
                line,
            )
        case facts.Escalated(person=None, to=to):
            yield Trouble(
                f"nobody {to}",
                f"Bind somebody to “{to}”",
                f"nobody was found at {say_time(entry.at)}: {fact.why}",
                fact.line,
            )
        case facts.NotifyFailed(person=person):
            yield Trouble(
                f"reach {person}", f"Mend the ways to {person}", f"not reached at {say_time(entry.at)}: {fact.why}"
            )
        case facts.EscalationEnded() | facts.EveryoneCalled():
            yield Trouble(
                "ladder", "Give the escalation a rung that somebody answers", f"{fact.why} ({say_time(entry.at)})"
            )
        case facts.BranchLeftOpen():
            yield Trouble("boundary", "Say what counts at the boundary", f"{fact.why} ({say_time(entry.at)})")
        case _:
            yield from _broken(entry, titles)


def _broken(entry: Entry, titles: Mapping[str, str]) -> Iterator[Trouble]:
    """Promises of the document that were not kept."""
    match entry.fact:
        case facts.ResponseMissed() as missed:
            evidence = f"nobody took it by {say_moment(missed.due)}"
            text = f"Answer {missed.severity} in time"
            yield Trouble("response", text, evidence, missed.line)
        case facts.UpdateMissed(again=0) as late:
            text = "Keep the promise of updates, or promise less"
            yield Trouble("updates", text, f"none by {say_moment(late.due)}", late.line)
        case facts.PhaseMissed() as late:
            title = titles.get(late.phase, late.phase)
            text = f"Reach “{title}” in its time, or give it more"
            yield Trouble(f"phase {late.phase}", text, f"not within {late.minutes:g} min", late.line)
        case facts.DeadlineMissed(again=0) as late:
            text = f"Do in time: {late.what}"
            yield Trouble(f"deadline {late.task}", text, f"not by {say_moment(late.due)}", late.line)
        case _:
            pass
