"""``tocsin incident causes``: what could be at fault, what speaks for it, and what was confirmed or ruled out."""

from __future__ import annotations

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.core.causes import Hypothesis


@click.command("causes", short_help="Show its possible causes, and what speaks for each.")
@click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
@output.as_json
@remote
def show(remote: Remote, ref: str, as_json: bool) -> None:
    """Show the possible causes of an incident: those that its scenario lists, then those that people named.

    Below each stands what commands printed that tells of such a fault. `tocsin incident confirm_cause` and
    rule_out_cause judge one, with the evidence; record_root_cause says what it was in the end.

    \b
    Example:
      tocsin incident causes INC-1
      tocsin incident rule_out_cause INC-1 'rate limits' 'no 429 in an hour of logs'
    """
    answer = remote.get(incident(ref, "causes"))
    if as_json:
        output.give(answer)
        return
    found = understood(dict[str, list[Hypothesis]], answer)["causes"]
    if not found:
        output.say("The document lists none for this, and nobody named one.")
    for each in found:
        mark = {"confirmed": "[x]", "ruled out": "[-]"}.get(each.verdict, "[ ]")
        line = f"  (line {each.line})" if each.line else ""
        output.tell(f"{mark} {output.one_line(each.text)}{line}")
        if each.verdict:
            output.tell(f"    {each.verdict} by {each.by}: {output.one_line(each.evidence)}")
        for hint in each.hints:
            lines = output.count(hint.lines, "line")
            output.tell(f"    line {hint.line} printed {lines} of {hint.kind}: {output.one_line(hint.example, 100)}")
