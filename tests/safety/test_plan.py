"""What a plan starts does no more than the text says, also where configuration would have it otherwise."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tocsin.safety import classify, pinned_environment


def _start(text: str, folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    verdict = classify("shell", text)
    assert verdict.plan is not None, verdict.why
    (pipeline,) = verdict.plan
    (process,) = pipeline.processes
    argv = ["".join(str(part) for part in word) for word in process.argv]
    env = {"PATH": os.environ["PATH"], "HOME": str(home), **pinned_environment()}
    return subprocess.run(
        argv, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30
    )


def _git(folder: Path, *args: str) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *args],
        cwd=folder,
        env=env,
        check=True,
        capture_output=True,
        timeout=30,
    )


@pytest.fixture
def trapped(tmp_path: Path) -> tuple[Path, Path]:
    """A repository whose own configuration starts a program at every turn, and the file that the program leaves."""
    repository, mark = tmp_path / "repository", tmp_path / "mark"
    repository.mkdir()
    trap = tmp_path / "trap"
    trap.write_text(f'#!/bin/sh\ntouch {mark}\ncat "$1" 2>/dev/null\nexit 0\n')
    trap.chmod(0o755)
    _git(repository, "init", "-q")
    (repository / "a.txt").write_text("one\n")
    (repository / ".gitattributes").write_text("*.txt diff=trap\n")
    _git(repository, "add", ".")
    _git(repository, "commit", "-qm", "first")
    (repository / "a.txt").write_text("two\n")
    for key in (
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "diff.trap.command",
        "diff.trap.textconv",
        "gpg.program",
    ):
        _git(repository, "config", key, str(trap))
    _git(repository, "config", "log.showSignature", "true")
    _git(repository, "config", "format.pretty", "%G?")
    mark.unlink(missing_ok=True)
    return repository, mark


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not on this machine")
@pytest.mark.parametrize(
    "text",
    [
        "git status",
        "git diff",
        "git log -1",
        "git log -p -1",
        "git show HEAD",
        "git log --oneline -3",
        "git status -sb",
    ],
)
def test_a_repository_starts_nothing_of_its_own(text: str, trapped: tuple[Path, Path], tmp_path: Path) -> None:
    """File system monitor, pager, external diff, converter and signature program are all switched off."""
    repository, mark = trapped
    before = {path: path.stat().st_mtime_ns for path in sorted(repository.rglob("*"))}
    done = _start(text, repository, tmp_path)
    assert done.returncode == 0, done.stderr
    assert not mark.exists()
    assert {path: path.stat().st_mtime_ns for path in sorted(repository.rglob("*"))} == before


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not on this machine")
def test_the_trap_itself_works(trapped: tuple[Path, Path]) -> None:
    """Without the plan the same repository does start its program; otherwise the test above would prove nothing."""
    repository, mark = trapped
    _git(repository, "diff")
    assert mark.exists()


@contextmanager
def _server() -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"well")

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")
def test_curl_reads_no_settings_of_its_own(tmp_path: Path) -> None:
    """A `.curlrc` may name a file to write; the plan keeps curl from reading it."""
    (tmp_path / ".curlrc").write_text(f"output = {tmp_path}/written\n")
    with _server() as url:
        done = _start(f"curl -s {url}/health", tmp_path, tmp_path)
    assert (done.returncode, done.stdout) == (0, "well")
    assert not (tmp_path / "written").exists()


def test_psql_reads_no_start_up_file() -> None:
    """`-X` stands right behind the program, also inside a container."""
    for text in ("psql -c 'SELECT 1'", "docker exec db psql -c 'SELECT 1'"):
        plan = classify("shell", text).plan
        assert plan is not None
        argv = plan[0].processes[0].argv
        assert argv[argv.index(("psql",)) + 1] == ("-X",)


def test_sudo_never_asks() -> None:
    """Nobody is there to type a password."""
    plan = classify("shell", "sudo systemctl status nginx").plan
    assert plan is not None
    assert plan[0].processes[0].argv[:2] == (("sudo",), ("-n",))


def test_time_and_watch_are_left_out_of_the_plan() -> None:
    """Every run is timed anyway, and a repetition needs somebody who looks."""
    for text in ("time df -h", "watch -n 5 df -h"):
        plan = classify("shell", text).plan
        assert plan is not None
        assert plan[0].processes[0].argv == (("df",), ("-h",))


def test_a_harmless_assignment_is_what_the_program_sees(tmp_path: Path) -> None:
    """`env` sets it: no shell is there to do so."""
    (tmp_path / "sizes.txt").write_text("b\nA\n")
    assert _start("LC_ALL=C sort sizes.txt", tmp_path, tmp_path).stdout == "A\nb\n"
    assert _start("TZ=UTC date +%Z", tmp_path, tmp_path).stdout == "UTC\n"


def test_a_limit_is_printed_by_a_shell_of_its_own(tmp_path: Path) -> None:
    """`ulimit` is no program; the words of that shell's command are fixed."""
    assert _start("ulimit -n", tmp_path, tmp_path).stdout.strip().isalnum()
