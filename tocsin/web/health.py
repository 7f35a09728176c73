"""Whether the process lives, and whether it can take alerts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.responses import Response

from tocsin.errors import TocsinError
from tocsin.plug import sandbox
from tocsin.service import access, claiming
from tocsin.store import signals
from tocsin.store.db import Tx
from tocsin.times import say_duration
from tocsin.web.endpoints import Call, Endpoint, give

OLDEST_INTAKE = timedelta(minutes=2)
"""An alert that waits longer than this to be merged says that nobody merges."""

WRITE_EVERY = timedelta(seconds=1)
_MARK = "tocsin/ready"


def alive(_: Call) -> Response:
    """The process answers."""
    return give({"status": "ok"})


def ready(call: Call) -> Response:
    """200 where alerts are taken and worked off; else 503 with every reason."""
    found = problems(call)
    if found:
        return give({"status": "unready", "problems": found}, 503, {"Retry-After": "5"})
    unfenced = sandbox.sentence(call.app.settings.sandbox)
    waiting = call.app.inbox.waiting if call.app.inbox else 0
    more = {"sandbox": unfenced} if unfenced else {}
    return give({"status": "ready", **more, **({"waiting": waiting} if waiting > 0 else {}), **_late(call)})


def _late(call: Call) -> dict[str, list[str]]:
    """What the audit of the clocks found; it keeps no alert out, so it is no reason to be unready."""
    found = access.late(call.app)
    return {"late": found} if found else {}


def plain(call: Call) -> Response:
    """Alertmanager's ``/-/healthy`` and ``/-/ready``, which look at the status only."""
    found = [] if call.request.url.path == "/-/healthy" else problems(call)
    return Response(" ".join(found) or "OK", 503 if found else 200, media_type="text/plain")


def problems(call: Call) -> list[str]:
    """What keeps us from taking alerts, in sentences: the database refuses a write, the engine stands still."""
    app, engine = call.app, call.request.app.state.engine
    try:
        _try_to_write(call)
        waiting, oldest = app.db.read(lambda tx: claiming.backlog(app, tx))
    except TocsinError as error:
        return [error.message]
    found = [] if engine is None else list(engine.problems())
    age = app.clock.now() - oldest if oldest else timedelta(0)
    if age > OLDEST_INTAKE:
        found.append(f"{waiting} messages wait to be merged, the oldest for {say_duration(age)}.")
    return found


def _try_to_write(call: Call) -> None:
    """A real write that leaves nothing behind; at most one a second, because anybody may ask."""
    state, now = call.request.app.state, call.app.clock.now()
    if timedelta(0) <= now - state.written_at < WRITE_EVERY:
        return

    def write(tx: Tx) -> None:
        signals.put_watch(tx, _MARK, "{}", now)
        signals.drop_watch(tx, _MARK)

    call.app.db.write(write)
    state.written_at = now


ENDPOINTS = (
    Endpoint(method="GET", path="/healthz", says="Whether the process lives.", serve=alive, door="open",
             gives=dict[str, str]),
    Endpoint(method="GET", path="/readyz", says="Whether alerts are taken.", serve=ready, door="open",
             gives=dict[str, Any]),
    Endpoint(method="GET", path="/-/healthy", says="As Alertmanager's.", serve=plain, door="open"),
    Endpoint(method="GET", path="/-/ready", says="As Alertmanager's.", serve=plain, door="open"),
)  # fmt: skip
