"""The part of Opsgenie's Alert API by which alerts come in: create, acknowledge, close.

Source: Opsgenie's Alert API (``opsgenie-sdk`` 2.1 and Alertmanager's ``opsgenie_configs`` were tried). The answers are
Opsgenie's: 202 with ``requestId``, 422 with ``message``. The GenieKey is the token of a source of the kind opsgenie, or
a token of ours.
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tocsin.errors import Invalid, Unauthorized
from tocsin.plug.guarding import fingerprint_of
from tocsin.plug.kinds import NO_SECRET
from tocsin.service import access, catalogue, ingest
from tocsin.service.access import Caller
from tocsin.sources import opsgenie
from tocsin.sources.opsgenie import Opsgenie, Word
from tocsin.web.auth import app_of
from tocsin.web.endpoints import Call, Endpoint, Query, Show, give
from tocsin.web.overload import refuse_flood
from tocsin.web.webhooks import inbound_of, may_acknowledge


def create(call: Call) -> Response:
    """Create an alert, or tell an open one anew; answered when it is on disk."""
    refuse_flood(call.request)
    inbound, source = inbound_of(call.request, call.body), source_of(call)
    try:
        (alert,) = source.parse(inbound)
    except Invalid as error:
        return _unprocessable(error)
    answer, request_id = _accepted()
    named = alert.key != fingerprint_of(inbound)  # without an alias, what is answered names the alert
    ingest.accept(call.app, source.name, [alert if named else replace(alert, key=request_id)])
    return answer


def acknowledge(call: Call) -> Response:
    """Somebody took the alert."""
    return _say(call, "acknowledge")


def close(call: Call) -> Response:
    """The alert is over."""
    return _say(call, "close")


def _say(call: Call, word: Word) -> Response:
    refuse_flood(call.request)
    source, alias = source_of(call), str(call.path["alias"])
    try:
        told = source.say(word, alias, inbound_of(call.request, call.body))
    except Invalid as error:
        return _unprocessable(error)
    ingest.accept(call.app, source.name, told)
    return _accepted()[0]


def source_of(call: Call) -> Opsgenie:
    """The source that the caller came as; for a token of ours one of its own, which acknowledges if its role may."""
    known = getattr(call.request.state, "source", None)
    if isinstance(known, Opsgenie):
        return replace(known, token=NO_SECRET)  # who sends is known by now
    return Opsgenie(name=f"opsgenie/{call.caller.name}", acknowledge=may_acknowledge(call.caller))


def own_guard(request: Request) -> Show | None:
    """Who sends, by the GenieKey; None where another kind of authorization is given, or none."""
    key, app = opsgenie.genie_key(inbound_of(request, b"")), app_of(request)
    if not key:
        return None

    def show(_: bytes) -> Caller:
        for name, source in app.settings.sources.items():
            if isinstance(source, Opsgenie) and source.token.value:
                wanted = source.token.value.encode()
                if hmac.compare_digest(key.encode("utf-8", "replace"), wanted):
                    request.state.source = source
                    return Caller(name, "agent", ("alerts:send",))
        caller = access.caller_of(app, key)
        catalogue.allow(caller.role, "agent", "send alerts")
        return caller

    return show


def unknown_key(error: Unauthorized) -> Response:
    """What Opsgenie says of a key that it does not know."""
    del error
    return give({"message": "Could not authenticate", "took": 0.0, "requestId": str(uuid.uuid4())}, 401)


def _accepted() -> tuple[Response, str]:
    request_id = str(uuid.uuid4())
    return give({"result": "Request will be processed", "took": 0.0, "requestId": request_id}, 202), request_id


def _unprocessable(error: Invalid) -> Response:
    status = error.status if error.status != 400 else 422
    return give({"message": error.message, "took": 0.0, "requestId": str(uuid.uuid4())}, status)


_BY = (Query(name="identifierType", says="Opsgenie's alias, id or tiny; all name the alert that was created so."),)
ENDPOINTS = (
    Endpoint(
        method="POST", path="/v2/alerts", says="Take an alert, as Opsgenie's Alert API does.", serve=create,
        role="agent", door="intake", takes=dict[str, Any], gives=dict[str, Any], status=202, own=own_guard,
        stranger=unknown_key,
    ),
    Endpoint(
        method="POST", path="/v2/alerts/{alias:path}/acknowledge", says="Somebody took the alert, as Opsgenie's does.",
        serve=acknowledge, role="agent", door="intake", takes=dict[str, Any], gives=dict[str, Any], status=202,
        own=own_guard, stranger=unknown_key, query=_BY,
    ),
    Endpoint(
        method="POST", path="/v2/alerts/{alias:path}/close", says="The alert is over, as Opsgenie's does.",
        serve=close, role="agent", door="intake", takes=dict[str, Any], gives=dict[str, Any], status=202,
        own=own_guard, stranger=unknown_key, query=_BY,
    ),
)  # fmt: skip
