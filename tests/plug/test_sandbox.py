"""The fence around proved reads, with a real bubblewrap where there is one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.test_runs import SLOW
from tests.house import boarding_stops, open_house
from tests.plug.test_local_executor import job, pipe, plan, process, run
from tocsin.core.run import Outcome
from tocsin.engine.runner import Runner
from tocsin.plug import sandbox
from tocsin.service.respond import exists


@pytest.fixture
def fence() -> None:
    """A bubblewrap that works."""
    if why := sandbox.fault():
        pytest.skip(f"No sandbox here: {why}.")


@pytest.fixture
def anew() -> Iterator[None]:
    """What was found out before is forgotten, before and after."""
    sandbox.fault.cache_clear()
    yield
    sandbox.fault.cache_clear()


def inside(*argv: str, folder: Path, network: bool = True) -> Outcome:
    work = replace(plan(pipe(process(*argv))), workdir=str(folder), proved=True, fenced=True, network=network)
    return run(work)[0]


def test_inside_nothing_can_be_written(fence: None, tmp_path: Path) -> None:
    """Neither in the folder of the command nor anywhere else; what was not proved would have been stopped."""
    (tmp_path / "bread.txt").write_text("rye\n", "utf-8")
    assert inside("cat", "bread.txt", folder=tmp_path).output == "rye\n"
    for name in (str(tmp_path / "new.txt"), "/etc/tocsin-was-here", "/var/lib/tocsin-was-here"):
        outcome = inside("touch", name, folder=tmp_path)
        assert outcome.status == "failed"
        assert "Read-only file system" in outcome.output
        assert not Path(name).exists()


def test_inside_tmp_is_private(fence: None) -> None:
    """Sockets and secrets that others left there are not seen."""
    found = inside("ls", "-A", "/tmp", folder=Path("/"))
    assert (found.status, found.output) == ("succeeded", "")


def test_what_only_looks_at_files_has_no_network(fence: None) -> None:
    """Others keep it: without it they would see another machine."""
    assert inside("cat", "/proc/net/route", folder=Path("/"), network=False).output.count("\n") <= 1
    assert sandbox.needs_network(["ss"])
    assert sandbox.needs_network(["cat", "/usr/bin/psql"])
    assert not sandbox.needs_network(["/bin/cat", "grep"])


def test_exit_codes_and_limits_are_as_outside(fence: None, tmp_path: Path) -> None:
    """Found nothing is an answer, a signal is told, the limit ends it with all that it started."""
    (tmp_path / "bread.txt").write_text("rye\n", "utf-8")
    assert inside("grep", "oats", "bread.txt", folder=tmp_path).note == "grep found nothing (exit 1)"
    work = replace(plan(pipe(process("sleep", "4242"))), workdir="/", proved=True, fenced=True)
    outcome, _ = run(replace(work, timeout=work.timeout / 40))
    assert outcome.status == "timed_out"
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "sleep 4242" not in listed


def test_approved_commands_are_not_fenced_in(tmp_path: Path) -> None:
    """They are meant to change something."""
    outcome, _ = run(job("touch done", workdir=str(tmp_path), fenced=True))
    assert outcome.status == "succeeded"
    assert (tmp_path / "done").exists()


def test_its_absence_is_one_sentence(anew: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not installed, refused by the kernel, or not wanted."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sandbox.sentence("auto") == "Proved reads run without a sandbox: bubblewrap (bwrap) is not installed."
    assert "are not run at all" in sandbox.sentence("on")
    assert sandbox.sentence("off") == ""
    sandbox.fault.cache_clear()
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'No permissions to create new namespace' >&2; exit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    assert "refuses bubblewrap (No permissions to create new namespace)" in sandbox.sentence("auto")


def test_where_it_must_be_and_is_not_nothing_runs(anew: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A team that says `on` means it."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    book = f"{SLOW}### Diagnosis\n\n```bash\nuname -s\n```\n"
    app = open_house(tmp_path / "house", f"sqlite://{tmp_path}/t.db", runbook=book, config='[server]\nsandbox = "on"\n')
    boarding_stops(app)
    runner = Runner(app)
    runner.turn()
    runner.rest()
    runner.stop(1)
    (state,) = exists(app, "INC-1").steps.values()
    app.db.close()
    assert state.status == "unrunnable"
    assert "bubblewrap (bwrap) is not installed" in state.note
