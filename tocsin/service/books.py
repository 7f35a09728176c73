"""Runbooks: read from disk, judged by the safety floor, pinned by their digest when an incident needs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from tocsin import lint, reading, safety
from tocsin.app import App
from tocsin.core.following import joined
from tocsin.core.incident import Incident
from tocsin.core.run import Verdict
from tocsin.core.runbook import Phase, Procedure, Runbook, Scenario, Step
from tocsin.errors import NotFound
from tocsin.lint.subject import Bindings, Repository
from tocsin.plug.files import read_regular
from tocsin.reading.decoding import LARGEST, decode
from tocsin.safety.team import NOBODY, Team
from tocsin.store import library
from tocsin.store.db import Tx

Ground = Callable[[Step, Scenario | None], tuple[str, Team]]
"""A step's command as it would be carried out in its place, and what the team says of its own commands there."""


def bare(step: Step, scenario: Scenario | None) -> tuple[str, Team]:
    """Where nothing is configured: the command as it is written, and nobody's word."""
    del scenario
    return step.command or "", NOBODY


def read_book(path: Path, ground: Ground = bare) -> tuple[Runbook, bytes]:
    """A runbook file and what it says, with every finding that does not depend on the day or on other files.

    Raises `Invalid` where the file can't be read at all.
    """
    raw = read_regular(path, LARGEST, "Name the runbook's Markdown file.")
    return checked(judge(reading.read(raw, str(path)), ground), raw), raw


def checked(
    book: Runbook,
    raw: bytes,
    *,
    today: date | None = None,
    repository: Repository | None = None,
    bindings: Bindings | None = None,
) -> Runbook:
    """The runbook with the findings of `tocsin.lint` in place of its problems; ``raw`` is what it was read from."""
    lines = decode(raw).text.split("\n")
    return replace(book, problems=lint.check(book, lines, today=today, repository=repository, bindings=bindings))


def judge(book: Runbook, ground: Ground = bare) -> Runbook:
    """The runbook with a verdict on every command. The document's own words about a command count for nothing."""

    classify = lru_cache(maxsize=None)(safety.classify)  # a document says the same command more than once

    def judged(steps: tuple[Step, ...], scenario: Scenario | None = None) -> tuple[Step, ...]:
        return tuple(step if not step.runnable else _judged(step, *ground(step, scenario), classify) for step in steps)

    scenarios: tuple[Scenario, ...] = tuple(replace(part, steps=judged(part.steps, part)) for part in book.scenarios)
    phases: tuple[Phase, ...] = tuple(replace(part, steps=judged(part.steps)) for part in book.phases)
    procedures: tuple[Procedure, ...] = tuple(replace(part, steps=judged(part.steps)) for part in book.procedures)
    return replace(book, scenarios=scenarios, phases=phases, procedures=procedures)


def pin(app: App, tx: Tx, book: Runbook) -> None:
    """Keep this version for as long as an incident refers to it."""
    library.pin(tx, book, app.raw.get(book.digest, b""), app.clock.now())


def pinned(app: App, tx: Tx, digest: str) -> Runbook:
    """The version of a runbook that an incident was declared with."""
    known = app.pinned.get(digest)
    if known is None:
        known = library.load(tx, digest)
        if known is None:
            raise NotFound(f"The runbook version {digest} is not in the library.")
        app.pinned[digest] = known
    return known


def whole_book(app: App, tx: Tx, incident: Incident) -> Runbook:
    """The version that an incident was declared with, and with it the steps of the linked runbooks that it follows."""
    own = pinned(app, tx, incident.runbook_digest)
    return joined(own, [(book, pinned(app, tx, book.digest)) for book in incident.followed])


def _judged(step: Step, command: str, team: Team, classify: Callable[..., Verdict]) -> Step:
    if step.kind == "set":
        return step
    verdict = classify(step.kind, command, placeholders=step.placeholders, team=team)
    return replace(step, verdict=verdict.word, traits=verdict.traits, why=verdict.why)
