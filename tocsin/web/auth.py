"""Who asks: a bearer token, a session of the page, or, for programs that know nothing better, Basic or ``?token=``.

A token is found by its hash, so nothing about it can be learned from how long an answer takes.
"""

from __future__ import annotations

import base64
import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from tocsin.app import App
from tocsin.errors import Denied, TooMany, Unauthorized
from tocsin.service import access, catalogue
from tocsin.service.access import Caller

COOKIE = "tocsin_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_TRIES = 20
WINDOW = timedelta(minutes=1)
MOST_ADDRESSES = 10_000
NOBODY = Caller("", "")


class Tries:
    """Counts failed tries of each address. Who has a valid token is never stopped, so a shared address harms nobody."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: OrderedDict[str, deque[datetime]] = OrderedDict()

    def failed(self, address: str, now: datetime) -> None:
        """Another try of this address failed. Raises `TooMany` when that were too many within a minute."""
        with self._lock:
            tries = self._failed.setdefault(address, deque(maxlen=MOST_TRIES + 1))
            self._failed.move_to_end(address)
            tries.append(now)
            while len(self._failed) > MOST_ADDRESSES:
                self._failed.popitem(last=False)
            recent = sum(1 for at in tries if now - at < WINDOW)
        if recent > MOST_TRIES:
            wait = int(WINDOW.total_seconds())
            raise TooMany("Too many failed tries came from this address.", "Wait a minute.", retry_after=wait)


def app_of(request: Request) -> App:
    """The application behind a request; `tocsin.web.server.build` puts it there."""
    found: App = request.app.state.app
    return found


def caller(request: Request) -> Caller | None:
    """Who asks, by bearer token or by session; None for nobody. Raises `Unauthorized` for a token that is not known.

    Looked up once for each request; `ask` looks anew.
    """
    known: dict[str, Any] = request.scope.setdefault("state", {})
    if "caller" not in known:
        known["caller"] = ask(request)
    found: Caller | None = known["caller"]
    return found


def ask(request: Request) -> Caller | None:
    """As `caller`, as it is now and not as it was when the request came."""
    scheme, word = _authorization(request)
    if scheme == "bearer":
        return sign(request, word)
    if scheme:
        raise Unauthorized("This scheme is not taken here.", "Send `Authorization: Bearer TOKEN`.")
    return access.session_of(app_of(request), session_cookie(request), attended=not _renews_itself(request))


def need(request: Request, role: str, what: str = "do this") -> Caller:
    """Who asks, at least in this role. Raises `Unauthorized` for nobody, `Denied` for a lesser role."""
    who = caller(request)
    if who is None:
        raise Unauthorized("Nobody is signed in.", "Send `Authorization: Bearer TOKEN`, or sign in on the page.")
    catalogue.allow(who.role, role, what)
    return who


def need_program(request: Request, role: str, what: str = "do this", *, in_url: bool = False) -> Caller:
    """As `need`, for monitoring systems: Bearer, the password of Basic, or (``in_url``) ``?token=``; no session."""
    scheme, word = _authorization(request)
    if scheme == "basic":
        word = _password(word)
    elif scheme not in ("", "bearer"):
        word = ""
    elif not scheme and in_url:
        word = request.query_params.get("token", "")
    if not scheme and not word:
        raise Unauthorized("Nobody is asking.", "Send `Authorization: Bearer TOKEN`, or TOKEN as the Basic password.")
    who = sign(request, word)
    catalogue.allow(who.role, role, what)
    return who


def sign(request: Request, token: str) -> Caller:
    """Whose token this is. Raises `Unauthorized`, and `TooMany` after too many of those from one address."""
    try:
        return access.caller_of(app_of(request), token)
    except Unauthorized:
        count_failure(request)
        raise


def count_failure(request: Request) -> None:
    """Somebody could not show who they are. Raises `TooMany` after too many of those from one address."""
    tries: Tries = request.app.state.tries
    tries.failed(request.client.host if request.client else "", app_of(request).clock.now())


async def log_in(request: Request, token: str) -> str:
    """Exchange a token for a session of the page: what `with_session` takes. Raises as `sign`."""

    def start() -> str:
        sign(request, token)
        device, before = request.headers.get("user-agent", ""), session_cookie(request)
        return access.start_session(app_of(request), token, device=device, instead_of=before)

    return await run_in_threadpool(start)


def session_cookie(request: Request) -> str:
    """The session that the browser sent; empty for none."""
    return request.cookies.get(COOKIE, "")


def with_session(request: Request, response: Response, session: str) -> Response:
    """The response, with the session in a cookie that no script reads, and that other sites' links send but no form.

    Lax, so that a link in a message leads to the incident and not to the login; `refuse_forgery` is behind it.
    """
    response.set_cookie(
        COOKIE,
        session,
        max_age=int(access.SESSION.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=_is_secure(request),
    )
    return response


def without_session(response: Response) -> Response:
    """The response, which makes the browser forget its session."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return response


def _renews_itself(request: Request) -> bool:
    """Whether an open page asks, perhaps with nobody before it: htmx fetching news, or the stream of events."""
    streams = "text/event-stream" in request.headers.get("accept", "") or request.url.path.endswith("/live")
    return request.method == "GET" and (streams or "hx-request" in request.headers)


def _is_secure(request: Request) -> bool:
    """Whether the browser speaks TLS: to us, or to what stands before us at the address of ``[server] url``."""
    if request.url.scheme == "https":
        return True
    outside = urlsplit(app_of(request).settings.base_url)
    return outside.scheme == "https" and outside.netloc.lower() == request.headers.get("host", "").lower()


def refuse_forgery(request: Request) -> None:
    """Raise `Denied` for a changing request that another site may have made in a signed-in person's name.

    A bearer token can't be sent so: no other site knows it. A session and Basic are what a browser adds by itself.
    """
    scheme, _ = _authorization(request)
    if request.method in SAFE or scheme == "bearer":
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        same: bool | None = site == "same-origin"
    elif origin is not None:
        same = _is_ours(request, origin)
    else:
        same = None
    if same is False or (same is None and not scheme and COOKIE in request.cookies):
        raise Denied("This did not come from Tocsin's own page.", "Reload the page and try there.")


def _is_ours(request: Request, origin: str) -> bool:
    try:
        host = urlsplit(origin).netloc.lower()
        ours = {request.headers.get("host", "").lower(), urlsplit(app_of(request).settings.base_url).netloc.lower()}
    except ValueError:
        return False
    return bool(host) and host in ours


def _authorization(request: Request) -> tuple[str, str]:
    scheme, _, word = request.headers.get("authorization", "").strip().partition(" ")
    return scheme.lower(), word.strip()


def _password(word: str) -> str:
    try:
        return base64.b64decode(word, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
