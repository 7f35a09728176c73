"""What is known of an incident's messages: part of its row, and like all of it the fold of its timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

TELLING = ("initial", "update", "resolution", "other")
"""Kinds of templates that tell people how it goes; a record is kept and promises nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words that somebody gave, and when."""

    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """When a message left last, who sent it, to which channels; ``times``: how often it did."""

    at: datetime
    by: str
    text: str
    channels: tuple[str, ...] = ()
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageState:
    """All of it. ``answers``: field → words; ``edits`` and ``sent``: message → words, and its last departure.

    ``fix``: what people said ended it.
    """

    answers: Mapping[str, Said] = field(default_factory=dict)
    edits: Mapping[str, Said] = field(default_factory=dict)
    sent: Mapping[str, Sent] = field(default_factory=dict)
    fix: tuple[str, ...] = ()
