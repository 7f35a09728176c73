"""``tocsin runbook diff``: what changed between two versions of a runbook, in its own terms."""

from __future__ import annotations

import json
from difflib import ndiff
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from tocsin.cli import output

_SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}
_COLOURS = {"added": "green", "removed": "red", "changed": "yellow", "moved": "cyan"}
_WIDEST = 110


@click.command("diff", short_help="Compare two versions of a runbook.")
@click.argument("old", type=click.Path(path_type=Path), help="The earlier version; - reads it from stdin.")
@click.argument("new", type=click.Path(path_type=Path), help="The later version; - reads it from stdin.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 where they differ.")
@output.as_json
def command(old: Path, new: Path, exit_code: bool, as_json: bool) -> None:
    """Say what changed between two versions of a runbook: thresholds, steps and their verdicts, clocks, contacts.

    Text that means the same to Tocsin is no change, wherever it stands. Both versions may have any encoding.

    \b
    Example:
      tocsin runbook diff incidents-old.md incidents.md
      git show HEAD~1:docs/incidents.md | tocsin runbook diff - docs/incidents.md
    """
    from tocsin.cli.named import read_named
    from tocsin.core.differences import differences

    if str(old) == str(new) == "-":
        raise click.UsageError("Only one of the two versions can come from stdin.")
    before, after = read_named(old), read_named(new)
    changes = differences(before, after)
    if as_json:
        from tocsin import wire

        output.give({
            "schema": "tocsin.runbook-diff/1",
            "old": {"source": before.source, "digest": before.digest},
            "new": {"source": after.source, "digest": after.digest},
            "changes": json.loads(wire.encode(changes)),
        })  # fmt: skip
    else:
        _print(changes)
    if exit_code and changes:
        click.get_current_context().exit(1)


def _print(changes: Any) -> None:
    if not changes:
        output.say("Both versions say the same to Tocsin.")
        return
    for area, several in groupby(changes, key=lambda change: change.area):
        output.heading(area)
        for change in several:
            sign = click.style(_SIGNS[change.kind], fg=_COLOURS[change.kind], bold=True)
            within = click.style(f"  in {output.one_line(change.within, 60)}", dim=True) if change.within else ""
            lines = click.style(f"  {_lines(change)}", dim=True)
            click.echo(f"  {sign} {output.one_line(change.name, _WIDEST)}{within}{lines}")
            for facet in change.facets:
                _facet(facet)
    kinds = [change.kind for change in changes]
    told = ", ".join(f"{kinds.count(kind)} {kind}" for kind in _SIGNS if kind in kinds)
    output.say(f"{output.count(len(changes), 'change')}: {told}.")


def _lines(change: Any) -> str:
    before, after = change.line_before, change.line_after
    if before and after:
        return f"line {before}" if before == after else f"line {before} → {after}"
    return f"line {before or after}" if before or after else ""


def _facet(facet: Any) -> None:
    if "\n" not in facet.before + facet.after:
        before, after = (output.one_line(text, _WIDEST) or "nothing" for text in (facet.before, facet.after))
        click.echo(f"      {facet.name}: {click.style(before, fg='red')} → {click.style(after, fg='green')}")
        return
    click.echo(f"      {facet.name}:")
    for line in ndiff(facet.before.splitlines(), facet.after.splitlines()):
        if line[0] in "-+":
            colour = "red" if line[0] == "-" else "green"
            click.echo("        " + click.style(output.one_line(line, _WIDEST), fg=colour))
