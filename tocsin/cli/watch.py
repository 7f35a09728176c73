"""``tocsin watch``: the timeline of an incident as it grows."""

from __future__ import annotations

import json
import time
from typing import Any

import click

from tocsin.cli import collecting, output
from tocsin.cli.looking import entry
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.core.shown import TimelineEntry
from tocsin.errors import Unavailable

PAUSE = 1.0


@click.command("watch", short_help="Follow an incident as it happens.")
@click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
@click.option("--after", type=click.IntRange(min=0), default=0, help="Begin after this entry.")
@click.option("--until-resolved", is_flag=True, help="End when the incident is resolved; else only Ctrl-C ends it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on each line.")
@remote
def command(remote: Remote, ref: str, after: int, until_resolved: bool, as_json: bool) -> None:
    """Print the timeline of an incident and go on printing as it grows. A server that is away is waited for.

    \b
    Example:
      tocsin watch INC-1
    """
    collecting.for_long()
    resolved, away = False, False
    first = _fetch(remote, ref, after)
    while True:
        for raw, told in first:
            click.echo(json.dumps(raw) if as_json else output.visible(entry(told)))
            after = told.seq
            resolved = told.kind in ("Resolved", "Merged") or (resolved and told.kind != "Reopened")
        if resolved and until_resolved:
            return
        time.sleep(PAUSE)
        try:
            first, away = _fetch(remote, ref, after), False
        except Unavailable as error:
            if not away:
                output.say(f"{error.message} Waiting for it to come back.")
            first, away = [], True


def _fetch(remote: Remote, ref: str, after: int) -> list[tuple[Any, TimelineEntry]]:
    answer = remote.get(incident(ref, "timeline"), after=after)
    told = understood(dict[str, list[TimelineEntry]], answer)["timeline"]
    return list(zip(answer["timeline"], told, strict=True))
