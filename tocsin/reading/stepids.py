"""Ids of steps that survive edits elsewhere: where a step stands, what it says, and a digest of exactly that."""

from __future__ import annotations

from collections import Counter

from tocsin.ids import digest, slug
from tocsin.reading.drafts import Draft

_WANTED = 80  # characters of a whole id, where the heading path leaves room
_FEWEST, _MOST = 16, 36
_DIGITS = 5


def step_id(path: str, step: Draft, taken: Counter[str]) -> str:
    """``path/stage/words-of-the-step-1a2b3``; of steps that say the same under one heading the later ones are counted.

    Nothing else decides: neither what stands beside the step nor how many there are, so an edit elsewhere renames none.
    """
    place = f"{path}/{step.stage}/"
    room = max(_FEWEST, min(_MOST, _WANTED - len(place) - _DIGITS - 1))
    exact = digest(step.title, step.command or "", step.branch or "").rpartition(":")[2][:_DIGITS]
    own = "-".join(part for part in (_short(step.words or step.title, room), exact) if part)
    return unique(place + own, taken)


def unique(wanted: str, taken: Counter[str]) -> str:
    """The wanted id, or where it is taken the next free one behind it (``…-2``); it is taken from now on."""
    name = wanted
    while taken[name]:
        taken[wanted] += 1
        name = f"{wanted}-{taken[wanted]}"
    taken[name] += 1
    return name


def _short(words: str, room: int) -> str:
    """A slug that ends with a whole word."""
    whole = slug(words[:300], 300)
    if len(whole) <= room:
        return whole
    cut = whole[: room + 1].rpartition("-")[0]
    return cut or whole[:room]
