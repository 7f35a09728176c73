"""What was found about one part of a command; findings add up to a verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tocsin.core.run import Word
from tocsin.core.runbook import VerdictWord

_RANK: dict[VerdictWord, int] = {"read": 0, "unknown": 1, "change": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """``argv`` is what to start for a proven command; a change outweighs the unknown, and both outweigh a read."""

    word: VerdictWord
    why: str = ""
    traits: tuple[str, ...] = ()
    argv: tuple[Word, ...] = ()


READ = Finding("read")


def unknown(why: str, *traits: str) -> Finding:
    """Not provable, because …"""
    return Finding("unknown", why, traits)


def change(why: str, *traits: str) -> Finding:
    """Changes something, because …"""
    return Finding("change", why, traits)


def worst(findings: Iterable[Finding]) -> Finding:
    """The first of the worst findings, with the traits of all of them."""
    known = list(findings)
    if not known:
        return READ
    deciding = max(known, key=lambda finding: _RANK[finding.word])
    traits = tuple(dict.fromkeys(trait for finding in known for trait in finding.traits))
    return Finding(deciding.word, deciding.why, traits, deciding.argv)
