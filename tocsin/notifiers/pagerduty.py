"""Sends incidents to PagerDuty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from tocsin.core.notices import Notice
from tocsin.errors import Invalid
from tocsin.plug.addresses import check_networks
from tocsin.plug.kinds import Address, Example, Receipt, Secret
from tocsin.plug.outgoing import cut, one_line, plain, send, titled
from tocsin.wire import read_json

EXAMPLES = (
    Example(settings={"routing_key": "not-a-real-one-not-a-real-one-32"}),
    Example(settings={"routing_key": "not-a-real-one-not-a-real-one-32", "severity": "critical"}),
)

Rank = Literal["critical", "error", "warning", "info"]
_KEY_LENGTH, _LONGEST_SUMMARY, _LONGEST_DEDUP, _LONGEST_DETAIL = 32, 1024, 255, 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pagerduty:
    """Sends each notice as an event to PagerDuty, one alert there for each incident here.

    A page triggers, an acknowledgement acknowledges, the end resolves; the key of the alert is the incident's, so
    repetitions join it. Source: PagerDuty, Events API v2.
    """

    reaches: ClassVar[str] = "pager"
    uses: ClassVar[tuple[str, ...]] = ()
    bundles: ClassVar[bool] = False

    routing_key: Annotated[Secret, "The integration key of the service (32 characters)"]
    severity: Annotated[Rank, "How bad PagerDuty shall take what it gets"] = "critical"
    url: Annotated[str, "Where events are posted to"] = "https://events.pagerduty.com/v2/enqueue"
    source: Annotated[str, "What the events say that they are about"] = "tocsin"
    allow: Annotated[bool | tuple[str, ...], "Networks that may be posted to besides public ones"] = False

    def __post_init__(self) -> None:
        if len(self.routing_key.value) != _KEY_LENGTH:
            raise ValueError(f"routing_key has {len(self.routing_key.value)} characters; PagerDuty's have 32.")
        check_networks(() if isinstance(self.allow, bool) else self.allow)

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:
        """Post once; raises `Undelivered`. An event is taken (202) before anybody is paged there."""
        what = f"PagerDuty for {to.name}"
        said = send(self.url, self.event(notice), timeout, what=what, allow=self.allow)
        if notice.kind == "test":
            over = {**self.event(notice), "event_action": "resolve"}
            send(self.url, over, timeout, what=what, allow=self.allow)
        return Receipt(reference=_key_of(said))

    def event(self, notice: Notice) -> dict[str, Any]:
        """The event: equal for every repetition of a notice."""
        key = notice.incident if notice.kind != "test" else notice.id
        event: dict[str, Any] = {
            "routing_key": self.routing_key.value,
            "event_action": action(notice),
            "dedup_key": cut(f"tocsin/{key}", _LONGEST_DEDUP),
            "client": "Tocsin",
            "payload": {
                "summary": titled(notice, _LONGEST_SUMMARY),
                "source": one_line(self.source, _LONGEST_DEDUP) or "tocsin",
                "severity": "info" if notice.drill or notice.kind == "test" else self.severity,
                "class": one_line(notice.severity, 100),
                "custom_details": {
                    "text": cut(plain(notice.body), _LONGEST_DETAIL), "why": plain(notice.why),
                    "incident": notice.incident,
                },
            },
        }  # fmt: skip
        if notice.url.startswith("https://"):
            event |= {"client_url": notice.url, "links": [{"href": notice.url, "text": "The incident"}]}
        return event


def action(notice: Notice) -> str:
    """What the event does to the alert there. A page always triggers: it joins the open alert, or opens one."""
    if notice.kind in ("page", "approval", "test"):
        return "trigger"
    return {"resolved": "resolve", "acknowledged": "acknowledge"}.get(notice.status, "trigger")


def _key_of(said: bytes) -> str:
    try:
        answer = read_json(said)
    except Invalid:
        return "taken"
    return str(answer.get("dedup_key", "taken"))[:255] if isinstance(answer, dict) else "taken"
