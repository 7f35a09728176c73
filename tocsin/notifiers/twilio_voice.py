"""Calls people and reads notices to them, by Twilio."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar
from urllib.parse import quote

from tocsin.core.notices import Notice
from tocsin.plug import twilio
from tocsin.plug.addresses import check_networks
from tocsin.plug.kinds import Address, Example, Receipt, Secret
from tocsin.plug.outgoing import one_line, titled

EXAMPLES = (
    Example(
        settings={
            "account": "AC00000000000000000000000000000000", "key": "not-a-real-one", "sender": "+15005550006",
            "answer_url": "https://tocsin.example.org/answers/twilio",
        }
    ),
)  # fmt: skip

_LONGEST = 300
_SPOKEN = re.compile(r"[^\w\s.,:;%+/-]+")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioVoice:
    """Calls the person's ``phone`` through an account at Twilio and reads the notice out, twice.

    With ``[answers] twilio_token`` a page can be answered by pressing 1 (take it) or 2 (call the next one). Without it
    Twilio posts the key to ``answer_url``, signed, with the notice's id as ``?notice=``.
    """

    reaches: ClassVar[str] = "phone"
    uses: ClassVar[tuple[str, ...]] = ("phone",)

    account: Annotated[str, "The account's SID (AC…)"]
    key: Annotated[Secret, "The account's auth token"]
    sender: Annotated[str, "The number that calls come from"]
    answer_url: Annotated[str, "Where Twilio posts the key that was pressed, where Tocsin itself does not take it"] = ""
    language: Annotated[str, "The language of the voice"] = "en-US"
    api: Annotated[str, "Where Twilio's API is"] = twilio.API
    allow: Annotated[bool | tuple[str, ...], "Networks that may be posted to besides public ones"] = False

    def __post_init__(self) -> None:
        twilio.check(self.account, self.sender)
        check_networks(() if isinstance(self.allow, bool) else self.allow)
        if self.answer_url and not self.answer_url.startswith(("https://", "http://")):
            raise ValueError("answer_url is not an address; begin it with https://.")
        if not re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", self.language):
            raise ValueError(f"language {self.language!r} is none; write for example en-US.")

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:
        """Have the call made; raises `Undelivered`. That the call is queued does not say that anybody picks up."""
        spoken = twiml(notice, to.name, self.answer_url, self.language)
        fields = {"To": twilio.number_of(to), "From": self.sender, "Twiml": spoken, "Timeout": "30"}
        sid = twilio.post(
            api=self.api, account=self.account, key=self.key, kind="Calls", fields=fields, timeout=timeout,
            allow=self.allow,
        )  # fmt: skip
        return Receipt(reference=sid)


def twiml(notice: Notice, name: str, answer_url: str, language: str) -> str:
    """What the voice does, as TwiML: it says who calls and why, and waits for a key where there is one to press.

    Source: Twilio, TwiML ``Response``, ``Gather``, ``Say``, ``Pause``.
    """
    words = f"Tocsin calls {spoken(name, 60)}. {spoken(titled(notice), _LONGEST)}."
    if notice.why:
        words += f" Reason: {spoken(notice.why, 160)}."
    if notice.kind == "test":
        words += f" {spoken(notice.body, 200)}"
    say = f'<Say language="{escape(language)}">{escape(words)}</Say>'
    signed = notice.answers.get("voice", "")
    if not (signed or answer_url) or notice.kind != "page":
        return f'<Response>{say}<Pause length="1"/>{say}</Response>'
    joint = "&" if "?" in answer_url else "?"
    action = escape(signed or f"{answer_url}{joint}notice={quote(notice.id, safe='')}")
    keys = "Press 1 to take it, or 2 to call the next one." if signed else "Press 1 to acknowledge."
    press = f'<Say language="{escape(language)}">{keys}</Say>'
    return (
        f'<Response><Gather input="dtmf" numDigits="1" timeout="10" method="POST" action="{action}">'
        f'{say}{press}<Pause length="1"/>{say}{press}</Gather></Response>'
    )


def spoken(text: str, longest: int) -> str:
    """Words that can be said, without signs that a voice would spell out; cut at the end of a word."""
    words = " ".join(_SPOKEN.sub(" ", one_line(text)).split())
    return words if len(words) <= longest else f"{words[:longest].rpartition(' ')[0]}, and more"


def escape(text: str) -> str:
    """Text that is text in XML, also inside an attribute."""
    return "".join(_ESCAPES.get(letter, letter) for letter in text)
