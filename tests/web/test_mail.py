"""E-mails as alerts, by a real SMTP client."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.web import sending
from tocsin.app import App
from tocsin.errors import Invalid, Unavailable
from tocsin.settings import read_settings
from tocsin.web.mail import taking_mail
from tocsin.web.server import listen

TOKEN = "a-token-for-the-post-01"
SOURCES = f"""
[intake.mail]
listen = "127.0.0.1:0"
[sources.post]
kind = "email"
alertname = '^(?:ALERT|OK): (\\w+)'
resolved = '^OK:'
severity = "P1"
[sources.guarded]
kind = "email"
token = "{TOKEN}"
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The lighthouse with a source for e-mails."""
    opened = sending.enter_with(tmp_path, SOURCES)
    yield opened
    opened.db.close()


@contextmanager
def client(app: App) -> Iterator[smtplib.SMTP]:
    """A mail client, connected."""
    with taking_mail(app) as where:
        assert where is not None
        with smtplib.SMTP(*where, timeout=10) as opened:
            yield opened


def mail(subject: str, number: int = 1, to: str = "post@tocsin.test") -> EmailMessage:
    """An e-mail as a monitoring system writes it."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "watch@tower.test", to, subject
    made["Message-ID"] = f"<{number}@tower.test>"
    made.set_content("Nothing shines.\n")
    made.add_alternative("<p>Nothing <b>shines</b></p>", subtype="html")
    return made


def test_an_email_pages_and_another_one_ends_the_alert(app: App) -> None:
    """The subject holds the name, the text is the summary; sent twice, it counts once."""
    with client(app) as sender:
        sender.send_message(mail("ALERT: LampOut since noon"))
        sender.send_message(mail("ALERT: LampOut since noon"))
        (incident,) = sending.incidents(app)
        assert (incident.scenario_title, incident.severity) == ("The lamp is out", "P1")
        (alert,) = sending.alerts(app)
        assert (alert.annotations["summary"], alert.annotations["from"]) == ("Nothing shines.", "watch@tower.test")
        sender.send_message(mail("OK: LampOut", 2))
    assert [alert.status for alert in sending.alerts(app)] == ["resolved"]


@pytest.mark.parametrize(
    ("to", "code"),
    [("nobody@tocsin.test", 550), ("guarded@tocsin.test", 550), (f"guarded+{TOKEN}x@tocsin.test", 550),
     (f"guarded+{TOKEN}@tocsin.test", 250)],
)  # fmt: skip
def test_an_email_is_taken_for_a_source_by_its_token(app: App, to: str, code: int) -> None:
    """Refused for good where there is no such source, or the token in the address is missing or wrong."""
    with client(app) as sender:
        try:
            sender.send_message(mail("Fog", to=to))
            got = 250
        except smtplib.SMTPRecipientsRefused as error:
            got = error.recipients[to][0]
        except smtplib.SMTPDataError as error:
            got = error.smtp_code
    assert got == code
    assert len(sending.alerts(app)) == (code == 250)


def test_an_email_without_a_subject_is_refused_with_a_sentence(app: App) -> None:
    """What tells nothing is not an alert."""
    with client(app) as sender, pytest.raises(smtplib.SMTPDataError, match="no subject") as refusal:
        sender.send_message(mail(""))
    assert refusal.value.smtp_code == 554


def test_a_database_that_takes_nothing_has_it_sent_again(app: App) -> None:
    """451, and not 250, where it is not on disk."""
    with client(app) as sender:
        app.db.close()
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            sender.send_message(mail("ALERT: LampOut"))
    assert refusal.value.smtp_code == 451


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    """One sentence that names the address, before anything is served."""
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        opened = sending.enter_with(tmp_path, f'[intake.mail]\nlisten = "127.0.0.1:{port}"\n')
        with pytest.raises(Unavailable, match=f"Port {port} on 127.0.0.1 is in use"), taking_mail(opened):
            pass
        opened.db.close()


@pytest.mark.parametrize(
    ("listen", "says"),
    [("0.0.0.0:2525", "from outside"), ("localhost", "not an address and a port"), ("127.0.0.1:99999", "not an addr"),
     ("1.2.3.400:1", "not an address"), ("[::1]:2525", "")],
)  # fmt: skip
def test_it_listens_on_loopback_only(tmp_path: Path, listen: str, says: str) -> None:
    """Anybody could send an alert to an address that can be reached from outside."""
    path = tmp_path / "tocsin.toml"
    path.write_text(f'[intake.mail]\nlisten = "{listen}"\n', "utf-8")
    if not says:
        assert read_settings(path, {}).mail_listen == ("::1", 2525)
        return
    with pytest.raises(Invalid, match=says):
        read_settings(path, {})
