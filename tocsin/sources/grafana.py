"""Takes alerts from the webhook contact point of Grafana's own alerting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from tocsin.core.alert import Alert
from tocsin.errors import Invalid
from tocsin.plug import heard
from tocsin.plug.guarding import Guarded, check_signature, fingerprint_of
from tocsin.plug.kinds import NO_SECRET, Example, Inbound, Secret
from tocsin.wire import read_json

EXAMPLES = (
    Example(
        given=b"""{"receiver": "tocsin", "status": "firing", "state": "alerting", "orgId": 1, "version": "1",
            "title": "[FIRING:1] BreadBurnt", "groupKey": "{}:{alertname=\\"BreadBurnt\\"}", "truncatedAlerts": 0,
            "alerts": [{"status": "firing", "labels": {"alertname": "BreadBurnt", "oven": "2"},
                "annotations": {"summary": "Black bread"}, "startsAt": "2026-11-20T23:17:31.031244713Z",
                "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "https://grafana.example.org/alerting/1",
                "fingerprint": "0123456789abcdef", "values": {"A": 240.5}, "valueString": "[ var='A' value=240.5 ]",
                "dashboardURL": "https://grafana.example.org/d/ovens", "ruleUID": "abc"}]}""",
        gives=("BreadBurnt",),
    ),
    Example(settings={"secret": "not-a-real-one", "timestamp_header": "X-Grafana-Alerting-Timestamp"}),
)

_LINKS = {"dashboard": "dashboardURL", "panel": "panelURL", "silence": "silenceURL", "image": "imageURL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grafana(Guarded):
    """Takes the messages of Grafana's webhook contact point, as they are without a custom payload.

    Each alert counts by its own status. Where the contact point signs, set the same secret here; with a timestamp
    header, which Grafana then signs too, a recorded message is refused.
    """

    name: Annotated[str, "How the source is called on the timeline"] = "grafana"
    secret: Annotated[Secret, "The secret of the contact point's HMAC signature"] = NO_SECRET
    signature_header: Annotated[str, "The header that holds the signature"] = "X-Grafana-Alerting-Signature"
    timestamp_header: Annotated[str, "The header that holds the time of signing; empty where none is set"] = ""
    severities: Annotated[Mapping[str, str], "The label severity → the runbook's severities"] = field(
        default_factory=dict
    )

    @property
    def guarded(self) -> bool:
        """Whether the source itself looks who sends."""
        return bool(self.token.value or self.secret.value)

    def admit(self, inbound: Inbound) -> None:
        """Raise `Unauthorized` unless token and signature, as far as they are set, are right."""
        Guarded.admit(self, inbound)
        if self.secret.value:
            check_signature(inbound, self.secret, self.signature_header, timestamp=self.timestamp_header)

    def parse(self, inbound: Inbound) -> list[Alert]:
        """The alerts in the message; raises `Unauthorized`, or `Invalid` with the place of the fault."""
        self.admit(inbound)
        message = heard.record(read_json(inbound.body))
        return [self._alert(told, where, inbound) for where, told in heard.records(message.get("alerts"), "$.alerts")]

    def message(self, inbound: Inbound) -> str:
        """A name of a message whose time was signed; others may be the same because nothing has changed."""
        timed = bool(self.secret.value and self.timestamp_header)
        return fingerprint_of(inbound, self.timestamp_header) if timed else ""

    def _alert(self, told: dict[str, Any], where: str, inbound: Inbound) -> Alert:
        labels = heard.filled(heard.record(told.get("labels"), f"{where}.labels"))
        status = told.get("status")
        if not labels:
            raise Invalid("at least one label is needed.", where=f"{where}.labels")
        if status not in ("firing", "resolved"):
            raise Invalid(f"{str(status)[:20]!r} is neither firing nor resolved.", where=f"{where}.status")
        if "severity" in labels:
            labels["severity"] = heard.level(labels["severity"], self.severities)
        notes = heard.filled(told["annotations"]) if isinstance(told.get("annotations"), dict) else {}
        more = heard.filled({"values": heard.word(told.get("valueString"))[: heard.LONGEST_DETAILS]})
        more |= heard.filled({name: heard.link(told.get(key)) for name, key in _LINKS.items()})
        ended = heard.moment(told.get("endsAt"))
        return Alert(
            source=self.name, labels=labels, annotations={**more, **notes}, status=status,
            starts_at=heard.moment(told.get("startsAt")) or inbound.received_at,
            ends_at=(ended or inbound.received_at) if status == "resolved" else ended,
            updated_at=inbound.received_at, url=heard.link(told.get("generatorURL")),
        )  # fmt: skip
