"""The clocks of an incident in the terminal, on a real server."""

from __future__ import annotations

from tests.cli.terminal import Server


def test_the_clocks_are_shown_and_spoken_to(server: Server) -> None:
    """What strikes when, in a table and as JSON; an estimate and an outage stand there at once."""
    ref = server.declare("--scenario", "checkout", "--why", "a test")
    assert server("incident", "estimate", ref, "40", "--why", "one restart").code == 0
    assert server("incident", "mark-unavailable", ref, "--minutes", "20").code == 0
    shown = server("incident", "clocks", ref)
    assert shown.code == 0, shown.err
    assert "the estimate of 40 min" in shown.out
    assert "the service is unavailable" in shown.out
    given = server("incident", "clocks", ref, "--json")
    assert given.code == 0, given.err
    told = given.json
    assert told["incident"] == ref
    assert {"estimate", "outage"} <= {each["kind"] for each in told["clocks"]}
    assert server("incident", "mark-available", ref).code == 0
    again = server("incident", "mark-available", ref)
    assert again.code != 0
    assert "does not say that the service is unavailable" in again.err


def test_promised_updates_are_on_record(server: Server) -> None:
    """Which were kept and which were broken, in a table and as JSON."""
    ref = server.declare("--scenario", "checkout", "--why", "a test")
    assert server("incident", "set-cadence", ref, "30").code == 0
    assert "Promised updates" not in server("incident", "clocks", ref).out
    assert server("incident", "post_update", ref, "we look into it").code == 0
    shown = server("incident", "clocks", ref)
    assert "Promised updates: 1 kept, 0 broken" in shown.out + shown.err
    assert [each["kept"] for each in server("incident", "clocks", ref, "--json").json["promised"]] == [True]
