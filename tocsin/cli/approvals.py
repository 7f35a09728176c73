"""Questions about commands: ``tocsin approvals`` lists them, ``approve`` and ``deny`` answer one."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping

import click

from tocsin.cli import addressing, output, queue
from tocsin.cli.paging import paged
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.cli.shapes import Asked, Full
from tocsin.core.incident import Approval, Incident
from tocsin.errors import Invalid, Refused
from tocsin.times import SystemClock

_REF = click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
_APPROVAL = click.argument(
    "approval", required=False, default="", metavar="[APPROVAL]",
    help="Its id, or words of its step or command; not needed where only one waits.",
)  # fmt: skip


@click.command("approvals", short_help="List the commands that wait for a person.")
@output.as_json
@remote
def command(remote: Remote, as_json: bool) -> None:
    """List the commands that wait for a person, over all incidents; what expires first comes first.

    On a terminal each stands there with all that an answer is bound to: the command, its verdict and place, who asked,
    until when it waits, and who has to say yes yet. In a pipe each is one row.

    \b
    Example:
      tocsin approvals
      tocsin approvals | grep INC-7
    """
    answer = remote.get("/api/v1/approvals")
    if as_json:
        output.give(answer)
        return
    asked = understood(dict[str, list[Asked]], answer)["approvals"]
    if not asked:
        output.say("Nothing waits for an approval.")
        return
    if sys.stdout.isatty():
        paged(queue.blocks(asked, SystemClock().now(), shutil.get_terminal_size().columns))
    else:
        output.table(queue.COLUMNS, list(queue.rows(asked)))


@click.command("approve", short_help="Look at one exact command and allow it to run, once.")
@_REF
@_APPROVAL
@click.option("--yes", is_flag=True, help="Don't ask: you have seen the command. Needed without a terminal.")
@output.as_json
@remote
def approve(remote: Remote, ref: str, approval: str, yes: bool, as_json: bool) -> None:
    """Look at one exact command and allow it to run, once. It takes the role approver.

    What is allowed is what is shown: if the command, its place or the runbook has changed by then, it is refused.

    \b
    Example:
      tocsin approve INC-1
      tocsin approve INC-1 apr_0005f3c2a1b4d_9f86d081a3 --yes
    """
    whole = understood(Full, remote.get(incident(ref)))
    seen, titles = whole.incident, {step.id: output.one_line(step.title) for step in whole.steps()}
    asked = addressing.approval(seen, approval, titles)
    present(seen, asked, titles)
    if not yes:
        if not output.person_there():
            raise Invalid("There is no terminal on which you could be asked.", "Look at the command, then add --yes.")
        if not click.confirm("Run it?", default=False, err=True):
            raise Refused("Nothing was approved.", "It waits on, until it is denied or expires.")
    _answer(remote, seen, "approve", {"approval": asked.id, "sha": asked.sha}, as_json, titles)


@click.command("deny", short_help="Say no to a command.")
@_REF
@_APPROVAL
@click.option("--why", default="", help="The reason; it stands on the timeline.")
@output.as_json
@remote
def deny(remote: Remote, ref: str, approval: str, why: str, as_json: bool) -> None:
    """Say no to a command that waits. It takes the role approver.

    \b
    Example:
      tocsin deny INC-1 --why 'the bank is down, a restart changes nothing'
    """
    whole = understood(Full, remote.get(incident(ref)))
    seen, titles = whole.incident, {step.id: output.one_line(step.title) for step in whole.steps()}
    asked = addressing.approval(seen, approval, titles)
    _answer(remote, seen, "deny", {"approval": asked.id, "sha": asked.sha, "why": why}, as_json, titles)


def _answer(
    remote: Remote, seen: Incident, move: str, body: dict[str, str], as_json: bool, titles: Mapping[str, str]
) -> None:
    answer = remote.post(incident(seen.id, move), body)
    if as_json:
        output.give(answer)
        return
    after = understood(Incident, answer)
    asked = after.approvals[body["approval"]]
    state = after.step(asked.step)
    went = state.status.replace("_", " ") if state else asked.status
    if asked.status == "waiting":
        went = f"{len(asked.granted_by)} of {asked.needs} approvals"
    name = f"{len(asked.members)} commands" if asked.members else titles.get(asked.step, asked.step)
    output.tell(f"{after.id}  {name}  {went}")


def present(seen: Incident, asked: Approval, titles: Mapping[str, str]) -> None:
    """Everything that the approval is bound to, the commands with no character hidden."""
    output.say(f"{seen.id} ({seen.severity}) {output.one_line(seen.title)}")
    if asked.members:
        output.say(f"Steps:    {len(asked.members)}, under one answer")
    else:
        output.say(f"Step:     {titles.get(asked.step, asked.step)}")
        output.say(f"Target:   {asked.target}")
    output.say(f"Verdict:  {asked.verdict}. {asked.verdict_why}")
    output.say(f"Asked by: {asked.asked_by}, until {output.moment(asked.expires_at)} UTC")
    if asked.needs > 1:
        output.say(f"Needs:    {asked.needs} people, so far {', '.join(asked.granted_by) or 'nobody'}")
    if asked.roles:
        output.say(f"Who may:  only {' or '.join(asked.roles)}")
    if asked.policy:
        output.say(f"Rule:     {asked.policy}")
    if asked.undoes:
        output.say(f"Undoes:   {titles.get(asked.undoes, asked.undoes)}, which is in doubt")
    for number, member in enumerate(asked.members, 1):
        name = titles.get(member.step, member.step)
        _show_command(f"{number} of {len(asked.members)}, {name}", member.kind, member.command)
        traits = f" ({', '.join(member.traits)})" if member.traits else ""
        output.say(f"    is {member.verdict}{traits}: {member.verdict_why} On {member.target}.")
    if asked.members:
        output.say("What fails does not stop the others." if asked.go_on else "What does not go well stops the rest.")
    else:
        _show_command("", asked.kind, asked.command)


def _show_command(name: str, kind: str, command: str) -> None:
    word = {"sql": "SQL", "http": "Request"}.get(kind, "Command")
    output.say(f"{word} {name}:" if name else f"{word}:")
    for line in command.split("\n"):
        output.say(f"    {line}")
