"""The console notifier."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tocsin.core.notices import Notice
from tocsin.errors import Undelivered
from tocsin.notifiers.console import Console
from tocsin.plug.kinds import Address

SOON = timedelta(seconds=1)


def test_prints_one_line(notice: Notice, capsys: pytest.CaptureFixture[str]) -> None:
    """Time, receiver and subject on standard error; nothing on standard output."""
    Console().send(notice, Address(name="Ana"), SOON)
    printed = capsys.readouterr()
    assert re.fullmatch(r"\d\d:\d\d:\d\d UTC  Ana: P1 Queue stuck\n", printed.err)
    assert printed.out == ""


def test_hostile_text_stays_one_plain_line(notice: Notice, capsys: pytest.CaptureFixture[str]) -> None:
    """Line breaks, escapes and marks that turn text around do not reach the terminal; length is bounded."""
    evil = replace(notice, subject="a\nb\x1b[31mc\u202ed" + "x" * 5000, drill=True)
    Console().send(evil, Address(name="A\rna"), SOON)
    line = capsys.readouterr().err
    assert line.endswith("x\n")
    assert "A na: [drill] a b [31mc d" in line
    assert len(line) <= 501


def test_a_closed_terminal_is_told(notice: Notice, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody can see counts as not delivered."""

    class Closed:
        def write(self, text: str) -> int:
            raise ValueError("I/O operation on closed file")

    monkeypatch.setattr("sys.stderr", Closed())
    with pytest.raises(Undelivered, match="standard error"):
        Console().send(notice, Address(name="Ana"), SOON)
