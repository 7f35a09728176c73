"""``tocsin.toml``: people, roles, channels, notifiers, signals, the target. Secrets stand there by reference only.

A value written as ``env:NAME`` or ``file:PATH`` is read from there. Every fault is one sentence that names its place.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from tocsin.core.facts import ENGINE
from tocsin.core.oncall import Directory, Person, channel_id
from tocsin.core.policy import ApprovalPolicy
from tocsin.core.run import Target
from tocsin.errors import Invalid
from tocsin.ids import slug
from tocsin.plug import registry
from tocsin.plug.files import read_regular
from tocsin.plug.kinds import Notifier, Probe
from tocsin.times import parse_duration

ROLES = ("viewer", "agent", "responder", "approver", "admin")
SHORTEST_TOKEN = 16
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")
CONTACTS = ("email", "phone", "chat", "url")
SHORTEST_SPAN = timedelta(seconds=0.1)
LONGEST_SPAN = timedelta(days=366)
LARGEST_FILE = 1024 * 1024
MOST_APPROVERS = 100
MOST_WAYS = 5
"""To one person; each may take ten seconds, and a notice is leased for a minute (`tocsin.engine.worker`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A metric of the document, bound to what reads it."""

    metric: str
    probe: Probe
    every: timedelta = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Who may come in. ``secret`` is the token itself; only its hash is ever stored."""

    name: str
    role: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration, checked and bound."""

    base_url: str = ""
    default_severity: str = ""
    recovery_watch: timedelta = timedelta(minutes=5)
    directory: Directory = field(default_factory=Directory)
    notifiers: Mapping[str, Notifier] = field(default_factory=dict)
    signals: tuple[Signal, ...] = ()
    target: Target = field(default_factory=Target)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    approvals: ApprovalPolicy = field(default_factory=ApprovalPolicy)
    placeholders: Mapping[str, str] = field(default_factory=dict)
    tokens: tuple[Token, ...] = ()

    def signal(self, metric: str | None) -> Signal | None:
        """The signal that a metric of the document means: the same words, else the longest name inside them."""
        fitting = [signal for signal in self.signals if measures(signal.metric, metric or "")]
        return max(fitting, key=lambda signal: len(signal.metric), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a configuration binds, as it is written: no reference is followed, no plugin is made."""

    directory: Directory = field(default_factory=Directory)
    notifiers: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    env: tuple[str, ...] = ()


def measures(signal: str, metric: str) -> bool:
    """Whether a signal of this name stands for a metric of the document: its words stand there, in their order."""
    return f"-{slug(signal)}-" in f"-{slug(metric)}-"


class _Server(msgspec.Struct, forbid_unknown_fields=True):
    url: str = ""


class _Defaults(msgspec.Struct, forbid_unknown_fields=True):
    severity: str = ""
    recovery_watch: str = "5m"


class _Person(msgspec.Struct, forbid_unknown_fields=True):
    name: str = ""
    notify: list[str] = []
    email: str = ""
    phone: str = ""
    chat: str = ""
    url: str = ""


class _Target(msgspec.Struct, forbid_unknown_fields=True):
    name: str = "local"
    workdir: str = "."
    env: list[str] = []
    public: list[str] = []
    path: str = "/usr/local/bin:/usr/bin:/bin"
    timeout: str = "60s"


class _Approvals(msgspec.Struct, forbid_unknown_fields=True):
    people: int = 1
    self_approve: bool = True
    expires: str = "30m"


class _Token(msgspec.Struct, forbid_unknown_fields=True):
    token: str
    role: str = "responder"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    server: _Server = msgspec.field(default_factory=_Server)
    defaults: _Defaults = msgspec.field(default_factory=_Defaults)
    people: dict[str, _Person] = {}
    roles: dict[str, str] = {}
    channels: dict[str, str | _Person] = {}
    notifiers: dict[str, dict[str, Any]] = {}
    signals: dict[str, dict[str, Any]] = {}
    target: _Target = msgspec.field(default_factory=_Target)
    approvals: _Approvals = msgspec.field(default_factory=_Approvals)
    placeholders: dict[str, str] = {}
    tokens: dict[str, _Token] = {}


def read_settings(path: Path | None, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in a file; without a file, the defaults (nobody to page, nothing to watch)."""
    table = _load(path) if path else {}
    where = str(path) if path else "tocsin.toml"
    try:
        raw = msgspec.convert(_resolve(table, environ, path.parent if path else Path(), where), _File)
    except msgspec.ValidationError as error:
        raise Invalid(f"{error}.", "See docs/reference/configuration.md.", where=where) from None
    _check_names(raw, where)
    _check_channels(raw.channels, where)
    _check_target(raw.target, where)
    return _check(
        Settings(
            base_url=raw.server.url.rstrip("/"),
            default_severity=raw.defaults.severity,
            recovery_watch=_span(raw.defaults.recovery_watch, f"{where}: [defaults] recovery_watch"),
            directory=_directory(raw),
            notifiers=_notifiers(raw, where),
            signals=tuple(_signal(metric, dict(entry), where) for metric, entry in raw.signals.items()),
            target=_target(raw.target, path, where),
            secrets=tuple(
                environ[name] for name in raw.target.env if environ.get(name) and name not in raw.target.public
            ),
            approvals=ApprovalPolicy(
                people=raw.approvals.people,
                self_approve=raw.approvals.self_approve,
                expires=_span(raw.approvals.expires, f"{where}: [approvals] expires", SHORTEST_SPAN),
            ),
            placeholders=raw.placeholders,
            tokens=tuple(Token(name=name, role=entry.role, secret=entry.token) for name, entry in raw.tokens.items()),
        ),
        where,
    )


def outline(text: bytes, path: Path) -> Outline:
    """What the text of a configuration binds. Raises `Invalid`, with the line, where it is none."""
    try:
        raw = msgspec.convert(_parse(text, path), _File)
    except msgspec.ValidationError as error:
        raise Invalid(f"{error}.", "See docs/reference/configuration.md.", where=str(path)) from None
    _check_names(raw, str(path))
    _check_channels(raw.channels, str(path))
    return Outline(
        directory=_directory(raw),
        notifiers=tuple(raw.notifiers),
        signals=tuple(raw.signals),
        placeholders=tuple(raw.placeholders),
        env=tuple(raw.target.env),
    )


def _load(path: Path) -> dict[str, Any]:
    return _parse(read_regular(path, LARGEST_FILE, "Name an existing file with --config."), path)


def _parse(text: bytes, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise Invalid(f"{path} is not UTF-8 text (line {line}).", "Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        lines = len(text.rstrip().splitlines())
        said = str(error).replace("at end of document", f"at the end of the file, line {lines}")
        raise Invalid(f"{said}.", "Mend the TOML there.", where=str(path)) from None
    except (RecursionError, ValueError) as error:
        raise Invalid(f"{path} can't be read as TOML: {error}.", "Mend the TOML.") from None


def _resolve(value: Any, environ: Mapping[str, str], folder: Path, where: str) -> Any:
    """Replace ``env:NAME`` and ``file:PATH`` by what they refer to."""
    if isinstance(value, dict):
        return {key: _resolve(item, environ, folder, f"{where}: {key}") for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, environ, folder, where) for item in value]
    if isinstance(value, str) and value.startswith("env:"):
        name = value.removeprefix("env:")
        if name not in environ:
            raise Invalid(f"The environment has no variable {name}.", f"Set it, or change {value!r}.", where=where)
        return environ[name]
    if isinstance(value, str) and value.startswith("file:"):
        try:
            return read_regular(folder / value.removeprefix("file:"), LARGEST_FILE).decode("utf-8").strip()
        except (Invalid, UnicodeDecodeError) as error:
            why = error.message if isinstance(error, Invalid) else "The secret is not UTF-8 text."
            raise Invalid(why, f"Mend {value!r} there, or that file.", where=where) from None
    return value


def _directory(raw: _File) -> Directory:
    people = {slug(key): _receiver(slug(key), key, entry) for key, entry in raw.people.items()}
    roles = {slug(role): slug(person) for role, person in raw.roles.items()}
    channels = {}
    for address, entry in raw.channels.items():
        table = _Person(notify=[entry]) if isinstance(entry, str) else entry
        channels[channel_id(address)] = _receiver(channel_id(address), address, table, _contacts_of(address))
    return Directory(people, roles, channels)


def _receiver(name_id: str, key: str, entry: _Person, guessed: Mapping[str, str] | None = None) -> Person:
    told = {kind: text for kind in CONTACTS if (text := str(getattr(entry, kind)))}
    return Person(id=name_id, name=entry.name or key, notify=tuple(entry.notify), contacts={**(guessed or {}), **told})


def _contacts_of(address: str) -> dict[str, str]:
    """What a notifier needs of a channel, where its address as the runbook writes it says so by itself."""
    if address.startswith(("http://", "https://")):
        return {"url": address}
    return {"email": address} if _MAIL.fullmatch(address) else {"chat": address}


def _notifiers(raw: _File, where: str) -> dict[str, Notifier]:
    kinds = registry.discover("tocsin.notifiers", Notifier)
    made = {name: _bind(kinds, dict(table), f"{where}: [notifiers.{name}]") for name, table in raw.notifiers.items()}
    return {"console": kinds["console"](), **made}


def _signal(metric: str, table: dict[str, Any], where: str) -> Signal:
    place = f'{where}: [signals."{metric}"]'
    every = _span(str(table.pop("every", "15s")), f"{place} every", SHORTEST_SPAN)
    probes = registry.discover("tocsin.probes", Probe)
    return Signal(metric=metric, every=every, probe=_bind(probes, table, place, key="probe"))


def _bind(kinds: Mapping[str, type[Any]], table: dict[str, Any], place: str, key: str = "kind") -> Any:
    kind = str(table.pop(key, ""))
    if kind not in kinds:
        known = ", ".join(sorted(kinds))
        raise Invalid(
            f"{kind!r} is not a {key} we have." if kind else f"The {key} is missing.",
            f"Use one of: {known}.",
            where=place,
        )
    return registry.bind(kinds[kind], table, place)


def _target(raw: _Target, path: Path | None, where: str) -> Target:
    base = path.parent if path else Path()
    return Target(
        name=raw.name,
        workdir=str((base / raw.workdir).resolve()),
        env_names=tuple(raw.env),
        path=raw.path,
        timeout=_span(raw.timeout, f"{where}: [target] timeout", SHORTEST_SPAN),
    )


def _span(text: str, place: str, shortest: timedelta = timedelta(0)) -> timedelta:
    try:
        span = parse_duration(text)
    except ValueError as error:
        raise Invalid(str(error), where=place) from None
    if not shortest <= span <= LONGEST_SPAN:
        fault = "too short" if span < shortest else "too long"
        raise Invalid(f"{text!r} is {fault}.", "Write for example 90s, 15m or 1h30m.", where=place)
    return span


def _check_names(raw: _File, where: str) -> None:
    """Names that are none, or that mean the same: one table would silently replace the other."""
    tables: dict[str, Mapping[str, Any]] = {"people": raw.people, "roles": raw.roles, "signals": raw.signals}
    for table, names in tables.items():
        known: dict[str, str] = {}
        for name in names:
            first = known.setdefault(slug(name), name)
            if not slug(name):
                raise Invalid(f"{name!r} has neither a letter nor a digit.", "Name it.", where=f"{where}: [{table}]")
            if first is not name:
                raise Invalid(f"{name!r} is the same as {first!r}.", "Keep one of them.", where=f"{where}: [{table}]")
    if raw.server.url and not raw.server.url.startswith(("http://", "https://")):
        raise Invalid(
            f"{raw.server.url!r} is not an address.", "Begin it with https://.", where=f"{where}: [server] url"
        )


def _check_channels(channels: Mapping[str, str | _Person], where: str) -> None:
    known: dict[str, str] = {}
    for address in channels:
        first = known.setdefault(channel_id(address), address)
        if not address.strip():
            raise Invalid("A channel has no address.", "Write it as the runbook does.", where=f"{where}: [channels]")
        if first is not address:
            raise Invalid(f"{address!r} is the same as {first!r}.", "Keep one of them.", where=f"{where}: [channels]")


def _check_target(target: _Target, where: str) -> None:
    for name in target.env:
        if not _VARIABLE.fullmatch(name):
            raise Invalid(f"{name!r} is not the name of a variable.", where=f"{where}: [target] env")
    for name in target.public:
        if name not in target.env:
            raise Invalid(f"{name!r} is public, but not in env.", "Add it there.", where=f"{where}: [target] public")


def _check_tokens(tokens: Sequence[Token], where: str) -> None:
    owners: dict[str, str] = {}
    for token in tokens:
        place = f"{where}: [tokens.{token.name}]"
        if token.role not in ROLES:
            raise Invalid(f"{token.role!r} is not a role.", f"Use one of: {', '.join(ROLES)}.", where=place)
        if len(token.secret) < SHORTEST_TOKEN:
            raise Invalid(f"The token is shorter than {SHORTEST_TOKEN} characters.", where=place)
        if token.name == ENGINE.name:
            raise Invalid(f"{token.name!r} is the name of the engine on every timeline.", "Take another.", where=place)
        owner = owners.setdefault(token.secret, token.name)
        if owner != token.name:
            raise Invalid(f"This is the same token as {owner}'s.", "Give everybody one of their own.", where=place)


def _check(settings: Settings, where: str) -> Settings:
    """What no single field can tell: references between tables, roles of tokens, sane numbers."""
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
    _check_tokens(settings.tokens, where)
    if not 1 <= settings.approvals.people <= MOST_APPROVERS:
        said = f"An approval needs at least one person, and at most {MOST_APPROVERS}."
        raise Invalid(said, where=f"{where}: [approvals] people")
    return settings
