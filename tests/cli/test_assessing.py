"""Assessment and checklists in the terminal, over a real server."""

from __future__ import annotations

from pathlib import Path

from tests.cli.terminal import Server, folder_with_runbook, running


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


DEADLINE = """# Ferry runbook

## Severity Levels

- **P1 (High)**: no boat

## Post-Incident Process

1. Write to the harbour within 24 hours
2. Schedule a post-mortem within 48 hours
"""


def test_what_is_to_be_done_in_time_is_named_where_no_list_holds_it(tmp_path: Path) -> None:
    """Whoever is refused a closing for it finds it among the checklists, also where the document has no box at all."""
    folder = folder_with_runbook(tmp_path / "ferry", DEADLINE)
    with running(folder) as server:
        ref = server("incident", "declare", "No boat", "--severity", "P1").out.split()[0]
        shown = server("incident", "checklists", ref)
        assert "To be done in time" in shown.out and "(line 10)" in shown.out, shown.out
        assert "no checklists" in shown.err and "open until it can be closed" in shown.err
        assert server("incident", "resolve", ref, "--override", "a test").code == 0
        assert "(line 10)" in server("incident", "close", ref).err
        assert server("incident", "close", ref, "--why", "the harbour knows").code == 0
        assert "To be done in time" not in server("incident", "checklists", ref).out
