"""What is looked up around incidents: behind the pages, once, and in nobody's way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.engine.test_trouble import Hands
from tests.house import boarding_stops, open_house, until
from tocsin.app import App
from tocsin.core.change import Change
from tocsin.core.context import SupplierAt
from tocsin.core.facts import ContextTaken
from tocsin.engine import Engine, surveyor
from tocsin.engine.surveyor import LATE, Surveyor
from tocsin.errors import Unread
from tocsin.service import changelog, context
from tocsin.service.respond import exists
from tocsin.store import changes, incidents, search


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """A node that was told of a change."""
    opened = open_house(tmp_path / "house", db_url, clock=Hands())
    told = Change(
        id="c1", source="till", kind="deployment", what="v42 deployed", where="pier", who="mara",
        at=opened.clock.now() - timedelta(minutes=12),
    )  # fmt: skip
    opened.db.write(lambda tx: changes.append(tx, [told], told.at))
    yield opened
    opened.db.close()


def taken(app: App, ref: str = "INC-1") -> list[ContextTaken]:
    """What the timeline holds of an incident's surroundings."""
    entries = app.db.read(lambda tx: incidents.timeline(tx, ref))
    return [entry.fact for entry in entries if isinstance(entry.fact, ContextTaken)]


def test_it_is_taken_once_whoever_looks_and_however_often(app: App, tmp_path: Path, db_url: str) -> None:
    """Two nodes, several turns, a restart: one entry; the row stays the fold of the timeline."""
    boarding_stops(app)
    other = open_house(tmp_path / "house", db_url, clock=app.clock)
    for each in (Surveyor(app), Surveyor(other), Surveyor(app)):
        each.turn()
        each.turn()
    other.db.close()

    (fact,) = taken(app)
    assert [(near.change.what, near.distance(), near.nearest) for near in fact.changes] == [
        ("v42 deployed", "12 min before", True)
    ]
    assert exists(app, "INC-1").context_at == app.clock.now()
    assert app.db.read(lambda tx: incidents.verify(tx, "INC-1")) == []


def test_of_an_old_incident_nothing_is_taken(app: App) -> None:
    """It would not be what was known when it began."""
    boarding_stops(app)
    assert isinstance(app.clock, Hands)
    app.clock.at += LATE + timedelta(seconds=1)
    Surveyor(app).turn()
    assert taken(app) == []


def test_one_that_fails_keeps_no_other_waiting(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not tried for ever either."""
    boarding_stops(app)
    inner, tried = context.take, []

    def take(app: App, ref: str, suppliers: list[SupplierAt]) -> bool:
        tried.append(ref)
        if ref == "INC-1":
            raise RuntimeError("broken")
        return inner(app, ref, suppliers)

    monkeypatch.setattr(context, "take", take)
    looker = Surveyor(app)
    with pytest.raises(RuntimeError):
        looker.turn()
    boarding_stops(app)
    looker.turn()
    looker.turn()
    assert tried.count("INC-1") == 1


def test_suppliers_are_not_asked_for_each_incident_of_a_storm(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once in half a minute, however many begin."""
    asked: list[None] = []
    monkeypatch.setattr(
        context, "ask_suppliers", lambda _: asked.append(None) or [SupplierAt(name="cards", level=2, says="declined")]
    )
    looker = Surveyor(app)
    boarding_stops(app)
    looker.turn()
    assert [each.says for each in taken(app)[0].suppliers] == ["declined"]
    assert len(asked) == 1
    assert timedelta(0) < surveyor.SUPPLIERS_EVERY
    looker.turn()
    assert len(asked) == 1


def test_words_are_kept_and_follow_what_happens(app: App) -> None:
    """An incident is found by what was said in it, seconds later."""
    boarding_stops(app)
    looker = Surveyor(app)
    looker.turn()
    assert app.db.read(lambda tx: search.found(tx, ["boardingstops"], 9)) == ["INC-1"]
    looker.turn()
    assert isinstance(app.clock, Hands)
    app.clock.at += surveyor.WORDS_EVERY
    looker.turn()
    assert app.db.read(lambda tx: search.behind(tx, 9)) == []


def test_a_repository_that_can_t_be_read_is_told_once(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Not every five minutes; what follows it is done all the same."""
    app.settings = replace(app.settings, repositories=(str(tmp_path),))
    looker = Surveyor(app)
    for _ in range(3):
        looker.turn()
        assert isinstance(app.clock, Hands)
        app.clock.at += surveyor.COMMITS_EVERY
    assert len([each for each in caplog.records if "commits of" in each.message]) == 1
    with pytest.raises(Unread):
        changelog.gitlog.commits(tmp_path, app.clock.now())


def test_the_engine_takes_it_behind_the_page_and_ends_at_once(app: App) -> None:
    """The page is on its way before; stopping the engine does not wait for the next look."""
    engine = Engine(app)
    engine.start()
    boarding_stops(app)
    until(lambda: bool(taken(app)))
    entries = app.db.read(lambda tx: incidents.timeline(tx, "INC-1"))
    kinds = [entry.kind for entry in entries]
    assert kinds.index("Escalated") < kinds.index("ContextTaken")
    engine.stop(5)
    assert engine.problems() and all("has ended" in each for each in engine.problems())


def test_another_version_of_our_files_is_a_change(app: App) -> None:
    """The first start tells nothing, the same files neither."""
    changelog.note_versions(app)
    changelog.note_versions(app)
    assert [each.source for each in app.db.read(changes.listing)] == ["till"]
    app.versions = {**app.versions, "tocsin.toml": "sha256:0123456789abcdef"}
    changelog.note_versions(app)
    told = app.db.read(lambda tx: changes.listing(tx, source="tocsin"))
    assert [each.kind for each in told] == ["configuration"] and told[0].what.endswith("0123456789")
