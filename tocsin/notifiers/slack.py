"""Posts notices to Slack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from tocsin.core.notices import Notice
from tocsin.errors import Invalid, Undelivered
from tocsin.plug.addresses import check_networks
from tocsin.plug.kinds import NO_SECRET, Address, Example, Receipt, Secret
from tocsin.plug.outgoing import cut, links, parts, send, titled
from tocsin.wire import read_json

EXAMPLES = (
    Example(settings={"token": "not-a-real-one"}),
    Example(settings={"webhook": "https://hooks.slack.example.org/services/not-a-real-one"}),
    Example(settings={"token": "not-a-real-one", "channel": "#ferries"}),
)

_LONGEST_HEAD, _LONGEST_TEXT, _LONGEST_URL = 150, 2900, 3000
_PASSING = frozenset({
    "ratelimited", "rate_limited", "service_unavailable", "internal_error", "fatal_error", "request_timeout",
    "team_added_to_org", "message_limit_exceeded",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """Posts each notice to a channel or person on Slack: by a bot's token, or to an incoming webhook.

    With a token the message goes to the ``chat`` of the person or channel (``#ferries``, a user's id), else to the
    person's ``slack``, which the bot must be able to write to; a webhook leads to the channel that it was made for.
    Source: docs.slack.dev, ``chat.postMessage`` and incoming webhooks.
    """

    reaches: ClassVar[str] = "chat"
    uses: ClassVar[tuple[str, ...]] = ("chat", "slack")

    token: Annotated[Secret, "The bot's token (xoxb-…), with the scope chat:write"] = NO_SECRET
    webhook: Annotated[Secret, "Address of an incoming webhook, instead of a token"] = NO_SECRET
    channel: Annotated[str, "Where to post for receivers that have no chat of their own"] = ""
    api: Annotated[str, "Where Slack's methods are"] = "https://slack.com/api"
    allow: Annotated[bool | tuple[str, ...], "Networks that may be posted to besides public ones"] = False

    def __post_init__(self) -> None:
        if bool(self.token.value) == bool(self.webhook.value):
            raise ValueError("set either token or webhook.")
        check_networks(() if isinstance(self.allow, bool) else self.allow)

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:
        """Post once; raises `Undelivered`, permanent where Slack names a reason that stays."""
        channel = to.fields.get("chat") or to.fields.get("slack") or self.channel
        if self.webhook.value:
            send(self.webhook.value, message(notice), timeout, what=f"Slack's webhook for {to.name}", allow=self.allow)
            return Receipt(reference="posted")
        if not channel:
            raise Undelivered(f"{to.name} has no chat.", "Set chat to a channel or a user's id.", permanent=True)
        headers = {"authorization": f"Bearer {self.token.value}"}
        body = {"channel": channel, **message(notice)}
        url = f"{self.api.rstrip('/')}/chat.postMessage"
        said = send(url, body, timeout, what="Slack", headers=headers, allow=self.allow)
        return Receipt(reference=_reference(said, channel))


def message(notice: Notice) -> dict[str, Any]:
    """The message, in blocks; the text beside them is what Slack shows in notifications."""
    title = escape(titled(notice, _LONGEST_HEAD))
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*{title.replace('*', '∗')}*"}},
        {"type": "section", "text": {"type": "plain_text", "text": cut(parts(notice), _LONGEST_TEXT), "emoji": False}},
    ]
    buttons = [
        {"type": "button", "text": {"type": "plain_text", "text": label}, "url": url}
        for label, url in links(notice)
        if len(url) <= _LONGEST_URL
    ]
    if buttons:
        blocks.append({"type": "actions", "elements": buttons})
    return {"text": title, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def escape(text: str) -> str:
    """Text that names nobody and links nowhere: Slack reads ``<!channel>`` and ``<@U1>`` out of messages."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _reference(said: bytes, channel: str) -> str:
    """The name of the posted message; Slack answers 200 to what it refuses, and says so in the body."""
    try:
        answer = read_json(said)
    except Invalid:
        raise Undelivered("Slack's answer is not JSON.", "Look at the setting api.") from None
    told = answer if isinstance(answer, dict) else {}
    if told.get("ok") is True:
        return f"{told.get('channel', channel)} {told.get('ts', '')}".strip()
    reason = str(told.get("error", "unknown"))[:100]
    raise Undelivered(f"Slack refuses the message to {channel}: {reason}.", permanent=reason not in _PASSING)
