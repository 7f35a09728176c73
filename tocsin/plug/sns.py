"""Signatures of Amazon SNS: which certificate they name, whether it is SNS' own, whether it signed this message.

Source: AWS, "Verifying the signatures of Amazon SNS messages". A message names the address of its certificate; only
SNS' own hosts are asked, over TLS, through the same guard as every other request. What is served there is one
certificate without its chain: that it came from that host is what shows that it is SNS'.
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from tocsin.errors import Invalid, Unauthorized, Unavailable

HOST = re.compile(r"sns\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?")
_PATH = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]{16,64}\.pem")
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_SIGNED["UnsubscribeConfirmation"] = _SIGNED["SubscriptionConfirmation"]
_MAY_LACK = frozenset({"Subject"})
OLDEST = timedelta(hours=24)
"""SNS tries again for hours; what is older was recorded."""
AHEAD = timedelta(minutes=15)
TIMEOUT = timedelta(seconds=5)
LARGEST = 64 * 1024
KEPT = 16
_MOST_A_MINUTE = 10


class Certificates:
    """SNS' certificates by their addresses, fetched once; a flood of made-up addresses is not followed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, bytes] = OrderedDict()
        self._asked: deque[float] = deque()

    def at(self, url: str) -> Any:
        """The certificate (of `cryptography.x509`) at an address.

        Raises `Unauthorized` for an address that is not SNS', `Unavailable` where it can't be had now.
        """
        from cryptography import x509

        if not is_certificate(url):
            raise Unauthorized("The message names a certificate that is not at an address of SNS.")
        pem = self._known.get(url) or self._fetched(url)
        try:
            found = x509.load_pem_x509_certificate(pem)
        except ValueError:
            raise Unavailable(f"What lies at {url} is no certificate.", "Try again later.") from None
        with self._lock:
            self._known[url] = pem
            self._known.move_to_end(url)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return found

    def _fetched(self, url: str) -> bytes:
        with self._lock:
            now = time.monotonic()
            while self._asked and now - self._asked[0] > 60:
                self._asked.popleft()
            if len(self._asked) >= _MOST_A_MINUTE:
                raise Unavailable("Too many different certificates are named at present.", "Try again in a minute.")
            self._asked.append(now)
        return visit(url)


def visit(url: str) -> bytes:
    """What an address of SNS answers. Raises `Unavailable`."""
    from tocsin.plug.web import NoAnswer, fetch

    try:
        answer = fetch(url, TIMEOUT, max_bytes=LARGEST)
    except NoAnswer as error:
        raise Unavailable(f"SNS could not be asked: {error.message}", "Try again later.") from None
    if answer.status != 200:
        raise Unavailable(f"SNS answered {answer.status}.", "Try again later.")
    return answer.body


def is_certificate(url: str) -> bool:
    """Whether an address is one where SNS keeps its certificates: https, its host, no port, no user, no query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = parts.scheme == "https" and not parts.query and not parts.fragment and url.isprintable()
    return plain and bool(HOST.fullmatch(parts.netloc)) and bool(_PATH.fullmatch(parts.path))


def check(message: Mapping[str, Any], certificates: Certificates, now: datetime, sent: datetime | None) -> None:
    """Raise `Unauthorized` unless SNS signed the message, lately. Raises `Unavailable` where that can't be known now.

    ``sent`` is the message's own ``Timestamp``, which is signed.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    algorithms: Mapping[object, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303
    algorithm = algorithms.get(message.get("SignatureVersion"))
    if algorithm is None:
        raise Unauthorized("The message has no signature of version 1 or 2.", "Send it from SNS, without raw delivery.")
    signed, signature = signed_text(message), _signature(message.get("Signature"))
    certificate = certificates.at(str(message.get("SigningCertURL", "")))
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Unauthorized("The certificate of the message's signature has expired, or is not valid yet.")
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise Unauthorized("The certificate of the message's signature holds no RSA key.")
    try:
        key.verify(signature, signed, PKCS1v15(), algorithm)
    except InvalidSignature:
        raise Unauthorized("The message's signature is wrong.", "It was not sent by SNS, or changed since.") from None
    if sent is None or not now - OLDEST <= sent <= now + AHEAD:
        raise Unauthorized("The message was not signed within the last day.", "Check this machine's clock.")


def signed_text(message: Mapping[str, Any]) -> bytes:
    """What SNS signs of a message: names and values in lines. Raises `Invalid` where one of them is missing."""
    lines = []
    for name in _SIGNED.get(str(message.get("Type")), ()):
        value = message.get(name)
        if value is None and name in _MAY_LACK:
            continue
        if not isinstance(value, str):
            raise Invalid("expected a text.", where=f"$.{name}")
        lines.append(f"{name}\n{value}\n")
    return "".join(lines).encode("utf-8", "replace")


def confirmation(subscribe: str, topic: str, token: str) -> str:
    """The address that confirms a subscription: of SNS' own host, with nothing in it that we did not put there.

    Empty where the address that was sent is not on a host of SNS.
    """
    try:
        parts = urlsplit(subscribe)
    except ValueError:
        return ""
    if parts.scheme != "https" or not HOST.fullmatch(parts.netloc):
        return ""
    return (
        f"https://{parts.netloc}/?Action=ConfirmSubscription&TopicArn={quote(topic, safe='')}"
        f"&Token={quote(token, safe='')}"
    )


def _signature(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raise Unauthorized("The message's signature is not base64.") from None
