"""Answers: what somebody says to a page by mail, by message, by a key or a link, and which answer was the first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tocsin.core import moves
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.moves import Facts
from tocsin.core.oncall import Directory
from tocsin.errors import Invalid, Refused
from tocsin.ids import slug
from tocsin.times import say_duration

Deed = Literal["acknowledge", "escalate", "hold", "note", "accept", "decline", "hand_over", "add"]
DEEDS: tuple[Deed, ...] = ("acknowledge", "escalate", "hold", "note", "accept", "decline", "hand_over", "add")
LABELS: Mapping[Deed, str] = {
    "acknowledge": "Take it", "escalate": "Call the next one", "hold": "Silence it for 30 min",
    "accept": "Take it over", "decline": "Say no", "hand_over": "Hand it over", "add": "Call people in",
}  # fmt: skip
"""Deed → what its link and button are called."""
HOLD_MINUTES = 30.0
LONGEST_ANSWER = 2_000
HELP = "Answer with ack, escalate, silence 30, accept, decline, hand over to ana, add ana, or note: and your words."
_WORDS: dict[str, Deed] = {
    "1": "acknowledge", "a": "acknowledge", "ack": "acknowledge", "acknowledge": "acknowledge",
    "acknowledged": "acknowledge", "take": "acknowledge", "2": "escalate", "esc": "escalate", "escalate": "escalate",
    "3": "hold", "silence": "hold", "hold": "hold", "snooze": "hold", "note": "note", "accept": "accept",
    "decline": "decline", "hand": "hand_over", "handover": "hand_over", "offer": "hand_over", "add": "add",
}  # fmt: skip
_REF = re.compile(r"(?:INC-)?([0-9]{1,18})(?![0-9.])", re.IGNORECASE | re.ASCII)
_FIRST = re.compile(r"([a-z]+|[0-9])(?=$|[\s:,.!-])[\s:,.!]*", re.IGNORECASE | re.ASCII)
_OVER, _TO = re.compile(r"over\b[\s:]*", re.IGNORECASE), re.compile(r"to\b[\s:]*", re.IGNORECASE)
_BECAUSE = re.compile(r"\s+because\s+", re.IGNORECASE)
_MINUTES = re.compile(r"([0-9]{1,5})\s*(m|min|minutes?|h|hours?)?\b[\s:,]*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer as it was understood. ``ref`` empty: it does not say which incident is meant.

    ``people``: to whom it is handed over, or who is called in, divided by commas.
    """

    deed: Deed
    ref: str = ""
    words: str = ""
    minutes: float = HOLD_MINUTES
    people: str = ""


def understood(text: str) -> Said:
    """What a short answer says: ``1``, ``ack INC-12``, ``note INC-12: the gate is shut``. Raises `Invalid`.

    Only the first line that is not empty and quotes nothing counts, but of a note, which goes on to the first quote.
    """
    lines = [line.strip() for line in _own_lines(text[:LONGEST_ANSWER])]
    line = next((line for line in lines if line), "")
    found = _FIRST.match(line)
    deed = _WORDS.get(found[1].lower()) if found else None
    if found is None or deed is None:
        raise Invalid("This answer was not understood, so nothing was done.", HELP)
    rest, ref, people = line[found.end() :].strip(), "", ""
    if deed == "hand_over" and (over := _OVER.match(rest)):
        rest = rest[over.end() :]
    named = _REF.match(rest)
    if named and (named[0].upper().startswith("INC-") or deed not in ("hold", "note")):
        ref, rest = f"INC-{int(named[1])}", rest[named.end() :].lstrip(" :,.-")
    minutes = HOLD_MINUTES
    if deed == "hold" and (told := _MINUTES.match(rest)):
        minutes = float(told[1]) * (60 if (told[2] or "m").lower().startswith("h") else 1)
        rest = rest[told.end() :]
    if deed == "note":
        rest = "\n".join([rest, *lines[lines.index(line) + 1 :]]).strip()
        if not rest:
            raise Invalid("The note has no words, so nothing was written.", HELP)
    if deed in ("hand_over", "add"):
        people, rest = _people(rest)
    return Said(deed=deed, ref=ref, words=rest.strip(), minutes=minutes, people=people)


def acknowledge(incident: Incident, by: Actor, now: datetime, directory: Directory, via: str = "") -> Facts:
    """Take the incident. Exactly one answer wins; any other one is told whose, and how long before it came."""
    if incident.open and incident.acknowledged_at is not None:
        who, before = directory.name_of(incident.acknowledged_by), say_duration(now - incident.acknowledged_at)
        if slug(incident.acknowledged_by) == slug(by.name):
            raise Refused(f"{incident.id} is already acknowledged by {incident.acknowledged_by}: you, {before} ago.")
        raise Refused(
            f"{incident.id} is already acknowledged by {incident.acknowledged_by}: {who} took it {before} before you."
        )
    return moves.acknowledge(incident, by, via)


def has_done(incident: Incident, deed: Deed, person: str) -> bool:
    """Whether somebody's answer has had its effect already, so that saying it again changes nothing."""
    if deed == "acknowledge":
        return incident.acknowledged_at is not None and slug(incident.acknowledged_by) == person
    return deed == "accept" and person in {slug(who) for who in (incident.team.owner, *incident.roles.values())}


def _people(rest: str) -> tuple[str, str]:
    """``to ben because it grows`` → who, and why. Raises `Invalid` where it names nobody."""
    if to := _TO.match(rest):
        rest = rest[to.end() :]
    people, *why = _BECAUSE.split(f" {rest} ", maxsplit=1)
    people = people.strip().rstrip(".!").strip()
    if not people:
        raise Invalid("This names nobody, so nothing was done.", HELP)
    return people, "".join(why)


def _own_lines(text: str) -> list[str]:
    """What somebody wrote themselves: up to the first line that quotes, introduces a quote, or signs."""
    own: list[str] = []
    for line in text.replace("\r", "").split("\n"):
        plain = line.strip()
        if plain.startswith((">", "-----", "________")) or line.rstrip("\n") in ("-- ", "--"):
            break
        if own and plain.endswith(":") and re.search(r"\bwrote\b|\bschrieb\b|\ba écrit\b|\bescribió\b", plain):
            break
        own.append(line)
    return own
