"""Reads a signal from Prometheus."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from tocsin.errors import Invalid, Unread
from tocsin.plug.addresses import check_networks
from tocsin.plug.kinds import NO_SECRET, Example, Reading, Secret
from tocsin.times import from_micros
from tocsin.wire import read_json

EXAMPLES = (
    Example(settings={"url": "http://127.0.0.1:9090", "query": "max(queue_depth)"}),
    Example(
        settings={
            "url": "https://prometheus.example.org",
            "query": 'sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))',
            "scale": 100,
            "token": "not-a-real-one",
        }
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prometheus:
    """The present value of a PromQL expression, which must yield one number.

    ``scale`` brings it to the unit of the document: 100 turns a ratio into per cent, 1000 seconds into milliseconds.
    """

    url: Annotated[str, "Address of the Prometheus server"]
    query: Annotated[str, "PromQL expression with one value"]
    scale: Annotated[float, "What the value is multiplied by"] = 1.0
    token: Annotated[Secret, "Bearer token, if the server asks for one"] = NO_SECRET
    allow: Annotated[bool | tuple[str, ...], "Whether private addresses may be asked, or which networks"] = True

    def __post_init__(self) -> None:
        check_networks(() if isinstance(self.allow, bool) else self.allow)
        if not self.query.strip():
            raise ValueError("query is empty.")

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """The expression's value now; raises `Unread` for no data, several series, NaN and every failure."""
        from tocsin.plug.web import NoAnswer, fetch

        parameters = {"query": self.query, "time": f"{now.timestamp():.3f}", "timeout": f"{timeout.total_seconds():g}s"}
        url = f"{self.url.rstrip('/')}/api/v1/query?{urlencode(parameters)}"
        headers = {"accept": "application/json"}
        if self.token.value:
            headers["authorization"] = f"Bearer {self.token.value}"
        try:
            answer = fetch(url, timeout, headers=headers, allow=self.allow)
            return self._interpret(answer.status, read_json(answer.body))
        except NoAnswer as error:
            raise Unread(error.message, error.hint) from None
        except Invalid as error:
            raise Unread(f"{self.url} does not answer as Prometheus does: {error.message}") from None

    def _interpret(self, status: int, answer: Any) -> Reading:
        data = answer if isinstance(answer, dict) else {}
        if data.get("status") != "success":
            raise Unread(f"Prometheus refuses the query ({status}): {str(data.get('error', 'no reason given'))[:300]}")
        result = data.get("data")
        kind, found = (result.get("resultType"), result.get("result")) if isinstance(result, dict) else (None, None)
        if kind == "scalar":
            return self._reading(found, "")
        if kind != "vector" or not isinstance(found, list):
            raise Unread(f"The query yields a {kind}, not a value.", "Use an instant expression, without a range.")
        if not found:
            raise Unread("no data: the query matches no series.")
        if len(found) > 1:
            raise Unread(f"The query yields {len(found)} series, not one value.", "Aggregate it with sum() or max().")
        series = found[0] if isinstance(found[0], dict) else {}
        return self._reading(series.get("value"), _labels(series.get("metric")))

    def _reading(self, sample: Any, detail: str) -> Reading:
        try:
            moment, text = sample
            value, at = float(text), from_micros(round(float(moment) * 1_000_000))
        except (TypeError, ValueError, OverflowError):
            raise Unread(f"Prometheus sends a sample that is none: {str(sample)[:100]}.") from None
        if not math.isfinite(value):
            raise Unread(f"no data: the query yields {text}, which nothing can be compared with.")
        return Reading(value=value * self.scale, at=at, detail=detail)


def _labels(metric: Any) -> str:
    if not isinstance(metric, dict):
        return ""
    return ", ".join(f"{name}={value}" for name, value in sorted(metric.items()))[:300]
