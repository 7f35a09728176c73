"""What no single table can tell: names that mean the same, references between tables, tokens, sane numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from tocsin.core import scopes
from tocsin.core.facts import ENGINE
from tocsin.core.oncall import channel_id
from tocsin.errors import Invalid
from tocsin.ids import slug
from tocsin.settings import approvals, shapes
from tocsin.settings.model import Settings, Token

ROLES = ("viewer", "agent", "responder", "approver", "admin")
SHORTEST_TOKEN = 16
MOST_WAYS = 5
"""To one person; each may take ten seconds, and a notice is leased for a minute (`tocsin.engine.worker`)."""


_SANDBOX: Mapping[str, Literal["auto", "on", "off"]] = {"auto": "auto", "on": "on", "off": "off"}


def names(raw: shapes.File, where: str) -> None:
    """Names that are none, or that mean the same: one table would silently replace the other."""
    tables: dict[str, Mapping[str, Any]] = {
        "people": raw.people, "roles": raw.roles, "signals": raw.signals, "scrape": raw.scrape,
    }  # fmt: skip
    for table, entries in tables.items():
        known: dict[str, str] = {}
        for name in entries:
            first = known.setdefault(slug(name), name)
            if not slug(name):
                raise Invalid(f"{name!r} has neither a letter nor a digit.", "Name it.", where=f"{where}: [{table}]")
            if first is not name:
                raise Invalid(f"{name!r} is the same as {first!r}.", "Keep one of them.", where=f"{where}: [{table}]")
    if raw.server.url and not raw.server.url.startswith(("http://", "https://")):
        raise Invalid(
            f"{raw.server.url!r} is not an address.", "Begin it with https://.", where=f"{where}: [server] url"
        )


def channels(raw: shapes.File, where: str) -> None:
    """Addresses that are none, or that mean the same."""
    known: dict[str, str] = {}
    for address in raw.channels:
        first = known.setdefault(channel_id(address), address)
        if not address.strip():
            raise Invalid("A channel has no address.", "Write it as the runbook does.", where=f"{where}: [channels]")
        if first is not address:
            raise Invalid(f"{address!r} is the same as {first!r}.", "Keep one of them.", where=f"{where}: [channels]")


def sandbox(word: str, where: str) -> Literal["auto", "on", "off"]:
    """How ``[server] sandbox`` wants proved reads fenced in."""
    if word in _SANDBOX:
        return _SANDBOX[word]
    raise Invalid(f"{word!r} is not one of auto, on, off.", where=f"{where}: [server] sandbox")


def whole(settings: Settings, where: str) -> Settings:
    """The settings, where everything in them fits together."""
    _references(settings, where)
    _tokens(settings.tokens, where)
    targets = [place.target.name for place in settings.places]
    approvals.check(settings.approvals, settings.directory, targets, where)
    return settings


def _references(settings: Settings, where: str) -> None:
    directory = settings.directory
    for role, person in directory.roles.items():
        if person not in directory.people:
            known = ", ".join(directory.people) or "nobody"
            raise Invalid(
                f"{person!r} is nobody under [people].", f"Known: {known}.", where=f'{where}: [roles] "{role}"'
            )
    places = {f"[people.{name}]": somebody for name, somebody in directory.people.items()}
    places |= {f'[channels] "{channel.name}"': channel for channel in directory.channels.values()}
    for place, somebody in places.items():
        if len(somebody.notify) > MOST_WAYS:
            raise Invalid(f"Somebody is told by at most {MOST_WAYS} ways.", where=f"{where}: {place} notify")
        for name in somebody.notify:
            if name not in settings.notifiers:
                known = ", ".join(settings.notifiers)
                raise Invalid(f"There is no notifier {name!r}.", f"Known: {known}.", where=f"{where}: {place}")


def _tokens(tokens: Sequence[Token], where: str) -> None:
    owners: dict[str, str] = {}
    for token in tokens:
        place = f"{where}: [tokens.{token.name}]"
        if token.role not in ROLES:
            raise Invalid(f"{token.role!r} is not a role.", f"Use one of: {', '.join(ROLES)}.", where=place)
        if len(token.secret) < SHORTEST_TOKEN:
            raise Invalid(f"The token is shorter than {SHORTEST_TOKEN} characters.", where=place)
        try:
            scopes.checked(token.scopes)
        except Invalid as error:
            raise Invalid(error.message, error.hint, where=f"{place} scopes") from None
        if token.name == ENGINE.name:
            raise Invalid(f"{token.name!r} is the name of the engine on every timeline.", "Take another.", where=place)
        owner = owners.setdefault(token.secret, token.name)
        if owner != token.name:
            raise Invalid(f"This is the same token as {owner}'s.", "Give everybody one of their own.", where=place)
