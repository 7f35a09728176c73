"""``[messages]`` and its channels: what is understood, which channels a message goes to, and what leaves by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.messages import moves
from tocsin.core.oncall import Directory, Person, channel_id
from tocsin.core.runbook import Channel
from tocsin.errors import Denied, Invalid, NotFound, Refused
from tocsin.service import catalogue, messaging, respond
from tocsin.service.messagedrafts import channels
from tocsin.service.opening import open_app
from tocsin.service.statuspage import publishing
from tocsin.settings import read_settings
from tocsin.store import incidents, outbox

ANA = Actor("person", "ana")
BOOK = """# Garden runbook

## Severity Levels

- **P1 (High)**: no water
- **P2 (Medium)**: little water

## Update message

```
No water since [start time]. We do: [next steps]
```
"""
CONFIG = """
[messages]
send = ["update"]
[channels]
"#garden" = { notify = ["console"], chat = "#garden" }
"#street" = { notify = ["console"], chat = "#street", public = true }
[status]
name = "The garden"
[[status.components]]
name = "Water"
severities = ["P1"]
"""


@dataclass
class _Later:
    """A clock that stands."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The garden."""
    (tmp_path / "garden.md").write_text(BOOK, "utf-8")
    (tmp_path / "tocsin.toml").write_text(CONFIG, "utf-8")
    opened = open_app(
        runbooks=[tmp_path / "garden.md"], config=tmp_path / "tocsin.toml", database=str(tmp_path / "t.db"), environ={}
    )
    yield opened
    opened.db.close()


def declare(app: App, *, drill: bool = False) -> Incident:
    """No water."""
    return respond.declare_by_hand(app, respond.Declaration(title="Dry", severity="P1", drill=drill), ANA)


def sent_to(app: App, ref: str) -> list[str]:
    """Channels to which a message of the incident waits to go out, or went."""
    names = [f"{ref}/{seq}/{channel}" for seq in range(1, 20) for channel in ("#garden", "#street")]
    return [each.person for name in names for each in app.db.read(partial(outbox.siblings, notice=name))]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[messages]\nsend = ["updates"]\n', "no kind of message"),
        ("[messages]\npublic = true\n", "Nothing leaves by itself"),
        ('[messages]\nsend = "update"\n', "messages"),
    ],
)
def test_what_can_t_be_configured_is_refused_with_its_place(text: str, says: str, tmp_path: Path) -> None:
    """One sentence that names the table."""
    file = tmp_path / "tocsin.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(Invalid, match=says) as refused:
        read_settings(file, {})
    assert "tocsin.toml" in str(refused.value)


def test_channels_are_those_that_the_document_names_for_the_severity() -> None:
    """Pagers and dashboards get no message, public channels only by name; all others where the document names none."""
    addresses = ("#p1", "#all", "pager", "wall", "#town", "#other")
    bound = {channel_id(each): Person(id=channel_id(each), name=each, public=each == "#town") for each in addresses}
    named = [
        Channel(kind="chat", address="#p1", severities=("P1",), line=1), Channel(kind="chat", address="#all", line=2),
        Channel(kind="pager", address="pager", line=3), Channel(kind="dashboard", address="wall", line=4),
        Channel(kind="chat", address="#town", line=5),
    ]  # fmt: skip
    directory = Directory(channels=bound)
    chosen = {name: [each.name for each in channels(directory, named, name) if each.chosen] for name in ("P1", "P2")}
    assert chosen == {"P1": ["#p1", "#all"], "P2": ["#all"]}
    without = channels(directory, [Channel(kind="pager", address="pager", line=3)], "P1")
    assert [each.name for each in without if each.chosen] == ["#p1", "#all", "wall", "#other"]
    loud = replace(directory, channels={**bound, "#p1": replace(bound["#p1"], notify=("sirens",))})
    left = channels(loud, [], "P1", {"sirens": "pager"})
    assert [each.name for each in left if each.chosen] == ["#all", "pager", "wall", "#other"]


def test_a_message_is_sent_once_by_the_role_that_may(app: App) -> None:
    """A viewer may not; a channel that is not bound is refused; the answer is a row of the outbox for each channel."""
    ref = declare(app).id
    send = messaging.Sending(message="update-message")
    with pytest.raises(Denied):
        catalogue.make(app, "send_message", ref, send, ANA, "viewer")
    with pytest.raises(Refused, match="still asks"):
        catalogue.make(app, "send_message", ref, send, ANA, "responder")
    catalogue.make(app, "fill_in", ref, messaging.Answers(answers={"next": "we dig"}), ANA, "responder")
    with pytest.raises(NotFound, match="Bound under"):
        messaging.send_message(app, ref, messaging.Sending(message="update-message", channels={"#moon": "yes"}), ANA)
    after = catalogue.make(app, "send_message", ref, send, ANA, "responder")
    assert after.messages.sent["update-message"].channels == (channel_id("#garden"),)
    assert sent_to(app, ref) == [channel_id("#garden")]


def test_two_who_send_the_same_message_at_once_send_one(app: App) -> None:
    """The second is told who sent it; what is new, goes elsewhere or is sent later leaves all the same."""
    ref = declare(app).id
    messaging.fill_in(app, ref, messaging.Answers(answers={"next": "we dig"}), ANA)
    send = messaging.Sending(message="update-message")
    messaging.send_message(app, ref, replace(send, seen=0), ANA)
    with pytest.raises(Refused, match=r"ana sent “Update message” at .*, after you looked"):
        messaging.send_message(app, ref, replace(send, seen=0), Actor("person", "ben"))
    for again in (send, replace(send, seen=1)):
        with pytest.raises(Refused, match=r"ana sent “Update message”.* ago.*wait a minute"):
            messaging.send_message(app, ref, again, Actor("person", "ben"))
    assert len(sent_to(app, ref)) == 1
    messaging.send_message(app, ref, replace(send, channels={"#street": "yes"}), ANA)
    messaging.fill_in(app, ref, messaging.Answers(answers={"next": "we dig deeper"}), ANA)
    messaging.send_message(app, ref, send, ANA)
    assert len(sent_to(app, ref)) == 3


def test_the_same_words_may_leave_again_after_a_while(app: App) -> None:
    """Nothing new is a word, too, when the next update is due; who looked knows that it left before."""
    ref = declare(app).id
    messaging.fill_in(app, ref, messaging.Answers(answers={"next": "we dig"}), ANA)
    send = messaging.Sending(message="update-message", seen=0)
    messaging.send_message(app, ref, send, ANA)
    app.clock = _Later(app.clock.now() + moves.AGAIN_AFTER)
    after = messaging.send_message(app, ref, replace(send, seen=1), ANA)
    assert after.messages.sent["update-message"].times == 2


def test_what_is_refused_inside_is_not_published_either(app: App) -> None:
    """Channels and status page are one departure: a channel that is not bound holds both back."""
    ref = declare(app).id
    messaging.fill_in(app, ref, messaging.Answers(answers={"next": "we dig"}), ANA)
    send = messaging.Sending(message="update-message", status_page=True, title="No water", channels={"#moon": "yes"})
    with pytest.raises(NotFound, match="Bound under"):
        messaging.send_message(app, ref, send, ANA)
    assert all(each.sent is None for each in messaging.of_incident(app, ref).messages)
    found = app.db.read(lambda tx: incidents.load(tx, ref))
    assert found is not None and publishing.standing(app, found)[0] is None


def test_a_drill_reaches_nobody_outside_and_nothing_of_it_leaves_by_itself(app: App) -> None:
    """Also where somebody asks for it."""
    ref = declare(app, drill=True).id
    messaging.fill_in(app, ref, messaging.Answers(answers={"next": "we dig"}), ANA)
    assert messaging.send_due(app) == 0
    public = messaging.Sending(message="update-message", channels={"#street": "yes"})
    with pytest.raises(Refused, match="is a drill"):
        messaging.send_message(app, ref, public, ANA)
    with pytest.raises(Refused, match="drill"):
        messaging.send_message(
            app, ref, messaging.Sending(message="update-message", status_page=True, title="Dry"), ANA
        )
    assert sent_to(app, ref) == []


def test_the_status_page_gets_the_same_words_only_when_told(app: App) -> None:
    """With a title of its own; where that is missing nothing leaves at all."""
    ref = declare(app).id
    messaging.fill_in(app, ref, messaging.Answers(answers={"next": "we dig"}), ANA)
    with pytest.raises(Refused, match="title"):
        messaging.send_message(app, ref, messaging.Sending(message="update-message", status_page=True), ANA)
    assert sent_to(app, ref) == []
    after = messaging.send_message(
        app, ref, messaging.Sending(message="update-message", status_page=True, title="No water"), ANA
    )
    assert after.messages.sent["update-message"].channels == ("#garden", "status page")
    report, _ = publishing.standing(app, after)
    assert report is not None and report.title == "No water"
    assert report.posts[-1].text == after.messages.sent["update-message"].text
    assert {name: each.state for name, each in report.posts[-1].components.items()} == {"water": "major"}


def test_a_secret_can_t_be_answered(app: App) -> None:
    """It would be sent to people outside, so it is refused and not masked."""
    ref = declare(app).id
    token = "ghp_" + "a1B2c3D4" * 5
    with pytest.raises(Invalid, match="is a secret"):
        messaging.fill_in(app, ref, messaging.Answers(answers={"next": f"use {token}"}), ANA)
