"""The line of the configuration in which a key stands, so that a fault can be found in a long file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence

from tocsin.errors import Invalid

MOST_TRIES = 200
"""So many lines are tried; a file in which a word stands more often gets no line."""

_PLACE = re.compile(r"\[\[?(?P<table>(?:[^\[\]\"']|\"(?:[^\"\\]|\\.)*\"|'[^']*')+)\]\]?(?: (?P<key>.+))?")


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The first line (from 1) up to which the file has something at that path; 0 where none is found."""
    names = [step for step in path if isinstance(step, str)]
    if not names:
        return 0
    word, lines, tries = names[-1], text.split("\n"), 0
    for number, line in enumerate(lines, 1):
        if word not in line:
            continue
        for end in range(number, min(number + 40, len(lines)) + 1):  # a value may go on over some lines
            tries += 1
            if tries > MOST_TRIES:
                return 0
            table = _parsed("\n".join(lines[:end]))
            if table is not None:
                if _stands(table, path):
                    return number
                break
    return 0


def with_line(error: Invalid, where: str, text: str) -> Invalid:
    """The same error with its line, where its place is a table or key of the file ``where`` (``t.toml:7: [roles]``)."""
    place = error.where.removeprefix(f"{where}: ")
    found = _PLACE.fullmatch(place) if error.where.startswith(f"{where}: ") else None
    if found is None:
        return error
    names = _names(f"[{found['table']}]")
    key = re.sub(r"\[.*", "", found["key"] or "").strip('"')
    line = (line_of(text, [*names, key]) if key else 0) or line_of(text, names)
    if not line:
        return error
    said = error.message.removeprefix(f"{error.where}: ")
    return type(error)(said, error.hint, where=f"{where}:{line}: {place}")


def _parsed(text: str) -> Mapping[str, object] | None:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _names(head: str) -> list[str]:
    """The names in the head of a table."""
    names = list[str]()
    table: object = _parsed(head)
    while isinstance(table, Mapping) and table:
        name, table = next(iter(table.items()))
        names.append(name)
    return names


def _stands(value: object, path: Sequence[str | int]) -> bool:
    for step in path:
        if isinstance(value, list):
            if isinstance(step, str):
                value = next((each for each in reversed(value) if isinstance(each, Mapping) and step in each), None)
            else:
                value = value[step] if step < len(value) else None
                continue
        if not isinstance(value, Mapping) or step not in value:
            return False
        value = value[step]
    return value is not None
