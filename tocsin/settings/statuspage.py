"""``[status]``: the public status page, its components and who may be told by it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tocsin.core.calendar import knows_zone
from tocsin.core.policy import nearest
from tocsin.core.statuspage.model import Component, Page, State
from tocsin.errors import Invalid
from tocsin.ids import slug
from tocsin.plug.addresses import check_networks
from tocsin.settings import shapes

MOST_COMPONENTS = 60
_PATH = re.compile(r"/[A-Za-z0-9][A-Za-z0-9_-]{0,59}(?:/[A-Za-z0-9][A-Za-z0-9_-]{0,59}){0,3}")
_TAKEN = frozenset({
    "account", "alerts", "api", "approvals", "assets", "changes", "figures", "healthz", "in", "incidents", "live",
    "login", "logout", "metrics", "oncall", "readyz", "runbooks", "signals", "silences", "status-page", "theme", "v1",
    "v2", "-",
})  # fmt: skip
"""First words of paths that are ours already."""
_AFFECTED: tuple[State, ...] = ("degraded", "partial", "major")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """The page and how it is served. ``url`` ends without a slash and is the page's own public address, if it is told.

    ``listen``: a door of its own beside the server's; ``mail``: the notifier by which subscribers get mail, if any;
    ``export``: a folder that is kept as the page is.
    """

    page: Page
    url: str = ""
    path: str = "/status"
    listen: tuple[str, int] | None = None
    mail: str = ""
    webhooks: bool = False
    allow: bool | tuple[str, ...] = False
    export: Path | None = None


def status(raw: shapes.File, folder: Path, where: str) -> StatusPage | None:
    """The status page; None where none is configured. Raises `Invalid` that names the key."""
    table, place = raw.status, f"{where}: [status]"
    if table == shapes.StatusTable():
        return None
    if not table.name.strip():
        raise Invalid("The page has no name.", 'Write name = "Ferry status".', where=f"{place} name")
    _addresses(table, place)
    if table.mail and table.mail not in raw.notifiers:
        known = ", ".join(raw.notifiers) or "none"
        raise Invalid(f"There is no notifier {table.mail!r}.", f"Known: {known}.", where=f"{place} mail")
    if (table.mail or table.webhooks) and not table.url:
        said = "Subscribers are sent links, and nothing says where the page is."
        raise Invalid(said, 'Write url = "https://status.example.org".', where=f"{place} url")
    _measured(raw, where)
    page = Page(
        name=table.name.strip(), says=table.says.strip(), zone=table.zone,
        components=_components(table.components, f"{where}: [[status.components]]"),
        severities={name: _state(text, f"{place} severities") for name, text in table.severities.items()},
    )  # fmt: skip
    return StatusPage(
        page=page, url=table.url.rstrip("/"), path=table.path, listen=_listen(table.listen, place), mail=table.mail,
        webhooks=table.webhooks, allow=table.allow if isinstance(table.allow, bool) else tuple(table.allow),
        export=(folder / table.export).resolve() if table.export else None,
    )  # fmt: skip


def _addresses(table: shapes.StatusTable, place: str) -> None:
    parts = urlsplit(table.url)
    if table.url and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
        raise Invalid(f"{table.url!r} is not an address.", "Begin it with https://.", where=f"{place} url")
    if not _PATH.fullmatch(table.path) or table.path.split("/")[1] in _TAKEN:
        raise Invalid(f"{table.path!r} can't be its path.", 'Write for example "/status".', where=f"{place} path")
    if not knows_zone(table.zone):
        raise Invalid(f"{table.zone!r} is no time zone.", "Write for example Europe/Berlin.", where=f"{place} zone")
    try:
        check_networks(() if isinstance(table.allow, bool) else table.allow)
    except ValueError as error:
        raise Invalid(str(error), where=f"{place} allow") from None


def _measured(raw: shapes.File, where: str) -> None:
    known = {slug(name) for name in raw.signals}
    for number, table in enumerate(raw.status.components, 1):
        strange = next((name for name in table.signals if slug(name) not in known), None)
        if strange is not None:
            place = f"{where}: [[status.components]] {number} signals"
            hint = nearest(strange, tuple(raw.signals))
            raise Invalid(f"{strange!r} is no signal under [signals].", hint, where=place)


def check_bindings(status: StatusPage, scenarios: Sequence[str], severities: Sequence[str]) -> None:
    """Raise `Invalid` for a component bound to what no runbook has: it would silently never be proposed."""
    words = {slug(name) for name in scenarios}
    by_case = {name.casefold() for name in severities}
    told = [(name, "[status] severities") for name in status.page.severities]
    for component in status.page.components:
        place = f"[[status.components]] {component.name!r}"
        strange = next((name for name in component.scenarios if slug(name) not in words), None)
        if strange is not None:
            hint = nearest(strange, tuple(scenarios))
            raise Invalid(f"{strange!r} is no scenario of any runbook.", hint, where=f"{place} scenarios")
        told += [(name, f"{place} severities") for name in component.severities]
    for name, place in told:
        if name.casefold() not in by_case:
            raise Invalid(f"{name!r} is no severity of any runbook.", nearest(name, tuple(severities)), where=place)


def _components(tables: Sequence[shapes.StatusComponentTable], place: str) -> tuple[Component, ...]:
    if len(tables) > MOST_COMPONENTS:
        raise Invalid(f"At most {MOST_COMPONENTS} components make a page that is read.", where=place)
    known: dict[str, str] = {}
    found: list[Component] = []
    for number, table in enumerate(tables, 1):
        name, here = table.name.strip(), f"{place} {number}"
        if not slug(name) or slug(name).isdigit():
            raise Invalid(f"{name!r} has no letter.", "Name it as its users do.", where=here)
        if known.setdefault(slug(name), name) is not name:
            raise Invalid(f"{name!r} can't be told from another one.", "Take another name.", where=here)
        follow = _state(table.follow, f"{here} follow") if table.follow else "operational"
        if table.follow and not table.signals:
            raise Invalid("It follows no signal.", "Name its signals, or leave follow out.", where=f"{here} follow")
        found.append(
            Component(
                id=slug(name), name=name, group=table.group.strip(), says=table.says.strip(),
                scenarios=tuple(table.scenarios), severities=tuple(table.severities), signals=tuple(table.signals),
                degraded=table.degraded.strip(), follow=follow,
            )
        )  # fmt: skip
    return tuple(found)


def _state(text: str, place: str) -> State:
    found = next((each for each in _AFFECTED if each == text), None)
    if found is None:
        raise Invalid(f"{text!r} is no state.", nearest(text, _AFFECTED), where=place)
    return found


def _listen(text: str, place: str) -> tuple[str, int] | None:
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 0 <= int(port) <= 65_535:
        raise Invalid(f"{text!r} is not an address.", 'Write for example "127.0.0.1:8090".', where=f"{place} listen")
    return host.strip("[]"), int(port)
