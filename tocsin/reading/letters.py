"""Letters as people leave them out: words are compared without accents and, mostly, in lower case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

_ACCENTED = re.compile("[À-ɏ]")
_CASED = re.compile(r"(?<![\\?])[^\W\d_a-z]")  # not the letter of ``\W`` or of ``(?P<name>``
_FLAGS = re.MULTILINE | re.DOTALL | re.VERBOSE


def unaccented(text: str) -> str:
    """The text without accents on Latin letters, of the same length; other scripts stay ("ё" is written "е")."""
    if text.isascii():
        return text
    plain = _ACCENTED.sub(lambda found: unicodedata.normalize("NFD", found.group())[0], text)
    return plain.replace("ё", "е").replace("Ё", "Е")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """The text in lower case and without accents; "ß" is "ss"."""
    return unaccented(text.casefold())


def compiled(pattern: str, *, folded: bool = False) -> re.Pattern[str]:
    """A pattern to be searched in `unaccented` text (``folded``: in `fold`-ed text)."""
    plain = unaccented(pattern)
    return re.compile(plain.replace("ß", "ss")) if folded else re.compile(plain, re.IGNORECASE)


def hint(pattern: re.Pattern[str]) -> Callable[[str], re.Match[str] | None]:
    """A quick test that fails only where the pattern, which ignores case, is not in a text.

    It searches the text in lower case: that takes `re` a half to an eighth of the time of a search without regard to
    case.
    """
    search = re.compile(_CASED.sub(lambda found: found.group().lower(), pattern.pattern), _FLAGS & pattern.flags).search
    return lambda text: search(text.lower())


class Words:
    """A pattern that is only asked whether `fold`-ed text has it.

    Its alternatives that begin with ``^`` are tried once, at the beginning; `re` would try them at every character.
    """

    def __init__(self, pattern: str) -> None:
        parts = alternatives(pattern)
        begins = [part.removeprefix("^") for part in parts if part.startswith("^")]
        holds = [part for part in parts if not part.startswith("^")]
        self._begins = compiled("|".join(begins), folded=True).match if begins else None
        self._holds = compiled("|".join(holds), folded=True).search if holds else None

    def within(self, text: str) -> bool:
        """Whether the text has one of the alternatives."""
        return bool((self._begins and self._begins(text)) or (self._holds and self._holds(text)))


def alternatives(pattern: str) -> list[str]:
    """The alternatives of a regular expression: its parts between the ``|`` that stand in no parentheses."""
    parts, depth, last, at = [], 0, 0, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif char == "[":
            at = pattern.index("]", at + (3 if pattern[at + 1] == "^" else 2))
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and depth == 0:
            parts.append(pattern[last:at])
            last = at + 1
        at += 1
    return [*parts, pattern[last:]]
