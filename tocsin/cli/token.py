"""``tocsin token``: who may come in, in the database itself, so that it works while no server runs."""

from __future__ import annotations

import secrets

import click

from tocsin.cli import output, places
from tocsin.errors import Invalid, NotFound
from tocsin.service.access import hashed
from tocsin.settings import ROLES
from tocsin.store import people
from tocsin.store.db import Tx
from tocsin.times import SystemClock

LONGEST_NAME = 100


@click.group("token", short_help="Make, list and revoke tokens.")
def command() -> None:
    """Make, list and revoke tokens. This opens the database itself; a server that runs on it takes note at once.

    Tokens that tocsin.toml or TOCSIN_TOKEN hold are not in the database, and not listed here.

    \b
    Example:
      tocsin token create ana --role approver
    """


@command.command("create", short_help="Make a token and print it, this once.")
@click.argument("name", help="Whose it is, as the timeline is to say; best the person's id in tocsin.toml.")
@click.option("--role", type=click.Choice(ROLES), default="responder", show_default=True, help="What it may do.")
@output.as_json
@places.database
def create(database: str, name: str, role: str, as_json: bool) -> None:
    """Make a token and print it. Only its hash is kept, so this is the one time that it is seen.

    \b
    Example:
      tocsin token create ana --role approver > ana.token
    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid("This can't be the name of a token.", f"Use at most {LONGEST_NAME} printable characters.")
    secret = secrets.token_urlsafe(24)
    token = people.Token(hash=hashed(secret), name=name.strip(), role=role, created_at=SystemClock().now())
    with places.opened(database) as db:
        db.write(lambda tx: people.add_token(tx, token))
    if as_json:
        output.give({"name": token.name, "role": role, "token": secret})
        return
    output.say(f"The token of {token.name} ({role}), shown this once:")
    output.tell(secret)


@command.command("list", short_help="List tokens, without their secrets.")
@output.as_json
@places.database
def list_tokens(database: str, as_json: bool) -> None:
    """List every token that was ever made, without its secret.

    \b
    Example:
      tocsin token list
    """
    with places.opened(database) as db:
        found = db.read(people.tokens)
    if as_json:
        rows = [
            {
                "name": each.name, "role": each.role, "created_at": each.created_at.isoformat(),
                "revoked_at": each.revoked_at.isoformat() if each.revoked_at else None,
            }
            for each in found
        ]  # fmt: skip
        output.give({"tokens": rows})
    elif not found:
        output.say("There are none.")
    else:
        rows_shown = [(e.name, e.role, output.moment(e.created_at), output.moment(e.revoked_at)) for e in found]
        output.table(("NAME", "ROLE", "MADE (UTC)", "REVOKED (UTC)"), rows_shown)


@command.command("revoke", short_help="End every token of a name.")
@click.argument("name", help="The name, as the list shows it.")
@output.as_json
@places.database
def revoke(database: str, name: str, as_json: bool) -> None:
    """End every token of a name, and the sessions that were begun with it.

    \b
    Example:
      tocsin token revoke ana
    """

    def write(tx: Tx) -> int:
        people.close_sessions_of(tx, name)
        return people.revoke(tx, name, SystemClock().now())

    with places.opened(database) as db:
        ended = db.write(write)
    if not ended:
        raise NotFound(f"No token of {name!r} is in force.", "`tocsin token list` shows what there is.")
    output.give({"name": name, "revoked": ended}) if as_json else output.say(f"Revoked {ended} of {name}.")
