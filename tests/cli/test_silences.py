"""`tocsin silence`, `tocsin alerts show`, and splitting and merging from the terminal."""

from __future__ import annotations

from pathlib import Path

import httpx2

from tests.cli.terminal import Server, running
from tests.house import until


def says(server: Server, name: str, **labels: str) -> None:
    """Monitoring says that something is wrong."""
    told = {"labels": {"alertname": name, **labels}}
    headers = {"Authorization": f"Bearer {server.token}"}
    assert httpx2.post(f"{server.url}/api/v2/alerts", json=[told], headers=headers).status_code == 200
    until(lambda: any(each["labels"] == told["labels"] for each in known(server)))


def known(server: Server) -> list[dict[str, dict[str, str]]]:
    """Every alert that is known."""
    listed: list[dict[str, dict[str, str]]] = server("alerts", "list", "--state", "all", "--json").json["alerts"]
    return listed


def test_a_silence_is_planned_listed_and_ended(shop: Path) -> None:
    """What fires under it is shown as such, and declared when it is ended."""
    with running(shop) as server:
        assert server("silence", "list").err == "Nothing is silenced.\n"
        assert server("silence", "add", "shop=north", "--why", "paint").code == 2
        assert "Nothing says when it ends" in server("silence", "add", "shop=north", "--why", "paint").err
        assert server("silence", "add", "shop=north", "--for", "1h", "--from", "tomorrow", "--why", "x").code == 2
        made = server("silence", "add", "shop=north", "--for", "2h", "--why", "paint")
        assert "active" in made.out
        assert "No alert that fires now matches." in made.out
        span = ("--from", "2030-03-07 22:00", "--until", "2030-03-08T02:00+01:00")
        later = server("silence", "add", "shop=south", *span, "--why", "glass", "--json").json
        assert (later["state"], later["ends_at"]) == ("pending", "2030-03-08T01:00:00Z")
        says(server, "CheckoutFails", shop="north")
        assert "silenced by" in server("alerts", "list", "--state", "silenced").out
        shown = server("alerts", "show", "CheckoutFails").out
        assert "kept back: silenced by" in shown
        listed = server("silence", "list", "--json").json["silences"]
        assert [(each["matches"], each["covers"]) for each in listed] == [(1, 1), (0, 0)]
        second = server("silence", "add", "shop=north", "--for", "1h", "--why", "paint")
        assert "1 alert that fires matches: 1 under it" in second.out
        assert server("silence", "end", second.out.split()[0]).code == 0
        assert server("silence", "end", listed[0]["id"][:6]).code == 0
        until(lambda: server("incident", "list", "--json").json["incidents"])
        assert "joined" in server("alerts", "show", "CheckoutFails").out
        assert server("silence", "end", "zzz").code != 0
        one = server("alerts", "silence", "CheckoutFails", "--for", "30m", "--why", "known")
        assert 'alertname="CheckoutFails"' in one.out
        assert "1 an incident's already or kept back; open incidents and their clocks go on" in one.out


def test_alerts_are_split_off_and_duplicates_merged(shop: Path) -> None:
    """By name, where it means one alert only."""
    with running(shop) as server:
        says(server, "CheckoutFails", shop="north")
        says(server, "CheckoutFails", shop="south")
        several = server("incident", "split", "INC-1", "--alerts", "CheckoutFails")
        assert several.code == 2
        assert "means 2 alerts" in several.err
        south = next(each for each in known(server) if each["labels"].get("shop") == "south")["fingerprint"]
        split = server("incident", "split", "INC-1", "--alerts", str(south)[:10], "--why", "another shop")
        assert split.out.startswith("INC-2"), split.err
        assert server("incident", "split", "INC-1").code == 2
        merge = ("incident", "merge", "INC-2", "--into", "INC-1", "--json")
        until(lambda: (done := server(*merge)).code == 0 or "runs" not in done.err)  # its diagnosis must end first
        absorbed = server("incident", "show", "INC-1", "--json").json["incident"]["absorbed"]
        assert absorbed == ["INC-2"]
        assert server("incident", "merge", "INC-2", "--into", "INC-1").code == 1
        assert "merged it into INC-1" in server("incident", "timeline", "INC-2").out
        assert "It was merged into INC-1, as its duplicate." in server("incident", "show", "INC-2").out
        assert "2 alerts, 2 of them firing.\nMerged into it: INC-2." in server("incident", "show", "INC-1").out
