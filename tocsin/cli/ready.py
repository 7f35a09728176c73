"""``tocsin check --people``: readiness as the server knows it, in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, understood
from tocsin.core.outlook import Outlook, Span
from tocsin.core.readiness import Finding
from tocsin.core.runbook import Level
from tocsin.core.schedules import shown_at
from tocsin.service.readiness import AccessRow, Readiness
from tocsin.times import say_duration

LEVELS: tuple[Level, ...] = ("error", "warning", "note")
SCHEMA = "tocsin.readiness/1"
_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
_MOST = 3


def show(
    remote: Remote, fail_on: Level, *, as_json: bool, look: bool, only: Sequence[str], without: Sequence[str]
) -> None:
    """Tell what is not ready; exit code 1 where something of the level is. ``look``: at the targets, first."""
    if look:
        remote.post("/api/v1/readiness/targets", {})
    answer = remote.get("/api/v1/readiness")
    view = understood(Readiness, answer)
    kept = [one for one in view.findings if (not only or one.code in only) and one.code not in without]
    if as_json:
        names = {(one.code, one.message) for one in kept}
        findings = [one for one in answer["findings"] if (one["code"], one["message"]) in names]
        output.give({"schema": SCHEMA, **answer, "findings": findings, "counts": _counts(kept)})
    else:
        _text(view, kept)
    if any(one.level in LEVELS[: LEVELS.index(fail_on) + 1] for one in kept):
        raise click.exceptions.Exit(1)


def _counts(findings: Sequence[Finding]) -> dict[str, int]:
    return {level: sum(one.level == level for one in findings) for level in LEVELS}


def _text(view: Readiness, findings: Sequence[Finding]) -> None:
    for one in findings:
        place = f"{one.source}:{one.line}: " if one.line else f"{one.source}: " if one.source else ""
        level = click.style(one.level, fg=_COLOURS[one.level], bold=True)
        click.echo(f"{output.one_line(place)}{' ' if place else ''}{level} {click.style(one.code, bold=True)}  "
                   f"{output.one_line(one.message)}")  # fmt: skip
        if one.hint:
            click.echo(f"    → {output.one_line(one.hint)}")
    for outlook in view.outlooks:
        output.heading(f"{outlook.severity or 'Any incident'} ({outlook.runbook})")
        _outlook(outlook, view.zone)
    counts = _counts(findings)
    said = ", ".join(output.count(counts[level], level) for level in LEVELS)
    output.say(f"From {_wall(view.at, view.zone)} until {_wall(view.ends, view.zone)} {view.zone}: {said}.")


def _outlook(outlook: Outlook, zone: str) -> None:
    if outlook.hours:
        output.tell(f"  its clocks run in {outlook.hours} only")
    if outlook.quiet:
        output.tell(output.one_line(f"  nobody is called: {outlook.quiet}"))
        return
    for span in outlook.spans[:_MOST]:
        output.tell(output.one_line(f"  {_wall(span.begins, zone)} – {_wall(span.ends, zone)}: {_calls(span)}"))
    if len(outlook.spans) > _MOST:
        output.tell(f"  … and {len(outlook.spans) - _MOST} more times; --json has all")


def _calls(span: Span) -> str:
    told = []
    for call in span.calls:
        late = call.after_seconds and not call.at_once
        when = f"after {say_duration(timedelta(seconds=call.after_seconds))}" if late else "at once"
        who = f"{call.name or 'NOBODY'}{f' ({call.trouble})' if call.cause else ''}"
        told.append(f"{when} {who}")
    return "; ".join(told) or "NOBODY: no rung is for it"


def _wall(moment: datetime, zone: str) -> str:
    shown = shown_at(moment, zone)
    return f"{shown:%a} {shown.day} {shown:%b %H:%M}"


def access_line(row: AccessRow) -> str:
    """What was said of a system, in one line."""
    (cell,) = row.cells
    verb = "reaches" if cell.state == "reached" else "can't reach"
    return f"{cell.name} {verb} {row.what} (line {row.line})"
