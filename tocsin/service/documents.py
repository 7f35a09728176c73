"""Documents that a runbook links to: where they lie, whether they may be opened, what they say.

A document is opened only where the runbook itself names it, and only inside of the repository that the runbook lies in
(without one: inside of its folder), through whatever symbolic link. What is hidden, like ``.env``, is never opened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import unquote

from tocsin.app import App
from tocsin.core.incident import Incident
from tocsin.core.runbook import Link, Runbook
from tocsin.errors import Invalid, NotFound, Refused
from tocsin.plug import heard
from tocsin.plug.files import read_regular
from tocsin.reading.decoding import LARGEST, decode
from tocsin.service import discretion, respond
from tocsin.service.books import pinned
from tocsin.service.checkout import home_of
from tocsin.store.db import Tx

MARKDOWN = frozenset({".md", ".markdown", ".mdx"})
READABLE = MARKDOWN | {".txt", ".rst", ".adoc", ".sh", ".py", ".sql", ".js", ".ts"}
MOST = 200
_FARTHEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Something that a runbook of the incident links to. ``number`` names it, ``book`` says which runbook links to it.

    ``kind``: ``markdown`` and ``text`` open here, ``page`` is an address to go to. ``problem``: why it can't be opened.
    """

    number: int
    target: str
    kind: Literal["markdown", "text", "page"]
    book: str
    line: int
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A document and its text, repaired as a runbook's is, without secrets."""

    document: Document
    text: str


def documents(app: App, ref: str) -> list[Document]:
    """What the incident's runbook, and those that it follows, link to, in their order. Raises `NotFound`."""
    incident = respond.exists(app, ref)
    return [document for document, _, _ in app.db.read(lambda tx: list(_linked(app, tx, incident)))]


def open_document(app: App, ref: str, number: int) -> Opened:
    """One of them, whole. Raises `NotFound` and `Refused` with the reason why it can't be opened."""
    incident = respond.exists(app, ref)
    every = app.db.read(lambda tx: list(_linked(app, tx, incident)))
    found = next((each for each in every if each[0].number == number), None)
    if found is None:
        raise NotFound(f"{incident.id} has no document {number}.", f"`tocsin incident documents {incident.id}` lists.")
    document, book, link = found
    if document.kind == "page":
        raise Refused(f"{document.target} is not a file.", "Open it in a browser.")
    place = locate(book.source, link.target, root_of(book.source))
    text = decode(read_regular(place, LARGEST)).text
    return Opened(document=document, text=discretion.said(app, text))


def locate(source: str, target: str, root: Path) -> Path:
    """The file that a link in the document ``source`` means; its real place, which lies inside of ``root``.

    A path without a dot before it may also begin at a folder above, as repositories write them. Raises `Refused` for
    what may not be opened, and `NotFound` where nothing lies there.
    """
    path = unquote(target).partition("#")[0].partition("?")[0]
    parts = PurePosixPath(path).parts
    if not path or "\0" in path or any(part.startswith(".") and part not in (".", "..") for part in parts):
        raise Refused(f"{target[:80]!r} is nothing that is opened.", "Hidden files stay closed.")
    if PurePosixPath(path).suffix.lower() not in READABLE:
        raise Refused(f"{target[:80]!r} is no document that can be shown.", "Open it where it lies.")
    folder, inside = Path(source).resolve().parent, root.resolve()
    for base in _bases(folder, inside, path):
        try:
            place = (base / path.lstrip("/")).resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            continue
        if place.is_file() and inside in place.parents:
            return place
    raise NotFound(f"There is no file {target[:200]} inside of {inside.name}/.", "Mend the link in the runbook.")


def root_of(source: str) -> Path:
    """Inside of what the documents of a runbook must lie."""
    place = Path(source)
    return home_of(place) or place.resolve().parent


def links_of(book: Runbook) -> Sequence[Link]:
    """The links of a runbook that lead to a place of their own, each target once."""
    return [link for link in book.links if link.kind in ("file", "url")]


def versions(books: Sequence[Runbook]) -> dict[str, str]:
    """The digests of the Markdown files in the runbooks' folders that they link to, by their names there."""
    found: dict[str, str] = {}
    for book in books:
        folder = Path(book.source).resolve().parent
        for link in links_of(book):
            try:
                place = locate(book.source, link.target, folder) if link.kind == "file" else None
                if place is not None and place.suffix.lower() in MARKDOWN:
                    found[place.relative_to(folder).as_posix()] = digest_now(place)
            except (NotFound, Refused, Invalid):
                continue  # the findings of the runbook tell of it
    return found


def digest_now(place: Path) -> str:
    """The digest of a file as it lies there. Raises `Invalid` where it can't be read."""
    return f"sha256:{hashlib.sha256(read_regular(place, LARGEST)).hexdigest()}"


def _linked(app: App, tx: Tx, incident: Incident) -> Iterator[tuple[Document, Runbook, Link]]:
    """Every document with the runbook that links to it; one that several link to comes once."""
    digests = (incident.runbook_digest, *(book.digest for book in incident.followed))
    books = [pinned(app, tx, digest) for digest in digests]
    seen: set[tuple[str, str]] = set()
    number = 0
    for book in books:
        root = root_of(book.source)
        for link in links_of(book):
            key = (str(Path(book.source).parent) if link.kind == "file" else "", link.target)
            if key in seen or number >= MOST:
                continue
            seen.add(key)
            number += 1
            yield _document(number, book, link, root), book, link


def _document(number: int, book: Runbook, link: Link, root: Path) -> Document:
    problem, kind = "", "page"
    if link.kind == "file":
        kind = "markdown" if PurePosixPath(link.target.partition("#")[0]).suffix.lower() in MARKDOWN else "text"
        try:
            locate(book.source, link.target, root)
        except (NotFound, Refused) as error:
            problem = error.message
    else:
        gap = next((gap.text for gap in book.placeholders if gap.text in link.target), "")
        problem = f"{gap} of this address was never filled in." if gap else ""
        problem = problem if heard.link(link.target) else problem or "This is no address of a page."
    return Document(
        number=number, target=link.target, kind=kind, book=book.title, line=link.line, problem=problem,  # type: ignore[arg-type]
    )  # fmt: skip


def _bases(folder: Path, root: Path, path: str) -> Sequence[Path]:
    """From where a path is looked up, the likeliest first."""
    if path.startswith("/"):
        return [root]
    if path.startswith("."):
        return [folder]
    above = folder.parents[:_FARTHEST]
    return [folder, *(base for base in above if root in (folder, base) or root in base.parents)]
