"""How the facts about causes, the post-mortem and action items are said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tocsin.core import facts
from tocsin.core.line import Line
from tocsin.core.oncall import Directory
from tocsin.times import say_moment

Saying = Callable[[Any, str, Directory], Line]


def _said(title: str, detail: str = "", icon: str = "flag", tone: Any = "plain") -> Line:
    return Line(title=title, detail=detail, icon=icon, tone=tone, category="learning")


def _suspected(fact: facts.CauseSuspected, by: str, _: Directory) -> Line:
    return _said(f"{by} suspects: {fact.text}", icon="circle-help", tone="ask")


def _judged(fact: facts.CauseJudged, by: str, _: Directory) -> Line:
    confirmed = fact.verdict == "confirmed"
    icon = "circle-check" if confirmed else "x"
    return _said(f"{by} {fact.verdict} “{fact.text}”", fact.evidence, icon, "good" if confirmed else "plain")


def _root_cause(fact: facts.RootCauseRecorded, by: str, _: Directory) -> Line:
    return _said(f"{by} recorded the root cause: {fact.text}", icon="circle-check", tone="good")


def _overruled(fact: facts.CauseGateOverruled, by: str, _: Directory) -> Line:
    whose = fact.incident or "a private incident"
    title = f"{by} asks to switch on what {whose} switched off, without a root cause"
    return _said(title, fact.why, "triangle-alert", "bad")


def _drafted(fact: facts.ReviewDrafted, by: str, _: Directory) -> Line:
    return _said(f"{by} drafted the post-mortem", f"{fact.words} words", "file-text")


def _scheduled(fact: facts.ReviewScheduled, by: str, directory: Directory) -> Line:
    late = f"; line {fact.line} wants it by {say_moment(fact.due)}" if fact.due and fact.at > fact.due else ""
    people = ", ".join(map(directory.name_of, fact.people)) or "nobody"
    people += f"; no longer: {', '.join(map(directory.name_of, fact.left))}" if fact.left else ""
    title = f"{by} called the post-mortem meeting for {say_moment(fact.at)}"
    return _said(title, f"invited: {people}{late}", "clock", "bad" if late else "plain")


def _approved(fact: facts.ReviewApproved, by: str, _: Directory) -> Line:
    return _said(f"{by} reviewed the post-mortem", f"version {fact.version} {fact.note}".strip(), "check", "good")


def _published(_: facts.ReviewPublished, by: str, __: Directory) -> Line:
    return _said(f"{by} published the post-mortem", icon="file-text", tone="good")


def _action(fact: facts.ActionAdded, by: str, directory: Directory) -> Line:
    where = f"from line {fact.line}" if fact.line else fact.evidence or f"by {by}"
    return _said(f"Action item: {fact.text}", f"{where}{_whose(fact.owner, fact.due_at, directory)}")


def _changed(fact: facts.ActionChanged, by: str, directory: Directory) -> Line:
    return _said(f"{by} changed the action item “{fact.text}”", _whose(fact.owner, fact.due_at, directory).strip("; "))


def _whose(owner: str, due: Any, directory: Directory) -> str:
    who = f"; {directory.name_of(owner)}" if owner else ""
    return f"{who}; due {say_moment(due)}" if due else who


def _named(fact: facts.ActionDone | facts.ActionReopened | facts.ActionDropped | facts.ActionTracked) -> str:
    """Its words; entries of before they were kept have its name alone."""
    return f"“{fact.text}”" if fact.text else fact.action


def _action_done(fact: facts.ActionDone, by: str, _: Directory) -> Line:
    return _said(f"{by} closed the action item {_named(fact)}", tone="good")


def _reopened(fact: facts.ActionReopened, by: str, _: Directory) -> Line:
    return _said(f"{by} reopened the action item {_named(fact)}", fact.why, tone="ask")


def _dropped(fact: facts.ActionDropped, by: str, _: Directory) -> Line:
    return _said(f"{by} dropped the action item {_named(fact)}", fact.why, "x")


def _tracked(fact: facts.ActionTracked, _: str, __: Directory) -> Line:
    return _said(f"The action item {_named(fact)} is {fact.key} in {fact.tracker}", fact.url, "arrow-up-right")


def _near(fact: facts.ActionNear, _: str, directory: Directory) -> Line:
    owner = directory.name_of(fact.owner) if fact.owner else "nobody yet"
    return _said(f"Due {say_moment(fact.due)}: {fact.text}", f"owner: {owner}", "clock", "ask")


def _overdue(fact: facts.ActionOverdue, _: str, directory: Directory) -> Line:
    owner = directory.name_of(fact.owner) if fact.owner else "nobody yet"
    return _said(f"Overdue since {say_moment(fact.due)}: {fact.text}", f"owner: {owner}", "clock", "bad")


def _asked(fact: facts.TrackingAsked, by: str, _: Directory) -> Line:
    many = f"{len(fact.actions)} action item{'' if len(fact.actions) == 1 else 's'}"
    return _said(f"{by} wants {many} in {fact.tracker}", icon="arrow-up-right")


SAYINGS: Mapping[type[Any], Saying] = {
    facts.CauseSuspected: _suspected,
    facts.CauseJudged: _judged,
    facts.RootCauseRecorded: _root_cause,
    facts.CauseGateOverruled: _overruled,
    facts.ReviewDrafted: _drafted,
    facts.ReviewScheduled: _scheduled,
    facts.ReviewApproved: _approved,
    facts.ReviewPublished: _published,
    facts.ActionAdded: _action,
    facts.ActionChanged: _changed,
    facts.ActionDone: _action_done,
    facts.ActionReopened: _reopened,
    facts.ActionDropped: _dropped,
    facts.TrackingAsked: _asked,
    facts.ActionTracked: _tracked,
    facts.ActionNear: _near,
    facts.ActionOverdue: _overdue,
}
