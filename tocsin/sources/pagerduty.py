"""Takes events in the shape of PagerDuty's Events API, version 2."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from tocsin.core.alert import Alert
from tocsin.core.change import Change
from tocsin.errors import Invalid, Unauthorized
from tocsin.plug import heard
from tocsin.plug.guarding import Guarded, fingerprint_of
from tocsin.plug.kinds import Example, Inbound
from tocsin.wire import read_json

EXAMPLES = (
    Example(
        given=b"""{"routing_key": "0123456789abcdef0123456789abcdef", "event_action": "trigger", "dedup_key": "oven-2",
            "payload": {"summary": "Oven 2 is cold", "source": "oven-2", "severity": "critical", "class": "OvenCold",
                        "custom_details": {"degrees": 40}},
            "links": [{"href": "https://bakery.example.org/ovens/2", "text": "Oven 2"}]}""",
        gives=("OvenCold",),
    ),
    Example(settings={"token": "not-a-real-one", "severities": {"critical": "P1"}}),
)

ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")
LONGEST_KEY = 255
LONGEST_SUMMARY = 1024
_SELECTS = ("scenario", "runbook", "tocsin_drill")
_NAMED = re.compile(r"^ - alertname = (.{1,300})$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagerDuty(Guarded):
    """Takes the events of PagerDuty's own clients, at `/v2/enqueue` and `/v2/change/enqueue`.

    The token is the integration key, which they send as `routing_key`. What has the same `dedup_key` is one alert until
    it is resolved. The alert's name, by which a scenario is found, is `alertname` of `custom_details`, else the name
    that Alertmanager writes there, else `class`, else the summary.
    """

    name: Annotated[str, "How the source is called on the timeline"] = "pagerduty"
    severities: Annotated[Mapping[str, str], "critical, error, warning, info → the runbook's severities"] = field(
        default_factory=dict
    )
    acknowledge: Annotated[bool, "Whether an acknowledgement over there counts for the incident; else it is noted"] = (
        True
    )

    def admit(self, inbound: Inbound) -> None:
        """Raise `Unauthorized` unless the token, where one is set, is the event's ``routing_key``, or is borne."""
        if not self.token.value or inbound.bears(self.token):
            return
        try:
            shown = routing_key(read_json(inbound.body))
        except Invalid:
            shown = ""
        if not hmac.compare_digest(shown.encode("utf-8", "replace"), self.token.value.encode()):
            raise Unauthorized("The routing key is missing or wrong.", "Send this source's token as routing_key.")

    def parse(self, inbound: Inbound) -> list[Alert]:
        """The alert that the event is about; raises `Unauthorized`, or `Invalid` with everything that is wrong."""
        self.admit(inbound)
        event = heard.record(read_json(inbound.body))
        wrong = faults(event)
        if wrong:
            raise Invalid(f"{'; '.join(wrong)}.", where="$")
        return [self.hear(event, heard.word(event.get("dedup_key")) or fingerprint_of(inbound), inbound)]

    def hear(self, event: dict[str, Any], key: str, inbound: Inbound) -> Alert:
        """What an event without `faults` tells of the alert with this key."""
        action, now = event["event_action"], inbound.received_at
        if action == "trigger":
            return self._alert(event, key, inbound)
        quiet = Alert(source=self.name, key=key, labels={}, starts_at=now, updated_at=now)
        if action == "resolve":
            return replace(quiet, status="resolved", ends_at=now)
        return replace(quiet, acknowledged="here" if self.acknowledge else "there")

    def _alert(self, event: dict[str, Any], key: str, inbound: Inbound) -> Alert:
        payload = event["payload"]
        given = payload.get("custom_details")
        known: dict[str, Any] = given if isinstance(given, dict) else {}
        summary = heard.word(payload["summary"])[:LONGEST_SUMMARY]
        labels = {
            "alertname": _name(known) or heard.word(payload.get("class")) or summary,
            "severity": heard.level(payload["severity"], self.severities),
            **{name: payload.get(name) for name in ("source", "component", "group", "class")},
            **{name: known.get(name) for name in _SELECTS},
        }
        annotations = {
            "summary": summary, "details": heard.details(given), "links": heard.links(event.get("links")),
            "images": heard.links(event.get("images")), "client": event.get("client"),
            "runbook_url": heard.link(known.get("runbook_url")),
        }  # fmt: skip
        return Alert(
            source=self.name, key=key, labels=heard.filled(labels), annotations=heard.filled(annotations),
            starts_at=heard.moment(payload.get("timestamp")) or inbound.received_at, updated_at=inbound.received_at,
            url=heard.link(event.get("client_url")),
        )  # fmt: skip


def routing_key(event: object) -> str:
    """The integration key in an event; empty where there is none."""
    return heard.word(event.get("routing_key")) if isinstance(event, dict) else ""


def faults(event: Mapping[str, Any]) -> list[str]:
    """What is wrong with an event about an alert, each in PagerDuty's manner of saying it."""
    wrong = []
    action, key = event.get("event_action"), event.get("dedup_key")
    if action not in ACTIONS:
        wrong.append(_wrong("event_action", action, ACTIONS))
    if key is not None and (not isinstance(key, str) or len(key) > LONGEST_KEY):
        wrong.append(f"'dedup_key' is not a text of at most {LONGEST_KEY} characters")
    if action in ("acknowledge", "resolve") and not heard.word(key):
        wrong.append("'dedup_key' is missing or blank")
    if action == "trigger":
        wrong += _faults_of_payload(event.get("payload"))
    return wrong


def faults_of_change(event: Mapping[str, Any]) -> list[str]:
    """What is wrong with a change event."""
    payload = event.get("payload")
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    return [] if heard.word(payload.get("summary")) else ["'payload.summary' is missing or blank"]


def change(source: str, event: Mapping[str, Any], inbound: Inbound) -> Change:
    """The change that a change event tells; raises `Invalid` with everything that is wrong."""
    wrong = faults_of_change(event)
    if wrong:
        raise Invalid(f"{'; '.join(wrong)}.", where="$")
    payload = event["payload"]
    given = payload.get("custom_details")
    known: dict[str, Any] = given if isinstance(given, dict) else {}
    first = event.get("links") if isinstance(event.get("links"), list) else []
    addresses = [heard.link(one.get("href")) for one in first or [] if isinstance(one, dict)]
    return Change(
        source=source, kind="change", what=heard.word(payload["summary"])[:LONGEST_SUMMARY],
        where=heard.word(payload.get("source")), who=heard.word(known.get("who") or known.get("user")),
        at=heard.moment(payload.get("timestamp")) or inbound.received_at, url=next(filter(None, addresses), ""),
    )  # fmt: skip


def _faults_of_payload(payload: object) -> list[str]:
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    wrong = [
        f"'payload.{name}' is missing or blank" for name in ("summary", "source") if not heard.word(payload.get(name))
    ]
    severity = payload.get("severity")
    return wrong if severity in SEVERITIES else [*wrong, _wrong("payload.severity", severity, SEVERITIES)]


def _wrong(name: str, given: object, known: tuple[str, ...]) -> str:
    if given is None or given == "":
        return f"'{name}' is missing or blank"
    words = ", ".join(f"'{one}'" for one in known[:-1])
    return f"'{name}' is invalid (must be one of the following: {words} or '{known[-1]}')"


def _name(known: Mapping[str, Any]) -> str:
    """The alert's name in the details: said outright, or by every alert of the list that Alertmanager writes there."""
    names = set(_NAMED.findall(heard.word(known.get("firing"))))
    return heard.word(known.get("alertname")) or (names.pop().strip() if len(names) == 1 else "")
