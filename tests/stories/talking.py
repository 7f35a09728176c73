"""What is said and done in a chat: a Slack workspace on this machine, in which the story's people have accounts."""

from __future__ import annotations

import json

from tests.chats.workspace import Channel
from tests.stories.vocabulary import WHO, Seen, action, check, latest
from tests.stories.world import World
from tocsin.errors import Refused
from tocsin.plug.chat import Heard
from tocsin.service import chatting
from tocsin.store import rooms


@action(rf"{WHO} types `(?P<text>[^`]*)`(?P<where> in the channel)?", "ana types `ack INC-1` in the channel")
def _types(world: World, who: str, text: str, where: str | None) -> None:
    """Somebody gives a slash command in the newest incident's channel, or elsewhere; `note: …` is a message there."""
    channel = channel_of(world).id if where else "C-ELSEWHERE"
    how, words = ("note", text[5:].strip()) if text.startswith("note:") else ("command", text)
    said = Heard(how=how, account=f"U-{who}", author=f"U-{who}", channel=channel, text=words)  # type: ignore[arg-type]
    _hear(world, said)


@action(rf"{WHO} clicks `(?P<label>[^`]*)` in the channel", "ben clicks `Approve` in the channel")
def _clicks(world: World, who: str, label: str) -> None:
    """Somebody clicks a button of a message there, the newest that has one of that name."""
    channel = channel_of(world)
    parts = [part for each in channel.messages for part in json.loads(each["blocks"]) if part["type"] == "actions"]
    found = [each for part in parts for each in part["elements"] if each["text"]["text"] == label]
    assert found, f"there is no button {label!r}"
    move, value = found[-1]["action_id"].split(":")[1], json.loads(found[-1]["value"])
    _hear(world, Heard(how="button", account=f"U-{who}", channel=channel.id, move=move, value=value))


@action(r"Slack (?P<how>is down|works again)", "Slack is down")
def _down(world: World, how: str) -> None:
    """Slack takes nothing any more, or everything again."""
    assert world.workspace is not None, "the story has no [slack]"
    world.workspace.down = how == "is down"


@check(r"the channel(?: of (?P<ref>INC-\d+))? is called `(?P<name>[^`]*)`", "the channel is called `#ovens-2026-03-02`")
def _called(seen: Seen, name: str, ref: str | None) -> None:
    """What an incident's channel is called; the date of stories is the 2nd of March 2026."""
    found = channel_of(seen.world, ref).name
    assert f"#{found}" == name, f"it is called #{found}"


@check(r"there is no channel", "there is no channel")
def _none(seen: Seen) -> None:
    """Nobody has opened any."""
    assert seen.world.workspace is not None, "the story has no [slack]"
    assert not seen.world.workspace.channels, seen.world.workspace.channels


@check(r"the channel (?P<how>says|never says) `(?P<words>[^`]*)`", "the channel says `ana acknowledged`")
def _says(seen: Seen, how: str, words: str) -> None:
    """One of its messages, as it stands now, holds these words."""
    texts = channel_of(seen.world).texts
    assert any(words in text for text in texts) == (how == "says"), "the channel says:\n  " + "\n  ".join(texts)


@check(
    r"the public channel of (?P<ref>INC-\d+) never says `(?P<words>[^`]*)`",
    "the public channel of INC-2 never says `Max`",
)
def _public(seen: Seen, ref: str, words: str) -> None:
    """Nothing that everybody in the workspace can read holds these words, neither a message nor a topic."""
    assert seen.world.workspace is not None, "the story has no [slack]"
    public = [channel for channel in seen.world.workspace.channels.values() if not channel.private]
    assert public, f"{ref} never had a public channel"
    said = [text for channel in public for text in (channel.topic, *channel.texts)]
    assert not any(words in text for text in said), said


@check(r"the channel's topic says `(?P<words>[^`]*)`", "the channel's topic says `acknowledged`")
def _topic(seen: Seen, words: str) -> None:
    """Its topic holds these words."""
    topic = channel_of(seen.world).topic
    assert words in topic, f"the topic is {topic!r}"


@check(r"the pinned message says `(?P<words>[^`]*)`", "the pinned message says `Status: acknowledged`")
def _pinned(seen: Seen, words: str) -> None:
    """The one message that is pinned there, as it stands now, holds these words."""
    channel = channel_of(seen.world)
    (pinned,) = channel.pins
    text = next(text for each, text in zip(channel.messages, channel.texts, strict=True) if each["ts"] == pinned)
    assert words in text, f"it says {text!r}"


@check(r"(?P<who>[a-z]+) (?P<how>is|is not) in the channel", "ana is in the channel")
def _member(seen: Seen, who: str, how: str) -> None:
    """Whether somebody was invited."""
    members = channel_of(seen.world).members
    assert (f"U-{who}" in members) == (how == "is"), members


@check(r"the answer is `(?P<words>[^`]*)`", "the answer is `INC-1: ana acknowledged.`")
def _answer(seen: Seen, words: str) -> None:
    """The last command or click was answered with these words."""
    assert words in seen.world.answer, f"it was {seen.world.answer!r}"


def channel_of(world: World, ref: str | None = None) -> Channel:
    """The channel of an incident, the newest one's unless told."""
    incident = latest(world, ref).id
    room = world.app.db.read(lambda tx: rooms.get(tx, "slack", incident))
    assert world.workspace is not None and room is not None and room.channel, f"{incident} has no channel: {room}"
    return world.workspace.channels[room.channel]


def _hear(world: World, heard: Heard) -> None:
    answer = chatting.hear(world.app, "slack", heard)
    world.answer = answer.text
    if not answer.ok:
        raise Refused(answer.text)
