"""Commits, as a real git tells them."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.errors import Unread
from tocsin.plug.gitlog import commits

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def git(folder: Path, *words: str, at: datetime = NOON, who: str = "mara") -> str:
    """Run git in a repository, at a time, as somebody."""
    env = {
        "PATH": "/usr/bin:/bin", "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": who,
        "GIT_AUTHOR_EMAIL": "m@example.org", "GIT_COMMITTER_NAME": who, "GIT_COMMITTER_EMAIL": "m@example.org",
        "GIT_AUTHOR_DATE": at.isoformat(), "GIT_COMMITTER_DATE": at.isoformat(),
    }  # fmt: skip
    return subprocess.run(["git", *words], cwd=folder, env=env, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An empty repository."""
    folder = tmp_path / "till"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


def test_commits_are_told_the_newest_first(repository: Path) -> None:
    """Since a moment, each with its first line, who, when and where; as many as are wanted."""
    for hours, words in ((-3, "an old one"), (-1, "raise the price\n\nof bread"), (0, "lower | the\tprice")):
        git(repository, "commit", "-q", "--allow-empty", "-m", words, at=NOON + timedelta(hours=hours))

    found = commits(repository, NOON - timedelta(hours=2))

    assert [each.what.rpartition(" (")[0] for each in found] == ["lower | the price", "raise the price"]
    assert (found[0].at, found[0].where, found[0].who, found[0].kind) == (NOON, "till", "mara", "commit")
    sha = git(repository, "rev-parse", "HEAD").strip()
    assert found[0].id == f"git_{sha}" and found[0].what.endswith(f"({sha[:10]})")
    assert len(commits(repository, NOON - timedelta(days=1), most=1)) == 1


def test_a_folder_without_commits_says_so(repository: Path, tmp_path: Path) -> None:
    """No repository, no commit yet, no folder: a sentence each time."""
    for folder in (tmp_path, repository, tmp_path / "nowhere"):
        with pytest.raises(Unread, match="git"):
            commits(folder, NOON)


def test_what_a_repository_configures_is_not_started(repository: Path) -> None:
    """Pagers, signature programs, hooks, filters, aliases, file system monitors: none of them runs."""
    trap = repository / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {repository}/sprung\n")
    trap.chmod(0o755)
    git(repository, "commit", "-q", "--allow-empty", "-m", "one")
    for name in ("core.pager", "gpg.program", "core.fsmonitor", "diff.external", "filter.x.clean", "log.showSignature"):
        git(repository, "config", name, "true" if name == "log.showSignature" else str(trap))
    git(repository, "config", "alias.log", f"!{trap}")
    git(repository, "config", "format.pretty", "hacked %H")

    assert [each.what[:3] for each in commits(repository, NOON - timedelta(days=1))] == ["one"]
    assert not (repository / "sprung").exists()


def test_hostile_words_stay_words(repository: Path) -> None:
    """Control characters, endless lines and signs of git's own formats end up as one bounded line."""
    words, who = "\x1b[31mred %H " + "long " * 200, "a\x1b[0m" + "b" * 300
    git(repository, "commit", "-q", "--allow-empty", "-m", words, who=who)
    (one,) = commits(repository, NOON - timedelta(days=1))
    assert len(one.what) < 330 and len(one.who) <= 100 and "%H" in one.what
    assert one.what.isprintable() and one.who.isprintable()
