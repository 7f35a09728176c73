"""Takes alerts from Datadog's webhooks integration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from tocsin.core.alert import Alert
from tocsin.errors import Invalid
from tocsin.plug import heard
from tocsin.plug.guarding import Guarded
from tocsin.plug.kinds import Example, Inbound
from tocsin.wire import read_json

EXAMPLES = (
    Example(
        given=b"""{"title": "[Triggered on {host:tram-1}] Brakes are hot", "cycle": "5012", "transition": "Triggered",
            "priority": "P2", "scope": "host:tram-1", "tags": "line:7,monitor", "id": "81", "date": "1795216651000",
            "link": "https://app.example.org/event/81", "body": "Brake 3 has 410 degrees"}""",
        gives=("Brakes are hot",),
    ),
    Example(
        given=b"""{"id": "82", "title": "[Recovered] Brakes are hot", "body": "All is cool",
            "event_type": "query_alert_monitor", "date": "1795216951000", "last_updated": "1795216951000",
            "org": {"id": "1", "name": "Trams"}}""",
        gives=("Brakes are hot",),
    ),
    Example(settings={"token": "not-a-real-one"}),
)

_TITLE = re.compile(
    r"\s*\[((?:Re-|Re)?(?:Triggered|Warn|No Data|NoData|Recovered|Notify|Monitor Alert))(?: on \{[^]]*)?\]\s*",
    re.IGNORECASE,
)
_OVER = ("recovered", "resolved", "ok")
_UNFILLED = re.compile(r"\$[A-Z_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Datadog(Guarded):
    """Takes the messages of Datadog's webhooks, in the payload that the guide gives or in Datadog's own default.

    What has the same cycle key is one alert until it has recovered; without one, as in the default, what has the same
    title is. Datadog signs nothing: let it send the token as a custom header.
    """

    name: Annotated[str, "How the source is called on the timeline"] = "datadog"
    severities: Annotated[Mapping[str, str], "P1 … P5 → the runbook's severities"] = field(default_factory=dict)

    def parse(self, inbound: Inbound) -> list[Alert]:
        """The alert in the message; raises `Unauthorized`, or `Invalid` with the place of the fault."""
        self.admit(inbound)
        message = heard.record(read_json(inbound.body))
        told = {key: "" if _UNFILLED.fullmatch(heard.word(item)) else item for key, item in message.items()}
        title = heard.word(told.get("title"))
        found = _TITLE.match(title)
        plain = title[found.end() :].strip() if found else title
        if not plain:
            raise Invalid("there is no name for the alert.", where="$.title")
        transition = heard.word(told.get("transition")) or (found[1].strip() if found else "")
        return [self._alert(told, plain, transition, inbound)]

    def _alert(self, told: dict[str, Any], title: str, transition: str, inbound: Inbound) -> Alert:
        over = transition.lower() in _OVER
        labels = {
            "alertname": title, "severity": heard.level(heard.word(told.get("priority")), self.severities),
            "scope": told.get("scope"), "tags": told.get("tags"),
        }  # fmt: skip
        notes = {
            "summary": heard.word(told.get("body"))[: heard.LONGEST_DETAILS] or title, "state": transition,
            "event": told.get("id"), "query": told.get("query"),
        }  # fmt: skip
        return Alert(
            source=self.name, key=heard.word(told.get("cycle")) or f"title:{title}", labels=heard.filled(labels),
            annotations=heard.filled(notes), status="resolved" if over else "firing",
            starts_at=heard.moment(told.get("date")) or inbound.received_at, updated_at=inbound.received_at,
            ends_at=inbound.received_at if over else None, url=heard.link(told.get("link")),
        )  # fmt: skip
