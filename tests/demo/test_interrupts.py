"""A signal in the most awkward moment: what had just been started, or was just being ended, is not forgotten."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.demo.stagehand import ROOT
from tests.demo.test_parts import SLEEPER, service
from tocsin.demo import folder, interrupts
from tocsin.demo.repository import GOOD, Repository
from tocsin.demo.supervisor import Supervisor
from tocsin.times import SystemClock

SLOW_TO_END = """
import os, signal, sys, time
def end(*_):
    os.kill(os.getppid(), signal.SIGTERM)
    time.sleep(0.5)
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("awake", flush=True)
sys.stdin.read()
"""
LONELY = """
import os, signal, subprocess, sys
class Popen(subprocess.Popen):
    def __init__(self, *words, **more):
        super().__init__(*words, **more)
        print(self.pid, flush=True)
        os.kill(os.getpid(), signal.SIGTERM)
subprocess.Popen = Popen
from tocsin.demo.lifeline import keep
sys.exit(keep([sys.executable, "-c", "import time; time.sleep(60)"], "", ""))
"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[folder.Folder]:
    """A demo's folder."""
    claimed = folder.claim(tmp_path / "demo")
    yield claimed
    claimed.release()


@pytest.fixture
def born(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[psutil.Process]]:
    """Each process that the test starts; SIGTERM comes as soon as it runs, before its starter has heard of it."""
    found: list[psutil.Process] = []

    class Popen(subprocess.Popen[Any]):
        def __init__(self, *words: Any, **more: Any) -> None:
            super().__init__(*words, **more)
            found.append(psutil.Process(self.pid))
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(subprocess, "Popen", Popen)
    yield found
    for process in found:
        if process.is_running():
            process.kill()


def test_a_signal_in_the_moment_of_a_start_forgets_no_process(here: folder.Folder, born: list[psutil.Process]) -> None:
    """SIGTERM between the start of a process and its entry in the list: it is in the list, so the end reaches it."""
    supervisor = Supervisor([service("one", SLEEPER, here)], here.logs, here.pids)

    with interrupts.as_exceptions():
        with pytest.raises(interrupts.Ended):
            supervisor.start("one")
        supervisor.stop_all()

    assert len(born) == 1
    assert not born[0].is_running()
    assert list(here.pids.iterdir()) == []


def test_a_signal_while_a_service_ends_does_not_leave_it_ending(here: folder.Folder) -> None:
    """SIGTERM during a restart, while the old process takes its time: the demo waits for its end."""
    supervisor = Supervisor([service("one", SLOW_TO_END, here)], here.logs, here.pids)
    with interrupts.as_exceptions():
        supervisor.start("one")
        process = psutil.Process(int((here.pids / "one.pid").read_text()))

        with pytest.raises(interrupts.Ended):
            supervisor.restart("one")
        supervisor.stop_all()

    assert not process.is_running()
    assert list(here.pids.iterdir()) == []


def test_a_signal_during_git_leaves_no_git_behind(here: folder.Folder, born: list[psutil.Process]) -> None:
    """The release is committed, git has ended and its lock is gone, before the signal takes effect."""
    shop = Repository(here.repository)
    with interrupts.as_exceptions():
        with pytest.raises(interrupts.Ended):
            shop.create(SystemClock().now())
        started = len(born)
        shop.create(SystemClock().now())
        history = shop.history()

    assert started == 1
    assert not any(process.is_running() for process in born)
    assert len(history) == len(GOOD)


def test_the_keeper_of_postgresql_never_leaves_it_alone(tmp_path: Path) -> None:
    """Asked to end as soon as its server runs, it ends the server first."""
    keeper = subprocess.run(
        [sys.executable, "-c", LONELY], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=60,
    )  # fmt: skip
    server = int(keeper.stdout)

    left = psutil.pid_exists(server) and psutil.Process(server).status() != psutil.STATUS_ZOMBIE
    if left:
        os.kill(server, signal.SIGKILL)
    assert not left


def test_what_is_started_meanwhile_can_be_ended_by_signals(tmp_path: Path) -> None:
    """Holding signals back, and ignoring them at the end, are no inheritance."""
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("a process's signals are read in /proc, which is not here")
    reading = [sys.executable, "-c", f"print(open('{status}').read())"]
    with interrupts.as_exceptions():
        with interrupts.held():
            held = subprocess.run(reading, capture_output=True, text=True, check=True).stdout
        interrupts.ignore()
        ignored = subprocess.run(reading, capture_output=True, text=True, check=True).stdout

    for each in (signal.SIGTERM, signal.SIGHUP):
        for text in (held, ignored):
            masks = dict(line.split(":") for line in text.splitlines() if line.startswith(("SigBlk", "SigIgn")))
            assert [name for name, mask in masks.items() if int(mask, 16) >> each - 1 & 1] == []


def test_a_held_signal_takes_effect_once_at_the_outermost_end() -> None:
    """Two signals within two blocks: nothing happens in there, one exception afterwards, and then quiet."""
    told: list[str] = []

    def work() -> None:
        with interrupts.held():
            with interrupts.held():
                signal.raise_signal(signal.SIGTERM)
                told.append("inner")
            signal.raise_signal(signal.SIGINT)
            told.append("outer")
        told.append("not reached")

    with interrupts.as_exceptions():
        with pytest.raises(interrupts.Ended):
            work()
        signal.raise_signal(signal.SIGTERM)

    assert told == ["inner", "outer"]
