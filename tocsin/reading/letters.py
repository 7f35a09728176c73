"""Letters as people leave them out: words are compared without accents and, mostly, in lower case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

_ACCENTED = re.compile("[À-ɏ]")
_CASED = re.compile(r"(?<![\\?])[^\W\d_a-z]")  # not the letter of ``\W`` or of ``(?P<name>``
_BOUND = re.compile(r"^\\b([^\W\d_])(?![?*+{])")  # ``\bword`` → a letter first, with the boundary looked for behind it
_CLASS = re.compile(r"\[\^?\]?(?:[^\]\\]|\\.)*\]")
_LED = re.compile(r"[^\W\d_](?![?*+{])")


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


def hint(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    """A quick test that fails only where the pattern, which ignores case, is not in a text.

    It searches the text in lower case: that takes `re` a half to an eighth of the time of a search without regard to
    case.
    """
    tests = _tests(_CASED.sub(lambda found: found.group().lower(), pattern.pattern))

    def may(text: str) -> bool:
        text = text.lower()
        for test in tests:  # noqa: SIM110  (`any` would make a generator for each text)
            if test(text):
                return True
        return False

    return may


class Words:
    """A pattern that is only asked whether `fold`-ed text has it."""

    def __init__(self, pattern: str) -> None:
        self._tests = _tests(unaccented(pattern).replace("ß", "ss"))

    def within(self, text: str) -> bool:
        """Whether the text has one of the alternatives."""
        for test in self._tests:  # noqa: SIM110  (as above)
            if test(text):
                return True
        return False


def _tests(pattern: str) -> list[Callable[[str], re.Match[str] | None]]:
    """Tests of which one succeeds where the pattern would be found, the quickest first.

    Alternatives that begin with ``^`` are tried once, at the beginning; `re` would try them at every character. Those
    that begin with a letter stand together, because `re` skips what begins with no such letter.
    """
    begins: list[str] = []
    led: list[str] = []
    other: list[str] = []
    for part in alternatives(pattern):
        if part.startswith("^"):
            begins.append(part.removeprefix("^"))
            continue
        quick = _BOUND.sub(r"\1(?<=\\b\1)", part)
        (led if _LED.match(quick) else other).append(quick)
    tests: list[Callable[[str], re.Match[str] | None]] = [re.compile("|".join(begins)).match] if begins else []
    return tests + [re.compile("|".join(parts)).search for parts in (led, other) if parts]


def alternatives(pattern: str) -> list[str]:
    """The alternatives of a regular expression: its parts between the ``|`` that stand in no parentheses."""
    parts, depth, last, at = [], 0, 0, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif char == "[" and (found := _CLASS.match(pattern, at)):
            at = found.end() - 1
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and depth == 0:
            parts.append(pattern[last:at])
            last = at + 1
        at += 1
    return [*parts, pattern[last:]]
