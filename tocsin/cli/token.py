"""``tocsin token``: who may come in, in the database itself, so that it works while no server runs."""

from __future__ import annotations

import secrets
from datetime import datetime

import click

from tocsin.cli import output, places
from tocsin.core.scopes import DEEDS, checked
from tocsin.errors import Invalid, NotFound
from tocsin.service.access import hashed, short
from tocsin.settings import LONGEST_SPAN, ROLES
from tocsin.store import people
from tocsin.store.db import Tx
from tocsin.times import SystemClock, parse_duration

LONGEST_NAME = 100
SCOPES = "; ".join([*(f"{word}: {says}" for word, (says, _) in DEEDS.items()), "incident:INC-12", "runbook:FILE.md"])


@click.group("token", short_help="Make, list and revoke tokens.")
def command() -> None:
    """Make, list and revoke tokens. This opens the database itself; a server that runs on it takes note at once.

    Tokens that tocsin.toml or TOCSIN_TOKEN hold are not in the database, and not listed here.

    \b
    Example:
      tocsin token add ana --role approver
    """


@command.command("add", short_help="Make a token and print it, this once.")
@click.argument("name", help="Whose it is, as the timeline is to say; best the person's id in tocsin.toml.")
@click.option("--role", type=click.Choice(ROLES), default="responder", show_default=True, help="What it may do.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help=f"Narrow the role; may be repeated. Words for what may be done are added up, and so are those that name "
    f"incidents; together they mean what both allow. {SCOPES}.",
)
@click.option("--expires", default="", metavar="SPAN", help="When it ends by itself, for example 12h or 90d.")
@output.as_json
@places.database
def add(database: str, name: str, role: str, scopes: tuple[str, ...], expires: str, as_json: bool) -> None:
    """Make a token and print it. Only its hash is kept, so this is the one time that it is seen.

    \b
    Example:
      tocsin token add ana --role approver > ana.token
      tocsin token add dashboard --role viewer --scope incidents:read --expires 90d
      tocsin token add helper --role agent --scope incident:INC-12 --expires 8h
    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid("This can't be the name of a token.", f"Use at most {LONGEST_NAME} printable characters.")
    secret, now = secrets.token_urlsafe(24), SystemClock().now()
    token = people.Token(
        hash=hashed(secret), name=name.strip(), role=role, created_at=now, scopes=checked(scopes),
        expires_at=_end(expires, now),
    )  # fmt: skip
    with places.opened(database) as db:
        db.write(lambda tx: people.add_token(tx, token))
    if as_json:
        output.give({**_told(token), "token": secret})
        return
    until = f", until {output.moment(token.expires_at)} UTC" if token.expires_at else ""
    output.say(f"The token of {token.name} ({' '.join([role, *token.scopes])}{until}), shown this once:")
    output.tell(secret)


command.add_command(
    click.Command(
        "create", callback=add.callback, params=add.params, help=add.help, short_help=add.short_help, hidden=True
    )
)
"""The name that ``add`` had at first; scripts may still say it."""


@command.command("list", short_help="List tokens, without their secrets.")
@output.as_json
@places.database
def list_tokens(database: str, as_json: bool) -> None:
    """List every token that was ever made, without its secret. The last use is exact to a minute.

    \b
    Example:
      tocsin token list
    """
    with places.opened(database) as db:
        found = db.read(people.tokens)
    if as_json:
        output.give({"tokens": [_told(each) for each in found]})
    elif not found:
        output.say("There are none.")
    else:
        now = SystemClock().now()
        columns = ("ID", "NAME", "ROLE", "SCOPES", "STATE", "MADE (UTC)", "LAST USED (UTC)", "EXPIRES (UTC)")
        output.table(columns, [_row(each, now) for each in found])


@command.command("revoke", short_help="End one token, or every token of a name.")
@click.argument("name", help="The name or the id, as the list shows it.")
@output.as_json
@places.database
def revoke(database: str, name: str, as_json: bool) -> None:
    """End one token by its id, or every token of a name, and the sessions that were begun with it. Open pages notice
    within seconds.

    \b
    Example:
      tocsin token revoke ana
    """

    def write(tx: Tx) -> int:
        now = SystemClock().now()
        named = [each.hash for each in people.tokens(tx) if each.name == name]
        meant = named or [each.hash for each in people.tokens(tx) if short(each.hash) == name]
        if named:
            people.close_sessions_of(tx, name)
        return sum(people.revoke_one(tx, each, now) for each in meant)

    with places.opened(database) as db:
        ended = db.write(write)
    if not ended:
        raise NotFound(f"No token of {name!r} is in force.", "`tocsin token list` shows what there is.")
    output.give({"name": name, "revoked": ended}) if as_json else output.say(f"Revoked {ended} of {name}.")


def _end(span: str, now: datetime) -> datetime | None:
    if not span:
        return None
    try:
        length = parse_duration(span)
    except ValueError as error:
        raise Invalid(str(error), where="--expires") from None
    if not 0 < length.total_seconds() <= LONGEST_SPAN.total_seconds():
        raise Invalid(f"{span} is not a span in which a token could be used.", "Use at most 366d.", where="--expires")
    return now + length


def _told(token: people.Token) -> dict[str, object]:
    def when(moment: datetime | None) -> str | None:
        return moment.isoformat() if moment else None

    return {
        "id": short(token.hash), "name": token.name, "role": token.role, "scopes": list(token.scopes),
        "created_at": when(token.created_at), "expires_at": when(token.expires_at),
        "last_used_at": when(token.last_used_at), "revoked_at": when(token.revoked_at),
    }  # fmt: skip


def _row(token: people.Token, now: datetime) -> tuple[str, ...]:
    over = token.expires_at is not None and token.expires_at <= now
    state = f"revoked {output.moment(token.revoked_at)}" if token.revoked_at else "expired" if over else "in force"
    return (
        short(token.hash), token.name, token.role, " ".join(token.scopes) or "-", state,
        output.moment(token.created_at), output.moment(token.last_used_at), output.moment(token.expires_at),
    )  # fmt: skip
