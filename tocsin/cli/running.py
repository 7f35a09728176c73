"""Beginning an incident by hand, and running a step of the runbook with what it prints."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import click

from tocsin.cli import collecting, output
from tocsin.cli.looking import end_line, state_of
from tocsin.cli.moves import assemble, declaration_options, find_step, report
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.core.incident import Incident
from tocsin.core.shown import Output
from tocsin.service.catalogue import CATALOGUE

PAUSE = 0.3
_GOING = ("queued", "running")


def _declaring(function: Callable[..., None]) -> Callable[..., None]:
    for decorate in reversed(declaration_options()):
        function = decorate(function)
    return function


@click.command("declare", short_help="Begin an incident by hand.")
@click.argument("title", required=False, default="", help="What is wrong, in a few words.")
@_declaring
@output.as_json
@remote
def declare(remote: Remote, title: str, as_json: bool, **given: Any) -> None:
    """Begin an incident by hand. A scenario brings its steps, and is named by its id or by words of its title.

    \b
    Example:
      tocsin incident declare 'Nobody can pay' --severity P1
      tocsin incident declare --scenario checkout --why 'three customers called'
    """
    body = {"title": title, **{name: value for name, value in given.items() if value is not None}}
    after = remote.post("/api/v1/incidents", body)
    output.give(after) if as_json else report(understood(Incident, after))


def _run(remote: Remote, ref: str, as_json: bool, step: str | None, line: int | None, wait: bool, **given: Any) -> None:
    found = find_step(remote, ref, step, line)
    body = {"step": found, **{name: value for name, value in given.items() if value}}
    after = remote.post(incident(ref, "request_step"), body)
    if as_json:
        output.give(after)
        return
    seen = understood(Incident, after)
    state = seen.step(found)
    if not wait or state is None or state.status not in _GOING:
        report(seen)
        return
    shown = follow_run(remote, seen.id, found)
    if shown.state is None or shown.state.status != "succeeded":
        raise click.exceptions.Exit(1)


_waiting = click.option(
    "--wait/--no-wait", default=True, help="Wait for its end and print what it prints (not with --json)."
)
command = assemble(CATALOGUE["request_step"], _run, _waiting, example="tocsin incident run INC-1 'error logs'")


def follow_run(remote: Remote, ref: str, step: str) -> Output:
    """Print what a run prints as it comes, until it has ended; interrupting this leaves the run alone."""
    collecting.for_long()
    after, last = 0, ""
    while True:
        shown = understood(Output, remote.get(incident(ref, "steps", step, "output"), after=after))
        for piece in shown.output:
            click.echo(output.visible(piece.text), nl=False)
            after, last = piece.seq, piece.text or last
        if shown.state is None or shown.state.status not in _GOING:
            end_line(last)
            output.say(state_of(shown))
            return shown
        time.sleep(PAUSE)
