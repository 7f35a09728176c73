"""The pages of the runbooks: the document as its author wrote it, and beside each line what was understood."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from tocsin.app import App
from tocsin.core.marks import Tone
from tocsin.core.runbook import Runbook
from tocsin.core.understood import Line, headline, lines
from tocsin.errors import Invalid, NotFound
from tocsin.reading.decoding import decode
from tocsin.service import access, duty
from tocsin.service.access import Caller
from tocsin.store import library
from tocsin.store.db import Tx
from tocsin.web.frame import app_of, seen, show

FILTERS = {"": "everything", "understood": "understood", "findings": "findings"}
"""What of the lines can be asked for with ``?show=``."""
ICONS = {
    "severity": "shield-alert", "scenario": "siren", "phase": "flag", "procedure": "list-checks",
    "condition": "git-branch", "fires": "bell", "target": "activity", "recovered when": "circle-check",
    "read-only": "eye", "changes state": "pencil", "not proved": "circle-help", "by hand": "hand",
    "elsewhere": "external-link", "no effect here": "ban", "to fill in": "copy", "escalates": "phone",
    "contact": "user", "rotation": "rotate-ccw", "channel": "megaphone", "checklist": "list-checks",
    "deadline": "clock", "template": "file-text", "not understood": "triangle-alert", "review": "rotate-ccw",
    "link": "link", "mended": "pencil", "question": "circle-help",
}  # fmt: skip
"""The icon of a mark, by its label; the rest have a word only."""
_TONES: tuple[Tone, ...] = ("bad", "ask", "good", "accent", "plain", "quiet")
BATCH = 40
_MOST_OVER = 6
_LEVELS = {"error": "bad", "warning": "ask", "note": "plain"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line with the tone of what was understood of it; or, without a line, a number of lines that are left out.

    ``over``: beside so many further lines its marks may go on, because what they say is about those too.
    """

    line: Line | None = None
    tone: str = ""
    over: int = 0
    first: int = 0
    hidden: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """An entry of the table of contents, with the findings up to the next one and the tone of the worst."""

    title: str
    line: int
    kind: str = ""
    findings: int = 0
    tone: str = "plain"


@seen
def listing(request: Request, caller: Caller) -> Response:
    """The loaded runbooks, and the versions that incidents are pinned to."""
    app = app_of(request)
    loaded = {book.digest for book in app.books}
    pinned = [version for version in app.db.read(library.pinned) if version.digest not in loaded]
    kept = [version for version in pinned if caller.reach.holds_runbook(version.title, Path(version.source).name)]
    seen_books = [book for book in app.books if access.reaches_book(caller, book)]
    return show(request, caller, "runbooks.html", books=seen_books, pinned=kept)


@seen
def one(request: Request, caller: Caller) -> Response:
    """One runbook, by its digest, file name or title, or by its number among the loaded ones."""
    app = app_of(request)
    book, raw = _find(app, request.path_params["name"])
    if not access.reaches_book(caller, book):
        raise NotFound(f"There is no runbook {request.path_params['name'][:80]!r}.", "The page Runbooks lists them.")
    try:
        text = decode(raw).text
    except Invalid:
        text = ""
    written = lines(book, text)
    chosen = request.query_params.get("show", "")
    chosen = chosen if chosen in FILTERS else ""
    contents = [each for each in chapters(book, written) if chosen != "findings" or each.findings]
    return show(
        request, caller, "runbook.html", book=book, text=text, contents=contents, chosen=chosen, filters=FILTERS,
        rendered=request.query_params.get("as") == "page", headline=headline(book), icons=ICONS,
        levels=_levels(book),
        batches=batches(rows(written, chosen, {chapter.line for chapter in contents})),
        bound=_bound(app, book), loaded=any(known.digest == book.digest for known in app.books),
    )  # fmt: skip


def rows(written: Sequence[Line], chosen: str, kept: set[int]) -> Iterator[Row]:
    """The lines that were asked for, with those in ``kept`` for orientation; left out ones with text are counted."""
    hidden: list[int] = []
    for line in written:
        if line.number in kept or _wanted(line, chosen):
            if hidden:
                yield Row(first=hidden[0], hidden=len(hidden))
                hidden = []
            tones = {mark.tone for mark in line.marks}
            yield Row(line=line, tone=next((tone for tone in _TONES if tone in tones), ""))
        elif line.text.strip():
            hidden.append(line.number)
    if hidden:
        yield Row(first=hidden[0], hidden=len(hidden))


def batches(found: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows in batches that a browser lays out on their own, once they come near."""
    coming = iter(found)
    while batch := list(islice(coming, BATCH)):
        yield [
            replace(row, over=_over(batch[at:])) if row.line and row.line.own else row for at, row in enumerate(batch)
        ]


def _over(rest: list[Row]) -> int:
    """Beside how many lines the marks of the first row may go on, at most."""
    first = rest[0].line
    if first is None or first.problems:
        return 0
    end = max(mark.end_line for mark in first.own)
    over = 0
    for row in rest[1 : _MOST_OVER + 1]:
        if row.line is None or row.line.number > end or row.line.own:
            break
        over += 1
        if row.line.problems:  # they stand across both columns
            break
    return over


def chapters(book: Runbook, written: Sequence[Line]) -> tuple[Chapter, ...]:
    """Where what begins, with the number of findings up to the next beginning."""
    found = [(part.line, part.title, "scenario") for part in book.scenarios]
    found += [(part.line, part.title, "phase") for part in book.phases]
    found += [(part.line, part.title, "procedure") for part in book.procedures]
    for title, parts in (
        ("Severities", book.severities),
        ("Escalation", book.escalations),
        ("Contacts", book.contacts),
    ):
        found += [(min(part.line for part in parts), title, "")] if parts else []
    found.sort()
    if not found or found[0][0] > 1:
        found.insert(0, (1, "Beginning", ""))
    starts = [line for line, _, _ in found]
    levels: list[list[str]] = [[] for _ in found]
    for line in written:
        if line.problems:
            levels[bisect_right(starts, line.number) - 1] += [problem.level for problem in line.problems]
    return tuple(
        Chapter(
            title=title, line=line, kind=kind, findings=len(below),
            tone=next((tone for level, tone in _LEVELS.items() if level in below), "plain"),
        )
        for (line, title, kind), below in zip(found, levels, strict=True)
    )  # fmt: skip


def _wanted(line: Line, chosen: str) -> bool:
    if chosen == "findings":
        return bool(line.problems) or any(mark.kind == "repair" for mark in line.own)
    return not chosen or bool(line.marks) or bool(line.problems)


def _levels(book: Runbook) -> dict[str, int]:
    """How many findings there are of each level, the worst first."""
    counted = Counter(problem.level for problem in book.problems)
    return {level: counted[level] for level in ("error", "warning", "note") if counted[level]}


def _bound(app: App, book: Runbook) -> dict[str, str]:
    """Whom the configuration names for those whom the document escalates to; empty for nobody."""
    wanted = dict.fromkeys(rung.to for rung in book.escalations if rung.to)
    known = duty.directory_now(app)
    found = {name: known.find(name, app.clock.now()) for name in wanted}
    return {name: who.name if who else "" for name, who in found.items()}


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
