"""The dead man's switch: a word leaves while all is well, and only then; the expected alert's silence is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.build import an_alert
from tests.house import open_house
from tests.plug.serving import LOOPBACK, Site, serving
from tocsin.app import App
from tocsin.engine.deadman import DeadMan
from tocsin.service import deadman, discretion, ingest
from tocsin.settings.alerting import Deadman
from tocsin.store import incidents, intake
from tocsin.wire import encode_text


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """One node over an empty database."""
    opened = open_house(tmp_path / "house", f"sqlite://{tmp_path}/tocsin.db")
    yield opened
    opened.db.close()


@pytest.fixture
def watcher() -> Iterator[Site]:
    """Somebody outside who notes when we call."""
    with serving() as site:
        yield site


def watched(app: App, **terms: object) -> None:
    """The dead man's switch is set up so."""
    app.settings = replace(app.settings, deadman=Deadman(**terms))  # type: ignore[arg-type]


def test_a_word_leaves_while_all_is_well(app: App, watcher: Site) -> None:
    """By POST, without a body; and when it left is known to who looks."""
    watched(app, url=f"{watcher.url}/ping/here", allow=LOOPBACK)
    assert deadman.standing(app).problems
    assert deadman.leave(app, []) == ""
    assert [(asked.method, asked.path, asked.body) for asked in watcher.asked] == [("POST", "/ping/here", b"")]
    standing = deadman.standing(app)
    assert standing.left_at is not None
    assert standing.problems == ()


def test_nothing_leaves_while_something_is_wrong(app: App, watcher: Site) -> None:
    """That is what the watcher waits for; the reason is kept."""
    watched(app, url=watcher.url, allow=LOOPBACK)
    assert deadman.leave(app, ["The clocks loop has ended."]) == "The clocks loop has ended."
    assert watcher.asked == []
    assert deadman.standing(app).kept_back == "The clocks loop has ended."


def test_alerts_that_nobody_merges_keep_the_word_back(app: App) -> None:
    """The intake takes them, and nothing comes of them: nobody inside could say so."""
    long_ago = app.clock.now() - timedelta(minutes=5)
    stuck = intake.Arrival(id="in_1", received_at=long_ago, source="x", body=encode_text([an_alert()]))
    assert deadman.problems_of(app, []) == []
    app.db.write(lambda tx: intake.append(tx, [stuck]))
    (problem,) = deadman.problems_of(app, [])
    assert problem.startswith("Of alerts that wait to be merged the oldest is late by 5 min")


@pytest.mark.parametrize(("status", "words"), [(500, "answers 500"), (302, "answers 302")])
def test_a_watcher_who_does_not_take_it_is_told_of(app: App, watcher: Site, status: int, words: str) -> None:
    """It counts as not told; a redirect is not followed."""
    watcher.status = status
    watched(app, url=watcher.url, allow=LOOPBACK)
    assert words in deadman.leave(app, [])
    assert deadman.standing(app).left_at is None


def test_an_inner_address_is_asked_only_where_it_is_allowed(app: App, watcher: Site) -> None:
    """The guard of every other request that leaves stands here too."""
    watched(app, url=watcher.url)
    assert "not a public address" in deadman.leave(app, [])
    assert watcher.asked == []


def test_the_address_is_a_secret_where_it_is_long(app: App) -> None:
    """Who knows the path of such an address could speak for us."""
    watched(app, url="https://watch.example.org/5f0c7a1e-9d3b-4c55-8a51-0a7be6a9a3c2")
    app.settings = discretion.with_all_secrets(app.settings, "", {})
    assert "5f0c7a1e" not in discretion.said(app, "no answer of watch.example.org/5f0c7a1e-9d3b-4c55-8a51-0a7be6a9a3c2")
    assert "5f0c7a1e" not in repr(app.settings.deadman)


def test_the_loop_leaves_a_word_at_its_pace(app: App, watcher: Site) -> None:
    """Once a minute, however often it looks."""
    watched(app, url=watcher.url, allow=LOOPBACK, every=timedelta(minutes=1))
    looks = DeadMan(app, list)
    for _ in range(3):
        looks.turn()
    assert len(watcher.asked) == 1


def test_the_expected_alert_declares_nothing_and_its_silence_does(app: App) -> None:
    """It is told once; when the alert is heard again, that ends."""
    watched(app, expect="Watchdog", within=timedelta(minutes=15))
    now = app.clock.now()
    long_ago = now - timedelta(hours=1)
    ingest.accept(app, "prometheus", [an_alert("Watchdog", starts_at=long_ago, updated_at=long_ago)])
    ingest.merge_waiting(app)
    assert app.db.read(incidents.references) == []
    assert not deadman.expect(app, now)
    assert deadman.standing(app).problems
    assert deadman.expect(app, long_ago)
    ingest.merge_waiting(app)
    (ref,) = app.db.read(incidents.references)
    assert not deadman.expect(app, long_ago)
    ingest.accept(app, "prometheus", [an_alert("Watchdog", starts_at=long_ago, updated_at=app.clock.now())])
    ingest.merge_waiting(app)
    assert deadman.expect(app, long_ago)
    ingest.merge_waiting(app)
    incident = app.db.read(lambda tx: incidents.load(tx, ref))
    assert incident is not None
    assert incident.firing == ()
    assert deadman.standing(app).problems == ()
