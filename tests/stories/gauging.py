"""Signals that a story's own `tocsin.toml` binds to more than the page of metrics: databases, heartbeats, nothing."""

from __future__ import annotations

import psycopg

from tests.stories.script import Page
from tests.stories.vocabulary import Seen, action, check
from tests.stories.world import World
from tocsin.service import gauging, systemhealth


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


@action(
    r"the server answers (?P<request>[A-Z]+ \S+) with (?P<status>\d+) `(?P<body>[^`]*)`"
    r"(?: telling `(?P<fields>[^`]*)`)?",
    "the server answers GET /api with 429 `slow down` telling `retry-after: 30 / x-ratelimit-remaining: 0`",
)
def _answers(world: World, request: str, status: str, body: str, fields: str | None) -> None:
    """From now on the story's server answers otherwise, with these header fields ("telling"), a slash between two."""
    world.site.answers[request] = Page(request, int(status), body)
    told = [field.partition(": ") for field in (fields or "").split(" / ") if field]
    world.site.fields[request] = {name: value for name, _, value in told}


@action(r"(?P<who>[a-z]+) asks how the system is", "ana asks how the system is")
def _asks(world: World, who: str) -> None:
    """Everything that is bound is read once, as `tocsin health` has it; nothing else follows from that."""
    del who
    systemhealth.examine(world.app)


@check(
    r"the system is (?P<state>healthy|degraded|unhealthy|unknown)(?: because `(?P<why>[^`]*)`)?",
    "the system is degraded because `backup age`",
)
def _system(seen: Seen, state: str, why: str | None) -> None:
    """What all that is measured says together, by what was read last, and what makes it so."""
    found = systemhealth.standing(seen.world.app)
    assert (found.state, (why or "") in found.why) == (state, True), f"it is {found.state}: {found.why}"


@check(
    r"the check `(?P<metric>[^`]+)` is (?P<state>[a-z]+)(?: because `(?P<why>[^`]*)`)?",
    "the check `till` is unhealthy because `it is not up`",
)
def _check(seen: Seen, metric: str, state: str, why: str | None) -> None:
    """How one signal counts for the health of the whole, and why."""
    checks = {each.metric: each for each in systemhealth.standing(seen.world.app).checks}
    found = checks[metric]
    assert (found.state, (why or "") in found.why) == (state, True), f"it is {found.state}: {found.why}"
