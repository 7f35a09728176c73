"""Live pages: one stream for each open tab, one watcher for all tabs that look at the same thing.

``changed`` says that the page should fetch itself again; its id is what the page has then seen, so that a browser that
comes back with ``Last-Event-ID`` is told at once when it missed something. ``output`` carries what a command printed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.app import App
from tocsin.core.watching import Watch
from tocsin.errors import TocsinError
from tocsin.ids import slug
from tocsin.service import access, respond
from tocsin.service.access import Caller
from tocsin.store import alerts, incidents, runs, secrecy, signals
from tocsin.store.db import Tx
from tocsin.web import auth
from tocsin.web.frame import COUNTED, app_of, to_login
from tocsin.web.render import visible
from tocsin.web.standing import LOOK_AGAIN_SECONDS, Standing
from tocsin.wire import decode

POLL_SECONDS = 1.0
REST_SECONDS = 0.1
SAMPLES_EVERY = timedelta(seconds=5)
MOST_WAITING = 256
CAUGHT_UP = 50

Event = tuple[str, str, str]
"""Name, data, id."""


class Watcher(ABC):
    """Looks at the database for all tabs of one page: when the bell rings, and each second for other nodes' commits."""

    def __init__(self, app: App, rest: float) -> None:
        self.app, self.rest = app, rest
        self.seen = ""
        self.tabs: set[asyncio.Queue[Event]] = set()
        self._rung = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    def look(self) -> list[Event]:
        """What is new since the last look; the first look only finds out where things stand. Sets ``seen``."""

    def enter(self, tab: asyncio.Queue[Event]) -> None:
        """A tab was opened; the first one starts the watch."""
        self.tabs.add(tab)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())

    def leave(self, tab: asyncio.Queue[Event]) -> bool:
        """A tab was closed; True when it was the last and the watch has ended."""
        self.tabs.discard(tab)
        if self.tabs or self._task is None:
            return not self.tabs
        self._task.cancel()
        return True

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()

        def heard() -> None:
            with contextlib.suppress(RuntimeError):  # the loop may end before the last commit
                loop.call_soon_threadsafe(self._rung.set)

        end = self.app.bell.listen(heard)
        try:
            while True:
                with contextlib.suppress(TocsinError):  # what can't be read now is read at the next look
                    for event in await run_in_threadpool(self.look):
                        self._tell(event)
                await asyncio.sleep(self.rest)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._rung.wait()
                self._rung.clear()
        finally:
            end()

    def _tell(self, event: Event) -> None:
        for tab in self.tabs:
            if tab.full():
                # Too slow for every piece: what it missed is on the page that it now fetches.
                while not tab.empty():
                    tab.get_nowait()
                event = ("changed", self.seen, self.seen)
            tab.put_nowait(event)


class IncidentWatcher(Watcher):
    """Watches one incident: its version, what its runs print, the signals."""

    def __init__(self, app: App, ref: str) -> None:
        super().__init__(app, REST_SECONDS)
        self.ref = ref
        self._printed: dict[str, int] = {}
        self._sampled: datetime | None = None
        self._told_samples: datetime | None = None

    def look(self) -> list[Event]:
        """A change of the version, new output, or, at most every few seconds, new samples."""
        return self.app.db.read(self._look)

    def _look(self, tx: Tx) -> list[Event]:
        version = str(incidents.versions(tx, self.ref))
        events = self._output(tx)
        changed = self.seen not in ("", version)
        if version != self.seen:
            self._runs(tx)
            self.seen = version
        if self._new_samples(tx) or changed:
            events.append(("changed", version, version))
        return events

    def _output(self, tx: Tx) -> list[Event]:
        events: list[Event] = []
        for run, last in self._printed.items():
            for piece in runs.output(tx, run, last):
                self._printed[run] = piece.seq
                shape = {"run": run, "seq": piece.seq, "text": visible(piece.text)}
                events.append(("output", json.dumps(shape), ""))
        return events

    def _runs(self, tx: Tx) -> None:
        incident = incidents.load(tx, self.ref)
        states = incident.steps.values() if incident else ()
        running = [state.run for state in states if state.status in ("queued", "running")]
        self._printed = {run: self._printed.get(run, 0) for run in running}

    def _new_samples(self, tx: Tx) -> bool:
        names = [slug(signal.metric) for signal in self.app.settings.signals]
        read = signals.newest(tx)
        newest, now = max((read[name][0] for name in names if name in read), default=None), self.app.clock.now()
        first = self._told_samples is None
        if newest == self._sampled or (self._told_samples and now - self._told_samples < SAMPLES_EVERY):
            return False
        self._sampled, self._told_samples = newest, now
        return not first


class StateWatcher(Watcher):
    """Watches what a page shows by the name of its present state, which ``stamp`` works out."""

    def __init__(self, app: App, stamp: Callable[[App], str], rest: float) -> None:
        super().__init__(app, rest)
        self.stamp = stamp

    def look(self) -> list[Event]:
        """A change of anything that the page shows."""
        before, self.seen = self.seen, self.stamp(self.app)
        return [("changed", self.seen, self.seen)] if before not in ("", self.seen) else []


def stamp(app: App, name: str = "") -> str:
    """Names the present state of everything that is open or fires; another state has another name.

    Of private incidents it tells something only to those who see them: ``name`` is who looks.
    """

    def read(tx: Tx) -> object:
        hidden = secrecy.hidden_from(tx, name)
        versions = [(each.id, each.version) for each in incidents.open_ones(tx) if each.id not in hidden]
        firing = [
            (alert.fingerprint, None if alert.incident in hidden else alert.incident)
            for alert in alerts.listing(tx, firing_at=app.clock.now(), limit=COUNTED)
        ]
        return versions, firing

    return f"{zlib.crc32(repr(app.db.read(read)).encode()):08x}"


def signals_stamp(app: App) -> str:
    """Names the present state of what is measured: the newest readings, how far each threshold has come."""

    def read(tx: Tx) -> object:
        values = signals.newest(tx)
        newest = [values.get(slug(signal.metric)) for signal in app.settings.signals]
        kept = {rule: decode(Watch, state) for rule, state in signals.watches(tx).items()}
        return newest, [(rule, each.state, each.since, each.problem) for rule, each in kept.items()]

    return f"{zlib.crc32(repr(app.db.read(read)).encode()):08x}"


SIGNALS = "signals"
OF_ONE = "@"
"""Stands before the name of somebody who watches the lists and sees private incidents."""
STATES: Mapping[str, tuple[Callable[[App], str], float]] = {
    "": (stamp, POLL_SECONDS),
    SIGNALS: (signals_stamp, SAMPLES_EVERY.total_seconds()),
}
"""What is watched that is no incident → what names its state, and how many seconds lie between two looks."""


def signals_since(app: App) -> str:
    """The address of the stream for a page of the signals that is made now."""
    return f"/signals/live?seen={signals_stamp(app)}"


def everything_since(app: App, caller: Caller) -> str:
    """The address of the stream for a page that is made now."""
    return f"/live?seen={_stamping(everything_of(app, caller))[0](app)}"


def everything_of(app: App, caller: Caller) -> str:
    """Which state of the lists somebody watches: everybody's, or with the private incidents that they see."""

    def read(tx: Tx) -> bool:
        hidden = secrecy.hidden_from(tx, caller.name)
        return any(ref not in hidden for ref in secrecy.private(tx))

    return f"{OF_ONE}{slug(caller.name)}" if app.db.read(read) else ""


def _stamping(ref: str) -> tuple[Callable[[App], str], float]:
    """What names the state that is watched under this name, and how many seconds lie between two looks."""
    if ref.startswith(OF_ONE):
        return partial(stamp, name=ref.removeprefix(OF_ONE)), POLL_SECONDS
    return STATES[ref]


def _is_state(ref: str) -> bool:
    return ref in STATES or ref.startswith(OF_ONE)


def _watcher(request: Request, ref: str) -> Watcher:
    state = request.app.state
    if not hasattr(state, "watchers"):
        state.watchers = {}
    watchers: dict[str, Watcher] = state.watchers
    if ref not in watchers:
        app = app_of(request)
        watchers[ref] = StateWatcher(app, *_stamping(ref)) if _is_state(ref) else IncidentWatcher(app, ref)
    return watchers[ref]


async def incident(request: Request) -> Response:
    """The stream of one incident's page."""
    caller = await run_in_threadpool(auth.caller, request)
    if caller is None:
        return to_login(request)
    found = await run_in_threadpool(respond.exists, app_of(request), request.path_params["ref"])
    return _stream(request, caller, found.id)


async def everything(request: Request) -> Response:
    """The stream of the page Now and of the lists."""
    caller = await run_in_threadpool(auth.caller, request)
    if caller is None:
        return to_login(request)
    return _stream(request, caller, await run_in_threadpool(everything_of, app_of(request), caller))


async def measured(request: Request) -> Response:
    """The stream of the page of the signals."""
    caller = await run_in_threadpool(auth.caller, request)
    return to_login(request) if caller is None else _stream(request, caller, SIGNALS)


def _stream(request: Request, caller: Caller, ref: str) -> Response:
    seen = request.headers.get("last-event-id") or request.query_params.get("seen", "")
    return EventSourceResponse(_events(request, caller, ref, seen), send_timeout=20, sep="\n")


async def _events(request: Request, caller: Caller, ref: str, seen: str) -> AsyncIterator[ServerSentEvent]:
    watcher = _watcher(request, ref)
    tab: asyncio.Queue[Event] = asyncio.Queue(MOST_WAITING)
    watcher.enter(tab)
    standing = Standing(request, caller, partial(_still_theirs, app_of(request), caller, ref))
    try:
        for event in await run_in_threadpool(_missed, app_of(request), ref, seen):
            yield _sse(event)
        while True:
            following = await _next(tab)
            if await standing.gone():
                return
            if following is not None:
                yield _sse(following)
    finally:
        watchers: dict[str, Watcher] = request.app.state.watchers
        if watcher.leave(tab) and watchers.get(ref) is watcher:
            del watchers[ref]


def _still_theirs(app: App, caller: Caller, ref: str) -> bool:
    """Whether somebody may still see what they watch, and sees all that they may."""
    if ref in ("", SIGNALS) or ref.startswith(OF_ONE):
        return ref == SIGNALS or everything_of(app, caller) == ref
    return ref not in access.hidden(app, caller)


async def _next(tab: asyncio.Queue[Event]) -> Event | None:
    """The next event; None where it was quiet for so long that the door should be looked at again."""
    try:
        async with asyncio.timeout(LOOK_AGAIN_SECONDS):
            return await tab.get()
    except TimeoutError:
        return None


def _missed(app: App, ref: str, seen: str) -> list[Event]:
    """What happened between the page that the browser has and this stream."""
    if _is_state(ref):
        present = _stamping(ref)[0](app)
        return [("changed", present, present)] if seen not in ("", present) else []

    def read(tx: Tx) -> list[Event]:
        version = str(incidents.versions(tx, ref))
        if seen not in ("", version):
            return [("changed", version, version)]
        found = incidents.load(tx, ref)
        running = [state.run for state in found.steps.values() if state.status == "running"] if found else []
        return [
            ("output", json.dumps({"run": run, "seq": piece.seq, "text": visible(piece.text)}), "")
            for run in running
            for piece in runs.output(tx, run)[-CAUGHT_UP:]
        ]

    return app.db.read(read)


def _sse(event: Event) -> ServerSentEvent:
    name, data, identity = event
    fields: dict[str, Any] = {"id": identity} if identity else {}
    return ServerSentEvent(data, event=name, **fields)


routes: list[BaseRoute] = [
    Route("/live", everything, methods=["GET"]),
    Route("/signals/live", measured, methods=["GET"]),
    Route("/incidents/{ref}/live", incident, methods=["GET"]),
]
