"""How the facts about clocks are said on the timeline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tocsin.core import facts
from tocsin.core.line import Line
from tocsin.core.oncall import Directory
from tocsin.times import say_duration

Saying = Callable[[Any, str, Directory], Line]


def _span(seconds: float) -> str:
    return say_duration(timedelta(seconds=seconds))


def _when(moment: datetime) -> str:
    return f"{moment:%a %d %b, %H:%M} UTC"


def _outage_began(fact: facts.OutageBegan, by: str, _: Directory) -> Line:
    title = f"The service has been unavailable since {_when(fact.since)}"
    return Line(title=title, detail=f"{fact.why}; by {by}", icon="siren", tone="bad", category="alert")


def _outage_ended(fact: facts.OutageEnded, by: str, _: Directory) -> Line:
    return Line(
        title="The service is available again", detail=f"{fact.why}; by {by}", icon="circle-check", tone="good",
        category="recovery",
    )  # fmt: skip


def _estimated(fact: facts.ResolutionEstimated, by: str, _: Directory) -> Line:
    return Line(title=f"{by} estimates that it takes another {_span(fact.seconds)}", detail=fact.why, icon="clock")


def _cadence(fact: facts.CadenceSet, by: str, _: Directory) -> Line:
    return Line(title=f"{by} promises an update every {_span(fact.seconds)}", detail=fact.why, icon="megaphone")


def _response(fact: facts.ResponseMissed, _: str, __: Directory) -> Line:
    title = f"Nobody took it in the time for {fact.severity} (line {fact.line})"
    return Line(title=title, detail=f"it was due {_when(fact.due)}", icon="clock", tone="bad", category="people")


def _begun(fact: facts.FirstResponseBegun, _: str, directory: Directory) -> Line:
    told = []
    if fact.team:
        told = [f"told {directory.name_of(fact.to)}" if fact.to else f"nobody is bound to “{fact.team}”"]
    if "ticket" in fact.deeds:
        told.append("this incident is the ticket")
    if "backlog" in fact.deeds and "page" not in fact.deeds:
        whom = f"{directory.name_of(fact.on_call)} is told" if fact.on_call else "nobody is on call to be told"
        told.append(f"nobody is called for it, {whom}")
    title = f"At {fact.severity} the document wants: {fact.words} (line {fact.line})"
    missing = bool(fact.team) and not fact.to
    return Line(
        title=title, detail="; ".join(told), icon="list-checks", tone="bad" if missing else "plain", category="people"
    )


def _phase(fact: facts.PhaseMissed, _: str, __: Directory) -> Line:
    title = f"Late: {fact.phase} was to be reached within {_span(fact.minutes * 60)} (line {fact.line})"
    return Line(title=title, icon="clock", tone="bad")


def _reminded(fact: facts.UpdateReminded, _: str, __: Directory) -> Line:
    return Line(title=f"An update is due at {fact.due:%H:%M} UTC{_line(fact.line)}", icon="megaphone", tone="ask")


def _update(fact: facts.UpdateMissed, _: str, __: Directory) -> Line:
    again = f", said {fact.again + 1} times" if fact.again else ""
    title = f"The update that was promised for {fact.due:%H:%M} UTC is late{again}{_line(fact.line)}"
    return Line(title=title, icon="megaphone", tone="bad")


def _near(fact: facts.DeadlineNear, _: str, __: Directory) -> Line:
    return Line(
        title=f"Due {_when(fact.due)}: {fact.what}{_line(fact.line)}", icon="clock", tone="ask", category="learning"
    )


def _missed(fact: facts.DeadlineMissed, _: str, __: Directory) -> Line:
    title = f"Late: {fact.what} was due {_when(fact.due)}{_line(fact.line)}"
    return Line(title=title, icon="clock", tone="bad", category="learning")


def _met(fact: facts.DeadlineMet, by: str, _: Directory) -> Line:
    return Line(title=f"{by} did: {fact.what}", detail=fact.note, icon="check", category="learning")


def _everyone(fact: facts.EveryoneCalled, _: str, directory: Directory) -> Line:
    told = ", ".join(map(directory.name_of, fact.people)) or "nobody"
    return Line(
        title=f"Called everybody who can be reached: {told}",
        detail=fact.why,
        icon="phone",
        tone="bad",
        category="people",
    )


def _line(number: int) -> str:
    return f" (line {number})" if number else ""


SAYINGS: dict[type[Any], Saying] = {
    facts.OutageBegan: _outage_began,
    facts.OutageEnded: _outage_ended,
    facts.ResolutionEstimated: _estimated,
    facts.CadenceSet: _cadence,
    facts.ResponseMissed: _response,
    facts.FirstResponseBegun: _begun,
    facts.PhaseMissed: _phase,
    facts.UpdateReminded: _reminded,
    facts.UpdateMissed: _update,
    facts.DeadlineNear: _near,
    facts.DeadlineMissed: _missed,
    facts.DeadlineMet: _met,
    facts.EveryoneCalled: _everyone,
}
