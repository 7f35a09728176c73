"""What many monitoring systems say in the same way: moments, links, levels, details of any shape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.errors import Invalid
from tocsin.times import EPOCH

LONGEST_DETAILS = 4_000
LONGEST_LINK = 2_000
_UNIX = re.compile(r"\d{1,16}(?:\.\d+)?")
_LATEST = 253_402_300_799  # the last second of the year 9999, as Unix time
_FRACTION = re.compile(r"(\.\d{6})\d+")


def moment(value: object) -> datetime | None:
    """RFC 3339 with up to nine digits of a second, or Unix time in seconds or milliseconds → UTC; None for any other.

    The year 1 is how Go says "no time".
    """
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if not text or text.startswith("0001-01-01"):
        return None
    try:
        if _UNIX.fullmatch(text):
            seconds = float(text)
            return EPOCH + timedelta(seconds=seconds / 1000 if seconds > _LATEST else seconds)
        at = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def link(text: object) -> str:
    """An address that a browser may be sent to; empty for anything else."""
    if not isinstance(text, str) or not text.startswith(("http://", "https://")):
        return ""
    return text if len(text) <= LONGEST_LINK and text.isprintable() else ""


def links(given: object) -> str:
    """A list of ``{href, text}`` or ``{src, alt}`` as lines of text, what is no address left out."""
    lines = []
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict):
            address = link(one.get("href")) or link(one.get("src"))
            said = word(one.get("text")) or word(one.get("alt"))
            lines += [f"{said}: {address}" if said and said != address else address] if address else []
    return "\n".join(lines)[:LONGEST_DETAILS]


def word(value: object) -> str:
    """A text or number as text; empty for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() if isinstance(value, str | int | float) else ""


def details(value: object) -> str:
    """Any JSON as lines of text: an object's keys with their values, anything else as it is written."""
    if isinstance(value, dict):
        said = "\n".join(f"{key}: {_flat(item)}" for key, item in value.items())
    else:
        said = "" if value is None else _flat(value)
    return said[:LONGEST_DETAILS]


def filled(texts: Mapping[str, object]) -> dict[str, str]:
    """The texts and numbers among these values, by name; what is empty is left out."""
    return {name: said for name, value in texts.items() if (said := word(value))}


def level(given: str, severities: Mapping[str, str]) -> str:
    """A severity of the source as the configuration translates it (in any case), else as it came."""
    return {name.lower(): text for name, text in severities.items()}.get(given.lower(), given)


def record(value: Any, where: str = "$") -> dict[str, Any]:
    """An object; raises `Invalid` for anything else."""
    if not isinstance(value, dict):
        raise Invalid("expected an object.", where=where)
    return value


def records(value: Any, where: str, most: int = 10_000) -> Iterable[tuple[str, dict[str, Any]]]:
    """The objects of a list, each with its place; raises `Invalid` for anything else."""
    if not isinstance(value, list):
        raise Invalid("expected a list.", where=where)
    if len(value) > most:
        raise Invalid(f"{len(value):,} are too many; at most {most:,} are read.", where=where)
    return [(f"{where}[{number}]", record(item, f"{where}[{number}]")) for number, item in enumerate(value)]


def _flat(value: object) -> str:
    return word(value) or json.dumps(value, ensure_ascii=False)
