"""A timeline entry in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "good", "bad", "ask"]
Category = Literal["alert", "decision", "command", "people", "words", "recovery", "learning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A timeline entry in words. Texts are plain and hostile: every sink escapes them."""

    title: str
    detail: str = ""
    icon: str = "circle"
    tone: Tone = "plain"
    category: Category = "decision"
