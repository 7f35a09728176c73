"""How faults are told: problem+json (RFC 9457) to programs, a page to people, one JSON line to the operator's log."""

from __future__ import annotations

import json
import logging
import re
import secrets
import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tocsin.errors import (
    Conflict,
    Denied,
    Invalid,
    NotFound,
    Refused,
    TocsinError,
    TooLarge,
    TooMany,
    TooSlow,
    Unauthorized,
    Unavailable,
    WrongType,
)  # fmt: skip
from tocsin.plug.masking import mask_text

log = logging.getLogger("tocsin.web")

PROGRAMS = ("/api/", "/in/", "/answers/", "/v1/", "/v2/", "/-/", "/healthz", "/readyz", "/metrics", "/openapi.json")
"""Paths under which a program asks; a fault there is JSON, whatever the request says that it accepts."""

ALERTMANAGER = "/api/v2/"
"""Under it Alertmanager's clients ask: amtool reads ``application/json`` alone, and shows nothing of any other type."""

ErrorPage = Callable[[Request, TocsinError], Response]


class Unexpected(TocsinError):
    """A fault of ours; the reference finds its line in the log."""


KINDS: Mapping[type[TocsinError], tuple[str, str]] = {
    TooLarge: ("too-large", "The body is too large"),
    WrongType: ("wrong-type", "The body's type is not read here"),
    TooSlow: ("too-slow", "The request took too long"),
    Invalid: ("invalid", "The input is not what it should be"),
    Unauthorized: ("unauthorized", "Nobody we know is asking"),
    Denied: ("denied", "This role may not do that"),
    NotFound: ("not-found", "There is no such thing"),
    Conflict: ("conflict", "Somebody else was faster"),
    Refused: ("refused", "The move does not fit the incident as it is"),
    TooMany: ("too-many", "Too many failed tries"),
    Unavailable: ("unavailable", "We can't take this now"),
    TocsinError: ("unexpected", "Something went wrong here"),
}
"""Error → the last word of the problem's type, and its title. The first line that fits counts."""


def problem(error: TocsinError, request_id: str = "", *, status: int = 0, path: str = "") -> Response:
    """The answer to a program: ``application/problem+json`` with type, title, status, detail and hint.

    To Alertmanager's clients it is plain JSON, and has their ``code`` and ``message``, too.
    """
    word, title = next(known for kind, known in KINDS.items() if isinstance(error, kind))
    code = status or error.status
    body = {
        "type": f"urn:tocsin:problem:{word}",
        "title": title,
        "status": code,
        "detail": error.message,
        "hint": error.hint,
        "request_id": request_id,
    }
    theirs = path.startswith(ALERTMANAGER)
    if theirs:
        body |= {"code": code, "message": f"{error}"}
    filled = {key: value for key, value in body.items() if value != ""}
    # ASCII: a detail may quote half of a surrogate pair that somebody sent, which UTF-8 can't hold.
    text = json.dumps(filled, ensure_ascii=True) + "\n"
    return Response(text, code, headers(error), media_type=f"application/{'json' if theirs else 'problem+json'}")


def headers(error: TocsinError) -> dict[str, str]:
    """What HTTP wants to be said outside the body."""
    found = {}
    if isinstance(error, Unavailable):
        found["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unauthorized):
        found["WWW-Authenticate"] = 'Bearer realm="tocsin", Basic realm="tocsin"'
    return found


def asked_by_program(path: str) -> bool:
    """Whether this path is for programs."""
    return path.startswith(PROGRAMS)


def answer(request: Request, error: TocsinError, page: ErrorPage | None = None, *, status: int = 0) -> Response:
    """The fault, told as the one who asks understands it."""
    request_id = str(request.scope.get("state", {}).get("request_id", ""))
    error = discreet(request, error)
    if asked_by_program(request.url.path):
        return problem(error, request_id, status=status, path=request.url.path)
    if page is None:
        return PlainTextResponse(f"{error}\n".encode("utf-8", "replace"), status or error.status, headers(error))
    response = page(request, error)
    for name, value in headers(error).items():
        if name != "WWW-Authenticate":  # a browser would ask for a password that nobody has
            response.headers.setdefault(name, value)
    return response


def discreet(request: Request, error: TocsinError) -> TocsinError:
    """The same fault, whose sentences may quote what was sent, without its secrets."""
    app = getattr(request.app.state, "app", None)
    secrets = app.settings.secrets if app else ()
    error.message, error.hint = mask_text(error.message, secrets), mask_text(error.hint, secrets)
    return error


def from_http(error: HTTPException) -> TocsinError:
    """What the router raises, as one of ours: no such path, no such method there."""
    if error.status_code == HTTPStatus.NOT_FOUND:
        return NotFound(
            "There is nothing at this address.", "The incidents are at /, what programs may ask at /openapi.json."
        )
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        return Invalid("This method is not for this address.", f"Use {allowed}." if allowed else "")
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TocsinError("This could not be answered.")
    return Invalid(f"{error.detail.rstrip('.')}.")


def unexpected(request: Request, error: Exception) -> TocsinError:
    """Log a fault of ours as one JSON line; the answer holds nothing but the reference to it."""
    reference = secrets.token_hex(6)
    line = {
        "where": "web",
        "reference": reference,
        "request_id": request.scope.get("state", {}).get("request_id", ""),
        "method": request.method,
        "path": mask_text(request.url.path[:200]),
        "error": type(error).__name__,
        "message": str(error)[:2000],
        "traceback": "".join(traceback.format_exception(error)),
    }
    log.error(json.dumps(line, ensure_ascii=True))
    hint = f"Tell whoever runs this Tocsin the reference {reference}; their log has the cause."
    return Unexpected(f"Something went wrong here (reference {reference}).", hint)


_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id(given: str) -> str:
    """The sender's own ``X-Request-Id`` where it is harmless, else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
