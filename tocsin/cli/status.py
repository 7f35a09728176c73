"""``tocsin status``: one look at what is open and whether Tocsin is well."""

from __future__ import annotations

import click

from tocsin.cli import output
from tocsin.cli.looking import show_summaries
from tocsin.cli.remote import Remote, remote, understood
from tocsin.core.shown import Summary


@click.command("status", short_help="Say what is open, and whether Tocsin is well.")
@output.as_json
@remote
def command(remote: Remote, as_json: bool) -> None:
    """Say what is open, and whether Tocsin is well. Exit code 1 where it is not ready to take alerts.

    \b
    Example:
      tocsin status
    """
    problems = remote.well()
    incidents = remote.get("/api/v1/incidents", status="open")["incidents"]
    approvals, alerts = remote.get("/api/v1/approvals")["approvals"], remote.get("/api/v1/alerts")["alerts"]
    if as_json:
        output.give(
            {
                "url": remote.url, "ready": not problems, "problems": problems, "incidents": incidents,
                "approvals": approvals, "alerts": alerts,
            }
        )  # fmt: skip
    else:
        output.tell(f"{remote.url} is {'not ready' if problems else 'ready'}.")
        for problem in problems:
            output.tell(output.one_line(problem))
        firing = output.count(len(alerts), "alert fires", "alerts fire")
        waiting = output.count(len(approvals), "command waits", "commands wait")
        is_open = output.count(len(incidents), "incident is", "incidents are")
        output.tell(f"{firing}, {waiting} for an approval, {is_open} open{':' if incidents else '.'}".capitalize())
        if incidents:
            show_summaries(understood(list[Summary], incidents))
    if problems:
        raise click.exceptions.Exit(1)
