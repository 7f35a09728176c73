"""The last commits of a repository on this machine: git reads, and starts nothing that it configures."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.core.change import Change
from tocsin.errors import Unread, Unrunnable
from tocsin.plug.neutral import clean_environment, neutralise
from tocsin.times import EPOCH

SOURCE = "git"
MOST = 100
TIMEOUT = timedelta(seconds=5)
_PATH = "/usr/local/bin:/usr/bin:/bin"
_FORMAT = "%H%x00%ct%x00%<(200,trunc)%an%x00%<(400,trunc)%s"
_LONGEST_NAME, _LONGEST_WORDS = 100, 300


def commits(folder: Path, since: datetime, *, most: int = MOST) -> list[Change]:
    """The commits of the checked-out branch from ``since`` on, the newest first, by when they were committed.

    Raises `Unread` where git is missing, refuses the folder, or takes longer than `TIMEOUT`.
    """
    words = [
        "git", "log", "-z", f"--max-count={most}", f"--since={int(since.timestamp())}", f"--format=tformat:{_FORMAT}",
        "--no-color", "--no-show-signature", "--no-mailmap", "HEAD", "--",
    ]  # fmt: skip
    try:
        argv, env = neutralise(words, clean_environment(_PATH, {}), str(folder), TIMEOUT)
        answer = subprocess.run(
            argv, env=env, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True,
            timeout=TIMEOUT.total_seconds(), check=False,
        )  # fmt: skip
    except Unrunnable as error:
        raise Unread(error.message, error.hint) from None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise Unread(f"git could not be asked about {folder}: {error}.") from None
    if answer.returncode:
        said = " ".join(answer.stderr.decode("utf-8", "replace").split())
        raise Unread(f"git tells nothing of {folder}: {said[:300] or f'it ended with {answer.returncode}'}.")
    return list(_read(answer.stdout.decode("utf-8", "replace"), folder.name or str(folder)))


def _read(text: str, where: str) -> Iterator[Change]:
    fields = text.split("\0")
    for sha, at, who, what in zip(*(iter(fields),) * 4, strict=False):
        moment = EPOCH + timedelta(seconds=min(int(at), 253_402_300_799)) if at.isdigit() else None
        if moment is not None:
            said = f"{_line(what)[:_LONGEST_WORDS] or 'commit'} ({sha[:10]})"
            name = _line(who)[:_LONGEST_NAME]
            yield Change(
                source=SOURCE, kind="commit", what=said, where=where, who=name, at=moment, id=f"git_{sha[:40]}"
            )


def _line(text: str) -> str:
    """The text in one line, without what steers a terminal."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
