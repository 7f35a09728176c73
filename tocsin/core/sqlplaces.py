"""A gap in a statement of SQL: where it stands there, and a value written so that it can be nothing else there.

Gaps are marks (`tocsin.core.shellplaces`). A backslash is refused everywhere: databases differ in what it does.
"""

from __future__ import annotations

import re
from typing import Literal

from tocsin.core.shellplaces import is_mark

Place = Literal["literal", "text", "quoted", "value", "name", "code", "opaque"]
_PIECE = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))|(?P<escaped>(?<![\w$])[eEbBxXnNuU]&?'(?:[^']|'')*(?:'|\Z))"
    r"|(?P<literal>'(?:[^']|'')*(?:'|\Z))|(?P<quoted>\"(?:[^\"]|\"\")*(?:\"|\Z))|(?P<tick>`[^`]*(?:`|\Z))"
    r"|(?P<dollar>\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z))|(?P<word>[\w\ue000-\uf8ff]+)|(?P<space>\s+)|(?P<sign>.)",
    re.DOTALL,
)
_NAME_FOLLOWS = """
    analyze as asc by cluster column constraint database describe desc from index into join only on order reindex
    schema select set show table truncate update use user vacuum view
"""
_BEFORE_A_NAME = frozenset(_NAME_FOLLOWS.split())
_VALUE_FOLLOWS = "= < > ( , + * / % and between else ilike in is kill like limit not offset or then values when"
_BEFORE_A_VALUE = frozenset(_VALUE_FOLLOWS.split())
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?")
_SIMPLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_COMMENT = re.compile(r"--|/\*|\*/|#")
_TAME = re.compile(r"[A-Za-z0-9_.:@/+-]+")
_DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}(?:\.[A-Za-z_][A-Za-z0-9_]{0,62}){0,2}")
_PROSE = re.compile(r"[\w\s\ue000-\uf8ff.,:;!?#*/@&|+%=<>-]*")


def place_in_sql(statement: str, mark: str) -> Place:
    """Where a mark stands: in a string, in a quoted name, as a value, as a name, as code, or where nothing is sure."""
    before = ""
    for match in _PIECE.finditer(statement):
        kind, text = match.lastgroup or "", match.group()
        if match.group("dollar") is not None:
            kind = "dollar"
        if mark in text:
            return _place(kind, text, before, statement[match.end() :])
        if kind not in ("space", "comment"):
            before = text.lower()
    return "opaque"


def _place(kind: str, text: str, before: str, rest: str) -> Place:
    if kind == "literal":
        closed = len(text) > 1 and text.endswith("'")
        return "literal" if closed and "\\" not in text and _PROSE.fullmatch(text[1:-1]) else "text"
    if kind in ("escaped", "dollar", "comment"):
        return "text"
    if kind == "quoted":
        return "quoted" if len(text) > 1 and text.endswith('"') and "\\" not in text else "opaque"
    if kind != "word" or before == "$":
        return "opaque"
    if len(text) > 1 or before in (".", ":", "@", "-", "\\") or rest[:1] in (".", "(", "$", "\\"):
        return "opaque"
    if before in _BEFORE_A_NAME:
        return "name"
    return "value" if before in _BEFORE_A_VALUE else "code"


def write_in_sql(place: Place, kind: str, value: str, *, backticks: bool = False) -> str | None:
    """The value as SQL for its place; None where it can't be written there so that it is nothing else.

    ``kind`` is the name of the value's kind; ``backticks``: the database reads double quotes as a string's.
    """
    if "\\" in value or "\x00" in value:
        return None
    number = _NUMBER.fullmatch(value) is not None
    if kind == "sql" and place in ("value", "name", "code"):
        return None if _COMMENT.search(value) else value
    if place == "text":
        return value if _TAME.fullmatch(value) and not _COMMENT.search(value) else None
    if place == "literal":
        return value.replace("'", "''")
    if place == "quoted":
        return None if backticks else value.replace('"', '""')
    if place == "value":
        return value if number else None if kind == "integer" else "'" + value.replace("'", "''") + "'"
    if place == "name" and not number:
        return _name(value, backticks=backticks)
    return value if number or _DOTTED.fullmatch(value) else None


def _name(value: str, *, backticks: bool) -> str | None:
    """A name as the catalogue of the database has it: in quotes where its letters would be folded."""
    parts = value.split(".")
    if not 1 <= len(parts) <= 3 or not all(parts):
        return None
    if all(_SIMPLE.fullmatch(part) for part in parts):
        return value
    if backticks:
        return value if _DOTTED.fullmatch(value) else None
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def wanted_in_sql(place: Place, kind: str) -> str:
    """What `write_in_sql` takes, as the end of "it must be …"."""
    if kind == "sql" and place in ("value", "name", "code"):
        return "SQL without comments"
    if place == "text":
        return "letters, digits and _.:@/+- only"
    if place in ("literal", "quoted", "name") or (place == "value" and kind != "integer"):
        return "without a backslash"
    if place == "value":
        return "a number"
    return "a number or a simple name"


def has_mark(text: str) -> bool:
    """Whether a gap stands in this text."""
    return any(is_mark(character) for character in text)
