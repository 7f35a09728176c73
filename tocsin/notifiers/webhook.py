"""Posts notices to a URL, signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar

from tocsin.core.notices import Notice
from tocsin.errors import Undelivered
from tocsin.plug.addresses import check_networks
from tocsin.plug.kinds import Address, Example, Receipt, Secret
from tocsin.plug.outgoing import seconds_of
from tocsin.times import SystemClock
from tocsin.wire import encode

EXAMPLES = (
    Example(settings={"url": "https://hooks.example.org/tocsin", "secret": "whsec_dG9jc2luLWV4YW1wbGUtc2VjcmV0LTAx"}),
    Example(settings={"secret": "whsec_dG9jc2luLWV4YW1wbGUtc2VjcmV0LTAx", "allow": ["10.1.0.0/16"]}),
)

_PREFIX = "whsec_"
_GONE, _TOO_MANY, _TIMED_OUT, _TOO_EARLY = 410, 429, 408, 425


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Posts each notice as JSON (a CloudEvent) to the person's or channel's ``url``, signed as Standard Webhooks are.

    The receiver checks ``webhook-signature`` and drops what has a ``webhook-id`` that it has seen.
    """

    uses: ClassVar[tuple[str, ...]] = ("url",)
    bundles: ClassVar[bool] = False

    secret: Annotated[Secret, "Signing secret, whsec_ and 24 to 64 bytes in base64"]
    url: Annotated[str, "Where to post for receivers that have no url of their own"] = ""
    allow: Annotated[bool | tuple[str, ...], "Networks that may be posted to besides public ones"] = False

    def __post_init__(self) -> None:
        _key(self.secret)
        check_networks(() if isinstance(self.allow, bool) else self.allow)

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:
        """Post once; raises `Undelivered`, permanent where the receiver will never take it."""
        from tocsin.plug.web import NoAnswer, fetch

        url = to.fields.get("url") or self.url
        if not url:
            raise Undelivered(f"{to.name} has no url.", "Set url for that person or for the notifier.", permanent=True)
        body = encode(event(notice, to))
        try:
            answer = fetch(
                url, timeout, method="POST", headers=self._headers(notice.id, body), body=body, allow=self.allow,
                max_bytes=0,
            )  # fmt: skip
        except NoAnswer as error:
            raise Undelivered(error.message, error.hint, permanent=error.permanent) from None
        if 200 <= answer.status < 300:
            return Receipt(reference=f"{answer.status}")
        raise _undelivered(to.name, answer.status, answer.headers.get("retry-after", ""))

    def _headers(self, notice_id: str, body: bytes) -> dict[str, str]:
        moment = str(int(SystemClock().now().timestamp()))
        return {
            "content-type": "application/cloudevents+json; charset=utf-8",
            "webhook-id": notice_id,
            "webhook-timestamp": moment,
            "webhook-signature": sign(self.secret, notice_id, moment, body),
        }


def event(notice: Notice, to: Address) -> dict[str, object]:
    """The body: equal for every repetition of a notice."""
    return {
        "specversion": "1.0",
        "id": notice.id,
        "source": "tocsin",
        "type": f"tocsin.notice.{notice.kind}",
        "subject": notice.incident,
        "datacontenttype": "application/json",
        "data": {
            "incident": notice.incident, "to": to.name, "why": notice.why, "subject": notice.subject,
            "body": notice.body, "url": notice.url, "severity": notice.severity, "drill": notice.drill,
        },
    }  # fmt: skip


def sign(secret: Secret, message_id: str, timestamp: str, body: bytes) -> str:
    """The value of ``webhook-signature``. Source: Standard Webhooks, symmetric scheme ``v1`` (HMAC-SHA256)."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()}"


def _key(secret: Secret) -> bytes:
    try:
        key = base64.b64decode(secret.value.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("secret is not base64 text behind whsec_.") from None
    if not 24 <= len(key) <= 64:
        raise ValueError(f"secret holds {len(key)} bytes; Standard Webhooks asks for 24 to 64.")
    return key


def _undelivered(name: str, status: int, retry_after: str) -> Undelivered:
    if 300 <= status < 400:
        what = f"{name}'s url answers with a redirect ({status}), which is not followed."
        return Undelivered(what, "Configure the address that it leads to.", permanent=True)
    if status == _GONE:
        return Undelivered(f"{name}'s url is gone (410).", "Remove it or configure a new one.", permanent=True)
    wait = f"It asks to wait {retry_after} s." if retry_after.isdigit() else ""
    retryable = status >= 500 or status in (_TOO_MANY, _TIMED_OUT, _TOO_EARLY)
    seconds = seconds_of(retry_after)
    return Undelivered(f"{name}'s url answers {status}.", wait, permanent=not retryable, retry_after=seconds)
