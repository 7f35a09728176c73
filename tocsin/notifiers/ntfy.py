"""Publishes notices on ntfy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from tocsin.core.notices import Notice
from tocsin.errors import Undelivered
from tocsin.plug.addresses import check_networks
from tocsin.plug.kinds import NO_SECRET, Address, Example, Receipt, Secret
from tocsin.plug.outgoing import CUT, links, parts, send, titled

EXAMPLES = (
    Example(settings={"server": "https://push.example.org", "token": "not-a-real-one"}),
    Example(settings={"topic": "ferry-pages-d41d8c"}),
)

_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
_LONGEST_MESSAGE = 4000
"""Bytes; from 4,096 on ntfy makes an attachment of it."""
_PRIORITY = {"page": 5, "approval": 4, "test": 3, "inform": 3, "message": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ntfy:
    """Publishes each notice to a topic of ntfy.sh or of a server of your own, which phones subscribe to.

    A page comes with the highest priority, which breaks through Do Not Disturb where the phone allows it. The topic is
    the person's ``chat``, or the notifier's; whoever knows it can read along, so keep it secret. Source: docs.ntfy.sh,
    publishing as JSON.
    """

    reaches: ClassVar[str] = "push"
    uses: ClassVar[tuple[str, ...]] = ("chat",)

    server: Annotated[str, "Where ntfy is"] = "https://ntfy.sh"
    topic: Annotated[str, "The topic for receivers that have no chat of their own"] = ""
    token: Annotated[Secret, "Access token, where the topic is protected"] = NO_SECRET
    allow: Annotated[bool | tuple[str, ...], "Networks that may be posted to besides public ones"] = False

    def __post_init__(self) -> None:
        if self.topic and not _TOPIC.fullmatch(self.topic):
            raise ValueError(f"topic {self.topic!r} is none: use letters, digits, _ and -.")
        check_networks(() if isinstance(self.allow, bool) else self.allow)

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:
        """Publish once; raises `Undelivered`, permanent where ntfy will never take it."""
        topic = to.fields.get("chat") or self.topic
        if not _TOPIC.fullmatch(topic):
            what = f"{to.name}: {topic[:70]!r} is no topic" if topic else f"{to.name} has no topic"
            raise Undelivered(f"{what}.", "Set chat to a topic of ntfy (letters, digits, _ and -).", permanent=True)
        headers = {"authorization": f"Bearer {self.token.value}"} if self.token.value else {}
        body = message(notice, topic)
        send(self.server, body, timeout, what=f"ntfy for {to.name}", headers=headers, allow=self.allow)
        return Receipt(reference="published")


def message(notice: Notice, topic: str) -> dict[str, Any]:
    """What is published. Nothing of it is Markdown, so that no text can hide a link."""
    made: dict[str, Any] = {
        "topic": topic,
        "title": titled(notice, 250),
        "message": within(parts(notice), _LONGEST_MESSAGE),
        "priority": 3 if notice.drill else _PRIORITY[notice.kind],
        "tags": ["rotating_light" if notice.kind == "page" else "information_source"],
    }
    found = links(notice)
    if found:
        actions = [{"action": "view", "label": label, "url": url} for label, url in found]
        made |= {"click": found[-1][1], "actions": actions}
    return made


def within(text: str, most: int) -> str:
    """The text in at most so many bytes of UTF-8, visibly cut."""
    data = text.encode("utf-8")
    if len(data) <= most:
        return text
    return data[: most - len(CUT.encode())].decode("utf-8", "ignore") + CUT
