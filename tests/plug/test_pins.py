"""A pinned script runs only while it is, byte for byte, what was pinned, and nobody else can swap it."""

from __future__ import annotations

import hashlib
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tocsin.cli.classify import command
from tocsin.errors import Unrunnable
from tocsin.executors.local import Local
from tocsin.plug.kinds import Job
from tocsin.plug.pins import digest_of, verify, why_broken
from tocsin.safety import classify
from tocsin.safety.team import read_team

TEXT = b"#!/bin/sh\necho rising\n"
SHA = hashlib.sha256(TEXT).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with a script of the team."""
    (tmp_path / "scripts").mkdir()
    script = tmp_path / "scripts" / "rise.sh"
    script.write_bytes(TEXT)
    for path in (tmp_path, script.parent, script):
        path.chmod(0o755)
    return tmp_path


def _job(folder: Path) -> Job:
    team = read_team({"scripts/rise.sh": {"sha256": SHA, "reads": "prints"}})
    verdict = classify("shell", "scripts/rise.sh", team=team)
    assert verdict.plan
    return Job(
        kind="shell",
        command="scripts/rise.sh",
        plan=verdict.plan,
        env={"PATH": os.environ["PATH"]},
        workdir=str(folder),
        timeout=timedelta(seconds=20),
        pins=verdict.pins,
    )


def test_a_script_that_is_as_pinned_runs(folder: Path) -> None:
    """The way it is meant."""
    outcome = Local().run(_job(folder), lambda piece: None, threading.Event())
    assert (outcome.status, outcome.output.strip()) == ("succeeded", "rising")


def test_a_script_that_changed_after_the_verdict_is_not_started(folder: Path) -> None:
    """The executor looks once more right before it starts it."""
    job, mark = _job(folder), folder / "mark"
    (folder / "scripts" / "rise.sh").write_bytes(b"#!/bin/sh\ntouch %s\n" % bytes(mark))
    with pytest.raises(Unrunnable, match="its content has changed"):
        Local().run(job, lambda piece: None, threading.Event())
    assert not mark.exists()


def test_the_digest_is_that_of_the_content(folder: Path) -> None:
    """As `sha256sum` tells it."""
    assert digest_of("scripts/rise.sh", str(folder)) == SHA
    verify([("scripts/rise.sh", SHA)], str(folder))


def _change(folder: Path) -> None:
    (folder / "scripts" / "rise.sh").write_bytes(TEXT + b"#")


def _remove(folder: Path) -> None:
    (folder / "scripts" / "rise.sh").unlink()


def _link(folder: Path) -> None:
    script = folder / "scripts" / "rise.sh"
    script.rename(folder / "elsewhere.sh")
    script.symlink_to(folder / "elsewhere.sh")


def _link_folder(folder: Path) -> None:
    (folder / "scripts").rename(folder / "elsewhere")
    (folder / "scripts").symlink_to(folder / "elsewhere")


def _folder(folder: Path) -> None:
    _remove(folder)
    (folder / "scripts" / "rise.sh").mkdir()


def _pipe(folder: Path) -> None:
    _remove(folder)
    os.mkfifo(folder / "scripts" / "rise.sh")


def _open(folder: Path) -> None:
    (folder / "scripts" / "rise.sh").chmod(0o757)


def _open_folder(folder: Path) -> None:
    (folder / "scripts").chmod(0o777)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_change, "its content has changed"),
        (_remove, "is not in"),
        (_link, "is a symbolic link"),
        (_link_folder, "is a symbolic link, or lies behind one"),
        (_folder, "is not a plain file"),
        (_pipe, "is not a plain file"),
        (_open, "Everybody may write"),
        (_open_folder, "Everybody may write the folder"),
    ],
)
def test_what_could_be_something_else_is_refused(spoil: object, said: str, folder: Path) -> None:
    """Links, folders, pipes, and whatever anybody may write prove nothing, whatever they hold just now."""
    assert callable(spoil)
    assert why_broken("scripts/rise.sh", SHA, str(folder)) == ""
    spoil(folder)
    assert said in why_broken("scripts/rise.sh", SHA, str(folder))
    with pytest.raises(Unrunnable):
        verify([("scripts/rise.sh", SHA)], str(folder))


def test_the_terminal_prints_the_table_to_paste(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its `reads` filled in, the table is a configuration; a script that can't be pinned is named."""
    monkeypatch.chdir(folder)
    printed = CliRunner().invoke(command, ["--pin", "scripts/rise.sh"])
    assert printed.exit_code == 0
    (folder / "tocsin.toml").write_text(printed.stdout)
    judged = CliRunner().invoke(command, ["--config", "tocsin.toml", "--", "scripts/rise.sh"])
    assert judged.stdout.startswith("read  "), judged.output
    _change(folder)
    judged = CliRunner().invoke(command, ["--config", "tocsin.toml", "--", "scripts/rise.sh"])
    assert judged.stdout.startswith("unknown  "), judged.output
    refused = CliRunner().invoke(command, ["--pin", "scripts"])
    assert refused.exit_code != 0
    assert "not a plain file" in str(refused.exception)
