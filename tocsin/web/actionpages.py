"""The page of the action items: what is still to be done, over all incidents, what is overdue first."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin.errors import TocsinError
from tocsin.service import access, actions, catalogue, duelist
from tocsin.service.access import Caller
from tocsin.web.frame import Fields, Typed, app_of, may, posted, request_of, seen, show
from tocsin.web.learned import STATES

DEEDS = ("add_action", "change_action", "close_action", "drop_action", "reopen_action")


@seen
def listing(request: Request, caller: Caller) -> Response:
    """Action items of one state, or of one owner."""
    return _page(request, caller)


@posted
def make(request: Request, caller: Caller, fields: Fields) -> Response:
    """Change an action item, and come back to the list."""
    app, ref, name = app_of(request), request.path_params["ref"], request.path_params["deed"]
    typed = Typed(name, fields)
    try:
        access.need_in_reach(app, caller, ref)
        wanted = catalogue.CATALOGUE[name if name in DEEDS else "change_action"]
        catalogue.allow(caller.role, wanted.role, name.replace("_", " "))
        asked = request_of(wanted.request, {key: value for key, value in fields.items() if key != "back"})
        catalogue.make(app, wanted.name, ref, asked, caller.actor, caller.role)
    except TocsinError as error:
        return _page(request, caller, error.status, refusal=error, typed=typed)
    return RedirectResponse("/actions", 303)


def _page(request: Request, caller: Caller, status: int = 200, **values: Any) -> Response:
    app, asked = app_of(request), request.query_params
    state = asked.get("state", "open") if asked.get("state", "open") in STATES else "open"
    mine = asked.get("owner", "") == "me"
    found = actions.listing(
        app, actions.seen_by(app, caller), state="open" if state == "overdue" else state,
        owner=caller.name if mine else "",
    )  # fmt: skip
    shown = [each for each in found if state != "overdue" or each.overdue]
    return show(
        request, caller, "actions.html", status,
        **{
            "actions": shown, "dues": duelist.listing(app, caller, owner=caller.name if mine else ""),
            "state": state, "states": STATES, "mine": mine, "may": may(caller), **values,
        },
    )  # fmt: skip


routes: list[BaseRoute] = [
    Route("/actions", listing, methods=["GET"]),
    Route("/actions/{ref}/{deed}", make, methods=["POST"]),
]
