"""Silences, in the shapes of Alertmanager's API v2: `amtool silence add`, `query`, `update` and `expire` work.

Source: prometheus/alertmanager ``api/v2/openapi.yaml`` and ``silence/silence.go``.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from starlette.responses import Response

from tocsin import wire
from tocsin.core.alert import Silence
from tocsin.core.labels import Matcher, all_match, make_matcher
from tocsin.errors import Invalid, NotFound, WrongType
from tocsin.service import discretion, silencing
from tocsin.store import alerts as alert_store
from tocsin.store.db import Tx
from tocsin.times import say_duration
from tocsin.web.alertmanager import FILTER, filters, say, unreadable
from tocsin.web.endpoints import Call, Endpoint, give
from tocsin.web.posted import LABEL, Time, moment

SHOWN = timedelta(hours=120)
"""For how long a silence is listed after its end; Alertmanager's retention."""


class PostableMatcher(msgspec.Struct):
    """A matcher of a silence."""

    name: str
    value: str
    isRegex: bool  # noqa: N815
    isEqual: bool = True  # noqa: N815


class PostableSilence(msgspec.Struct):
    """A silence as amtool posts it; with an id it changes that one."""

    matchers: list[PostableMatcher]
    startsAt: Time  # noqa: N815
    endsAt: Time  # noqa: N815
    createdBy: Annotated[str, msgspec.Meta(max_length=300)]  # noqa: N815
    comment: Annotated[str, msgspec.Meta(max_length=5000)]
    id: str = ""


def get_silences(call: Call) -> Response:
    """Silences: those that count first, then those to come, then those that ended lately."""
    now = call.app.clock.now()
    try:
        wanted = filters(call)
    except Invalid as error:
        return give(error.message, 400)
    known = call.app.db.read(lambda tx: alert_store.silences(tx, ending_after=now - SHOWN))
    order = ("active", "pending", "expired")
    shown = [silence for silence in known if all(_speaks_of(silence, matcher) for matcher in wanted)]
    shown.sort(key=lambda silence: (order.index(silence.state(now)), silence.ends_at, silence.id))
    return give([_silence(silence, now) for silence in shown])


def get_silence(call: Call) -> Response:
    """One silence."""
    return give(_silence(_find(call, call.path["silence"]), call.app.clock.now()))


def post_silence(call: Call) -> Response:
    """Make a silence, or change one: where what it mutes changes, the old one ends and a new one begins."""
    try:
        posted = wire.convert(PostableSilence, call.json())
        starts_at, ends_at = moment(posted.startsAt), moment(posted.endsAt)
    except WrongType as error:
        return give({"code": 415, "message": error.message}, 415)
    except Invalid as error:
        return unreadable("silence", error)
    now = call.app.clock.now()
    try:
        posted = _without_secrets(call, posted)
        wanted = _wanted(posted, max(starts_at or now, now), ends_at, now)
        if posted.createdBy != call.caller.name:
            wanted = replace(wanted, through=call.caller.name)
        _not_too_long(call, wanted)
    except Invalid as error:
        return give(error.message, 400)
    if posted.id and call.app.db.read(lambda tx: alert_store.get_silence(tx, posted.id)) is None:
        return give(f"silence {posted.id[:60]} not found", 404)

    def write(tx: Tx) -> str:
        tx.alone("routing")
        old = alert_store.get_silence(tx, posted.id) if posted.id else None
        kept = old is not None and old.state(now) != "expired" and old.matchers == wanted.matchers
        if old is not None and kept:
            new = replace(wanted, id=old.id, starts_at=old.starts_at if old.starts_at <= now else wanted.starts_at)
        else:
            new = wanted
            if old is not None:
                alert_store.expire_silence(tx, old.id, now)
        alert_store.put_silence(tx, new)
        if old is not None:
            alert_store.lapse_now(tx, now)
        tx.after_commit(call.app.bell.ring)
        return new.id

    return give({"silenceID": call.app.db.write(write)})


def delete_silence(call: Call) -> Response:
    """End a silence now."""
    silencing.end(call.app, _find(call, call.path["silence"]).id, call.caller.role)
    return Response(status_code=200)


def _silence(silence: Silence, now: datetime) -> dict[str, Any]:
    return {
        "id": silence.id,
        "status": {"state": silence.state(now)},
        "updatedAt": say(silence.updated_at),
        "comment": silence.comment,
        "createdBy": silence.created_by,
        "startsAt": say(silence.starts_at),
        "endsAt": say(silence.ends_at),
        "matchers": [
            {
                "name": matcher.name,
                "value": matcher.value,
                "isRegex": "~" in matcher.op,
                "isEqual": not matcher.op.startswith("!"),
            }
            for matcher in silence.matchers
        ],
    }


def _without_secrets(call: Call, posted: PostableSilence) -> PostableSilence:
    """Words are masked; what is compared can't be. Raises `Invalid` for a secret in a matcher."""
    if any(discretion.said(call.app, matcher.value) != matcher.value for matcher in posted.matchers):
        raise Invalid("invalid silence: a matcher holds a secret, and alerts are kept without theirs")
    comment, by = discretion.said(call.app, posted.comment), discretion.said(call.app, posted.createdBy)
    return msgspec.structs.replace(posted, comment=comment, createdBy=by)


def _wanted(posted: PostableSilence, starts_at: datetime, ends_at: datetime | None, now: datetime) -> Silence:
    """The silence that was asked for, under a new id. Raises `Invalid` in Alertmanager's words."""
    matchers = tuple(_matcher(matcher) for matcher in posted.matchers)
    if ends_at is None or ends_at <= now:
        raise Invalid("invalid silence: end time can't be in the past")
    if ends_at <= starts_at:
        raise Invalid("invalid silence: start time must be before end time")
    if not matchers:
        raise Invalid("invalid silence: at least one matcher required")
    if all_match(matchers, {}):
        raise Invalid("invalid silence: at least one matcher must not match the empty string")
    return Silence(
        id=str(uuid.uuid4()),
        matchers=matchers,
        starts_at=starts_at,
        ends_at=ends_at,
        created_by=posted.createdBy,
        comment=posted.comment,
        updated_at=now,
    )


def _not_too_long(call: Call, silence: Silence) -> None:
    longest = call.app.settings.longest_silence
    if silence.ends_at - silence.starts_at > longest:
        raise Invalid(f"invalid silence: it may last {say_duration(longest)} at most ([silences] longest)")


def _matcher(posted: PostableMatcher) -> Matcher:
    if not LABEL.fullmatch(posted.name):
        raise Invalid(f"invalid silence: invalid label matcher 0: invalid label name {posted.name[:60]!r}")
    op = ("=~" if posted.isRegex else "=") if posted.isEqual else ("!~" if posted.isRegex else "!=")
    return make_matcher(posted.name, op, posted.value)


def _speaks_of(silence: Silence, wanted: Matcher) -> bool:
    """Whether a silence has a matcher on the filter's label whose value the filter takes."""
    named = {matcher.name: matcher.value for matcher in silence.matchers if matcher.name == wanted.name}
    return wanted.matches(named) if named else wanted.op in ("!=", "!~")


def _find(call: Call, silence_id: str) -> Silence:
    found = call.app.db.read(lambda tx: alert_store.get_silence(tx, silence_id))
    if found is None:
        raise NotFound("There is no such silence.", "`amtool silence query` lists them.")
    return found


ENDPOINTS = (
    Endpoint(
        method="GET", path="/api/v2/silences", says="Silences.", serve=get_silences, role="viewer", door="intake",
        query=(FILTER,), gives=list[dict[str, Any]],
    ),
    Endpoint(
        method="POST", path="/api/v2/silences", says="Make or change a silence.", serve=post_silence,
        role="responder", door="intake", takes=PostableSilence, gives=dict[str, str],
    ),
    Endpoint(
        method="GET", path="/api/v2/silence/{silence}", says="One silence.", serve=get_silence, role="viewer",
        door="intake", gives=dict[str, Any],
    ),
    Endpoint(
        method="DELETE", path="/api/v2/silence/{silence}", says="End a silence now.", serve=delete_silence,
        role="responder", door="intake",
    ),
)  # fmt: skip
