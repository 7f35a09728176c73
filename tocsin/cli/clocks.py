"""``tocsin incident clocks``: every clock of an incident, and the conditions that wait for a human's word."""

from __future__ import annotations

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.cli.shapes import Full
from tocsin.core.clockstate import Promised
from tocsin.core.countdowns import Countdown

_ASKED = {
    "estimate": "tocsin incident estimate {ref} MINUTES", "update": "tocsin incident set-cadence {ref} MINUTES",
}  # fmt: skip


@click.command("clocks", short_help="Show its clocks: when each strikes, and what happens then.")
@click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
@output.as_json
@remote
def show(remote: Remote, ref: str, as_json: bool) -> None:
    """Show every clock of an incident: when it strikes, what happens then, and the line that asks for it.

    Below stand the updates that were promised, kept and broken, and the rungs of the ladder that only a human's word
    climbs, with their numbers.

    \b
    Example:
      tocsin incident clocks INC-1
    """
    answer = remote.get(incident(ref))
    seen = understood(Full, answer)
    conditions = [
        {
            "rung": number, "to": each.rung.to, "person": each.person, "when": each.rung.when, "line": each.rung.line,
            "climbed": each.climbed,
        }
        for number, each in enumerate(seen.ladder)
        if each.rung.by_hand
    ]  # fmt: skip
    promised = seen.incident.clocks.promised
    if as_json:
        told = {"incident": seen.incident.id, "clocks": answer["countdowns"], "now": answer["now"]}
        told["promised"] = answer["incident"]["clocks"]["promised"]
        output.give({**told, "conditions": conditions})
        return
    if seen.countdowns:
        rows = [_row(each, seen, ref) for each in seen.countdowns]
        output.table(("CLOCK", "STRIKES IN", "WHAT", "THEN", "WHY"), rows)
    else:
        output.say("No clock runs.")
    if promised:
        kept = sum(each.kept for each in promised)
        output.heading(f"Promised updates: {kept} kept, {len(promised) - kept} broken")
        output.table(("DUE (UTC)", "CAME", "WAS"), [_promise(each) for each in promised])
    if conditions:
        output.heading("On a human's word: tocsin incident confirm-condition INCIDENT RUNG --why …")
        listed = [
            (str(number), each.person or "nobody", each.rung.to, each.rung.when, f"line {each.rung.line}")
            for number, each in enumerate(seen.ladder)
            if each.rung.by_hand
        ]
        output.table(("RUNG", "CALLS", "AS", "WHEN", "SOURCE"), listed)


def _promise(each: Promised) -> tuple[str, ...]:
    came = output.moment(each.at) if each.at else "not yet"
    return output.moment(each.due), came, "kept" if each.kept else "broken"


def _row(each: Countdown, seen: Full, ref: str) -> tuple[str, ...]:
    line = f" (line {each.line})" if each.line else ""
    shown = each.shows(seen.now)
    if each.state == "asked":
        then = f"say it: {_ASKED[each.kind].format(ref=ref)}"
        return each.kind, "asked", each.what, then, f"{each.why}{line}"
    if each.at is None and each.since is not None:  # it strikes never: it only counts
        return each.kind, f"for {shown}", each.what, each.then, f"{each.why}{line}"
    state = f"{each.state}, {shown}" if shown and each.state != "runs" else shown or each.state
    return each.kind, state, each.what, each.then, f"{each.why}{line}"
