"""``tocsin runbook``: what Tocsin understands of a runbook, and which ones a server has loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, remote


@click.group("runbook", short_help="Say what Tocsin understands of a runbook.")
def command() -> None:
    """Say what Tocsin understands of a runbook, and what it does not.

    \b
    Example:
      tocsin runbook show docs/incidents.md
    """


@command.command("show", short_help="Read a Markdown runbook and show what was understood.")
@click.argument("file", type=click.Path(path_type=Path), help="The Markdown file.")
@output.as_json
def show(file: Path, as_json: bool) -> None:
    """Read a Markdown runbook and show what was understood: scenarios, steps with their verdicts, clocks, problems.

    Whatever the Markdown looks like, the exit code is 0 and its problems are data; 2 says that it can't be read.

    \b
    Example:
      tocsin runbook show docs/incidents.md
      tocsin runbook show docs/incidents.md --json
    """
    from tocsin import wire
    from tocsin.cli.unbound import read_named, with_links_looked_up

    book = with_links_looked_up(read_named(file), file.parent)
    if as_json:
        output.give(json.loads(wire.encode(book)))
    else:
        from rich.console import Console

        from tocsin.cli.show import render

        render(book, Console())
    if not book.scenarios:
        output.say(f"{file} has no scenario that an alert could select; its process and procedures are read.")


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
