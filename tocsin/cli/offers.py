"""``tocsin incident offers``: what could stand in the gaps of an incident's commands, and where it comes from."""

from __future__ import annotations

from dataclasses import asdict

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.cli.shapes import Full


@click.command("offers", short_help="Show values that could fill the gaps of the commands.")
@click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
@click.argument("placeholder", required=False, metavar="[PLACEHOLDER]", help="Only this one, as the runbook writes it.")
@output.as_json
@remote
def offers(remote: Remote, ref: str, placeholder: str | None, as_json: bool) -> None:
    """Show values that could fill the gaps of the commands, and where each comes from.

    They are found in what earlier steps printed, in the incident, in tocsin.toml and in earlier incidents.

    \b
    Example:
      tocsin incident offers INC-1
      tocsin incident offers INC-1 '<pid>'
      tocsin incident bind INC-1 '<pid>' 4711
    """
    full = understood(Full, remote.get(incident(ref)))
    found = {
        gap: values
        for part in full.parts for shown in part.steps for gap, values in shown.offers.items()
        if not placeholder or gap == placeholder
    }  # fmt: skip
    if as_json:
        output.give({"offers": {gap: [asdict(each) for each in values] for gap, values in found.items()}})
        return
    rows = [
        (
            gap,
            each.value,
            output.one_line(each.beside),
            output.one_line(each.source),
            "fills it" if full.incident.values.get(gap) == each.value else "",
        )
        for gap, values in found.items()
        for each in values
    ]
    if rows:
        output.table(("PLACEHOLDER", "VALUE", "BESIDE IT", "FROM", ""), rows)
    else:
        output.say("Nothing that was printed so far fits. Bind your own value: tocsin incident bind.")
