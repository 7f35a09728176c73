"""Links that only we can have made: to confirm a subscription, to end it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta

from tocsin.times import EPOCH

CONFIRM_WITHIN = timedelta(hours=48)
FOR_EVER = 0
_TOKEN = re.compile(r"(sub_[0-9a-z_]{10,60})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})", re.ASCII)


def sign(key: str, purpose: str, subscriber: str, until: datetime | None = None) -> str:
    """A token for one subscriber and one purpose; without ``until`` it counts for ever."""
    seconds = int((until - EPOCH).total_seconds()) if until else FOR_EVER
    return f"{subscriber}.{seconds}.{_seal(key, purpose, subscriber, seconds)}"


def subscriber_of(key: str, purpose: str, token: str, now: datetime) -> str | None:
    """Whose token it is; None where we did not make it for this, or its time is over."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    subscriber, seconds, seal = found[1], int(found[2]), found[3]
    if not hmac.compare_digest(seal, _seal(key, purpose, subscriber, seconds)):
        return None
    return None if seconds and now > EPOCH + timedelta(seconds=seconds) else subscriber


def secret_of(key: str, subscriber: str) -> str:
    """The secret with which messages to a webhook are signed (Standard Webhooks' form)."""
    return "whsec_" + base64.b64encode(hmac.digest(key.encode(), f"webhook/{subscriber}".encode(), "sha256")).decode()


def _seal(key: str, purpose: str, subscriber: str, seconds: int) -> str:
    sealed = hmac.digest(key.encode(), f"{purpose}/{subscriber}/{seconds}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")
