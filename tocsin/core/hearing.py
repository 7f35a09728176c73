"""What was heard of alerts, in the order in which it came, without the words that change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

RESOLVED = 1
HERE, THERE = 2, 4
"""Bits of `Heard.flags`: it ended; somebody took it over there, which counts here too, or is only noted."""


class Heard(NamedTuple):
    """One word about one alert; moments in microseconds since 1970, ``labels`` and ``annotations`` as JSON objects.

    ``ends_at`` is `NEVER` where no end was told. ``identity`` are the 8 bytes of the fingerprint.
    """

    identity: bytes
    starts_at: int
    ends_at: int
    updated_at: int
    flags: int
    source: bytes
    key: bytes
    url: bytes
    labels: bytes
    annotations: bytes


NEVER = 2**63 - 1


def without_repetitions(words: Sequence[Heard], now: int) -> list[Heard]:
    """The words without those that a later one repeats, so that merging them leads to the same rows and timelines.

    Of a row of words that say the same state without a pause between them, the first (which may begin something) and
    the last (which is what is known in the end) stay; the last one takes over the earliest start. Words with a key or
    an acknowledgement of their own always stay, as do those whose end has passed: they say more than a state.
    """
    kept: list[Heard | None] = []
    rows: dict[bytes, tuple[int, int]] = {}
    for word in words:
        first, last = rows.get(word.identity, (-1, -1))
        before = kept[last] if last >= 0 else None
        if before is None or not _goes_on(before, word, now):
            rows[word.identity] = (len(kept), len(kept))
        else:
            if last != first:
                kept[last] = None
                word = word._replace(starts_at=min(before.starts_at, word.starts_at))  # noqa: PLW2901
            rows[word.identity] = (first, len(kept))
        kept.append(word)
    return [word for word in kept if word is not None]


def _goes_on(before: Heard, word: Heard, now: int) -> bool:
    """Whether a word says again what the one before it said of the same alert, which had not paused meanwhile."""
    if word.key or before.key or word.flags != before.flags or word.flags & (HERE | THERE):
        return False
    if word.flags & RESOLVED:
        return True
    return before.ends_at > now < word.ends_at and word.starts_at <= before.ends_at
