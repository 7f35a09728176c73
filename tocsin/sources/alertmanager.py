"""Takes alerts from Alertmanager's webhook (message version 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from tocsin.core.alert import Alert
from tocsin.errors import Invalid
from tocsin.plug.guarding import Guarded
from tocsin.plug.kinds import Example, Inbound
from tocsin.wire import convert, read_json

EXAMPLES = (
    Example(
        given=b"""{
            "version": "4", "groupKey": "{}:{alertname=\\"QueueStuck\\"}", "truncatedAlerts": 0, "status": "firing",
            "receiver": "tocsin", "groupLabels": {"alertname": "QueueStuck"}, "commonLabels": {},
            "commonAnnotations": {}, "externalURL": "http://alertmanager.example.org",
            "alerts": [
                {"status": "firing", "labels": {"alertname": "QueueStuck", "queue": "mail"},
                 "annotations": {"summary": "212 mails are waiting"}, "startsAt": "2026-11-20T23:17:31.031244713Z",
                 "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus.example.org/graph?g0.expr=1",
                 "fingerprint": "0123456789abcdef"},
                {"status": "resolved", "labels": {"alertname": "DiskFull", "host": "db1"}, "annotations": {},
                 "startsAt": "2026-11-20T22:17:31Z", "endsAt": "2026-11-20T23:17:36Z", "generatorURL": ""}
            ]}""",
        gives=("QueueStuck", "DiskFull"),
    ),
    Example(settings={"token": "not-a-real-one"}),
)

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One alert as the message tells it. Source: prometheus/alertmanager template.Alert; other keys are ignored."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] | None = None
    startsAt: str = ""  # noqa: N815
    endsAt: str = ""  # noqa: N815
    generatorURL: str = ""  # noqa: N815


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    alerts: list[_Told]
    version: str = "4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alertmanager(Guarded):
    """Takes the webhook messages of Prometheus Alertmanager.

    Each alert counts by its own status; the status of the whole message says nothing about the single ones.
    """

    name: Annotated[str, "How the source is called on the timeline"] = "alertmanager"

    def parse(self, inbound: Inbound) -> list[Alert]:
        """The alerts in the message; raises `Unauthorized`, or `Invalid` with the place of the fault."""
        self.admit(inbound)
        message = convert(_Message, read_json(inbound.body))
        if message.version != "4":
            raise Invalid(f'version {message.version[:20]!r} is not known; expected "4".', where="$.version")
        return [self._alert(told, f"$.alerts[{n}]", inbound.received_at) for n, told in enumerate(message.alerts)]

    def _alert(self, told: _Told, where: str, received_at: datetime) -> Alert:
        labels = {name: value for name, value in told.labels.items() if value}  # to Prometheus an empty label is none
        if not labels:
            raise Invalid("at least one label is needed.", where=f"{where}.labels")
        ends_at = _moment(told.endsAt, f"{where}.endsAt")
        if told.status == "resolved" and ends_at is None:
            ends_at = received_at
        return Alert(
            source=self.name,
            labels=labels,
            annotations=told.annotations or {},
            status=told.status,
            starts_at=_moment(told.startsAt, f"{where}.startsAt") or received_at,
            ends_at=ends_at,
            updated_at=received_at,
            url=told.generatorURL if told.generatorURL.startswith(("http://", "https://")) else "",
        )


def _moment(text: str, where: str) -> datetime | None:
    """RFC 3339 with up to nine digits of a second → UTC; the year 1 is how Go says "no time"."""
    if not text or text.startswith("0001-01-01"):
        return None
    try:
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Invalid(f"{text[:40]!r} is not a time; expected for example 2026-11-20T23:17:31Z.", where=where)
