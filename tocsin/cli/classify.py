"""``tocsin classify``: the verdict on one command, or on a table of commands."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from tocsin.core.run import Verdict
from tocsin.errors import Invalid
from tocsin.safety import classify
from tocsin.wire import encode_text

_COLUMNS = ("kind", "command")
_LARGEST_CELL = 1024 * 1024
_COLOURS = {"read": "green", "change": "red", "unknown": "yellow"}


@click.command("classify", short_help="Judge what a command does, from its text alone.")
@click.option(
    "--kind", type=click.Choice(["shell", "sql"]), default="shell", show_default=True, help="The command's language."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on each line.")
@click.option(
    "--batch",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="A CSV file with the columns kind and command; - reads standard input.",
)
@click.option(
    "--placeholder", "placeholders", multiple=True, metavar="TEXT", help="A text that will be filled in; repeatable."
)
@click.argument("words", nargs=-1, metavar="[--] COMMAND")
def command(
    kind: str, as_json: bool, batch: Path | None, placeholders: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """Judge what a command does, from its text alone.

    read: proved that nothing changes. change: known to change something. unknown: everything else.

    \b
    tocsin classify -- 'git log --oneline -10'
    tocsin classify --kind sql --json -- 'SELECT count(*) FROM pg_stat_activity'
    tocsin classify --batch commands.csv --json
    """
    if (batch is None) is (not words):
        raise click.UsageError("Give either one command (in quotes, after --) or --batch FILE.")
    if batch is None:
        if len(words) > 1:
            raise click.UsageError("Put the command in quotes, so that it is one text: tocsin classify -- 'df -h'")
        _say(kind, words[0], classify(kind, words[0], placeholders=placeholders), as_json)
        return
    for row_kind, text, verdict in _rows(_read(batch), placeholders):
        _say(row_kind, text, verdict, as_json)


def _read(batch: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(batch) == "-" else batch.read_bytes()
    except OSError as error:
        raise Invalid(f"{batch} can't be read: {error.strerror}.") from None
    return data.decode("utf-8-sig", errors="replace")


def _rows(text: str, placeholders: tuple[str, ...]) -> Iterator[tuple[str, str, Verdict]]:
    """Kind, command and verdict of each row, in order; a row that makes no sense is ``unknown`` with its reason."""
    csv.field_size_limit(_LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""))
    head = [name.strip().lower() for name in next(reader, [])]
    missing = [name for name in _COLUMNS if name not in head]
    if missing:
        raise Invalid(f"The first line has no column {missing[0]!r}.", "Begin the file with the line: kind,command")
    at_kind, at_command = (head.index(name) for name in _COLUMNS)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield "", "", _bad(f"Line {reader.line_num} is not CSV ({error})")
            continue
        if not row:
            continue
        if len(row) <= max(at_kind, at_command):
            yield "", "", _bad(f"Line {reader.line_num} has {len(row)} columns, and {len(head)} are needed")
            continue
        kind, text = row[at_kind].strip().lower(), row[at_command]
        known = kind in ("shell", "sql")
        yield (
            kind,
            text,
            classify(kind, text, placeholders=placeholders) if known else _bad(f"{kind!r} is not shell or sql"),
        )


def _bad(reason: str) -> Verdict:
    return Verdict(word="unknown", why=f"{reason}.")


def _say(kind: str, text: str, verdict: Verdict, as_json: bool) -> None:
    if as_json:
        row = {
            "kind": kind,
            "command": text,
            "verdict": verdict.word,
            "traits": list(verdict.traits),
            "why": verdict.why,
        }
        click.echo(encode_text(row))
        return
    traits = f" ({', '.join(verdict.traits)})" if verdict.traits else ""
    click.echo(f"{click.style(verdict.word, fg=_COLOURS[verdict.word], bold=True)}{traits}  {verdict.why}")
