"""A runbook's elements as plain items, each with what it is, what it is called and what can change about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count

from tocsin.core.runbook import Phase, Procedure, Runbook, Scenario, Step, Threshold

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One element. ``key``: what it is besides its wording; ``within``: the id of what holds it; ``holds``: its own id.

    ``ordered`` elements mean something else in another order; those that ``roam`` are the same in another place.
    """

    key: object
    name: str
    line: int
    order: int
    facets: dict[str, str]
    within: str = ""
    place: str = ""
    holds: str = ""
    ordered: bool = False
    roams: bool = False

    @cached_property
    def words(self) -> frozenset[str]:
        """The words that it is told apart by."""
        text = f"{self.name} {self.facets.get('command', '')} {self.facets.get('text', '')}"
        return frozenset(_WORD.findall(text.casefold()))


def contents(book: Runbook) -> dict[str, tuple[Item, ...]]:
    """Every element that Tocsin acts on, by area, in the order of the document."""
    number = count()
    return {
        "runbook": _items(number, [(book.title, "runbook", 1, {"title": book.title, **_habits(book)})]),
        "severities": _items(number, _severities(book)),
        "scenarios": tuple(_scenarios(book, number)),
        "phases": tuple(_phases(book, number)),
        "procedures": tuple(
            Item(key=part.id, name=part.title, line=part.line, order=next(number), facets={}, holds=part.id)
            for part in book.procedures
        ),
        "rules": tuple(_rules(book, number)),
        "targets": _items(number, ((one.metric, one.metric, one.line, _number(one)) for one in book.targets)),
        "steps": tuple(_steps(book, number)),
        "recovery": tuple(_criteria(book, number)),
        "clocks": _items(number, _clocks(book)),
        "contacts": _items(number, _contacts(book)),
        "channels": _items(number, _channels(book)),
        "templates": _items(
            number, ((one.title, one.id, one.line, {"kind": one.kind, "text": one.text}) for one in book.templates)
        ),
        "checklists": tuple(_boxes(book, number)),
        "questions": _items(number, ((one.text, one.text.casefold(), one.line, {}) for one in book.questions)),
        "placeholders": _items(
            number, ((one.text, one.text, one.places[0].line, {"type": one.type}) for one in book.placeholders)
        ),
        "variables": _items(number, ((f"${name}", name, 0, {}) for name in book.env_vars)),
    }


_Row = tuple[str, object, int, dict[str, str]]


def _items(number: Iterator[int], rows: Iterable[_Row]) -> tuple[Item, ...]:
    return tuple(
        Item(key=key, name=name, line=line, order=next(number), facets=facets) for name, key, line, facets in rows
    )


def _habits(book: Runbook) -> dict[str, str]:
    """What the document says once: how the duty rotates, when it is reviewed."""
    told: dict[str, str] = {}
    if book.rotation:
        told["rotation"] = book.rotation.every
        for cover in book.rotation.coverage:
            told[f"coverage {', '.join(cover.severities)}".rstrip()] = cover.hours
    if book.review:
        review = book.review
        told |= {"reviewed every": review.every or "", "last reviewed": review.last or "", "next": review.next or ""}
        told |= {"reviewed on": "; ".join(each.text for each in review.triggers)} if review.triggers else {}
    return told


def _severities(book: Runbook) -> Iterator[_Row]:
    for one in book.severities:
        facets = {"title": one.title, "text": one.description, "answer within": _minutes(one.response_minutes)}
        facets |= {"first": one.action} if one.action else {}
        yield one.name, one.name.casefold(), one.line, facets


def _scenarios(book: Runbook, number: Iterator[int]) -> Iterator[Item]:
    for one in book.scenarios:
        facets = {"severity": one.severity or "", "alerts": ", ".join(one.alerts)}
        for label, texts in (("symptoms", one.symptoms), ("causes", one.causes), ("afterwards", one.follow_ups)):
            facets[label] = "\n".join(text.text for text in texts)
        yield Item(key=one.id, name=one.title, line=one.line, order=next(number), facets=facets, holds=one.id)


def _phases(book: Runbook, number: Iterator[int]) -> Iterator[Item]:
    for one in book.phases:
        ends = (_minutes(one.from_minutes), _minutes(one.to_minutes))
        facets = {"window": " to ".join(ends) if any(ends) else ""}
        yield Item(
            key=one.id, name=one.title, line=one.line, order=next(number), facets=facets, holds=one.id, ordered=True
        )


def _rules(book: Runbook, number: Iterator[int]) -> Iterator[Item]:
    for one in book.rules:
        facets = {**_number(one), "for": _minutes(one.for_minutes), "severity": one.severity or ""}
        key = (one.metric.casefold(), one.op.rstrip("="), one.severity)
        within = one.scenario or ""
        place = next((each.title for each in book.scenarios if each.id == within), "")
        yield Item(
            key=key, name=one.metric, line=one.line, order=next(number), facets=facets, within=within, place=place
        )


def _steps(book: Runbook, number: Iterator[int]) -> Iterator[Item]:
    parts: tuple[Scenario | Phase | Procedure, ...] = (*book.scenarios, *book.phases, *book.procedures)
    for part in parts:
        for step in part.steps:
            yield Item(
                key=(step.command or step.title).strip(), name=step.title, line=step.line, order=next(number),
                facets=_of_step(step), within=part.id, place=part.title, ordered=True, roams=True,
            )  # fmt: skip


def _of_step(step: Step) -> dict[str, str]:
    return {
        "command": step.command or "",
        "stage": step.stage,
        "verdict": step.verdict if step.command else "",
        "traits": ", ".join(step.traits),
        "expected": step.expected or "",
        "branch": step.branch or "",
    }


def _criteria(book: Runbook, number: Iterator[int]) -> Iterator[Item]:
    for part in book.scenarios:
        for one in part.criteria:
            limit = f"{one.op} {one.value:g}{one.unit or ''}" if one.op and one.value is not None else ""
            facets = {"limit": limit, "watched for": _minutes(one.watch_minutes)}
            key = (one.metric or one.text).casefold()
            yield Item(
                key=key, name=one.text, line=one.line, order=next(number), facets=facets, within=part.id,
                place=part.title,
            )  # fmt: skip


def _clocks(book: Runbook) -> Iterator[_Row]:
    for one in book.escalations:
        name = f"{one.to or 'nobody named'}{': ' + one.when if one.when else ''}"
        facets = {
            "to": one.to or "",
            "after": _minutes(one.after_minutes),
            "clock": one.clock or "",
            "when": one.when,
            "severities": ", ".join(one.severities),
        }
        yield name, ("escalation", one.to, one.when), one.line, facets
    for due in book.deadlines:
        yield due.what, ("deadline", due.what.casefold()), due.line, {"due within": f"{due.hours:g} h"}


def _contacts(book: Runbook) -> Iterator[_Row]:
    for one in book.contacts:
        facets = {
            "name": one.name or "",
            "chat": one.chat or "",
            "e-mail": one.email or "",
            "phone": one.phone or "",
            "not filled in": ", ".join(one.unfilled),
        }
        yield one.role, one.role.casefold(), one.line, facets


def _channels(book: Runbook) -> Iterator[_Row]:
    for one in book.channels:
        yield one.address, one.address.casefold(), one.line, {"kind": one.kind, "severities": ", ".join(one.severities)}


def _boxes(book: Runbook, number: Iterator[int]) -> Iterator[Item]:
    for one in book.checklists:
        hours = "" if one.deadline_hours is None else f"{one.deadline_hours:g} h"
        for box in one.items:
            facets = {"due within": hours}
            yield Item(
                key=box.text.casefold(), name=box.text, line=box.line, order=next(number), facets=facets,
                within=one.title, place=one.title, roams=True,
            )  # fmt: skip


def _number(one: Threshold) -> dict[str, str]:
    return {"limit": f"{one.op} {one.value:g}{one.unit if one.unit and one.unit != 'count' else ''}"}


def _minutes(minutes: float | None) -> str:
    return "" if minutes is None else f"{minutes:g} min"
