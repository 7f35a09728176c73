"""``tocsin runbook learn`` and ``health``: real git, a real server, and a work tree that nobody touches."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import Server, environment


def git(folder: Path, *words: str) -> str:
    """What git prints."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    who = {"GIT_AUTHOR_NAME": "mara", "GIT_AUTHOR_EMAIL": "mara@example.org"}
    env |= who | {name.replace("AUTHOR", "COMMITTER"): value for name, value in who.items()}
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, env=env, check=True)
    return done.stdout


@pytest.fixture
def repository(server: Server, tmp_path: Path) -> Path:
    """A repository with the server's runbook in its only commit, and something unfinished beside it."""
    book = next(server.folder.glob("*.md"))
    file = tmp_path / "docs" / book.name
    file.parent.mkdir()
    file.write_bytes(book.read_bytes())
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "The runbook")
    (tmp_path / "unfinished.txt").write_text("half\n")
    file.write_bytes(file.read_bytes() + b"\nNot committed yet.\n")
    git(tmp_path, "add", "unfinished.txt")
    return file


@pytest.fixture
def taught(server: Server) -> str:
    """An incident in which somebody ran a command by hand that the runbook does not have."""
    book = server("runbook", "list", "--json").json["runbooks"][0]
    ref = server.declare("--scenario", book["scenarios"][0])
    assert server("incident", "note", ref, "I used `ovenctl restart --all` and it helped").code == 0
    return ref


def state_of(folder: Path) -> tuple[Any, ...]:
    """All that a commit by hand would change: the branch, its commit, index and work tree."""
    files = {str(each): each.read_bytes() for each in folder.rglob("*") if each.is_file() and ".git" not in each.parts}
    index = git(folder, "ls-files", "--stage")
    return git(folder, "symbolic-ref", "HEAD"), git(folder, "rev-parse", "HEAD"), index, files


def test_a_lesson_becomes_a_branch_and_nothing_else_is_touched(
    server: Server, repository: Path, taught: str
) -> None:  # fmt: skip
    """One commit behind the checked-out one, with its evidence; work tree, index and branch are as they were."""
    top = repository.parents[1]
    before = state_of(top)

    done = server("runbook", "learn", str(repository), "--branch", "learn/oven")

    assert done.code == 0, done.err
    assert state_of(top) == before
    assert git(top, "rev-parse", "learn/oven^").strip() == git(top, "rev-parse", "HEAD").strip()
    changed = git(top, "diff", "HEAD", "learn/oven")
    added = [line for line in changed.splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert "+  ovenctl restart --all" in added, changed
    assert not any(line.startswith("-") and not line.startswith("---") for line in changed.splitlines()), changed
    assert "Not committed yet" not in changed
    message = git(top, "log", "-1", "--format=%B", "learn/oven")
    assert taught in message and "a command that the document does not have" in message
    again = server("runbook", "learn", str(repository), "--branch", "learn/oven")
    assert (again.code, "There is a branch" in again.err) == (1, True)


def test_the_diff_is_one_that_git_applies(server: Server, repository: Path, taught: str) -> None:
    """It holds its reasons as remarks, and what was applied once is not proposed again."""
    top = repository.parents[1]
    done = server("runbook", "learn", str(repository))
    assert done.code == 0 and "# line" in done.out and taught in done.out
    patch = top / "learn.patch"
    patch.write_text(done.out.replace(f"a/{repository.name}", f"a/docs/{repository.name}").replace(
        f"b/{repository.name}", f"b/docs/{repository.name}"
    ))  # fmt: skip
    git(top, "apply", str(patch))
    assert "ovenctl restart --all" in repository.read_text()
    assert "ask for no change" in server("runbook", "learn", str(repository)).err


@pytest.mark.parametrize("name", ["--help", "a..b", "", "x y"])
def test_a_branch_needs_a_name_that_git_knows(server: Server, repository: Path, taught: str, name: str) -> None:
    """Nothing is made, and the name is never taken for an option."""
    before = git(repository.parent, "for-each-ref")
    done = server("runbook", "learn", str(repository), f"--branch={name}")
    assert done.code in (0, 2) if not name else done.code == 2, (taught, done.err)
    assert git(repository.parent, "for-each-ref") == before


def test_health_says_when_it_was_used(server: Server, taught: str) -> None:
    """Its incidents are counted, drills apart."""
    told = server("runbook", "health")
    assert "Last used: 20" in told.out and "Last drilled: never" in told.out, (taught, told.err)
    assert server("runbook", "health", "--json").json["incidents"] >= 1


def test_what_is_private_teaches_nothing_that_others_read(server: Server, repository: Path) -> None:
    """Neither its words nor its number, though the asker may see it; for those it counts."""
    book = server("runbook", "list", "--json").json["runbooks"][0]
    before = server("runbook", "health", "--json").json["incidents"]
    ref = server.declare("--scenario", book["scenarios"][0], "--private")
    assert server("incident", "note", ref, "it was `doorctl unlock --name Mallory`").code == 0
    told = server("runbook", "learn", str(repository))
    assert "Mallory" not in told.out and f"{ref};" not in told.out and f"({ref}," not in told.out
    assert server("runbook", "health", "--json").json["incidents"] == before + 1


def test_a_file_in_an_old_encoding_gets_a_patch_of_its_own_bytes(
    server: Server, repository: Path, taught: str
) -> None:  # fmt: skip
    """`git apply` takes it, signs that the encoding lacks are others there, and a branch holds the same bytes."""
    top = repository.parents[1]
    raw = repository.read_bytes().replace(b"Not committed yet.", b"Caf\xe9 \x93closed\x94").replace(b"\n", b"\r\n")
    repository.write_bytes(raw)
    git(top, "config", "core.autocrlf", "false")
    git(top, "commit", "-q", "-a", "-m", "As an old editor saves it")
    command = [sys.executable, "-m", "tocsin", "runbook", "learn", f"docs/{repository.name}"]
    done = subprocess.run(command, cwd=top, env=environment(**server.variables()), capture_output=True, check=True)
    assert taught.encode() in done.stdout
    patch = top / "learn.patch"
    patch.write_bytes(done.stdout)
    git(top, "apply", str(patch))
    after = repository.read_bytes()
    assert b"Caf\xe9 \x93closed\x94\r\n" in after and b"  ovenctl restart --all\r\n" in after
    assert after.count(b"\n") == after.count(b"\r\n")
    branch = f"old/{taught.lower()}"
    assert server("runbook", "learn", str(repository), "--branch", branch).code == 0
    there = subprocess.run(["git", "-C", str(top), "show", f"{branch}:docs/{repository.name}"], capture_output=True)
    assert there.stdout == after


@pytest.mark.parametrize(("since", "code", "words"), [("2100-01-01", 0, "ask for no change"), ("soon", 2, "--since")])
def test_what_was_thrown_out_can_be_left_out(
    server: Server, repository: Path, taught: str, since: str, code: int, words: str
) -> None:  # fmt: skip
    """By the day from which on it counts; a word that is no day is refused."""
    done = server("runbook", "learn", str(repository), "--since", since)
    assert (done.code, words in done.err) == (code, True), (taught, done.err)
