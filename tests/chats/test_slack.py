"""An incident's channel on Slack: opened, kept current, told in order, whatever Slack does meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.chats import house
from tests.chats.house import ANA, declare, open_bakery, says
from tests.chats.workspace import Channel, Workspace, running
from tests.house import until
from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.core.posts import Post
from tocsin.engine import Engine
from tocsin.engine.chatter import Chatter
from tocsin.service import catalogue, team
from tocsin.service.respond import exists
from tocsin.store import incidents, rooms
from tocsin.times import SystemClock

BEN = Actor("person", "ben")
NAME = "bakery-2026-03-02-the-oven-is-cold"


@pytest.fixture
def space() -> Iterator[Workspace]:
    """A workspace."""
    with running() as made:
        yield made


@pytest.fixture
def app(tmp_path: Path, space: Workspace, db_url: str) -> Iterator[App]:
    """The bakery, with the Slack app of that workspace."""
    opened = open_bakery(tmp_path / "house", house.slack(space), db_url)
    yield opened
    opened.db.close()


def chatter(app: App) -> Chatter:
    """What tells the rooms of a node, turned by hand."""
    return Chatter(app, "slack", app.settings.chats["slack"])


def tell(app: App, made: Chatter | None = None, most: int = 50) -> int:
    """Let everything be told that can be told, a second for each post; how many turns that took."""
    made = made or chatter(app)
    for turns in range(most):
        if not made.turn() and not _waits(app):
            return turns
        app.clock.turn(1)  # type: ignore[attr-defined]
    raise AssertionError("it never comes to rest")


def _waits(app: App) -> bool:
    due = app.db.read(lambda tx: rooms.next_due(tx, "slack", app.clock.now()))
    return due is not None and (due - app.clock.now()).total_seconds() < 2


def room_of(app: App, ref: str = "INC-1") -> rooms.Room:
    """The room of an incident."""
    found = app.db.read(lambda tx: rooms.get(tx, "slack", ref))
    assert found is not None
    return found


def buttons(channel: Channel, move: str) -> list[dict[str, Any]]:
    """Everything in a channel that makes a move when it is clicked."""
    found = [block for each in channel.messages for block in json.loads(each["blocks"]) if block["type"] == "actions"]
    return [each for block in found for each in block["elements"] if each["action_id"].startswith(f"tocsin:{move}:")]


def test_the_channel_is_called_as_the_runbook_says(app: App, space: Workspace) -> None:
    """Opened under the document's own pattern, told with its line, and the document's step is ticked."""
    incident = declare(app)
    tell(app)
    channel = space.named(NAME)
    line = house.RUNBOOK.split("\n").index("- [ ] Open a channel of its own (`#bakery-YYYY-MM-DD-short-desc`)") + 1
    opened = app.db.read(lambda tx: incidents.last_of_kind(tx, incident.id, "RoomOpened"))
    assert opened is not None
    assert (opened.fact.name, opened.fact.channel, opened.fact.line) == (NAME, channel.id, line)
    assert exists(app, "INC-1").rooms == {"slack": NAME}
    assert [state.status for step, state in exists(app, "INC-1").steps.items() if "channel" in step] == ["done"]


def test_the_incident_is_pinned_and_stays_current(app: App, space: Workspace) -> None:
    """One message says how it is now; it is changed, not posted again."""
    declare(app)
    tell(app)
    channel = space.named(NAME)
    (head,) = channel.pins
    assert "Status: open" in channel.texts[0] and buttons(channel, "acknowledge")
    catalogue.make(app, "acknowledge", "INC-1", catalogue.Nothing(), ANA, "admin")
    tell(app)
    assert channel.messages[0]["ts"] == head and channel.pins == [head]
    assert "Status: acknowledged" in channel.texts[0] and not buttons(channel, "acknowledge")
    assert "acknowledged" in channel.topic and "led by" in channel.topic
    assert any("ana acknowledged" in text for text in channel.texts[1:])


def test_who_has_a_part_is_invited_once(app: App, space: Workspace) -> None:
    """Role holders with an account; somebody whom Slack does not know hinders nobody."""
    space.users.discard("U0CLEO")
    declare(app)
    for role, person in (("scribe", "cleo"), ("commander", "ben")):
        catalogue.make(app, "assign", "INC-1", catalogue.Assignment(role=role, person=person), ANA, "admin")
    tell(app)
    tell(app)
    assert sorted(space.named(NAME).members) == ["U0ANA", "U0BEN", "U0BOT"]
    assert space.count("conversations.invite") == 3


def test_a_name_that_is_taken_gets_a_number(app: App, space: Workspace) -> None:
    """Two incidents of one title on one day are two channels."""
    declare(app)
    declare(app)
    tell(app)
    assert sorted(channel.name for channel in space.channels.values()) == [NAME, f"{NAME}-2"]


def test_news_come_in_their_order_bundled_and_once(app: App, space: Workspace) -> None:
    """What happens between two posts is one message; nothing is posted more often than once a second."""
    declare(app)
    tell(app)
    before = space.count("chat.postMessage")
    for words in ("one", "two", "three"):
        catalogue.make(app, "note", "INC-1", catalogue.Note(text=words), ANA, "admin")
    tell(app)
    assert space.count("chat.postMessage") == before + 1
    last = space.named(NAME).texts[-1]
    assert last.index("one") < last.index("two") < last.index("three")
    assert tell(app) == 0


def test_an_outage_of_slack_loses_and_repeats_nothing(app: App, space: Workspace) -> None:
    """While Slack is down people act by other ways; behind it all that happened comes in one message, once."""
    declare(app)
    tell(app)
    space.down = True
    made = chatter(app)
    for number in range(30):
        catalogue.make(app, "note", "INC-1", catalogue.Note(text=f"note {number}."), ANA, "admin")
        made.turn()
        app.clock.turn(3)  # type: ignore[attr-defined]
    assert "503" in room_of(app).error
    space.down = False
    app.clock.turn(1000)  # type: ignore[attr-defined]
    posted = space.count("chat.postMessage")
    tell(app)
    texts = "\n".join(space.named(NAME).texts)
    assert space.count("chat.postMessage") == posted + 1
    assert "and 10 earlier entries" in texts and texts.count("note 29.") == 1 and texts.count("note 10.") == 1
    assert room_of(app).error == ""


@pytest.mark.parametrize("method", ["chat.postMessage"])
def test_a_post_whose_answer_was_lost_is_not_repeated(app: App, space: Workspace, method: str) -> None:
    """Slack took it and the connection broke: the channel is asked before anything is posted again."""
    declare(app)
    space.faults[method] = [lambda: 500]
    tell_with_patience(app)
    assert len([text for text in space.named(NAME).texts if "Status: open" in text]) == 1
    space.faults[method] = [lambda: 500]
    catalogue.make(app, "note", "INC-1", catalogue.Note(text="only once"), ANA, "admin")
    tell_with_patience(app)
    assert "\n".join(space.named(NAME).texts).count("only once") == 1


def test_a_node_that_dies_with_a_post_under_way_does_not_repeat_it(app: App, space: Workspace) -> None:
    """The process ended between Slack's answer and the commit; the next life finds the message by its mark."""
    declare(app)
    tell(app)
    catalogue.make(app, "note", "INC-1", catalogue.Note(text="only once"), ANA, "admin")
    room, settings = room_of(app), app.settings.chats["slack"]
    last = exists(app, "INC-1").version
    app.db.write(lambda tx: rooms.sending(tx, room, last))
    chat = settings.connect(lambda _: house.Answer())
    chat.post(room.channel, Post(key=f"news/{last}", title="", lines=("only once",)), f"INC-1/news/{last}")
    tell(app)
    assert "\n".join(space.named(NAME).texts).count("only once") == 1
    assert room_of(app).posted == last and room_of(app).sending == 0


def tell_with_patience(app: App) -> None:
    """As `tell`, over the gaps behind faults."""
    made = chatter(app)
    for _ in range(60):
        made.turn()
        app.clock.turn(20)  # type: ignore[attr-defined]


def test_slack_s_limit_is_kept(app: App, space: Workspace) -> None:
    """429 with Retry-After: nothing is asked of Slack for that room until then."""
    declare(app)
    space.faults["conversations.create"] = ["ratelimited"]
    made = chatter(app)
    made.turn()
    calls = len(space.calls)
    app.clock.turn(6)  # type: ignore[attr-defined]
    assert not made.turn() and len(space.calls) == calls
    app.clock.turn(1.5)  # type: ignore[attr-defined]
    assert made.turn() and space.named(NAME)


def test_a_channel_that_was_removed_is_opened_anew(app: App, space: Workspace) -> None:
    """What comes next is told in the new one."""
    declare(app)
    tell(app)
    space.channels.clear()
    catalogue.make(app, "note", "INC-1", catalogue.Note(text="still here"), ANA, "admin")
    tell_with_patience(app)
    assert any("still here" in text for text in space.named(NAME).texts)


def test_hostile_words_call_and_link_nobody(app: App, space: Workspace) -> None:
    """Titles, notes and commands stand where Slack reads no mention; the text beside them is escaped."""
    bad = "<!channel> <@U0ANA> <https://evil.example|here> *bold* & @here \u202e"
    declare(app, bad)
    catalogue.make(app, "note", "INC-1", catalogue.Note(text=bad), ANA, "admin")
    tell(app)
    (channel,) = space.channels.values()
    assert set(channel.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    assert "<" not in channel.topic.replace("&lt;", "")
    for message in channel.messages:
        assert not {"<!channel>", "<@U0ANA>", "\u202e"} & set(message["text"].split())
        assert "<" not in message["text"]
        kinds = {part["type"] for part in _texts(json.loads(message["blocks"]))}
        assert "mrkdwn" not in kinds
        assert message["parse"] == "none" and message["link_names"] == "false"


def _texts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "text" in value and isinstance(value["text"], str):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)


def test_a_question_shows_the_exact_command_and_asks_once_more(app: App, space: Workspace) -> None:
    """The command to the byte, a confirm dialog, and no buttons any more when it was answered."""
    declare(app)
    catalogue.make(app, "choose_branch", "INC-1", catalogue.Branch(branch="If the gas is off"), ANA, "admin")
    tell(app)
    channel = space.named(NAME)
    (button,) = buttons(channel, "approve")
    assert any("touch tap.txt" in text for text in channel.texts)
    assert "touch tap.txt" in button["confirm"]["text"]["text"]
    value = json.loads(button["value"])
    heard = house.Heard(how="button", account="U0BEN", move="approve", value=value)
    assert "approved" in chatting_hear(app, heard)
    tell(app)
    assert not buttons(channel, "approve")
    assert any("granted by ben" in text for text in channel.texts)


def chatting_hear(app: App, heard: house.Heard) -> str:
    """What is answered."""
    return house.chatting.hear(app, "slack", heard).text


@pytest.mark.parametrize("command", ["touch " + "x" * 3000, "touch a\u202eb"])
def test_what_can_t_be_shown_as_it_is_can_t_be_approved_in_a_chat(app: App, space: Workspace, command: str) -> None:
    """Neither by a button nor by its code: nobody approves what they did not see."""
    book = replace(app.books[0], scenarios=tuple(_with_command(each, command) for each in app.books[0].scenarios))
    app.books = (book,)
    app.pinned[book.digest] = book
    declare(app)
    catalogue.make(app, "choose_branch", "INC-1", catalogue.Branch(branch="If the gas is off"), ANA, "admin")
    tell(app)
    (asked,) = exists(app, "INC-1").waiting_approvals
    assert not buttons(space.named(NAME), "approve")
    answer = says(app, "U0BEN", f"approve INC-1 {asked.sha.removeprefix('sha256:')[:8]}")
    assert not answer.ok and "answered on the page" in answer.text


def _with_command(scenario: Any, command: str) -> Any:
    steps = tuple(replace(step, command=command) if step.branch else step for step in scenario.steps)
    return replace(scenario, steps=steps)


def test_a_private_incident_is_told_in_a_private_channel_only(app: App, space: Workspace) -> None:
    """Only those who are named are invited, and nothing of it is said elsewhere."""
    declare(app)
    catalogue.make(app, "assign", "INC-1", catalogue.Assignment(role="scribe", person="cleo"), ANA, "admin")
    made = team.Privately(why="a person is concerned", people="ben")
    catalogue.make(app, "make_private", "INC-1", made, ANA, "admin")
    tell(app)
    (channel,) = space.channels.values()
    assert channel.private
    assert "U0CLEO" not in channel.members


def test_what_becomes_private_is_taken_back_from_the_public_channel(app: App, space: Workspace) -> None:
    """Its message and topic there say nothing any more, and what follows is told in a private channel."""
    declare(app)
    tell(app)
    public = space.named(NAME)
    made = team.Privately(why="a person is concerned", people="ben")
    catalogue.make(app, "make_private", "INC-1", made, ANA, "admin")
    catalogue.make(app, "note", "INC-1", catalogue.Note(text="secret words"), ANA, "admin")
    tell(app)
    assert all("secret words" not in text for text in public.texts)
    assert "oven" not in public.topic and "oven" not in public.texts[0]
    (private,) = [channel for channel in space.channels.values() if channel.private]
    assert any("oven" in text for text in private.texts)


def test_only_the_severities_that_are_told_get_a_channel(tmp_path: Path, space: Workspace) -> None:
    """With `severities`, and without drills; one that rises gets its channel then."""
    app = open_bakery(tmp_path, house.slack(space, 'severities = ["P1"]\ndrills = false\n'))
    declare(app, severity="P2")
    declare(app, "Drill", severity="P1", drill=True)
    tell(app)
    assert not space.channels
    catalogue.make(app, "assess", "INC-1", catalogue.Assessment(severity="P1", why="no bread"), ANA, "admin")
    tell(app)
    assert [channel.name for channel in space.channels.values()] == [NAME]
    app.db.close()


def test_a_serving_node_does_all_of_it_by_itself(tmp_path: Path, space: Workspace) -> None:
    """From the declaration to the pinned message, and the news behind it, without being asked."""
    app = open_bakery(tmp_path, house.slack(space), clock=SystemClock())
    engine = Engine(app)
    engine.start()
    try:
        incident = declare(app)
        until(lambda: any(channel.pins for channel in space.channels.values()))
        catalogue.make(app, "acknowledge", incident.id, catalogue.Nothing(), ANA, "admin")
        (channel,) = space.channels.values()
        until(lambda: any("ana acknowledged" in text for text in channel.texts))
        until(lambda: "Status: acknowledged" in channel.texts[0])
        assert not engine.problems()
    finally:
        engine.stop()
        app.db.close()


def test_a_chat_that_is_down_hinders_no_page(app: App, space: Workspace) -> None:
    """Declaring, acknowledging and paging need no answer of Slack's."""
    space.down = True
    declare(app)
    made = chatter(app)
    assert made.turn()
    catalogue.make(app, "acknowledge", "INC-1", catalogue.Nothing(), ANA, "admin")
    assert exists(app, "INC-1").status == "acknowledged"
    assert "503" in room_of(app).error and not room_of(app).channel
