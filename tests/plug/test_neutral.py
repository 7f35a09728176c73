"""Configuration files start nothing: against real git and real psql."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.servers import PostgresServer, postgres_programs, running_postgres
from tocsin.core.run import Outcome, Pipeline, Process
from tocsin.errors import Unrunnable
from tocsin.executors.local import Local
from tocsin.plug.kinds import Job
from tocsin.plug.neutral import clean_environment, neutralise, program_at

PATH = "/usr/local/bin:/usr/bin:/bin"
MINUTE = timedelta(minutes=1)


def run_proven(workdir: Path, *argv: str, **variables: str) -> Outcome:
    """Runs a plan of one process as a proven command runs."""
    pipeline = Pipeline(processes=(Process(argv=tuple((word,) for word in argv)),))
    env = clean_environment(PATH, {"HOME": str(workdir), **variables})
    job = Job(kind="shell", command="", plan=(pipeline,), env=env, workdir=str(workdir), timeout=timedelta(seconds=30))
    return Local().run(job, lambda piece: None, threading.Event())


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A repository whose own configuration names a program at every place where git would start one."""
    if shutil.which("git", path=PATH) is None:
        pytest.skip("git is not installed")
    repo, script = tmp_path / "repo", tmp_path / "trap.sh"
    script.write_text(f'#!/bin/sh\necho "$0 $*" >> {tmp_path}/sprung\ncat 2>/dev/null\n')
    script.chmod(0o755)
    git(tmp_path, "init", "-q", "-b", "main", str(repo))
    (repo / "file.txt").write_text("one\n")
    (repo / ".gitattributes").write_text("*.txt diff=trap filter=trap\n")
    git(repo, "add", ".")
    git(repo, "-c", "user.name=Ana", "-c", "user.email=ana@example.org", "commit", "-q", "-m", "first")
    (repo / "file.txt").write_text("three\n")
    git(repo, "-c", "user.name=Ana", "-c", "user.email=ana@example.org", "stash")
    (repo / "file.txt").write_text("two\n")
    configure(repo, TRAPS.format(script=script))
    (repo / ".git/info/exclude").write_text("menu.log\n")
    hook = repo / ".git/hooks/post-index-change"
    hook.parent.mkdir(exist_ok=True)
    shutil.copy(script, hook)
    return repo


TRAPS = """
[core]
    fsmonitor = {script}
    pager = {script}
    sshCommand = {script}
    askPass = {script}
[diff]
    external = {script}
[diff "trap"]
    textconv = {script}
    command = {script}
[filter "trap"]
    clean = {script}
    smudge = {script}
    required = true
[log]
    showSignature = true
[gpg]
    program = {script}
[pager]
    log = {script}
[remote "origin"]
    url = ext::{script}
    promisor = true
[credential]
    helper = {script}
"""


def configure(repo: Path, text: str) -> None:
    config = repo / ".git/config"
    config.write_text(config.read_text() + text)


def git(folder: Path, *words: str) -> None:
    env = {"PATH": PATH, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *words], cwd=folder, check=True, env=env, capture_output=True)


@pytest.mark.parametrize(
    "words",
    [
        "git status",
        "git status -v",
        "git diff",
        "git diff HEAD --stat",
        "git log -p -3 --format=%G?%n%s",
        "git show HEAD",
        "git blame file.txt",
        "git describe --always --dirty",
        "git -C . --paginate log --oneline",
        "git grep one HEAD",
        "timeout -k 1 20 git diff",
        "git log --oneline --decorate -10",
        "git ls-files -m",
        "git stash list",
        "git stash show -p",
        "git show HEAD:file.txt",
        "git cat-file -p HEAD:file.txt",
        "git ls-tree -l HEAD",
        "git check-ignore -v menu.log",
        "env LC_ALL=C git diff",
    ],
)
def test_git_starts_nothing_that_the_repository_names(trap: Path, words: str) -> None:
    """fsmonitor, pager, external diff, text conversion, filter, signature program and hook stay silent."""
    outcome = run_proven(trap, *words.split())
    assert not (trap.parent / "sprung").exists()
    assert outcome.status == "succeeded", outcome


def test_git_without_a_verb_runs(tmp_path: Path) -> None:
    """Asking for the version needs no repository and no settings of ours."""
    assert run_proven(tmp_path, "git", "--version").output.startswith("git version")


def test_the_trap_is_real(trap: Path) -> None:
    """Without our settings git does start the program, so that the test above can fail."""
    subprocess.run(["git", "diff"], cwd=trap, check=False, capture_output=True, env={"PATH": PATH, "HOME": str(trap)})
    assert (trap.parent / "sprung").exists()


def test_git_still_says_what_it_should(trap: Path) -> None:
    """The diff is there in full, without colours and pager."""
    outcome = run_proven(trap, "git", "diff")
    assert "-one\n+two\n" in outcome.output


def test_status_writes_nothing_into_the_repository(trap: Path) -> None:
    """Not even the index is refreshed."""
    index = trap / ".git/index"
    before = index.read_bytes()
    run_proven(trap, "git", "status")
    assert index.read_bytes() == before


@pytest.mark.parametrize("words", ["git diff --stat", "git diff --quiet", "git diff HEAD", "git status"])
def test_a_file_that_was_only_touched_changes_no_index(tmp_path: Path, words: str) -> None:
    """git would note its new time there, and start a hook."""
    git(tmp_path, "init", "-q", "-b", "main", ".")
    (tmp_path / "file.txt").write_text("one\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=Ana", "-c", "user.email=ana@example.org", "commit", "-q", "-m", "first")
    os.utime(tmp_path / "file.txt", (1, 1))
    before = (tmp_path / ".git/index").read_bytes()
    run_proven(tmp_path, *words.split())
    assert (tmp_path / ".git/index").read_bytes() == before
    git(tmp_path, "diff", "--stat")
    assert (tmp_path / ".git/index").read_bytes() != before


@pytest.mark.parametrize("words", ["git show HEAD:file.txt", "git cat-file -e HEAD:file.txt", "git log --stat"])
def test_a_missing_object_is_fetched_from_nowhere(trap: Path, words: str) -> None:
    """A promised object would be asked for at a remote, through the program that the repository names."""
    script = trap.parent / "far.sh"
    script.write_text(f"#!/bin/sh\necho far >> {trap.parent}/sprung\n")
    script.chmod(0o755)
    configure(trap, f'[remote "far"]\n url = {trap.parent}/far\n promisor = true\n uploadpack = {script}\n')
    for thing in (trap / ".git/objects").glob("??/*"):
        thing.chmod(0o644)
        kind = subprocess.run(
            ["git", "cat-file", "-t", thing.parent.name + thing.name], cwd=trap, capture_output=True, text=True,
            env={"PATH": PATH, "GIT_NO_LAZY_FETCH": "1"}, check=False,
        ).stdout.strip()  # fmt: skip
        if kind == "blob":
            thing.unlink()
    run_proven(trap, *words.split())
    assert not (trap.parent / "sprung").exists()
    subprocess.run(
        ["git", "-c", "core.fsmonitor=", "cat-file", "-e", "HEAD:file.txt"], cwd=trap, check=False,
        capture_output=True, env={"PATH": PATH, "HOME": str(trap)},
    )  # fmt: skip
    assert (trap.parent / "sprung").exists()


def test_remote_helpers_stay_silent(trap: Path) -> None:
    """Asking a remote may use the network, but not a program from the configuration."""
    outcome = run_proven(trap, "git", "ls-remote", "origin")
    assert outcome.status == "failed"
    assert not (trap.parent / "sprung").exists()


def test_a_filter_that_cannot_be_switched_off_is_unrunnable(trap: Path) -> None:
    """A name with "=" can't be given on git's command line; such a repository is not touched."""
    configure(trap, '[filter "a=b"]\n clean = cat\n')
    with pytest.raises(Unrunnable, match="can't be switched off"):
        run_proven(trap, "git", "status")


def test_the_operators_own_filters_stay(tmp_path: Path) -> None:
    """What the operator's own configuration names (large-file support, say) goes on working."""
    (tmp_path / ".gitconfig").write_text('[filter "big"]\n clean = cat\n')
    env = clean_environment(PATH, {"HOME": str(tmp_path)})
    words, _ = neutralise(["git", "status"], env, str(tmp_path), MINUTE)
    assert not [word for word in words if word.startswith("filter.big")]


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("git log", 0),
        ("timeout -s KILL 5 git log", 4),
        ("nice -n 5 timeout 3s psql -c x", 5),
        ("xargs -n 1 git show", 3),
        ("env LC_ALL=C TZ=UTC timeout 5 git log", 5),
        ("env", 0),
    ],
)
def test_the_program_behind_a_wrapper_is_found(words: str, at: int) -> None:
    """Wrappers, their options and operands are stepped over."""
    assert program_at(words.split()) == at


def test_a_word_that_is_no_program_is_left_alone() -> None:
    """Looking for the text "git" is not running git."""
    words = ["timeout", "5", "grep", "git", "file"]
    assert neutralise(words, {}, "/tmp", MINUTE) == (words, {})


def test_environment_is_clean() -> None:
    """Fixed values and the given ones, nothing else."""
    env = clean_environment("/bin", {"REGION": "eu", "TERM": "xterm"})
    assert (env["PATH"], env["REGION"], env["TERM"]) == ("/bin", "eu", "xterm")
    assert {"GIT_CONFIG_NOSYSTEM", "PAGER", "NO_COLOR", "LANG", "HOME", "PGCONNECT_TIMEOUT"} <= set(env)
    assert not [name for name in env if name.startswith(("LD_", "BASH_", "PYTHON"))]


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    programs = postgres_programs()
    if programs is None or shutil.which("psql", path=PATH) is None:
        pytest.skip("PostgreSQL's programs are not installed")
    with running_postgres(programs) as server:
        yield server


@pytest.mark.postgres
class TestPsql:
    def test_session_is_read_only(self, database: PostgresServer, tmp_path: Path) -> None:
        """A statement that writes is refused by the server itself."""
        outcome = run_proven(tmp_path, "psql", database.url(), "-c", "CREATE TABLE written (x int)")
        assert outcome.status == "failed"
        assert "read-only transaction" in outcome.output

    def test_the_users_startup_file_is_not_read(self, database: PostgresServer, tmp_path: Path) -> None:
        """A .psqlrc could hold any statement."""
        (tmp_path / ".psqlrc").write_text("\\echo from-startup-file\n")
        outcome = run_proven(tmp_path, "psql", database.url(), "-Atc", "SELECT 40 + 2")
        assert outcome.output == "42\n"

    def test_statements_have_a_limit(self, database: PostgresServer, tmp_path: Path) -> None:
        """The server gives up a little before the executor does."""
        env = clean_environment(PATH, {"HOME": str(tmp_path)})
        words, env = neutralise(
            ["psql", database.url(), "-c", "SELECT pg_sleep(60)"], env, "/tmp", timedelta(seconds=1)
        )
        done = subprocess.run(words, env=env, check=False, capture_output=True, text=True)
        assert "statement timeout" in done.stderr

    def test_given_options_are_kept(self) -> None:
        """Ours come last, so they hold."""
        _, env = neutralise(["psql", "-l"], {"PGOPTIONS": "-c search_path=app"}, "/tmp", MINUTE)
        assert env["PGOPTIONS"].startswith(
            "-c search_path=app -c default_transaction_read_only=on -c statement_timeout=54000"
        )
