"""What is said of alerts, and of incidents that were parted or put together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tocsin.core import facts
from tocsin.core.line import Line
from tocsin.core.oncall import Directory
from tocsin.times import say_duration


def _alert(fact: facts.AlertLinked, _: str, __: Directory) -> Line:
    summary = f": {fact.summary}" if fact.summary else ""
    return Line(title=f"Alert {fact.name} fired{summary}", detail=fact.why, icon="bell", tone="bad", category="alert")


def _cleared(fact: facts.AlertCleared, _: str, __: Directory) -> Line:
    return Line(title=f"Alert {fact.name} cleared", detail=fact.why, icon="bell", tone="good", category="alert")


def _flapped(fact: facts.AlertFlapped, _: str, __: Directory) -> Line:
    times = f"fired {fact.fired} times in {say_duration(timedelta(seconds=fact.span_seconds))}"
    quiet = f"its end counts when it was quiet for {say_duration(timedelta(seconds=fact.quiet_seconds))}"
    return Line(title=f"Alert {fact.name} flaps: {times}", detail=quiet, icon="activity", tone="bad", category="alert")


def _gathered(fact: facts.AlertsGathered, _: str, __: Directory) -> Line:
    names = f" under {fact.names} name{'' if fact.names == 1 else 's'}" if fact.names else ""
    kept = f"the timeline lists {fact.listed} of them; the page Alerts lists all"
    return Line(title=f"{fact.alerts} alerts belong to it{names}", detail=kept, icon="bell", category="alert")


def _split(fact: facts.AlertsSplit, by: str, _: Directory) -> Line:
    number = f"{len(fact.alerts)} alert{'' if len(fact.alerts) == 1 else 's'}"
    names = f"{', '.join(fact.names)}: {fact.why}" if fact.why else ", ".join(fact.names)
    return Line(title=f"{by} split {number} off into {fact.into}", detail=names, icon="git-branch")


def _merged(fact: facts.Merged, by: str, _: Directory) -> Line:
    return Line(title=f"{by} merged it into {fact.into}", detail=fact.why, icon="link", tone="good")


def _absorbed(fact: facts.Absorbed, by: str, directory: Directory) -> Line:
    told = ", ".join(map(directory.name_of, fact.people))
    detail = "; ".join(filter(None, [fact.why, f"{told} responded to it" if told else ""]))
    title = f"{by} merged {fact.incident} into it ({fact.title}), with {fact.alerts} alerts"
    return Line(title=title, detail=detail, icon="link")


SAYINGS: dict[type[Any], Callable[[Any, str, Directory], Line]] = {
    facts.AlertLinked: _alert,
    facts.AlertCleared: _cleared,
    facts.AlertFlapped: _flapped,
    facts.AlertsGathered: _gathered,
    facts.AlertsSplit: _split,
    facts.Merged: _merged,
    facts.Absorbed: _absorbed,
}
