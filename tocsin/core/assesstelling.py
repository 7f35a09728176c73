"""How the facts about an assessment are said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tocsin.core import facts
from tocsin.core.context import affected
from tocsin.core.line import Line
from tocsin.core.oncall import Directory
from tocsin.times import say_moment

Saying = Callable[[Any, str, Directory], Line]


def _answered(fact: facts.QuestionAnswered, by: str, _: Directory) -> Line:
    tone: Any = "bad" if fact.yes else "plain"
    detail = f"{by}; line {fact.line}" if fact.line else by
    return Line(title=f"{fact.text} {fact.answer}", detail=detail, icon="circle-help", tone=tone)


def _followed(fact: facts.RuleFollowed, by: str, _: Directory) -> Line:
    where = f"line {fact.line}: " if fact.line else ""
    return Line(title=f"{by} follows {where}“{fact.text}”", detail=fact.because, icon="shield-alert")


def _counted(fact: facts.AffectedCounted, by: str, _: Directory) -> Line:
    said = affected(fact.count, fact.of, fact.share, None)
    what = said.says() if said else "nobody knows how many users"
    return Line(title=f"Affected: {what}", detail=fact.why or by, icon="users")


def _began(fact: facts.BeginningSet, by: str, _: Directory) -> Line:
    detail = f"{by}: {fact.why}" if fact.why else by
    return Line(title=f"It began {say_moment(fact.at)}", detail=detail, icon="clock")


SAYINGS: Mapping[type[Any], Saying] = {
    facts.QuestionAnswered: _answered,
    facts.RuleFollowed: _followed,
    facts.AffectedCounted: _counted,
    facts.BeginningSet: _began,
}
