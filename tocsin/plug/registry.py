"""Finds plugins, fills them from a configuration table and describes them, so that nothing is written twice."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass
from datetime import timedelta
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Annotated, Any, Literal, TypeVar

from tocsin import wire
from tocsin.errors import Invalid
from tocsin.plug.kinds import Executor, Notifier, Probe, Secret, Source
from tocsin.plug.tomlshapes import fault
from tocsin.times import parse_duration, say_duration

T = TypeVar("T")

METHODS: Mapping[type, str] = {Source: "parse", Notifier: "send", Executor: "run", Probe: "read"}
"""The method by which a class shows that it fits a socket."""

_WORDS: Mapping[object, str] = {
    str: "text", int: "whole number", float: "number", bool: "true or false", timedelta: "duration", Secret: "secret",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One field of a plugin, in words: for the documentation and for forms. A secret's default is never told."""

    name: str
    type: str
    required: bool
    default: str = ""
    description: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a plugin says about itself."""

    name: str
    summary: str
    text: str
    settings: tuple[Setting, ...]


def discover(package_name: str, socket: type) -> dict[str, type]:
    """Kind → class, from each file of the package and from the entry-point group that is called as the package is.

    The kind is the file's name, or the entry point's. Raises `Invalid` naming the file or entry point that is wrong.
    """
    return dict(_discover(package_name, socket))


@functools.cache
def _discover(package_name: str, socket: type) -> Mapping[str, type]:
    package = importlib.import_module(package_name)
    found: dict[str, type] = {}
    for info in pkgutil.iter_modules(package.__path__):
        if not info.name.startswith("_"):
            found[info.name] = _only_plugin(_load_module(f"{package_name}.{info.name}"), socket)
    for point in entry_points(group=package_name):
        if point.name in found:
            raise Invalid(f"Two plugins are called {point.name!r}.", "Rename the installed one.", where=_where(point))
        found[point.name] = _load_point(point, socket)
    return found


def bind(cls: type[T], table: Mapping[str, object], where: str) -> T:
    """An instance of ``cls`` with the table's values; ``where`` names the table (``tocsin.toml: [notifiers.mail]``).

    Durations are written as text (``"30s"``), secrets as text whose references were resolved before. Raises `Invalid`
    with the place and the name of the setting.
    """
    hints = typing.get_type_hints(cls)
    known = {field.name: field for field in _settable(cls)}
    for name in table:
        if name not in known:
            raise Invalid(f"there is no setting {name!r}.", _did_you_mean(name, known), where=where)
    values = {name: _convert(value, hints[name], f"{where} {name}") for name, value in table.items()}
    missing = [name for name, field in known.items() if name not in values and _is_required(field)]
    if missing:
        raise Invalid(f"{missing[0]} is missing.", f"Add {', '.join(missing)} to the table.", where=where)
    try:
        return cls(**values)
    except (ValueError, Invalid) as error:
        raise Invalid(str(error), where=where) from None


def describe(cls: type) -> Description:
    """The plugin's name, docstring and settings."""
    text = inspect.getdoc(cls) or ""
    hints = typing.get_type_hints(cls, include_extras=True)
    settings = tuple(_describe_field(field, hints[field.name]) for field in _settable(cls))
    return Description(name=cls.__name__, summary=text.partition("\n")[0], text=text, settings=settings)


def whereabouts(plugin: object) -> tuple[tuple[str, str], ...]:
    """Where and how a plugin acts: its settings that differ from what holds unless told, and what it says itself.

    No secret is among them; what is derived from one (the host of a database's address) is the plugin's to tell.
    """
    hints = typing.get_type_hints(type(plugin), include_extras=True)
    told: dict[str, str] = {}
    for field in _settable(type(plugin)):
        setting, value = _describe_field(field, hints[field.name]), getattr(plugin, field.name)
        if not setting.secret and (setting.required or value != _unless_told(field)):
            told[field.name] = say_duration(value) if isinstance(value, timedelta) else _say(value)
    told |= {str(name): str(value) for name, value in dict(getattr(plugin, "whereabouts", {})).items()}
    return tuple(told.items())


def secrets_of(plugin: object) -> tuple[str, ...]:
    """The values of a plugin's secret settings, for masking."""
    values: list[object] = []
    for field in _settable(type(plugin)):
        value = getattr(plugin, field.name)
        values += value.values() if isinstance(value, Mapping) else [value]
    return tuple(value.value for value in values if isinstance(value, Secret) and value.value)


def _unless_told(field: Field[Any]) -> object:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _say(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _load_module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:  # any fault of a plugin's file becomes a sentence with the file's name
        raise Invalid(f"can't be imported: {type(error).__name__}: {error}.", where=name) from error


def _load_point(point: EntryPoint, socket: type) -> type:
    try:
        cls = point.load()
    except Exception as error:  # other people's package: name it, do not crash
        hint = "Repair or uninstall that package."
        raise Invalid(f"can't be loaded: {type(error).__name__}: {error}.", hint, where=_where(point)) from error
    if not (inspect.isclass(cls) and _fits(cls, socket)):
        raise Invalid(f"is not a frozen dataclass with a method {METHODS[socket]}().", where=_where(point))
    return cls


def _where(point: EntryPoint) -> str:
    package = point.dist.name if point.dist else "an unknown package"
    return f"entry point {point.group}:{point.name} of {package}"


def _only_plugin(module: ModuleType, socket: type) -> type:
    fitting = [
        cls for cls in vars(module).values()
        if inspect.isclass(cls) and cls.__module__ == module.__name__ and _fits(cls, socket)
    ]  # fmt: skip
    if len(fitting) == 1:
        return fitting[0]
    file = module.__file__ or module.__name__
    names = " and ".join(cls.__name__ for cls in fitting) or "none"
    what = f"a plugin's file defines one frozen dataclass with a method {METHODS[socket]}(); this one defines {names}."
    raise Invalid(what, "Give each plugin its own file.", where=file)


def _fits(cls: type, socket: type) -> bool:
    frozen = dataclasses.is_dataclass(cls) and cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
    return frozen and callable(getattr(cls, METHODS[socket], None))


def _settable(cls: type) -> list[Field[Any]]:
    return [field for field in dataclasses.fields(cls) if field.init]


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _did_you_mean(name: str, known: typing.Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(known) or 'none'}."


def _convert(value: object, hint: Any, where: str) -> Any:
    """The value as the field's type; secrets and durations, which TOML has no type for, are made from text."""
    hint = _without_none(hint)
    if hint is Secret:
        return _secret(value, where)
    if hint is timedelta:
        return _duration(value, where)
    if typing.get_origin(hint) is Literal:
        return _choice(value, typing.get_args(hint), where)
    if _is_mapping_of_secrets(hint) and isinstance(value, Mapping):
        return {str(name): _secret(item, f"{where}.{name}") for name, item in value.items()}
    try:
        return wire.convert(hint, value)
    except Invalid as error:
        wrong = fault(error.message, value, (where.rpartition(" ")[2],))
        raise Invalid(wrong.message, wrong.hint, where=where) from None


def _secret(value: object, where: str) -> Secret:
    if not isinstance(value, str):
        raise Invalid(
            "a secret is text.", 'Write "env:NAME" or "file:PATH", so that it stays out of the file.', where=where
        )
    return Secret(value)


def _duration(value: object, where: str) -> timedelta:
    if not isinstance(value, str):
        raise Invalid(
            f"a duration is text with a unit, not {value!r}.", 'Write for example "30s" or "15m".', where=where
        )
    try:
        return parse_duration(value)
    except (ValueError, OverflowError) as error:
        raise Invalid(str(error), where=where) from None


def _choice(value: object, choices: tuple[object, ...], where: str) -> object:
    if value in choices:
        return value
    raise Invalid(f"{value!r} is not one of {', '.join(map(repr, choices))}.", _nearest(value, choices), where=where)


def _nearest(value: object, choices: tuple[object, ...]) -> str:
    close = difflib.get_close_matches(str(value), [str(choice) for choice in choices], n=1)
    return f"Did you mean {close[0]!r}?" if close else ""


def _without_none(hint: Any) -> Any:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        rest = [part for part in typing.get_args(hint) if part is not type(None)]
        return rest[0] if len(rest) == 1 else hint
    return hint


def _is_mapping_of_secrets(hint: Any) -> bool:
    arguments = typing.get_args(hint)
    return len(arguments) == 2 and arguments[1] is Secret


def _describe_field(field: Field[Any], hint: Any) -> Setting:
    described = ""
    if typing.get_origin(hint) is Annotated:
        hint, *notes = typing.get_args(hint)
        described = next((note for note in notes if isinstance(note, str)), "")
    secret = _without_none(hint) is Secret or _is_mapping_of_secrets(hint)
    required = _is_required(field)
    default = "" if required or secret else _default(field)
    return Setting(
        name=field.name, type=_words(hint), required=required, default=default, description=described, secret=secret
    )


def _default(field: Field[Any]) -> str:
    value = field.default_factory() if field.default_factory is not MISSING else field.default
    if isinstance(value, timedelta):
        return say_duration(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return "" if value is None or value == {} else str(value)


def _words(hint: Any) -> str:
    hint = _without_none(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return f"one of {', '.join(map(str, arguments))}"
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_words(part) for part in arguments)
    if origin in (tuple, list):
        return f"list of {_words(arguments[0])}"
    if len(arguments) == 2:
        return f"table of {_words(arguments[1])}"
    return _WORDS.get(hint, getattr(hint, "__name__", str(hint)))
