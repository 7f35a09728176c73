"""Approving in the terminal: what is shown is what is allowed."""

from __future__ import annotations

import pytest

from tests.cli.terminal import Server, at_a_terminal


@pytest.fixture
def asked(server: Server) -> str:
    """An incident in which a command waits for a person."""
    ref = server.declare()
    assert server("incident", "run", ref, "mark the release").code == 0
    return ref


def test_without_a_terminal_nothing_is_approved_unseen(server: Server, asked: str) -> None:
    """The command is shown, and a script must say that it has seen it."""
    done = server("approve", asked, text="y\n")

    assert (done.code, done.out) == (2, "")
    assert "touch marked-one" in done.err and "--yes" in done.err
    assert asked in server("approvals").out


def test_with_yes_the_shown_command_runs(server: Server, asked: str) -> None:
    """Command, target, verdict and asker stand on standard error; the outcome is data."""
    done = server("approve", asked, "--yes")

    assert done.code == 0
    for part in ("    touch marked-one", "Target:   local:", "Verdict:  change.", "Asked by: admin"):
        assert part in done.err
    assert done.out == f"{asked}  Mark the release  queued\n"
    assert "Step:     Mark the release\n" in done.err
    assert asked not in server("approvals").out
    again = server("approve", asked, "--yes")
    assert (again.code, "waits for an approval" in again.err) == (1, True)


@pytest.mark.parametrize(("types", "code", "left"), [("y\n", 0, False), ("n\n", 1, True), ("\n", 1, True)])
def test_at_a_terminal_a_person_is_asked(types: str, code: int, left: bool, server: Server, asked: str) -> None:
    """No is the default; yes runs it."""
    done = at_a_terminal(
        "approve", asked, types=types, after="Run it? [y/N]", cwd=server.folder, **server.variables()
    )  # fmt: skip

    assert done.code == code, done.err
    assert "touch marked-one" in done.err
    assert (asked in server("approvals").out) is left


def test_ctrl_c_at_the_question_approves_nothing(server: Server, asked: str) -> None:
    """130, and it waits on."""
    done = at_a_terminal(
        "approve", asked, types="\x04", after="Run it? [y/N]", cwd=server.folder, **server.variables()
    )  # fmt: skip

    assert done.code == 130
    assert asked in server("approvals").out


def test_denying_keeps_the_reason(server: Server, asked: str) -> None:
    """The reason stands on the timeline."""
    assert server("deny", asked, "--why", "the bank is down").code == 0
    assert "the bank is down" in server("incident", "timeline", asked).out
    assert asked not in server("approvals").out


def test_approvals_are_listed_with_the_whole_command(server: Server, asked: str) -> None:
    """For people as a table, for programs as JSON."""
    line = next(line for line in server("approvals").out.splitlines() if line.startswith(asked))
    assert "touch marked-one" in line and "change" in line

    one = next(each for each in server("approvals", "--json").json["approvals"] if each["incident"] == asked)
    assert one["approval"]["command"] == "touch marked-one"


def test_an_agent_can_not_approve(server: Server, asked: str) -> None:
    """A lesser token is refused in one sentence that names the role that it takes."""
    made = server("token", "add", "robot", "--role", "agent", "--json").json["token"]
    done = server("approve", asked, "--yes", TOCSIN_TOKEN=made)

    assert done.code == 1
    assert "The role agent may not" in done.err and "approver" in done.err
