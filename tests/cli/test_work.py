"""``tocsin work``: a server and a worker as two processes over one SQLite file."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.terminal import PATIENCE, environment, folder_with_runbook, here, running
from tests.house import until

CONFIG = '[targets.floor]\nprograms = ["touch"]\nlabels = ["floor", "east"]\n'


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder whose configuration gives ``touch`` to a labelled target."""
    return folder_with_runbook(tmp_path / "shop", config=CONFIG)


@contextmanager
def working(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """``tocsin work``, until the end of the block at the latest."""
    command = [sys.executable, "-m", "tocsin", "work", *arguments]
    process = subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE)


def test_a_worker_carries_out_what_the_server_leaves(shop: Path) -> None:
    """The server says that it leaves it, doctor that nobody serves it; then a worker does, and doctor is content."""
    with running(shop) as server:
        assert "Steps on floor are not carried out here; `tocsin work --labels east,floor` does." in server.words
        ref = server.declare()
        step = server("incident", "choose_branch", ref, "If a release is to blame", "--json")
        assert step.code == 0, step.err
        assert server("approve", ref, "--yes").code == 0
        unserved = here("doctor", "--json", cwd=shop).json["findings"]
        assert [each["where"] for each in unserved if each["kind"] == "labels"] == ["east,floor"]
        assert not (shop / "marked-one").exists()
        with working(shop, "--labels", "floor,east,west") as worker:
            until((shop / "marked-one").exists, PATIENCE)
            until(lambda: len(server("approvals", "--json").json["approvals"]) == 1, PATIENCE)
            served = here("doctor", "--json", cwd=shop).json["findings"]
            assert [each for each in served if each["kind"] == "labels"] == []
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(PATIENCE) == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (
            ("--labels", "west"),
            2,
            "No target has labels that are all among west. Labels in the configuration: east, floor.",
        ),
        (("--labels", "floor"), 2, "No target has labels that are all among floor."),
        (("--labels", "a b"), 2, "'a b' is not a label."),
        (("--labels", "floor,east"), 1, "There is no database"),
    ],
)
def test_what_can_not_work_is_said_at_the_start(shop: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    """Rather than waiting for ever for what never comes."""
    done = here("work", *arguments, cwd=shop)
    assert (done.code, done.out) == (code, "")
    assert says in done.err
