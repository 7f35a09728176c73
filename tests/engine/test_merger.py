"""How long the turns are in which what was accepted is worked off, and when they give way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.house import open_house
from tocsin.app import App
from tocsin.engine import merger
from tocsin.engine.merger import AIM, FEWEST, FEWEST_BESIDE, FLOOD, MOST, SHARE, Merger


class HandClock:
    """A clock that is turned by hand."""

    at = datetime.fromisoformat("2026-11-21T10:00:00+00:00")

    def now(self) -> datetime:
        """The moment that was set."""
        return self.at


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """A node whose clock is turned by hand, with an intake that only counts."""
    opened: Any = open_house(tmp_path, str(tmp_path / "tocsin.db"))
    opened.clock = HandClock()
    opened.inbox = SimpleNamespace(stored_bytes=0, waiting=1, log=None)
    yield opened
    opened.db.close()


class Turns:
    """Turns of a merger, each of which takes so long while so much comes in."""

    def __init__(self, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.merger = app, Merger(app)
        self.words: list[int] = []
        self.pauses: list[float] = []
        self._seconds, self._bytes = 0.0, 0.0
        monkeypatch.setattr(merger.ingest, "merge_waiting", self._merge)
        monkeypatch.setattr(self.merger._stopped, "wait", self.pauses.append)

    def _merge(self, app: Any, messages: int, words: int) -> int:
        del messages
        self.words.append(words)
        app.clock.at += timedelta(seconds=self._seconds)
        app.inbox.stored_bytes += int(self._bytes * self._seconds)
        return 1

    def turn(self, seconds: float, bytes_a_second: float = 0, times: int = 40) -> None:
        """Turn so many times."""
        self._seconds, self._bytes = seconds, bytes_a_second
        for _ in range(times):
            assert self.merger.turn()


def test_a_turn_takes_as_much_as_fits_into_its_time(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Less after long ones, more after short ones, within bounds."""
    turns = Turns(app, monkeypatch)
    turns.turn(AIM * 3)
    assert turns.words[-1] == FEWEST
    turns.turn(AIM / 4)
    assert turns.words[-1] == MOST
    turns.turn(AIM)
    assert turns.words[-1] == MOST
    assert turns.pauses == []


def test_on_postgresql_turns_do_not_shrink_to_nothing(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Round trips cost what they cost: with a handful of alerts a turn most of the time would go into beginning it."""
    monkeypatch.setattr(type(app.db), "dialect", "postgres")
    turns = Turns(app, monkeypatch)
    turns.turn(AIM * 30)
    assert turns.words[-1] == FEWEST_BESIDE


def test_in_a_flood_it_gives_way_and_afterwards_it_does_not(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the time is its own while very much comes in; what 2,000 alerts a second bring is no flood."""
    turns = Turns(app, monkeypatch)
    turns.turn(AIM, FLOOD * 0.7)
    assert turns.pauses == []
    turns.turn(AIM, FLOOD * 3)
    assert turns.pauses[-1] == pytest.approx(AIM * (1 / SHARE - 1))
    paused = len(turns.pauses)
    turns.turn(AIM, 0)
    assert len(turns.pauses) - paused < 30
    turns.turn(AIM, 0)
    assert len(turns.pauses) - paused < 30


def test_a_clock_that_is_set_back_harms_nothing(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause without end, no turn without words."""
    turns = Turns(app, monkeypatch)
    turns.turn(-3600, times=2)
    turns.turn(AIM)
    assert all(0 <= pause <= 1 for pause in turns.pauses)
    assert FEWEST <= turns.words[-1] <= MOST
