"""The document's escalations as a ladder: rungs with a time in their order, then those that only a human can judge."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from tocsin.core.firstresponse import FirstResponse, first_responses
from tocsin.core.policy import Clock, Rung
from tocsin.core.runbook import Escalation, Runbook
from tocsin.times import say_duration

UNANSWERED_AFTER = timedelta(minutes=5)
_FILLING = frozenset({"all", "an", "and", "any", "every", "for", "incident", "incidents", "only", "or"})
TWICE = 2.0
_ON_CALL = re.compile(r"\bon[ -]?call\b|\bduty\b", re.IGNORECASE)
NOBODY_NAMED = "the document names nobody for the first page"
_FIRST = re.compile(r"\b(first|initial|primary)\b", re.IGNORECASE)


_RISES = re.compile(
    r"\bseverity\b.{0,30}\b(?:increase|rise|raise|escalate|worsen|upgrade)"
    r"|\b(?:increase|rise|raise|upgrade)\w* (?:in|of) severity",
    re.IGNORECASE,
)
_TIMES = re.compile(r"(?P<number>\d{1,2}(?:\.\d+)?)\s*(?:x\b|×|times\b|-?fold\b)", re.IGNORECASE)


def ladder(runbook: Runbook) -> tuple[Rung, ...]:
    """The document's escalations as rungs: those with a time in their order, then those that only a human can judge.

    Somebody is always called at once: the rung at 0 minutes; else the one that the document calls the first response;
    else whoever a severity's own words page, or whoever is on call. Of a severity that is only "tracked in the
    backlog", and of which no rung speaks, nobody is called.
    """
    rungs = [_rung(escalation) for escalation in runbook.escalations if escalation.to or _says_when(escalation)]
    if not any(rung.timed and not rung.after_seconds and not rung.severities for rung in rungs):
        first = next((rung for rung in rungs if rung.to and rung.by_hand and _FIRST.search(rung.when)), None)
        begins = [_at_once(first)] if first else _first_calls(runbook)
        rungs = [*begins, *(rung for rung in rungs if rung is not first)]
    return tuple(sorted(rungs, key=lambda rung: (not rung.timed, rung.after_seconds or 0.0)))


def _says_when(escalation: Escalation) -> bool:
    """Whether an escalation to nobody by name says when somebody is to be called; "at once" is the first response."""
    return bool(escalation.when) and escalation.after_minutes != 0


def _rung(escalation: Escalation) -> Rung:
    """An escalation as a rung. "SEV1/SEV2 incidents" alone means at once; "no answer" alone gets a time of ours."""
    when, minutes = escalation.when, escalation.after_minutes
    clock: Clock = escalation.clock
    severities, factor = escalation.severities, 0.0
    if minutes is None and clock == "unacknowledged":
        minutes = UNANSWERED_AFTER / timedelta(minutes=1)
        when += f" (the document gives no time, so after {say_duration(UNANSWERED_AFTER)})"
    elif clock == "estimate":
        times = _TIMES.search(when)
        factor = float(times.group("number")) if times else TWICE
    elif minutes is None and clock is None and _RISES.search(when):
        clock, severities = "severity", ()  # "P2 → P1 → P0" names where it rises to, all of them
    elif minutes is None and clock is None and escalation.severities and not _says_more(escalation):
        minutes, clock = 0.0, "unresolved"
    return Rung(
        to=escalation.to or "",
        after_seconds=None if minutes is None else minutes * 60,
        severities=severities,
        when=when,
        clock=clock,
        line=escalation.line,
        factor=factor,
    )


def _says_more(escalation: Escalation) -> bool:
    """Whether there is another condition beside the severities."""
    words = re.findall(r"[^\W_]+", escalation.when.lower())
    names = {word for name in escalation.severities for word in re.findall(r"[^\W_]+", name.lower())}
    return not set(words) <= names | _FILLING


def _at_once(rung: Rung) -> Rung:
    return replace(rung, after_seconds=0.0, clock="unresolved")


def _first_calls(runbook: Runbook) -> list[Rung]:
    """Who is called at once where no escalation says it: as each severity's own words have it, else who is on call.

    Whoever is on call is one rung, however many severities page them: a severity that rises calls nobody twice.
    """
    told = first_responses(runbook)
    others = [each for each in told if each.to and not _ON_CALL.search(each.to)]
    settled = {each.severity for each in told if each in others or each.quiet}
    rest = tuple(level.name for level in runbook.severities if level.name not in settled)
    duty = Rung(
        to="on-call", after_seconds=0.0, when=NOBODY_NAMED, clock="unresolved", severities=rest if settled else ()
    )
    return [*map(_of_words, others), *([duty] if rest or not settled else [])]


def _of_words(told: FirstResponse) -> Rung:
    return Rung(
        to=told.to, after_seconds=0.0, severities=(told.severity,), when=told.words, clock="unresolved",
        line=told.line,
    )  # fmt: skip
