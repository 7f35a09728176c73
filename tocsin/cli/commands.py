"""Commands at hand in the terminal: every step of an incident's runbooks by its symptom, and what they link to."""

from __future__ import annotations

import click

from tocsin.cli import output
from tocsin.cli.looking import step_row
from tocsin.cli.moves import find_step, report
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.core.incident import Incident
from tocsin.errors import NotFound
from tocsin.service.documents import Document, Opened
from tocsin.service.palette import Listed


@click.command("commands", short_help="List every command of its runbooks, by symptom or section.")
@click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
@click.argument("words", required=False, default="", help="Words of the symptom, the title or the command.")
@click.option("--section", default="", help="Only the steps of this section, by its id or words of its title.")
@output.as_json
@remote
def show(remote: Remote, ref: str, words: str, section: str, as_json: bool) -> None:
    """List every command of an incident's runbooks: those of all sections, not of its scenario alone.

    `tocsin incident run` takes the same words, and --value fills the gaps of a command.

    \b
    Example:
      tocsin incident commands INC-1 'high error rate'
      tocsin incident commands INC-1 --section 'emergency rollback'
      tocsin incident run INC-1 'restart service' --value service=api
    """
    wanted = _section(remote, ref, section) if section else ""
    answer = remote.get(incident(ref, "commands"), **{k: v for k, v in (("words", words), ("section", wanted)) if v})
    if as_json:
        output.give(answer)
        return
    found = understood(Listed, answer)
    if not found.rows:
        output.say("No step has these words.")
    for each in found.sections:
        rows = [step_row(row.shown) for row in found.rows if row.section == each.id]
        if rows:
            output.heading(f"{each.title} ({each.runbook})")
            output.table(("", "LINE", "CLASS", "TITLE", "COMMAND", "STATE"), rows)
    if found.more:
        output.say(f"{found.more} more: use more words.")


@click.command("documents", short_help="List what its runbooks link to, or print one of these documents.")
@click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
@click.argument("number", required=False, type=click.IntRange(1, 99_999), help="The document to print.")
@output.as_json
@remote
def documents(remote: Remote, ref: str, number: int | None, as_json: bool) -> None:
    """List what an incident's runbooks link to; with a number, print that document.

    \b
    Example:
      tocsin incident documents INC-1
      tocsin incident documents INC-1 3
    """
    answer = remote.get(incident(ref, "documents", *([str(number)] if number else [])))
    if as_json:
        output.give(answer)
    elif number:
        click.echo(output.visible(understood(Opened, answer).text), nl=False)
    else:
        rows = [
            (str(each.number), str(each.line), each.target, each.problem or each.kind, each.book)
            for each in understood(dict[str, list[Document]], answer)["documents"]
        ]
        if rows:
            output.table(("NUMBER", "LINE", "DOCUMENT", "KIND", "RUNBOOK"), rows)
        else:
            output.say("Its runbook links to nothing.")


@click.command("follow", short_help="Follow a linked runbook: its steps become the incident's.")
@click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
@click.argument("what", help="Words of the step that links to it, or the link as the document writes it.")
@output.as_json
@remote
def follow(remote: Remote, ref: str, what: str, as_json: bool) -> None:
    """Follow a linked runbook. Its steps stand beside the incident's own, with verdicts and approvals of their own.

    It takes the role responder.

    \b
    Example:
      tocsin incident follow INC-1 'rotate the keys'
      tocsin incident follow INC-1 ./restore.md
    """
    known = understood(dict[str, list[Document]], remote.get(incident(ref, "documents")))["documents"]
    linked = any(each.target == what for each in known)
    body = {"document": what} if linked else {"step": find_step(remote, ref, what, None)}
    answer = remote.post(incident(ref, "follow"), body)
    if as_json:
        output.give(answer)
        return
    after = understood(Incident, answer)
    output.say(f"{after.followed[-1].title} is followed: `tocsin incident commands {after.id}` lists its steps.")
    report(after)


def _section(remote: Remote, ref: str, words: str) -> str:
    """The id of the section with this id or these words in its title."""
    found = understood(Listed, remote.get(incident(ref, "commands"))).sections
    exact = [each for each in found if words == each.id or words.casefold() == each.title.casefold()]
    fitting = exact or [
        each for each in found if all(word in each.title.casefold() for word in words.casefold().split())
    ]
    if len(fitting) != 1:
        listed = "; ".join(each.title for each in fitting or found)
        raise NotFound(f"{words!r} names {len(fitting) or 'no'} sections.", f"There are: {listed}.")
    return fitting[0].id
