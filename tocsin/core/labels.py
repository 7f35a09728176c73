"""Labels of alerts, and matchers over them, as Alertmanager writes them: ``service="api"``, ``env!~"dev.*"``."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import re2

from tocsin.errors import Invalid

Labels = Mapping[str, str]
LONGEST_PATTERN = 500
_QUIETLY = re2.Options()
_QUIETLY.log_errors = False
_MATCHER = re.compile(r'\s*([A-Za-z_][\w.-]*|"(?:[^"\\]|\\.)+")\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^,\s]*)\s*(?:,|$)')
_PLAIN = re.compile(r"[A-Za-z_][\w.-]*")
"""A name that needs no quotation marks."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label; an absent label counts as the empty string."""

    name: str
    op: Literal["=", "!=", "=~", "!~"]
    value: str

    def matches(self, labels: Labels) -> bool:
        """Whether the labels satisfy this condition. Regular expressions are anchored at both ends."""
        found = labels.get(self.name, "")
        hit = found == self.value if self.op in ("=", "!=") else _compiled(self.value).fullmatch(found) is not None
        return hit is (self.op in ("=", "=~"))

    def __str__(self) -> str:
        name = self.name if _PLAIN.fullmatch(self.name) else _quoted(self.name)
        return f"{name}{self.op}{_quoted(self.value)}"


def parse_matchers(text: str) -> tuple[Matcher, ...]:
    """``service=api, env!~"dev.*"`` → matchers; raises `Invalid` with the part that was not understood."""
    inner, at, found = text.strip().removeprefix("{").removesuffix("}"), 0, []
    while at < len(inner):
        part = _MATCHER.match(inner, at)
        if part is None:
            raise Invalid(f"{inner[at:]!r} is not a matcher.", 'Write for example service="api", env!~"dev.*".')
        name, op, value = part.groups()
        found.append(make_matcher(_unquoted(name), op, _unquoted(value)))
        at = part.end()
    return tuple(found)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def make_matcher(name: str, op: str, value: str) -> Matcher:
    """A checked matcher: the operator is one of four, and a regular expression compiles and is short."""
    if op not in ("=", "!=", "=~", "!~"):
        raise Invalid(f"{op!r} is not an operator of a matcher.", "Use =, !=, =~ or !~.")
    if "~" in op:
        if len(value) > LONGEST_PATTERN:
            raise Invalid(f"A matcher's regular expression is longer than {LONGEST_PATTERN} characters.")
        try:
            _compiled(value)
        except re2.error as error:
            words = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
            raise Invalid(f"The matcher's regular expression {value!r} can't be read: {words}.") from None
    return Matcher(name, op, value)  # type: ignore[arg-type]


@functools.lru_cache(maxsize=1000)
def _compiled(pattern: str) -> Any:
    """RE2, as Alertmanager uses it: in linear time whatever the pattern, because patterns come from outside."""
    return re2.compile(pattern, _QUIETLY)


def all_match(matchers: tuple[Matcher, ...], labels: Labels) -> bool:
    """Whether every matcher holds; no matcher at all holds for everything."""
    return all(matcher.matches(labels) for matcher in matchers)
