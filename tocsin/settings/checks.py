"""What no single table can tell: names that mean the same, references between tables, tokens, sane numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from tocsin.core import scopes
from tocsin.core.facts import ENGINE
from tocsin.core.flapping import Flapping
from tocsin.core.oncall import SCHEDULE, channel_id
from tocsin.errors import Invalid
from tocsin.ids import slug
from tocsin.settings import approvals, shapes
from tocsin.settings.model import Settings, Token
from tocsin.settings.spans import span
from tocsin.settings.telling import MOST_WAYS

ROLES = ("viewer", "agent", "responder", "approver", "admin")
SHORTEST_TOKEN = 16
SHORTEST_FLAPPING = timedelta(minutes=1)
MOST_FLAPPING_TIMES = 100


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


def flapping(raw: shapes.Defaults, where: str) -> Flapping:
    """From when on an alert flaps; raises `Invalid` where the numbers make no sense."""
    within = span(raw.flapping_within, f"{where}: [defaults] flapping_within", SHORTEST_FLAPPING)
    if raw.flapping_times != 0 and not 2 <= raw.flapping_times <= MOST_FLAPPING_TIMES:
        raise Invalid(
            f"{raw.flapping_times} is no number of times.",
            f"Write 2 to {MOST_FLAPPING_TIMES}, or 0: nothing is taken for flapping.",
            where=f"{where}: [defaults] flapping_times",
        )
    return Flapping(times=raw.flapping_times, within=within)


def repositories(given: list[str] | None, folder: Path, where: str) -> tuple[str, ...] | None:
    """The repositories whose commits count as changes; None: those in which the runbooks lie."""
    if given is None:
        return None
    found = [(folder / each).resolve() for each in given]
    for name, place in zip(given, found, strict=True):
        if not place.is_dir():
            raise Invalid(f"{name!r} is not a folder.", "Name a checkout.", where=f"{where}: [context] repositories")
    return tuple(map(str, found))


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
        name = person.removeprefix(SCHEDULE)
        if person != name and name not in directory.schedules:
            known = ", ".join(directory.schedules) or "none"
            place = f'{where}: [roles] "{role}"'
            raise Invalid(f"{name!r} is no schedule under [schedules].", f"Known: {known}.", where=place)
        if person == name and person not in directory.people:
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
        for rule in somebody.rules:
            strange = next((name for name in rule.methods if name not in settings.notifiers), None)
            if strange is not None:
                known = ", ".join(settings.notifiers)
                raise Invalid(f"There is no notifier {strange!r}.", f"Known: {known}.", where=f"{where}: {place} rules")


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
