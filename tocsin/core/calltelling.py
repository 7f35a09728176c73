"""What is said of people who were called and told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tocsin.core import facts
from tocsin.core.line import Line
from tocsin.core.oncall import Directory
from tocsin.ids import slug
from tocsin.times import say_moment


def _escalated(fact: facts.Escalated, by: str, directory: Directory) -> Line:
    if fact.person is None:
        why = f"{fact.why}; {fact.on_call}" if fact.on_call and fact.on_call not in fact.why else fact.why
        return Line(title=f"Nobody to call as “{fact.to}”", detail=why, icon="phone", tone="bad", category="people")
    who = directory.name_of(fact.person)
    verb = "Called" if fact.rung is not None and not fact.condition else f"{by} called"
    detail = f"{fact.why}; {fact.on_call}" if fact.on_call else fact.why
    role = "" if slug(fact.to) in (fact.person, slug(who)) else f" ({fact.to})"
    return Line(title=f"{verb} {who}{role}", detail=detail, icon="arrow-up-right", category="people")


def _held(fact: facts.EscalationHeld, by: str, _: Directory) -> Line:
    return Line(title=f"{by} holds the escalation until {say_moment(fact.until)}", detail=fact.why, icon="hand")


def _ended(fact: facts.EscalationEnded, _: str, __: Directory) -> Line:
    return Line(title=fact.why, icon="triangle-alert", tone="bad", category="people")


def _notified(fact: facts.Notified, _: str, directory: Directory) -> Line:
    who = directory.name_of(fact.person)
    detail = f"{fact.subject} ({fact.why})" if fact.why else fact.subject
    still = ", because nobody had answered" if fact.place else ""
    return Line(title=f"{who} was told by {fact.via}{still}", detail=detail, icon="bell", category="people")


def _delayed(fact: facts.NotifyDelayed, _: str, directory: Directory) -> Line:
    further = f"; {fact.next_via} is tried now" if fact.next_via else ""
    further += ", it is tried again" if fact.again else ""
    title = f"{directory.name_of(fact.person)} could not be told by {fact.via}{further}"
    return Line(title=title, detail=fact.why, icon="bell", tone="ask", category="people")


def _not_notified(fact: facts.NotifyFailed, _: str, directory: Directory) -> Line:
    who = directory.name_of(fact.person)
    return Line(title=f"{who} could not be told", detail=fact.why, icon="bell", tone="bad", category="people")


SAYINGS: dict[type[Any], Callable[[Any, str, Directory], Line]] = {
    facts.Escalated: _escalated,
    facts.EscalationHeld: _held,
    facts.EscalationEnded: _ended,
    facts.Notified: _notified,
    facts.NotifyDelayed: _delayed,
    facts.NotifyFailed: _not_notified,
}
