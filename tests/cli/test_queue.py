"""The queue of questions: everything that an answer is bound to, within the screen; in a pipe a row for each."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.terminal import PATIENCE, Server, environment, folder_with_runbook, running
from tocsin.cli import queue
from tocsin.cli.folding import cells
from tocsin.cli.shapes import Asked, Changed
from tocsin.core.incident import Approval, Member

NOW = datetime(2026, 3, 2, 3, 10, tzinfo=UTC)
ONE = Approval(
    id="apr_0005f3c2a1b4d_9f86d081a3", step="ovens/mitigation/1", command="ovenctl off --all\novenctl list",
    kind="shell", verdict="change", verdict_why="It changes something: `ovenctl off` cools the ovens.",
    target="hall (ssh): host ovens.bakery.example, user baker, /srv/ovens with $OVEN_KEY", sha="", needs=2,
    self_approve=False, asked_by="ana", asked_at=NOW - timedelta(minutes=6), expires_at=NOW + timedelta(minutes=24),
    granted_by=("ben",), policy="tocsin.toml line 5, rule 1 (severity P1)", roles=("approver", "lead"),
    traits=("destructive", "network"),
)  # fmt: skip
SET = Approval(
    id="apr_2", step="s/1", command="a b", kind="shell", verdict="change", verdict_why="Both change something.",
    target="local", sha="", needs=1, self_approve=True, asked_by="tocsin", asked_at=NOW,
    expires_at=NOW + timedelta(hours=1), go_on=True,
    members=tuple(
        Member(step=f"s/{number}", command=f"flagctl off {number}", kind="shell", verdict="change", verdict_why="Off.",
               target="local", sha="")
        for number in (1, 2)
    ),
)  # fmt: skip


def asked(one: Approval, *steps: str, changed: tuple[Changed, ...] = ()) -> Asked:
    return Asked(incident="INC-7", title="The ovens\nburn", severity="P1", approval=one, steps=steps, changed=changed)


def test_a_question_says_all_that_an_answer_is_bound_to() -> None:
    """Incident, step, verdict, place, command, who asked, since when, until when, and who is missing."""
    text = "\n".join(queue.blocks([asked(ONE, "Cool the ovens")], NOW, 200))
    for part in (
        "INC-7 (P1) The ovens burn", "Cool the ovens", ONE.id, "change (destructive, network): It changes something",
        "asked by ana, 2026-03-02 03:04:00 UTC", "expires 2026-03-02 03:34:00 UTC, in 24 min",
        "needs 2 people, only approver or lead, not ana, who asked; ben said yes, 1 of 2 people missing",
        "rule: tocsin.toml line 5", "on hall (ssh): host ovens.bakery.example",
        "    ovenctl off --all\n    ovenctl list",
    ):  # fmt: skip
        assert part in text


@pytest.mark.parametrize("width", [40, 80])
def test_it_fits_the_screen_and_loses_nothing(width: int) -> None:
    """Long words, wide letters and hidden characters are folded or written out, never cut."""
    long = Approval(
        **{**{name: getattr(ONE, name) for name in ONE.__slots__}, "command": "echo " + "パン" * 90 + "\x1b[2J"}
    )
    changed = (Changed(title="Cool the ovens", now="ovenctl off --hall", now_on="local: /srv"),)
    lines = list(queue.blocks([asked(long, "Cool the ovens", changed=changed), asked(SET, "One", "Two")], NOW, width))
    assert max(map(cells, lines)) <= width
    flat = "".join(line.strip() for line in lines)
    assert flat.count("パン") == 90
    assert "\\x1b[2J" in flat
    assert "CHANGED SINCE" in flat and "ovenctl off --hall" in flat


def test_a_set_shows_each_of_its_commands() -> None:
    """In their order, with what happens where one fails."""
    text = "\n".join(queue.blocks([asked(SET, "Lights", "Music")], NOW, 80))
    assert "2 steps" in text and "what fails does not stop the others" in text
    assert text.index("1 of 2, Lights") < text.index("flagctl off 1") < text.index("2 of 2, Music")
    assert "needs one person" in text


def test_what_can_not_run_any_more_says_why() -> None:
    """The reason stands in place of the command."""
    changed = (Changed(title="Cool the ovens", problem="There is no target 'hall'."),)
    text = "\n".join(queue.blocks([asked(ONE, "Cool the ovens", changed=changed)], NOW, 80))
    assert "There is no target 'hall'." in text


def test_in_a_pipe_each_question_is_a_row(tmp_path: Path) -> None:
    """With who asked, since when, until when and who is missing; on a terminal of 80 columns it is a block."""
    folder = folder_with_runbook(tmp_path / "shop", config="[approvals]\npeople = 2\n")
    with running(folder) as server:
        ref = server.declare()
        assert server("incident", "run", ref, "mark the release").code == 0
        head, row = server("approvals").out.splitlines()
        assert head.split()[:4] == ["INCIDENT", "APPROVAL", "VERDICT", "MISSING"]
        for part in (ref, "change", "2 of 2 people", "touch marked-one", "local:", "admin"):
            assert part in row
        shown = on_a_screen(server, "approvals")
    assert f"{ref} (P1)" in shown
    assert "needs 2 people" in shown
    assert "    touch marked-one" in shown
    assert max(map(len, shown.splitlines())) <= 80


def on_a_screen(server: Server, *arguments: str) -> str:
    """What a command prints on a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "tocsin", *arguments], cwd=server.folder, stdout=theirs, stdin=subprocess.DEVNULL,
        env=environment(**server.variables(), COLUMNS="80"), timeout=PATIENCE, check=True,
    )  # fmt: skip
    os.close(theirs)
    data = b""
    with os.fdopen(ours, "rb", buffering=0) as screen:
        while True:
            try:
                piece = screen.read(4096)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            data += piece
    return data.decode().replace("\r\n", "\n")
