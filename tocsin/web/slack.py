"""Slack's requests by HTTP: ``POST /in/slack`` for slash commands, buttons, forms and events alike.

Each is signed over its raw body and its moment. Source: docs.slack.dev, "Verifying requests from Slack" (``v0``).
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tocsin.app import App
from tocsin.chats.slack import Slack
from tocsin.errors import NotFound, Unauthorized
from tocsin.plug.kinds import Secret
from tocsin.service.access import Caller
from tocsin.service.chatting import listener
from tocsin.store import rooms
from tocsin.times import EPOCH
from tocsin.web.auth import app_of
from tocsin.web.endpoints import Call, Endpoint, Show

NAME = "slack"
WINDOW = timedelta(minutes=5)
_building = threading.Lock()


def take(call: Call) -> Response:
    """Do what somebody in Slack asks for, and answer in Slack's own shape."""
    from tocsin.chats import bolt

    if not getattr(call.request.state, "signed_by_slack", False):
        raise NotFound("The Slack app is not set up here.", "Write [slack] signing_secret into tocsin.toml.")
    text = call.body.decode("utf-8", "replace")
    status, kind, body = bolt.dispatch(_bolt(call.request), text, dict(call.request.headers))
    return Response(body, status, media_type=kind.partition(";")[0])


def own_guard(request: Request) -> Show | None:
    """That Slack sends it, by its signature; None where the app is not set up for HTTP."""
    settings = app_of(request).settings.chats.get(NAME)
    if not isinstance(settings, Slack) or not settings.signing_secret.value:
        return None
    secret, app = settings.signing_secret, app_of(request)

    def show(body: bytes) -> Caller:
        moment = request.headers.get("x-slack-request-timestamp", "")
        given = request.headers.get("x-slack-signature", "")
        verify(secret, moment, given, body, app.clock.now())
        _once(app, f"slack/request/{moment}/{given}")
        request.state.signed_by_slack = True
        return Caller(NAME, "agent", ("alerts:send",))

    return show


def verify(secret: Secret, moment: str, given: str, body: bytes, now: datetime) -> None:
    """Raise `Unauthorized` unless Slack has signed this body within the last five minutes."""
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        raise Unauthorized("The request bears no moment of Slack's.", "Look at [slack] signing_secret.")
    if abs(now - (EPOCH + timedelta(seconds=int(moment)))) > WINDOW:
        raise Unauthorized("The request is older than five minutes.", "Look at this machine's clock.")
    made = hmac.new(secret.value.encode(), b"v0:" + moment.encode() + b":" + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(f"v0={made}".encode(), given.encode("utf-8", "replace")):
        raise Unauthorized("The request is not signed by Slack.", "Look at [slack] signing_secret.")


def _once(app: App, name: str) -> None:
    """A request that somebody has recorded counts once, however often it is sent."""
    if not app.db.write(lambda tx: rooms.heard(tx, name, app.clock.now())):
        raise Unauthorized("This request was taken before.")


def _bolt(request: Request) -> Any:
    """Bolt's application, made when it is needed first."""
    from tocsin.chats import bolt

    app, state = app_of(request), request.app.state
    with _building:
        if getattr(state, "bolt", None) is None:
            settings = app.settings.chats[NAME]
            assert isinstance(settings, Slack)  # noqa: S101 -- `own_guard` has looked
            state.bolt = bolt.app_of(settings, listener(app, NAME))
        return state.bolt


ENDPOINTS = (
    Endpoint(
        method="POST", path="/in/slack", says="Take what Slack sends: commands, buttons, forms and events.",
        serve=take, role="agent", door="webhook", takes=dict[str, Any], gives=dict[str, Any], own=own_guard,
    ),
)  # fmt: skip
