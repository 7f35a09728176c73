"""The terminal rendering: complete, as wide as the terminal, and never steered by the document."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from itertools import islice
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from tests.cli.terminal import PATIENCE, environment, here
from tocsin import reading
from tocsin.cli.folding import cells, flow, fold, piece
from tocsin.cli.show import WIDE, drawn, piped
from tocsin.cli.summary import render
from tocsin.core.runbook import Runbook
from tocsin.core.understood import Line, lines
from tocsin.service.books import checked, judge

_TEXT = """# Water [bold]Works[/bold]

## Severity Levels
- **P0 (Critical)**: dry. Response: 5 min
- **P1 (High)**: damp

## Scenario 1: Leak

**Symptoms:**
- loss > 7%

**Fix:**

**If the valve is stuck:**
```bash
# Turn it
valve turn <id> [red]
# Expected: closed
```

## Escalation
- After 30 min: Page the team lead

## Contacts
- **Keeper**: [Contact]
"""
_HOSTILE = (
    "# W \x1b]0;owned\x07\n\n## Scenario 1: Leak \u202eesrever\n\n**Symptoms**: \x1b[31mwet\x9b2J\n\n**Fix**:\n"
    "```bash\necho \x1b[2J \r over\n```\n- mend\x08\x08\x08 \u2028 it\n"
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def _read(text: str) -> tuple[Runbook, tuple[Line, ...]]:
    raw = text.encode()
    book = checked(judge(reading.read(raw, "water.md")), raw)
    return book, lines(book, text.replace("\r", " "))


def _terminal(text: str, width: int = 120) -> list[str]:
    """What a terminal of this width shows, without its colours."""
    return [_COLOUR.sub("", row) for row in drawn(*_read(text), width)]


def _summary(text: str, width: int = 100) -> str:
    out = io.StringIO()
    render(_read(text)[0], Console(file=out, width=width, color_system=None))
    return out.getvalue()


def _row(rows: list[str], number: int) -> str:
    return next(row for row in rows if re.match(rf" *{number}\b", row))


def test_beside_each_line_stands_what_was_understood() -> None:
    """On a wide terminal the document is on the left as it was written, its meaning on the right."""
    rows = _terminal(_TEXT)

    for number, written, meaning in (
        (4, "- **P0 (Critical)**: dry. Response: 5 min", "severity P0 · Critical · answer within 5 min"),
        (7, "## Scenario 1: Leak", "scenario Leak"),
        (10, "- loss > 7%", "fires loss > 7 %"),
        (14, "**If the valve is stuck:**", "condition over 1 step"),
        (17, "valve turn <id> [red]", "not proved Turn it"),
        (22, "- After 30 min: Page the team lead", "escalates team lead · after 30 min unresolved"),
        (25, "- **Keeper**: [Contact]", "contact Keeper · not filled in: contact"),
    ):
        left, _, right = _row(rows, number).partition("│")
        assert written in left
        assert meaning in right.replace("\xa0", " ")


def test_findings_stand_below_their_line() -> None:
    """With level, sentence, hint and code."""
    rows = _terminal(_TEXT)
    at = rows.index(_row(rows, 25))
    below = " ".join(" ".join(rows[at + 1 :]).split())

    assert "✖ error" in below
    assert "so nobody can be reached there" in below
    assert "unfilled-contact" in below


def test_a_line_without_meaning_stays_quiet() -> None:
    """Headings and prose have nothing on their right."""
    assert _row(_terminal(_TEXT), 9).rstrip() == "   9  **Symptoms:**"


def test_a_narrow_terminal_has_one_column() -> None:
    """What was understood is at the end of the line where it fits, else below it."""
    rows = _terminal(_TEXT, 60)

    assert not any("│" in row for row in rows)
    assert _row(rows, 14).endswith("condition over 1 step")
    at = rows.index(_row(rows, 17))
    assert "not proved Turn it" in rows[at + 1]


def test_a_command_of_many_lines_and_its_reason_share_the_rows() -> None:
    """What is said of a command goes on beside its further lines, and none of it is lost."""
    text = "# T\n\n## Scenario 1: A\n\n### Diagnosis\n```bash\ngit log \\\n  --oneline \\\n  -5\n```\n"
    rows = _terminal(text, 100)
    at = rows.index(_row(rows, 7))

    assert [row.split()[0] for row in rows[at : at + 4]] == ["7", "8", "9", "10"]
    assert "Every word is known" in "".join(rows[at : at + 4])


@pytest.mark.parametrize("width", [20, 40, 80, WIDE, 140, 250])
@pytest.mark.parametrize("extra", ["x" * 300, "漢字" * 150, "a b " * 90, "🛳️" * 80, "\t" * 40 + "y", "e\u0301" * 200])
def test_no_row_is_wider_than_the_terminal(width: int, extra: str) -> None:
    """Long words, commands and wide characters are folded."""
    text = f"{_TEXT}\n{extra}\n\n## Commands\n```sh\n{extra} -a\n```\n| {extra} | `{extra}` |\n"

    assert max(cell_len(row) for row in _terminal(text, width)) <= width
    assert max(cell_len(row) for row in _summary(text, width).splitlines()) <= width


@pytest.mark.parametrize("width", [1, 7, 30])
def test_folding_loses_nothing(width: int) -> None:
    """Put together again, the rows are the line."""
    for line in ("word " * 40, "漢字かな" * 20, "    deep indent " * 9, "x" * 100):
        assert "".join(row.strip() for row in fold(line, width)).replace(" ", "") == line.replace(" ", "")


def test_running_text_fits_and_is_whole() -> None:
    """Words move to the next row; one that is too long is folded."""
    rows = flow([piece("one two"), piece("x" * 50, dim=True), piece("漢" * 20)], 12)

    assert all(cells(plain) <= 12 for plain, _ in rows)
    assert "".join("".join(plain.split()) for plain, _ in rows) == "onetwo" + "x" * 50 + "漢" * 20


@pytest.mark.parametrize("width", [40, 120])
def test_nothing_of_the_document_steers_the_terminal(width: int) -> None:
    """Escape sequences, carriage returns and marks that turn the text are written out, in every rendering."""
    book, shown = _read(_HOSTILE)
    everything = ["\n".join(_terminal(_HOSTILE, width)), "\n".join(piped(book, shown)), _summary(_HOSTILE, width)]

    for text in everything:
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2066-\u2069]", text)
        assert "\\x1b" in text
    assert all("\\u202e" in text for text in everything[:2])  # the reader leaves such marks out of titles


def test_in_a_pipe_each_line_and_each_finding_is_one_row() -> None:
    """So that it can be searched: number, text, meaning; or number, level, code and sentence."""
    rows = list(piped(*_read(_TEXT)))[2:]

    turning = _row(rows, 17)
    assert re.match(r" {2}17 \| valve turn <id> \[red\] +\| not proved: Turn it · ", turning)
    assert "; to fill in: <id> · id" in turning
    assert any(row.startswith("  25 ! error unfilled-contact: ") for row in rows)
    assert len([row for row in rows if re.match(r" *\d+ \|", row)]) == _TEXT.count("\n")


def test_mark_up_of_the_document_is_text() -> None:
    """Square brackets are printed, not obeyed."""
    assert "Water [bold]Works[/bold]" in _summary(_TEXT)
    assert "# Water [bold]Works[/bold]" in _terminal(_TEXT)[4]


def test_the_summary_groups_everything_important() -> None:
    """Severities, alerts, steps with line, branch and command, ladder, contacts and problems."""
    shown = _summary(_TEXT)
    for words in (
        "P0", "answer within 5 min", "Scenario: Leak", "loss > 7 %", "If the valve is stuck", "Turn it",
        "valve turn <id> [red]", "expected: closed", "team lead", "after 30 min unresolved", "not filled in: contact",
        "so nobody can be reached there",
    ):  # fmt: skip
        assert words in shown
    assert "   17 not proved" in shown


def test_a_long_document_begins_at_once() -> None:
    """The rows are drawn as they are asked for: the first screen of 40,000 lines takes no longer than that of 40."""
    shown = tuple(Line(number=at, text="wörd " * 20) for at in range(1, 40_001))
    book = Runbook(title="T", source="t", digest="d")
    began = time.process_time()
    first = list(islice(drawn(book, shown, 80), 50))
    first_screen = time.process_time() - began
    rest = sum(1 for _ in drawn(book, shown, 80))

    assert (len(first), rest) == (50, 3 + 80_000)
    assert first_screen * 4 < time.process_time() - began


# --- the command ---------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with ``water.md``."""
    (tmp_path / "water.md").write_text(_TEXT, "utf-8")
    return tmp_path


def test_a_part_can_be_asked_for(folder: Path) -> None:
    """From a line, to a line, or one line."""
    for part, numbers in (("4-5", [4, 5]), ("24-", [24, 25]), ("-2", [1, 2]), ("7", [7]), ("24-99", [24, 25])):
        done = here("runbook", "show", "water.md", "--lines", part, cwd=folder)
        assert [int(number) for number in re.findall(r"^ *(\d+) \|", done.out, re.MULTILINE)] == numbers


@pytest.mark.parametrize("part", ["x", "9-3", "0-4", "26", "-", "99999999999", "4-5-6"])
def test_a_part_that_is_none_is_refused_with_the_way_to_write_it(folder: Path, part: str) -> None:
    """Exit code 2 and one sentence."""
    done = here("runbook", "show", "water.md", "--lines", part, cwd=folder)

    assert (done.code, done.out) == (2, "")
    assert "40-80" in done.err or "lines 1 to 25" in done.err


@pytest.mark.parametrize("other", ["--summary", "--json"])
def test_a_part_of_what_has_no_lines_is_refused(folder: Path, other: str) -> None:
    """--lines belongs to the document."""
    assert here("runbook", "show", "water.md", "--lines", "1", other, cwd=folder).code == 2


def _on_a_screen(folder: Path, *arguments: str, rows: int, **variables: str) -> str:
    """What a terminal with so many rows shows of ``tocsin runbook show water.md``."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 120, 0, 0))
    environ = {**environment(TERM="xterm-256color", **variables)}
    for name in ("COLUMNS", "LINES", "NO_COLOR"):
        environ.pop(name, None)
    process = subprocess.Popen(
        [sys.executable, "-m", "tocsin", "runbook", "show", "water.md", *arguments], cwd=folder, env=environ,
        stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    with os.fdopen(ours, "rb", buffering=0) as screen:
        while True:
            try:
                seen += screen.read(65_536)
            except OSError:  # the other side is closed: how a terminal says that it is over
                break
    assert process.wait(PATIENCE) == 0
    return seen.decode()


def test_what_is_longer_than_a_screen_goes_through_the_pager(folder: Path) -> None:
    """$PAGER is respected; what fits, or --no-pager, is printed at once, in colours."""
    pager = {"PAGER": "sed s/^/paged:/"}

    assert "paged:" in _on_a_screen(folder, rows=12, **pager)
    assert "paged:" in _on_a_screen(folder, "--summary", rows=12, **pager)
    for shown in (
        _on_a_screen(folder, rows=200, **pager),
        _on_a_screen(folder, "--no-pager", rows=12, **pager),
        _on_a_screen(folder, rows=12, PAGER="no-such-pager"),
        _on_a_screen(folder, rows=12, PAGER="'"),
    ):
        assert "paged:" not in shown
        assert "\x1b[1m## Scenario 1: Leak\x1b[0m" in shown
