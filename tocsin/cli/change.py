"""``tocsin change``: tell of changes, and see what was changed lately."""

from __future__ import annotations

from datetime import timedelta

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, remote, understood
from tocsin.core.change import Change
from tocsin.errors import Invalid
from tocsin.times import SystemClock, parse_duration


@click.group("change", short_help="Tell of changes, and see what was changed lately.")
def command() -> None:
    """Tell of changes, and see what was changed lately.

    They page nobody. An incident shows those of the day before it, each with its distance to the beginning.

    \b
    Example:
      tocsin change add 'v42 deployed' --where till
      tocsin change list --since 2h
    """


@command.command("add", short_help="Put a change on record.")
@click.argument("what", help="What was changed, in a few words.")
@click.option("--where", default="", help="The service, the environment.")
@click.option("--kind", default="change", show_default=True, help="What kind of change: deployment, setting, switch.")
@click.option("--who", default="", help="Who did it; unless told, you.")
@click.option("--at", default="", help="When, if not now: 2026-11-20T23:17:31Z.")
@click.option("--link", default="", help="Where more is said of it: https://…")
@click.option("--outcome", default="", help="How it went.")
@output.as_json
@remote
def add(remote: Remote, what: str, as_json: bool, link: str, **told: str) -> None:
    """Put a change on record. Deployment pipelines do it with a token of the role agent and the scope alerts:send.

    \b
    Example:
      tocsin change add 'v42 deployed' --where till --kind deployment
      tocsin change add 'timeout raised to 9 s' --at 2026-11-20T23:17:31Z --link https://tickets.example.org/7
    """
    answer = remote.post("/api/v1/changes", {"what": what, "url": link, **told})
    if as_json:
        output.give(answer)
        return
    kept = understood(Change, answer)
    output.tell(f"{output.moment(kept.at)}  {output.one_line(kept.what)}")


@command.command("list", short_help="List what was changed lately, the newest first.")
@click.option("--since", default="24h", show_default=True, help="How far back: 90m, 2h, 7d.")
@click.option("--source", default="", help="Only what this source told: git, github, 'by hand'.")
@click.option("--words", default="", help="Only what holds these words.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="At most so many.")
@output.as_json
@remote
def list_changes(remote: Remote, since: str, source: str, words: str, limit: int, as_json: bool) -> None:
    """List what was changed lately, the newest first.

    \b
    Example:
      tocsin change list
      tocsin change list --since 7d --words till --json
    """
    answer = remote.get(
        "/api/v1/changes", since=back_to(since), limit=limit,
        **{name: text for name, text in (("source", source), ("words", words)) if text},
    )  # fmt: skip
    if as_json:
        output.give(answer)
        return
    found = understood(dict[str, list[Change]], answer)["changes"]
    if not found:
        output.say("Nothing was told that was changed in that time.")
        return
    rows = [
        (output.moment(each.at), each.kind, each.what, each.where or "-", each.who or "-", each.source, each.outcome)
        for each in found
    ]
    output.table(("AT (UTC)", "KIND", "WHAT", "WHERE", "WHO", "TOLD BY", "OUTCOME"), rows)


def back_to(span: str) -> str:
    """The moment that lies so far back."""
    try:
        back = parse_duration(span)
        return (SystemClock().now() - min(back, timedelta(days=3650))).isoformat()
    except ValueError as error:
        raise Invalid(str(error), where="--since") from None
