"""The JSON API of on-call, for `tocsin oncall`, and the calendars at secret addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.responses import Response

from tocsin.errors import Invalid
from tocsin.service import calendars, oncall, planning
from tocsin.web.endpoints import Call, Endpoint, Query, give

ENDING = ".ics"


def show_oncall(call: Call) -> Response:
    """Who is on call, the next weeks, what would hurt in them."""
    return give(oncall.overview(call.app, moment(call.request.query_params.get("at", "")), call.number("weeks", 4)))


def list_changes(call: Call) -> Response:
    """Overrides, temporary schedules and swaps."""
    return give({"changes": planning.history(call.app, past=call.flag("past", default=False))})


def add_change(call: Call) -> Response:
    """Put somebody else on call for a while."""
    return give(planning.override(call.app, call.read(planning.Override), call.caller), 201)


def end_change(call: Call) -> Response:
    """End a change now, or call it off."""
    return give(planning.end(call.app, str(call.path["change"]), call.caller))


def offer_swap(call: Call) -> Response:
    """Offer one's own time to another."""
    return give(planning.offer(call.app, call.read(planning.Swap), call.caller), 201)


def accept_swap(call: Call) -> Response:
    """Accept a swap."""
    return give(planning.answer(call.app, str(call.path["change"]), call.caller, accept=True))


def decline_swap(call: Call) -> Response:
    """Decline a swap, or take one's own offer back."""
    return give(planning.answer(call.app, str(call.path["change"]), call.caller, accept=False))


def list_feeds(call: Call) -> Response:
    """The secret addresses of calendars in force, without their secrets."""
    return give({"feeds": calendars.feeds(call.app, call.caller)})


def make_feed(call: Call) -> Response:
    """Make a secret address of a calendar; it is told this once."""
    return give(calendars.make_feed(call.app, call.read(calendars.NewFeed), call.caller), 201)


def revoke_feed(call: Call) -> Response:
    """End a secret address."""
    calendars.revoke_feed(call.app, str(call.path["feed"]), call.caller)
    return give({})


def show_feed(call: Call) -> Response:
    """The calendar behind a secret address. Who has the address may read it; nothing of it is kept on the way."""
    secret = str(call.path["secret"]).removesuffix(ENDING)
    body = calendars.feed_text(call.app, secret)
    headers = {
        "Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex",
        "Content-Disposition": 'inline; filename="on-call.ics"',
    }  # fmt: skip
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)


def moment(text: str) -> datetime | None:
    """The moment of ``?at=``, with its zone. Raises `Invalid` for what is none."""
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid("?at= is not a moment with a zone.", "Write ?at=2026-03-07T22:00Z.")
    return found


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v1/oncall", says="Who is on call, and the next weeks.", serve=show_oncall,
        role="viewer", gives=oncall.OnCall,
        query=(
            Query(name="at", says="The moment, with its zone; now, unless told."),
            Query(name="weeks", says="How many weeks of shifts, 4 unless told.", kind="integer"),
        ),
    ),
    Endpoint(
        method="GET", path="/api/v1/oncall/changes", says="Overrides, temporary schedules and swaps.",
        serve=list_changes, role="viewer", gives=dict[str, list[planning.ChangeView]],
        query=(Query(name="past", says="Those of the last year, too.", kind="boolean"),),
    ),
    Endpoint(
        method="POST", path="/api/v1/oncall/changes", says="Put somebody else on call for a while.",
        serve=add_change, role="responder", takes=planning.Override, gives=planning.ChangeView, status=201,
    ),
    Endpoint(
        method="POST", path="/api/v1/oncall/changes/{change}/end", says="End a change now, or call it off.",
        serve=end_change, role="responder", gives=planning.ChangeView,
    ),
    Endpoint(
        method="POST", path="/api/v1/oncall/swaps", says="Offer one's own time on call to another.",
        serve=offer_swap, role="responder", takes=planning.Swap, gives=planning.ChangeView, status=201,
    ),
    Endpoint(
        method="POST", path="/api/v1/oncall/swaps/{change}/accept", says="Accept a swap.", serve=accept_swap,
        role="responder", gives=planning.ChangeView,
    ),
    Endpoint(
        method="POST", path="/api/v1/oncall/swaps/{change}/decline", says="Decline a swap, or take an offer back.",
        serve=decline_swap, role="responder", gives=planning.ChangeView,
    ),
    Endpoint(
        method="GET", path="/api/v1/oncall/feeds", says="Secret addresses of calendars, without their secrets.",
        serve=list_feeds, role="responder", gives=dict[str, list[calendars.FeedView]],
    ),
    Endpoint(
        method="POST", path="/api/v1/oncall/feeds", says="Make a secret address of a calendar.", serve=make_feed,
        role="responder", takes=calendars.NewFeed, gives=calendars.FeedView, status=201,
    ),
    Endpoint(
        method="POST", path="/api/v1/oncall/feeds/{feed}/revoke", says="End a secret address.", serve=revoke_feed,
        role="responder", gives=dict[str, Any],
    ),
    Endpoint(
        method="GET", path="/oncall/feed/{secret}", says="The calendar behind a secret address.", serve=show_feed,
        door="open",
    ),
)  # fmt: skip
