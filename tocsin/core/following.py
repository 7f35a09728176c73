"""Linked runbooks that an incident follows: their steps under ids of their own, what they make of it, how it is told.

A step of the second runbook that is followed is called ``followed/2/`` and its own id. By that it is known which
version of which file it came from, and an approval of it counts for that version alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from tocsin.core import facts
from tocsin.core.facts import Entry
from tocsin.core.followfacts import Followed, RunbookFollowed
from tocsin.core.incident import Incident
from tocsin.core.line import Line
from tocsin.core.oncall import Directory
from tocsin.core.runbook import SET_BACK, Phase, Placeholder, Procedure, Runbook, Scenario, Step
from tocsin.errors import Conflict, Refused
from tocsin.ids import slug

MOST_FOLLOWED = 20
DEEPEST = 4
_OURS = re.compile(r"followed/(?P<number>[1-9]\d{0,3})/")


def follow(incident: Incident, book: Followed, own_source: str) -> list[Any]:
    """Make a linked runbook's steps the incident's. Refused in a circle, twice in the same version, and too deep."""
    if not incident.open:
        raise Refused(f"{incident.id} is resolved.", "Reopen it first.")
    above = ancestors(incident, book.step)
    if book.source in (own_source, *(each.source for each in above)):
        raise Refused(f"{book.title!r} leads here: following it would go in a circle.", "Go on with its own steps.")
    if len(above) >= DEEPEST or len(incident.followed) >= MOST_FOLLOWED:
        raise Refused(
            f"{len(incident.followed)} runbooks are followed already, {len(above)} deep.", "Declare it for itself."
        )
    same = next((each for each in incident.followed if (each.source, each.digest) == (book.source, book.digest)), None)
    if same is not None:
        raise Conflict(f"{same.title!r} is followed already.", "Its steps stand on the incident's page.")
    return [facts.RunbookFollowed(book=replace(book, number=len(incident.followed) + 1))]


def origin(incident: Incident, step_id: str) -> Followed | None:
    """The linked runbook that a step came from; None for a step of the incident's own runbook."""
    found = _OURS.match(step_id.removeprefix(SET_BACK))
    number = int(found["number"]) if found else 0
    return next((book for book in incident.followed if book.number == number), None)


def ancestors(incident: Incident, step_id: str) -> list[Followed]:
    """The linked runbooks through which a step was reached, the nearest first."""
    found: list[Followed] = []
    while step_id and len(found) <= MOST_FOLLOWED:
        book = origin(incident, step_id)
        if book is None:
            break
        found.append(book)
        step_id = book.step
    return found


def titles_of_linked(incident: Incident, runbook: Runbook) -> dict[str, str]:
    """What the steps of linked runbooks are called: their titles, each with the runbook that it came from."""
    came = ((step, origin(incident, step.id)) for step in runbook.steps()) if incident.followed else ()
    return {step.id: f"{step.title} ({book.title})" for step, book in came if book is not None}


def digest_of(incident: Incident, step_id: str) -> str:
    """The version that a step came from: what an approval of it is bound to."""
    book = origin(incident, step_id)
    return book.digest if book else incident.runbook_digest


def own_id(step_id: str) -> str:
    """A step's (or scenario's) id in its own document: without what following put before it."""
    return _OURS.sub("", step_id, count=1) if _OURS.match(step_id) else step_id


def joined(runbook: Runbook, followed: Iterable[tuple[Followed, Runbook]]) -> Runbook:
    """The incident's runbook with the steps of those that it follows; scenarios stay such, all else is procedures."""
    for book, linked in followed:
        before, rest = f"followed/{book.number}/", boxes(linked)
        scenarios = tuple(
            replace(part, id=before + part.id, steps=_under(before, part, rest)) for part in linked.scenarios
        )
        others: tuple[Phase | Procedure, ...] = (*linked.phases, *linked.procedures)
        procedures = [
            Procedure(id=before + part.id, title=part.title, steps=_under(before, part, rest), line=part.line)
            for part in others
        ]
        procedures += [replace(part, id=before + part.id, steps=_under(before, part, [])) for part in tuple(rest)]
        runbook = replace(
            runbook,
            scenarios=(*runbook.scenarios, *scenarios),
            procedures=(*runbook.procedures, *procedures),
            placeholders=_gaps(runbook.placeholders, linked.placeholders),
        )
    return runbook


def boxes(linked: Runbook) -> list[Procedure]:
    """The boxes of a linked runbook that are no steps yet, as steps: followed, they are its plan like the others."""
    taken = {step.line for step in linked.steps()}
    targets = {link.line: link.target for link in linked.links if link.kind == "file"}
    found = []
    for place, each in enumerate(linked.checklists, 1):
        within = f"boxes/{place}-{slug(each.title)}"
        steps = tuple(
            Step(
                id=f"{within}/{slug(item.text, 40)}-{number}",
                kind="link" if item.line in targets else "manual",
                stage="other",
                title=item.text,
                command=targets.get(item.line),
                line=item.line,
                end_line=item.line,
            )
            for number, item in enumerate(each.items, 1)
            if item.line not in taken
        )
        if steps:
            found.append(Procedure(id=within, title=each.title or linked.title, steps=steps, line=each.line))
    return found


def _under(before: str, part: Scenario | Phase | Procedure, rest: list[Procedure]) -> tuple[Step, ...]:
    """The steps of a part under their new ids, and with them the boxes below the same heading, each where it stands."""
    same = [each for each in rest if each.title == part.title]
    below = min(same, key=lambda each: abs(each.line - part.line), default=None)
    if below is not None:
        rest.remove(below)
    steps = sorted((*part.steps, *below.steps), key=lambda step: step.line) if below else part.steps
    return tuple(
        replace(step, id=before + step.id, alternative_to=before + step.alternative_to if step.alternative_to else None)
        for step in steps
    )


def _gaps(own: tuple[Placeholder, ...], linked: tuple[Placeholder, ...]) -> tuple[Placeholder, ...]:
    """Each gap once; one that is a secret in either document is a secret."""
    known = {gap.text: gap for gap in own}
    for gap in linked:
        if gap.text not in known or gap.type == "secret":
            known[gap.text] = gap
    return tuple(known.values())


def _followed(incident: Incident, _: Entry, made: RunbookFollowed) -> Incident:
    return replace(incident, followed=(*incident.followed, made.book))


def _say_followed(made: RunbookFollowed, by: str, _: Directory) -> Line:
    version = made.book.digest.removeprefix("sha256:")[:7]
    detail = f"{made.book.target}, version {version}" + (f" (line {made.book.line})" if made.book.line else "")
    return Line(title=f"{by} follows “{made.book.title}” too", detail=detail, icon="book-open")


FOLDS: dict[type[Any], Callable[[Incident, Entry, Any], Incident]] = {RunbookFollowed: _followed}
SAYINGS: dict[type[Any], Callable[[Any, str, Directory], Line]] = {RunbookFollowed: _say_followed}
