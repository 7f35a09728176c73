"""What proven programs would do besides, by the files of their folder or of their own: against the real programs."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.plug.test_neutral import PATH, configure, git, trap
from tocsin.core.run import Outcome
from tocsin.errors import Unrunnable
from tocsin.executors.local import Local
from tocsin.plug.kinds import Job
from tocsin.plug.neutral import clean_environment
from tocsin.safety import classify, pinned_environment

__all__ = ["trap"]  # a fixture


def run_read(workdir: Path, command: str, **variables: str) -> Outcome:
    """Runs a command as one that is judged a read runs: its plan, in the environment of the proof."""
    verdict = classify("shell", command)
    assert verdict.word == "read", verdict.why
    env = {**clean_environment(PATH, {"HOME": str(workdir), **variables}), **pinned_environment()}
    job = Job(
        kind="shell", command=command, plan=verdict.plan, env=env, workdir=str(workdir), timeout=timedelta(seconds=30)
    )
    return Local().run(job, lambda piece: None, threading.Event())


@pytest.fixture
def nested(trap: Path) -> Path:
    """A repository with another one inside, whose own configuration starts a program."""
    inner, script = trap / "inner", trap.parent / "trap.sh"
    git(trap, "clone", "-q", "--no-checkout", str(trap), str(inner))
    git(inner, "reset", "-q", "HEAD")
    git(trap, "add", "inner")
    configure(inner, f"[core]\n fsmonitor = {script}\n")
    (trap / ".gitmodules").write_text('[submodule "inner"]\n path = inner\n url = ./inner\n ignore = none\n')
    configure(trap, '[submodule "inner"]\n ignore = none\n')
    (inner / "file.txt").write_text("four\n")
    (trap.parent / "sprung").unlink(missing_ok=True)
    return trap


@pytest.mark.parametrize("command", ["git status", "git status -s", "git diff", "git diff --stat HEAD"])
def test_nothing_is_asked_inside_a_submodule(nested: Path, command: str) -> None:
    """Its configuration is one more that could name programs."""
    assert run_read(nested, command).status == "succeeded"
    assert not (nested.parent / "sprung").exists()


def test_a_submodule_is_a_trap(nested: Path) -> None:
    """Without that, git starts the program, whatever is set for the outer repository."""
    words = ["git", "-c", "core.fsmonitor=", "-c", "filter.trap.clean=", "-c", "filter.trap.required=false", "status"]
    env = {"PATH": PATH, "HOME": str(nested)}
    subprocess.run(words, cwd=nested, check=False, capture_output=True, env=env)
    assert (nested.parent / "sprung").exists()


@pytest.mark.parametrize("name", ["vercel.ts", "vercel.mjs", "vercel.js", "vercel.config.ts"])
def test_vercel_is_not_started_where_it_would_run_a_program(tmp_path: Path, name: str) -> None:
    """It takes its settings from a program of the folder; a file that only holds data is no reason."""
    program = tmp_path / "bin" / "vercel"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    program.chmod(0o755)
    (tmp_path / "vercel.json").write_text("{}")
    env = {"PATH": f"{program.parent}:{PATH}"}
    assert run_read(tmp_path, "vercel ls", **env).status == "succeeded"
    (tmp_path / "started").unlink()
    (tmp_path / name).write_text("export const config = {}\n")
    with pytest.raises(Unrunnable, match=f"would run '{name}'"):
        run_read(tmp_path, "timeout 5 vercel ls", **env)
    assert not (tmp_path / "started").exists()


def test_pip_asks_no_index_and_writes_nothing(tmp_path: Path) -> None:
    """Not even whether there is a newer pip, although a file of the folder wants that."""
    if shutil.which("pip3", path=PATH) is None:
        pytest.skip("pip is not installed")
    (tmp_path / ".config" / "pip").mkdir(parents=True)
    (tmp_path / ".config" / "pip" / "pip.conf").write_text("[list]\nformat = freeze\n")
    assert "==" not in run_read(tmp_path, "pip3 list").output
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["pip.conf"]


def test_npm_keeps_no_log_and_looks_for_no_newer_one(tmp_path: Path) -> None:
    """The environment wins over the folder's own settings."""
    if shutil.which("npm", path=PATH) is None:
        pytest.skip("npm is not installed")
    (tmp_path / ".npmrc").write_text("logs-max=5\nlogs-dir=./logs\nupdate-notifier=true\n")
    env = {**clean_environment(PATH, {"HOME": str(tmp_path / "other")}), **pinned_environment()}
    words = ["npm", "config", "get", "logs-max", "update-notifier"]
    said = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=True).stdout
    assert "logs-max=0" in said
    assert "update-notifier=false" in said
    assert run_read(tmp_path, "npm --version").status == "succeeded"
    assert not (tmp_path / "logs").exists()
    assert not (tmp_path / ".npm").exists()


def test_wget_remembers_nothing(tmp_path: Path) -> None:
    """A server may ask to be remembered as one that only speaks TLS."""
    if shutil.which("wget", path=PATH) is None or shutil.which("openssl", path=PATH) is None:
        pytest.skip("wget or openssl is not installed")
    home = tmp_path / "home"
    home.mkdir()
    words = "wget -q -t 1 -T 9 --no-check-certificate -O- https://localhost:{}/health"
    with remembered(tmp_path) as port:
        assert run_read(home, words.format(port)).output == "well\n"
        assert list(home.iterdir()) == []
        env = {"PATH": PATH, "HOME": str(home)}
        subprocess.run(words.format(port).split(), env=env, check=True, capture_output=True)
    assert (home / ".wget-hsts").exists()


@contextmanager
def remembered(folder: Path) -> Iterator[int]:
    """A server that asks to be remembered; its port."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Strict-Transport-Security", "max-age=3600")
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"well\n")

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
