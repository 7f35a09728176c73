"""``tocsin``: the verbs of the command line, and how it ends.

Data goes to stdout, words go to stderr. Exit codes: 0 done, 1 refused or found wanting, 2 input that can't be used,
70 a fault of ours, 130 interrupted, 141 nobody reads the output any more.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from tocsin import __version__
from tocsin.cli import collecting
from tocsin.cli.lazy import LazyGroup, Verb
from tocsin.cli.output import visible
from tocsin.errors import TocsinError

FAULT, INTERRUPTED, CLOSED = 70, 130, 141
DEBUG = "TOCSIN_DEBUG"

VERBS = {
    "init": Verb("tocsin.cli.init", "Write the configuration that runbooks need, as far as they tell it."),
    "up": Verb("tocsin.cli.up", "Serve everything in one process: pages, API, clocks, commands."),
    "work": Verb("tocsin.cli.work", "Carry out the steps of targets that have these labels."),
    "demo": Verb("tocsin.cli.demo", "Show Tocsin at work on a little shop that breaks."),
    "runbook": Verb("tocsin.cli.runbook", "Say what Tocsin understands of a runbook."),
    "check": Verb("tocsin.cli.check", "Check runbooks, and say what would not work in an incident."),
    "classify": Verb("tocsin.cli.classify", "Judge what a command does, from its text alone."),
    "status": Verb("tocsin.cli.status", "Say what is open, and whether Tocsin is well."),
    "status-page": Verb("tocsin.cli.statuspage", "See and write the public status page; plan maintenance."),
    "incident": Verb("tocsin.cli.incident", "See incidents, and make every move that there is."),
    "watch": Verb("tocsin.cli.watch", "Follow an incident as it happens."),
    "approvals": Verb("tocsin.cli.approvals", "List the commands that wait for a person."),
    "approve": Verb("tocsin.cli.approvals", "Look at one exact command and allow it to run, once.", "approve"),
    "deny": Verb("tocsin.cli.approvals", "Say no to a command.", "deny"),
    "alerts": Verb("tocsin.cli.alerts", "See alerts, why they are kept back, and silence them."),
    "silence": Verb("tocsin.cli.silence", "Plan, list and end silences (maintenance windows)."),
    "oncall": Verb("tocsin.cli.oncall", "Say who is on call, and change it for a while."),
    "change": Verb("tocsin.cli.change", "Tell of changes, and see what was changed lately."),
    "traces": Verb("tocsin.cli.traces", "List the latest runs of the system under care, and tell of them."),
    "signals": Verb("tocsin.cli.signals", "List what is measured, and the state of every threshold."),
    "health": Verb("tocsin.cli.signals", "Say whether the system under care is healthy, and why not.", "health"),
    "notify": Verb("tocsin.cli.notify", "See how people were told, try again, try ways out."),
    "people": Verb("tocsin.cli.people", "See the ways to people, and verify them."),
    "actions": Verb("tocsin.cli.actions", "List what is still to be done, what is overdue first."),
    "review": Verb("tocsin.cli.review", "Read, edit and publish post-mortems."),
    "figures": Verb("tocsin.cli.figures", "Times, people, promises, alerts and steps in figures."),
    "token": Verb("tocsin.cli.token", "Make, list and revoke tokens."),
    "doctor": Verb("tocsin.cli.doctor", "Check the records, and what would not work in an incident."),
    "export": Verb("tocsin.cli.export", "Write everything that is stored as JSON lines."),
}


class _Closed(Exception):
    """Nobody reads our output any more."""


class _Root(LazyGroup):
    def invoke(self, ctx: click.Context) -> Any:
        """As click's, which would take a closed pipe for a failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _Closed from None


def _colourless(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Both of the libraries that colour listen to this: click to the context, rich to the variable."""
    if wanted:
        os.environ["NO_COLOR"] = "1"
    if os.environ.get("NO_COLOR"):
        ctx.color = False


@click.command(cls=_Root, verbs=VERBS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--no-color", is_flag=True, is_eager=True, expose_value=False, callback=_colourless,
    help="Print without colours, as NO_COLOR=1 does.",
)  # fmt: skip
@click.version_option(__version__, prog_name="tocsin", message="%(prog)s %(version)s")
def root() -> None:
    """Your team's Markdown incident runbook, running.

    \b
    Example:
      tocsin runbook show docs/incidents.md    what it understands, before anything burns
      tocsin up docs/incidents.md              serve it on http://127.0.0.1:8080
      tocsin incident list                     ask the server that runs there
    """


def main() -> None:
    """The entry point: run, say what went wrong in one sentence, exit."""
    collecting.for_a_command()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing but `KeyboardInterrupt` in the very last line escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except (_Closed, BrokenPipeError):
        return _close_quietly()
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        code = root.main(list(arguments), prog_name="tocsin", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except TocsinError as error:
        _complain(str(error))
        return error.exit_code
    except (_Closed, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 -- the last door: whatever it was, the person gets a sentence
        return _fault(error)
    return code if isinstance(code, int) else 0


def _complain(sentence: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        click.echo(f"tocsin: {visible(sentence)}", err=True)


def _fault(error: Exception) -> int:
    """A fault of ours. The traceback is for whoever asks for it."""
    if os.environ.get(DEBUG):
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
        hint = "Please report it with the lines above."
    else:
        hint = f"Run it again with {DEBUG}=1 to see where."
    _complain(f"Something went wrong here ({type(error).__name__}: {error}). {hint}")
    return FAULT


def _close_quietly() -> int:
    """Point stdout somewhere harmless, so that Python's own last flush says nothing."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return CLOSED
