"""Sends notices by mail."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import timedelta
from email import policy
from email.errors import HeaderParseError
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Annotated, ClassVar, Literal

from tocsin.core.notices import Notice
from tocsin.errors import Undelivered
from tocsin.plug.kinds import NO_SECRET, Address, Example, Receipt, Secret
from tocsin.plug.mailbody import html_of, text_of
from tocsin.plug.outgoing import one_line, titled
from tocsin.times import SystemClock

EXAMPLES = (
    Example(settings={"host": "mail.example.org", "sender": "tocsin@example.org"}),
    Example(
        settings={
            "host": "mail.example.org", "port": 465, "security": "tls",
            "user": "tocsin", "password": "not-a-real-one", "sender": "tocsin@example.org",
        }
    ),
)  # fmt: skip

_ADDRESS = re.compile(r"[^\s@<>,;:\"\\\x00-\x1f\x7f]+@[^\s@<>,;:\"\\\x00-\x1f\x7f]+")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """Sends each notice as a mail, in plain text and in HTML with buttons, to the person's ``email``.

    Repetitions of a notice carry the same Message-ID, and all mails of an incident refer to the same thread.
    """

    reaches: ClassVar[str] = "email"
    uses: ClassVar[tuple[str, ...]] = ("email",)

    host: Annotated[str, "Name of the mail server"]
    sender: Annotated[str, "Address that the mails come from"]
    port: Annotated[int, "TCP port of the mail server"] = 587
    security: Annotated[Literal["starttls", "tls", "none"], "How the connection is encrypted"] = "starttls"
    user: Annotated[str, "Login name; empty sends without login"] = ""
    password: Annotated[Secret, "Password of the login name"] = NO_SECRET
    ca_file: Annotated[str, "File with the certificate authority of a private mail server"] = ""

    def __post_init__(self) -> None:
        if not _ADDRESS.fullmatch(self.sender):
            raise ValueError(f"sender {self.sender!r} is not a mail address.")
        if not 0 < self.port < 65536:
            raise ValueError(f"port {self.port} is not between 1 and 65535.")
        if self.user and self.security == "none" and self.host not in _LOOPBACK:
            raise ValueError("a password would be sent in the clear; set security to starttls or tls.")

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:
        """Hand the mail over once; raises `Undelivered`, permanent where the server refuses for good."""
        receiver = to.fields.get("email", "")
        if not _ADDRESS.fullmatch(receiver):
            what = f"{receiver!r} is not a mail address" if receiver else "has no mail address"
            raise Undelivered(f"{to.name}: {what}.", "Set email for that person.", permanent=True)
        try:
            message = self.compose(notice, to.name, receiver)
        except (ValueError, HeaderParseError) as error:
            raise Undelivered(f"No mail can be written to {receiver}: {error}.", permanent=True) from None
        if unsubscribe := one_line(to.fields.get("unsubscribe", "")):
            message["List-Unsubscribe"] = f"<{unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
        try:
            return self._hand_over(message, receiver, timeout.total_seconds())
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise _undelivered(f"{self.host} refuses {receiver}", code, words) from None
        except smtplib.SMTPNotSupportedError as error:
            told = str(error).rstrip(".")
            raise Undelivered(
                f"{self.host} can't do what is configured: {told}. Is `security` right ({self.security})?",
                permanent=True,
            ) from None
        except smtplib.SMTPResponseException as error:
            raise _undelivered(f"{self.host} refuses the mail", error.smtp_code, error.smtp_error) from None
        except (TimeoutError, smtplib.SMTPServerDisconnected, OSError) as error:
            raise Undelivered(f"The mail server {self.host}:{self.port} did not take the mail: {error}.") from None

    def compose(self, notice: Notice, name: str, receiver: str) -> EmailMessage:
        """The mail as it will be sent. No text of the notice can make a header of its own."""
        domain = self.sender.rpartition("@")[2]
        thread = f"<incident.{_token(notice.incident)}@{domain}>"
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = self.sender
        message["To"] = MailAddress(display_name=one_line(name), addr_spec=receiver)
        message["Subject"] = titled(notice, _LONGEST_SUBJECT)
        message["Date"] = format_datetime(SystemClock().now())
        message["Message-ID"] = f"<{_token(notice.id)}.{_token(notice.to)}@{domain}>"
        message["References"] = message["In-Reply-To"] = thread
        if _ADDRESS.fullmatch(notice.answers.get("reply_to", "")):
            message["Reply-To"] = notice.answers["reply_to"]
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(text_of(notice) + "\n")
        message.add_alternative(html_of(notice), subtype="html")
        if notice.calendar:  # RFC 6047: mail programs offer to accept what lies beside the text in this way
            message.add_alternative(
                notice.calendar, subtype="calendar", params={"method": _method(notice.calendar), "name": "invite.ics"}
            )
        return message

    def _hand_over(self, message: EmailMessage, receiver: str, timeout: float) -> Receipt:
        server = self._connect(timeout)
        try:
            if self.user:
                server.login(self.user, self.password.value)
            server.send_message(message, self.sender, [receiver])
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()  # taken is taken, however the farewell goes
            server.close()
        return Receipt(reference=str(message["Message-ID"]))

    def _connect(self, timeout: float) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=timeout, context=self._trust())
        server = smtplib.SMTP(self.host, self.port, timeout=timeout)
        if self.security == "starttls":
            try:
                server.starttls(context=self._trust())
            except BaseException:
                server.close()
                raise
        return server

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file or None)


def _undelivered(what: str, code: int, words: bytes | str) -> Undelivered:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return Undelivered(f"{what}: {code} {one_line(said)}", permanent=code >= 500)


def _method(calendar: str) -> str:
    return next((method for method in ("REQUEST", "CANCEL") if f"METHOD:{method}" in calendar), "PUBLISH")


def _token(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", text)[:100] or "none"
