"""The mail notifier against a real SMTP server."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tocsin.core.notices import Notice
from tocsin.errors import Undelivered
from tocsin.notifiers.smtp import Smtp
from tocsin.plug.kinds import Address, Secret

ANA = Address(name="Ana Öz", fields={"email": "ana@example.org"})
SOON = timedelta(seconds=5)


class Inbox:
    """Takes mails, or answers as told."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.at_recipient = self.at_data = ""

    async def handle_RCPT(  # noqa: N802  the name that the server looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self.at_recipient:
            envelope.rcpt_tos.append(address)
        return self.at_recipient or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        if not self.at_data:
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
            self.envelopes.append(envelope)
        return self.at_data or "250 taken"


@contextmanager
def serving(**settings: object) -> Iterator[tuple[Inbox, Smtp]]:
    """A mail server, and the notifier that is set up for it."""
    inbox = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **settings)  # type: ignore[arg-type]
    controller.start()
    try:
        yield inbox, Smtp(host="127.0.0.1", port=port, security="none", sender="tocsin@example.org")
    finally:
        controller.stop()


def test_sends_a_mail(notice: Notice) -> None:
    """Subject, text, link and reason arrive; it says that a machine wrote it, and belongs to the incident's thread."""
    with serving() as (inbox, smtp):
        receipt = smtp.send(notice, ANA, SOON)
        mail = inbox.mails[0]
    assert inbox.envelopes[0].rcpt_tos == ["ana@example.org"]
    assert (mail["From"], mail["To"]) == ("tocsin@example.org", "Ana Öz <ana@example.org>")
    assert mail["Subject"] == "P1 Queue stuck"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    text = part_of(mail, "plain")
    assert "212 mails are waiting.\nSee the queue – now." in text
    assert notice.url in text
    assert "unresolved for 30 min (line 144)" in text
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["References"] == "<incident.INC-7@example.org>"
    assert mail["Message-ID"] == receipt.reference
    assert mail["Date"]


def part_of(mail: EmailMessage, kind: str) -> str:
    """The text of one of its parts."""
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_both_parts_say_each_thing_once(notice: Notice) -> None:
    """The link and the reason are not told twice; how a mail is answered stands in a mail alone."""
    url = "https://tocsin.example.org/answer/acknowledge/7-1-x"
    said = replace(
        notice, body=f"INC-7 Queue stuck\nWhy you are told: {notice.why}\n\n{notice.url}\n\nTake it: {url}",
        answers={"acknowledge": url, "reply_to": "replies+7@ops.example.org"},
    )  # fmt: skip
    with serving() as (inbox, smtp):
        smtp.send(said, ANA, SOON)
    text, page = part_of(inbox.mails[0], "plain"), part_of(inbox.mails[0], "html")
    for whole in (text, page):
        assert (whole.count(notice.url), whole.count(notice.why), whole.count(url)) == (1, 1, 1)
        assert whole.count("Or reply to this mail") == 1
    assert f'<a href="{url}" style=' in page and ">Take it</a>" in page
    assert f'<a href="{notice.url}" style=' in page


def test_hostile_words_stay_words_in_html(notice: Notice) -> None:
    """No tag, no picture, no change of direction, and no link but ours, whatever a title or an alert says."""
    bad = '<img src=x onerror=a()></div><script>b()</script> \u202egnp "q" https://evil.example/\nTake it: https://evil.example/'
    said = replace(notice, subject=bad, body=f"{bad}\nhere {notice.url}\n{notice.url}.evil.example", why=bad)
    with serving() as (inbox, smtp):
        smtp.send(said, ANA, SOON)
    mail = inbox.mails[0]
    page = part_of(mail, "html")
    assert "<img" not in page and "<script" not in page and "</div><script" not in page
    assert "\u202e" not in page + part_of(mail, "plain") + str(mail["Subject"])
    assert set(re.findall(r'href="([^"]*)"', page)) <= {notice.url}
    assert not re.search(r"<[^>]*\b(?:src|background)=|@import|url\(", page)


def test_a_subscriber_can_leave_with_one_click(notice: Notice) -> None:
    """RFC 8058: both headers, where there is a link; on a mail to people on call there is none."""
    subscriber = replace(ANA, fields={**ANA.fields, "unsubscribe": "https://status.example.org/unsubscribe/1\r\nX: y"})
    with serving() as (inbox, smtp):
        smtp.send(notice, subscriber, SOON)
        smtp.send(notice, ANA, SOON)
    first, second = inbox.mails
    assert first["List-Unsubscribe"] == "<https://status.example.org/unsubscribe/1 X: y>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert first["X"] is None
    assert second["List-Unsubscribe"] is None


def test_a_repetition_has_the_same_message_id(notice: Notice) -> None:
    """Mail programs show a repeated mail once; another notice is another mail in the same thread."""
    with serving() as (inbox, smtp):
        for each in (notice, notice, replace(notice, id="ntc_2")):
            smtp.send(each, ANA, SOON)
    first, second, third = (mail["Message-ID"] for mail in inbox.mails)
    assert first == second != third
    assert len({mail["In-Reply-To"] for mail in inbox.mails}) == 1


@pytest.mark.parametrize(
    "evil", ["x\r\nBcc: eve@example.org", "x\nX-Evil: 1", "x\r\n\r\nbody", "x\0y\u2028z", "\ud800"]
)
def test_texts_never_become_headers(notice: Notice, evil: str) -> None:
    """A line break in subject, name, id or incident stays inside its header."""
    hostile = replace(notice, subject=evil, incident=evil, id=evil, to=evil, body=evil, why=evil)
    with serving() as (inbox, smtp):
        smtp.send(hostile, replace(ANA, name=evil), SOON)
    mail = inbox.mails[0]
    assert not {"Bcc", "X-Evil"} & set(mail.keys())
    assert inbox.envelopes[0].rcpt_tos == ["ana@example.org"]


@pytest.mark.parametrize(
    "email", ["", "ana", "ana@example.org\r\nRCPT TO:<eve@x>", "a b@c", "<ana@x>", "a@b, c@d", "a..b@c"]
)
def test_what_is_no_address_is_refused_for_good(notice: Notice, email: str) -> None:
    """The person is named, so that somebody can mend the contact."""
    with serving() as (inbox, smtp), pytest.raises(Undelivered) as caught:
        smtp.send(notice, Address(name="Ana", fields={"email": email}), SOON)
    assert caught.value.permanent
    assert inbox.mails == []


def test_drills_are_marked(notice: Notice) -> None:
    """Nobody takes a drill for the real thing."""
    with serving() as (inbox, smtp):
        smtp.send(replace(notice, drill=True), ANA, SOON)
    assert inbox.mails[0]["Subject"] == "[drill] P1 Queue stuck"


@pytest.mark.parametrize(
    ("at_recipient", "at_data", "permanent"),
    [("550 no such user", "", True), ("450 try later", "", False), ("", "554 spam", True), ("", "451 later", False)],
)
def test_refusals_are_told_apart(notice: Notice, at_recipient: str, at_data: str, permanent: bool) -> None:
    """4xx can be tried again, 5xx is for good; the server's own words are kept."""
    with serving() as (inbox, smtp):
        inbox.at_recipient, inbox.at_data = at_recipient, at_data
        with pytest.raises(Undelivered) as caught:
            smtp.send(notice, ANA, SOON)
    assert caught.value.permanent is permanent
    assert (at_recipient or at_data) in str(caught.value)


def test_nobody_listens(notice: Notice) -> None:
    """A refused connection can be tried again."""
    with serving() as (_, smtp):
        pass
    with pytest.raises(Undelivered, match="did not take the mail") as caught:
        smtp.send(notice, ANA, SOON)
    assert not caught.value.permanent


def test_a_silent_server_is_given_up(notice: Notice) -> None:
    """A server that accepts and says nothing holds nobody up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        smtp = Smtp(host="127.0.0.1", port=listener.getsockname()[1], security="none", sender="tocsin@example.org")
        with pytest.raises(Undelivered, match="timed out"):
            smtp.send(notice, ANA, timedelta(seconds=0.3))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


class TestEncrypted:
    @pytest.fixture
    def context(self, certificate: tuple[Path, Path]) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        return context

    def test_logs_in_over_starttls(
        self, notice: Notice, certificate: tuple[Path, Path], context: ssl.SSLContext
    ) -> None:
        """Name and password go over the encrypted connection only; a wrong password is told, the password is not."""

        def check(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
            return AuthResult(success=getattr(data, "password", b"") == b"right-password", handled=False)

        settings = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": check}
        with serving(**settings) as (inbox, plain):
            smtp = replace(
                plain,
                security="starttls",
                user="tocsin",
                password=Secret("right-password"),
                ca_file=str(certificate[0]),
            )
            smtp.send(notice, ANA, SOON)
            assert len(inbox.mails) == 1
            with pytest.raises(Undelivered, match="535") as caught:
                replace(smtp, password=Secret("wrong-password")).send(notice, ANA, SOON)
        assert caught.value.permanent
        assert "wrong-password" not in str(caught.value)

    def test_an_unknown_certificate_is_refused(self, notice: Notice, context: ssl.SSLContext) -> None:
        """Without trust no mail goes out."""
        with serving(tls_context=context) as (inbox, plain), pytest.raises(Undelivered, match="certificate"):
            replace(plain, security="starttls").send(notice, ANA, SOON)
        assert inbox.mails == []

    def test_a_server_without_encryption_is_refused(self, notice: Notice) -> None:
        """Nothing is sent in the clear where encryption is asked for."""
        with serving() as (inbox, plain), pytest.raises(Undelivered):
            replace(plain, security="starttls").send(notice, ANA, SOON)
        assert inbox.mails == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sender": "nobody"}, "not a mail address"),
        ({"port": 0}, "port 0"),
        ({"user": "u", "security": "none"}, "in the clear"),
    ],
)
def test_faults_of_the_configuration(change: dict[str, object], message: str) -> None:
    """They are told when the configuration is read, not when somebody must be woken."""
    with pytest.raises(ValueError, match=message):
        Smtp(**{"host": "mail.example.org", "sender": "tocsin@example.org", **change})  # type: ignore[arg-type]
