"""Several commands under one approval: ``tocsin incident approve-set`` asks, ``tocsin approve`` answers."""

from __future__ import annotations

from collections.abc import Mapping

import click

from tocsin.cli import addressing, output
from tocsin.cli.approvals import present
from tocsin.cli.moves import find_step, full
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.core.incident import Incident

_REF = click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")


@click.command("request_set", short_help="Ask for one approval of several commands.")
@_REF
@click.argument(
    "steps", nargs=-1, metavar="[STEP]...",
    help="The steps in their order: ids, titles, or words that only one has; unless told, the rollback.",
)  # fmt: skip
@click.option("--branch", default="", help="All changing commands of this branch, or of one with these words.")
@click.option("--go-on", is_flag=True, help="A command that fails does not stop the others.")
@click.option("--why", default="", help="Why to switch something on although the root cause is open.")
@output.as_json
@remote
def request(
    remote: Remote, ref: str, *, steps: tuple[str, ...], branch: str, go_on: bool, why: str, as_json: bool
) -> None:
    """Ask for one approval of several commands, which then run one behind the other.

    Without steps and branch they are the changing commands of the document's rollback, in its order. Each is started
    when the one before it succeeded, and only while it is still what was approved; else the rest stops, and the
    timeline says what ran and what did not. It takes the role responder.

    \b
    Example:
      tocsin incident approve-set INC-1
      tocsin incident approve-set INC-1 'flags off' 'restart the workers' --go-on
    """
    ids = [find_step(remote, ref, words, None) for words in steps]
    if branch:
        known = {part.branch: part.branch for part in full(remote, ref).parts if part.branch}
        branch = addressing.by_words("branches", known, branch)
    _ask(remote, ref, "request_set", {"steps": ids, "branch": branch, "go_on": go_on, "why": why}, as_json)


@click.command("undo_step", short_help="Ask to undo an interrupted run.")
@_REF
@click.argument("step", metavar="STEP", help="The step in doubt: its id, its title, or words that only it has.")
@click.argument("by", nargs=-1, metavar="[BY]...", help="The steps that undo it; unless told, the document's way back.")
@click.option("--why", default="", help="Why to switch something on although the root cause is open.")
@output.as_json
@remote
def undo(remote: Remote, ref: str, step: str, by: tuple[str, ...], *, why: str, as_json: bool) -> None:
    """Ask to undo an interrupted run; when that has run, the doubt is settled. It takes the role responder.

    Unless steps are named, it is the step that does the opposite, else the document's rollback.

    \b
    Example:
      tocsin incident undo-step INC-1 'restart the workers'
    """
    ask_to_undo(remote, ref, step, by, why=why, as_json=as_json)


def ask_to_undo(remote: Remote, ref: str, step: str, by: tuple[str, ...], *, why: str = "", as_json: bool) -> None:
    """Ask for what undoes a step."""
    body = {"step": find_step(remote, ref, step, None), "steps": [find_step(remote, ref, each, None) for each in by]}
    _ask(remote, ref, "undo_step", {**body, "why": why} if why else body, as_json)


def _ask(remote: Remote, ref: str, move: str, body: Mapping[str, object], as_json: bool) -> None:
    answer = remote.post(incident(ref, move), body)
    if as_json:
        output.give(answer)
        return
    after = understood(Incident, answer)
    asked = max(after.waiting_approvals, key=lambda approval: (approval.asked_at, approval.id))
    present(after, asked, {step.id: output.one_line(step.title) for step in full(remote, after.id).steps()})
    output.tell(f"{after.id}  {asked.id}  {len(asked.members)} commands wait for an approval")
    output.say(f"tocsin approve {after.id} {asked.id}")
