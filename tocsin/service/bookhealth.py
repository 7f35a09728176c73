"""How well a runbook is kept: when it was last used, drilled and reviewed, how its steps went, what it should learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.app import App
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.observations import Observation, observations
from tocsin.core.reviewclock import Past, Reviewed, last_read, reviewed
from tocsin.core.runbook import Runbook
from tocsin.service import access
from tocsin.service.access import Caller
from tocsin.service.books import pinned
from tocsin.store import bookuse, incidents, secrecy
from tocsin.store.bookuse import Use
from tocsin.store.db import Tx

LOOKED_AT = 200
"""So many incidents, the newest first, are looked at for what a runbook should learn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepHealth:
    """A command of the runbook. ``share``: of its runs, in drills too, those that went well; null: none ran."""

    step: str
    title: str
    line: int
    runs: int = 0
    well: int = 0
    share: float | None = None
    last_used: datetime | None = None
    last_drilled: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioHealth:
    """A scenario and how often it was declared."""

    scenario: str
    title: str
    line: int
    incidents: int = 0
    drills: int = 0
    last_used: datetime | None = None
    last_drilled: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookHealth:
    """All of it. ``known_since``: from when on incidents could have followed it; ``changed_at``: its last version."""

    title: str
    source: str
    digest: str
    incidents: int
    drills: int
    last_used: datetime | None
    last_drilled: datetime | None
    known_since: datetime | None
    changed_at: datetime | None
    review: Reviewed
    scenarios: tuple[ScenarioHealth, ...]
    steps: tuple[StepHealth, ...]
    observations: int


def health(app: App, book: Runbook, caller: Caller) -> BookHealth:
    """How well a loaded runbook is kept."""
    seen = observed(app, book, caller)

    def read(tx: Tx) -> BookHealth:
        hidden = secrecy.hidden_from(tx, caller.name)
        used, ran = bookuse.scenarios(tx, book.source, hidden), bookuse.runs(tx, book.source, hidden)
        first, last = bookuse.read_since(tx, book.source)
        return BookHealth(
            title=book.title, source=book.source, digest=book.digest,
            incidents=sum(each.number for each in used if not each.drill),
            drills=sum(each.number for each in used if each.drill),
            last_used=_last(used, drill=False), last_drilled=_last(used, drill=True), known_since=first,
            changed_at=last, review=review_of(tx, book, app.clock.now(), first),
            scenarios=tuple(_scenario(part.id, part.title, part.line, used) for part in book.scenarios),
            steps=tuple(_step(step.id, step.title, step.line, ran) for step in book.steps() if step.runnable),
            observations=len(seen),
        )  # fmt: skip

    return app.db.read(read)


def review_of(tx: Tx, book: Runbook, now: datetime, known_since: datetime | None) -> Reviewed:
    """How a document's own review stands, by its calendar and by what else it wants to be read again on."""
    since = max(filter(None, (known_since, last_read(book.review))), default=now)
    past = bookuse.past(tx, book.source, since) if book.review and book.review.triggers else []
    ended = [Past(id=ref, severity=severity, ended=at.date()) for ref, severity, at in past]
    return reviewed(book.review, now.date(), known_since.date() if known_since else None, ended, book.severities)


def observed(app: App, book: Runbook, caller: Caller) -> tuple[Observation, ...]:
    """What its newest incidents that the caller may see show about a runbook.

    Private ones are left out, whoever asks: what is learned ends in a file that everybody reads.
    """

    def read(tx: Tx) -> list[Incident]:
        found = (incidents.load(tx, ref) for ref in bookuse.incidents(tx, book.source, LOOKED_AT))
        return [incident for incident in found if incident is not None]

    seen = [each for each in access.only_in_reach(app, caller, app.db.read(read)) if not each.team.private]

    def cases(tx: Tx) -> list[tuple[Incident, Runbook, Sequence[Entry]]]:
        return [(each, pinned(app, tx, each.runbook_digest), incidents.timeline(tx, each.id)) for each in seen]

    return observations(app.db.read(cases))


def _scenario(name: str, title: str, line: int, used: Sequence[Use]) -> ScenarioHealth:
    mine = [each for each in used if each.name == name]
    return ScenarioHealth(
        scenario=name, title=title, line=line, incidents=sum(each.number for each in mine if not each.drill),
        drills=sum(each.number for each in mine if each.drill), last_used=_last(mine, drill=False),
        last_drilled=_last(mine, drill=True),
    )  # fmt: skip


def _step(name: str, title: str, line: int, ran: Sequence[Use]) -> StepHealth:
    ended = [each for each in ran if each.name == name and each.status not in ("queued", "running", "cancelled")]
    total, well = sum(each.number for each in ended), sum(each.number for each in ended if each.status == "succeeded")
    return StepHealth(
        step=name, title=title, line=line, runs=total, well=well, share=well / total if total else None,
        last_used=_last(ended, drill=False), last_drilled=_last(ended, drill=True),
    )  # fmt: skip


def _last(used: Sequence[Use], *, drill: bool) -> datetime | None:
    return max((each.last for each in used if each.drill is drill), default=None)
