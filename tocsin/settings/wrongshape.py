"""Tables of the configuration that have the wrong shape: which one, and how it is written instead."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from typing import Any

from tocsin.core.policy import nearest
from tocsin.errors import Invalid
from tocsin.plug.tomlshapes import Fault, Step, at, fault
from tocsin.settings.shapes import File

_REFERENCE = "See docs/reference/configuration.md."


def said_of_file(error: Invalid, table: Mapping[str, Any], where: str) -> Invalid:
    """The fault that converting the whole file has told, with its table, its key and the right form."""
    wrong = fault(error.message, table)
    names = [step for step in (*wrong.path, wrong.unknown) if isinstance(step, str) and step]
    place = at(names, max(len(names) - 1, 1)) if names else ""
    return _said(wrong, f"{where}: {place}" if place else where, _keys(File, wrong.path) if wrong.unknown else ())


def said_of_table(error: Invalid, table: Mapping[str, Any], where: str) -> Invalid:
    """The same for one table, whose place is ``where`` (``tocsin.toml: [target]``)."""
    wrong = fault(error.message, table)
    keys = ".".join(step for step in wrong.path if isinstance(step, str))
    return _said(wrong, f"{where} {keys}".strip(), ())


def _said(wrong: Fault, where: str, known: tuple[str, ...]) -> Invalid:
    hint = f"{nearest(wrong.unknown, known)} {_REFERENCE}" if wrong.unknown and known else wrong.hint or _REFERENCE
    return Invalid(wrong.message, hint, where=where)


def _keys(shape: Any, path: tuple[Step, ...]) -> tuple[str, ...]:
    """The keys of the table at this path of a shape; none where any key may stand."""
    for step in path:
        if hasattr(shape, "__struct_fields__"):
            shape = typing.get_type_hints(shape).get(str(step))
        else:
            shape = next(reversed(typing.get_args(shape)), None)
        if isinstance(shape, types.UnionType):  # a text, or a table
            tables = (each for each in typing.get_args(shape) if hasattr(each, "__struct_fields__"))
            shape = next(tables, next((each for each in typing.get_args(shape) if typing.get_origin(each)), None))
    return tuple(getattr(shape, "__struct_fields__", ()))
