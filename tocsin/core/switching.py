"""Which command switches something off, and which one switches the same thing on again: read from the texts alone.

A command switches off where one of its words, or the value behind a ``=`` or ``:``, is a word such as ``false``, ``0``
or ``--disable``. The same words with anything else at that place switch it on again, or to something else.
"""

from __future__ import annotations

from collections.abc import Iterator

_OFF = frozenset(
    ("false", "off", "0", "no", "disable", "disabled", "deactivate", "deactivated", "inactive", "deny", "denied")
)
_OPTION = "--"
_QUOTES = "'\"();,"
MOST_WORDS = 60


def off_keys(command: str) -> frozenset[str]:
    """The names of what a command switches off, each its own text around the word; none where it switches nothing."""
    return frozenset(key for key, value in _places(command) if value in _OFF)


def on_keys(command: str) -> frozenset[str]:
    """The names of everything that a command would set to something else than off: to be looked for in `off_keys`."""
    return frozenset(key for key, value in _places(command) if value not in _OFF)


def switches_on(command: str, off: str) -> bool:
    """Whether a command sets to something else what another one has switched off."""
    return bool(off_keys(off) & on_keys(command))


def _places(command: str) -> Iterator[tuple[str, str]]:
    """Each word of a command as the text around it and what stands there, without quotes and case."""
    words = command.split()
    for index, word in enumerate(words[:MOST_WORDS]):
        for sign in ("=", ":"):
            name, found, value = word.partition(sign)
            if found and name and value:
                yield _key(words, index, f"{name}{sign}\0"), _plain(value)
        yield _key(words, index, "\0"), _plain(word)


def _key(words: list[str], index: int, place: str) -> str:
    return " ".join((*words[:index], place, *words[index + 1 :]))


def _plain(word: str) -> str:
    return word.strip(_QUOTES).removeprefix(_OPTION).casefold()
