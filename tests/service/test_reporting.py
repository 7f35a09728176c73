"""Reports are sent once, at their time, by mail, without what is private; and the settings that plan them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.house import ANA, CONFIG, open_house
from tocsin.app import App
from tocsin.core.notices import Notice
from tocsin.engine import reporter
from tocsin.engine.reporter import Reporter
from tocsin.errors import Invalid, Unavailable
from tocsin.service import catalogue, figuring, reporting, respond
from tocsin.service.access import Caller
from tocsin.service.respond import Declaration
from tocsin.settings import read_settings
from tocsin.store import figures, incidents
from tocsin.times import SystemClock
from tocsin.wire import decode

PLANNED = (
    CONFIG.replace("[people.ana]\n", '[people.ana]\nemail = "ana@example.org"\nzone = "Europe/Lisbon"\n')
    + """
[reports]
daily = "08:00"
weekly = "Mon 09:00"
to = ["Ana", "ben"]
zone = "Europe/Berlin"
[notifiers.letters]
kind = "smtp"
host = "mail.example.org"
sender = "tocsin@example.org"
[notifiers.chimes]
kind = "console"
"""
)
MONDAY = datetime.fromisoformat("2026-03-02T08:00:00+01:00")


WITHOUT_A_TIMELINE = """
insert into incidents
  (id, number, version, status, severity, title, scenario, runbook_digest, drill, declared_at, state)
select 'INC-9', 9, version, status, severity, title, scenario, runbook_digest, drill, declared_at, state
from incidents where id = 'INC-1'
"""


class Hand:
    """A clock that is turned by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(SystemClock().now().tzinfo)

    def now(self) -> datetime:
        """Where the hands are."""
        return self.at


@pytest.fixture
def nodes(tmp_path: Path, db_url: str) -> Iterator[tuple[App, App, Hand]]:
    """Two nodes over one database, a quarter of an hour before the report of Monday."""
    clock = Hand(MONDAY - timedelta(minutes=15))
    made = [open_house(tmp_path / name, db_url, config=PLANNED, clock=clock) for name in ("a", "b")]
    yield made[0], made[1], clock
    for each in made:
        each.db.close()


def sent(app: App) -> list[tuple[str, str, Notice]]:
    """What lies in the outbox: to whom, by what."""
    rows = app.db.read(outbox_rows)
    return [(row["person"], row["via"], decode(Notice, row["body"])) for row in rows]


def outbox_rows(tx: Any) -> list[Any]:
    """Every row, in order."""
    found: list[Any] = tx.all("select * from outbox where kind = 'notify' order by created_at, id")
    return found


def test_each_report_is_sent_once_over_two_nodes(nodes: tuple[App, App, Hand]) -> None:
    """By mail to who has an address, else as they are told; the next one the next day."""
    one, two, clock = nodes
    assert (reporting.send_due(one), reporting.send_due(two)) == (False, False)
    clock.at += timedelta(minutes=15)
    assert (reporting.send_due(one), reporting.send_due(two), reporting.send_due(one)) == (True, False, False)
    assert [(who, via) for who, via, _ in sent(one)] == [("ana", "letters"), ("ben", "console")]
    clock.at += timedelta(hours=1)
    assert (reporting.send_due(two), reporting.send_due(one)) == (True, False)
    assert [notice.subject.split(",")[0] for _, _, notice in sent(one)][2:] == ["Tocsin weekly report"] * 2
    clock.at += timedelta(days=1)
    assert reporting.send_due(one)
    assert len({notice.id for _, _, notice in sent(one)}) == 6


def test_nothing_is_sent_for_what_was_due_before_anybody_looked(nodes: tuple[App, App, Hand]) -> None:
    """The first start, in the afternoon, sends no report of the morning."""
    one, _, clock = nodes
    clock.at += timedelta(hours=5)
    assert not reporting.send_due(one)
    assert sent(one) == []


@pytest.mark.parametrize(("hours", "comes"), [(3, True), (13, False)])
def test_a_late_start_still_sends_while_it_is_of_use(nodes: tuple[App, App, Hand], hours: int, comes: bool) -> None:
    """The whole day, up to its moment; after half a day the next report is nearer."""
    one, two, clock = nodes
    reporting.send_due(one)
    clock.at += timedelta(minutes=15, hours=hours)
    reporting.send_due(two)
    daily = [notice for _, _, notice in sent(one) if "daily" in notice.subject]
    assert bool(daily) is comes
    assert all("to Mon 02 Mar 2026 08:00, Europe/Berlin" in notice.body for notice in daily)


def test_a_private_incident_is_in_no_report_that_is_sent(nodes: tuple[App, App, Hand]) -> None:
    """Nor is its number; who may see it, and asks, reads it."""
    one, _, clock = nodes
    reporting.send_due(one)
    respond.declare_by_hand(one, Declaration(title="Keys were lost", severity="P1", private=True), ANA)
    respond.declare_by_hand(one, Declaration(title="Late boats", severity="P2"), ANA)
    clock.at += timedelta(minutes=15)
    reporting.send_due(one)
    (body, *_) = [notice.body for who, _, notice in sent(one) if who == "ana" and "report" in notice.subject]
    assert "Late boats" in body
    assert "Keys" not in body
    assert "INC-1 " not in body
    asked = reporting.written(one, Caller("ana", "viewer", ()), "daily", clock.at)
    assert "Keys were lost" in asked.text


def test_what_can_t_be_folded_keeps_no_report_back(nodes: tuple[App, App, Hand]) -> None:
    """It is left out; the others are counted."""
    one, _, clock = nodes
    for title in ("First", "Second"):
        respond.declare_by_hand(one, Declaration(title=title, severity="P1"), ANA)
    one.db.write(lambda tx: tx.execute(WITHOUT_A_TIMELINE))
    text = reporting.written(one, reporting.NOBODY, "daily", clock.at + timedelta(seconds=1)).text
    assert "2 began" in text
    assert not figuring.keep(one)


def test_the_loop_rolls_up_and_sends(nodes: tuple[App, App, Hand]) -> None:
    """What the engine does, a turn at a time."""
    one, _, clock = nodes
    respond.declare_by_hand(one, Declaration(title="Late boats", severity="P2"), ANA)
    loop = Reporter(one)
    loop.turn()
    assert one.db.read(figures.how_many_behind) == 0
    clock.at += timedelta(minutes=15)
    loop.turn()
    assert [notice.subject for who, _, notice in sent(one) if "report" in notice.subject and who == "ben"]


def test_many_that_are_behind_are_rolled_up_a_part_at_a_time(
    nodes: tuple[App, App, Hand], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an upgrade that is every incident: no turn asks for the next one at once."""
    one, _, _ = nodes
    for title in ("First", "Second", "Third"):
        respond.declare_by_hand(one, Declaration(title=title, severity="P1"), ANA)
    monkeypatch.setattr(reporter, "IN_A_TURN", 1)
    loop = Reporter(one)
    left = []
    for _ in range(3):
        assert not loop.turn()
        left.append(one.db.read(figures.how_many_behind))
    assert left == [2, 1, 0]


def test_figures_follow_what_happens(nodes: tuple[App, App, Hand]) -> None:
    """Rolled up again and again, they are those of the timeline at its end."""
    one, _, clock = nodes
    made = respond.declare_by_hand(one, Declaration(title="Late boats", severity="P2"), ANA)
    asked = figuring.asked_for(clock.at - timedelta(days=1), clock.at + timedelta(days=1), "severity", "UTC")
    assert figuring.of_period(one, reporting.NOBODY, asked).whole.open == 1
    clock.at += timedelta(minutes=4)
    catalogue.make(one, "acknowledge", made.id, catalogue.Nothing(), ANA, "admin")
    found = figuring.of_period(one, reporting.NOBODY, asked)
    assert found.whole.times["acknowledge"].values == (240.0,)
    assert one.db.read(lambda tx: incidents.verify(tx, made.id)) == []


def test_what_another_node_has_counted_is_seen_here(nodes: tuple[App, App, Hand]) -> None:
    """Rows that a node keeps in memory are read anew when anything changed, whoever changed it."""
    one, two, clock = nodes
    asked = figuring.asked_for(clock.at - timedelta(days=1), clock.at + timedelta(days=1), "severity", "UTC")
    for number in (1, 2):
        made = respond.declare_by_hand(two, Declaration(title="Late boats", severity="P2"), ANA)
        assert figuring.of_period(two, reporting.NOBODY, asked).whole.incidents == number
        assert figuring.of_period(one, reporting.NOBODY, asked).whole.incidents == number
    catalogue.make(two, "acknowledge", made.id, catalogue.Nothing(), ANA, "admin")
    figuring.keep(two)
    assert figuring.of_period(one, reporting.NOBODY, asked).whole.times["acknowledge"].n == 1
    assert one.rolled is not None
    old = figuring.asked_for(clock.at - timedelta(days=9), clock.at - timedelta(days=8), "severity", "UTC")
    assert figuring.of_period(one, reporting.NOBODY, old).whole.incidents == 0


def test_long_timelines_do_not_make_a_page_wait(nodes: tuple[App, App, Hand], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is rolled up before somebody is answered is bounded; how many are left is said, and done soon."""
    one, _, clock = nodes
    for title in ("First", "Second", "Third"):
        respond.declare_by_hand(one, Declaration(title=title, severity="P1"), ANA)
    monkeypatch.setattr(figuring, "MOST_ENTRIES", 1)
    asked = figuring.asked_for(clock.at - timedelta(days=1), clock.at + timedelta(days=1), "severity", "UTC")
    counts = [figuring.of_period(one, reporting.NOBODY, asked) for _ in range(3)]
    assert [(found.whole.incidents, found.behind) for found in counts] == [(1, 2), (2, 1), (3, 0)]


def test_a_full_disk_keeps_nobody_from_reading(nodes: tuple[App, App, Hand], monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures are those of before, and it is said how many are behind."""
    one, _, clock = nodes
    respond.declare_by_hand(one, Declaration(title="Late boats", severity="P2"), ANA)

    def full(*_: Any, **__: Any) -> None:
        raise Unavailable("The disk is full.")

    monkeypatch.setattr(one.db, "write", full)
    asked = figuring.asked_for(clock.at - timedelta(days=1), clock.at + timedelta(days=1), "severity", "UTC")
    found = figuring.of_period(one, reporting.NOBODY, asked)
    assert (found.whole.incidents, found.behind) == (0, 1)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('daily = "8 o\'clock"\nto = ["ana"]', "no time of a day"),
        ('daily = "24:00"\nto = ["ana"]', "no time of a day"),
        ('weekly = "08:00"\nto = ["ana"]', "no day of the week"),
        ('weekly = "Mon"\nto = ["ana"]', "no time of a day"),
        ('daily = "08:00"', "Nobody gets the reports"),
        ('daily = "08:00"\nto = ["anna"]', "'anna' is nobody under [people] or [channels]"),
        ('daily = "08:00"\nto = ["ana"]\nzone = "Mars"', "no time zone"),
        ('daily = "08:00"\nto = ["ana"]\nvia = "pigeon"', "no notifier 'pigeon'"),
        ('hourly = "08:00"', "hourly"),
    ],
)
def test_a_wrong_setting_is_said_with_its_place(tmp_path: Path, lines: str, says: str) -> None:
    """One sentence, before anything runs."""
    config = tmp_path / "tocsin.toml"
    config.write_text(f"{CONFIG}\n[reports]\n{lines}\n", "utf-8")
    with pytest.raises(Invalid) as error:
        read_settings(config, {})
    assert says in str(error.value)
    assert "reports" in str(error.value)


def test_a_person_s_zone_is_checked(tmp_path: Path) -> None:
    """Also without rules, because their nights are told by it."""
    config = tmp_path / "tocsin.toml"
    config.write_text('[people.ana]\nzone = "Lisbon"\n', "utf-8")
    with pytest.raises(Invalid, match="no time zone"):
        read_settings(config, {})
