"""Runs of the system under care: taken in, listed, and set beside an incident's beginning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from msgspec import Meta

from tocsin.app import App
from tocsin.core.incident import Incident
from tocsin.core.trace import Trace, TracesNear, joined
from tocsin.errors import Invalid
from tocsin.plug import heard, otlp
from tocsin.service import discretion
from tocsin.store import traces
from tocsin.store.db import Tx

AHEAD = timedelta(minutes=5)
"""So much may a teller's clock be ahead."""
BEFORE = timedelta(minutes=15)
"""From so long before an incident's beginning on, runs are set beside it."""
KEEP = timedelta(days=7)
MOST_KEPT = 100_000
MOST_AT_ONCE = 1_000
SHOWN = 8
Short = Annotated[str, Meta(max_length=500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTrace:
    """A run that is told of. ``at`` (RFC 3339) is when it began; empty: now, less what it took.

    Told again under the same ``id`` it is what is told now: first as running, then as ended.
    """

    id: Annotated[str, Meta(min_length=1, max_length=200)]
    name: Annotated[str, Meta(min_length=1, max_length=500)]
    status: Literal["ok", "error", "running"] = "ok"
    at: Annotated[str, Meta(max_length=64)] = ""
    seconds: Annotated[float, Meta(ge=0, le=31_536_000)] | None = None
    service: Short = ""
    error: Short = ""
    url: Annotated[str, Meta(max_length=2000)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTraces:
    """Runs that are told of in one message, all of them or none."""

    traces: tuple[NewTrace, ...] = ()


def record(app: App, told: NewTraces, source: str) -> int:
    """Keep runs that a program tells of; how many. Raises `Invalid` that names the one that is not right."""
    if not 0 < len(told.traces) <= MOST_AT_ONCE:
        raise Invalid(
            f"A message tells of 1 to {MOST_AT_ONCE:,} runs.", "Send the rest in further ones.", where="traces"
        )
    now = app.clock.now()
    kept = {each.id: _kept(app, each, source, now, f"traces[{at}]") for at, each in enumerate(told.traces)}
    app.db.write(lambda tx: traces.put(tx, kept.values()))
    app.bell.show()
    return len(kept)


def record_spans(app: App, body: Any, source: str) -> otlp.Spans:
    """Keep the runs of an OTLP message; what comes in later parts is joined with what is known."""
    found = otlp.parse(body, source)
    now = app.clock.now()
    sound = [_said(app, each) for each in found.traces if each.started_at <= now + AHEAD]

    def write(tx: Tx) -> None:
        tx.alone("traces")  # parts of one run may come in two messages at the same moment
        known = [(traces.get(tx, each.source, each.id), each) for each in sound]
        traces.put(tx, [joined(before, each) if before else each for before, each in known])

    if sound:
        app.db.write(write)
        app.bell.show()
    late = sum(each.spans for each in found.traces if each.started_at > now + AHEAD)
    return replace(found, traces=tuple(sound), rejected=found.rejected + late)


def near(tx: Tx, incident: Incident, now: datetime) -> TracesNear | None:
    """The runs from a while before the incident's beginning until now, or until its end; None where none are known."""
    since, until = incident.detected_at - BEFORE, min(now, incident.resolved_at or now)
    number, failed, slowest = traces.counted(tx, since, until)
    if not number:
        return None
    status = "error" if failed else ""
    latest = traces.listing(tx, since=since, until=until, status=status, limit=SHOWN)
    return TracesNear(since=since, number=number, failed=failed, slowest_seconds=slowest, latest=tuple(latest))


def prune(tx: Tx, now: datetime) -> int:
    """Forget old runs."""
    return traces.prune(tx, now - KEEP, MOST_KEPT)


def _kept(app: App, told: NewTrace, source: str, now: datetime, where: str) -> Trace:
    span = timedelta(seconds=told.seconds or 0)
    at = heard.moment(told.at) if told.at.strip() else now - span
    if at is None:
        raise Invalid(f"{told.at!r} is not a time with a zone.", "Write for example 2026-11-20T23:17:31Z.", where=where)
    if at > now + AHEAD:
        raise Invalid("That moment is in the future.", "Tell of a run when it has begun.", where=where)
    if told.url.strip() and not heard.link(told.url.strip()):
        raise Invalid("The link is not an address.", "Write https://…", where=where)
    ended = None if told.status == "running" else at + span
    return _said(
        app,
        Trace(
            source=source, id=told.id, name=told.name, service=told.service, status=told.status, started_at=at,
            ended_at=ended, error=told.error, url=told.url.strip(), failed=int(told.status == "error"),
        ),
    )  # fmt: skip


def _said(app: App, trace: Trace) -> Trace:
    """The run as it may be stored: in one line each, without secrets."""

    def said(text: str) -> str:
        return _line(discretion.said(app, text))

    return replace(
        trace, id=_line(trace.id), name=said(trace.name), service=said(trace.service), error=said(trace.error),
        url=said(trace.url),
    )  # fmt: skip


def _line(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())
