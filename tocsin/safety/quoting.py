"""How a value is quoted in a sentence."""

from __future__ import annotations

from tocsin.safety.lexer import GAP, VARIABLE


def say(text: str) -> str:
    """A value as it is quoted in a sentence: short, and on one line."""
    plain = " ".join(text.replace(VARIABLE, "$…").replace(GAP, "<…>").split())
    return plain if len(plain) <= 60 else f"{plain[:57]}…"


def fill(text: str, sample: str) -> str:
    """The text with a sample for each variable and each placeholder."""
    return text.replace(VARIABLE, sample).replace(GAP, sample)
