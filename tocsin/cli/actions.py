"""``tocsin actions``: what is still to be done after incidents, and what is overdue."""

from __future__ import annotations

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, remote, understood
from tocsin.service.actions import ActionView

STATES = ("open", "overdue", "done", "dropped", "all")


@click.command("actions", short_help="List what is still to be done, what is overdue first.")
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True, help="Those of this state.")
@click.option("--overdue", is_flag=True, help="Short for --state overdue; exit 1 where there is any.")
@click.option("--owner", default="", help="Only those of this person.")
@output.as_json
@remote
def command(remote: Remote, state: str, overdue: bool, owner: str, as_json: bool) -> None:
    """List the action items of all incidents, what is overdue first, those without a day last.

    They are changed by moves of their incident: `tocsin incident add_action`, change_action, close_action, drop_action.

    \b
    Example:
      tocsin actions
      tocsin actions --owner ana --json
      tocsin incident change_action INC-1 'test the rollback' --owner ana --due 14d
    """
    asked = {"state": "overdue" if overdue else state, **({"owner": owner} if owner else {})}
    answer = remote.get("/api/v1/actions", **asked)
    found = understood(dict[str, list[ActionView]], answer)["actions"]
    if as_json:
        output.give(answer)
    elif found:
        rows = [
            (
                each.incident, _due(each), each.owner_name or "nobody yet", each.state, each.key or "-",
                output.one_line(each.text),
            )
            for each in found
        ]  # fmt: skip
        output.table(("INCIDENT", "DUE (UTC)", "OWNER", "STATE", "TRACKER", "WHAT"), rows)
    else:
        output.say("Nothing is to be done.")
    if overdue and found:
        raise click.exceptions.Exit(1)


def _due(each: ActionView) -> str:
    return f"{output.moment(each.due_at)}{' OVERDUE' if each.overdue else ''}" if each.due_at else "no day"
