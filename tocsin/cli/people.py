"""``tocsin people``: the ways to people, and whether they really lead there."""

from __future__ import annotations

from typing import Any

import click

from tocsin.cli import output
from tocsin.cli.ready import access_line
from tocsin.cli.remote import Remote, remote, understood
from tocsin.errors import NotFound
from tocsin.service.deliveries import MethodView
from tocsin.service.readiness import AccessRow


@click.group("people", short_help="See the ways to people, and verify them.")
def command() -> None:
    """See the ways to people, and verify that they lead there.

    \b
    Example:
      tocsin people verify ana
    """


@command.command("list", short_help="List each way to each person.")
@output.as_json
@remote
def list_people(remote: Remote, as_json: bool) -> None:
    """List each way to each person: whether it was verified, when it worked last, what was wrong with it last.

    A way that nobody has verified is used all the same.

    \b
    Example:
      tocsin people list
    """
    answer = remote.get("/api/v1/people/methods")
    if as_json:
        output.give(answer)
        return
    found = understood(dict[str, list[MethodView]], answer)["methods"]
    if not found:
        output.say("Nobody stands in tocsin.toml under [people].")
        return
    output.table(("PERSON", "BY", "ADDRESS", "VERIFIED", "WORKED (UTC)", "FAILED (UTC)", "WHY"), list(map(_row, found)))


@command.command("verify", short_help="Send somebody a code and type it back.")
@click.argument("person", metavar="PERSON")
@click.option("--via", default="", help="The way to verify; unless told, the first that is not verified.")
@click.option("--code", default="", help="The code that came; without it one is sent, and asked for on a terminal.")
@output.as_json
@remote
def verify(remote: Remote, *, person: str, via: str, code: str, as_json: bool) -> None:
    """Send somebody a code by one of their ways, and type it back: then it is sure that the way leads there.

    On a terminal the code is asked for; elsewhere give it with --code to a second call. A code counts for 10 minutes
    and five tries. It takes the role responder.

    \b
    Example:
      tocsin people verify ana --via sms
      tocsin people verify ana --via sms --code 123456
    """
    chosen = via or _first_unverified(remote, person)
    body = {"person": person, "via": chosen}
    if not code:
        answer = remote.post("/api/v1/people/verify", body)
        output.say(f"A code went to {person} by {chosen}.")
        if output.person_there() and not as_json:
            code = click.prompt("The code that came", err=True)
    if code:
        answer = remote.post("/api/v1/people/verify", {**body, "code": code})
    if as_json:
        output.give(answer)
        return
    made = understood(MethodView, answer)
    output.tell(f"{made.name} by {made.via}: {'verified' if made.verified_at else 'not verified yet'}")


@command.command("access", short_help="Say whether somebody reaches a system, or see who does.")
@click.argument("person", metavar="[PERSON]", default="")
@click.option("--system", default="", help="The system, by its short name in the list.")
@click.option("--ok/--no", "reached", default=None, help="Whether it was reached; without either, the list is shown.")
@click.option("--note", default="", help="What is missing.")
@output.as_json
@remote
def access(remote: Remote, *, person: str, system: str, reached: bool | None, note: str, as_json: bool) -> None:
    """See who has said lately that they reach the systems that the runbooks list, or say it of oneself.

    Whoever would be called is asked once a month. An admin may say it for others. It takes the role responder.

    \b
    Example:
      tocsin people access
      tocsin people access ana --system vercel --ok
      tocsin people access ana --system vercel --no --note "no seat yet"
    """
    if reached is None:
        _list_access(remote, as_json=as_json)
        return
    if not system:
        raise click.UsageError("Name the --system; `tocsin people access` lists them.")
    answer = remote.post("/api/v1/people/access", {"person": person, "system": system, "ok": reached, "note": note})
    if as_json:
        output.give(answer)
        return
    output.tell(output.one_line(access_line(understood(AccessRow, answer))))


def _list_access(remote: Remote, *, as_json: bool) -> None:
    answer = remote.get("/api/v1/people/access")
    if as_json:
        output.give(answer)
        return
    rows = understood(dict[str, list[AccessRow]], answer)["access"]
    if not rows:
        output.say("No runbook lists what people must reach, under a heading such as “Access requirements”.")
        return
    told = [
        (row.system, cell.name, _STATES[cell.state], output.moment(cell.at), output.moment(cell.ok_at), cell.note)
        for row in rows for cell in row.cells
    ]  # fmt: skip
    output.table(("SYSTEM", "PERSON", "SAYS", "AT (UTC)", "REACHED LAST (UTC)", "NOTE"), told)


_STATES = {"reached": "reaches it", "refused": "can't reach it", "old": "not lately", "unsaid": "nothing yet"}


def _first_unverified(remote: Remote, person: str) -> str:
    found = understood(dict[str, list[MethodView]], remote.get("/api/v1/people/methods"))["methods"]
    theirs = [one for one in found if person.casefold() in (one.person, one.name.casefold())]
    if not theirs:
        raise NotFound(f"{person!r} is nobody that tocsin.toml knows.", "`tocsin people list` shows them.")
    return next((one.via for one in theirs if one.verified_at is None), theirs[0].via)


def _row(one: MethodView) -> tuple[Any, ...]:
    failed = one.failed_at if one.failed_at and (one.ok_at is None or one.failed_at > one.ok_at) else None
    return (
        one.name, one.via, one.address, output.moment(one.verified_at) if one.verified_at else "no",
        output.moment(one.ok_at), output.moment(failed), one.error if failed else "",
    )  # fmt: skip
