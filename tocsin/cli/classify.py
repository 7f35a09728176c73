"""``tocsin classify``: the verdict on one command, or on a table of commands."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from tocsin.cli import proving
from tocsin.core.run import Verdict
from tocsin.errors import Invalid
from tocsin.safety import classify
from tocsin.safety.team import NOBODY, Team
from tocsin.wire import encode_text

KINDS = ("shell", "sql", "http")
_COLUMNS = ("kind", "command")
_TABLE = """\
[commands."{name}"]
sha256 = "{sha256}"
reads = "…"       # what it does; completes the sentence "`{name}` …"
options = \"\"\"
\"\"\"               # one line for each kind: -n --lines <count>
operands = ""     # what may stand behind it: name, file?, text*
traits = ""       # @network @secret @endless …"""
_LARGEST_CELL = 1024 * 1024


@click.command("classify", short_help="Judge what a command does, from its text alone.")
@click.option("--kind", type=click.Choice(KINDS), default="shell", show_default=True, help="The command's language.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on each line.")
@click.option(
    "--batch",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="A CSV file with the columns kind and command; - reads standard input.",
)
@click.option(
    "--placeholder", "placeholders", multiple=True, metavar="TEXT", help="A text that will be filled in; repeatable."
)
@click.option(
    "--config", type=click.Path(path_type=Path), help="A tocsin.toml, for the team's own commands in its [commands]."
)
@click.option(
    "--pin",
    type=click.Path(path_type=Path),
    metavar="SCRIPT",
    help="Print the table of [commands] that pins this script; nothing is judged.",
)
@click.argument("words", nargs=-1, metavar="[--] COMMAND")
def command(  # noqa: PLR0917  click gives them by name
    kind: str,
    as_json: bool,
    batch: Path | None,
    placeholders: tuple[str, ...],
    config: Path | None,
    pin: Path | None,
    words: tuple[str, ...],
) -> None:
    """Judge what a command does, from its text alone.

    read: proved that nothing changes. change: known to change something. unknown: everything else.
    Below it stands the proof, word by word; a word that decides against a read is marked with a caret.

    \b
    tocsin classify -- 'git log --oneline -10'
    tocsin classify --kind sql --json -- 'SELECT count(*) FROM pg_stat_activity'
    tocsin classify --kind http -- 'GET https://shop.example/api/health'
    tocsin classify --batch commands.csv --json
    tocsin classify --pin scripts/queue.sh
    """
    if pin is not None:
        _pin(pin, config, as_json, asked=bool(words or batch))
        return
    if (batch is None) is (not words):
        raise click.UsageError("Give either one command (in quotes, after --) or --batch FILE.")
    team = _team(config)
    if batch is None:
        if len(words) > 1:
            raise click.UsageError("Put the command in quotes, so that it is one text: tocsin classify -- 'df -h'")
        verdict = classify(kind, words[0], placeholders=placeholders, team=team)
        _say(kind, words[0], verdict, as_json)
        if not as_json:
            proving.show(words[0], verdict)
        return
    for row_kind, text, verdict in _rows(_read(batch), placeholders, team):
        _say(row_kind, text, verdict, as_json)


def _team(config: Path | None) -> Team:
    """The team's own commands, as they hold on the default target; settings are loaded only where asked for."""
    if config is None:
        return NOBODY
    from tocsin.service.placing import team_on
    from tocsin.settings import read_settings

    settings = read_settings(config)
    return team_on(settings, settings.default)


def _pin(script: Path, config: Path | None, as_json: bool, *, asked: bool) -> None:
    """The table that pins a script, for pasting; its path counts from the target's workdir."""
    from tocsin.plug.pins import digest_of

    if asked:
        raise click.UsageError("--pin stands alone: it judges nothing.")
    workdir = Path.cwd()
    if config is not None:
        from tocsin.settings import read_settings

        workdir = Path(read_settings(config).target.workdir)
    name = script.as_posix()
    found = digest_of(name, str(workdir))
    if as_json:
        click.echo(encode_text({"command": name, "sha256": found}))
        return
    click.echo(_TABLE.format(name=name if "/" in name else f"./{name}", sha256=found))


def _read(batch: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(batch) == "-" else batch.read_bytes()
    except OSError as error:
        raise Invalid(f"{batch} can't be read: {error.strerror}.") from None
    return data.decode("utf-8-sig", errors="replace")


def _rows(text: str, placeholders: tuple[str, ...], team: Team) -> Iterator[tuple[str, str, Verdict]]:
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
        known = kind in KINDS
        yield (
            kind,
            text,
            classify(kind, text, placeholders=placeholders, team=team)
            if known
            else _bad(f"{kind!r} is not shell, sql or http"),
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
            "proof": proving.as_data(verdict),
        }
        click.echo(encode_text(row))
        return
    traits = f" ({', '.join(verdict.traits)})" if verdict.traits else ""
    click.echo(f"{click.style(verdict.word, fg=proving.COLOURS[verdict.word], bold=True)}{traits}  {verdict.why}")
