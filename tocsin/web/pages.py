"""The pages: what is happening now, one incident, the lists, the post-mortem. Every button is a move of the catalogue.

A form posts to ``/incidents/{ref}/{move}`` with the fields of the move's request, and comes back to the page; a
refusal comes back with its sentence and with what was typed. All of it works without a script.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.core.run import Run
from tocsin.errors import Denied, NotFound, TocsinError, Unauthorized
from tocsin.service import (
    access,
    alerting,
    catalogue,
    context,
    doubts,
    learning,
    questions,
    recurring,
    respond,
    sets,
    views,
)
from tocsin.service.access import Caller
from tocsin.service.chatrooms import rooms_of
from tocsin.store import alerts as alert_store
from tocsin.store import incidents, outbox, runs
from tocsin.store.db import Tx
from tocsin.web import (
    actionpages,
    alertpages,
    answers,
    assessing,
    auth,
    bookhealth,
    books,
    changes,
    deliverypages,
    documents,
    dutypages,
    figures,
    messages,
    palette,
    panels,
    readypages,
    reviewpages,
    traces,
)
from tocsin.web.frame import (
    COUNTED,
    Fields,
    Typed,
    app_of,
    fields_of,
    local,
    posted,
    request_of,
    seen,
    show,
    to_login,
)
from tocsin.web.live import everything_since
from tocsin.web.render import ASSET_TYPES, anchor, asset_file
from tocsin.web.statuspage import desk

LISTED = 200
RECENT = 8
LATEST_OUTPUT = 60_000
LISTED_ENTRIES = 500
LATEST_ENTRIES = 60
TAB_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#4f46e5"/>'
    '<path d="M16 6a6.5 6.5 0 0 0-6.5 6.5V18L7 22h18l-2.5-4v-5.5A6.5 6.5 0 0 0 16 6m-3 18a3 3 0 0 0 6 0" '
    'fill="#fff"/></svg>'
)
FOR_EVER = "public, max-age=31536000, immutable"


# --- coming in -----------------------------------------------------------------------------------------------------


def login(request: Request) -> Response:
    """The form that asks for a token."""
    goal = local(request.query_params.get("next", "/"))
    try:
        known = auth.caller(request)
    except Unauthorized:  # a program with a wrong token; it may still read how to come in
        known = None
    return RedirectResponse(goal, 303) if known else show(request, None, "login.html", goal=goal)


async def log_in(request: Request) -> Response:
    """Exchange a token for a session."""
    fields = await fields_of(request)
    goal = local(fields.get("next", "/"))
    try:
        session = await auth.log_in(request, fields.get("token", "").strip())
    except TocsinError as error:
        return show(request, None, "login.html", error.status, goal=goal, refusal=error)
    return auth.with_session(request, RedirectResponse(goal, 303), session)


@posted
def log_out(request: Request, _: Caller, __: Fields) -> Response:
    """End the session."""
    access.end_session(app_of(request), auth.session_cookie(request))
    return auth.without_session(RedirectResponse("/login", 303))


async def theme(request: Request) -> Response:
    """Remember light or dark, for browsers without a script."""
    fields = await fields_of(request)
    answer = RedirectResponse(local(fields.get("next", "/")), 303)
    if fields.get("theme") in ("light", "dark"):
        answer.set_cookie("tocsin_theme", fields["theme"], max_age=31_536_000, samesite="strict")
    return answer


# --- lists ---------------------------------------------------------------------------------------------------------


@seen
def now(request: Request, caller: Caller) -> Response:
    """What needs somebody now."""
    return _now(request, caller)


@seen
def incident_list(request: Request, caller: Caller) -> Response:
    """All incidents, or those of one status."""
    chosen = request.query_params.get("status", "")
    status = chosen if chosen in ("open", "acknowledged", "mitigated", "resolved") else None
    found = views.in_reach(app_of(request), caller, views.listing(app_of(request), status=status, most=LISTED))
    return show(request, caller, "incidents.html", summaries=found, chosen=status or "", most=LISTED)


@seen
def approvals(request: Request, caller: Caller) -> Response:
    """Every question that waits for an answer, over all incidents."""
    app = app_of(request)
    live = everything_since(app, caller)
    return show(request, caller, "approvals.html", questions=_questions(app, caller), live=live)


@posted
def declare(request: Request, caller: Caller, fields: Fields) -> Response:
    """Begin an incident by hand."""
    try:
        asked = request_of(respond.Declaration, fields)
        incident = catalogue.declare(app_of(request), asked, caller.actor, caller.role)
    except TocsinError as error:
        return _now(request, caller, error.status, refusal=error, typed=Typed("declare", fields))
    return RedirectResponse(f"/incidents/{incident.id}", 303)


def _now(request: Request, caller: Caller, status: int = 200, **values: Any) -> Response:
    app = app_of(request)
    resolved = [summary for summary in views.listing(app, status="resolved", most=RECENT) if not summary.incident.open]
    recent, open_ones = (views.in_reach(app, caller, each) for each in (resolved, views.listing(app, status="open")))
    firing = _firing(app, caller) if caller.reach.may("alerts:read") else []
    return show(
        request, caller, "now.html", status,
        **{
            "summaries": open_ones, "recent": recent, "alerts": firing,
            "flapping": recurring.flapping_now(app) if firing else frozenset(),
            **(alertpages.quiet(app) if caller.reach.may("alerts:read") else alertpages.NOTHING),
            "questions": _questions(app, caller), "books": app.books, "severities": _severities(app),
            "live": everything_since(app, caller), "here": "/", "late": access.late(app, caller),
            "dead": deliverypages.lost(app, caller), "unready": readypages.news(app, caller), **values,
        },
    )  # fmt: skip


def _firing(app: App, caller: Caller) -> list[Alert]:
    hidden = access.hidden(app, caller)
    found = app.db.read(lambda tx: alert_store.listing(tx, firing_at=app.clock.now(), limit=COUNTED))
    return [replace(alert, incident=None) if alert.incident in hidden else alert for alert in found]


def _severities(app: App) -> list[str]:
    """The names of every loaded runbook's scale, each once."""
    return list(dict.fromkeys(level.name for book in app.books for level in book.severities))


def _questions(app: App, caller: Caller) -> list[questions.Question]:
    """Every waiting approval that the caller may see, what expires first coming first."""
    return questions.waiting(app, access.only_in_reach(app, caller, app.db.read(incidents.open_ones)))


# --- an incident ---------------------------------------------------------------------------------------------------


@seen
def incident(request: Request, caller: Caller) -> Response:
    """The war room."""
    return _incident(request, caller)


@posted
def move(request: Request, caller: Caller, fields: Fields) -> Response:
    """Make a move, and come back."""
    ref, name = request.path_params["ref"], request.path_params["move"]
    app = app_of(request)
    try:
        if name not in catalogue.CATALOGUE:
            raise NotFound(f"There is no move {name[:50]!r}.")
        wanted = catalogue.CATALOGUE[name]
        catalogue.allow(caller.role, wanted.role, name.replace("_", " "))  # before what is missing in the form is said
        asked = request_of(wanted.request, fields)
        access.need_beside(app, caller, wanted.beside, asked)
        after = catalogue.make(app, name, ref, asked, caller.actor, caller.role)
    except TocsinError as error:
        typed = Typed(name, fields)
        access.need_in_reach(app, caller, ref)  # not everybody who may move may see
        if name in reviewpages.MOVES and not isinstance(error, Denied):
            return reviewpages.page_of(request, caller, error.status, refusal=error, typed=typed)
        return _incident(request, caller, error.status, refusal=error, typed=typed)
    if name in reviewpages.MOVES:
        return RedirectResponse(f"/incidents/{after.id}/review", 303)
    place = f"#{anchor(fields['step'])}" if "step" in fields else ""
    return RedirectResponse(f"/incidents/{after.id}{place}", 303)


@seen
def output(request: Request, caller: Caller) -> Response:
    """All that a run printed: as a page to a browser, else, or with ``?as=text``, as plain text."""
    app, run_id = app_of(request), request.path_params["run"]
    incident = respond.exists(app, request.path_params["ref"])

    def read(tx: Tx) -> tuple[Run, str]:
        run = runs.get(tx, run_id)
        if run is None or run.incident != incident.id:
            raise NotFound(f"{incident.id} has no run {run_id[:60]!r}.")
        return run, run.outcome.output if run.outcome else "".join(piece.text for piece in runs.output(tx, run_id))

    run, text = app.db.read(read)
    if "text/html" in request.headers.get("accept", "") and request.query_params.get("as") != "text":
        return show(request, caller, "output.html", incident=incident, run=run, text=text)
    return PlainTextResponse(text, headers={"Cache-Control": "no-store", "Vary": "Accept"})


@seen
def written_file(request: Request, caller: Caller) -> Response:  # noqa: ARG001 -- `seen` has asked who it is
    """A file that a run wrote, as it was kept, as plain text."""
    app, run_id, name = app_of(request), request.path_params["run"], request.path_params["name"]
    ref = respond.exists(app, request.path_params["ref"]).id
    run = app.db.read(lambda tx: runs.get(tx, run_id))
    files = run.outcome.files if run is not None and run.incident == ref and run.outcome else ()
    file = next((each for each in files if each.name == name), None)
    if file is None:
        raise NotFound(f"{ref} has no file {name[:60]!r} of that run.")
    return PlainTextResponse(file.text, headers={"Cache-Control": "no-store"})


def _incident(request: Request, caller: Caller, status: int = 200, **values: Any) -> Response:
    app = app_of(request)
    view = views.incident_page(app, request.path_params["ref"])
    return show(
        request, caller, "incident.html", status,
        **{
            "view": view, "incident": view.incident, "runbook": view.runbook, "printed": _printed(app, view),
            **_asked(app, view), "directory": app.settings.directory, "here": f"/incidents/{view.incident.id}",
            "most": LISTED_ENTRIES, "latest": LATEST_ENTRIES,
            "further": app.db.read(lambda tx: outbox.waiting(tx, view.incident.id)),
            "held": alerting.amount(app, view.incident.id), "others": alerting.others(app, caller, view.incident),
            "causes": learning.causes_of(view.incident, view.runbook), "rooms": rooms_of(app, view.incident.id),
            "around": context.around(app, caller, view.incident.id), **desk.panel(app, view.incident),
            **palette.panel(app, view, values), **assessing.panel(app, view), **messages.panel(app, view),
            "live": f"/incidents/{view.incident.id}/live?seen={view.incident.version}",
            "version": view.incident.version, **values,
        },
    )  # fmt: skip


def _asked(app: App, view: views.IncidentPage) -> dict[str, Any]:
    """What of an incident waits for people: questions, doubts, and what could be asked for at once."""
    incident = view.incident
    asked = questions.waiting(app, [incident]) if incident.waiting_approvals else []
    return {
        "set_questions": [one for one in asked if one.approval.members],
        "changed": {one.approval.id: one.changed for one in asked},
        "turns": [step for step, state in incident.steps.items() if state.status == "approved"],
        "doubts": doubts.doubts(app, incident.id) if incident.in_doubt else [],
        "for_sets": sets.offered(view.runbook, incident) if incident.open else [],
    }


def _printed(app: App, view: views.IncidentPage) -> dict[str, tuple[int, str]]:
    """What the running commands printed so far: run → (last piece's number, text)."""
    running = [state.run for state in view.incident.steps.values() if state.status in ("queued", "running")]

    def read(tx: Tx) -> dict[str, tuple[int, str]]:
        found = {run: runs.output(tx, run) for run in running}
        return {
            run: (pieces[-1].seq if pieces else 0, "".join(piece.text for piece in pieces)[-LATEST_OUTPUT:])
            for run, pieces in found.items()
        }

    return app.db.read(read) if running else {}


# --- the rest ------------------------------------------------------------------------------------------------------


def asset(request: Request) -> Response:
    """A style sheet, script, font or icon of ours."""
    found = asset_file(request.path_params["name"])
    if found is None:
        raise NotFound("There is no such asset.")
    path, unchanging = found
    kept = FOR_EVER if unchanging or "v" in request.query_params else "no-cache"
    return FileResponse(path, media_type=ASSET_TYPES.get(path.suffix[1:]), headers={"Cache-Control": kept})


def tab_icon(_: Request) -> Response:
    """The sign in the browser's tab."""
    kept = {"Cache-Control": "public, max-age=86400"}
    return Response(TAB_ICON, media_type="image/svg+xml", headers=kept)


def error_page(request: Request, error: TocsinError) -> Response:
    """An error as a page; somebody we don't know is sent to the login instead."""
    if isinstance(error, Unauthorized):
        return to_login(request)
    try:
        return show(request, auth.caller(request), "error.html", error.status, error=error)
    except TocsinError:  # the very fault may be that nothing can be read
        return show(request, None, "error.html", error.status, error=error)


routes: list[BaseRoute] = [
    Route("/", now, methods=["GET"]),
    Route("/login", login, methods=["GET"]),
    Route("/login", log_in, methods=["POST"]),
    Route("/logout", log_out, methods=["POST"]),
    Route("/theme", theme, methods=["POST"]),
    Route("/incidents", incident_list, methods=["GET"]),
    Route("/incidents", declare, methods=["POST"]),
    *alertpages.routes,
    *answers.routes,
    *actionpages.routes,
    Route("/approvals", approvals, methods=["GET"]),
    Route("/signals", panels.signals, methods=["GET"]),
    *figures.routes,
    *desk.routes,
    Route("/changes", changes.page, methods=["GET"]),
    Route("/changes", changes.tell, methods=["POST"]),
    *dutypages.routes,
    Route("/runbooks", books.listing, methods=["GET"]),
    Route("/runbooks/{name:path}", books.one, methods=["GET"]),
    Route("/incidents/{ref}", incident, methods=["GET"]),
    *reviewpages.routes,
    *bookhealth.routes,
    *palette.routes,
    *documents.routes,
    *traces.routes,
    Route("/incidents/{ref}/runs/{run}/output", output, methods=["GET"]),
    Route("/incidents/{ref}/runs/{run}/files/{name:path}", written_file, methods=["GET"]),
    Route("/incidents/{ref}/{move}", move, methods=["POST"]),
    Route("/icon.svg", tab_icon, methods=["GET"]),
    Route("/assets/{name}", asset, methods=["GET"]),
]
