"""The proof of a verdict goes through the command word by word, and points at the word that decided."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.safety import bypasses
from tests.safety.commands import CHANGES, READS, UNKNOWNS
from tocsin.cli.classify import command as classify_command
from tocsin.safety import classify

COMMANDS = [command for command, _ in (*READS, *CHANGES, *UNKNOWNS)]


def _roles(command: str) -> list[tuple[str, str]]:
    return [(part.text, part.role) for part in classify("shell", command).proof]


def test_every_word_of_a_read_has_its_role() -> None:
    """Programs, subcommands, options, their values, operands, operators and redirections, in the order of the text."""
    assert _roles("docker compose logs oven --tail 50 2>&1 | grep -i burnt") == [
        ("docker", "program"),
        ("compose", "subcommand"),
        ("logs", "subcommand"),
        ("oven", "operand"),
        ("--tail", "option"),
        ("50", "value of --tail"),
        ("2>&1", "redirection"),
        ("|", "operator"),
        ("grep", "program"),
        ("-i", "option"),
        ("burnt", "operand"),
    ]


def test_a_command_in_a_command_is_proved_too() -> None:
    """The words of both stand in one proof."""
    roles = _roles("timeout 5 kubectl get pods -n bakery")
    assert [role for _, role in roles] == [
        "program",
        "operand",
        "program",
        "subcommand",
        "operand",
        "option",
        "value of -n",
    ]


@pytest.mark.parametrize(
    ("command", "word", "fix"),
    [
        ("kubectl get pods --odd", "--odd", "leave `--odd` out"),
        ("git revert abc123", "revert", "write `--no-edit`, so that it waits for nobody"),
        ("df -h > room.txt", "> room.txt", "leave it out: output is kept"),
        ("grep x *", "*", "put the word in quotes, or name the files"),
        ("grep $1 menu", "$", "quote the `$`: put the word in single quotes"),
        ("frobnicate --now", "frobnicate", "describe it in tocsin.toml, if it is your own: `[commands.NAME]`"),
        ("echo a && cat menu | psql -c 'SELECT 1'", "psql", "let it stand first, without a pipe"),
    ],
)
def test_the_word_that_decides_is_named_with_a_way_out(command: str, word: str, fix: str) -> None:
    """Where it stands in the text, and what would make it provable."""
    verdict = classify("shell", command)
    deciding = verdict.deciding
    assert verdict.word != "read"
    assert deciding is not None
    assert command[deciding.at : deciding.end] == deciding.text
    assert (deciding.text, deciding.fix) == (word, fix or deciding.fix)


def test_places_are_those_of_the_text_as_written() -> None:
    """Placeholders are covered while a text is judged; the proof still points into the text with them."""
    command = "kubectl logs <pod name> -n [shop] --odd [shop]"
    verdict = classify("shell", command, placeholders=["[shop]"])
    placed = {command[part.at : part.end]: part.text for part in verdict.proof}
    assert all(written == text for written, text in placed.items())
    assert {"<pod name>", "[shop]", "--odd"} <= set(placed)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_proof_agrees_with_its_verdict(command: str) -> None:
    """A read is proved by reads alone; anything else names a word that decided."""
    verdict = classify("shell", command)
    words = {part.word for part in verdict.proof}
    assert (words <= {"read"}) is (verdict.word == "read")
    assert verdict.word in words
    assert all(part.known for part in verdict.proof)


@settings(max_examples=300, deadline=None)
@given(
    text=st.sampled_from([*COMMANDS, *bypasses.SHELL]).flatmap(
        lambda text: st.integers(0, len(text)).map(lambda at: text[:at] + text[at + 1 :])
    ),
    gaps=st.lists(st.sampled_from(["a", "-n", "<x>", "[", "e "]), max_size=2),
)
def test_every_place_lies_in_the_text(text: str, gaps: list[str]) -> None:
    """Whatever the text: a caret never points beside it."""
    for part in classify("shell", text, placeholders=gaps).proof:
        assert (part.at, part.end) == (-1, -1) or 0 <= part.at <= part.end <= len(text)


def test_people_see_a_table_and_a_caret() -> None:
    """Wide characters and tabs move the caret as they move the word."""
    shown = CliRunner().invoke(classify_command, ["--", "echo 焼\t&& frobnicate now"]).stdout.splitlines()
    line = next(place for place, text in enumerate(shown) if text.strip().startswith("echo"))
    assert shown[line + 1] == " " * (2 + shown[line][2:].index("frobnicate") + 1) + "^" * len("frobnicate")
    assert "To make it provable" in shown[line + 2]


def test_programs_get_the_proof_too() -> None:
    """An additional key; places are null where a word has none."""
    row = json.loads(CliRunner().invoke(classify_command, ["--json", "--", "watch df -h"]).stdout)
    assert set(row["proof"][0]) == {"text", "role", "known", "word", "at", "end", "fix"}
    assert [(part["text"], part["at"]) for part in row["proof"]] == [("watch", 0), ("df", None), ("-h", None)]


def test_sql_is_proved_by_its_statements_and_functions() -> None:
    """Alone and behind psql, and the caret stands under the function that decided."""
    verdict = classify("sql", "SELECT count(*) FROM loaves; SELECT now(), pg_reload_conf()")
    assert [(part.text, part.role, part.word) for part in verdict.proof] == [
        ("SELECT", "SQL statement", "read"),
        ("count", "SQL function", "read"),
        ("SELECT", "SQL statement", "read"),
        ("now", "SQL function", "read"),
        ("pg_reload_conf", "SQL function", "change"),
    ]
    command = "psql -t -c 'SELECT now(), pg_reload_conf()'"
    deciding = classify("shell", command).deciding
    assert deciding is not None
    assert command[deciding.at : deciding.end] == "pg_reload_conf"
    whole = classify("sql", "SELECT 'never closed").deciding
    assert whole is not None
    assert whole.word == "unknown"
