"""The public site: what anybody may ask for, at the page's path or at an address of its own.

It knows no session and no token. The few answers that are made anew (subscribing, and its links) are bounded; all else
comes from `tocsin.web.statuspage.publisher`.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin.app import App
from tocsin.errors import Invalid, NotFound, TocsinError, TooMany
from tocsin.service.statuspage import subscribing
from tocsin.web.endpoints import give
from tocsin.web.frame import fields_of
from tocsin.web.statuspage.answering import headers_of, packs, unchanged
from tocsin.web.statuspage.drawing import HTML, policy, said
from tocsin.web.statuspage.publisher import Publisher

MOST_ASKED, WITHIN, MOST_ADDRESSES = 10, timedelta(minutes=10), 10_000
"""So often one address may subscribe in this time."""
KINDS = ("mail", "webhook")


class Turns:
    """How often each address asked for something lately."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked: OrderedDict[str, deque[datetime]] = OrderedDict()

    def take(self, address: str, now: datetime) -> None:
        """Another turn. Raises `TooMany`."""
        with self._lock:
            turns = self._asked.setdefault(address, deque(maxlen=MOST_ASKED))
            self._asked.move_to_end(address)
            full = len(turns) == MOST_ASKED and now - turns[0] < WITHIN
            if not full:
                turns.append(now)
            while len(self._asked) > MOST_ADDRESSES:
                self._asked.popitem(last=False)
        if full:
            raise TooMany("Too much was asked from this address.", "Wait ten minutes.", retry_after=600)


class Site:
    """The routes of the public site."""

    def __init__(self, app: App, publisher: Publisher) -> None:
        self._app, self._publisher, self._turns = app, publisher, Turns()

    def routes(self, path: str) -> list[BaseRoute]:
        """Its routes below a path; empty: at the root of an address of its own."""
        leading = [Route(path, self._to_front, methods=["GET"])] if path else []
        return [
            *leading,
            Route(f"{path}/health", self._health, methods=["GET"]),
            Route(f"{path}/subscribe", self._told(self._subscribe, ""), methods=["POST"]),
            Route(f"{path}/confirm/{{token}}", self._told(self._confirm, "../"), methods=["GET", "POST"]),
            Route(f"{path}/unsubscribe/{{token}}", self._told(self._unsubscribe, "../"), methods=["GET", "POST"]),
            Route(f"{path}/{{name:path}}", self._file, methods=["GET"]),
        ]

    async def _to_front(self, request: Request) -> Response:
        return RedirectResponse(f"{request.url.path}/", 308)

    async def _health(self, _: Request) -> Response:
        status, body = self._publisher.health(self._app.clock.now())
        wait = {"Retry-After": str(body["retry_after"])} if "retry_after" in body else {}
        return give(body, status, {"Cache-Control": "no-store", **wait})

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"] or "index.html"
        kept = self._publisher.files.get(name)
        if kept is None:
            up = "../" * name.count("/")
            body = said(self._publisher.status, "There is nothing here", "Perhaps it was taken back.", up=up)
            return _page(body, 404)
        headers = headers_of(kept)
        if unchanged(kept, request.headers.get("if-none-match", "")):
            return Response(None, 304, headers)
        if kept.packed and packs(request.headers.get("accept-encoding", "")):
            return Response(kept.packed, 200, {**headers, "Content-Encoding": "gzip"})
        return Response(kept.body, 200, headers)

    def _told(self, act: Callable[[Request, Mapping[str, str]], bytes], up: str) -> Callable[[Request], object]:
        """Answers in a page, faults too: nobody is led to a login here."""

        async def endpoint(request: Request) -> Response:
            try:
                fields = await fields_of(request) if request.method == "POST" else {}
                return _page(await run_in_threadpool(act, request, fields), 200)
            except TocsinError as error:
                body = said(self._publisher.status, error.message, error.hint, up=up)
                return _page(body, error.status)

        return endpoint

    def _subscribe(self, request: Request, fields: Mapping[str, str]) -> bytes:
        self._turns.take(request.client.host if request.client else "", self._app.clock.now())
        kind = fields.get("kind", "mail")
        if kind not in KINDS:
            raise Invalid("Nothing is sent that way.", "Subscribe by mail or webhook.")
        subscribing.subscribe(self._app, kind, fields.get("address", ""))
        what = "a mail with a link" if kind == "mail" else "a message with confirm_url"
        text = f"If nobody else has asked just now, {what} is on its way. Updates come once you have confirmed it."
        return said(self._publisher.status, "One more step", text)

    def _confirm(self, request: Request, _: Mapping[str, str]) -> bytes:
        """A program that only looks at links in mails confirms nothing: that takes the button."""
        token, status = request.path_params["token"], self._publisher.status
        if request.method != "POST":
            known = subscribing.known(self._app, "confirm", token)
            text = f"They go to {known.address}."
            return said(status, "Do you want updates?", text, up="../", button="Yes, send them")
        done = subscribing.confirm(self._app, token)
        secret = subscribing.signing_secret(self._app, done) if done.kind == "webhook" else ""
        return said(status, "You will be told", f"Updates go to {done.address}.", up="../", secret=secret)

    def _unsubscribe(self, request: Request, _: Mapping[str, str]) -> bytes:
        """The button, or the one click of a mail program (RFC 8058)."""
        token, status = request.path_params["token"], self._publisher.status
        if request.method != "POST":
            known = subscribing.known(self._app, "end", token)
            text = f"Updates go to {known.address}." if known.counts else "You get none any more."
            return said(status, "No more updates?", text, up="../", button="Stop them" if known.counts else "")
        subscribing.unsubscribe(self._app, token)
        return said(status, "No more updates", "You will get none any more.", up="../")


def _page(body: bytes, status: int) -> Response:
    return Response(body, status, {"Content-Security-Policy": policy(), "Cache-Control": "no-store"}, media_type=HTML)


def nothing_here(publisher: Publisher, error: TocsinError) -> Response:
    """A fault on an address of its own, as a page of the site."""
    found = error if error.status < 500 else NotFound("Something went wrong here.", "Try again in a moment.")
    return _page(said(publisher.status, found.message, found.hint), error.status)
