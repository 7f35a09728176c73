"""What every request passes, whatever it asks for: a request id, limits before anything is parsed, the check against
forged requests, security headers, and an answer in words to every fault."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tocsin.errors import TocsinError, TooLarge, TooSlow, WrongType
from tocsin.web import auth, problems
from tocsin.web.problems import ErrorPage
from tocsin.wire import LARGEST_BODY

LARGEST_REQUEST = 4 * 1024 * 1024
LARGEST_INTAKE = LARGEST_BODY
INTAKE = ("/api/v2/", "/in/")
PACKED = ("/v1/traces",)
"""Where a body may be packed with gzip; who serves it unpacks it, up to a size."""
BODY_WITHIN = 20.0

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""On every answer. No script and no style stands inside a page, so the policy needs no exception."""


class Gate:
    """The outermost of our middleware, plain ASGI so that streams pass untouched."""

    def __init__(self, app: ASGIApp, error_page: ErrorPage | None = None, body_within: float = BODY_WITHIN) -> None:
        self._app = app
        self._error_page = error_page
        self._body_within = body_within

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        request_id = problems.request_id(request.headers.get("x-request-id", ""))
        scope.setdefault("state", {})["request_id"] = request_id
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _dress(message, request_id)
            await send(message)

        try:
            self._check(request)
            await self._app(scope, self._bounded(request, receive), sending)
        except ClientDisconnect:
            return
        except Exception as error:
            if begun:
                problems.unexpected(request, error)
                raise
            response = await run_in_threadpool(self._tell, request, error)
            await response(scope, receive, sending)

    def _tell(self, request: Request, error: Exception) -> ASGIApp:
        if isinstance(error, HTTPException):
            response = problems.answer(request, problems.from_http(error), self._error_page, status=error.status_code)
            response.headers.update(error.headers or {})
            return response
        told = error if isinstance(error, TocsinError) else problems.unexpected(request, error)
        return problems.answer(request, told, self._error_page)

    def _check(self, request: Request) -> None:
        """What the headers alone can tell."""
        packing = request.headers.get("content-encoding", "identity").strip().lower()
        if packing != "identity" and not (packing == "gzip" and request.url.path in PACKED):
            raise WrongType("A compressed body is not read.", "Send it without Content-Encoding.")
        length = request.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and (len(length) > 12 or int(length) > _largest(request)):
            raise _too_large(_largest(request))
        auth.refuse_forgery(request)

    def _bounded(self, request: Request, receive: Receive) -> Receive:
        """The body as it comes, cut off where it grows too large or takes too long."""
        largest, taken, complete = _largest(request), 0, False
        deadline = asyncio.get_running_loop().time() + self._body_within

        async def bounded() -> Message:
            nonlocal taken, complete
            if complete:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise TooSlow(f"The body was not complete after {self._body_within:g} s.") from None
            taken += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if taken > largest:
                raise _too_large(largest)
            return message

        return bounded


def _largest(request: Request) -> int:
    return LARGEST_INTAKE if request.url.path.startswith(INTAKE) else LARGEST_REQUEST


def _too_large(largest: int) -> TooLarge:
    return TooLarge(f"The body is too large; at most {largest:,} bytes are read here.", "Send less at a time.")


def _dress(message: Message, request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")
    headers["X-Request-Id"] = request_id
