"""Answers and offers on both databases: two nodes over one, a clock turned by hand, what waited for others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tests.house import ANA, BEN, boarding_stops, open_house
from tests.service.test_waking import Hands
from tocsin.app import App
from tocsin.core.answering import Said
from tocsin.errors import Refused, Unauthorized
from tocsin.service import answering, respond, signing, team
from tocsin.service.clocks import wake_due
from tocsin.store import incidents, outbox

MANY = 50


@pytest.fixture
def nodes(tmp_path: Path, db_url: str) -> Iterator[tuple[App, App]]:
    """Two nodes over one database; INC-1 was declared by its alert, and ana was called."""
    clock = Hands()
    opened = tuple(open_house(tmp_path / name, db_url, clock=clock) for name in ("one", "two"))
    boarding_stops(opened[0])
    yield opened[0], opened[1]
    for each in opened:
        each.db.close()


def test_of_many_answers_on_two_nodes_exactly_one_wins(nodes: tuple[App, App]) -> None:
    """One fact, one winner; everybody else is told who, and nobody gets any other fault."""

    def answer(number: int) -> str:
        app, who = nodes[number % 2], ("ana", "ben")[number // 2 % 2]
        by = answering.From(person=who, via=("SMS", "mail", "link")[number % 3])
        try:
            made = answering.answer(app, "INC-1", Said(deed="acknowledge"), by)
        except Refused as error:
            return "told" if " took it " in str(error) else str(error)
        return "won" if made.done else "again"

    with ThreadPoolExecutor(MANY) as threads:
        said = Counter(threads.map(answer, range(MANY)))
    kinds = [entry.kind for entry in nodes[0].db.read(lambda tx: incidents.timeline(tx, "INC-1"))]
    assert (said["won"], kinds.count("Acknowledged"), sum(said.values())) == (1, 1, MANY)
    assert set(said) == {"won", "again", "told"}, said
    assert nodes[1].db.read(lambda tx: incidents.verify(tx, "INC-1")) == []


def test_all_nodes_sign_with_one_key(nodes: tuple[App, App]) -> None:
    """What one has signed counts on the other; for another deed or another person it does not."""
    one, two = nodes
    now = one.clock.now()
    token = signing.sign(one, "hold", "ana", "INC-1", now)
    assert signing.read(two, "hold", token, now).person == "ana"
    with pytest.raises(Unauthorized):
        signing.read(two, "acknowledge", token, now)


def test_an_offer_that_nobody_answers_goes_back_by_the_clock_of_any_node(nodes: tuple[App, App]) -> None:
    """At its time, once, and who has it is paged."""
    one, two = nodes
    answering.acknowledge(one, "INC-1", ANA)
    team.hand_over(one, "INC-1", team.HandOver(to="ben", minutes=10), ANA)
    wake_due(two)
    assert respond.exists(one, "INC-1").team.offers
    one.clock.at += timedelta(minutes=10)  # type: ignore[attr-defined]
    for app in (two, one, two):
        wake_due(app)
    kinds = [entry.kind for entry in one.db.read(lambda tx: incidents.timeline(tx, "INC-1"))]
    assert kinds.count("HandOverExpired") == 1
    assert respond.exists(one, "INC-1").owner == "ana"


def test_what_still_waits_for_others_is_not_sent_when_it_becomes_private(nodes: tuple[App, App]) -> None:
    """Named ones get what is theirs; nothing that holds the incident's words goes to anybody else."""
    app = nodes[0]
    team.add_people(app, "INC-1", team.Added(people="ben", why="a secret reason"), ANA)
    team.make_private(app, "INC-1", team.Privately(why="names"), ANA)
    sent = app.db.write(lambda tx: outbox.claim(tx, app.clock.now(), timedelta(minutes=1), 100, "test"))
    assert "a secret reason" not in "".join(effect.body for effect in sent if effect.person != "ana")
    assert {effect.person for effect in sent} == {"ana"}
    assert not respond.exists(app, "INC-1").is_shown_to(BEN.name)


def test_somebody_whom_nobody_knows_answers_nothing(nodes: tuple[App, App]) -> None:
    """Only whom the configuration knows answers; a name from elsewhere does not."""
    with pytest.raises(Unauthorized, match="does not know you"):
        answering.answer(nodes[0], "INC-1", Said(deed="note", words="x"), answering.From(person="eve", via="mail"))
