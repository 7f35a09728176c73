"""``tocsin silence``: maintenance windows, and anything else that need not page for a while."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, remote, understood
from tocsin.errors import Invalid, NotFound
from tocsin.service.silencing import SilenceView


@click.group("silence", short_help="Plan, list and end silences (maintenance windows).")
def command() -> None:
    """Plan, list and end silences. A silence that begins later is a maintenance window.

    Alerts that match are kept and shown, and declare nothing; what still fires when it ends declares its incident then.

    \b
    Example:
      tocsin silence add 'service="shop"' --for 2h --why 'the database moves'
      tocsin silence add 'cluster="north"' --from '2026-03-07 22:00' --for 4h --why 'new kernel'
      tocsin silence list
    """


@command.command("add", short_help="Begin a silence, now or later.")
@click.argument("matchers", metavar="MATCHERS", help='Which alerts: service="shop", env!~"dev.*"')
@click.option("--for", "lasts", default="", metavar="SPAN", help="For how long: 30m, 2h, 1d.")
@click.option("--until", default="", metavar="MOMENT", help="Until when, in place of --for.")
@click.option("--from", "begins", default="", metavar="MOMENT", help="When it begins; unless told, now.")
@click.option("--why", required=True, help="The reason; it is shown wherever the silence is.")
@output.as_json
@remote
def add(remote: Remote, *, matchers: str, lasts: str, until: str, begins: str, why: str, as_json: bool) -> None:
    """Begin a silence, now or later. It must have an end. It takes the role responder.

    Moments are written as 2026-03-07T22:00, in UTC unless they say otherwise (2026-03-07T22:00+01:00).

    \b
    Example:
      tocsin silence add 'service="shop"' --for 2h --why 'the database moves'
    """
    moments = {"starts_at": begins, "ends_at": until}
    body = {"matchers": matchers, "why": why, "lasts": lasts}
    body |= {name: moment(text, name) for name, text in moments.items() if text}
    answer = remote.post("/api/v1/silences", body)
    output.give(answer) if as_json else report(understood(SilenceView, answer))


@command.command("list", short_help="List silences that count and those to come.")
@click.option("--past", is_flag=True, help="Those that ended in the last five days, too.")
@output.as_json
@remote
def list_silences(remote: Remote, past: bool, as_json: bool) -> None:
    """List silences: those that count first, then those to come.

    MATCHES is how many alerts fire that it speaks of; COVERS how many of them declare nothing before it ends. The
    others belong to an incident already, or are kept back for another reason.

    \b
    Example:
      tocsin silence list
    """
    answer = remote.get("/api/v1/silences", past="true" if past else "false")
    if as_json:
        output.give(answer)
        return
    found = understood(dict[str, list[SilenceView]], answer)["silences"]
    if not found:
        output.say("Nothing is silenced.")
        return
    rows = [
        (each.id[:8], f"{each.state}{' (ends soon)' if each.soon else ''}", output.moment(each.starts_at),
         output.moment(each.ends_at), str(each.matches), str(each.covers),
         each.created_by, ", ".join(each.matchers), each.why)
        for each in found
    ]  # fmt: skip
    output.table(("SILENCE", "STATE", "FROM (UTC)", "UNTIL (UTC)", "MATCHES", "COVERS", "BY", "MATCHERS", "WHY"), rows)


@command.command("end", short_help="End a silence now.")
@click.argument("silence", metavar="SILENCE", help="Its id, or the beginning of it.")
@output.as_json
@remote
def end(remote: Remote, silence: str, as_json: bool) -> None:
    """End a silence now. What fires under it declares its incident at once. It takes the role responder.

    \b
    Example:
      tocsin silence end 1f0c
    """
    known = understood(dict[str, list[SilenceView]], remote.get("/api/v1/silences"))["silences"]
    fitting = [each.id for each in known if each.id.startswith(silence)]
    if len(fitting) != 1:
        raise NotFound(f"{silence!r} means {len(fitting)} silences.", "`tocsin silence list` shows them.")
    answer = remote.post(f"/api/v1/silences/{fitting[0]}/end", {})
    output.give(answer) if as_json else report(understood(SilenceView, answer))


def report(made: SilenceView) -> None:
    """One line about a silence as it is now."""
    span = f"from {output.moment(made.starts_at)} until {output.moment(made.ends_at)} UTC"
    output.tell(output.one_line(f"{made.id[:8]}  {made.state}  {span}  {', '.join(made.matchers)}  {made.why}"))
    if made.state != "expired":
        output.tell(_what_fires(made))


def _what_fires(made: SilenceView) -> str:
    """What of it fires now: a matcher with a slip in it matches nothing, and what goes on is said to go on."""
    if not made.matches:
        return "No alert that fires now matches."
    said = "1 alert that fires matches" if made.matches == 1 else f"{made.matches} alerts that fire match"
    if made.state == "pending":
        return f"{said} now."
    others = made.matches - made.covers
    parts = [f"{made.covers} under it, declaring nothing before its end"] if made.covers else []
    if others:
        parts.append(f"{others} an incident's already or kept back; open incidents and their clocks go on")
    return f"{said}: {'; '.join(parts)}."


def moment(text: str, what: str) -> str:
    """A moment as the API takes it; one without a zone is in UTC. Raises `Invalid` for what is none."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(f"{text!r} is not a moment.", "Write for example 2026-03-07T22:00.", where=what) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()
