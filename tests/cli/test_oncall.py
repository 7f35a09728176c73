"""`tocsin oncall` from the terminal: who it is, overrides, swaps, addresses of calendars."""

from __future__ import annotations

from pathlib import Path

import httpx2

from tests.cli.terminal import TOKEN, running

PLAN = f"""
[people.ana]
name = "Ana"
notify = ["console"]
[people.ben]
name = "Ben"
notify = ["console"]
[schedules.primary]
zone = "Europe/Lisbon"
people = ["ana"]
start = 2020-01-06
[roles]
"team lead" = "schedule:primary"
[tokens.ana]
token = "{TOKEN}"
role = "admin"
"""


def test_who_is_on_call_is_told_and_changed_from_the_terminal(shop: Path) -> None:
    """For people and for programs; what makes no sense is refused with a sentence."""
    (shop / "tocsin.toml").write_text(PLAN, "utf-8")
    with running(shop) as server:
        told = server("oncall")
        assert told.code == 0
        assert "Ana is on call by primary, week" in told.out
        assert "team-lead" in told.out
        assert server("oncall", "--check").code == 0
        made = server("oncall", "override", "ben", "--for", "2h", "--why", "dentist", "--json").json
        assert (made["state"], made["people"], made["made_by"]) == ("counts", ["ben"], "ana")
        assert "override by ana: dentist" in server("oncall").out
        assert server("oncall", "--json", "--at", "2020-01-01").code == 2
        assert server("oncall", "end", made["id"]).code == 0
        assert "Ana is on call" in server("oncall").out
        assert server("oncall", "override", "--for", "2h").code == 2
        assert "Nothing says who" in server("oncall", "override", "--for", "2h").err
        assert server("oncall", "override", "eve", "--for", "2h").code == 2
        assert server("oncall", "override", "--nobody", "--for", "2h", "--why", "closed").code == 0
        checked = server("oncall", "--check")
        assert checked.code == 1
        assert "! Nobody is on call by primary" in checked.err


def test_a_swap_and_an_address_are_made_from_the_terminal(shop: Path) -> None:
    """Offered, accepted, listed; a calendar is read at its address until that is revoked."""
    (shop / "tocsin.toml").write_text(PLAN, "utf-8")
    with running(shop) as server:
        now = server("oncall", "--json").json["at"]
        until = f"{int(now[:4]) + 0}{now[4:10]}T23:59:59+00:00"
        made = server("oncall", "swap", "offer", "ben", "--from", now, "--until", until, "--json").json
        assert (made["state"], made["instead_of"]) == ("offered", "ana")
        assert "swap accepted" in server("oncall", "swap", "accept", made["id"]).out
        assert server("oncall", "swap", "decline", made["id"]).code == 1
        assert "accepted" in server("oncall", "changes").out
        address = server("oncall", "feed", "make", "--schedule", "primary").out.strip()
        answer = httpx2.get(address)
        assert answer.status_code == 200
        assert "SUMMARY:Ben on call: primary" in answer.text
        (feed,) = server("oncall", "feed", "list", "--json").json["feeds"]
        assert "path" not in feed or not feed["path"]
        assert server("oncall", "feed", "revoke", feed["id"]).code == 0
        assert httpx2.get(address).status_code == 404
        assert server("oncall", "end", "../../x").code == 1
