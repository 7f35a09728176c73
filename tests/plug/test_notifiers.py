"""Slack, PagerDuty, Twilio, ntfy, Teams and Apprise, each against a server of its published shapes."""

from __future__ import annotations

import base64
import importlib.util
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.plug.serving import LOOPBACK, Asked, Site
from tocsin.core.notices import Notice
from tocsin.errors import Undelivered
from tocsin.notifiers.apprise import Apprise
from tocsin.notifiers.ntfy import Ntfy
from tocsin.notifiers.pagerduty import Pagerduty
from tocsin.notifiers.slack import Slack
from tocsin.notifiers.teams import Teams
from tocsin.notifiers.twilio_sms import TwilioSms, text
from tocsin.notifiers.twilio_voice import TwilioVoice, twiml
from tocsin.plug.kinds import Address, Secret
from tocsin.plug.outgoing import CUT, cut, one_line, plain, seconds_of

SOON = timedelta(seconds=5)
ACCOUNT, NUMBER = "AC" + "0" * 32, "+15005550006"
KEY = Secret("0123456789abcdef0123456789abcdef")
ANA = Address(name="Ana", fields={"phone": "+49 (30) 123-456", "chat": "U024BE7LH", "email": "ana@example.org"})
HOSTILE = "<!channel> <@U1> *x* [pay](https://evil.example) \u202egnp.exe\x1b[31m\x00 </Say><Hangup/> <at>all</at>"


class SlackDouble:
    """``chat.postMessage`` as Slack documents it: a bearer token, 200 with ``ok``, 429 from a number of messages on."""

    def __init__(self, token: str, *, limit: int = 99) -> None:
        self.token, self.limit, self.posted = token, limit, list[dict[str, Any]]()

    def __call__(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        """One request."""
        if asked.path != "/api/chat.postMessage":
            return 404, {}, b"not found"
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return 200, {}, b'{"ok": false, "error": "invalid_auth"}'
        if len(self.posted) >= self.limit:
            return 429, {"Retry-After": "30"}, b'{"ok": false, "error": "ratelimited"}'
        body = json.loads(asked.body)
        if body["channel"] == "#nowhere":
            return 200, {}, b'{"ok": false, "error": "channel_not_found"}'
        self.posted.append(body)
        return 200, {}, json.dumps({"ok": True, "channel": "C024BE91L", "ts": "1503435956.000247"}).encode()


def slack(site: Site, token: str = "xoxb-right") -> Slack:
    """The notifier, set up for the double."""
    return Slack(token=Secret(token), api=f"{site.url}/api", allow=LOOPBACK)


def test_slack_posts_to_the_persons_chat(site: Site, notice: Notice) -> None:
    """By the bot's token; the name of the message comes back."""
    site.answer = double = SlackDouble("xoxb-right")
    receipt = slack(site).send(notice, ANA, SOON)
    assert receipt.reference == "C024BE91L 1503435956.000247"
    (posted,) = double.posted
    assert posted["channel"] == "U024BE7LH"
    assert "Queue stuck" in posted["text"]
    assert notice.body in json.dumps(posted, ensure_ascii=False).replace("\\n", "\n")
    assert posted["blocks"][-1]["elements"][0]["url"] == notice.url


@pytest.mark.parametrize(
    ("token", "chat", "words", "permanent"),
    [("xoxb-wrong", "#here", "invalid_auth", True), ("xoxb-right", "#nowhere", "channel_not_found", True)],
)
def test_slack_refuses_with_200(site: Site, notice: Notice, token: str, chat: str, words: str, permanent: bool) -> None:
    """What Slack refuses stands in the body; the token does not stand in the sentence."""
    site.answer = SlackDouble("xoxb-right")
    with pytest.raises(Undelivered, match=words) as caught:
        slack(site, token).send(notice, replace(ANA, fields={"chat": chat}), SOON)
    assert caught.value.permanent is permanent
    assert token not in str(caught.value)


def test_slack_asks_to_wait(site: Site, notice: Notice) -> None:
    """Retry-After of a 429 is how long it is waited at the least."""
    site.answer = SlackDouble("xoxb-right", limit=0)
    with pytest.raises(Undelivered) as caught:
        slack(site).send(notice, ANA, SOON)
    assert (caught.value.permanent, caught.value.retry_after) == (False, 30.0)


def test_slack_webhook(site: Site, notice: Notice) -> None:
    """An incoming webhook takes the same message without a channel; its address is not in the error."""
    hook = Slack(webhook=Secret(f"{site.url}/services/T0/B0/hidden-hidden"), allow=LOOPBACK)
    site.body = b"ok"
    assert hook.send(notice, Address(name="#ovens"), SOON).reference == "posted"
    assert "channel" not in json.loads(site.asked[0].body)
    site.status, site.body = 404, b"no_service"
    with pytest.raises(Undelivered, match="no_service") as caught:
        hook.send(notice, Address(name="#ovens"), SOON)
    assert caught.value.permanent and "hidden-hidden" not in str(caught.value)


def test_slack_reads_nothing_out_of_hostile_words(site: Site, notice: Notice) -> None:
    """A label can call no channel, name nobody and link nowhere."""
    site.answer = double = SlackDouble("xoxb-right")
    slack(site).send(replace(notice, subject=HOSTILE, body=HOSTILE), ANA, SOON)
    (posted,) = double.posted
    for mrkdwn in (posted["text"], posted["blocks"][0]["text"]["text"]):
        assert "<" not in mrkdwn and "&lt;!channel&gt;" in mrkdwn
        assert "\u202e" not in mrkdwn and "\x1b" not in mrkdwn
    assert posted["blocks"][1]["text"]["type"] == "plain_text"


def pager(site: Site) -> Pagerduty:
    """The notifier, set up for the site."""
    return Pagerduty(routing_key=KEY, url=f"{site.url}/v2/enqueue", allow=LOOPBACK)


def test_pagerduty_has_one_alert_for_each_incident(site: Site, notice: Notice) -> None:
    """A page triggers, an acknowledgement acknowledges, the end resolves: all under the incident's key."""
    site.status = 202
    site.body = b'{"status":"success","message":"Event processed","dedup_key":"tocsin/INC-7"}'
    told = (
        notice, replace(notice, kind="inform", status="open"), replace(notice, kind="inform", status="acknowledged"),
        replace(notice, kind="inform", status="resolved"), replace(notice, kind="page", status="acknowledged"),
    )  # fmt: skip
    for each in told:
        assert pager(site).send(each, ANA, SOON).reference == "tocsin/INC-7"
    events = [json.loads(asked.body) for asked in site.asked]
    assert [event["event_action"] for event in events] == ["trigger", "trigger", "acknowledge", "resolve", "trigger"]
    assert {event["dedup_key"] for event in events} == {"tocsin/INC-7"}
    assert events[0]["payload"]["summary"] == notice.subject
    assert events[0]["payload"]["severity"] == "critical"
    assert events[0]["routing_key"] == KEY.value


@pytest.mark.parametrize(("status", "permanent"), [(400, True), (429, False), (500, False), (503, False)])
def test_pagerdutys_refusals_are_told_apart(site: Site, notice: Notice, status: int, permanent: bool) -> None:
    """An event that is none stays none; too many and faults of the server pass. The key is not told."""
    site.status, site.body = status, b'{"status":"invalid event","errors":["x"]}'
    with pytest.raises(Undelivered, match=str(status)) as caught:
        pager(site).send(notice, ANA, SOON)
    assert caught.value.permanent is permanent
    assert KEY.value not in str(caught.value)


def test_pagerdutys_lengths_are_kept(notice: Notice) -> None:
    """A summary has at most 1,024 characters there, and ours says where it was cut; a drill wakes nobody."""
    made = Pagerduty(routing_key=KEY).event(replace(notice, subject="ö" * 5000, drill=True))
    assert len(made["payload"]["summary"]) == 1024 and made["payload"]["summary"].endswith(CUT)
    assert made["payload"]["severity"] == "info"


class TwilioDouble:
    """Twilio's API: Basic login, form fields, 201 with a SID, errors with a code."""

    def __init__(self, key: str) -> None:
        self.key, self.taken = key, list[tuple[str, dict[str, str]]]()

    def __call__(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        """One request."""
        login = base64.b64encode(f"{ACCOUNT}:{self.key}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {login}":
            return 401, {}, b'{"code": 20003, "message": "Authenticate", "status": 401}'
        fields = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if fields["To"] == "+15005550001":
            said = {
                "code": 21211,
                "message": "The 'To' number +15005550001 is not a valid phone number.",
                "status": 400,
            }
            return 400, {}, json.dumps(said).encode()
        if len(self.taken) >= 3:
            return 429, {}, b'{"code": 20429, "message": "Too Many Requests", "status": 429}'
        self.taken.append((urlsplit(asked.path).path.rpartition("/")[2], fields))
        return 201, {}, b'{"sid": "SM0123456789", "status": "queued"}'


def sms(site: Site, key: str = "right") -> TwilioSms:
    """The notifier, set up for the double."""
    return TwilioSms(account=ACCOUNT, key=Secret(key), sender=NUMBER, api=site.url, allow=LOOPBACK)


def test_a_text_message_goes_to_the_number(site: Site, notice: Notice) -> None:
    """The number as people write it becomes one that Twilio takes."""
    site.answer = double = TwilioDouble("right")
    assert sms(site).send(notice, ANA, SOON).reference == "SM0123456789"
    ((what, fields),) = double.taken
    assert (what, fields["To"], fields["From"]) == ("Messages.json", "+4930123456", NUMBER)
    assert fields["Body"].splitlines()[0] == "P1 Queue stuck"
    assert fields["Body"].endswith(notice.url)


@pytest.mark.parametrize(
    ("key", "phone", "words", "permanent"),
    [("wrong", NUMBER, "20003", True), ("right", "+15005550001", "21211", True), ("right", "12", "is no number", True)],
)
def test_twilios_refusals_have_their_number(
    site: Site, notice: Notice, key: str, phone: str, words: str, permanent: bool
) -> None:
    """A wrong number or login stays wrong; the auth token is not told."""
    site.answer = TwilioDouble("right")
    with pytest.raises(Undelivered, match=words) as caught:
        sms(site, key).send(notice, replace(ANA, fields={"phone": phone}), SOON)
    assert caught.value.permanent is permanent
    assert f"{ACCOUNT}:" not in str(caught.value)


def test_too_many_messages_are_tried_again(site: Site, notice: Notice) -> None:
    """Twilio's limit passes."""
    site.answer = TwilioDouble("right")
    for _ in range(3):
        sms(site).send(notice, ANA, SOON)
    with pytest.raises(Undelivered, match="20429") as caught:
        sms(site).send(notice, ANA, SOON)
    assert not caught.value.permanent


def test_a_text_message_has_no_line_of_a_stranger(notice: Notice) -> None:
    """Line ends in a title begin no line; what is long is cut visibly, and the address survives."""
    made = text(replace(notice, subject="A\nReply STOP\u2028now\u202e" + "x" * 900, why="w\nv"), "Reply ACK")
    assert made.splitlines()[0].startswith("A Reply STOP now")
    assert CUT in made and len(made) <= 600
    assert made.splitlines()[-2:] == [notice.url, "Reply ACK"]
    assert "\u202e" not in made


def test_a_call_reads_the_page_and_takes_a_key(site: Site, notice: Notice) -> None:
    """The voice says it twice; 1 is posted to where answers are taken, with the notice's name."""
    site.answer = double = TwilioDouble("right")
    voice = TwilioVoice(
        account=ACCOUNT, key=Secret("right"), sender=NUMBER, api=site.url, allow=LOOPBACK,
        answer_url="https://tocsin.example.org/answers?via=voice",
    )  # fmt: skip
    voice.send(replace(notice, id="INC-7/5/ana"), ANA, SOON)
    ((what, fields),) = double.taken
    spoken = ET.fromstring(fields["Twiml"])
    gather = spoken.find("Gather")
    assert what == "Calls.json" and gather is not None
    assert gather.attrib["numDigits"] == "1"
    assert gather.attrib["action"] == "https://tocsin.example.org/answers?via=voice&notice=INC-7%2F5%2Fana"
    said = " ".join(each.text or "" for each in gather.iter("Say"))
    assert said.count("P1 Queue stuck") == 2
    assert "Press 1 to acknowledge" in said


def test_a_call_asks_tocsin_itself_where_that_takes_keys(notice: Notice) -> None:
    """The signed address that comes with the page is the one that Twilio posts to."""
    own = replace(notice, answers={"voice": "https://tocsin.example.org/answers/voice/abc"})
    gather = ET.fromstring(twiml(own, "Ana", "", "en-US")).find("Gather")
    assert gather is not None and gather.attrib["action"] == "https://tocsin.example.org/answers/voice/abc"


def test_chats_offer_the_answer_as_a_button(site: Site, notice: Notice) -> None:
    """Beside the page; what is no address of the web is no button."""
    link = "https://tocsin.example.org/answer/acknowledge/abc"
    own = replace(notice, answers={"acknowledge": link, "hold": "javascript:x", "reply_to": "a@b.example"})
    site.answer = double = SlackDouble("xoxb-right")
    slack(site).send(own, ANA, SOON)
    assert [each["url"] for each in double.posted[0]["blocks"][-1]["elements"]] == [link, notice.url]
    site.answer = None
    Ntfy(server=site.url, topic="ferry", allow=LOOPBACK).send(own, Address(name="Ana"), SOON)
    assert [each["url"] for each in json.loads(site.asked[-1].body)["actions"]] == [link, notice.url]
    assert json.loads(site.asked[-1].body)["click"] == notice.url


def test_a_call_about_a_word_takes_no_key(notice: Notice) -> None:
    """Only a page can be acknowledged."""
    assert "Gather" not in twiml(replace(notice, kind="inform"), "Ana", "https://a.example", "en-US")


def test_no_text_steers_a_call(notice: Notice) -> None:
    """What a stranger wrote is spoken and never a verb of TwiML."""
    made = twiml(
        replace(notice, subject=HOSTILE, why=HOSTILE, id='a&b"><Hangup/>'), "</Say>", "https://a.example", "en-US"
    )
    verbs = [each.tag for each in ET.fromstring(made).iter()]
    assert set(verbs) == {"Response", "Gather", "Say", "Pause"}
    assert len(made) < 4000


def test_ntfy_wakes_for_a_page_only(site: Site, notice: Notice) -> None:
    """The highest priority for a page, a lower one for a drill or a word; a tap opens the incident."""
    push = Ntfy(server=site.url, topic="ferry", token=Secret("tk_right"), allow=LOOPBACK)
    for each in (notice, replace(notice, drill=True), replace(notice, kind="inform")):
        push.send(each, Address(name="Ana"), SOON)
    bodies = [json.loads(asked.body) for asked in site.asked]
    assert [body["priority"] for body in bodies] == [5, 3, 3]
    assert bodies[0]["click"] == bodies[0]["actions"][0]["url"] == notice.url
    assert site.asked[0].headers["authorization"] == "Bearer tk_right"
    assert bodies[1]["title"].startswith("[drill]")


def test_ntfy_keeps_within_its_length(site: Site, notice: Notice) -> None:
    """Its limit is in bytes; the cut is visible and falls between letters."""
    Ntfy(server=site.url, topic="ferry", allow=LOOPBACK).send(
        replace(notice, body="ö" * 9000), Address(name="Ana"), SOON
    )
    message = json.loads(site.asked[0].body)["message"]
    assert len(message.encode()) <= 4000 and message.endswith(CUT)


def test_a_topic_that_is_none_is_refused(site: Site, notice: Notice) -> None:
    """A chat name of another system is no topic, and nothing is sent."""
    with pytest.raises(Undelivered, match="no topic") as caught:
        Ntfy(server=site.url, allow=LOOPBACK).send(notice, Address(name="Ana", fields={"chat": "#a b"}), SOON)
    assert caught.value.permanent and site.asked == []


def test_teams_gets_a_card(site: Site, notice: Notice) -> None:
    """The shape that Workflows takes, answered 202."""
    site.status = 202
    Teams(webhook=Secret(f"{site.url}/workflows/1"), allow=LOOPBACK).send(notice, Address(name="#ovens"), SOON)
    message = json.loads(site.asked[0].body)
    (attachment,) = message["attachments"]
    assert message["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["content"]["body"][0]["text"] == "P1 Queue stuck"
    assert attachment["content"]["actions"][0]["url"] == notice.url


def test_a_card_calls_nobody_and_links_nowhere(site: Site, notice: Notice) -> None:
    """Markdown and mentions of strangers are shown as they are."""
    Teams(webhook=Secret(site.url), allow=LOOPBACK).send(replace(notice, subject=HOSTILE), Address(name="x"), SOON)
    title = json.loads(site.asked[0].body)["attachments"][0]["content"]["body"][0]["text"]
    assert "<at>" not in title and "[pay](" not in title and "\\[pay\\]\\(" in title


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
@pytest.mark.skipif(importlib.util.find_spec("apprise") is None, reason="the extra apprise is not installed")
def test_apprise_sends_by_its_url(site: Site, notice: Notice) -> None:
    """The real library posts JSON to a real server; a refusal is a fault without the URL in it."""
    url = f"json://user:hidden-hidden@127.0.0.1:{site.port}/in"
    Apprise(target=Secret(url)).send(notice, Address(name="Ana"), SOON)
    body = json.loads(site.asked[0].body)
    assert (body["title"], notice.body in body["message"]) == (notice.subject, True)
    site.status = 500
    with pytest.raises(Undelivered, match="could not tell Ana") as caught:
        Apprise(target=Secret(url)).send(notice, Address(name="Ana"), SOON)
    assert not caught.value.permanent and "hidden-hidden" not in str(caught.value)
    with pytest.raises(Undelivered, match="none that Apprise knows") as caught:
        Apprise(target=Secret("nosuch://hidden-hidden")).send(notice, Address(name="Ana"), SOON)
    assert caught.value.permanent


GUARDED: dict[str, Callable[[str], Any]] = {
    "slack": lambda url: Slack(token=KEY, api=url), "slack webhook": lambda url: Slack(webhook=Secret(url)),
    "pagerduty": lambda url: Pagerduty(routing_key=KEY, url=url),
    "twilio": lambda url: TwilioSms(account=ACCOUNT, key=KEY, sender=NUMBER, api=url),
    "twilio voice": lambda url: TwilioVoice(account=ACCOUNT, key=KEY, sender=NUMBER, api=url),
    "ntfy": lambda url: Ntfy(server=url, topic="t"), "teams": lambda url: Teams(webhook=Secret(url)),
}  # fmt: skip


@pytest.mark.parametrize("name", GUARDED)
def test_none_reaches_into_the_network(site: Site, notice: Notice, name: str) -> None:
    """Private addresses are closed unless the operator opens them, and a redirect is not followed."""
    to = replace(ANA, fields={"phone": NUMBER, "chat": "topic"})
    with pytest.raises(Undelivered, match="not a public address") as caught:
        GUARDED[name](site.url).send(notice, to, SOON)
    assert caught.value.permanent and site.asked == []
    site.status, site.headers = 302, {"location": "http://169.254.169.254/"}
    with pytest.raises(Undelivered) as caught:
        replace(GUARDED[name](site.url), allow=LOOPBACK).send(notice, to, SOON)
    assert caught.value.permanent and len(site.asked) == 1


@pytest.mark.parametrize("made", [Slack, lambda: Slack(token=KEY, webhook=KEY),
    lambda: Pagerduty(routing_key=Secret("short")), lambda: Ntfy(topic="a b"), lambda: Apprise(target=Secret("x")),
    lambda: TwilioSms(account="x", key=KEY, sender=NUMBER), lambda: TwilioSms(account=ACCOUNT, key=KEY, sender="+0"),
    lambda: TwilioVoice(account=ACCOUNT, key=KEY, sender=NUMBER, answer_url="javascript:x"),
    lambda: TwilioVoice(account=ACCOUNT, key=KEY, sender=NUMBER, language='en"><Say>')])  # fmt: skip
def test_settings_that_can_not_work_are_refused(made: Callable[[], object]) -> None:
    """At the start, not when somebody must be woken."""
    with pytest.raises(ValueError):
        made()


def test_text_is_cut_and_cleaned_visibly() -> None:
    """Nothing that steers or hides stays; what is cut says so, also where there is hardly room."""
    assert plain("a\r\nb\x07c\u202ed\u200be\ud800") == "a\nb c d e?"
    assert one_line("a\n\tb  c", 99) == "a b c"
    assert cut("abcdefghijklmnop", 10) == "abc" + CUT and len(cut("x" * 99, 10)) == 10
    assert [seconds_of(text) for text in ("30", " 2.5 ", "Wed, 21 Oct 2015 07:28:00 GMT", "", "99999999")] == [
        30.0, 2.5, 0.0, 0.0, 3600.0,
    ]  # fmt: skip
