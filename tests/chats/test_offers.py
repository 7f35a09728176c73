"""Handing over, calling the next one and silencing from a chat; and where the page shows an incident's channels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.chats import house
from tests.chats.house import ANA, declare, open_bakery, says
from tests.chats.test_slack import NAME, buttons, room_of, tell
from tests.chats.test_slack_app import click, send
from tests.chats.workspace import Workspace, running
from tests.web.house import TOKENS
from tocsin.app import App
from tocsin.chats import irc
from tocsin.core import posts
from tocsin.core.facts import Actor
from tocsin.service import catalogue, deliveries, team
from tocsin.service.chatrooms import rooms_of
from tocsin.service.respond import exists
from tocsin.store import rooms
from tocsin.web import server

BEN = Actor("person", "ben")
ROLES = '[roles]\n"on-call engineer" = "ana"\n'
IRC = '[irc]\nserver = "irc.bakery.example"\npassword = "not-a-real-one"\n'


@pytest.fixture
def space() -> Iterator[Workspace]:
    """A workspace."""
    with running() as made:
        yield made


@pytest.fixture
def app(tmp_path: Path, space: Workspace) -> Iterator[App]:
    """The bakery with Slack; cleo is whom its runbook names behind ana."""
    runbook = f"{house.RUNBOOK}\n## Escalation\n\n- No answer in 10 minutes: call the team lead\n"
    config = house.slack(space).replace(ROLES, f'{ROLES}"team lead" = "cleo"\n')
    opened = open_bakery(tmp_path / "house", config, runbook=runbook)
    yield opened
    opened.db.close()


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    """Slack, as it calls us; and ben's browser."""
    with TestClient(server.build(app), base_url="http://tocsin.test") as made:
        yield made


def test_an_offer_stands_in_the_channel_and_only_who_it_is_made_to_can_take_it(
    app: App, client: TestClient, space: Workspace
) -> None:
    """Its buttons are ben's: cleo's click does nothing, his gives him the incident, and afterwards there are none."""
    declare(app)
    assert "ana acknowledged" in says(app, "U0ANA", "ack INC-1").text
    assert "offered the incident to ben" in says(app, "U0ANA", "hand over INC-1 to ben because my shift ends").text
    assert "offered to ben until" in says(app, "U0CLEO", "roles INC-1").text
    tell(app)
    channel = space.named(NAME)
    assert any("ana offers INC-1 to ben" in text and "my shift ends" in text for text in channel.texts)
    (yes,) = buttons(channel, "accept")
    send(app, client, click(yes, space, "U0CLEO", "c1"))
    assert exists(app, "INC-1").owner == "ana" and "offered to ben" in space.replies[-1]["text"]
    send(app, client, click(yes, space, "U0BEN", "c2"))
    assert exists(app, "INC-1").owner == "ben"
    tell(app)
    assert not buttons(channel, "accept") and not buttons(channel, "decline")
    assert sum("an offer was made here" in text for text in channel.texts) == 1


def test_on_irc_an_offer_says_how_it_is_answered(app: App) -> None:
    """There are no buttons there, so both commands are written out."""
    declare(app)
    says(app, "U0ANA", "ack INC-1")
    says(app, "U0ANA", "hand over INC-1 to ben")
    incident = exists(app, "INC-1")
    (made,) = incident.team.offers.values()
    told = list(irc.lines(posts.offer(incident, made, app.settings.directory, "")))
    assert "Answer: !tocsin accept INC-1, or !tocsin decline INC-1" in told


def test_an_offer_can_be_turned_down_in_words(app: App) -> None:
    """Who offered it still has it."""
    declare(app)
    says(app, "U0ANA", "ack INC-1")
    says(app, "U0ANA", "hand over INC-1 to ben")
    assert not says(app, "U0CLEO", "accept INC-1").ok
    assert says(app, "U0BEN", "decline INC-1 because I am at sea").ok
    assert exists(app, "INC-1").owner == "ana" and not exists(app, "INC-1").team.offers


def test_the_buttons_of_a_page_call_the_next_one_and_silence(app: App, client: TestClient, space: Workspace) -> None:
    """Each asks once more before; a stranger's click does nothing."""
    declare(app)
    tell(app)
    (more,), (quiet,) = (buttons(space.named(NAME), move) for move in ("escalate", "hold"))
    assert "confirm" in more and "confirm" in quiet
    send(app, client, click(more, space, "U0EVE", "c1"))
    assert exists(app, "INC-1").paged == ("ana",)
    send(app, client, click(more, space, "U0ANA", "c2"))
    assert "cleo" in exists(app, "INC-1").paged and "is called for INC-1" in space.replies[-1]["text"]
    assert exists(app, "INC-1").held_until is None
    send(app, client, click(quiet, space, "U0BEN", "c3"))
    assert exists(app, "INC-1").held_until is not None


def test_a_made_up_button_of_a_private_incident_says_nothing_of_it(
    app: App, client: TestClient, space: Workspace
) -> None:
    """Who may not see it is told that there is none."""
    declare(app, private=True, people="ana")
    made: dict[str, Any] = {"action_id": "tocsin:escalate:0", "value": json.dumps({"ref": "INC-1"})}
    for move in ("escalate", "hold", "accept"):
        made["action_id"] = f"tocsin:{move}:0"
        send(app, client, click(made, space, "U0CLEO", move))
        assert "There is no incident" in space.replies[-1]["text"]
    assert exists(app, "INC-1").paged == ("ana",)


def test_who_is_named_of_a_private_incident_is_invited(app: App, space: Workspace) -> None:
    """The private channel is theirs, too; nobody else's."""
    declare(app, private=True, people="ana, ben")
    tell(app)
    (channel,) = [each for each in space.channels.values() if each.private]
    assert {"U0ANA", "U0BEN"} <= set(channel.members) and "U0CLEO" not in channel.members


def test_where_people_meet_is_told_in_the_channel(app: App, space: Workspace) -> None:
    """In the message that is pinned, and as news when it changes."""
    declare(app)
    team.set_war_room(app, "INC-1", team.Meeting(address="https://meet.bakery.example/1"), ANA)
    tell(app)
    channel = space.named(NAME)
    assert "People meet at: https://meet.bakery.example/1" in channel.texts[0]
    assert any("https://meet.bakery.example/1" in text for text in channel.texts[1:])


def test_the_page_leads_to_the_channel(app: App, client: TestClient, space: Workspace) -> None:
    """By its name and a link; where it could not be told, the page says why; of a private one nobody else reads it."""
    declare(app)
    tell(app)
    client.post("/login", data={"token": TOKENS["approver"]}, headers={"Sec-Fetch-Site": "same-origin"})
    link = (
        f'<a href="https://slack.com/app_redirect?channel={room_of(app).channel}" rel="noreferrer noopener">#{NAME}</a>'
    )
    page = client.get("/incidents/INC-1").text
    assert link in page and "not_in_channel" not in page
    space.faults["chat.postMessage"] = ["not_in_channel"] * 3
    catalogue.make(app, "note", "INC-1", catalogue.Note(text="the gas is off"), ANA, "admin")
    chatter_turn(app)
    assert room_of(app).error
    assert room_of(app).error.split(".")[0] in client.get("/incidents/INC-1").text
    team.make_private(app, "INC-1", team.Privately(why="keys", people="ana"), ANA)
    assert NAME not in client.get("/incidents/INC-1").text


def chatter_turn(app: App) -> None:
    """One turn of what tells the rooms."""
    from tests.chats.test_slack import chatter

    app.clock.turn(5)  # type: ignore[attr-defined]
    chatter(app).turn()


def test_who_has_an_account_on_slack_is_told_there(app: App, space: Workspace) -> None:
    """By the account alone, without a `chat` of theirs; and the way stays verified when the same one is written so."""
    (trial,) = deliveries.try_out(app, "ana", "slack", by="ben")
    assert trial.ok, trial.detail
    assert "a test of slack" in space.channels["U0ANA"].texts[-1]
    ana = app.settings.directory.people["ana"]
    as_chat = replace(ana, contacts={"chat": "U0ANA"})
    assert deliveries.contact_of(app, ana, "slack") == deliveries.contact_of(app, as_chat, "slack")


def test_a_channel_on_irc_has_a_link_of_irc(tmp_path: Path) -> None:
    """The address that clients take, with the channel's own mark in it."""
    app = open_bakery(tmp_path, f"{house.CONFIG}\n{IRC}")
    made = declare(app)
    app.db.write(lambda tx: rooms.mark(tx, "irc", made.id))
    room = rooms.Room(chat="irc", incident=made.id)
    app.db.write(lambda tx: rooms.opened(tx, room, "#inc-1", "inc-1", private=False, posted=1))
    (view,) = rooms_of(app, made.id)
    assert (view.where, view.name, view.url) == ("IRC", "inc-1", "ircs://irc.bakery.example:6697/%23inc-1")
    app.db.close()
