"""Which step of the document undoes another: the one whose command is the same but for a word and its opposite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tocsin.core.runbook import Step

_PAIRS = (
    "start stop", "enable disable", "up down", "on off", "true false", "1 0", "pause unpause", "pause resume",
    "suspend resume", "cordon uncordon", "block unblock", "lock unlock", "add remove", "attach detach", "open close",
    "yes no", "mount umount", "activate deactivate", "unmask mask", "set unset", "load unload", "grant revoke",
)  # fmt: skip
_OPPOSITES: Mapping[str, frozenset[str]] = {
    word: frozenset(
        other for pair in _PAIRS for one, two in (pair.split(), pair.split()[::-1]) if one == word for other in (two,)
    )
    for pair in _PAIRS
    for word in pair.split()
}


def inverse_of(step: Step, steps: Iterable[Step]) -> Step | None:
    """The one step that does the opposite of this one; None where the document has none, or more than one."""
    fitting = [each for each in steps if each.id != step.id and opposite(step.command or "", each.command or "")]
    commands = {each.command for each in fitting}
    return fitting[0] if len(commands) == 1 else None


def opposite(command: str, other: str) -> bool:
    """Whether two commands differ in exactly one word, and by a word and its opposite there."""
    words, others = command.split(), other.split()
    if len(words) != len(others):
        return False
    different = [pair for pair in zip(words, others, strict=True) if pair[0] != pair[1]]
    return len(different) == 1 and _are_opposites(*different[0])


def _are_opposites(word: str, other: str) -> bool:
    """``stop`` and ``start``, ``--enable`` and ``--disable``, ``FLAG=true`` and ``FLAG=false``."""
    for mark in ("=", ":"):
        name, sign, value = word.rpartition(mark)
        name_too, sign_too, value_too = other.rpartition(mark)
        if sign and sign_too and name == name_too:
            word, other = value, value_too
    plain, plain_too = (text.strip("'\"").lstrip("-").casefold() for text in (word, other))
    return plain_too in _OPPOSITES.get(plain, ())
