"""``tocsin runbook``: what Tocsin understands of a runbook, and which ones a server has loaded."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import click

from tocsin.cli import difference, edit, learn, output, rules
from tocsin.cli.remote import Remote, remote
from tocsin.core.runbook import Runbook


@click.group("runbook", short_help="Say what Tocsin understands of a runbook.")
def command() -> None:
    """Say what Tocsin understands of a runbook, and what it does not.

    \b
    Example:
      tocsin runbook show docs/incidents.md
    """


@command.command("show", short_help="Show a runbook line for line, and what was understood.")
@click.argument("file", type=click.Path(path_type=Path), help="The Markdown file; - reads it from stdin.")
@click.option("--summary", is_flag=True, help="Grouped by what it holds, instead of line for line.")
@click.option("--lines", "part", default="", metavar="FROM-TO", help="These lines only, such as 40-80, 40- or 40.")
@click.option("--config", type=click.Path(path_type=Path),
              help="The configuration; unless told, tocsin.toml beside the document or in this folder.")  # fmt: skip
@click.option("--no-pager", is_flag=True, help="Print at once, however long it is.")
@output.as_json
def show(*, file: Path, summary: bool, part: str, config: Path | None, no_pager: bool, as_json: bool) -> None:
    """Show a runbook as it is written, and on each line what was understood: steps with verdicts, clocks, findings.

    On a terminal of 100 columns or more what was understood stands beside the document, else below its line; long ones
    go through $PAGER. In a pipe each line is one row, `NUMBER | text | understood`, and each finding is a row
    `NUMBER ! level code: sentence`. A line with nothing beside it is kept as text.

    Where there is a configuration, its [commands] and the targets of the steps count for the verdicts.
    Whatever the Markdown looks like, the exit code is 0 and its problems are data; 2 says that it can't be read.

    \b
    Example:
      tocsin runbook show docs/incidents.md
      tocsin runbook show docs/incidents.md --lines 40-80
      tocsin runbook show docs/incidents.md | grep 'changes state'
      tocsin runbook show docs/incidents.md --json
      git show HEAD~1:docs/incidents.md | tocsin runbook show -
    """
    from tocsin.cli.configured import ground_for
    from tocsin.cli.named import name_of, read_raw, with_links_looked_up
    from tocsin.service.books import checked

    if part and (summary or as_json):
        raise click.UsageError("--lines shows a part of the document; leave out --summary and --json.")
    ground, complaint = ground_for(file, config)
    book, raw = read_raw(file, ground)
    book = with_links_looked_up(checked(book, raw), file.parent)
    if complaint:
        output.say(complaint)
    if as_json:
        output.give(published(book))
    elif summary:
        _show_summary(book, wanted=not no_pager)
    else:
        _show_lines(book, raw, part, wanted=not no_pager)
    if not book.scenarios:
        output.say(f"{name_of(file)} has no scenario that an alert could select; its process and procedures are read.")


def published(book: Runbook) -> dict[str, Any]:
    """The runbook in its published shape, ``tocsin.runbook/1``, which promises five kinds of steps.

    There, a request over HTTP is a step by hand whose language is ``http``: programs that know no better can show it.
    """
    from tocsin import wire

    data: dict[str, Any] = json.loads(wire.encode(book))
    parts = (*data["scenarios"], *data["phases"], *data["procedures"])
    for step in (step for part in parts for step in part["steps"] if step["kind"] == "http"):
        step["kind"] = "manual"
    return data


def _show_lines(book: Runbook, raw: bytes, part: str, *, wanted: bool) -> None:
    from tocsin.cli.paging import paged
    from tocsin.cli.show import drawn, piped
    from tocsin.core.understood import lines
    from tocsin.reading.decoding import decode

    shown = lines(book, decode(raw).text)
    first, last = _part(part, len(shown))
    shown = shown[first - 1 : last]
    if sys.stdout.isatty():
        paged(drawn(book, shown, shutil.get_terminal_size().columns), wanted=wanted)
    else:
        paged(piped(book, shown))


def _show_summary(book: Runbook, *, wanted: bool) -> None:
    from rich.console import Console

    from tocsin.cli.paging import paged
    from tocsin.cli.summary import render

    console = Console()
    with console.capture() as captured:
        render(book, console)
    paged(captured.get().splitlines(), wanted=wanted)


def _part(words: str, count: int) -> tuple[int, int]:
    """The first and the last line that are meant. Raises a usage error that says how to write it."""
    if not words:
        return 1, count
    found = re.fullmatch(r"(\d{1,9})?(-)?(\d{1,9})?", words)
    if not found or not (found[1] or found[3]):
        raise click.BadParameter("write it as 40-80, 40-, -80 or 40.", param_hint="--lines")
    first = int(found[1] or 1)
    last = int(found[3]) if found[3] else count if found[2] else first
    if not 1 <= first <= last or first > count:
        raise click.BadParameter(f"the document has the lines 1 to {count}.", param_hint="--lines")
    return first, min(last, count)


@command.command("list", short_help="List the runbooks that the server has loaded.")
@output.as_json
@remote
def list_runbooks(remote: Remote, as_json: bool) -> None:
    """List the runbooks that the server has loaded.

    \b
    Example:
      tocsin runbook list
    """
    answer: dict[str, Any] = remote.get("/api/v1/runbooks")
    if as_json:
        output.give(answer)
        return
    rows = [
        (
            str(book["title"]), str(book["source"]), str(len(book["scenarios"])), str(book["steps"]),
            str(book["rules"]), str(book["problems"]),
        )
        for book in answer["runbooks"]
    ]  # fmt: skip
    output.table(("TITLE", "FILE", "SCENARIOS", "STEPS", "RULES", "PROBLEMS"), rows)


command.add_command(difference.command)
command.add_command(edit.command)
command.add_command(rules.command)
command.add_command(learn.learn)
command.add_command(learn.health)
