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

from tocsin.core.answering import LABELS, Deed, Said
from tocsin.core.incident import Incident
from tocsin.errors import NotFound, TocsinError, Unauthorized
from tocsin.ids import slug
from tocsin.service import answering, respond, signing
from tocsin.service.answering import From
from tocsin.times import say_duration
from tocsin.web import auth
from tocsin.web.frame import app_of, fields_of, show

LONGEST_WORDS = 1_000
WORDED = ("escalate", "hold", "decline", "hand_over", "add")
AFTERWARDS: tuple[Deed, ...] = ("acknowledge", "escalate", "hold", "hand_over", "add")
"""What somebody is offered beside what their link is for."""
PERSON = "person-"
EFFECTS: dict[Deed, str] = {
    "acknowledge": "The incident is yours: the others are told, and the calls for somebody to take it end.",
    "escalate": "The first of those whom the runbook names who was not called yet is called now.",
    "hold": "The escalation ladder calls nobody for 30 minutes.",
    "accept": "You take it over; who had it until now and the others are told.",
    "decline": "You say no; who has it now keeps it, and is told.",
    "hand_over": "They are paged, and have it when they accept; until then nothing changes.",
    "add": "Each of them is paged with what is known.",
}


def look(request: Request) -> Response:
    """Show what the link is for."""
    try:
        deed, signed = _signed(request)
        incident = _incident(request, signed)
    except TocsinError as error:
        return _page(request, error.status, refusal=error)
    taken = answering.standing(app_of(request), incident, deed, signed.person)
    more = _more(request, incident, deed, signed) if taken else []
    return _page(request, deed=deed, person=signed.person, incident=incident, taken=taken, more=more)


async def answer(request: Request) -> Response:
    """Do it."""
    fields = await fields_of(request)
    words = fields.get("words", "").strip()[:LONGEST_WORDS]
    ticked = [name.removeprefix(PERSON) for name in fields if name.startswith(PERSON)]
    return await run_in_threadpool(_answer, request, words, ", ".join(ticked) or fields.get("to", "").strip())


def _answer(request: Request, words: str, people: str) -> Response:
    try:
        deed, signed = _signed(request)
        own = str(request.path_params["token"])
        who = From(person=signed.person, via="link", since=signed.at, own=own)
        said = Said(deed=deed, words=words if deed in WORDED else "", people=people)
        made = answering.answer(app_of(request), signed.ref, said, who)
    except TocsinError as error:
        return _page(request, error.status, refusal=error)
    more = _more(request, made.incident, deed, signed)
    return _page(request, deed=deed, person=signed.person, incident=made.incident, said=made.says, more=more)


def _more(request: Request, incident: Incident, deed: Deed, signed: signing.Signed) -> list[tuple[str, str]]:
    """What else the same person may want to do: label and link, which count no longer than the one that they have."""
    app = app_of(request)
    if not incident.open:
        return []
    mine, taken = slug(incident.owner) == signed.person, incident.acknowledged_at is not None
    fits = {"acknowledge": not taken, "hand_over": mine}
    return [
        (LABELS[each], f"/answer/{each}/{signing.sign(app, each, signed.person, incident.id, signed.at)}")
        for each in AFTERWARDS
        if each != deed and fits.get(each, True)
    ]


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
    shown: dict[str, Any] = {
        "deed": "", "incident": None, "said": "", "taken": "", "person": "", "more": [], **values,
    }  # fmt: skip
    deed = shown["deed"]
    known = app_of(request).settings.directory.people.values()
    others = [(each.id, each.name) for each in known if each.id != shown["person"]]
    lasts = say_duration(app_of(request).settings.answers.lasts)
    response = show(
        request, None, "answer.html", status, label=LABELS.get(deed, ""), effect=EFFECTS.get(deed, ""),
        worded=deed in WORDED, here=request.url.path, lasts=lasts, others=others, **shown,
    )  # fmt: skip
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


routes: list[BaseRoute] = [
    Route("/answer/{deed}/{token}", look, methods=["GET"]),
    Route("/answer/{deed}/{token}", answer, methods=["POST"]),
]
