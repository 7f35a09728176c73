"""Private incidents in the terminal, on a real server, and in the export."""

from __future__ import annotations

import json
import re

from tests.cli.terminal import Server, here


def test_a_private_incident_is_declared_and_opened_in_the_terminal(server: Server) -> None:
    """It says who sees it; who is named goes on as ever, and letting in and showing it to all are verbs."""
    ref = server("incident", "declare", "Our keys are public", "--private", "--people", "ben", "--json").json["id"]
    team = server("incident", "show", ref, "--json").json["incident"]["team"]
    assert (team["private"], "ben" in team["named"]) == (True, True)
    assert server("incident", "let_in", ref, "cleo").code == 0
    assert "let cleo see it" in server("incident", "timeline", ref).out
    refused = server("incident", "break-glass", ref, "I want to know")
    assert (refused.code, "sees it already" in refused.err or "already" in refused.err) == (1, True)
    assert server("incident", "make-public", ref, "all keys are new").code == 0


def test_the_export_leaves_private_incidents_out_and_says_so(server: Server) -> None:
    """With --private they are there; nothing else of them is without it."""
    ref = server("incident", "declare", "The vault is open", "--private", "--json").json["id"]
    other = server.declare("The lamp is out", "--severity", "P2")

    without, whole = (here("export", *more, cwd=server.folder) for more in ((), ("--private",)))
    found = {json.loads(line)["incident"]["id"] for line in without.out.splitlines() if '"type":"incident"' in line}
    assert (other in found, ref in found, "the vault" in without.out.lower()) == (True, False, False)
    assert re.search(r"\d+ private incidents? left out; --private writes", without.err)
    assert "the vault" in whole.out.lower() and "left out" not in whole.err


def test_roles_are_taken_and_left_in_the_terminal(server: Server) -> None:
    """By the role's name; the war room is an address."""
    ref = server.declare("The lamp is out", "--severity", "P2")
    assert server("incident", "take-role", ref, "scribe").code == 0
    assert list(server("incident", "show", ref, "--json").json["incident"]["roles"]) == ["scribe"]
    assert "scribe: " in server("incident", "show", ref).out
    assert server("incident", "leave-role", ref, "scribe", "my train goes").code == 0
    assert server("incident", "set-war-room", ref, "https://meet.example.org/1").code == 0
    assert server("incident", "set-war-room", ref, "not an address").code == 2
    nobody = server("incident", "hand-over", ref, "zoe")
    assert (nobody.code, "Acknowledge it first" in nobody.err) == (1, True)
