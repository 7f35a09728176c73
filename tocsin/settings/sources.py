"""``[sources.NAME]`` and ``[intake.mail]``: which monitoring systems may send, and how they show who they are."""

from __future__ import annotations

import ipaddress
import re

from tocsin.core.routing import OURSELVES
from tocsin.errors import Invalid
from tocsin.plug import registry
from tocsin.plug.guarding import Guarded
from tocsin.plug.kinds import Source
from tocsin.settings import shapes
from tocsin.settings.kinds import class_of

SHORTEST_SECRET = 16
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_LISTEN = re.compile(r"(?:(\d+(?:\.\d+){3})|\[([0-9A-Fa-f:]+)\]):(\d{1,5})")


def bound(raw: shapes.File, where: str) -> dict[str, Source]:
    """The sources of a file by their names. Raises `Invalid` that names the table."""
    kinds = registry.discover("tocsin.sources", Source)
    made: dict[str, Source] = {}
    for name, entry in raw.sources.items():
        place, table = f"{where}: [sources.{name}]", dict(entry)
        if not _NAME.fullmatch(name):
            hint = f"Its address is /in/{name[:40]}: use small letters, digits, `.`, `_` and `-`."
            raise Invalid(f"{name!r} is not the name of a source.", hint, where=place)
        cls = class_of(kinds, str(table.pop("kind", "")), place)
        named = {"name": name} if "name" in cls.__dataclass_fields__ else {}
        source: Source = registry.bind(cls, {**named, **table}, place)
        if any(len(secret) < SHORTEST_SECRET for secret in registry.secrets_of(source)):
            said = f"A secret there is shorter than {SHORTEST_SECRET} characters."
            raise Invalid(said, "Make it longer, on both sides.", where=place)
        made[name] = source
    _told_apart(made, where)
    return made


def mail_listen(raw: shapes.File, where: str) -> tuple[str, int] | None:
    """Where mails are taken: address and port; None where they are not."""
    strange = next((name for name in raw.intake if name != "mail"), None)
    if strange is not None:
        raise Invalid(f"{strange!r} is no way in.", "There is: mail.", where=f"{where}: [intake.{strange}]")
    text, place = raw.intake["mail"].listen if raw.intake else "", f"{where}: [intake.mail] listen"
    if not text:
        return None
    found = _LISTEN.fullmatch(text)
    try:
        host, port = ipaddress.ip_address(found[1] or found[2]) if found else None, int(found[3]) if found else 0
    except ValueError:
        host, port = None, 0
    if host is None or not 0 <= port <= 65_535:
        raise Invalid(f"{text!r} is not an address and a port.", 'Write for example "127.0.0.1:2525".', where=place)
    if not host.is_loopback:
        hint = "Use 127.0.0.1 or [::1], and let your mail server hand the mails on to there."
        raise Invalid(f"{text!r} can be reached from outside, where anybody could send.", hint, where=place)
    return str(host), port


def _told_apart(made: dict[str, Source], where: str) -> None:
    """Who sent something is known by its source's token, and what it is about by its source's name."""
    known: dict[tuple[type, str], str] = {}
    names: dict[str, str] = {}
    for name, source in made.items():
        called = str(getattr(source, "name", name))
        place = f"{where}: [sources.{name}] name"
        if called == OURSELVES:
            raise Invalid(f"{called!r} is how Tocsin's own alerts are called.", "Take another name.", where=place)
        if names.setdefault(called, name) != name:
            raise Invalid(f"{called!r} is what {names[called]} is called too.", "Take another name.", where=place)
        if isinstance(source, Guarded) and source.token.value:
            first = known.setdefault((type(source), source.token.value), name)
            if first != name:
                place = f"{where}: [sources.{name}] token"
                raise Invalid(f"This is the same token as that of {first}.", "Give each one of its own.", where=place)
