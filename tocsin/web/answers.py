"""The page behind a signed link: it shows what will be done, and does it when the button is pressed.

A GET never does anything, so mail scanners and previews of links do no harm. The link is the proof of who answers, so
no session is looked at; nothing but the incident's name, title and severity is shown, of a private one not the title.
"""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.core.answering import Deed, Said
from tocsin.core.incident import Incident
from tocsin.errors import NotFound, TocsinError, Unauthorized
from tocsin.service import answering, respond, signing
from tocsin.service.answering import LABELS, From
from tocsin.times import say_duration
from tocsin.web import auth
from tocsin.web.frame import app_of, fields_of, show

LONGEST_WORDS = 1_000
WORDED = ("escalate", "hold", "decline")
EFFECTS: dict[Deed, str] = {
    "acknowledge": "The incident is yours: the others are told, and the calls for somebody to take it end.",
    "escalate": "The first of those whom the runbook names who was not called yet is called now.",
    "hold": "The escalation ladder calls nobody for 30 minutes.",
    "accept": "You take it over; who had it until now and the others are told.",
    "decline": "You say no; who has it now keeps it, and is told.",
}


def look(request: Request) -> Response:
    """Show what the link is for."""
    try:
        deed, signed = _signed(request)
        incident = _incident(request, signed)
    except TocsinError as error:
        return _page(request, error.status, refusal=error)
    taken = answering.standing(app_of(request), incident, deed, signed.person)
    return _page(request, deed=deed, person=signed.person, incident=incident, taken=taken)


async def answer(request: Request) -> Response:
    """Do it."""
    words = (await fields_of(request)).get("words", "").strip()[:LONGEST_WORDS]
    return await run_in_threadpool(_answer, request, words)


def _answer(request: Request, words: str) -> Response:
    try:
        deed, signed = _signed(request)
        own = str(request.path_params["token"])
        who = From(person=signed.person, via="link", since=signed.at, own=own)
        made = answering.answer(
            app_of(request), signed.ref, Said(deed=deed, words=words if deed in WORDED else ""), who
        )
    except TocsinError as error:
        return _page(request, error.status, refusal=error)
    return _page(request, deed=deed, person=signed.person, incident=made.incident, said=made.says)


def _signed(request: Request) -> tuple[Deed, signing.Signed]:
    app, asked = app_of(request), str(request.path_params["deed"])
    deed = next((known for known in LABELS if known == asked), None)
    if deed is None or not app.settings.answers.links:
        raise NotFound("There is no such link.", "Sign in, and answer on the page.")
    try:
        return deed, signing.read(app, deed, str(request.path_params["token"]), app.clock.now())
    except Unauthorized as error:
        auth.count_failure(request)
        raise NotFound(error.message, error.hint) from None


def _incident(request: Request, signed: signing.Signed) -> Incident:
    app = app_of(request)
    incident = respond.exists(app, signed.ref)
    if not incident.is_shown_to(signed.person):
        raise NotFound(f"There is no incident {signed.ref}.")
    app.db.read(lambda tx: signing.need_standing(app, tx, signed.person, incident, signed.at))
    return incident


def _page(request: Request, status: int = 200, **values: Any) -> Response:
    shown: dict[str, Any] = {"deed": "", "incident": None, "said": "", "taken": "", "person": "", **values}
    deed = shown["deed"]
    lasts = say_duration(app_of(request).settings.answers.lasts)
    response = show(
        request, None, "answer.html", status, label=LABELS.get(deed, ""), effect=EFFECTS.get(deed, ""),
        worded=deed in WORDED, here=request.url.path, lasts=lasts, **shown,
    )  # fmt: skip
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


routes: list[BaseRoute] = [
    Route("/answer/{deed}/{token}", look, methods=["GET"]),
    Route("/answer/{deed}/{token}", answer, methods=["POST"]),
]
