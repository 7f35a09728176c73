"""Assessment and checklists in the terminal, over a real server."""

from __future__ import annotations

from tests.cli.terminal import Server


def test_an_assessment_is_shown_and_said(server: Server) -> None:
    """Severity, users, the beginning; what the document does not ask is refused."""
    ref = server.declare()
    shown = server("incident", "assess", ref)
    assert (shown.code, shown.out.splitlines()[0].startswith(ref)) == (0, True)
    told = server("incident", "assess", ref, "--users", "340 of 12,000", "--began", "25m ago")
    assert (told.code, "340 of 12,000 users (2.8 %)" in told.out, "It began" in told.out) == (0, True, True)
    assert server("incident", "assess", ref, "P2", "only some").out.split()[:2] == [ref, "P2"]
    assert server("incident", "assess", ref, "P2").code == 2
    assert server("incident", "assess", ref, "--answer", "weather=fine").code == 2
    assert server("incident", "assess", ref, "--answer", "weather").code == 2
    assert server("incident", "assess", ref, "--follow", "12").code == 2
    counted = server("incident", "assess", ref, "--json").json
    assert [each["count"] for each in counted["affected"]] == [340]


def test_checklists_and_the_closing(server: Server) -> None:
    """A document without boxes has nothing open, so it is closed without a reason."""
    ref = server.declare()
    assert "no checklists" in server("incident", "checklists", ref).err
    assert server("incident", "close", ref).code == 1
    assert server("incident", "resolve", ref, "--override", "a test").code == 0
    assert server("incident", "tick", ref, "no such box").code == 2
    assert server("incident", "close", ref).code == 0
    found = server("incident", "checklists", ref, "--json").json
    assert found["left"] == [] and found["closed_by"]
    assert "closed it" in server("incident", "timeline", ref).out
