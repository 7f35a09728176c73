"""Takes alerts from the webhooks of a Sentry integration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from tocsin.core.alert import Alert
from tocsin.errors import Invalid
from tocsin.plug import heard
from tocsin.plug.guarding import Guarded, check_signature, check_time, fingerprint_of
from tocsin.plug.kinds import NO_SECRET, Example, Inbound, Secret
from tocsin.wire import read_json

EXAMPLES = (
    Example(
        headers={"Sentry-Hook-Resource": "event_alert"},
        given=b"""{"action": "triggered", "data": {"triggered_rule": "Many errors in the till", "event": {
            "title": "KeyError: price", "event_id": "e1", "issue_id": "77", "level": "error", "project": 4,
            "web_url": "https://sentry.example.org/issues/77/events/e1/", "culprit": "till.sum",
            "tags": [["environment", "shop"], ["release", "42"]]}}}""",
        gives=("Many errors in the till",),
    ),
    Example(
        headers={"Sentry-Hook-Resource": "metric_alert"},
        given=b"""{"action": "resolved", "data": {"description_title": "Resolved: Slow till",
            "web_url": "https://sentry.example.org/alerts/9/", "metric_alert": {"id": "9",
            "alert_rule": {"name": "Slow till"}}}}""",
        gives=("Slow till",),
    ),
    Example(settings={"secret": "not-a-real-one"}),
)

SIGNATURE, TIME, RESOURCE = "Sentry-Hook-Signature", "Sentry-Hook-Timestamp", "Sentry-Hook-Resource"
_STATUS = {"critical": "critical", "warning": "warning", "resolved": "", "ok": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentry(Guarded):
    """Takes issue alerts (event_alert), metric alerts and resolved issues from an internal integration of Sentry.

    The alert's name, by which a scenario is found, is the name of the alert rule. Sentry says nothing when an issue
    alert is over; that its issue was resolved counts as that. Other messages are taken and tell nothing.
    """

    name: Annotated[str, "How the source is called on the timeline"] = "sentry"
    secret: Annotated[Secret, "The integration's client secret, with which Sentry signs"] = NO_SECRET
    severities: Annotated[
        Mapping[str, str], "Levels (critical, warning; fatal, error, info) → the runbook's severities"
    ] = field(default_factory=dict)

    @property
    def guarded(self) -> bool:
        """Whether the source itself looks who sends."""
        return bool(self.token.value or self.secret.value)

    def admit(self, inbound: Inbound) -> None:
        """Raise `Unauthorized` unless token and signature, as far as they are set, are right, and the time is now."""
        Guarded.admit(self, inbound)
        if self.secret.value:
            check_signature(inbound, self.secret, SIGNATURE)
            check_time(inbound, TIME)

    def parse(self, inbound: Inbound) -> list[Alert]:
        """The alert in the message, if it tells one; raises `Unauthorized`, or `Invalid` with the place."""
        self.admit(inbound)
        message = heard.record(read_json(inbound.body))
        resource, action = inbound.header(RESOURCE), heard.word(message.get("action"))
        if not resource:
            raise Invalid(f"the header {RESOURCE} is missing, so this can't be read.", "Sentry sends it.")
        data = heard.record(message.get("data"), "$.data")
        if resource == "event_alert":
            return [self._issue_alert(heard.record(data.get("event"), "$.data.event"), data, inbound)]
        if resource == "metric_alert":
            return [self._metric_alert(data, action, inbound)]
        if resource == "issue" and action == "resolved":
            issue = heard.word(heard.record(data.get("issue"), "$.data.issue").get("id"))
            return [self._told(f"issue:{issue}", {}, {}, "", inbound, over=True)] if issue else []
        return []

    def message(self, inbound: Inbound) -> str:
        """A name of the message: Sentry signs no time, so one that was recorded is known by its content."""
        return fingerprint_of(inbound) if self.secret.value else inbound.header("Request-ID")

    def _issue_alert(self, event: dict[str, Any], data: dict[str, Any], inbound: Inbound) -> Alert:
        title, issue = heard.word(event.get("title")), heard.word(event.get("issue_id"))
        if not issue:
            raise Invalid("there is no issue.", where="$.data.event.issue_id")
        level = heard.word(event.get("level"))
        pairs = event.get("tags") if isinstance(event.get("tags"), list) else []
        tags = {heard.word(pair[0]): pair[1] for pair in pairs or [] if isinstance(pair, list) and len(pair) == 2}
        labels = {
            "alertname": heard.word(data.get("triggered_rule")) or title,
            "severity": heard.level(level, self.severities),
            "project": event.get("project"), "environment": tags.get("environment"), "issue": issue,
        }  # fmt: skip
        notes = {"summary": title, "culprit": event.get("culprit"), "release": tags.get("release")}
        return self._told(f"issue:{issue}", labels, notes, heard.link(event.get("web_url")), inbound)

    def _metric_alert(self, data: dict[str, Any], action: str, inbound: Inbound) -> Alert:
        alert = heard.record(data.get("metric_alert"), "$.data.metric_alert")
        rule = heard.record(alert.get("alert_rule"), "$.data.metric_alert.alert_rule")
        if action not in _STATUS:
            raise Invalid(f"{action[:20]!r} is not one of {', '.join(_STATUS)}.", where="$.action")
        key = heard.word(alert.get("id")) or heard.word(rule.get("name"))
        if not key:
            raise Invalid("neither the alert nor its rule has a name.", where="$.data.metric_alert.id")
        labels = {
            "alertname": heard.word(rule.get("name")) or heard.word(data.get("description_title")),
            "severity": heard.level(_STATUS[action], self.severities),
        }
        notes = {"summary": data.get("description_title"), "description": data.get("description_text")}
        address = heard.link(data.get("web_url"))
        return self._told(f"metric:{key}", labels, notes, address, inbound, over=not _STATUS[action])

    def _told(
        self, key: str, labels: Mapping[str, object], notes: Mapping[str, object], url: str, inbound: Inbound, *,
        over: bool = False,
    ) -> Alert:  # fmt: skip
        return Alert(
            source=self.name, key=key, labels=heard.filled(labels), annotations=heard.filled(notes), url=url,
            status="resolved" if over else "firing", starts_at=inbound.received_at, updated_at=inbound.received_at,
            ends_at=inbound.received_at if over else None,
        )  # fmt: skip
