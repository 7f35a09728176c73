"""``tocsin incident checklists``: the boxes of the document, who ticked them, what is due, and what is open."""

from __future__ import annotations

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.core.checklists import BoxList
from tocsin.service.checklists import Checklists, PhaseLists
from tocsin.service.duelist import Due

_MARKS = {"ticked": "[x]", "skipped": "[-]", "open": "[ ]"}


@click.command("checklists", short_help="Show its checklists: boxes, who ticked them, what is due.")
@click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
@click.option("--open", "only_open", is_flag=True, help="Only what is open.")
@output.as_json
@remote
def show(remote: Remote, ref: str, only_open: bool, as_json: bool) -> None:
    """Show the checklists of an incident: the phases of the process with their windows and commands, then the others.

    `tocsin incident tick` and untick take a box by its line or by words that only it has; plan_deadline says who
    answers for a list that is to be done in time; meet_deadline says that something without boxes was done; close ends
    the work, with a reason where something is open.

    \b
    Example:
      tocsin incident checklists INC-1
      tocsin incident tick INC-1 'notify stakeholders'
      tocsin incident checklists INC-1 --open
    """
    answer = remote.get(incident(ref, "checklists"))
    if as_json:
        output.give(answer)
        return
    found = understood(Checklists, answer)
    if found.empty:
        output.say("The document has no checklists.")
    for phase in found.phases:
        _phase(phase, only_open=only_open)
    for one in found.lists:
        _list(one, only_open=only_open)
    if found.without_boxes and not found.closed_at:
        output.heading("To be done in time")
        for each in found.without_boxes:
            output.tell(f"  [ ]  {output.one_line(each)}")
    if found.closed_at:
        why = f": {output.one_line(found.closed_why)}" if found.closed_why else ""
        output.tell(f"Closed by {found.closed_by} {output.moment(found.closed_at)} UTC{why}")
    elif found.left or not found.empty:
        output.say(f"{len(found.left)} open until it can be closed without a reason.")


def _phase(phase: PhaseLists, *, only_open: bool) -> None:
    if only_open and not phase.left:
        return
    state = "reached" if phase.at else "late" if phase.missed else ""
    output.heading(output.one_line("  ".join(filter(None, [phase.title, phase.window, state, phase.owner]))))
    for one in phase.lists:
        if len(phase.lists) > 1:
            output.tell(f"  {output.one_line(one.title)}")
        _boxes(one, only_open=only_open)
    if only_open:
        return
    for each in phase.questions:
        said = f": {output.one_line(each.answer.answer)}" if each.answer else ""
        output.tell(f"  ({'x' if each.answer else '?'}) {each.line:4}  {output.one_line(each.text)}{said}")
    for step in phase.steps:
        output.tell(f"   $  {step.line:4}  {output.one_line(step.title)}")


def _list(one: BoxList, *, only_open: bool) -> None:
    if only_open and not (one.left and one.applies):
        return
    due = f"due {output.moment(one.due_at)} UTC" if one.due_at and not one.met_at else "done" if one.met_at else ""
    parts = [one.title, due, one.owner, "" if one.applies else one.why]
    output.heading(output.one_line("  ".join(filter(None, parts))))
    _boxes(one, only_open=only_open)


def _boxes(one: BoxList, *, only_open: bool) -> None:
    for box in one.boxes:
        if only_open and box.state != "open":
            continue
        by = f"  {box.by} {output.moment(box.at)}" if box.at and box.state != "open" else ""
        note = f"  {output.one_line(box.note)}" if box.note else ""
        output.tell(f"  {_MARKS[box.state]} {box.line:4}  {output.one_line(box.text)}{by}{note}")


@click.command("deadlines", short_help="List what runbooks want done in time, over all incidents.")
@click.option("--owner", help="Only those that this person answers for.")
@output.as_json
@remote
def deadlines(remote: Remote, owner: str | None, as_json: bool) -> None:
    """List what runbooks want done in time, over all incidents, what is due first coming first.

    \b
    Example:
      tocsin incident deadlines
      tocsin incident deadlines --owner ana --json
    """
    query = {"owner": owner} if owner else {}
    answer = remote.get("/api/v1/deadlines", **query)
    if as_json:
        output.give(answer)
        return
    found = understood(dict[str, list[Due]], answer)["deadlines"]
    if not found:
        output.say("Nothing that a runbook wants done in time is open.")
        return
    rows = [
        (
            each.incident, "overdue" if each.overdue else "", output.moment(each.due_at), each.owner or "-",
            f"{each.left}/{each.boxes}" if each.boxes else "-", each.what,
        )
        for each in found
    ]  # fmt: skip
    output.table(("INCIDENT", "STATE", "DUE (UTC)", "OWNER", "OPEN", "WHAT"), rows)
