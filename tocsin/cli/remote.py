"""The server as the command line sees it: the JSON API, with every fault told as the error that it is."""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import click

from tocsin import wire
from tocsin.errors import (
    Denied,
    Invalid,
    NotFound,
    Refused,
    TocsinError,
    TooLarge,
    Unauthorized,
    Unavailable,
)

T = TypeVar("T")

URL_VARIABLE, TOKEN_VARIABLE = "TOCSIN_URL", "TOCSIN_TOKEN"
DEFAULT_URL = "http://127.0.0.1:8080"
SECONDS = 30.0
_HERE = ("127.0.0.1", "localhost", "::1")
_TOKEN_HINT = f"Set {TOKEN_VARIABLE}, or give --token-file; `tocsin token add NAME` makes a token."
_REF = re.compile(r"(?:inc-)?[0-9]{1,18}", re.IGNORECASE | re.ASCII)
_KINDS: dict[int, type[TocsinError]] = {
    400: Invalid, 401: Unauthorized, 403: Denied, 404: NotFound, 408: Unavailable, 409: Refused, 413: TooLarge,
    415: Invalid, 429: Unavailable, 503: Unavailable,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remote:
    """A running Tocsin. Paths are those of the API; `incident` quotes what is put into one."""

    url: str
    token: str = field(repr=False, default="")

    def get(self, path: str, **query: str | int) -> Any:
        """What the API answers; raises the error that its problem names."""
        return self._ask("GET", path, query=query)

    def text(self, path: str) -> str:
        """A file that the API gives, as text."""
        answer = self._send("GET", path, None, {})
        if answer.status_code != 200:
            raise _error(self.url, answer)
        return str(answer.text)

    def post(self, path: str, body: object) -> Any:
        """What the API answers to a body."""
        return self._ask("POST", path, body)

    def put(self, path: str, body: object) -> Any:
        """What the API answers to a replacement."""
        return self._ask("PUT", path, body)

    def well(self) -> list[str]:
        """What keeps the server from taking alerts, in its own sentences; none when all is well."""
        answer = self._send("GET", "/readyz", None, {})
        if answer.status_code == 200:
            return []
        body = _json(self.url, answer)
        return [str(each) for each in body.get("problems", [])] or ["It is not ready."]

    def late(self) -> list[str]:
        """What the audit of the clocks found overdue, in its own sentences."""
        answer = self._send("GET", "/readyz", None, {})
        found = _json(self.url, answer).get("late", []) if answer.status_code == 200 else []
        return [str(each) for each in found] if isinstance(found, list) else []

    def waiting(self) -> int:
        """How many messages were accepted and are not merged yet, where the server says so."""
        answer = self._send("GET", "/readyz", None, {})
        found = _json(self.url, answer).get("waiting", 0) if answer.status_code == 200 else 0
        return found if isinstance(found, int) else 0

    def _ask(self, method: str, path: str, body: object = None, query: dict[str, str | int] | None = None) -> Any:
        answer = self._send(method, path, body, query or {})
        if 200 <= answer.status_code < 300:
            return _json(self.url, answer)
        raise _error(self.url, answer)

    def _send(self, method: str, path: str, body: object, query: dict[str, str | int]) -> Any:
        import httpx2 as httpx

        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        proxied = urlsplit(self.url).hostname not in _HERE
        try:
            with httpx.Client(timeout=SECONDS, trust_env=proxied) as client:
                return client.request(
                    method, f"{self.url}{path}", params=query, headers=headers,
                    content=None if body is None else _body(body),
                )  # fmt: skip
        except httpx.ConnectError as error:
            raise _unreachable(self.url, str(error)) from None
        except httpx.TimeoutException:
            raise Unavailable(f"{self.url} did not answer within {SECONDS:g} s.", "Try again.") from None
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise Unavailable(f"{self.url} can't be asked ({error or type(error).__name__}).") from None


def incident(ref: str, *parts: str) -> str:
    """The path of an incident, or of something of it; a step's slashes stay. Raises `NotFound` for no name."""
    if not _REF.fullmatch(ref):
        raise NotFound(f"There is no incident {ref[:60]!r}.", "`tocsin incident list` shows them.")
    return "/".join((f"/api/v1/incidents/{ref}", *(quote(part) for part in parts)))


def understood(kind: type[T], value: Any) -> T:
    """An answer as the terminal shows it; keys of a later release are passed over."""
    try:
        return wire.convert(kind, value)
    except Invalid as error:
        raise Invalid(f"The server's answer is not understood: {error.message}", "Is it of another release?") from None


def remote(function: Callable[..., T]) -> Callable[..., T]:
    """Give a command ``--url`` and ``--token-file``, and the `Remote` that they lead to as its first argument."""

    @click.option(
        "--url", envvar=URL_VARIABLE, default=DEFAULT_URL, show_default=True, help=f"The server (or {URL_VARIABLE})."
    )
    @click.option(
        "--token-file", type=click.Path(path_type=Path),
        help=f"A file that holds the token (else {TOKEN_VARIABLE} is taken).",
    )  # fmt: skip
    @functools.wraps(function)
    def wrapped(*arguments: Any, url: str, token_file: Path | None, **options: Any) -> T:
        return function(Remote(checked(url), read_token(token_file)), *arguments, **options)

    return wrapped


def checked(url: str) -> str:
    """The server's address without its last slash; raises `Invalid` for what is none."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and url.isprintable()
    except ValueError:
        sound = False
    if not sound or " " in url:
        raise Invalid(f"{url!r} is not a server's address.", f"Write for example {DEFAULT_URL}.")
    return url.rstrip("/")


def read_token(file: Path | None) -> str:
    """The token, of the file or of the environment; empty where there is none."""
    if file is None:
        token, place = os.environ.get(TOKEN_VARIABLE, "").strip(), TOKEN_VARIABLE
    else:
        try:
            token, place = file.read_text("utf-8").strip(), str(file)
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(f"The token file {file} can't be read ({error}).") from None
        if not token:
            raise Invalid(f"The token file {file} is empty.", "Put the token into it, and nothing else.")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Invalid(f"{place} does not hold a token.", "A token is one word of ASCII characters.")
    return token


def _body(body: object) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise Invalid("The text holds bytes that are not UTF-8.", "Give it as UTF-8.") from None


def _unreachable(url: str, why: str) -> Unavailable:
    if "CERTIFICATE" in why.upper() or "SSL" in why.upper():
        return Unavailable(f"The certificate of {url} is not trusted ({why}).", "Mend it, or name another address.")
    hint = f"Start it with `tocsin up RUNBOOK.md`, or set {URL_VARIABLE}."
    return Unavailable(f"Nothing answers at {url}.", hint)


def _json(url: str, answer: Any) -> Any:
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if not kind.endswith("json"):
        said = f"HTTP {answer.status_code}, {kind or 'no type'}"
        raise Invalid(f"{url} does not answer as Tocsin does ({said}).", f"Check {URL_VARIABLE}.")
    return wire.read_json(answer.content, largest=256 * 1024 * 1024)


def _error(url: str, answer: Any) -> TocsinError:
    """The problem that the server tells, as the error that it was there."""
    body = _json(url, answer)
    told = body if isinstance(body, dict) else {}
    detail = str(told.get("detail") or f"{url} answers {answer.status_code}.")
    hint = str(told.get("hint", ""))
    kind = _KINDS.get(answer.status_code, TocsinError)
    return kind(detail, _TOKEN_HINT if kind is Unauthorized else hint)
