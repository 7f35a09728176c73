"""``tocsin alerts``: what monitoring says."""

from __future__ import annotations

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, remote, understood
from tocsin.core.alert import Alert


@click.group("alerts", short_help="See the alerts that fire.")
def command() -> None:
    """See the alerts that fire.

    \b
    Example:
      tocsin alerts list
    """


@command.command("list", short_help="List the alerts that fire.")
@output.as_json
@remote
def list_alerts(remote: Remote, as_json: bool) -> None:
    """List the alerts that fire, the oldest first, each with the incident that it belongs to.

    One that fires and ends again and again is marked: it flaps.

    \b
    Example:
      tocsin alerts list
      tocsin alerts list --json
    """
    answer = remote.get("/api/v1/alerts")
    if as_json:
        output.give(answer)
        return
    firing = understood(dict[str, list[Alert]], answer)["alerts"]
    if not firing:
        output.say("No alert fires.")
        return
    flapping = {told.get("fingerprint") for told in answer["alerts"] if told.get("flaps")}
    rows = [
        (
            f"{each.name or '-'}{' (flaps)' if each.fingerprint in flapping else ''}",
            each.labels.get("severity", "-"), output.moment(each.starts_at), each.incident or "-",
            each.source, each.annotations.get("summary", ""),
        )
        for each in firing
    ]  # fmt: skip
    output.table(("ALERT", "SEVERITY", "SINCE (UTC)", "INCIDENT", "SOURCE", "SUMMARY"), rows)
