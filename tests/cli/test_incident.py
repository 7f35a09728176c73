"""Incidents in the terminal, on a real server."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.terminal import Server


def test_an_incident_is_lived_through_in_the_terminal(server: Server) -> None:
    """Declared, seen, taken, looked into, written about, ended."""
    ref = server.declare("--scenario", "checkout", "--why", "three customers called")

    shown = server("incident", "show", ref).out
    assert "three customers called" in shown and "df -h" in shown and "touch marked-one" in shown
    assert server("incident", "ack", ref).out == f"{ref}  P1  acknowledged  Checkout fails\n"
    ran = server("incident", "run", ref, "how full")
    assert (ran.code, "Filesystem" in ran.out) == (0, True)
    assert "succeeded, exit code 0." in ran.err
    assert server("incident", "note", ref, "-", text="from a pipe\n").code == 0
    ended = server("incident", "resolve", ref, "--summary", "it was nothing")
    assert ended.out == f"{ref}  P1  resolved  Checkout fails\n", ended.err

    timeline = server("incident", "timeline", ref).out
    order = ["declared P1", "acknowledged", "df -h", "from a pipe", "it was nothing"]
    assert [re.search(words, timeline) is not None for words in order] == [True] * len(order)
    assert sorted(order, key=timeline.rindex) == order


def test_the_list_shows_what_is_open(server: Server) -> None:
    """With --status open, the resolved ones are left out."""
    ref, gone = server.declare("Cannot log in", "--severity", "P2"), server.declare("It was nothing")
    assert server("incident", "resolve", gone, "--override", "a mistake").code == 0

    lines = server("incident", "list", "--status", "open").out.splitlines()
    assert lines[0].split()[:3] == ["INCIDENT", "SEVERITY", "STATUS"]
    named = [line.split()[0] for line in lines]
    assert ref in named and gone not in named
    assert any(line.startswith(ref) and line.endswith("Cannot log in") for line in lines)


def test_json_is_what_the_api_answers(server: Server) -> None:
    """Every look and every move; scripts get the API's own shapes."""
    ref = server.declare()
    answers = {
        "show": server("incident", "show", ref, "--json").json,
        "timeline": server("incident", "timeline", ref, "--json").json,
        "list": server("incident", "list", "--json").json,
        "note": server("incident", "note", ref, "words", "--json").json,
        "output": server("incident", "output", ref, "how full", "--json").json,
    }

    assert answers["show"]["incident"]["id"] == ref
    assert answers["timeline"]["timeline"][0]["kind"] == "Declared"
    assert any(each["incident"]["id"] == ref for each in answers["list"]["incidents"])
    assert answers["note"]["id"] == ref
    assert answers["output"]["step"].startswith("checkout-fails/diagnosis/")


def test_a_step_is_named_by_its_line(server: Server) -> None:
    """The line of the runbook, as it stands on the desk."""
    ref = server.declare()
    line = next(
        step["step"]["line"]
        for part in server("incident", "show", ref, "--json").json["parts"]
        for step in part["steps"]
        if step["step"]["command"] == "touch marked-one"
    )
    asked = server("incident", "request_step", ref, "--line", str(line))

    assert asked.code == 0
    assert f"waits for an approval: tocsin approve {ref} apr_" in asked.err


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("run", "REF", "mark"), 2, "'mark' fits 2 steps"),
        (("run", "REF", "no such step"), 1, "names no step of"),
        (("run", "REF", "--line", "2"), 1, "No step stands on line 2"),
        (("run", "REF"), 2, "Nothing says which step is meant"),
        (("run", "REF", "how full", "--line", "3"), 2, "Nothing says which step is meant"),
        (("do-step", "REF", "df"), 0, ""),
        (("skip-step", "REF", "call the bank"), 2, "needs a reason"),
        (("settle_step", "REF", "df"), 2, "Missing option '--happened'"),
        (("settle_step", "REF", "df", "--happened"), 1, "is not in doubt"),
        (("choose_branch", "REF", "if"), 1, "fits 2 of the branches"),
        (("choose_branch", "REF", "bank"), 0, ""),
        (("hold", "REF", "many", "x"), 2, "is no time: write 90"),
        (("hold", "REF", "15", "waiting for the bank"), 0, ""),
        (("note", "REF"), 2, "Missing argument 'TEXT'"),
        (("note", "REF", "   "), 2, "This needs a note"),
        (("show", "INC-4711"), 1, "There is no incident INC-4711"),
        (("show", "../../healthz"), 1, "There is no incident"),
        (("timeline", "x" * 100), 1, "There is no incident"),
        (("approve", "REF"), 1, "waits for an approval"),
        (("reopen", "REF", "it was not over"), 1, "not resolved"),
        (("declare", "--severity", "P9", "x"), 2, "P9"),
        (("declare", "--scenario", "moon"), 1, "names 0 scenarios"),
    ],
)
def test_each_way_to_be_wrong_is_one_sentence(
    arguments: tuple[str, ...], code: int, sentence: str, server: Server
) -> None:
    """Exit code 2 for words that make no sense, 1 for what is refused, and never a traceback."""
    ref = server.declare()
    done = server("incident", *(ref if word == "REF" else word for word in arguments))

    assert (done.code, "Traceback" in done.err) == (code, False), done.err
    assert sentence in done.err.replace("\n", " ")


def test_what_an_outsider_wrote_can_not_steer_the_terminal(server: Server) -> None:
    """A note with escape sequences is shown, not obeyed."""
    ref = server.declare()
    assert server("incident", "note", ref, "all well \x1b[2K\x9b1A now").code == 0

    shown = server("incident", "timeline", ref).out
    assert "\\x1b[2K\\x9b1A" in shown
    assert "\x1b" not in shown and "\x9b" not in shown


def test_watching_ends_with_the_incident(server: Server) -> None:
    """Every entry once, in order, as JSON lines where that is wanted."""
    ref = server.declare()
    server("incident", "resolve", ref, "--override", "a test")
    watched = server("watch", ref, "--until-resolved", "--json")

    entries = [json.loads(line) for line in watched.out.splitlines()]
    assert watched.code == 0
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert "Resolved" in {entry["kind"] for entry in entries}


def test_a_failed_step_is_a_failed_command(server: Server) -> None:
    """A script that runs a step learns how it went from the exit code; without waiting, it does not."""
    ref = server.declare()
    ran = server("incident", "run", ref, "release there")

    assert (ran.code, "missing-release" in ran.out, "failed, exit code 2." in ran.err) == (1, True, True), ran
    assert server("incident", "run", ref, "release there", "--no-wait").code == 0


def test_one_look_says_what_is_open_and_whether_all_is_well(server: Server) -> None:
    """For people a few lines, for programs one object."""
    ref = server.declare("It smells of smoke")
    told = server("status")
    assert (told.code, told.out.splitlines()[0]) == (0, f"{server.url} is ready.")
    assert any(line.startswith(ref) and line.endswith("It smells of smoke") for line in told.out.splitlines())

    shown = server("status", "--json").json
    assert shown["ready"] is True
    assert ref in [each["incident"]["id"] for each in shown["incidents"]]


def test_runbooks_and_alerts_are_listed(server: Server) -> None:
    """What the server has, as a table and as JSON."""
    assert "shop.md" in server("runbook", "list").out
    assert server("runbook", "list", "--json").json["runbooks"][0]["scenarios"] == ["checkout-fails"]
    assert server("alerts", "list").err == "No alert fires.\n"
    assert server("alerts", "list", "--json").json == {"alerts": [], "total": 0, "more": False}
