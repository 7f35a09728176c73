"""What may stand in a gap of a command: one kind for each sort of value, with its pattern and what a person is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A sort of value. ``says`` ends the sentence "it must be …"; each of ``examples`` fits the pattern."""

    name: str
    pattern: re.Pattern[str]
    says: str
    examples: tuple[str, ...] = ()


def _kind(name: str, pattern: str, says: str, *examples: str) -> Kind:
    return Kind(name=name, pattern=re.compile(pattern, re.ASCII), says=says, examples=examples)


_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = rf"(?=.{{1,253}}(?::|$)){_LABEL}(?:\.{_LABEL})*\.?(?::\d{{1,5}})?"
_ADDRESS = r"\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*"
_DAY = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_ANY = r"[^\x00-\x1f\x7f\x85\u2028\u2029]"

_ALL = (
    _kind("integer", r"[0-9]{1,18}", "a whole number", "4711", "0"),
    _kind(
        "identifier", r"(?u:\w)(?u:[\w.:@/%+=,~#-])*",
        "one name: letters, digits and _./:@%+=,~#- only, without spaces", "web-7d9f", "public.orders", "v1.2.3",
    ),
    _kind(
        "url", r"[^\s<>\"'`\\^{|}\x00-\x1f]+", "an address without spaces or quotes",
        "https://shop.example/health?full=1", "shop.example",
    ),
    _kind("host", rf"{_HOST}|{_ADDRESS}", "the name or address of a host", "db-1.internal", "10.0.0.7:5432", "::1"),
    _kind("path", rf"(?!~){_ANY}+", "a path written out in full (~ is not expanded)", "/srv/dump of may.sql"),
    _kind("date", rf"{_DAY}(?:[T ]\d\d:\d\d[0-9:.Z+ -]{{0,20}})?|\d{{8}}", "a day as year-month-day", "2024-03-31"),
    _kind(
        "time", r"(?=.*\d)[A-Za-z0-9:.,+/_ -]{1,40}|now|today|yesterday", "a time, such as 03:15 or 2024-03-31T03:15Z",
        "03:15", "2024-03-31T03:15:00Z", "2 hours ago", "now",
    ),
    _kind("duration", r"\d[A-Za-z0-9:., ]{0,39}", "a length of time, such as 30m or 2 hours", "30m", "1h30m", "90"),
    _kind("email", r"[^\s@<>\"`\\,;:()]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*", "an e-mail address", "ana@bakery.example"),
    _kind("secret", r"(?!)", "a variable of the environment"),
    _kind("sql", r"[^\x00-\x1f\x7f;\\`$!\"]+", 'SQL without ;, a backslash, `, $, ! or "', "select 1 from orders"),
    _kind("text", rf"{_ANY}+", "one line of text", "the oven is cold"),
)  # fmt: skip
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})

_OF_THE_READER = MappingProxyType(
    {
        "integer": "integer", "url": "url", "date": "date", "time": "time", "duration": "duration", "secret": "secret",
        "sql": "sql", "contact": "text", "name": "identifier", "person": "text", "path": "path", "id": "identifier",
        "text": "text", "choice": "text",
    }
)  # fmt: skip
_MAIL = re.compile(r"\be-?mail\b", re.IGNORECASE)
_HOST_WORDS = re.compile(
    r"(?:[\w-]+[ _-])?(?:host(?:[ _-]?name)?|domain(?:[ _-]name)?|ip(?:[ _-]address)?)", re.IGNORECASE
)
_TIME_WORDS = re.compile(
    r"(?:[\w-]+[ _-])?(?:date|time|datetime|timestamp)|.*(?:YYYY|AAAA|JJJJ|HH:?MM).*", re.IGNORECASE
)
_NO_NUMBER = re.compile(r"phone|invoice|ticket|order|case|issue|account|serial|version", re.IGNORECASE)
_OF_PEOPLE = re.compile(r"(?:customer|client|company|person|full|display|first|last)[ _-]?names?", re.IGNORECASE)
_NAMES = """app bucket cluster container database db dir directory env environment file folder group host id image key
    name namespace node org organisation organization owner path pod port project region repo repository service
    table tag task to team user zone"""
_PARTS_OF_NAMES = frozenset(_NAMES.split())


def kind_of(placeholder: str, read_as: str) -> Kind:
    """The kind of a gap's values, from what the reader took it for and the words in it.

    What the reader knows from a mere word ("the name of …", "… time") is no reason to refuse a value: a word that
    often means something else, or stands in a whole sentence, leaves the value free.
    """
    inner = placeholder.strip("<>[]{} \t")
    if read_as == "contact" and _MAIL.search(inner.replace("_", " ")):
        return KINDS["email"]
    if read_as in ("url", "name", "id") and _HOST_WORDS.fullmatch(inner):
        return KINDS["host"]
    if read_as == "name" and _OF_PEOPLE.fullmatch(inner):
        return KINDS["text"]
    if len(re.split(r"[\s_-]+", inner)) > 3 and read_as not in ("sql", "secret", "date"):
        return KINDS["text"]
    if read_as == "time" and not _TIME_WORDS.fullmatch(inner):
        return KINDS["text"]
    if read_as == "integer" and _NO_NUMBER.search(inner):
        return KINDS["identifier"]
    return KINDS[_OF_THE_READER.get(read_as, "text")]


def choices_of(placeholder: str) -> tuple[str, ...]:
    """The values among which a gap's own text lets one choose (``[P0/P1/P2]``); empty where it names no choice."""
    inner = placeholder[1:-1]
    if (
        placeholder[:1] + placeholder[-1:] not in ("[]", "<>", "{}")
        or not 1 <= inner.count("/") + inner.count("|") <= 12
    ):
        return ()
    parts = tuple(part.strip() for part in re.split(r"[/|]", inner))
    words = {word for part in parts for word in re.split(r"[\s_-]+", part.lower())}
    if not all(parts) or any(len(part) > 30 for part in parts) or words & _PARTS_OF_NAMES:
        return ()
    return tuple(dict.fromkeys(parts))


def problem_of(placeholder: str, read_as: str, value: str) -> str:
    """Why a value can't stand in this gap, as the end of a sentence; empty where it can."""
    kind = kind_of(placeholder, read_as)
    if any(character < " " or character in "\x7f\x85\u2028\u2029" for character in value):
        return "it may not hold line breaks or control characters"
    if any("\ud800" <= character <= "\udfff" or "\ue000" <= character <= "\uf8ff" for character in value):
        return "it holds characters without a meaning"
    if any(
        character in "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
        for character in value
    ):
        return "it holds invisible characters"
    options = choices_of(placeholder) if read_as == "choice" else ()
    if options:
        return "" if value in options else f"it must be one of {', '.join(options)}"
    if not kind.pattern.fullmatch(value):
        if value.startswith("-") and kind.name == "identifier":
            return "it may not begin with a hyphen: a program would read it as an option"
        return f"it must be {kind.says}"
    return "it must be a day of the calendar" if kind.name == "date" and not _is_day(value) else ""


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value[:10] if "-" in value else value)
    except ValueError:
        return False
    return True
