"""What may be printed."""

from __future__ import annotations

import pytest

from tocsin.cli import output


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – text", "plain – text"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("c1 \x9b2J", "c1 \\x9b2J"),
        ("return\rover", "return\\x0dover"),
        ("delete \u202etxt.exe", "delete \\u202etxt.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("half \ud800", "half \\ud800"),
        ("line\u2028end", "line\\u2028end"),
        ("Größe 日本", "Größe 日本"),
    ],
)
def test_nothing_that_steers_or_hides_is_printed_as_it_is(text: str, shown: str) -> None:
    """A terminal never obeys a runbook, an alert or a command's output, and an approver sees every character."""
    assert output.visible(text) == shown


def test_a_cell_is_one_line_and_never_longer_than_asked() -> None:
    """A table's row stays a row."""
    assert output.one_line("a\n  b\r\nc") == "a b c"
    assert output.one_line("abcdef", 4) == "abc…"


def test_without_a_terminal_a_table_cuts_nothing_off(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever greps gets whole lines."""
    long = "x" * 300
    output.table(("ID", "TITLE"), [("1", long), ("22", "b")])

    assert capsys.readouterr().out.splitlines() == ["ID  TITLE", f"1   {long}", "22  b"]


def test_json_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    """The same bytes under every locale, and no control character among them."""
    output.give({"a": "ü\x9b\u202e\ud800"})

    assert capsys.readouterr().out.isascii()


def test_numbers_are_said_as_people_say_them() -> None:
    """No "1 steps"."""
    said = [output.count(0, "step"), output.count(1, "step"), output.count(2, "alert fires", "alerts fire")]

    assert said == ["no steps", "1 step", "2 alerts fire"]
