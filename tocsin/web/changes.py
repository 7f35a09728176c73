"""Changes: told by programs and people, listed for both. ``/api/v1/changes`` and the page ``/changes``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin import wire
from tocsin.core.change import Change
from tocsin.errors import Invalid, TocsinError
from tocsin.plug import heard
from tocsin.service import catalogue, changelog
from tocsin.service.access import Caller
from tocsin.service.changelog import NewChange
from tocsin.settings import ROLES
from tocsin.store import changes
from tocsin.web.endpoints import Call, Endpoint, Query, give
from tocsin.web.frame import Fields, Typed, app_of, posted, seen, show

MOST = 1000
LISTED = 200
LONGEST_WORDS = 100
SPANS = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7), "": None}
TELLER = "agent"
"""The least role that may tell of a change: pipelines do, and so may everybody who takes part."""


def list_changes(call: Call) -> Response:
    """The changes of a time, the newest first."""
    bounds: dict[str, datetime | None] = {}
    for name in ("since", "until"):
        text = call.request.query_params.get(name, "")
        bounds[name] = heard.moment(text)
        if text and bounds[name] is None:
            raise Invalid(f"?{name}= is not a time with a zone.", f"Write for example ?{name}=2026-11-20T23:17:31Z.")
    limit = min(call.number("limit", 100), MOST)
    words, source = (call.request.query_params.get(name, "")[:LONGEST_WORDS] for name in ("words", "source"))
    found = call.app.db.read(
        lambda tx: changes.listing(
            tx, since=bounds["since"], until=bounds["until"], source=_plain(source), words=_plain(words), limit=limit
        )
    )
    return give({"changes": found})


def add_change(call: Call) -> Response:
    """Put a change on record."""
    return give(changelog.record(call.app, call.read(NewChange), call.caller.name, source=_teller(call.caller)), 201)


@seen
def page(request: Request, caller: Caller) -> Response:
    """What was changed lately, with a form to tell of more."""
    return _page(request, caller)


@posted
def tell(request: Request, caller: Caller, fields: Fields) -> Response:
    """Put a change on record, and come back."""
    catalogue.allow(caller.role, TELLER, "record a change")
    at = fields.get("at", "").strip()
    told = {**fields, "at": f"{at}Z" if at and at[-1].isdigit() else at}
    try:
        changelog.record(app_of(request), wire.convert(NewChange, told), caller.name, source=_teller(caller))
    except TocsinError as error:
        return _page(request, caller, error.status, refusal=error, typed=Typed("record_change", fields))
    return RedirectResponse("/changes", 303)


def _page(request: Request, caller: Caller, status: int = 200, **values: Any) -> Response:
    app, asked = app_of(request), request.query_params
    span = asked.get("span", "24h") if asked.get("span", "24h") in SPANS else "24h"
    words, source = _plain(asked.get("words", "")[:LONGEST_WORDS]), _plain(asked.get("source", "")[:LONGEST_WORDS])
    back = SPANS[span]
    since = app.clock.now() - back if back else None
    found, sources = app.db.read(
        lambda tx: (changes.listing(tx, since=since, source=source, words=words, limit=LISTED), changes.sources(tx))
    )
    may_tell = ROLES.index(caller.role) >= ROLES.index(TELLER) and caller.reach.may("alerts:send")
    return show(
        request, caller, "changes.html", status,
        **{
            "changes": found, "sources": sources, "span": span, "asked_words": words, "source": source, "most": LISTED,
            "may_tell": may_tell, **values,
        },
    )  # fmt: skip


def _teller(caller: Caller) -> str:
    return caller.name if caller.actor.kind == "agent" else changelog.BY_HAND


def _plain(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/changes", says="What was changed lately, the newest first.", serve=list_changes,
        role="viewer", gives=dict[str, list[Change]],
        query=(
            Query(name="since", says="Only what happened from then on (RFC 3339)."),
            Query(name="until", says="Only what happened until then (RFC 3339)."),
            Query(name="source", says="Only what this source told."),
            Query(name="words", says="Only what holds these words: what, where, who, kind or outcome."),
            Query(name="limit", says=f"At most so many; 100 unless told, never more than {MOST}.", kind="integer"),
        ),
    ),
    Endpoint(
        method="POST", path="/api/v1/changes", says="Put a change on record: a deployment, a setting, a switch.",
        serve=add_change, role=TELLER, takes=NewChange, gives=Change, status=201,
    ),
)  # fmt: skip
