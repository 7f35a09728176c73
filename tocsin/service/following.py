"""Following a linked runbook: its steps become the incident's, in the version that lies there now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tocsin.app import App
from tocsin.core import following
from tocsin.core.facts import Actor
from tocsin.core.followfacts import Followed
from tocsin.core.incident import Incident
from tocsin.core.runbook import Runbook
from tocsin.errors import Invalid, NotFound, Refused
from tocsin.service.act import find, find_step
from tocsin.service.books import pinned, read_book
from tocsin.service.commit import commit
from tocsin.service.documents import MARKDOWN, digest_now, links_of, locate
from tocsin.service.placing import on_targets
from tocsin.service.respond import Name
from tocsin.store import library
from tocsin.store.db import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What to follow: a step that links to a runbook, or the link itself as the document writes it."""

    step: Name = ""
    document: Name = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """A link, in which version of which runbook it stands, and the step that it is, where it is one."""

    target: str
    line: int
    within: Runbook
    step: str


def follow(app: App, ref: str, request: Following, by: Actor) -> Incident:
    """Follow a linked runbook: its steps stand beside the incident's own from now on."""

    def look(tx: Tx) -> tuple[_Wish, Runbook]:
        incident, runbook = find(app, tx, ref)
        return _wish(app, tx, incident, runbook, request), pinned(app, tx, incident.runbook_digest)

    wish, main = app.db.write(look)
    place = locate(wish.within.source, wish.target, Path(main.source).resolve().parent)
    if place.suffix.lower() not in MARKDOWN:
        raise Refused(f"{wish.target} is not Markdown, so it has no steps.", "Open it as a document.")
    book, raw = read_book(place, on_targets(app.settings))
    if not (any(True for _ in book.steps()) or following.boxes(book)):
        raise Refused(f"{book.title!r} has no steps to follow.", "Open it as a document.")

    def move(tx: Tx) -> Incident:
        incident, _ = find(app, tx, ref)
        wanted = Followed(
            number=0, title=book.title, digest=book.digest, source=str(place), target=wish.target, step=wish.step,
            line=wish.line,
        )  # fmt: skip
        new = following.follow(incident, wanted, str(Path(main.source).resolve()))
        library.pin(tx, book, raw, app.clock.now())
        return commit(app, tx, incident, new, by)

    return app.db.write(move)


def state_of(book: Followed) -> str:
    """What has become of the file since it was followed, as a sentence; empty while it is the same."""
    try:
        now = digest_now(Path(book.source))
    except Invalid:
        return f"{book.target} can't be read any more; the incident keeps the version that it follows."
    if now == book.digest:
        return ""
    return f"{book.target} was changed since; the incident keeps the version that it follows."


def _wish(app: App, tx: Tx, incident: Incident, runbook: Runbook, request: Following) -> _Wish:
    if bool(request.step) is bool(request.document):
        raise Invalid("Nothing says what is to be followed.", "Name a step that links to a runbook, or the link.")
    if request.step:
        step = find_step(runbook, request.step)
        target = step.command or ""
        if step.kind != "link" or not target or target.startswith("#") or "://" in target:
            raise Refused(f"{step.title!r} links to no runbook.", "Do it as it says, and tick it off.")
        within = pinned(app, tx, following.digest_of(incident, step.id))
        return _Wish(target=target, line=step.line, within=within, step=step.id)
    digests = (incident.runbook_digest, *(book.digest for book in incident.followed))
    for book in (pinned(app, tx, digest) for digest in digests):
        for link in links_of(book):
            if link.target == request.document and link.kind == "file":
                return _Wish(target=link.target, line=link.line, within=book, step="")
    raise NotFound(
        f"No runbook of {incident.id} links to {request.document[:80]!r}.",
        f"`tocsin incident documents {incident.id}` lists.",
    )
