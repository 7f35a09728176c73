"""Silences: alerts that match are kept and page nobody for a while. One that begins later is a maintenance window."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta

from tocsin.app import App
from tocsin.core.alert import Alert, Silence
from tocsin.core.labels import all_match, parse_matchers
from tocsin.errors import Invalid, NotFound, Refused
from tocsin.service import discretion
from tocsin.service.catalogue import allow
from tocsin.service.respond import Name
from tocsin.store import alerts as alert_store
from tocsin.store.db import Tx
from tocsin.times import parse_duration, say_duration

ENDS_SOON = timedelta(minutes=15)
MOST_MATCHERS = 20
KEPT = timedelta(hours=120)
"""For how long a silence is listed after its end."""
_ORDER = ("active", "pending", "expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class Silencing:
    """What to silence, why and until when: ``ends_at``, or for how long (``lasts``, such as 2h) from its start on.

    Without ``starts_at`` it begins now. A moment without a zone is in UTC.
    """

    matchers: Annotated[str, Meta(max_length=5_000, description='as Alertmanager writes them: service="api"')]
    why: Annotated[str, Meta(max_length=5_000)]
    lasts: Name = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceView:
    """A silence as it is now. ``covers``: how many alerts fire under it; when it ends they declare what they call for.

    ``matches``: how many fire that it speaks of. Those that it does not cover are an incident's already, which goes on,
    or kept back for another reason, or the silence has not begun. ``soon``: it ends in a quarter of an hour or less.
    """

    id: str
    matchers: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    why: str
    state: Literal["pending", "active", "expired"]
    covers: int = 0
    matches: int = 0
    soon: bool = False


def plan(app: App, wanted: Silencing, by: str, role: str) -> SilenceView:
    """Begin a silence, now or later. Raises `Invalid` where it would have no end, no matcher, or last too long."""
    allow(role, "responder", "silence alerts")
    if discretion.said(app, wanted.matchers) != wanted.matchers:
        raise Invalid("A matcher holds a secret, and alerts are kept without theirs.", "Leave it out.")
    now = app.clock.now()
    starts_at = max(_moment(wanted.starts_at) or now, now)
    silence = Silence(
        id=str(uuid.uuid4()),
        matchers=parse_matchers(wanted.matchers),
        starts_at=starts_at,
        ends_at=_end(wanted, starts_at),
        created_by=by,
        comment=discretion.said(app, wanted.why.strip()),
        updated_at=now,
    )
    check(app, silence)

    def write(tx: Tx) -> SilenceView:
        alert_store.put_silence(tx, silence)
        tx.after_commit(app.bell.ring)
        return _views(tx, [silence], now)[0]

    return app.db.write(write)


def check(app: App, silence: Silence) -> None:
    """Raise `Invalid` for a silence that mutes everything, has no reason or no sensible end."""
    if not silence.matchers or all_match(silence.matchers, {}):
        raise Invalid("This would silence everything.", 'Write for example service="api": what must be there.')
    if len(silence.matchers) > MOST_MATCHERS:
        raise Invalid(f"At most {MOST_MATCHERS} matchers make sense.")
    if not silence.comment:
        raise Invalid("This needs a reason.", "Whoever misses a page will look for it.")
    if silence.ends_at <= max(silence.starts_at, silence.updated_at):
        raise Invalid("It would end before it begins.", "Check both moments; they are in UTC.")
    longest = app.settings.longest_silence
    if silence.ends_at - silence.starts_at > longest:
        asked = say_duration(silence.ends_at - silence.starts_at)
        said = f"It would last {asked}; at most {say_duration(longest)} are allowed."
        raise Invalid(said, "Make it shorter, or set [silences] longest.")


def end(app: App, silence_id: str, role: str) -> SilenceView:
    """End a silence now; alerts that fire under it declare what they call for at once."""
    allow(role, "responder", "end a silence")
    now = app.clock.now()

    def write(tx: Tx) -> SilenceView:
        tx.alone("routing")  # who merges alerts goes by the silences that were there when the turn began
        if alert_store.get_silence(tx, silence_id) is None:
            raise NotFound("There is no such silence.", "`tocsin silence list` shows them.")
        if not alert_store.expire_silence(tx, silence_id, now):
            raise Refused("This silence is already over.")
        alert_store.lapse_now(tx, now)
        tx.after_commit(app.bell.ring)
        ended = alert_store.get_silence(tx, silence_id)
        assert ended is not None  # noqa: S101 -- it was there a moment ago
        return _views(tx, [ended], now)[0]

    return app.db.write(write)


def listing(app: App, *, past: bool = False) -> list[SilenceView]:
    """Silences: those that count first, then those to come; with ``past`` those that ended lately, too."""
    now = app.clock.now()

    def read(tx: Tx) -> list[SilenceView]:
        return _views(tx, alert_store.silences(tx, ending_after=now - KEPT if past else now), now)

    return sorted(app.db.read(read), key=lambda view: (_ORDER.index(view.state), view.ends_at, view.id))


def _views(tx: Tx, silences: Sequence[Silence], now: datetime) -> list[SilenceView]:
    """Silences with what fires now; of those that are over nobody asks what they match."""
    if all(silence.state(now) == "expired" for silence in silences):
        return [_view(silence, [], [], now) for silence in silences]
    muted, labels = alert_store.muted(tx, now), alert_store.firing_labels(tx, now)
    return [_view(silence, muted, labels if silence.state(now) != "expired" else (), now) for silence in silences]


def _view(silence: Silence, muted: Sequence[Alert], firing: Sequence[Mapping[str, str]], now: datetime) -> SilenceView:
    state = silence.state(now)
    return SilenceView(
        id=silence.id,
        matchers=tuple(map(str, silence.matchers)),
        starts_at=silence.starts_at,
        ends_at=silence.ends_at,
        created_by=silence.author,
        why=silence.comment,
        state=state,
        covers=sum(silence.covers(alert, now) for alert in muted),
        matches=sum(all_match(silence.matchers, each) for each in firing),
        soon=state == "active" and silence.ends_at - now <= ENDS_SOON,
    )


def _end(wanted: Silencing, starts_at: datetime) -> datetime:
    if bool(wanted.lasts.strip()) is (wanted.ends_at is not None):
        said = "Nothing says when it ends." if wanted.ends_at is None else "It has two ends."
        raise Invalid(said, "Say for how long, or until when.")
    if wanted.ends_at is not None:
        return _moment(wanted.ends_at) or wanted.ends_at
    try:
        return starts_at + parse_duration(wanted.lasts)
    except (ValueError, OverflowError) as error:
        raise Invalid(str(error), where="lasts") from None


def _moment(given: datetime | None) -> datetime | None:
    if given is None:
        return None
    return (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC)
