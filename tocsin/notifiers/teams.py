"""Posts notices to Microsoft Teams."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from tocsin.core.notices import Notice
from tocsin.errors import Undelivered
from tocsin.plug.addresses import check_networks
from tocsin.plug.kinds import NO_SECRET, Address, Example, Receipt, Secret
from tocsin.plug.outgoing import cut, links, parts, send, titled

EXAMPLES = (
    Example(),
    Example(settings={"webhook": "https://prod-01.logic.example.org/workflows/not-a-real-one"}),
)

_LONGEST = 12_000
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams:
    """Posts each notice as an Adaptive Card to a channel of Teams, by a webhook of Workflows.

    In Teams: the channel's menu, Workflows, "Post to a channel when a webhook request is received". The address is a
    secret. A person's or channel's ``url`` stands in for it. Source: Microsoft, Adaptive Cards 1.4 and the Workflows
    webhook's body.
    """

    reaches: ClassVar[str] = "chat"
    uses: ClassVar[tuple[str, ...]] = ("url",)

    webhook: Annotated[Secret, "Address of the webhook, for receivers that have no url of their own"] = NO_SECRET
    allow: Annotated[bool | tuple[str, ...], "Networks that may be posted to besides public ones"] = False

    def __post_init__(self) -> None:
        check_networks(() if isinstance(self.allow, bool) else self.allow)

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:
        """Post once; raises `Undelivered`. A 202 means that the workflow has begun."""
        url = to.fields.get("url") or self.webhook.value
        if not url:
            raise Undelivered(f"{to.name} has no webhook.", "Set webhook for the notifier.", permanent=True)
        send(url, card(notice), timeout, what=f"Teams for {to.name}", allow=self.allow)
        return Receipt(reference="posted")


def card(notice: Notice) -> dict[str, Any]:
    """The message. Cards read Markdown in text blocks, so what a stranger wrote is escaped."""
    body = [
        {"type": "TextBlock", "text": escape(titled(notice)), "weight": "Bolder", "size": "Medium", "wrap": True},
        *(
            {"type": "TextBlock", "text": escape(line), "wrap": True, "spacing": "Small"}
            for line in cut(parts(notice), _LONGEST).split("\n")
            if line.strip()
        ),
    ]
    content: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
        "body": body,
    }  # fmt: skip
    if found := links(notice):
        content["actions"] = [{"type": "Action.OpenUrl", "title": label, "url": url} for label, url in found]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def escape(text: str) -> str:
    """The text, shown as it is: no emphasis, no link, no ``<at>`` that calls somebody."""
    return _MARKDOWN.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))
