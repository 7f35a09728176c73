"""``tocsin traces``: the latest runs of the system under care, and telling of one."""

from __future__ import annotations

from datetime import timedelta

import click

from tocsin.cli import output
from tocsin.cli.change import back_to
from tocsin.cli.remote import Remote, remote, understood
from tocsin.core.trace import Trace
from tocsin.times import say_duration

_WORDS = {"ok": "ok", "error": "failed", "running": "goes on"}


@click.group("traces", short_help="List the latest runs of the system under care, and tell of them.")
def command() -> None:
    """List the latest runs of the system under care, and tell of them.

    Programs send theirs to /api/v1/traces, OpenTelemetry to /v1/traces.

    \b
    Example:
      tocsin traces list --status error
      tocsin traces add run-7 'chat reply' --status error --seconds 3.2 --error 'the model timed out'
    """


@command.command("list", short_help="List runs, the newest first.")
@click.option("--since", default="1h", show_default=True, help="How far back: 15m, 2h, 7d.")
@click.option("--status", type=click.Choice(["ok", "error", "running"]), help="Only these.")
@click.option("--service", default="", help="Only runs of this service.")
@click.option("--words", default="", help="Only what holds these words.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@output.as_json
@remote
def list_traces(remote: Remote, since: str, limit: int, as_json: bool, **asked: str | None) -> None:
    """List runs of the system under care, the newest first.

    \b
    Example:
      tocsin traces list
      tocsin traces list --since 15m --status error --json
    """
    answer = remote.get(
        "/api/v1/traces", since=back_to(since), limit=limit, **{name: text for name, text in asked.items() if text}
    )
    if as_json:
        output.give(answer)
        return
    found = understood(dict[str, list[Trace]], answer)["traces"]
    if not found:
        output.say("No run was told of in that time.")
        return
    rows = [
        (
            output.moment(each.started_at), _WORDS[each.status],
            "-" if each.seconds is None else say_duration(timedelta(seconds=each.seconds)), each.name,
            each.service or "-", each.error or "-", each.id,
        )
        for each in found
    ]  # fmt: skip
    output.table(("BEGAN (UTC)", "STATUS", "TOOK", "NAME", "SERVICE", "ERROR", "ID"), rows)


@command.command("add", short_help="Tell of a run.")
@click.argument("trace", metavar="ID", help="The run's id; told again, it is what is told now.")
@click.argument("name", help="What ran, in a few words.")
@click.option("--status", type=click.Choice(["ok", "error", "running"]), default="ok", show_default=True, help="How.")
@click.option("--seconds", type=click.FloatRange(0, 31_536_000), help="How long it took.")
@click.option("--at", default="", help="When it began, if not just now: 2026-11-20T23:17:31Z.")
@click.option("--service", default="", help="The service that ran it.")
@click.option("--error", default="", help="Why it failed.")
@click.option("--link", default="", help="Where more is said of it: https://…")
@output.as_json
@remote
def add(remote: Remote, trace: str, name: str, seconds: float | None, link: str, as_json: bool, **told: str) -> None:
    """Tell of a run. Programs do it with a token of the role agent and the scope alerts:send.

    \b
    Example:
      tocsin traces add run-7 'chat reply' --service assistant --seconds 1.4
      tocsin traces add run-8 'chat reply' --status error --error 'the model timed out'
    """
    run = {"id": trace, "name": name, "url": link, **told, **({} if seconds is None else {"seconds": seconds})}
    answer = remote.post("/api/v1/traces", {"traces": [run]})
    output.give(answer) if as_json else output.tell(f"kept {output.one_line(trace)}")
