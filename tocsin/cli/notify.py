"""``tocsin notify``: how people were told, what reached nobody, and whether a way works."""

from __future__ import annotations

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, remote, understood
from tocsin.service.deliveries import Dead, Trial
from tocsin.store.outbox import Delivery


@click.group("notify", short_help="See how people were told, try again, try ways out.")
def command() -> None:
    """See how people were told, try again what reached nobody, and try ways out.

    \b
    Example:
      tocsin notify test ana --via sms
    """


@command.command("log", short_help="List attempts to tell people.")
@click.option("--person", default="", help="Only to this person or channel.")
@click.option("--incident", default="", help="Only about this incident.")
@click.option("--dead", is_flag=True, help="Only what reached nobody.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="At most so many.")
@output.as_json
@remote
def log(remote: Remote, *, person: str, incident: str, dead: bool, limit: int, as_json: bool) -> None:
    """List attempts to tell people, the newest first; with --dead, the notices that reached nobody.

    \b
    Example:
      tocsin notify log --person ana
      tocsin notify log --dead
    """
    if dead:
        answer = remote.get("/api/v1/notices")
        output.give(answer) if as_json else _show_dead(understood(dict[str, list[Dead]], answer)["dead"])
        return
    answer = remote.get("/api/v1/deliveries", person=person, incident=incident.upper(), limit=limit)
    if as_json:
        output.give(answer)
        return
    found = understood(dict[str, list[Delivery]], answer)["deliveries"]
    if not found:
        output.say("Nobody was told anything.")
        return
    rows = [
        (output.moment(one.at), one.person, one.via, "taken" if one.ok else "failed", one.notice, one.detail)
        for one in found
    ]
    output.table(("AT (UTC)", "TO", "BY", "RESULT", "NOTICE", "DETAIL"), rows)


@command.command("retry", short_help="Try a notice again that reached nobody.")
@click.argument("notice", metavar="NOTICE")
@output.as_json
@remote
def retry(remote: Remote, notice: str, as_json: bool) -> None:
    """Try a notice again that reached nobody, by every way. NOTICE is its id; `tocsin notify log --dead` lists them.

    It takes the role responder.

    \b
    Example:
      tocsin notify retry INC-7/5/ana
    """
    answer = remote.post("/api/v1/notices/retry", {"notice": notice})
    output.give(answer) if as_json else output.say(f"{notice} is tried again now.")


@command.command("test", short_help="Send a test, and say what came of it.")
@click.argument("to", metavar="[PERSON|CHANNEL]", required=False, default="")
@click.option("--via", default="", help="By this notifier; unless told, by each way that leads there.")
@output.as_json
@remote
def test(remote: Remote, to: str, via: str, as_json: bool) -> None:
    """Send a test to a person or channel, and say what came of it; without a name, to everybody.

    Exit code 1 where one of them was not taken. It takes the role responder, and wakes whoever it reaches.

    \b
    Example:
      tocsin notify test ana --via mail
      tocsin notify test '#incidents'
    """
    whom = [to] if to else _everybody(remote, via)
    trials: list[Trial] = []
    for name in whom:
        answer = remote.post("/api/v1/notices/test", {"to": name, "via": via})
        trials += understood(dict[str, list[Trial]], answer)["trials"]
    failed = [one for one in trials if not one.ok]
    if as_json:
        output.give({"trials": [_plain(one) for one in trials], "failed": len(failed)})
    else:
        for one in trials:
            said = f"ok      {one.reference}" if one.ok else f"FAILED  {one.detail}"
            output.tell(output.one_line(f"{one.to} by {one.via}: {said}"))
        output.say(f"{output.count(len(trials) - len(failed), 'way')} took the test, {len(failed) or 'none'} did not.")
    if failed or not trials:
        raise click.exceptions.Exit(1)


def _everybody(remote: Remote, via: str) -> list[str]:
    methods = remote.get("/api/v1/people/methods")["methods"]
    return list(dict.fromkeys(str(one["person"]) for one in methods if via in ("", one["via"])))


def _plain(one: Trial) -> dict[str, object]:
    return {"to": one.to, "via": one.via, "ok": one.ok, "detail": one.detail, "reference": one.reference}


def _show_dead(found: list[Dead]) -> None:
    if not found:
        output.say("Every notice reached somebody, or is still under way.")
        return
    rows = [(one.id, output.moment(one.since), one.to, one.subject, one.error) for one in found]
    output.table(("NOTICE", "SINCE (UTC)", "TO", "ABOUT", "WHY"), rows)
