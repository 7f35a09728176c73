"""``tocsin incident settle``: what is known of an interrupted run, and what a human says about it."""

from __future__ import annotations

from typing import Any

import click

from tocsin.cli import addressing, output
from tocsin.cli.moves import report
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.cli.sets import ask_to_undo
from tocsin.core.doubt import Doubt
from tocsin.core.incident import Incident
from tocsin.errors import Invalid, Refused


@click.command("settle", short_help="See what is known of an interrupted run, and say what happened.")
@click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
@click.argument(
    "step", required=False, default="", metavar="[STEP]",
    help="The step in doubt: its id, or words that only it has; not needed where it is the only one.",
)  # fmt: skip
@click.option("--happened/--not-happened", "happened", default=None, help="It had its effect, or it had none.")
@click.option("--undo", is_flag=True, help="Ask for the document's way back; the doubt is settled when that has run.")
@click.option("--why", default="", help="How you know; it stands on the timeline.")
@output.as_json
@remote
def settle(remote: Remote, ref: str, step: str, *, happened: bool | None, undo: bool, why: str, as_json: bool) -> None:
    """See what is known of a run that was interrupted; with an answer, settle it.

    Nothing repeats such a run by itself. Without an answer nothing is changed: it shows the command, when and where it
    began, what it printed until then, which reading steps could tell, and what undoes it.

    \b
    Example:
      tocsin incident settle INC-1
      tocsin incident settle INC-1 --not-happened --why 'the release is still 41'
      tocsin incident settle INC-1 'restart the workers' --undo
    """
    if undo and happened is not None:
        raise Invalid("It is either undone, or known whether it happened.", "Give one answer.")
    answer = remote.get(incident(ref, "doubts"))
    found = understood(dict[str, list[Doubt]], answer)["doubts"]
    if happened is None and not undo:
        _show(answer, found, as_json)
        return
    meant = _meant(found, ref, step)
    if undo:
        ask_to_undo(remote, ref, meant.step, (), as_json=as_json)
        return
    after = remote.post(incident(ref, "settle_step"), {"step": meant.step, "happened": happened, "why": why})
    output.give(after) if as_json else report(understood(Incident, after))


def _meant(found: list[Doubt], ref: str, words: str) -> Doubt:
    if not found:
        raise Refused(f"Nothing of {ref} is in doubt.")
    if not words:
        if len(found) > 1:
            raise Invalid(f"{len(found)} steps are in doubt: {', '.join(each.step for each in found)}.", "Name one.")
        return found[0]
    known = {each.step: f"{each.title} {each.command}" for each in found}
    step = addressing.by_words("steps in doubt", known, words)
    return next(each for each in found if each.step == step)


def _show(answer: Any, found: list[Doubt], as_json: bool) -> None:
    if as_json:
        output.give(answer)
        return
    if not found:
        output.say("Nothing is in doubt.")
    for doubt in found:
        _tell(doubt)


def _tell(doubt: Doubt) -> None:
    output.heading(output.one_line(f"{doubt.title} (line {doubt.line})"))
    began = f"{output.moment(doubt.started_at)} UTC" if doubt.started_at else "not known"
    node = f" on {doubt.node}" if doubt.node else ""
    for name, text in (
        ("Step", doubt.step), ("Why", doubt.why), ("Began", f"{began}{node}"), ("Target", doubt.target),
        ("Verdict", f"{doubt.verdict}. {doubt.verdict_why}"), ("Check", doubt.expected or "the document has none"),
    ):  # fmt: skip
        output.tell(f"{name + ':':9}{output.one_line(text)}")
    output.tell("Command:")
    for line in doubt.command.split("\n"):
        output.tell(f"    {output.visible(line)}")
    output.tell("It printed until then:" if doubt.printed else "It printed nothing that was kept.")
    for line in doubt.printed.splitlines():
        output.tell(f"    {output.visible(line)}")
    for title, steps in (("These only read, and could tell", doubt.looks), ("The document's way back", doubt.undo)):
        if steps:
            output.tell(f"{title}:")
            output.table(
                ("LINE", "STEP", "COMMAND"), [(str(each.line), each.title, each.command or "") for each in steps]
            )
    if doubt.undoing:
        output.say(f"Undoing it is asked for: {doubt.undoing.id} ({doubt.undoing.status}).")
