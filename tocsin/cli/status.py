"""``tocsin status``: one look at what is open and whether Tocsin is well."""

from __future__ import annotations

import click

from tocsin.cli import output
from tocsin.cli.looking import show_summaries
from tocsin.cli.remote import Remote, remote, understood
from tocsin.core.shown import Summary
from tocsin.errors import Denied


@click.command("status", short_help="Say what is open, and whether Tocsin is well.")
@output.as_json
@remote
def command(remote: Remote, as_json: bool) -> None:
    """Say what is open, and whether Tocsin is well. Exit code 1 where it takes no alerts, or a clock is late.

    \b
    Example:
      tocsin status
    """
    problems, behind, late = remote.well(), remote.waiting(), remote.late()
    incidents = remote.get("/api/v1/incidents", status="open")["incidents"]
    approvals, told = remote.get("/api/v1/approvals")["approvals"], remote.get("/api/v1/alerts")
    alerts, standing = told["alerts"], remote.get("/api/v1/deadman")
    lost = _lost(remote)
    if as_json:
        output.give(
            {
                "url": remote.url, "ready": not problems, "problems": problems, "incidents": incidents,
                "approvals": approvals, "alerts": alerts, "deadman": standing,
                **({"waiting": behind} if behind else {}), **({"late": late} if late else {}),
                **({"dead_notices": lost} if lost else {}),
            }
        )  # fmt: skip
    else:
        output.tell(f"{remote.url} is {'not ready' if problems else 'ready'}.")
        for problem in (*problems, *late, *standing["problems"]):
            output.tell(output.one_line(problem))
        if lost:
            output.tell(f"{output.count(len(lost), 'notice')} reached nobody: `tocsin notify log --dead`.")
        if behind:
            output.tell(f"{output.count(behind, 'message')} accepted and not merged yet.")
        firing = output.count(told.get("total", len(alerts)), "alert fires", "alerts fire")
        waiting = output.count(len(approvals), "command waits", "commands wait")
        is_open = output.count(len(incidents), "incident is", "incidents are")
        output.tell(f"{firing}, {waiting} for an approval, {is_open} open{':' if incidents else '.'}".capitalize())
        if incidents:
            show_summaries(understood(list[Summary], incidents))
    if problems or late:
        raise click.exceptions.Exit(1)


def _lost(remote: Remote) -> list[dict[str, object]]:
    """The notices that reached nobody; a token that is narrowed is not told of them."""
    try:
        found = remote.get("/api/v1/notices")["dead"]
    except Denied:
        return []
    return found if isinstance(found, list) else []
