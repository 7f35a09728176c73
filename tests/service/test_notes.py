"""A note of something earlier: when it was, and when it was written down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chats.house import Hands
from tests.house import ANA, boarding_stops, open_house
from tocsin.app import App
from tocsin.errors import Invalid
from tocsin.service import catalogue, review
from tocsin.store import incidents


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """INC-1 is open, and the hands of the clock stand at noon and seven minutes or later."""
    opened = open_house(tmp_path, f"sqlite://{tmp_path}/tocsin.db", clock=Hands())
    boarding_stops(opened)
    yield opened
    opened.db.close()


def note(app: App, text: str, at: str = "") -> None:
    """Write a note."""
    catalogue.make(app, "note", "INC-1", catalogue.Note(text=text, at=at), ANA, "responder")


def test_a_note_of_an_earlier_moment_has_both_times_in_the_post_mortem(app: App) -> None:
    """As a span ago or as a moment; without one it happened when it was written."""
    now = app.clock.now()
    note(app, "The gate was opened by hand", "12m ago")
    note(app, "The gate is oiled")
    told = {
        line: row
        for row in review.open_review(app, "INC-1", ANA).text.splitlines()
        for line in ("by hand", "oiled")
        if line in row
    }
    assert f"{now:%H:%M:%S} UTC" in told["by hand"].split("|")[2]
    assert told["by hand"].split("|")[1] < told["by hand"].split("|")[2]
    assert told["oiled"].split("|")[2].strip() == ""
    (entry,) = [each for each in app.db.read(lambda tx: incidents.timeline(tx, "INC-1")) if "by hand" in str(each.fact)]
    assert (entry.at - entry.fact.happened).total_seconds() == 12 * 60


@pytest.mark.parametrize("at", ["2999-01-01T00:00", "soon", "25:99"])
def test_a_note_of_the_future_or_of_no_moment_is_refused(app: App, at: str) -> None:
    """And nothing is written."""
    before = len(app.db.read(lambda tx: incidents.timeline(tx, "INC-1")))
    with pytest.raises(Invalid):
        note(app, "The gate fell", at)
    assert len(app.db.read(lambda tx: incidents.timeline(tx, "INC-1"))) == before
