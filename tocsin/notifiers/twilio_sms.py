"""Sends notices as text messages, by Twilio."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar

from tocsin.core.notices import Notice
from tocsin.plug import twilio
from tocsin.plug.addresses import check_networks
from tocsin.plug.kinds import Address, Example, Receipt, Secret
from tocsin.plug.outgoing import cut, one_line, plain, titled

EXAMPLES = (
    Example(
        settings={
            "account": "AC00000000000000000000000000000000", "key": "not-a-real-one", "sender": "+15005550006",
        }
    ),
)  # fmt: skip

_LONGEST = 600
"""Characters: four parts of Unicode text; beyond that it is no message that wakes somebody, but a letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioSms:
    """Sends each notice as a text message to the person's ``phone``, through an account at Twilio.

    Twilio takes the message and delivers it later; what it refuses (a wrong number, no credit) fails here with its
    number and words.
    """

    reaches: ClassVar[str] = "phone"
    uses: ClassVar[tuple[str, ...]] = ("phone",)

    account: Annotated[str, "The account's SID (AC…)"]
    key: Annotated[Secret, "The account's auth token"]
    sender: Annotated[str, "The number, name or messaging service (MG…) that messages come from"]
    hint: Annotated[str, "What stands at the end; unless told, how to answer a page"] = ""
    api: Annotated[str, "Where Twilio's API is"] = twilio.API
    allow: Annotated[bool | tuple[str, ...], "Networks that may be posted to besides public ones"] = False

    def __post_init__(self) -> None:
        twilio.check(self.account, self.sender)
        check_networks(() if isinstance(self.allow, bool) else self.allow)

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:
        """Hand it over once; raises `Undelivered`, permanent where Twilio will never take it."""
        origin = "MessagingServiceSid" if self.sender.startswith("MG") else "From"
        fields = {"To": twilio.number_of(to), origin: self.sender, "Body": text(notice, self.hint)}
        sid = twilio.post(
            api=self.api, account=self.account, key=self.key, kind="Messages", fields=fields, timeout=timeout,
            allow=self.allow,
        )  # fmt: skip
        return Receipt(reference=sid)


def _answers(notice: Notice, hint: str) -> list[str]:
    """How to answer: in the team's words; else by the numbers, where replies come in, or by the link that takes it."""
    if hint or notice.kind != "page":
        return [hint]
    if notice.answers.get("voice"):  # Twilio hands in to us, so it hands in replies, too
        return ["Reply 1 to take it, 2 to call the next one."]
    return [f"Take it: {plain(notice.answers['acknowledge'])}"] if "acknowledge" in notice.answers else []


def text(notice: Notice, hint: str = "") -> str:
    """What it says: the subject, the reason, where the incident is; no line of it but those that we begin."""
    lines = [titled(notice, 240)]
    lines += [one_line(part.subject, 60) for part in notice.parts[:4]]
    if notice.kind == "test":
        lines.append(one_line(notice.body, 200))
    elif notice.why:
        lines.append(one_line(notice.why, 140))
    tail = "\n".join(part for part in (plain(notice.url), *_answers(notice, one_line(hint, 80))) if part)
    head = cut("\n".join(lines), _LONGEST - len(tail) - 1)
    return f"{head}\n{tail}" if tail else head
