"""A fence becomes logical commands with titles, branches, alternatives and expected results."""

from __future__ import annotations

import pytest

from tocsin.reading.commands import Piece, command_language, pieces
from tocsin.reading.fences import mask
from tocsin.reading.shellwords import inline_command, seems_to_change


def _read(body: str, language: str = "bash") -> tuple[Piece, ...]:
    (fence,) = mask(f"```{language}\n{body}\n```\n").fences
    return pieces(fence)


def _commands(body: str, language: str = "bash") -> list[str]:
    return [piece.text for piece in _read(body, language) if piece.kind in ("shell", "sql")]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("ls\npwd", 2),
        ("ls && pwd; date | wc", 1),
        ("curl -s x \\\n  -H 'a: b' \\\n  -d '{}'", 1),
        ("grep a log |\n  wc -l", 1),
        ("grep a log \\\n  | wc -l", 1),
        ('psql -c "\n  SELECT 1;\n\n  SELECT 2;\n"\ndate', 2),
        ("cat <<'END' > f\nls\nEND\ndate", 2),
        ("for host in a b; do\n  ping $host\ndone\ndate", 2),
        ("if true; then\n  ls\nfi", 1),
        ("while read -r x; do echo $x; done < f\nls", 2),
        ("clean() {\n  rm a\n}\nclean", 2),
        ("x=$(\n  date\n)", 1),
        ("$ ls\n$ pwd", 2),
        ("#!/bin/sh\nls\npwd", 1),
        ("echo don't\nls\npwd", 3),
        ("SELECT a\nFROM b\nWHERE c = ';';\nls", 2),
        ("# only words\n# and more", 0),
        ("LIMIT=3", 0),
        ("LIMIT=3\necho $LIMIT", 2),
        ("NOW=$(date)", 1),
        ("export A=b", 1),
        ("WATER_KEY  # the key\nWATER_URL", 0),
    ],
)
def test_a_logical_line_is_one_command(body: str, count: int) -> None:
    """Continuations, quotes, here-documents, loops, functions, prompts and raw SQL are counted as a human counts."""
    assert len(_commands(body)) == count


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("SELECT 1;\nSELECT 2;", 2),
        ("-- why\nSELECT a,\n b\nFROM c;", 1),
        ("SELECT ';' FROM a;", 1),
        ("SELECT 1", 1),
        ("SELECT 1; ", 1),
    ],
)
def test_sql_is_one_step_for_each_statement(body: str, count: int) -> None:
    """A semicolon within quotes ends nothing."""
    assert len(_commands(body, "sql")) == count


def test_comments_become_titles_without_their_numbers() -> None:
    """Each numbered comment is the title of the command below it, on that command's line."""
    found = _read("# 1. Look at the pump\npump status\n\n# 2) Read its log\npump log --last 5")
    assert [(piece.title, piece.line) for piece in found] == [("Look at the pump", 3), ("Read its log", 6)]


def test_a_comment_without_a_command_is_a_step_by_hand() -> None:
    """Words in a fence stay visible; they never become the title of a later command."""
    found = _read("# Open the valve\n# Turn it left\n\n# Read the gauge\ngauge read")
    assert [(piece.kind, piece.line, piece.end_line) for piece in found] == [("manual", 2, 3), ("shell", 6, 6)]
    assert found[0].text == "Open the valve\nTurn it left"


def test_expected_results_belong_to_the_command_above() -> None:
    """``# Expected: …`` over one or more lines is what the command should print."""
    found = _read('pump status\n# Expected: { "on": true }\npump log\n# Expected:\n# - no line\n# - or two')
    assert [piece.expected for piece in found] == ['{ "on": true }', "- no line\n- or two"]


def test_an_alternative_is_marked_with_what_follows_it_at_once() -> None:
    """ "Or …" sets its commands against those before; a new comment ends that."""
    found = _read("pump off\n\n# Or cut the power\nbreaker open\nbreaker lock\n\n# Check\npump status")
    assert [piece.alternative for piece in found] == [False, True, True, False]


def test_an_alternative_by_hand_keeps_its_list() -> None:
    """ "Or in the panel:" with numbered lines is one alternative, not several steps."""
    found = _read("pump off\n\n# Or at the panel:\n# 1. Press stop\n# 2. Turn the key")
    assert [(piece.kind, piece.alternative) for piece in found] == [("shell", False), ("manual", True)]


def test_a_condition_in_a_comment_is_a_branch() -> None:
    """``# If …`` governs the command below it."""
    (piece,) = _read("# If the tank is full:\npump off")
    assert piece.branch == "If the tank is full"


def test_a_setting_is_no_command() -> None:
    """``NAME=value`` alone is kind "set", and so are lines of a named configuration file."""
    assert [piece.kind for piece in _read("LIMIT=3")] == ["set"]
    assert [piece.kind for piece in _read("# in pump.conf\nlevel high\nspeed 3")] == ["set", "set"]


@pytest.mark.parametrize(
    ("body", "language", "kind"),
    [
        ("ls -l\nps aux", "", "shell"),
        ("$ anything here", "", "shell"),
        ("Menu → Pumps → Stop", "", ""),
        ("https://water.example/status", "", ""),
        ("ERROR: no water", "", ""),
        ("+---+\n| a |", "", ""),
        ("a: b", "yaml", ""),
        ("print(1)", "python", ""),
        ("rate(x[5m])", "promql", "query"),
    ],
)
def test_only_plain_shell_counts_in_an_untagged_fence(body: str, language: str, kind: str) -> None:
    """Menus, addresses, samples and drawings are no commands."""
    (fence,) = mask(f"```{language}\n{body}\n```\n").fences
    assert command_language(fence) == kind


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("git log -3", True),
        ("./check.sh now", True),
        ("SELECT a FROM b", True),
        ("UPDATE a SET b = 1", True),
        ("GET /health", False),
        ("pump.conf", False),
        ("kubectl", False),
        ("status: ok", False),
        ("A_NAME", False),
    ],
)
def test_inline_code_is_a_command_only_where_it_is_a_whole_one(text: str, yes: bool) -> None:
    """A program with an argument, or a whole statement."""
    assert inline_command(text) is yes


@pytest.mark.parametrize(
    ("command", "changes"),
    [
        ("kubectl get pods", False),
        ("grep restart log", False),
        ("systemctl restart pump", True),
        ("curl -X POST x", True),
        ("snapshot > out", True),
        ("ls > /dev/null", False),
    ],
)
def test_the_stage_guess_separates_looking_from_changing(command: str, changes: bool) -> None:
    """Only used where the document doesn't say under which stage a command stands."""
    assert seems_to_change(command) is changes
