"""The JSON API under ``/api/v1``: reads are `tocsin.service.views`, writes are the catalogue's moves.

Field names are those of the dataclasses; moments are RFC 3339 in UTC, spans are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta
from starlette.responses import Response

from tocsin.app import App
from tocsin.core.countdowns import Countdown
from tocsin.core.doubt import Doubt
from tocsin.core.facts import ENGINE
from tocsin.core.incident import Approval, Incident
from tocsin.core.runbook import Runbook
from tocsin.core.shown import (
    BranchView,
    Clock,
    CriterionView,
    Output,
    Review,
    RungView,
    Summary,
    TimelineEntry,
)
from tocsin.core.telling import tell, titles_in, titles_of
from tocsin.errors import Invalid, NotFound
from tocsin.service import access, alerting, catalogue, doubts, printed, questions, respond, review, views
from tocsin.service.access import Caller
from tocsin.service.books import whole_book
from tocsin.service.keeping import with_ways_back
from tocsin.store import incidents, library
from tocsin.store.alertbook import Amount
from tocsin.store.db import Tx
from tocsin.web.endpoints import Call, Endpoint, Query, give

LONGEST_REF = 40
MOST_INCIDENTS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSummary:
    """A loaded runbook, without its text."""

    title: str
    source: str
    digest: str
    scenarios: tuple[str, ...]
    severities: tuple[str, ...]
    steps: int
    rules: int
    problems: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FullIncident:
    """Everything about an incident but its timeline and its post-mortem."""

    incident: Incident
    runbook: BookSummary
    parts: tuple[BranchView, ...]
    clocks: tuple[Clock, ...]
    signals: tuple[views.SignalView, ...]
    criteria: tuple[CriterionView, ...]
    ladder: tuple[RungView, ...]
    missing: tuple[str, ...]
    now: datetime
    measured: tuple[str, ...] = ()
    go_back: str = ""
    held: Amount = field(default_factory=Amount)
    countdowns: tuple[Countdown, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingApproval:
    """A question to people, and the incident in which it is asked; ``changed``: what would be refused by now."""

    incident: str
    title: str
    severity: str
    approval: Approval
    steps: tuple[str, ...] = ()
    changed: tuple[questions.Changed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEdit:
    """A new text. ``version`` is the one that it was made from; ``If-Match`` says the same."""

    text: Annotated[str, Meta(max_length=review.LONGEST_REVIEW)]
    version: int | None = None


def list_incidents(call: Call) -> Response:
    """The newest incidents first."""
    status = call.request.query_params.get("status") or None
    known = ("open", "acknowledged", "mitigated", "resolved")
    if status not in (None, *known):
        raise Invalid("?status= is not a status.", f"Use one of: {', '.join(known)}.")
    most = min(call.number("limit", 100), MOST_INCIDENTS)
    unseen = len(access.hidden(call.app, call.caller))
    wide = most + unseen if call.caller.reach.every_incident else MOST_INCIDENTS
    found = views.listing(call.app, status=status, most=wide)
    return give({"incidents": views.in_reach(call.app, call.caller, found)[:most]})


def declare(call: Call) -> Response:
    """Begin an incident by hand."""
    incident = catalogue.declare(call.app, call.read(respond.Declaration), call.caller.actor, call.caller.role)
    return give(incident, 201, {"Location": f"/api/v1/incidents/{incident.id}"})


def show_incident(call: Call) -> Response:
    """One incident with its steps, clocks and what still stands between it and its end."""
    page = views.incident_page(call.app, _ref(call))
    full = FullIncident(
        incident=page.incident,
        runbook=_book(page.runbook),
        parts=page.parts,
        clocks=page.clocks,
        signals=page.signals,
        criteria=page.criteria,
        ladder=page.ladder,
        missing=page.missing,
        now=page.now,
        measured=page.measured,
        go_back=page.go_back,
        held=alerting.amount(call.app, page.incident.id),
        countdowns=page.countdowns,
    )
    return give(full)


def show_timeline(call: Call) -> Response:
    """The timeline, the oldest entry first."""
    incident, after = respond.exists(call.app, _ref(call)), call.number("after", 0)
    directory = call.app.settings.directory
    entries = call.app.db.read(lambda tx: incidents.timeline(tx, incident.id, after))
    book = call.app.db.read(lambda tx: whole_book(call.app, tx, incident))
    titles = titles_in(incident, with_ways_back(incident, book))
    told = [
        TimelineEntry(
            seq=entry.seq,
            at=entry.at,
            kind=entry.kind,
            by=entry.by,
            fact=entry.fact,
            line=tell(entry, directory, titles),
        )
        for entry in entries
    ]
    return give({"timeline": told})


def show_output(call: Call) -> Response:
    """What the last run of a step printed, masked."""
    incident, step = respond.exists(call.app, _ref(call)), str(call.path["step"])
    state, after = incident.step(step), call.number("after", 0)
    book = call.app.db.read(lambda tx: whole_book(call.app, tx, incident))
    titles = titles_of(with_ways_back(incident, book))
    if state is None and step not in titles:
        raise NotFound(f"{incident.id} has no such step.", f"GET /api/v1/incidents/{incident.id} lists them.")
    pieces = printed.since(call.app, state.run, after) if state and state.run else ()
    return give(Output(step=step, title=titles.get(step, ""), state=state, output=pieces))


def show_review(call: Call) -> Response:
    """The post-mortem; asking for it changes nothing."""
    found = _review(call.app, respond.exists(call.app, _ref(call)).id)
    return give(found, 200, {"ETag": f'"{found.version}"'})


def edit_review(call: Call) -> Response:
    """Replace the post-mortem's text, unless somebody else has changed it since."""
    edit, ref = call.read(ReviewEdit), respond.exists(call.app, _ref(call)).id
    version = _version(call, edit)
    if version == 0:
        version = review.open_review(call.app, ref, call.caller.actor).version
    review.edit_review(call.app, ref, edit.text, version, call.caller.actor)
    found = _review(call.app, ref)
    return give(found, 200, {"ETag": f'"{found.version}"'})


def list_approvals(call: Call) -> Response:
    """Every command that waits for a person, over all open incidents; the one that expires first comes first."""
    seen = access.only_in_reach(call.app, call.caller, call.app.db.read(incidents.open_ones))
    waiting = [
        WaitingApproval(
            incident=each.incident.id, title=each.incident.title, severity=each.incident.severity,
            approval=each.approval, steps=each.titles, changed=each.changed,
        )
        for each in questions.waiting(call.app, seen)
    ]  # fmt: skip
    return give({"approvals": waiting})


def list_doubts(call: Call) -> Response:
    """Every step of an incident that is in doubt, with all that is known of it."""
    return give({"doubts": doubts.doubts(call.app, _ref(call))})


def list_runbooks(call: Call) -> Response:
    """The loaded runbooks; with ``?name=`` one of them whole, as ``tocsin runbook show --json`` tells it."""
    name = call.request.query_params.get("name", "")
    seen = [book for book in call.app.books if access.reaches_book(call.caller, book)]
    if not name:
        return give({"runbooks": [_book(book) for book in seen]})
    book = respond.find_book(call.app, name) if call.caller.reach.every_incident else call.app.book(name)
    if book is None or book not in seen:
        raise NotFound(f"There is no runbook {name!r}.", "GET /api/v1/runbooks lists them.")
    return give(book)


def show_me(call: Call) -> Response:
    """Who asks."""
    return give(call.caller)


def no_such_move(call: Call) -> Response:
    """Say which moves there are."""
    raise NotFound(f"There is no move {str(call.path['move'])[:60]!r}.", f"Moves: {', '.join(catalogue.CATALOGUE)}.")


def _make(move: catalogue.Move) -> Endpoint:
    def serve(call: Call) -> Response:
        request = call.read(move.request)
        access.need_beside(call.app, call.caller, move.beside, request)
        return give(catalogue.make(call.app, move.name, _ref(call), request, call.caller.actor, call.caller.role))

    return Endpoint(
        method="POST", path=f"/api/v1/incidents/{{ref}}/{move.name}", says=move.says, serve=serve, role=move.role,
        takes=move.request, gives=Incident,
    )  # fmt: skip


def _ref(call: Call) -> str:
    ref = str(call.path["ref"])
    if len(ref) > LONGEST_REF:
        raise NotFound("There is no such incident.", "`tocsin incident list` shows them.")
    return ref


def _book(book: Runbook) -> BookSummary:
    return BookSummary(
        title=book.title,
        source=book.source,
        digest=book.digest,
        scenarios=tuple(scenario.id for scenario in book.scenarios),
        severities=tuple(severity.name for severity in book.severities),
        steps=sum(1 for _ in book.steps()),
        rules=len(book.rules),
        problems=len(book.problems),
    )


def _review(app: App, ref: str) -> Review:
    """The stored post-mortem; while nobody has edited it, the draft that the timeline gives now."""

    def read(tx: Tx) -> Review:
        known = library.review(tx, ref)
        if known is not None and known.updated_by != ENGINE.name:
            return Review(
                incident=ref, status=known.status, version=known.version, text=known.text,
                updated_at=known.updated_at, updated_by=known.updated_by,
            )  # fmt: skip
        incident = incidents.load(tx, ref)
        if incident is None:
            raise NotFound(f"There is no incident {ref}.")
        book = whole_book(app, tx, incident)
        text = review.text_of(app, tx, incident, book, incidents.timeline(tx, ref))
        version, status = (known.version, known.status) if known else (0, "")
        return Review(incident=ref, status=status, version=version, text=text)

    return app.db.read(read)


def _version(call: Call, edit: ReviewEdit) -> int:
    match = call.request.headers.get("if-match", "").strip().removeprefix("W/").strip('"')
    if edit.version is not None:
        return edit.version
    if not (match.isascii() and match.isdigit() and len(match) < 10):
        raise Invalid("Nothing says which version this text was made from.", 'Send "version" or If-Match.')
    return int(match)


_REF = "/api/v1/incidents/{ref}"

ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/incidents", says="Incidents, the newest first.", serve=list_incidents,
        role="viewer", gives=dict[str, list[Summary]],
        query=(
            Query(name="status", says="open (everything unresolved), acknowledged, mitigated or resolved"),
            Query(name="limit", says=f"How many at most; 100 unless told, at most {MOST_INCIDENTS}.", kind="integer"),
        ),
    ),
    Endpoint(
        method="POST", path="/api/v1/incidents", says="Declare an incident by hand.", serve=declare,
        role="responder", takes=respond.Declaration, gives=Incident, status=201,
    ),
    Endpoint(
        method="GET", path=_REF, says="One incident.", serve=show_incident, role="viewer", gives=FullIncident,
    ),
    Endpoint(
        method="GET", path=f"{_REF}/timeline", says="The timeline of an incident.", serve=show_timeline, role="viewer",
        gives=dict[str, list[TimelineEntry]],
        query=(Query(name="after", says="Only entries after this sequence number.", kind="integer"),),
    ),
    Endpoint(
        method="GET", path=f"{_REF}/steps/{{step:path}}/output", says="What the last run of a step printed.",
        serve=show_output, role="viewer", gives=Output,
        query=(Query(name="after", says="Only pieces after this sequence number.", kind="integer"),),
    ),
    Endpoint(
        method="GET", path=f"{_REF}/doubts", says="What is known of steps that are in doubt.", serve=list_doubts,
        role="viewer", gives=dict[str, list[Doubt]],
    ),
    Endpoint(
        method="GET", path=f"{_REF}/review", says="The post-mortem as Markdown.", serve=show_review, role="viewer",
        gives=Review,
    ),
    Endpoint(
        method="PUT", path=f"{_REF}/review", says="Replace the post-mortem's text.", serve=edit_review,
        role="responder", takes=ReviewEdit, gives=Review,
    ),
    *(_make(move) for move in catalogue.CATALOGUE.values()),
    Endpoint(
        method="POST", path=f"{_REF}/{{move}}", says="Any other move: there is none.", serve=no_such_move,
        role="viewer", status=404,
    ),
    Endpoint(
        method="GET", path="/api/v1/approvals", says="Commands that wait for a person.", serve=list_approvals,
        role="viewer", gives=dict[str, list[WaitingApproval]],
    ),
    Endpoint(
        method="GET", path="/api/v1/runbooks", says="The loaded runbooks.", serve=list_runbooks, role="viewer",
        gives=dict[str, Any],
        query=(Query(name="name", says="Title, file name or digest of one, to have it whole."),),
    ),
    Endpoint(
        method="GET", path="/api/v1/me", says="Who asks, and in which role.", serve=show_me, role="viewer",
        gives=Caller,
    ),
)  # fmt: skip
