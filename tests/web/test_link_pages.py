"""The pages behind signed links: what else they offer, handing over and calling people in without signing in."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.web import house
from tests.web.test_answers import (  # noqa: F401  fixtures
    ANA,
    Clock,
    app,
    clock,
    kinds,
    link,
    page_to,
    reply,
    twilio,
)
from tocsin.app import App
from tocsin.service import answering, respond, team

LINKS = re.compile(r'href="(/answer/[a-z_]+/[^"]+)"')


def test_after_an_answer_the_page_offers_what_is_next(app: App, clock: Clock) -> None:  # noqa: F811
    """By links of the same person that count no longer than the one that they came by."""
    with house.client_of(app) as client:
        assert not LINKS.findall(client.get(link(app)).text), "one thing at a time"
        path = link(app)
        clock.at += timedelta(hours=23)
        found = LINKS.findall(client.post(path).text)
        assert {each.split("/")[2] for each in found} == {"escalate", "hold", "hand_over", "add"}
        clock.at += timedelta(hours=1)
        assert {client.get(each).status_code for each in found} == {404}


def test_people_are_called_in_by_a_link(app: App) -> None:  # noqa: F811
    """Those who are ticked are paged with the reason; nobody ticked is said, and nothing happens."""
    with house.client_of(app) as client:
        page = client.get(link(app, "ana", "add")).text
        assert 'name="person-cleo"' in page and 'name="person-ana"' not in page
        assert client.post(link(app, "ana", "add"), data={"words": "I am alone"}).status_code == 400
        said = client.post(link(app, "ana", "add"), data={"person-cleo": "on", "words": "I am alone"}).text
    assert "cleo is called for INC-1" in said
    assert "cleo" in respond.exists(app, "INC-1").paged
    assert page_to(app, "cleo").why == "I am alone"


def test_an_incident_is_handed_over_by_a_link_and_accepted_by_another(app: App) -> None:  # noqa: F811
    """It stays whose it was until the other one has said yes."""
    answering.acknowledge(app, "INC-1", ANA)
    with house.client_of(app) as client:
        page = client.get(link(app, "ana", "hand_over")).text
        assert '<option value="ben">' in page and '<option value="ana">' not in page
        said = client.post(link(app, "ana", "hand_over"), data={"to": "ben", "words": "my shift ends"}).text
        assert "INC-1 is offered to ben" in said and respond.exists(app, "INC-1").owner == "ana"
        yes = page_to(app, "ben").answers["accept"].removeprefix("https://tocsin.example.org")
        assert "You have taken over INC-1" in client.post(yes).text
    assert respond.exists(app, "INC-1").owner == "ben"


def test_the_same_is_done_by_mail_and_by_sms(app: App) -> None:  # noqa: F811
    """Offered by mail, taken by SMS; people are called in by both."""
    answering.acknowledge(app, "INC-1", ANA)
    reply(app, "hand over to ben because my shift ends")
    assert respond.exists(app, "INC-1").team.offers["owner"].to == "ben"
    with house.client_of(app) as client:
        said = twilio(client, "/answers/sms", From="+49307654321", Body="accept", MessageSid="SM1").text
        assert "You have taken over INC-1" in said
        said = twilio(
            client, "/answers/sms", From="+49307654321", Body="add cleo because all is dark", MessageSid="SM2"
        )
        assert "cleo is called for INC-1" in said.text
        said = twilio(client, "/answers/sms", From="+49307654321", Body="add nobody-at-all", MessageSid="SM3")
        assert "Nobody is bound to" in said.text
    assert respond.exists(app, "INC-1").owner == "ben"
    assert kinds(app).count("HandOverAccepted") == 1


def test_of_a_private_incident_the_page_offers_no_more_than_its_number(app: App) -> None:  # noqa: F811
    """Its title stays behind the door there, too."""
    team.make_private(app, "INC-1", team.Privately(why="keys", people="ana"), ANA)
    with house.client_of(app) as client:
        for deed in ("add", "hand_over"):
            page = client.get(link(app, "ana", deed))
            assert (page.status_code, "The lamp" in page.text) == (200, False)
            assert client.get(link(app, "ben", deed)).status_code == 404
