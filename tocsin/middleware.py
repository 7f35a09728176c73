"""Maintenance mode and degraded-mode messages for your own application, ASGI or WSGI. Needs nothing but Python.

While a maintenance in maintenance mode lasts on the status page, health checks answer 503 and load balancers send
nobody; between them, requests learn what the page says of each component. It asks in the background and never keeps a
request waiting; when nobody answers, the application works on as if there were no Tocsin (it fails open).
"""

from __future__ import annotations

import contextlib
import json
import threading
import urllib.request
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any, TypeAlias

from tocsin.times import Clock, SystemClock

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Any]]
Send: TypeAlias = Callable[[Any], Awaitable[None]]
Asgi: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Environ: TypeAlias = MutableMapping[str, Any]
Wsgi: TypeAlias = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Message: TypeAlias = Mapping[str, str]

HEALTH = ("/health", "/healthz", "/api/health")
KEY = "tocsin.messages"
"""Under which a request finds the messages: ``scope[KEY]``, ``environ[KEY]``."""
LARGEST = 256 * 1024
LONGEST_WAIT = 3600
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts now. ``until`` is None where the end is not known."""

    maintenance: bool = False
    until: datetime | None = None
    title: str = ""
    messages: tuple[Message, ...] = ()

    def message(self, component: str) -> str:
        """What users of a component should read; empty for nothing."""
        return next((each.get("text", "") for each in self.messages if each.get("component") == component), "")


class Watch:
    """What the status page says, asked at most ``every`` so often and forgotten ``keep`` after the last answer.

    ``source`` is the address of the status page (``https://status.example.org``), or a file: its ``messages.json`` as
    exported, or any file whose mere existence switches maintenance mode on while it is empty.
    """

    def __init__(
        self, source: str, *, every: timedelta = timedelta(seconds=5), keep: timedelta = timedelta(minutes=5),
        timeout: float = 2.0, clock: Clock | None = None,
    ) -> None:  # fmt: skip
        self._remote = source.startswith(("http://", "https://"))
        if not self._remote and "://" in source:
            raise ValueError(f"{source!r} is neither an address of http nor a file.")
        self._source = f"{source.rstrip('/')}/messages.json" if self._remote else source
        self._every, self._keep, self._timeout = every, keep, timeout
        self._clock = clock or SystemClock()
        self._known: tuple[Mapping[str, Any], datetime] | None = None
        self._asked_at: datetime | None = None
        self._asking = threading.Lock()

    def now(self) -> Standing:
        """What counts now, from memory; asks anew beside it where it is time to."""
        now = self._clock.now()
        if self._asked_at is None or not timedelta(0) <= now - self._asked_at < self._every:
            self._asked_at = now
            if self._remote:
                threading.Thread(target=self.ask, name="tocsin-middleware", daemon=True).start()
            else:
                self.ask()
        known = self._known
        now = self._clock.now()  # again, behind what is known: an answer that came just now is not of the future
        if known is None or not timedelta(0) <= now - known[1] <= self._keep:
            return Standing()
        return standing_of(known[0], now)

    def ask(self) -> None:
        """Ask now, and wait for the answer; whatever goes wrong, what is known stays until it is forgotten."""
        if not self._asking.acquire(blocking=False):
            return
        try:
            told = self._fetch() if self._remote else self._look()
            if told is not None:
                self._known = told, self._clock.now()
        finally:
            self._asking.release()

    def _fetch(self) -> Mapping[str, Any] | None:
        with contextlib.suppress(OSError, ValueError, RecursionError, HTTPException):
            asked = urllib.request.Request(self._source, headers={"Accept": "application/json"})  # noqa: S310 -- http only
            with urllib.request.urlopen(asked, timeout=self._timeout) as answer:  # noqa: S310 -- as above
                return _read(answer.read(LARGEST))
        return None

    def _look(self) -> Mapping[str, Any] | None:
        try:
            body = Path(self._source).read_bytes()[:LARGEST]
        except FileNotFoundError:
            return _NOTHING
        except OSError:
            return None
        if not body.strip():
            return {"maintenance": True}
        with contextlib.suppress(ValueError, RecursionError):
            return _read(body)
        return None


class MaintenanceASGI:
    """Wraps an ASGI application: ``app = MaintenanceASGI(app, "https://status.example.org")``.

    ``health`` are the paths that answer 503 in maintenance mode; with ``everything`` all do, except under ``spare``.
    """

    def __init__(
        self, app: Asgi, source: str | Watch, *, health: Sequence[str] = HEALTH, everything: bool = False,
        spare: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._app, self._rule = app, _Rule(frozenset(health), everything, tuple(spare))
        self.watch = source if isinstance(source, Watch) else Watch(source)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 503, or pass the request on with the messages in its scope."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        found = self.watch.now()
        if not (found.maintenance and self._rule.closes(scope.get("path", ""))):
            scope[KEY] = found.messages
            await self._app(scope, receive, send)
            return
        headers, body = _closed(found)
        encoded = [(name.lower().encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": 503, "headers": encoded})
        await send({"type": "http.response.body", "body": b"" if scope.get("method") == "HEAD" else body})


class MaintenanceWSGI:
    """Wraps a WSGI application: ``app = MaintenanceWSGI(app, "https://status.example.org")``; options as above."""

    def __init__(
        self, app: Wsgi, source: str | Watch, *, health: Sequence[str] = HEALTH, everything: bool = False,
        spare: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._app, self._rule = app, _Rule(frozenset(health), everything, tuple(spare))
        self.watch = source if isinstance(source, Watch) else Watch(source)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer 503, or pass the request on with the messages in its environment."""
        found = self.watch.now()
        if not (found.maintenance and self._rule.closes(environ.get("PATH_INFO", ""))):
            environ[KEY] = found.messages
            return self._app(environ, start_response)
        headers, body = _closed(found)
        start_response("503 Service Unavailable", headers)
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]


@dataclass(frozen=True, slots=True)
class _Rule:
    health: frozenset[str]
    everything: bool
    spare: tuple[str, ...]

    def closes(self, path: str) -> bool:
        """Whether a path answers 503 in maintenance mode."""
        if path in self.health:
            return True
        return self.everything and not any(path == each or path.startswith(f"{each}/") for each in self.spare)


def standing_of(told: Mapping[str, Any], now: datetime) -> Standing:
    """What ``messages.json`` says of a moment: a maintenance begins and ends by this machine's own clock."""
    windows = told.get("windows")
    messages = told.get("messages")
    said = tuple(
        {key: str(each.get(key, "")) for key in ("component", "name", "state", "text")}
        for each in (messages if isinstance(messages, list) else ())
        if isinstance(each, dict)
    )
    if not isinstance(windows, list):
        return Standing(maintenance=told.get("maintenance") is True, messages=said)
    for each in windows:
        begun, ended = (_moment(each.get(key)) if isinstance(each, dict) else None for key in ("from", "until"))
        if begun is not None and begun <= now and (ended is None or now < ended):
            return Standing(maintenance=True, until=ended, title=str(each.get("title", "")), messages=said)
    return Standing(messages=said)


def _closed(found: Standing) -> tuple[list[tuple[str, str]], bytes]:
    until = found.until.isoformat() if found.until else None
    body = json.dumps({"status": "maintenance", "title": found.title, "until": until}).encode()
    headers = [
        ("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"),
        ("Retry-After", str(_wait(found))),
    ]  # fmt: skip
    return headers, body


def _wait(found: Standing) -> int:
    if found.until is None:
        return 60
    return max(1, min(int((found.until - SystemClock().now()).total_seconds()) + 1, LONGEST_WAIT))


def _read(body: bytes) -> Mapping[str, Any]:
    told = json.loads(body)
    if not isinstance(told, dict):
        raise ValueError("messages.json is no object")  # noqa: TRY004 -- callers know bad bytes by ValueError
    return told


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
