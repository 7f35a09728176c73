"""What was found about one part of a command; findings add up to a verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tocsin.core.run import Word
from tocsin.core.runbook import VerdictWord

TRAITS = frozenset(
    {"destructive", "endless", "heavy", "interactive", "local-write", "network", "open-access", "privileged", "secret"}
    | {"wrong-target"}
)
"""Every trait that a command whose gaps are filled can have."""
_RANK: dict[VerdictWord, int] = {"read": 0, "unknown": 1, "change": 2}


@dataclass(frozen=True, slots=True)
class Part:
    """What was found about one word. ``at`` counts the words of its command; -1: it stands inside one (``text``)."""

    at: int
    role: str
    known: str
    word: VerdictWord = "read"
    fix: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """``argv`` is what to start for a proven command; a change outweighs the unknown, and both outweigh a read.

    ``parts`` is the proof word by word, ``fix`` what would make the deciding word provable, and ``fed`` why it would
    not be proved behind a pipe.
    """

    word: VerdictWord
    why: str = ""
    traits: tuple[str, ...] = ()
    argv: tuple[Word, ...] = ()
    parts: tuple[Part, ...] = ()
    fix: str = ""
    fed: str = ""
    pins: tuple[tuple[str, str], ...] = ()
    """The team's scripts among what is started, with the SHA-256 of what they must hold."""


READ = Finding("read")


def unknown(why: str, *traits: str, fix: str = "") -> Finding:
    """Not provable, because …"""
    return Finding("unknown", why, traits, fix=fix)


def change(why: str, *traits: str, fix: str = "") -> Finding:
    """Changes something, because …"""
    return Finding("change", why, traits, fix=fix)


def worst(findings: Iterable[Finding]) -> Finding:
    """The first of the worst findings, with the traits of all of them."""
    known = list(findings)
    if not known:
        return READ
    deciding = max(known, key=lambda finding: _RANK[finding.word])
    traits = tuple(dict.fromkeys(trait for finding in known for trait in finding.traits))
    fed = next((finding.fed for finding in known if finding.fed), "")
    pins = tuple(dict.fromkeys(pin for finding in known for pin in finding.pins))
    return replace(deciding, traits=traits, fed=fed, pins=pins)
