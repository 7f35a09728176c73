"""``tocsin incident split`` and ``merge``: people say which alerts are one incident."""

from __future__ import annotations

import click

from tocsin.cli import output
from tocsin.cli.alerts import fingerprint
from tocsin.cli.moves import report
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.core.incident import Incident
from tocsin.errors import Invalid

_REF = click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
_WHY = click.option("--why", default="", help="The reason; it stands on both timelines.")


@click.command("split", short_help="Split alerts off into an incident of their own.")
@_REF
@click.argument("more", nargs=-1, metavar="[ALERT]...", help="More alerts.")
@click.option(
    "--alerts", "alerts", multiple=True, metavar="ALERT",
    help="An alert: its fingerprint, the beginning of it, or a name that only it has; may be repeated.",
)  # fmt: skip
@click.option("--into", default="", metavar="INCIDENT", help="Give them to this open incident instead of a new one.")
@_WHY
@output.as_json
@remote
def split(
    remote: Remote, *, ref: str, more: tuple[str, ...], alerts: tuple[str, ...], into: str, why: str, as_json: bool
) -> None:
    """Split alerts off an incident: they become one of their own, where their repetitions go from now on.

    The new one follows the scenario that the first of them selects, is as bad as the old one, and pages as any other.
    It takes the role responder.

    \b
    Example:
      tocsin incident split INC-1 --alerts 3f2a --alerts 90bd --why 'the gate is another matter'
      tocsin incident split INC-2 --alerts 3f2a --into INC-1
    """
    words = (*alerts, *more)
    if not words:
        raise Invalid("Nothing says which alerts are meant.", f"`tocsin alerts list --incident {ref}` shows them.")
    path = incident(ref, "split")
    found = [fingerprint(remote, each, ref) for each in words]
    after = remote.post(path, {"alerts": found, "why": why, "into": into})
    output.give(after) if as_json else report(understood(Incident, after))


@click.command("merge", short_help="Merge an incident into another one, as its duplicate.")
@_REF
@click.option("--into", required=True, metavar="INCIDENT", help="The open incident that goes on.")
@_WHY
@output.as_json
@remote
def merge(remote: Remote, ref: str, into: str, why: str, as_json: bool) -> None:
    """Merge an incident into another one. It ends as a duplicate; its alerts, their repetitions and its people go over.

    The worse severity of the two counts. To undo it, reopen the duplicate and split its alerts off again with --into.
    It takes the role responder.

    \b
    Example:
      tocsin incident merge INC-3 --into INC-1 --why 'one broken cable'
    """
    after = remote.post(incident(ref, "merge"), {"into": into, "why": why})
    output.give(after) if as_json else report(understood(Incident, after))
