"""The page of a post-mortem: rendered, with its text to edit, its meeting, its readers and its action items."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin.app import App
from tocsin.core.incident import Incident
from tocsin.errors import NotFound, TocsinError
from tocsin.ids import slug
from tocsin.service import catalogue, inviting, respond, review
from tocsin.service.access import Caller
from tocsin.store import library
from tocsin.web import charts
from tocsin.web.frame import Fields, Typed, app_of, may, posted, request_of, seen, show

MOVES = frozenset((
    "close_action", "publish_review", "approve_review", "schedule_review", "add_action", "change_action", "drop_action",
    "reopen_action", "track_actions",
))  # fmt: skip
"""Moves that are made on this page, and lead back to it."""


class _Edition(msgspec.Struct):
    text: str
    version: int


@seen
def show_review(request: Request, caller: Caller) -> Response:
    """The post-mortem, rendered, with its text to edit."""
    return page_of(request, caller)


@posted
def save_review(request: Request, caller: Caller, fields: Fields) -> Response:
    """Replace the text; what somebody else wrote meanwhile is merged, and where it can't be, both are shown."""
    ref = request.path_params["ref"]
    catalogue.allow(caller.role, "responder", "edit a post-mortem")
    try:
        version = request_of(_Edition, fields)
        review.edit_review(app_of(request), ref, version.text, version.version, caller.actor)
    except review.Disagreed as error:
        typed = Typed("review", {**fields, "text": error.merged, "version": str(error.version)})
        return page_of(request, caller, error.status, refusal=error, typed=typed)
    except TocsinError as error:
        return page_of(request, caller, error.status, refusal=error, typed=Typed("review", fields))
    return RedirectResponse(f"/incidents/{respond.exists(app_of(request), ref).id}/review", 303)


def page_of(request: Request, caller: Caller, status: int = 200, **values: Any) -> Response:
    """The page, perhaps with a refusal and what was typed."""
    app = app_of(request)
    found = respond.exists(app, request.path_params["ref"])
    text = review.open_review(app, found.id, caller.actor) if may(caller)["note"] else _kept(app, found.id)
    incident = respond.exists(app, found.id)
    return show(
        request, caller, "review.html", status,
        **{
            "incident": incident, "review": text, "actions": incident.learning.actions,
            "task": review.deadline(incident),
            "tracker": app.settings.reviewing.tracker.name if app.settings.reviewing.tracker else "",
            "pictures": review.pictures(app, incident), "here": f"/incidents/{found.id}/review", **values,
        },
    )  # fmt: skip


def _kept(app: App, ref: str) -> library.ReviewText:
    """The post-mortem for somebody who may only look: they draft none."""
    text = app.db.read(lambda tx: library.review(tx, ref))
    if text is None:
        raise NotFound(f"{ref} has no post-mortem yet.", "It is drafted when a responder opens it.")
    return text


@seen
def calendar(request: Request, caller: Caller) -> Response:  # noqa: ARG001 -- `seen` has asked who it is
    """The meeting as a calendar file."""
    app, ref = app_of(request), request.path_params["ref"]
    text = inviting.text_of(app, respond.exists(app, ref))
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="post-mortem.ics"'}
    return PlainTextResponse(text, headers=headers, media_type="text/calendar")


@seen
def picture(request: Request, caller: Caller) -> Response:  # noqa: ARG001 -- `seen` has asked who it is
    """A chart of the incident as a file of its own."""
    app = app_of(request)
    incident = respond.exists(app, request.path_params["ref"])
    return svg(app, incident, str(request.path_params["name"]))


def svg(app: App, incident: Incident, name: str) -> Response:
    """A chart by the name of its file. Raises `NotFound`."""
    for view in review.pictures(app, incident):
        if name == f"{incident.id}-{slug(view.metric)}.svg":
            text = charts.standing_alone(charts.chart(view))
            return Response(text, headers={"Cache-Control": "no-store"}, media_type="image/svg+xml")
    raise NotFound(f"{incident.id} has no chart {name[:80]!r}.")


routes: list[BaseRoute] = [
    Route("/incidents/{ref}/meeting.ics", calendar, methods=["GET"]),
    Route("/incidents/{ref}/charts/{name}", picture, methods=["GET"]),
    Route("/incidents/{ref}/review", show_review, methods=["GET"]),
    Route("/incidents/{ref}/review", save_review, methods=["POST"]),
]
