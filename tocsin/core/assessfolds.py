"""What the facts about an assessment make of an incident."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tocsin.core import facts
from tocsin.core.assessstate import Answer, Count, Followed
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident

MOST_COUNTS = 200

Fold = Callable[[Incident, Entry, Any], Incident]


def _with(incident: Incident, **change: Any) -> Incident:
    return replace(incident, assessment=replace(incident.assessment, **change))


def _answered(incident: Incident, entry: Entry, made: facts.QuestionAnswered) -> Incident:
    answer = Answer(
        text=made.text, answer=made.answer, yes=made.yes, by=entry.by.name, at=entry.at, line=made.line
    )  # fmt: skip
    return _with(incident, answers={**incident.assessment.answers, made.question: answer})


def _followed(incident: Incident, entry: Entry, made: facts.RuleFollowed) -> Incident:
    done = Followed(at=entry.at, by=entry.by.name)
    return _with(incident, followed={**incident.assessment.followed, made.rule: done})


def _counted(incident: Incident, entry: Entry, made: facts.AffectedCounted) -> Incident:
    count = Count(
        at=entry.at, by=entry.by.name, count=made.count, of=made.of, share=made.share, why=made.why
    )  # fmt: skip
    return _with(incident, counts=(*incident.assessment.counts, count)[-MOST_COUNTS:])


def _began(incident: Incident, entry: Entry, made: facts.BeginningSet) -> Incident:
    return _with(incident, began_at=made.at, began_by=entry.by.name)


FOLDS: dict[type[Any], Fold] = {
    facts.QuestionAnswered: _answered,
    facts.RuleFollowed: _followed,
    facts.AffectedCounted: _counted,
    facts.BeginningSet: _began,
}
