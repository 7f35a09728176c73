"""`tocsin classify` as programs and people call it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from tocsin.cli.classify import command


def _run(*args: str, text: bytes | None = None) -> Result:
    return CliRunner().invoke(command, list(args), input=text)


def _lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_command_gets_a_sentence() -> None:
    """For people: the word first, then traits and the reason."""
    result = _run("--kind", "shell", "--", "docker compose logs -f api")
    assert result.exit_code == 0
    assert result.stdout.startswith("read (endless)  Every word is known: `docker compose logs`")


def test_one_command_as_json() -> None:
    """For programs: the keys of the contract."""
    (row,) = _lines(_run("--kind", "sql", "--json", "--", "SELECT pg_reload_conf()"))
    assert set(row) >= {"kind", "command", "verdict", "traits", "why"}
    assert (row["kind"], row["verdict"], row["traits"]) == ("sql", "change", [])


def test_a_batch_answers_each_row_in_order(tmp_path: Path) -> None:
    """Quoted cells, commas, line breaks, other columns and a byte order mark are all plain CSV."""
    table = tmp_path / "commands.csv"
    table.write_bytes(
        b'\xef\xbb\xbfkind,label,command\r\nshell,x,"echo a, b"\r\nsql,y,"SELECT 1;\nSELECT 2"\r\n'
        b"shell,z,rm f\r\nshell,,df -h\r\n"
    )
    rows = _lines(_run("--batch", str(table), "--json"))
    assert [row["verdict"] for row in rows] == ["read", "read", "change", "read"]
    assert rows[1]["command"] == "SELECT 1;\nSELECT 2"


def test_a_bad_row_is_unknown_with_its_reason(tmp_path: Path) -> None:
    """One bad row costs one answer, never the batch."""
    table = tmp_path / "commands.csv"
    table.write_bytes(b"kind,command\nshell\nfish,ls\n,\nshell,df \xff\xfe\nshell,a\x00b\nshell,uptime\n")
    result = _run("--batch", str(table), "--json")
    assert result.exit_code == 0
    rows = _lines(result)
    assert [row["verdict"] for row in rows] == ["unknown"] * 5 + ["read"]
    assert all(str(row["why"]).endswith(".") for row in rows)


def test_an_enormous_cell_is_one_bad_row(tmp_path: Path) -> None:
    """A cell beyond every limit is refused by itself; the rows behind it are read."""
    table = tmp_path / "commands.csv"
    table.write_text("kind,command\nshell," + "a" * 2_000_000 + "\nshell,uptime\n")
    rows = _lines(_run("--batch", str(table), "--json"))
    assert [row["verdict"] for row in rows][-1] == "read"
    assert "unknown" in [row["verdict"] for row in rows]


def test_a_batch_can_come_through_a_pipe() -> None:
    """`-` is standard input."""
    rows = _lines(_run("--batch", "-", "--json", text=b"command,kind\nuptime,shell\n"))
    assert [row["verdict"] for row in rows] == ["read"]


def test_a_table_without_the_columns_is_refused(tmp_path: Path) -> None:
    """The sentence says which line is missing."""
    table = tmp_path / "commands.csv"
    table.write_text("a,b\n1,2\n")
    result = _run("--batch", str(table))
    assert result.exit_code != 0
    assert "no column 'kind'" in str(result.exception)


def test_misuse_is_explained() -> None:
    """Neither nothing, nor both, nor a command that the shell has cut to pieces."""
    for args in ([], ["--batch", "-", "--", "ls"], ["--", "df", "-h"]):
        result = _run(*args)
        assert result.exit_code == 2
        assert "Usage" in result.stderr


def test_a_placeholder_can_be_named() -> None:
    """The same covering that a runbook's own placeholders get."""
    (row,) = _lines(_run("--json", "--placeholder", "[id]", "--", "docker logs [id]"))
    assert (row["verdict"], row["traits"]) == ("read", ["unbound"])


def test_the_help_carries_an_example() -> None:
    """Somebody who asks for help sees a line to copy."""
    assert "tocsin classify -- 'git log --oneline -10'" in _run("--help").stdout


def test_a_request_is_judged_alone_and_in_a_batch(tmp_path: Path) -> None:
    """The kind http beside shell and sql; its proof points at the part that decided."""
    result = _run("--kind", "http", "--", "GET https://shop.example/admin/flush")
    assert result.stdout.startswith("unknown (network)  It is not proved to only read, because `flush` in the path")
    assert "    ^^^^^^^^^^^^" in result.stdout
    table = tmp_path / "commands.csv"
    table.write_text('kind,command\nhttp,GET https://shop.example/api/health\nhttp,"POST https://a.example/x\n\n{}"\n')
    assert [row["verdict"] for row in _lines(_run("--batch", str(table), "--json"))] == ["read", "change"]
