"""An endpoint for programs, stated once: its route, who may ask, its description in OpenAPI and what it does."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin import wire
from tocsin.app import App
from tocsin.errors import Invalid, TooLarge, Unauthorized, WrongType
from tocsin.plug.masking import mask_text
from tocsin.service.access import Caller
from tocsin.web import auth, permissions

T = TypeVar("T")
Door = Literal["open", "api", "intake", "webhook"]
Show = Callable[[bytes], Caller | None]
"""From a body, who sends it; None where it does not say. Raises `Unauthorized`."""
SMALL = 64 * 1024
LARGEST_UNKNOWN = 4 * 1024 * 1024
"""Of somebody who shows by the body who they are, so much is read before that is known."""
LARGEST_NUMBER = 2**53


@dataclass(frozen=True, slots=True)
class Call:
    """A request that may be answered: who asks, and all that they sent."""

    app: App
    caller: Caller
    request: Request
    body: bytes

    @property
    def path(self) -> Mapping[str, Any]:
        """The parts of the path."""
        return self.request.path_params

    def number(self, name: str, default: int) -> int:
        """A whole number of the query."""
        text = self.request.query_params.get(name, "")
        if not text:
            return default
        if not text.isascii() or not text.isdigit() or len(text) > 16 or int(text) > LARGEST_NUMBER:
            raise Invalid(f"?{name}= is not a whole number.", f"Write for example ?{name}=10.")
        return int(text)

    def flag(self, name: str, *, default: bool) -> bool:
        """A truth of the query."""
        text = self.request.query_params.get(name)
        if text not in (None, "true", "false"):
            raise Invalid(f"?{name}= is neither true nor false.")
        return default if text is None else text == "true"

    def json(self) -> Any:
        """The body as plain values. Raises `WrongType` unless it says that it is JSON."""
        kind = self.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            said = f"The body is {kind[:100]!r}." if kind else "Nothing says of what type the body is."
            raise WrongType(said, "Send Content-Type: application/json.")
        return wire.read_json(self.body)

    def read(self, kind: type[T]) -> T:
        """The body as ``kind``; no body at all counts as an empty object. Raises `Invalid` that names the place."""
        value = self.json() if self.body else {}
        if not isinstance(value, dict):
            raise Invalid("The body is not a JSON object.", f"Its keys may be: {_keys(kind)}.")
        known = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
        strange = next((key for key in value if key not in known), None)
        if strange is not None:
            raise Invalid(f"There is no key {strange[:60]!r}.", f"Keys: {_keys(kind)}.", where="$")
        return wire.convert(kind, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A parameter of the query, for the description."""

    name: str
    says: str
    kind: Literal["string", "integer", "boolean"] = "string"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path. ``role`` is the least that may ask; ``door`` is how they show who they are.

    ``takes`` and ``gives`` are the bodies' types; ``serve`` runs in a thread and may take its time. ``own`` is another
    way of showing who one is, tried first: from the request, what tells the caller by its body; None for the usual way.
    ``stranger`` answers whom it does not know, where that is not said in our words.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    says: str
    serve: Callable[[Call], Response]
    role: str = ""
    door: Door = "api"
    takes: Any = None
    gives: Any = None
    status: int = 200
    query: tuple[Query, ...] = ()
    own: Callable[[Request], Show | None] | None = None
    stranger: Callable[[Unauthorized], Response] | None = None

    @property
    def permission(self) -> permissions.Permission:
        """What it asks of who calls it."""
        return permissions.of_program(self.method, self.path, self.role)

    async def answer(self, request: Request) -> Response:
        """Let the caller in, read the body, serve.

        A small body is read before the token is looked up, which saves a change of threads; a large one after.
        """
        caller: Caller | None = None
        body = b""
        show = self.own(request) if self.own else None
        if show is not None:
            body = await _small_body(request)
            return await run_in_threadpool(self._serve_shown, request, show, body)
        if self.method in ("POST", "PUT"):
            if not 0 <= _length(request) <= SMALL:
                caller = await run_in_threadpool(self._admit, request)
            body = await request.body()
        return await run_in_threadpool(self._serve, request, caller, body)

    def _serve(self, request: Request, caller: Caller | None, body: bytes) -> Response:
        return self.serve(Call(auth.app_of(request), caller or self._admit(request), request, body))

    def _serve_shown(self, request: Request, show: Show, body: bytes) -> Response:
        """As `_serve`, where the body tells who sends; who fails at that too often is slowed down like anybody."""
        app = auth.app_of(request)
        try:
            caller = show(body)
        except Unauthorized as error:
            auth.count_failure(request)
            if self.stranger is not None:
                return self.stranger(error)
            raise
        if caller is not None:
            permissions.check(app, caller, self.permission, request.path_params)
        return self._serve(request, caller, body)

    def _admit(self, request: Request) -> Caller:
        what = f"{self.method} {self.path}"
        if self.door == "open":
            return auth.NOBODY
        if self.door == "api":
            caller = auth.need(request, self.role, what)
        else:
            caller = auth.need_program(request, self.role, what, in_url=self.door == "webhook")
        permissions.check(auth.app_of(request), caller, self.permission, request.path_params)
        return caller


def routes(endpoints: Sequence[Endpoint]) -> list[Route]:
    """One route for each path, so that a wrong method is answered with all the right ones."""
    paths: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    return [_route(path, methods) for path, methods in paths.items()]


def _route(path: str, methods: Mapping[str, Endpoint]) -> Route:
    async def answer(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await methods[method].answer(request)

    return Route(path, answer, methods=list(methods), name=path)


def give(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value as JSON. A fault may quote what was sent, so it is told without credentials."""
    body = wire.encode(value) + b"\n"
    if status >= HTTPStatus.BAD_REQUEST:
        body = mask_text(body.decode()).encode()
    return Response(body, status, headers, media_type="application/json")


def _keys(kind: type[Any]) -> str:
    return ", ".join(field.name for field in dataclasses.fields(kind)) or "none"


async def _small_body(request: Request) -> bytes:
    pieces, taken = [], 0
    async for piece in request.stream():
        taken += len(piece)
        if taken > LARGEST_UNKNOWN:
            raise TooLarge(f"The body is too large; at most {LARGEST_UNKNOWN:,} bytes are read here.")
        pieces.append(piece)
    return b"".join(pieces)


def _length(request: Request) -> int:
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1
