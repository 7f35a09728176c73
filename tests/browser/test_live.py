"""The streams behind the live pages, read as a program would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx2

from tests.browser.bakery import TOKENS
from tests.browser.conftest import DEADLINE, House, eventually

ROOM = "/incidents/INC-1/live"


@contextmanager
def stream(house: House, path: str, **headers: str) -> Iterator[Iterator[tuple[str, str, str]]]:
    """An open stream's events as (name, data, id)."""
    headers["Authorization"] = f"Bearer {TOKENS['mara']}"
    with httpx2.stream("GET", house.url + path, headers=headers, timeout=DEADLINE) as answer:
        assert answer.status_code == 200
        yield _events(answer.iter_lines())


def _events(lines: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    event: dict[str, str] = {}
    for line in lines:
        if not line and event:
            yield event.get("event", ""), event.get("data", ""), event.get("id", "")
            event = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value


def version(house: House) -> int:
    """The incident's version now."""
    row = house.bakery.app.db.read(lambda tx: tx.one("select version from incidents"))
    assert row is not None
    return int(row["version"])


def test_a_change_is_told_with_the_version_that_it_led_to(house: House) -> None:
    """The id is what a browser has seen when it has fetched the page."""
    with stream(house, f"{ROOM}?seen={version(house)}") as events:
        house.make("note", text="Here")
        told = next(int(identity) for name, _, identity in events if name == "changed" and int(identity))

    assert told <= version(house)


def test_who_comes_back_is_told_at_once_that_something_was_missed(house: House) -> None:
    """``Last-Event-ID`` counts more than what the address says."""
    now = version(house)
    with stream(house, f"{ROOM}?seen={now}", **{"Last-Event-ID": "1"}) as events:
        assert next(events)[0] == "changed"


def test_nobody_may_listen_without_a_session(house: House) -> None:
    """The stream is guarded as the page is."""
    answer = httpx2.get(house.url + ROOM, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


def test_many_tabs_share_one_watcher_which_ends_with_the_last_of_them(house: House) -> None:
    """Forty tabs cost one look at the database, and all of them are told."""
    watchers = lambda: getattr(house.web.state, "watchers", {})  # noqa: E731
    with ExitStack() as tabs:
        streams = [tabs.enter_context(stream(house, ROOM)) for _ in range(40)]
        eventually(lambda: watchers() and len(watchers()["INC-1"].tabs) == 40, "the fortieth tab")
        assert list(watchers()) == ["INC-1"]
        house.make("note", text="To all")
        assert {next(name for name, _, _ in events if name == "changed") for events in streams} == {"changed"}

    eventually(lambda: not watchers(), "the end of the last tab")


def test_output_comes_in_pieces_in_their_order(house: House) -> None:
    """Each piece of a run's output is sent, numbered, while the run goes on; a tab that just came may get one twice."""
    branch = "If the oven feed is down"
    with stream(house, ROOM) as events:
        house.make("choose_branch", "mara", branch=branch, why="to see")
        incident = eventually(lambda: _waiting(house), "the approval")
        house.make("approve", "mara", approval=incident)
        pieces = (json.loads(data) for name, data, _ in events if name == "output")
        # On a slow machine the diagnosis, which began by itself, may still print.
        first = next(piece for piece in pieces if piece["text"].startswith("stopping"))
        house.bakery.open_gate("now")
        second = next(piece for piece in pieces if piece["run"] == first["run"] and piece["seq"] != first["seq"])

    assert first["text"] == "stopping \n"
    assert second["text"] == "started  (now)\n"
    assert second["seq"] > first["seq"]


def _waiting(house: House) -> str:
    from tocsin.service.respond import exists

    waiting = exists(house.bakery.app, "INC-1").waiting_approvals
    return waiting[0].id if waiting else ""


def test_the_page_now_is_told_of_a_new_incident(house: House) -> None:
    """Another incident, another state, another name of it."""
    from tocsin.core.facts import Actor
    from tocsin.service import respond

    with stream(house, "/live") as events:
        eventually(
            lambda: getattr(house.web.state, "watchers", {}).get("") and house.web.state.watchers[""].seen, "a look"
        )
        asked = respond.Declaration(title="The door is stuck", severity="P3")
        respond.declare_by_hand(house.bakery.app, asked, Actor("person", "ines"))
        assert next(name for name, _, _ in events if name == "changed") == "changed"


def test_the_page_of_the_signals_is_told_of_a_new_reading(house: House) -> None:
    """The engine reads every second; the page hears of it at the next look."""
    with stream(house, "/signals/live") as events:
        assert next(name for name, _, _ in events if name == "changed") == "changed"
