"""``GET /metrics``: how Tocsin itself is doing, in Prometheus' text format 0.0.4. Counts only: no name, no text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from starlette.responses import Response

from tocsin import __version__
from tocsin.app import App
from tocsin.service import claiming
from tocsin.store import alerts, incidents, outbox, runs
from tocsin.store.db import Tx
from tocsin.web.endpoints import Call, Endpoint

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """A family of samples: labels → value."""

    name: str
    kind: Literal["gauge", "counter"]
    says: str
    samples: Mapping[Labels, float]

    def lines(self) -> Iterator[str]:
        """As Prometheus reads it."""
        yield f"# HELP {self.name} {self.says}"
        yield f"# TYPE {self.name} {self.kind}"
        for labels, value in self.samples.items():
            inner = ",".join(f'{name}="{_escape(text)}"' for name, text in labels)
            yield f"{self.name}{{{inner}}} {value}" if inner else f"{self.name} {value}"


def page(call: Call) -> Response:
    """The whole page."""
    lines = [line for metric in measure(call.app) for line in metric.lines()]
    return Response("\n".join(lines) + "\n", media_type=MEDIA_TYPE)


def measure(app: App) -> list[Metric]:
    """Every metric, from one snapshot of the database."""
    return app.db.read(lambda tx: _measure(app, tx, app.clock.now()))


def _measure(app: App, tx: Tx, now: datetime) -> list[Metric]:
    open_ones = incidents.open_ones(tx)
    severities = Counter[Labels]((("severity", each.severity), ("status", each.status)) for each in open_ones)
    waiting = sum(len(incident.waiting_approvals) for incident in open_ones)
    merging, oldest_alert = claiming.backlog(app, tx)
    due, oldest_notice = outbox.backlog(tx, now)
    return [
        Metric("tocsin_build_info", "gauge", "The version that runs.", {(("version", __version__),): 1}),
        Metric("tocsin_incidents_open", "gauge", "Incidents that are not resolved.", severities),
        Metric("tocsin_alerts_firing", "gauge", "Alerts that fire.", _one(alerts.count_firing(tx, now))),
        Metric("tocsin_approvals_waiting", "gauge", "Commands that wait for a person.", _one(waiting)),
        Metric("tocsin_intake_backlog", "gauge", "Messages accepted and not merged yet.", _one(merging)),
        Metric("tocsin_intake_oldest_seconds", "gauge", "Age of the oldest of them.", _age(oldest_alert, now)),
        Metric("tocsin_outbox_backlog", "gauge", "Notices that are due.", _one(due)),
        Metric("tocsin_outbox_oldest_seconds", "gauge", "For how long the oldest has been due.",
               _age(oldest_notice, now)),
        Metric("tocsin_outbox_dead", "gauge", "Notices that were given up.", _one(outbox.counts(tx).get("dead", 0))),
        Metric("tocsin_runs", "gauge", "Runs of commands, by what has become of them.",
               {(("status", status),): amount for status, amount in runs.counts(tx).items()}),
    ]  # fmt: skip


def _one(value: float) -> dict[Labels, float]:
    return {(): value}


def _age(since: datetime | None, now: datetime) -> dict[Labels, float]:
    return _one(max(0.0, (now - since).total_seconds()) if since else 0.0)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


ENDPOINTS = (
    Endpoint(method="GET", path="/metrics", says="How Tocsin is doing, for Prometheus.", serve=page, door="open"),
)
