"""How a message shows that it comes from whom it should: by a token, or by a signature over its raw bytes."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from tocsin.errors import Unauthorized
from tocsin.plug.kinds import NO_SECRET, Inbound, Secret
from tocsin.times import EPOCH, say_duration

WINDOW = timedelta(minutes=5)
"""A signed message that is older, or that much from the future, is refused."""
_UNIX = re.compile(r"\d{1,16}(?:\.\d{1,9})?")
_MILLISECONDS = 100_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A source that may ask for a token of its own."""

    token: Annotated[Secret, "What the sender must show: Bearer token, Basic password or ?token="] = NO_SECRET

    @property
    def guarded(self) -> bool:
        """Whether the source itself looks who sends."""
        return bool(self.token.value)

    def admit(self, inbound: Inbound) -> None:
        """Raise `Unauthorized` unless the request bears the token, where one is set."""
        if self.token.value and not inbound.bears(self.token):
            raise Unauthorized("The token is missing or wrong.", "Send it as `Authorization: Bearer …`, or as ?token=.")


def check_signature(inbound: Inbound, secret: Secret, header: str, *, prefix: str = "", timestamp: str = "") -> None:
    """Raise `Unauthorized` unless ``header`` holds the HMAC-SHA256 of the raw body, in hexadecimal behind ``prefix``.

    With ``timestamp`` (a header's name) what is signed is ``<its value>:<body>``, and it must lie within `WINDOW`. Any
    of several signatures, separated by commas, may fit: that is how secrets are changed.
    """
    given = [part.strip() for part in inbound.header(header).split(",")]
    if not any(given):
        raise Unauthorized(f"The signature in the header {header} is missing.", "Set the same secret on both sides.")
    stamp = inbound.header(timestamp) if timestamp else ""
    signed = f"{stamp}:".encode("utf-8", "replace") + inbound.body if timestamp else inbound.body
    wanted = prefix.encode() + hmac.new(secret.value.encode(), signed, hashlib.sha256).hexdigest().encode()
    if not any(hmac.compare_digest(one.encode("utf-8", "replace"), wanted) for one in given):
        raise Unauthorized(f"The signature in the header {header} is wrong.", "Set the same secret on both sides.")
    if timestamp:
        check_time(inbound, timestamp)


def check_time(inbound: Inbound, header: str) -> None:
    """Raise `Unauthorized` unless the Unix time (seconds or milliseconds) in ``header`` lies within `WINDOW` of now."""
    text = inbound.header(header).strip()
    if not _UNIX.fullmatch(text):
        raise Unauthorized(f"The header {header} holds no time.", "Send the Unix time at which the message was signed.")
    seconds = float(text)
    try:
        at = EPOCH + timedelta(seconds=seconds / 1000 if seconds > _MILLISECONDS else seconds)
    except OverflowError:
        at = datetime.min.replace(tzinfo=EPOCH.tzinfo)
    if abs(inbound.received_at - at) > WINDOW:
        said = f"The message was not signed within the last {say_duration(WINDOW)}."
        raise Unauthorized(said, "Check the clocks of both machines; a message that was recorded is not taken again.")


def fingerprint_of(inbound: Inbound, *headers: str) -> str:
    """A name for a message that its repetition has too: a hash over the body and some headers."""
    whole = hashlib.sha256(inbound.body)
    for name in headers:
        whole.update(b"\0" + inbound.header(name).encode("utf-8", "replace"))
    return whole.hexdigest()
