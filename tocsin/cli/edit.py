"""``tocsin runbook edit``: the edits that Tocsin makes in a runbook, each changing exactly the bytes of its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tocsin.cli import output

_dry_run = click.option("--dry-run", is_flag=True, help="Show the change; write nothing.")
_file = click.argument("file", type=click.Path(path_type=Path), help="The Markdown file.")
_line = click.argument("line", type=click.IntRange(1), help="The line, counted from 1.")


@click.group("edit", short_help="Change one thing in a runbook, and nothing else.")
def command() -> None:
    """Change one thing in a runbook's Markdown, and not a byte besides.

    The file's encoding, byte order mark and line ends stay. An edit that would change how anything else is read is
    refused.

    \b
    Example:
      tocsin runbook edit threshold docs/incidents.md 34 7.5
      tocsin runbook edit reviewed docs/incidents.md
    """


@command.command("tick", short_help="Tick a box.")
@_file
@_line
@click.option("--open", "empty", is_flag=True, help="Empty the box instead.")
@_dry_run
def tick(file: Path, line: int, empty: bool, dry_run: bool) -> None:
    """Tick the box of a checklist on a line.

    \b
    Example:
      tocsin runbook edit tick docs/incidents.md 120
    """
    from tocsin.reading import editing

    _edit(file, dry_run, lambda raw: editing.tick(raw, line, done=not empty))


@command.command("threshold", short_help="Set the number of an alert threshold.")
@_file
@_line
@click.argument("value", type=float, help="The new number, in the unit that stands there.")
@click.option("--metric", default="", help="Which threshold of the line, by a part of its metric.")
@_dry_run
def threshold(file: Path, line: int, value: float, metric: str, dry_run: bool) -> None:
    """Set the number of the alert threshold on a line.

    \b
    Example:
      tocsin runbook edit threshold docs/incidents.md 34 7.5
    """
    from tocsin.reading import editing, read

    def change(raw: bytes) -> bytes:
        rules = read(raw, str(file)).rules
        there = [rule for rule in rules if rule.line == line] or rules
        fits = [rule for rule in there if rule.line == line and metric.casefold() in rule.metric.casefold()]
        said = ", ".join(f"{rule.metric} {rule.op} {rule.value:g} (line {rule.line})" for rule in there) or "none"
        return editing.change_threshold(raw, _only(fits, f"thresholds on line {line}", said, "--metric"), value)

    _edit(file, dry_run, change)


@command.command("contact", short_help="Fill in or replace how somebody is reached.")
@_file
@click.argument("role", help="The contact's role as the runbook names it.")
@click.argument("field", type=click.Choice(["name", "chat", "email", "phone"]), help="What is set.")
@click.argument("text", help="The new text.")
@click.option("--line", type=click.IntRange(1), help="The contact's line, where a role stands more than once.")
@_dry_run
def contact(file: Path, role: str, field: str, text: str, line: int | None, dry_run: bool) -> None:
    """Fill in or replace a contact's name, chat handle, e-mail address or phone number.

    \b
    Example:
      tocsin runbook edit contact docs/incidents.md "Team lead" phone "+44 20 7946 0123"
    """
    from tocsin.reading import editing, read

    def change(raw: bytes) -> bytes:
        there = read(raw, str(file)).contacts
        fits = [one for one in there if one.role.casefold() == role.casefold() and line in (None, one.line)]
        said = ", ".join(f"{one.role} (line {one.line})" for one in there) or "none"
        return editing.change_contact(raw, _only(fits, f"contacts named {role!r}", said, "--line"), field, text)

    _edit(file, dry_run, change)


@command.command("reviewed", short_help="Set when the runbook was last reviewed.")
@_file
@click.argument("day", required=False, default="", help="The date as the document writes it (default: today).")
@_dry_run
def reviewed(file: Path, day: str, dry_run: bool) -> None:
    """Set the date behind "Last reviewed".

    \b
    Example:
      tocsin runbook edit reviewed docs/incidents.md 2026-03-02
    """
    from tocsin.reading import editing
    from tocsin.times import SystemClock

    today = SystemClock().now().astimezone().date()
    _edit(file, dry_run, lambda raw: editing.mark_reviewed(raw, day or today.isoformat()))


@command.command("cell", short_help="Set a cell of a table.")
@_file
@_line
@click.argument("column", help="The words of the column's head.")
@click.argument("text", help="The new text.")
@_dry_run
def cell(file: Path, line: int, column: str, text: str, dry_run: bool) -> None:
    """Set a cell of the table row on a line.

    \b
    Example:
      tocsin runbook edit cell docs/incidents.md 210 Status done
    """
    from tocsin.reading import editing

    _edit(file, dry_run, lambda raw: editing.change_cell(raw, line, column, text))


@command.command("row", short_help="Add a row to a table.")
@_file
@_line
@click.argument("cells", nargs=-1, required=True, help="One text for each column.")
@_dry_run
def row(file: Path, line: int, cells: tuple[str, ...], dry_run: bool) -> None:
    """Add a row at the end of the table that stands on a line.

    \b
    Example:
      tocsin runbook edit row docs/incidents.md 208 "Add an index" Ana 2026-03-09 open
    """
    from tocsin.reading import editing

    _edit(file, dry_run, lambda raw: editing.add_row(raw, line, cells))


def _only(fits: list[Any], what: str, there: str, option: str) -> Any:
    from tocsin.errors import NotFound

    if len(fits) == 1:
        return fits[0]
    if not fits:
        raise NotFound(f"There are no {what}.", f"There are: {there}.")
    raise NotFound(f"There are {len(fits)} {what}.", f"Say which with {option}: {there}.")


def _edit(file: Path, dry_run: bool, change: Callable[[bytes], bytes]) -> None:
    """Read, change, show the lines that differ, write."""
    from tocsin.errors import Invalid
    from tocsin.reading.decoding import LARGEST
    from tocsin.service.replacing import read_if_there, replace_file

    raw = read_if_there(file, LARGEST)
    if raw is None:
        raise Invalid(f"There is no file {file}.")
    edited = change(raw)
    if edited == raw:
        output.say(f"{file} says so already.")
        return
    _show(raw, edited)
    if not dry_run:
        replace_file(file, raw, edited)
        output.say(f"{file} is changed.")


def _show(before: bytes, after: bytes) -> None:
    from difflib import unified_diff

    from tocsin.reading.decoding import decode

    old, new = (decode(data).text.split("\n") for data in (before, after))
    for line in list(unified_diff(old, new, lineterm="", n=0))[2:]:
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        click.secho(output.one_line(line) if line[:1] != "@" else line, fg=colour)
