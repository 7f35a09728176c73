"""OTLP over HTTP, in its JSON encoding: spans → runs.

The shape is that of ``ExportTraceServiceRequest`` of the OpenTelemetry protocol 1.x: ids in hexadecimal, times in
nanoseconds as text, enumerations as numbers or names. What is no span is passed over and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tocsin.core.trace import Trace, joined
from tocsin.plug.heard import word
from tocsin.times import EPOCH

_ID = re.compile(r"[0-9a-fA-F]{32}")
_FAILED = (2, "2", "STATUS_CODE_ERROR")
_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """What a message tells of: each run once, and how many of its spans could not be read."""

    traces: tuple[Trace, ...]
    rejected: int = 0


def parse(body: Any, source: str) -> Spans:
    """The runs of a message, as far as it tells of them; ``body`` are plain values."""
    found: dict[str, Trace] = {}
    rejected = 0
    for service, span in _spans(body):
        trace = _trace(span, service, source)
        if trace is None:
            rejected += 1
        else:
            found[trace.id] = joined(found[trace.id], trace) if trace.id in found else trace
    return Spans(traces=tuple(found.values()), rejected=rejected)


def _spans(body: Any) -> Iterator[tuple[str, Any]]:
    for resource in _list(body, "resourceSpans"):
        service = _attribute(resource.get("resource") if isinstance(resource, dict) else None, "service.name")
        for scope in (*_list(resource, "scopeSpans"), *_list(resource, "instrumentationLibrarySpans")):
            for span in _list(scope, "spans"):
                yield service, span


def _trace(span: Any, service: str, source: str) -> Trace | None:
    if not isinstance(span, dict) or not _ID.fullmatch(str(span.get("traceId", ""))):
        return None
    begun, ended = _moment(span.get("startTimeUnixNano")), _moment(span.get("endTimeUnixNano"))
    if begun is None:
        return None
    told = span.get("status")
    status = told if isinstance(told, dict) else {}
    failed = status.get("code") in _FAILED
    return Trace(
        source=source, id=str(span["traceId"]).lower(), name=word(span.get("name"))[:_LONGEST] or "without a name",
        service=service[:_LONGEST], status="error" if failed else "running" if ended is None else "ok",
        started_at=begun, ended_at=ended, error=word(status.get("message"))[:_LONGEST] if failed else "",
        failed=int(failed), whole=not span.get("parentSpanId"),
    )  # fmt: skip


def _attribute(holder: Any, name: str) -> str:
    for each in _list(holder, "attributes"):
        if isinstance(each, dict) and each.get("key") == name and isinstance(each.get("value"), dict):
            return word(each["value"].get("stringValue"))
    return ""


def _list(holder: Any, name: str) -> list[Any]:
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, list) else []


def _moment(given: Any) -> datetime | None:
    """Nanoseconds since 1970 → UTC; None for 0, which says "not yet", and for no time at all."""
    text = str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 20) or int(text) == 0:
        return None
    try:
        return EPOCH + timedelta(microseconds=int(text) // 1000)
    except OverflowError:
        return None
