"""The database in trouble while Tocsin runs: 503 with Retry-After and one sentence, and it goes on afterwards.

| what | what is seen | what is kept |
|---|---|---|
| locked by another process, shorter than our patience | nothing: requests take that long | everything |
| locked for longer | alerts are taken, 503 for other changes, doctor says so; pages go on | every 2xx; ends of steps |
| the disk is full | 503 as soon as the intake's log has no room left | every 2xx |
| the file is removed or replaced | 503 until it is put back and Tocsin started anew | what is in the file |
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.bad_input.node import CONFIG, RUNBOOK, Node, assert_refused, assert_told, node
from tests.cli.terminal import tocsin
from tests.house import until

DATABASE = Path("tocsin-data") / "tocsin.db"
LOCKED = "The database is locked by another process."
FULL = "The disk is full; nothing of this was stored."
HOLD = """
import sqlite3, sys
link = sqlite3.connect(sys.argv[1], isolation_level=None)
link.execute("begin exclusive")
print("locked", flush=True)
sys.stdin.readline()
link.execute("rollback")
"""
SLOW = RUNBOOK.replace(
    "## Escalation",
    "### Mitigation\n\n```bash\n# Free the switch\nsh free.sh; echo freed\n```\n\n## Escalation",
)
WAIT_FOR_A_FILE = "touch begun\nwhile [ ! -e go ]; do sleep 0.1; done\n"


@contextmanager
def locked(folder: Path) -> Iterator[threading.Event]:
    """Another process that holds the database for itself alone, until the event is set or the block ends."""
    command = [sys.executable, "-c", HOLD, str(folder / DATABASE)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    letting_go = threading.Event()

    def let_go() -> None:
        letting_go.wait(60)
        process.communicate("\n", timeout=30)

    waiting = threading.Thread(target=let_go)
    waiting.start()
    try:
        yield letting_go
    finally:
        letting_go.set()
        waiting.join()


def test_a_short_lock_is_waited_for(tmp_path: Path) -> None:
    """The alert is taken as soon as the other process lets go; nobody is told of it."""
    with node(tmp_path) as ours:
        ours.fire("Before")
        ours.incident("Before")
        with locked(tmp_path) as letting_go:
            threading.Timer(0.7, letting_go.set).start()
            assert ours.fire("During").status_code == 200
        ours.is_well()


def test_a_long_lock_is_told_and_gone_when_it_is_over(tmp_path: Path) -> None:
    """Alerts are taken and other changes answered 503; looking goes on; a command that ended meanwhile is on record."""
    (tmp_path / "free.sh").write_text(WAIT_FOR_A_FILE, "utf-8")
    with node(tmp_path, runbook=SLOW, config=CONFIG + '[target]\nworkdir = "."\ntimeout = "60s"\n') as ours:
        ours.fire("SwitchStuck")
        step = begin_the_change(ours, tmp_path)
        with locked(tmp_path):
            (tmp_path / "go").touch()
            assert ours.fire("During").status_code == 200, "the intake's log waits for no database"
            answers = at_once(
                lambda: ours.ask("POST", "/api/v1/incidents/INC-1/note", NOTE),
                lambda: ours.ask("GET", "/readyz", token=""),
                lambda: tocsin("doctor", "tram.md", cwd=tmp_path),
            )
            assert_refused(answers.pop(), 1, f"{tmp_path / DATABASE}: {LOCKED}", "Stop the other process")
            for answer in answers:
                assert_told(answer, 503, LOCKED)
                assert answer.headers["retry-after"] == "5"
            assert ours.ask("GET", "/healthz", token="").status_code == 200
            assert ours.get("/api/v1/incidents")["incidents"]
            assert ours.get("/api/v1/incidents/INC-1")["incident"]["steps"][step]["status"] == "running"
        state = until(lambda: ended(ours, step), 30)
        assert (state["status"], state["excerpt"].strip()) == ("succeeded", "freed")
        assert ours.fire("After").status_code == 200
        ours.is_well()
        assert "During" in ours.alerts()


NOTE = {"text": "it squeaks"}


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What several calls answer that are made at the same time."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [answer.result() for answer in [pool.submit(call) for call in calls]]


def begin_the_change(ours: Node, folder: Path) -> str:
    """Order the changing command, approve it and wait until it has begun; the step's name."""
    ref = ours.incident("SwitchStuck")["id"]
    parts = ours.get(f"/api/v1/incidents/{ref}")["parts"]
    (step,) = [each["step"]["id"] for part in parts for each in part["steps"] if "free.sh" in (each["command"] or "")]
    asked = ours.ask("POST", f"/api/v1/incidents/{ref}/request_step", {"step": step}).json()
    approval = asked["steps"][step]["approval"]
    assert ours.ask("POST", f"/api/v1/incidents/{ref}/approve", {"approval": approval}).status_code == 200
    until((folder / "begun").exists, 30)
    return step


def ended(ours: Node, step: str) -> dict[str, str] | None:
    """The state of a step of INC-1 that no longer runs."""
    state: dict[str, str] = ours.get("/api/v1/incidents/INC-1")["incident"]["steps"][step]
    return None if state["status"] in ("queued", "running") else state


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own that is soon full."""
    if os.geteuid() != 0 or not sys.platform.startswith("linux") or shutil.which("mount") is None:
        pytest.skip("a small file system can be mounted by root on Linux only")
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, text=True
    )  # fmt: skip
    if mounted.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take all the space that is left; removing the file gives it back."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)
    return filler


def test_a_full_disk_is_told_and_nothing_promised_is_lost(tmp_path: Path) -> None:
    """503 at every door that changes something, until there is space; pages go on; then all of it is there."""
    with small_disk(tmp_path / "disk", "16m") as disk, node(tmp_path, "--data", str(disk)) as ours:
        for name in ("One", "Two", "Three"):
            ours.fire(name)
        ours.incident("Three")
        filler = fill(disk)
        answer = ours.fire("Four")
        while answer.status_code == 200:  # what the log still had room for
            answer = ours.fire(f"More{len(ours.kept)}", annotations={"summary": "x" * 4000})
        assert_told(answer, 503, FULL, "Free space where the database lies.")
        assert answer.headers["retry-after"] == "5"
        assert_told(ours.ask("POST", "/api/v1/incidents/INC-1/note", NOTE), 503, FULL)
        assert_told(ours.ask("GET", "/readyz", token=""), 503, FULL)
        assert ours.get("/api/v1/incidents")["incidents"]
        login = ours.ask("POST", "/login", token="", data={"token": ours.token}, headers={"Origin": ours.url})
        assert (login.status_code, FULL in login.text) == (503, True)
        filler.unlink()
        assert ours.fire("After").status_code == 200
        ours.is_well()


def test_a_full_disk_at_the_start_and_at_the_end(tmp_path: Path) -> None:
    """It ends in order on a full disk, refuses to start there in one sentence, and then has everything."""
    with small_disk(tmp_path / "disk", "3m") as disk:
        with node(tmp_path, "--data", str(disk)) as ours:
            ours.fire("Before")
            ours.incident("Before")
            fill(disk)
            assert ours.server.end() == 0
            kept = ours.kept
        filler = fill(disk)  # the intake's log gives back at the end what it had written ahead
        done = tocsin("up", "tram.md", "--port", "0", "--data", str(disk / "new"), cwd=tmp_path)
        assert_refused(done, 1, str(disk / "new" / "tocsin.db"), "No space left on device", "free space")
        filler.unlink()
        with node(tmp_path, "--data", str(disk)) as ours:
            ours.kept = kept
            ours.is_well()


@pytest.mark.parametrize("how", ["replaced", "folder removed"])
def test_a_file_that_is_taken_away_is_noticed_before_anything_is_promised(how: str, tmp_path: Path) -> None:
    """503 from then on, for what looks as well; with the file back in its place, a new start has everything."""
    away = tmp_path / "away"
    with node(tmp_path) as ours:
        ours.fire("Before")
        ours.incident("Before")
        if how == "folder removed":
            (tmp_path / "tocsin-data").rename(away)
        else:
            away.mkdir()
            for file in (tmp_path / "tocsin-data").glob("tocsin.db*"):
                file.rename(away / file.name)
            if how == "replaced":
                (tmp_path / DATABASE).write_bytes(os.urandom(8192))
        for answer in (ours.fire("Gone"), ours.ask("GET", "/api/v1/incidents"), ours.ask("GET", "/readyz", token="")):
            assert_told(answer, 503, "The database's file was removed or replaced while Tocsin ran.")
        assert ours.ask("GET", "/healthz", token="").status_code == 200
        kept = ours.kept
        assert ours.server.end() == 0
    shutil.rmtree(tmp_path / "tocsin-data", ignore_errors=True)
    away.rename(tmp_path / "tocsin-data")

    with node(tmp_path) as ours:
        ours.kept = kept
        ours.is_well()
        assert "Gone" not in ours.alerts()


def test_a_file_that_is_overwritten_is_never_served_as_if_it_were_sound(tmp_path: Path) -> None:
    """Garbage over the file while it is open: either the log mends it, or it is said to be damaged, by name."""
    with node(tmp_path) as ours:
        ours.fire("Before")
        ours.incident("Before")
        with (tmp_path / DATABASE).open("r+b") as file:
            file.write(os.urandom(16_384))
        answer = ours.fire("After")
        assert answer.status_code in (200, 503)
        kept = ours.kept
    done = tocsin("doctor", cwd=tmp_path)
    if done.code == 0 or "finding" in done.err:
        with closing(sqlite3.connect(tmp_path / DATABASE)) as link:
            assert link.execute("pragma integrity_check").fetchone() == ("ok",)
        with node(tmp_path) as ours:
            ours.kept = kept
            ours.is_well()
    else:
        assert_refused(done, done.code, str(tmp_path / DATABASE), "backup")
