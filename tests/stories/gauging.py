"""Signals that a story's own `tocsin.toml` binds to more than the page of metrics: databases, heartbeats, nothing."""

from __future__ import annotations

import psycopg

from tests.stories.vocabulary import Seen, action, check
from tests.stories.world import World
from tocsin.service import gauging


@action(r"the signal `(?P<metric>[^`]+)` is read", "the signal `stuck jobs` is read")
def _read(world: World, metric: str) -> None:
    """Tocsin reads a signal that the story's own tocsin.toml binds, by its own probe."""
    signal = world.app.settings.signal(metric)
    assert signal is not None, f"nothing measures {metric!r}"
    world.read(signal)


@action(r"the database runs `(?P<statement>[^`]+)`", "the database runs `insert into jobs values (1)`")
def _runs(world: World, statement: str) -> None:
    """Something changes in the real database (`needs: postgres`), not by Tocsin."""
    with psycopg.connect(world.env["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement.encode())


@action(r"the heartbeat `(?P<name>[^`]+)` is called", "the heartbeat `nightly-backup` is called")
def _called(world: World, name: str) -> None:
    """A program calls the address of a heartbeat."""
    gauging.hear(world.app, name)


@check(
    r"the threshold `(?P<words>[^`]+)` is (?P<state>inactive|pending|firing|not watched)",
    "the threshold `failed orders > 5 %` is pending",
)
def _threshold(seen: Seen, words: str, state: str) -> None:
    """How far a threshold has come, as `tocsin signals` says; "not watched" where nothing measures it."""
    found = [
        (one.state if each.probe else "not watched")
        for each in gauging.measured(seen.world.app)
        for one in each.thresholds
        if words.casefold() in one.text.casefold()
    ]
    assert set(found) == {state}, f"it is {found}"
