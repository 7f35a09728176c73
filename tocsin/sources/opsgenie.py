"""Takes alerts in the shape of Opsgenie's Alert API."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from tocsin.core.alert import Alert
from tocsin.errors import Invalid, Unauthorized
from tocsin.plug import heard
from tocsin.plug.guarding import Guarded, fingerprint_of
from tocsin.plug.kinds import Example, Inbound
from tocsin.wire import read_json

EXAMPLES = (
    Example(
        given=b"""{"message": "The ferry does not leave", "alias": "ferry-7", "priority": "P1", "entity": "pier 2",
            "tags": ["pier", "night"], "details": {"alertname": "FerryStuck"}}""",
        gives=("FerryStuck",),
    ),
    Example(settings={"token": "not-a-real-one"}),
)

PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
LONGEST_MESSAGE = 130
LONGEST_ALIAS = 512
Word = Literal["close", "acknowledge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opsgenie(Guarded):
    """Takes what clients of Opsgenie's Alert API send to `/v2/alerts`: create, acknowledge, close.

    The token is the API key, which they send as `Authorization: GenieKey …`. What has the same alias is one alert until
    it is closed. The alert's name, by which a scenario is found, is `alertname` of `details`, else the message.
    """

    name: Annotated[str, "How the source is called on the timeline"] = "opsgenie"
    severities: Annotated[Mapping[str, str], "P1 … P5 → the runbook's severities"] = field(default_factory=dict)
    acknowledge: Annotated[bool, "Whether an acknowledgement over there counts for the incident; else it is noted"] = (
        True
    )

    def admit(self, inbound: Inbound) -> None:
        """Raise `Unauthorized` unless the token, where one is set, is the GenieKey, or is borne."""
        if not self.token.value or inbound.bears(self.token):
            return
        if not hmac.compare_digest(genie_key(inbound).encode("utf-8", "replace"), self.token.value.encode()):
            raise Unauthorized("The API key is missing or wrong.", "Send `Authorization: GenieKey …`.")

    def parse(self, inbound: Inbound) -> list[Alert]:
        """The alert that is created; raises `Unauthorized`, or `Invalid` with what is wrong."""
        self.admit(inbound)
        body = heard.record(read_json(inbound.body))
        message, alias = heard.word(body.get("message")), heard.word(body.get("alias"))
        if not message:
            raise Invalid("Message can not be empty.", where="$.message")
        if len(alias) > LONGEST_ALIAS:
            raise Invalid(f"an alias has at most {LONGEST_ALIAS} characters.", where="$.alias")
        priority = body.get("priority") or "P3"
        if priority not in PRIORITIES:
            raise Invalid(f"{str(priority)[:20]!r} is not one of {', '.join(PRIORITIES)}.", where="$.priority")
        return [self._alert(body, message, alias or fingerprint_of(inbound), inbound)]

    def _alert(self, body: dict[str, Any], message: str, alias: str, inbound: Inbound) -> Alert:
        given = body.get("details")
        known: dict[str, Any] = given if isinstance(given, dict) else {}
        tags = body.get("tags")
        labels = {
            "alertname": heard.word(known.get("alertname")) or message,
            "severity": heard.level(body.get("priority") or "P3", self.severities),
            "entity": body.get("entity"), "source": body.get("source"),
            **{name: known.get(name) for name in ("scenario", "runbook", "tocsin_drill")},
        }  # fmt: skip
        annotations = {
            "summary": message, "description": heard.word(body.get("description"))[: heard.LONGEST_DETAILS],
            "details": heard.details(given), "runbook_url": heard.link(known.get("runbook_url")),
            "tags": ", ".join(map(heard.word, tags)) if isinstance(tags, list) else "",
        }  # fmt: skip
        return Alert(
            source=self.name, key=alias, labels=heard.filled(labels), annotations=heard.filled(annotations),
            starts_at=inbound.received_at, updated_at=inbound.received_at,
            url=heard.link(body.get("source")),
        )  # fmt: skip

    def say(self, word: Word, alias: str, inbound: Inbound) -> list[Alert]:
        """What closing or acknowledging an alert tells: nothing but that. Raises `Invalid`."""
        if len(alias) > LONGEST_ALIAS:
            raise Invalid(f"an identifier has at most {LONGEST_ALIAS} characters.", where="identifier")
        body = heard.record(read_json(inbound.body)) if inbound.body.strip() else {}
        annotations = heard.filled({"who": body.get("user"), "note": heard.word(body.get("note"))[:1000]})
        counts: Literal["here", "there"] = "here" if self.acknowledge else "there"
        return [
            Alert(
                source=self.name, key=alias, labels={}, starts_at=inbound.received_at, updated_at=inbound.received_at,
                annotations=annotations if word == "acknowledge" else {},
                status="resolved" if word == "close" else "firing",
                ends_at=inbound.received_at if word == "close" else None,
                acknowledged=counts if word == "acknowledge" else "",
            )
        ]  # fmt: skip


def genie_key(inbound: Inbound) -> str:
    """The API key in the request's head; empty where there is none."""
    scheme, _, word = inbound.header("authorization").strip().partition(" ")
    return word.strip() if scheme.lower() == "geniekey" else ""
