"""The pages of the runbooks: the document as its author wrote it, and beside it what was understood."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from tocsin.app import App
from tocsin.core.runbook import Problem, Repair, Runbook
from tocsin.errors import Invalid, NotFound
from tocsin.reading.decoding import decode
from tocsin.service.access import Caller
from tocsin.store import library
from tocsin.store.db import Tx
from tocsin.web.frame import app_of, seen, show


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A line of the document with what the reader says about it."""

    number: int
    text: str
    problems: tuple[Problem, ...] = ()
    repairs: tuple[Repair, ...] = ()
    mark: str = ""


@seen
def listing(request: Request, caller: Caller) -> Response:
    """The loaded runbooks, and the versions that incidents are pinned to."""
    app = app_of(request)
    loaded = {book.digest for book in app.books}
    pinned = [version for version in app.db.read(library.pinned) if version.digest not in loaded]
    return show(request, caller, "runbooks.html", books=app.books, pinned=pinned)


@seen
def one(request: Request, caller: Caller) -> Response:
    """One runbook, by its digest, file name or title, or by its number among the loaded ones."""
    app = app_of(request)
    book, raw = _find(app, request.path_params["name"])
    try:
        text = decode(raw).text
    except Invalid:
        text = ""
    rendered = request.query_params.get("as") == "page"
    return show(
        request, caller, "runbook.html",
        book=book, text=text, lines=_lines(book, text), rendered=rendered, directory=app.settings.directory,
        loaded=any(known.digest == book.digest for known in app.books),
    )  # fmt: skip


def _find(app: App, name: str) -> tuple[Runbook, bytes]:
    book = app.book(name) or app.book(f"sha256:{name}")
    if book is None and name.isdecimal() and len(name) < 4 and int(name) < len(app.books):
        book = app.books[int(name)]
    if book is not None:
        return book, app.raw.get(book.digest, b"")

    def read(tx: Tx) -> tuple[Runbook, bytes] | None:
        digest = name if name.startswith("sha256:") else f"sha256:{name}"
        kept = library.load(tx, digest)
        return (kept, library.raw(tx, digest) or b"") if kept else None

    found = app.db.read(read)
    if found is None:
        raise NotFound(f"There is no runbook {name[:80]!r}.", "The page Runbooks lists them.")
    return found


def _lines(book: Runbook, text: str) -> list[SourceLine]:
    problems: dict[int, list[Problem]] = {}
    for problem in book.problems:
        problems.setdefault(problem.line, []).append(problem)
    repairs: dict[int, list[Repair]] = {}
    for repair in book.repairs:
        repairs.setdefault(repair.line, []).append(repair)
    marks = _marks(book)
    return [
        SourceLine(
            number=number,
            text=line,
            problems=tuple(problems.get(number, ())),
            repairs=tuple(repairs.get(number, ())),
            mark=marks.get(number, ""),
        )
        for number, line in enumerate(text.split("\n"), 1)
    ]


def _marks(book: Runbook) -> dict[int, str]:
    """Which lines were understood as a step, by its verdict; anything else that was understood is ``known``."""
    known = [rule.line for rule in book.rules] + [target.line for target in book.targets]
    known += [level.line for level in book.severities] + [rung.line for rung in book.escalations]
    known += [contact.line for contact in book.contacts] + [phase.line for phase in book.phases]
    for scenario in book.scenarios:
        known += [scenario.line, *(criterion.line for criterion in scenario.criteria)]
    marks = dict.fromkeys(known, "known")
    for step in book.steps():
        for line in range(step.line, min(step.end_line, step.line + 200) + 1):
            marks[line] = step.verdict if step.kind in ("shell", "sql") else "known"
    return marks
