"""What has the wrong shape in a table of TOML, in the words of whoever writes TOML, with the right form beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

Step = str | int
"""A key, or the place in a list."""

_SAID = re.compile(r"(?s)(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?\.?")
_STEP = re.compile(r"\.(?P<key>[^.\[\]]+)|\[(?P<place>\d+)\]|(?P<any>\[\.\.\.\])")
_EXPECTED = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<key>.*)`")
_WORDS = {
    "array": "a list", "object": "a table", "str": "text", "int": "a whole number", "float": "a number",
    "bool": "true or false", "date": "a day", "datetime": "a moment", "time": "a time of day", "null": "nothing",
}  # fmt: skip
_FORMS = {"str": '"…"', "int": "3", "float": "1.5", "bool": "true", "date": "2026-12-24", "array": '["one", "another"]'}
_LISTS = {
    "allow": '["10.0.0.0/8"]', "command": '["jobctl", "list", "--json"]', "env": '["DATABASE_URL"]',
    "holidays": "[2026-12-25, 2026-12-26]", "labels": '["linux"]', "notify": '["mail", "console"]',
    "people": '["ana", "ben"]', "scopes": '["alerts:send"]', "severities": '["P1", "P2"]',
}  # fmt: skip
_SPANS = re.compile(r"(?:after|within|watch|every|timeout|keep|thinned|expires|longest|lasts)$")
"""The keys whose text is a duration."""
_HIDDEN = re.compile(r"token|secret|password|key|url")
"""The keys whose value may be a secret: it is not repeated."""
_DEEPEST = 2
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong at a place of a table: a sentence, and how it is written instead (``[people.ana]`` …).

    ``unknown``: the key that is none, where that is the fault; ``path`` is then the table that holds it.
    """

    path: tuple[Step, ...]
    message: str
    hint: str
    unknown: str = ""


def fault(said: str, value: object, begin: Sequence[Step] = ()) -> Fault:
    """The fault that ``wire.convert`` tells of; ``begin``: the key of the value, where it stands in a table."""
    found = _SAID.fullmatch(said)
    what, path = (found["what"], found["path"] or "") if found else (said, "")
    pattern = [step["key"] or (int(step["place"]) if step["place"] else None) for step in _STEP.finditer(path)]
    if unknown := _UNKNOWN.fullmatch(what):
        key = unknown["key"]
        place = _first(value, pattern, lambda each: isinstance(each, Mapping) and key in each)
        return Fault(path=(*begin, *place), message=f"there is no key {key!r}.", hint="", unknown=key)
    if missing := _MISSING.fullmatch(what):
        key = missing["key"]
        place = _first(value, pattern, lambda each: isinstance(each, Mapping) and key not in each)
        return Fault(path=(*begin, *place), message=f"{key} is missing.", hint=f"Add a line: {key} = …")
    if expected := _EXPECTED.fullmatch(what):
        got = expected["got"]
        place = _first(value, pattern, lambda each: _type(each) == got)
        wanted, inner = expected["wanted"].split(" | "), bool(begin) or len(pattern) > _DEEPEST
        return _of_type((*begin, *place), wanted, got, next(_places(value, place), ((), None))[1], inner=inner)
    return Fault(path=(*begin, *_first(value, pattern, lambda _: True)), message=f"{what.removesuffix('.')}.", hint="")


def header(path: Sequence[Step]) -> str:
    """``[signals."error rate"]`` for the names of tables."""
    return f"[{'.'.join(_key(step) for step in path if isinstance(step, str))}]"


def at(path: Sequence[Step], depth: int) -> str:
    """``[people.ana] notify``: the table, which has so many names, and the key in it."""
    names = [step for step in path if isinstance(step, str)]
    return " ".join([header(names[:depth]), ".".join(names[depth:])]).strip()


def _of_type(path: tuple[Step, ...], wanted: Sequence[str], got: str, value: object, *, inner: bool) -> Fault:
    names = [step for step in path if isinstance(step, str)]
    kinds = " or ".join(_WORDS.get(each, each) for each in wanted if each != "null")
    inside = bool(path) and isinstance(path[-1], int)
    subject = f"each entry of {names[-1]}" if inside and names else names[-1] if names else "the file"
    forms = [_form(each, names, value, inside=inside, inner=inner) for each in wanted if each != "null"]
    hint = f"Write {' or '.join(forms)}." if forms else ""
    return Fault(path=path, message=f"{subject} must be {kinds}, not {_WORDS.get(got, got)}.", hint=hint)


def _form(kind: str, names: Sequence[str], value: object, *, inside: bool, inner: bool) -> str:
    """One right way to write a value of that kind under that key."""
    key = _key(names[-1]) if names else "key"
    if kind == "object":
        table = f"{header(names)} on a line of its own, and its keys below"
        return f'{key} = {{ name = "…" }}' if inner else table
    if inside:
        return f"{key} = [{_FORMS.get(kind, '…')}, …]"
    if kind == "str" and names and _SPANS.search(names[-1]):
        return f'{key} = "15m"'
    shown = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "str" and inner and shown and names and not _HIDDEN.search(names[-1]):
        return f'{key} = "{value}"'
    return f"{key} = {_LISTS.get(names[-1], _FORMS['array']) if kind == 'array' else _FORMS.get(kind, '…')}"


def _first(value: object, pattern: Sequence[Step | None], fits: Any) -> tuple[Step, ...]:
    """The first concrete place that the pattern means; msgspec doesn't tell the names of a mapping's entries."""
    known = tuple(step for step in pattern if step is not None)
    return next((place for place, each in _places(value, tuple(pattern)) if fits(each)), known)


def _places(value: object, pattern: tuple[Step | None, ...]) -> Iterator[tuple[tuple[Step, ...], object]]:
    if not pattern:
        yield (), value
        return
    step, rest = pattern[0], pattern[1:]
    entries: Sequence[tuple[Step, object]] = ()
    if isinstance(value, Mapping):
        entries = [(key, each) for key, each in value.items() if step is None or key == step]
    elif isinstance(value, list):
        entries = [(place, each) for place, each in enumerate(value) if step is None or place == step]
    for name, each in entries:
        for place, found in _places(each, rest):
            yield (name, *place), found


def _type(value: object) -> str:
    """The word that msgspec has for a value's type."""
    if isinstance(value, datetime):
        return "datetime"
    kinds: tuple[tuple[Any, str], ...] = (
        (bool, "bool"), (str, "str"), (int, "int"), (float, "float"), (date, "date"), (time, "time"),
        (Mapping, "object"), (list | tuple, "array"),
    )  # fmt: skip
    return next((word for kind, word in kinds if isinstance(value, kind)), "null")


def _key(name: Step) -> str:
    text = str(name)
    return text if _PLAIN.fullmatch(text) else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
