"""How the command line begins and ends."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.cli.terminal import environment, tocsin
from tocsin import __version__
from tocsin.cli import main
from tocsin.cli.incident import ALIASES
from tocsin.service.catalogue import CATALOGUE

SECONDS = 0.15


def spent_by_children() -> float:
    """Seconds of processor time: the wall clock also measures who else uses this machine."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def every_command(group: click.Group, ctx: click.Context, path: str = "tocsin") -> Iterator[tuple[str, click.Command]]:
    """Each command below a group, with its path."""
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None, name
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from every_command(command, click.Context(command, parent=ctx, info_name=name), f"{path} {name}")


ALL = dict(every_command(main.root, click.Context(main.root, info_name="tocsin")))


@pytest.mark.parametrize("path", ALL)
def test_every_command_has_help_with_an_example(path: str) -> None:
    """Whoever asks for help sees how it is used."""
    text = ALL[path].get_help(click.Context(ALL[path], info_name=path))

    assert re.search(r"^ *(?:Example: )?tocsin ", text, re.MULTILINE)


@pytest.mark.parametrize("name", main.VERBS)
def test_the_list_of_verbs_says_what_the_verbs_say(name: str) -> None:
    """The list that is shown without importing anything is true."""
    command = ALL[f"tocsin {name}"]

    assert command.name == name
    assert command.short_help or name in ("classify", "demo")
    if name not in ("classify", "demo"):
        assert command.short_help == main.VERBS[name].says


def test_every_move_of_the_catalogue_is_a_verb() -> None:
    """What the API can do, the terminal can do, under the same word."""
    verbs = {path.removeprefix("tocsin incident ") for path in ALL if path.startswith("tocsin incident ")}

    assert set(CATALOGUE) <= verbs
    assert set(ALIASES.values()) <= verbs


def test_help_is_there_at_once(tmp_path: Path) -> None:
    """`tocsin --help` takes less than 150 ms of a processor from a cold start: the best of three."""
    spans = []
    for _ in range(3):
        begun = spent_by_children()
        assert tocsin("--help", cwd=tmp_path).code == 0
        spans.append(spent_by_children() - begun)

    assert min(spans) < SECONDS


def test_the_version_is_told(tmp_path: Path) -> None:
    """One line, for bug reports."""
    assert tocsin("--version", cwd=tmp_path).out == f"tocsin {__version__}\n"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [(("inciden",), "incident"), (("incident", "aknowledge", "1"), "acknowledge"), (("token", "revok"), "revoke")],
)
def test_a_mistyped_verb_is_answered_with_the_nearest_one(
    typed: tuple[str, ...], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and the word that was meant."""
    assert main.run(typed) == 2
    assert f"'{meant}'" in capsys.readouterr().err


def test_a_fault_of_ours_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback in a person's face, but the way to it."""
    broken = click.Command("broken", callback=lambda: {}["x"])
    monkeypatch.setattr(main.root, "get_command", lambda ctx, name: broken)
    monkeypatch.delenv("TOCSIN_DEBUG", raising=False)

    assert main.run(["broken"]) == 70
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "KeyError" in printed.err and "TOCSIN_DEBUG=1" in printed.err
    assert len(printed.err.splitlines()) == 1

    monkeypatch.setenv("TOCSIN_DEBUG", "1")
    assert main.run(["broken"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_an_interruption_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends with 130 and no words."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main.root, "get_command", lambda ctx, name: click.Command("slow", callback=interrupted))

    assert main.run(["slow"]) == 130
    assert capsys.readouterr().err.strip() == ""


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    """`tocsin … | head` prints no traceback, and the exit code is a pipe's."""
    (tmp_path / "big.md").write_text("# Big\n\n" + "## Part\n\n- Do this\n\n" * 3000)
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "tocsin", "runbook", "show", "big.md", "--json"], cwd=tmp_path, env=environment(),
            stdout=pipe, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("how", ["option", "variable"])
def test_colours_are_left_out_where_they_are_not_wanted(how: str, tmp_path: Path) -> None:
    """NO_COLOR and --no-color, though the terminal could show them."""
    option = ("--no-color",) if how == "option" else ()
    variables = {"NO_COLOR": "1"} if how == "variable" else {}
    (tmp_path / "shop.md").write_text("# Shop\n")
    done = tocsin(*option, "runbook", "show", "shop.md", cwd=tmp_path, FORCE_COLOR="1", **variables)

    assert done.code == 0
    assert "\x1b[3" not in done.out


def test_a_locale_without_unicode_is_no_reason_to_fail(tmp_path: Path) -> None:
    """A character that the output can't hold is written out."""
    (tmp_path / "shop.md").write_text("# Shöp → 日本\n", "utf-8")
    done = tocsin("runbook", "show", "shop.md", cwd=tmp_path, PYTHONIOENCODING="ascii")

    assert done.code == 0
    assert "Sh\\xf6p" in done.out
