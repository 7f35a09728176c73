"""Incidents on a real IRC server with real accounts: InspIRCd and Anope, over TLS, signed in by SASL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.chats import house, ircd
from tests.chats.house import ANA, declare, open_bakery
from tests.chats.ircd import Person, Server
from tests.house import until
from tocsin.app import App
from tocsin.engine.chatter import Chatter
from tocsin.service import catalogue, team
from tocsin.service.respond import exists
from tocsin.store import incidents, rooms

NAME = "#bakery-2026-03-02-the-oven-is-cold"
COMMON = "#bakers"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server on which ana, ben and tocsin have accounts, and eve has one that is nobody's here."""
    if ircd.programs() is None:
        pytest.skip("there is no InspIRCd with Anope on this machine (inspircd, anope)")
    with ircd.running(("ana", "ben", "eve", "tocsin")) as running:
        yield running


@pytest.fixture
def app(tmp_path: Path, server: Server) -> Iterator[App]:
    """The bakery, with that server."""
    opened = open_bakery(tmp_path / "house", configured(server))
    yield opened
    opened.db.close()


def configured(server: Server, **change: str) -> str:
    """The configuration with that server."""
    password = change.get("password", ircd.PASSWORD)
    return (
        f'{house.CONFIG}\n[irc]\nserver = "127.0.0.1"\nport = {server.port}\nca = "{server.ca}"\n'
        f'password = "{password}"\nlistens = ["{COMMON}"]\n'
    )


@pytest.fixture
def chatter(app: App) -> Iterator[Chatter]:
    """The node's connection, begun."""
    made = Chatter(app, "irc", app.settings.chats["irc"])
    made.turn()
    until(lambda: not made.problem, 20)
    until(lambda: made.chat._line.is_in(COMMON), 20)  # type: ignore[attr-defined]
    yield made
    made.stop()


@pytest.fixture
def people(server: Server) -> Iterator[dict[str, Person]]:
    """Ana and ben are signed in; eve is signed in to her own account; a stranger has a nick alone."""
    names = ("ana", "ben", "eve", "stranger")
    with ThreadPoolExecutor() as hands:
        made = dict(zip(names, hands.map(lambda name: _in_the_common_channel(server, name), names), strict=True))
    yield made
    for person in made.values():
        person.close()


def _in_the_common_channel(server: Server, name: str) -> Person:
    person = Person(server, name)
    if name != "stranger":
        person.signs_in()
    person.say(f"JOIN {COMMON}")
    person.wait_for(" 366 ")
    return person


def tell(app: App, chatter: Chatter, most: int = 60) -> None:
    """Let everything be told that can be told."""
    for _ in range(most):
        chatter.turn()
        app.clock.turn(2)  # type: ignore[attr-defined]
        due = app.db.read(lambda tx: rooms.next_due(tx, "irc", app.clock.now()))
        if due is None:
            return
    raise AssertionError(f"it never comes to rest: {app.db.read(rooms.ill)}")


def room(app: App, ref: str = "INC-1") -> Any:
    """The incident's room."""
    return app.db.read(lambda tx: rooms.get(tx, "irc", ref))


def test_an_incident_has_its_channel_and_is_told_there(app: App, chatter: Chatter, people: dict[str, Person]) -> None:
    """Called as the runbook says; who has a part in it is invited; the topic is current; the news come in order."""
    declare(app)
    tell(app, chatter)
    assert exists(app, "INC-1").rooms == {"irc": NAME[1:]}
    invited = people["ana"].wait_for(" INVITE ")
    assert NAME in invited
    people["ana"].say(f"JOIN {NAME}")
    assert "[P2] INC-1 The oven is cold · open" in people["ana"].wait_for(" 332 ")
    catalogue.make(app, "acknowledge", "INC-1", catalogue.Nothing(), ANA, "admin")
    catalogue.make(app, "note", "INC-1", catalogue.Note(text="two\r\nQUIT :lines\x02"), ANA, "admin")
    tell(app, chatter)
    assert "acknowledged" in people["ana"].wait_for(" TOPIC ")
    assert "ana acknowledged" in people["ana"].wait_for(f"PRIVMSG {NAME}")
    assert "two" in people["ana"].wait_for(f"PRIVMSG {NAME}")
    assert not chatter.problem


def test_a_command_is_done_for_an_account_and_never_for_a_nick(
    app: App, chatter: Chatter, people: dict[str, Person], server: Server
) -> None:
    """The server vouches for who speaks: the same nick without the account can do nothing."""
    declare(app)
    people["stranger"].say(f"PRIVMSG {COMMON} :!tocsin ack INC-1")
    assert "is nobody whom this Tocsin knows" in people["stranger"].wait_for("NOTICE stranger")
    people["eve"].say(f"PRIVMSG {COMMON} :!tocsin ack INC-1")
    assert "eve on irc is nobody" in people["eve"].wait_for("NOTICE eve")
    people["ana"].close()
    liar = until(lambda: _taking(server, "ana"), 20)
    liar.say(f"JOIN {COMMON}\r\nPRIVMSG {COMMON} :!tocsin ack INC-1")
    assert "is nobody whom this Tocsin knows" in liar.wait_for("NOTICE ana")
    assert exists(app, "INC-1").status == "open"
    people["ben"].say("NICK elsewhere")
    people["ben"].say(f"PRIVMSG {COMMON} :!tocsin ack INC-1")
    assert "INC-1: ben acknowledged." in people["ben"].wait_for(f"PRIVMSG {COMMON} :INC-1")
    assert exists(app, "INC-1").acknowledged_by == "ben"
    liar.close()


def _taking(server: Server, nick: str) -> Person | None:
    """Somebody who takes a nick as soon as it is free."""
    try:
        return Person(server, nick)
    except AssertionError:
        return None


def test_a_question_is_answered_by_its_code(app: App, chatter: Chatter, people: dict[str, Person]) -> None:
    """The exact command is shown with a code; ben approves by that code, in the channel; another code is nothing."""
    declare(app)
    catalogue.make(app, "choose_branch", "INC-1", catalogue.Branch(branch="If the gas is off"), ANA, "admin")
    tell(app, chatter)
    people["ben"].say(f"JOIN {NAME}")
    people["ben"].wait_for(" 366 ")
    (asked,) = exists(app, "INC-1").waiting_approvals
    code = asked.sha.removeprefix("sha256:")[:8]
    people["ben"].say(f"PRIVMSG {NAME} :!tocsin approve {'0' * 8}")
    assert "has no waiting question" in people["ben"].wait_for("NOTICE ben")
    people["ben"].say(f"PRIVMSG {NAME} :!tocsin approve {code}")
    assert "approved" in people["ben"].wait_for(f"PRIVMSG {NAME}")
    assert not exists(app, "INC-1").waiting_approvals


def test_the_question_as_it_stands_in_the_channel(app: App, chatter: Chatter, people: dict[str, Person]) -> None:
    """Whoever was there sees the command, where it runs, and how to answer."""
    declare(app)
    tell(app, chatter)
    people["ana"].say(f"JOIN {NAME}")
    people["ana"].wait_for(" 366 ")
    catalogue.make(app, "choose_branch", "INC-1", catalogue.Branch(branch="If the gas is off"), ANA, "admin")
    tell(app, chatter)
    (asked,) = exists(app, "INC-1").waiting_approvals
    assert "> touch tap.txt" in people["ana"].wait_for("touch tap.txt")
    assert f"!tocsin approve INC-1 {asked.sha.removeprefix('sha256:')[:8]}" in people["ana"].wait_for("Answer: ")


def test_words_of_the_channel_become_notes(app: App, chatter: Chatter, people: dict[str, Person]) -> None:
    """`note: …` in an incident's own channel; elsewhere, and from strangers, it is nothing."""
    declare(app)
    tell(app, chatter)
    for name in ("ana", "stranger"):
        people[name].say(f"JOIN {NAME}")
        people[name].wait_for(" 366 ")
    people["ana"].say(f"PRIVMSG {COMMON} :note: not here")
    people["stranger"].say(f"PRIVMSG {NAME} :note: not me")
    people["ana"].say(f"PRIVMSG {NAME} :just talk")
    people["ana"].say(f"PRIVMSG {NAME} :note: the gas is off")
    people["ana"].wait_for("the gas is off")
    timeline = app.db.read(lambda tx: incidents.timeline(tx, "INC-1"))
    assert [entry.fact.text for entry in timeline if entry.kind == "Noted"] == ["the gas is off"]


def test_a_private_incident_is_told_nowhere(app: App, chatter: Chatter, people: dict[str, Person]) -> None:
    """No channel, and in a common one it does not exist; whoever is named is answered in private."""
    declare(app)
    made = team.Privately(why="a person is concerned", people="ben")
    catalogue.make(app, "make_private", "INC-1", made, ANA, "admin")
    tell(app, chatter)
    assert room(app).channel == ""
    people["ana"].say(f"PRIVMSG {COMMON} :!tocsin status INC-1")
    assert "There is no incident INC-1" in people["ana"].wait_for("NOTICE ana")
    people["ana"].say("PRIVMSG tocsin :status INC-1")
    assert "oven is cold" in people["ana"].wait_for("NOTICE ana")


def test_what_happens_while_the_line_is_broken_comes_behind_it(
    app: App, chatter: Chatter, people: dict[str, Person]
) -> None:
    """The connection breaks; it is begun anew, the channel is entered again, and the news come in one go."""
    declare(app)
    tell(app, chatter)
    people["ana"].say(f"JOIN {NAME}")
    people["ana"].wait_for(" 366 ")
    chatter.chat._line._close()  # type: ignore[attr-defined]
    for words in ("first words", "second words"):
        catalogue.make(app, "note", "INC-1", catalogue.Note(text=words), ANA, "admin")
    chatter.turn()
    until(lambda: not chatter.problem and chatter.chat._line.is_in(COMMON), 30)  # type: ignore[attr-defined]
    app.clock.turn(1000)  # type: ignore[attr-defined]
    tell(app, chatter)
    assert people["ana"].wait_for("first words") and people["ana"].wait_for("second words")


def test_a_wrong_password_is_said_and_hinders_nothing(tmp_path: Path, server: Server) -> None:
    """The reason stands in the problem; rooms wait."""
    app = open_bakery(tmp_path, configured(server, password="wrong-password-here"))
    declare(app)
    chatter = Chatter(app, "irc", app.settings.chats["irc"])
    chatter.turn()
    until(lambda: "does not take our password" in chatter.problem, 20)
    assert "no connection" in room(app).error or room(app).channel == ""
    chatter.stop()
    app.db.close()
