"""Answers without signing in: signed links, replies by mail, by SMS, by a key; and which of many is the first."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web import house, sending
from tests.web.house import bearer
from tests.web.test_permissions import make_token
from tocsin.app import App
from tocsin.core.answering import Said
from tocsin.core.facts import Actor
from tocsin.core.notices import Notice
from tocsin.errors import NotFound, Refused, TocsinError
from tocsin.notifiers.smtp import Smtp
from tocsin.service import answering, catalogue, respond, signing, team
from tocsin.service.respond import Declaration
from tocsin.store import incidents, people
from tocsin.web.mail import taking_mail
from tocsin.web.telephone import signature
from tocsin.wire import decode

URL = "https://tocsin.example.org"
TWILIO = "a-token-of-the-telephone"
CONFIG = f"""
[server]
url = "{URL}"
[answers]
mail = "replies@ops.example.org"
twilio_token = "{TWILIO}"
[intake.mail]
listen = "127.0.0.1:0"
[people.ana]
email = "ana@harbour.example.org"
phone = "+49 30 1234567"
[people.ben]
email = "ben@harbour.example.org"
phone = "0049 30 7654321"
[people.cleo]
[roles]
"on-call engineer" = "ana"
"""
ANA, BEN = Actor("person", "ana"), Actor("person", "ben")


class Clock:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """The present moment."""
        return self.at


@pytest.fixture
def clock() -> Clock:
    """Three in the morning."""
    return Clock()


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Iterator[App]:
    """INC-1 is open, and ana and ben were called."""
    opened = sending.enter_with(tmp_path, CONFIG)
    opened.clock = clock
    respond.declare_by_hand(opened, Declaration(title="The lamp is out", severity="P1"), Actor("person", "watch"))
    team.add_people(opened, "INC-1", team.Added(people="ana, ben", why="all is dark"), Actor("person", "watch"))
    yield opened
    opened.db.close()


def page_to(app: App, person: str) -> Notice:
    """The page that somebody gets, as it is sent."""
    found = [decode(Notice, body) for body in stored(app)]
    return answering.with_ways(app, next(each for each in reversed(found) if each.to == person))


def stored(app: App) -> list[str]:
    """The bodies of all notices, the oldest first."""
    return app.db.read(lambda tx: [row["body"] for row in tx.all("select body from outbox order by created_at, id")])


def link(app: App, person: str = "ana", deed: str = "acknowledge") -> str:
    """The path of a link of theirs."""
    return f"/answer/{deed}/{signing.sign(app, deed, person, 'INC-1', app.clock.now())}"


def kinds(app: App) -> list[str]:
    """What stands on the timeline."""
    return [entry.kind for entry in app.db.read(lambda tx: incidents.timeline(tx, "INC-1"))]


def twilio(client: TestClient, path: str, secret: str = TWILIO, **given: str) -> Any:
    """A request as Twilio makes it."""
    signed = signature(secret, f"{URL}{path}", list(given.items()))
    return client.post(path, data=given, headers={"X-Twilio-Signature": signed})


def reply(app: App, text: str, *, sender: str = "ana@harbour.example.org", person: str = "ana", **more: str) -> None:
    """A reply by mail, by a real client, to the address of somebody's page."""
    token = signing.sign(app, "mail", person, "INC-1", app.clock.now())
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, more.pop("to", f"replies+{token}@ops.example.org"), "Re: page"
    mail["Message-ID"] = more.pop("named", f"<{abs(hash(text))}@harbour.example.org>")
    for name, value in more.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    with taking_mail(app) as where:
        assert where is not None
        with smtplib.SMTP(*where, timeout=10) as client:
            client.send_message(mail)


def test_looking_at_a_link_does_nothing_and_pressing_its_button_does_it(app: App) -> None:
    """A GET, however often, shows what will be done; the POST does it, once, without signing in."""
    with house.client_of(app) as client:
        for _ in range(3):
            shown = client.get(link(app))
            assert (shown.status_code, "You answer as <b>ana</b>" in shown.text) == (200, True)
            assert client.head(link(app)).status_code in (200, 405)
        assert "Acknowledged" not in kinds(app)
        assert shown.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in shown.headers["X-Robots-Tag"]
        path = link(app)
        assert "INC-1 is yours" in client.post(path).text
        assert "You have INC-1 since 03:00:00 UTC" in client.post(path).text
    incident = respond.exists(app, "INC-1")
    assert (incident.acknowledged_by, kinds(app).count("Acknowledged")) == ("ana", 1)


def test_who_comes_second_is_told_who_was_first(app: App, clock: Clock) -> None:
    """By the link, in the API and by SMS alike, with the time between."""
    with house.client_of(app) as client:
        client.post(link(app))
        clock.at += timedelta(seconds=10)
        assert "ana took it 10 s before you." in client.get(link(app, "ben")).text
        late = client.post(link(app, "ben"))
        assert (late.status_code, "ana took it 10 s before you." in late.text) == (409, True)
        api = client.post("/api/v1/incidents/1/acknowledge", headers=bearer("responder"))
        assert (api.status_code, "10 s before you" in api.json()["detail"]) == (409, True)
        said = twilio(client, "/answers/sms", From="+49307654321", Body="ack INC-1", MessageSid="SM1")
        assert "ana took it 10 s before you." in said.text


@pytest.mark.parametrize(
    "wrong",
    [
        lambda path: path.replace("acknowledge", "escalate"),
        lambda path: path.replace("/1-", "/2-"),
        lambda path: path[:-1] + ("a" if path[-1] != "a" else "b"),
        lambda path: path[:-24] + "a" * 24,
        lambda path: re.sub(r"-(\d+)-", lambda found: f"-{int(found[1]) + 1}-", path),
        lambda _: "/answer/acknowledge/x",
        lambda _: "/answer/resolve/1-1-aaaaaaaaaaaaaaaaaaaaaaaa",
    ],
)
def test_a_link_counts_for_its_own_deed_incident_moment_and_person_only(app: App, wrong: Any) -> None:
    """Whatever is changed in it, nothing is done and nothing is shown."""
    respond.declare_by_hand(app, Declaration(title="The other one", severity="P1"), ANA)
    with house.client_of(app) as client:
        path = wrong(link(app))
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 404
            assert "The lamp" not in answer.text and "The other" not in answer.text
    assert "Acknowledged" not in kinds(app)


def test_a_link_expires(app: App, clock: Clock) -> None:
    """It counts a day, and not a second longer."""
    path = link(app)
    with house.client_of(app) as client:
        clock.at += timedelta(hours=24)
        assert (client.get(path).status_code, client.post(path).status_code) == (404, 404)


def test_a_revoked_token_and_a_lesser_role_end_links(app: App, clock: Clock) -> None:
    """Who would not be let in by signing in is not let in by a link."""
    make_token(app, "ana", "viewer")
    with house.client_of(app) as client:
        assert client.post(link(app)).status_code == 401
        make_token(app, "Ana", "responder")
        path = link(app)
        clock.at += timedelta(seconds=5)
        app.db.write(lambda tx: people.revoke(tx, "ana", app.clock.now()))
        assert client.post(path).status_code == 401, "something of hers was revoked after it was sent"
        clock.at += timedelta(seconds=5)
        assert client.post(link(app)).status_code == 200


def test_a_link_ends_with_its_person_or_their_token_in_the_configuration(app: App, tmp_path: Path) -> None:
    """After a restart without the person, or with another token of theirs, old links are nobody's."""
    path = link(app)
    app.db.close()
    more = '[tokens.ana]\ntoken = "another-token-of-anas"\nrole = "responder"\n'
    for config in (CONFIG + more, CONFIG.replace("people.ana", "people.eva").replace('= "ana"', '= "eva"')):
        other = sending.enter_with(tmp_path, config)
        other.clock = app.clock
        with house.client_of(other) as client:
            assert client.post(path).status_code == 404
        other.db.close()


def test_another_site_can_t_press_the_button_of_somebody_signed_in(app: App) -> None:
    """A form of another site is refused, even where it has the link and the browser has a session."""
    with house.client_of(app) as client:
        client.post("/login", data={"token": house.TOKENS["admin"]}, headers={"Sec-Fetch-Site": "same-origin"})
        assert client.post(link(app), headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert "Acknowledged" not in kinds(app)


def test_links_offer_what_waits_for_their_person(app: App) -> None:
    """A page has links to take it, to escalate and to wait; an offer has yes and no; nothing of them is stored."""
    sent = page_to(app, "ana")
    assert set(sent.answers) == {"acknowledge", "escalate", "hold", "reply_to", "voice"}
    assert f"Take it: {URL}/answer/acknowledge/1-" in sent.body
    assert not any("/answer/" in body for body in stored(app))
    answering.acknowledge(app, "INC-1", ANA)
    team.hand_over(app, "INC-1", team.HandOver(to="ben", why="my shift ends"), ANA)
    assert set(page_to(app, "ben").answers) == {"accept", "decline", "reply_to", "voice"}
    with house.client_of(app) as client:
        assert client.post(link(app, "ana", "accept")).status_code == 403
        assert "You have taken over INC-1" in client.post(link(app, "ben", "accept")).text
    assert respond.exists(app, "INC-1").owner == "ben"


def test_a_mail_says_where_to_reply_and_no_text_can_make_it_say_otherwise(app: App) -> None:
    """The address for replies is a header of the mail; what is no address never becomes one."""
    post = Smtp(host="mail.example.org", sender="tocsin@ops.example.org")
    mail = post.compose(page_to(app, "ana"), "Ana", "ana@harbour.example.org")
    assert re.fullmatch(r"replies\+1-\d+-[a-z2-7]{24}@ops\.example\.org", str(mail["Reply-To"]))
    hostile = replace(page_to(app, "ana"), answers={"reply_to": "a@b\r\nBcc: eve@evil.test"})
    assert post.compose(hostile, "Ana", "ana@harbour.example.org")["Reply-To"] is None


def test_of_a_private_incident_a_link_shows_nothing_but_its_number(app: App) -> None:
    """Named ones answer and see no title; for the others the link is dead."""
    team.make_private(app, "INC-1", team.Privately(why="keys", people="ana"), Actor("person", "watch"))
    with house.client_of(app) as client:
        shown = client.get(link(app))
        assert (shown.status_code, "The lamp" in shown.text) == (200, False)
        assert client.get(link(app, "ben")).status_code == 404
        assert client.post(link(app, "ben")).status_code == 404


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ack\n\n> On Monday somebody wrote:\n> escalate", "Acknowledged"),
        ("Note: the fuse is out\nand the spare one, too\n-- \nana", "Noted"),
        ("silence 45 I am on my way", "EscalationHeld"),
    ],
)
def test_a_reply_by_mail_is_an_answer(app: App, text: str, kind: str) -> None:
    """Its first own line says what; what came of it is told by mail."""
    reply(app, text)
    assert kinds(app).count(kind) == 1
    made = [each for each in app.db.read(lambda tx: incidents.timeline(tx, "INC-1")) if each.kind == kind][-1]
    assert made.by == ANA
    if kind == "Noted":
        assert made.fact.text == "the fuse is out\nand the spare one, too"


def test_the_same_mail_counts_once(app: App) -> None:
    """A mail server that did not hear sends again."""
    for _ in range(2):
        reply(app, "note: the fuse", named="<same@harbour.example.org>")
    assert kinds(app).count("Noted") == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"sender": "ben@harbour.example.org"}, 550),
        ({"sender": "ana@harbour.example.org.evil.test"}, 550),
        ({"person": "ben"}, 550),
        ({"to": "replies@ops.example.org"}, 550),
        ({"to": "replies+1-1-aaaaaaaaaaaaaaaaaaaaaaaa@ops.example.org"}, 550),
        ({"Auto_Submitted": "auto-replied"}, 250),
    ],
)
def test_a_sender_alone_proves_nothing_and_neither_does_an_address(app: App, more: dict[str, str], code: int) -> None:
    """It takes the address that was sent to somebody, and their own mailbox; what a machine sends is passed over."""
    if code == 250:
        reply(app, "ack", **more)
    else:
        with pytest.raises(smtplib.SMTPResponseException) as refused:
            reply(app, "ack", **more)
        assert refused.value.smtp_code == code
    assert "Acknowledged" not in kinds(app)


def test_twilio_s_own_example_has_twilio_s_own_signature() -> None:
    """The vector of Twilio's documentation."""
    given = {
        "CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309",
        "To": "+18005551212",
    }  # fmt: skip
    address = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature("12345", address, list(given.items())) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_an_sms_is_an_answer_of_whose_number_it_comes_from(app: App) -> None:
    """``1`` is enough while one incident waits, of two one must be named; strangers and false signatures do nothing."""
    with house.client_of(app) as client:
        assert (
            twilio(client, "/answers/sms", "another-token-entirely", From="+49301234567", Body="1").status_code == 401
        )
        assert client.post("/answers/sms", data={"From": "+49301234567", "Body": "1"}).status_code == 401
        assert "belongs to nobody" in twilio(client, "/answers/sms", From="+4999", Body="1").text
        assert "not understood" in twilio(client, "/answers/sms", From="+49301234567", Body="hello <b>").text
        assert "Acknowledged" not in kinds(app)
        respond.declare_by_hand(app, Declaration(title="The horn", severity="P2"), Actor("person", "watch"))
        team.add_people(app, "INC-2", team.Added(people="ana", why="too"), Actor("person", "watch"))
        assert "2 incidents wait for you" in twilio(client, "/answers/sms", From="+49301234567", Body="1").text
        answer = twilio(client, "/answers/sms", From="+49301234567", Body="ack inc-2", MessageSid="SM2")
        assert "INC-2 is yours" in answer.text
        assert answer.headers["content-type"].startswith("text/xml")
        assert "INC-1 is yours" in twilio(client, "/answers/sms", From="+49301234567", Body="1", MessageSid="SM3").text
    told = sending.timeline(app)
    assert ("person ana", "ana acknowledged by SMS ") in told


def test_a_key_during_the_call_is_an_answer(app: App) -> None:
    """The call says what it is about and waits for a key; 1 takes it; another call's key comes second."""
    with house.client_of(app) as client:
        tokens = {who: signing.sign(app, "voice", who, "INC-1", app.clock.now()) for who in ("ana", "ben")}
        asked = twilio(client, f"/answers/voice/{tokens['ana']}", CallSid="CA1")
        assert "<Gather" in asked.text and "The lamp is out" in asked.text
        assert "means nothing" in twilio(client, f"/answers/voice/{tokens['ana']}", Digits="7").text
        assert "INC-1 is yours" in twilio(client, f"/answers/voice/{tokens['ana']}", Digits="1").text
        assert "ana took it" in twilio(client, f"/answers/voice/{tokens['ben']}", Digits="1").text
        assert "no link or address of ours" in twilio(client, "/answers/voice/1-1-aaaaaaaaaaaaaaaaaaaaaaaa").text


def test_of_fifty_answers_by_every_way_at_once_exactly_one_wins(app: App) -> None:
    """Links, SMS, keys, the API and mails race; one fact, one winner, and each other one is told who it was."""
    said: list[str] = []
    with house.client_of(app) as client:
        voice = signing.sign(app, "voice", "ben", "INC-1", app.clock.now())
        ways = [
            lambda: client.post(link(app, "ana")).text,
            lambda: client.post(link(app, "ben")).text,
            lambda: twilio(client, "/answers/sms", From="+49307654321", Body="1").text,
            lambda: twilio(client, f"/answers/voice/{voice}", Digits="1").text,
            lambda: client.post("/api/v1/incidents/1/acknowledge", headers=bearer("responder")).text,
            lambda: _straight(app),
        ]
        with ThreadPoolExecutor(25) as threads:
            said = list(threads.map(lambda number: ways[number % len(ways)](), range(50)))
    winner = respond.exists(app, "INC-1").acknowledged_by
    assert kinds(app).count("Acknowledged") == 1
    others = [each for each in said if "is yours" not in each and '"acknowledged_at"' not in each]
    assert all(f"{winner} took it" in each or "You have INC-1" in each or "you, " in each for each in others), others
    assert len(said) - len(others) == 1
    assert app.db.read(lambda tx: incidents.verify(tx, "INC-1")) == []


def _straight(app: App) -> str:
    """As the terminal does, without a door between."""
    try:
        catalogue.make(app, "acknowledge", "INC-1", catalogue.Nothing(), Actor("person", "cleo"), "responder")
    except TocsinError as error:
        return str(error)
    return "INC-1 is yours"


def test_somebody_who_was_not_called_answers_no_short_message(app: App) -> None:
    """A number that is known is not enough: the incident must concern them."""
    with pytest.raises(NotFound):
        answering.meant(app, Said(deed="acknowledge"), "cleo")
    respond.resolve(app, "INC-1", "", "a test", ANA)
    with pytest.raises(Refused, match="resolved"):
        answering.answer(app, "INC-1", Said(deed="hold"), answering.From(person="ana", via="SMS"))
