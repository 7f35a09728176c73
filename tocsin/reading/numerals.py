"""Numbers that a comparison spells: "more than five late boats" is more than 5."""

from __future__ import annotations

import re
from functools import lru_cache

from tocsin.reading.letters import hint

_SPELLED = {word: str(number) for number, words in {
    2: "two zwei dos deux dois duas два две двух", 3: "three drei tres três trois три трех трёх",
    4: "four vier cuatro quatre quatro четырех четырёх", 5: "five fünf cinco cinq пять пяти", 6: "six sechs seis",
    8: "eight acht ocho oito huit", 10: "ten zehn diez dix dez десять десяти", 12: "twelve zwölf doce douze doze",
    15: "fifteen fünfzehn quince quinze", 20: "twenty zwanzig veinte vingt vinte двадцать двадцати",
    30: "thirty dreißig treinta trente trinta", 50: "fifty fünfzig cincuenta cinquante cinquenta",
    100: "hundred hundert cien cent cem",
}.items() for word in words.split()}  # fmt: skip
DIGIT = re.compile(r"\d")
_COMPARED = re.compile(
    r"(?P<lead>(?<!\w)(?:than|at least|at most|over|under|below|above|exceeds?|reaches|als|mindestens|über|unter"
    r"|más de|menos de|al menos|mais de|pelo menos|plus de|moins de|au moins|более|менее|больше|меньше|не менее)\s+"
    r"(?:a\s+)?)"
    rf"(?P<word>{'|'.join(sorted(_SPELLED, key=len, reverse=True))})(?=\s|[.,;)]|$)",
    re.IGNORECASE,
)
_MAY_COMPARE = hint(_COMPARED)


def in_figures(text: str) -> str:
    """The text with the numbers that stand behind a comparison in figures; one isn't a limit ("at least one boat")."""
    return (
        text
        if not _MAY_COMPARE(text)
        else _COMPARED.sub(lambda found: f"{found.group('lead')}{_SPELLED[found.group('word').lower()]}", text)
    )


@lru_cache(maxsize=4096)
def has_number(text: str) -> bool:
    """Whether a text has a figure or a spelt number behind a comparison; without one it has no threshold."""
    return bool(DIGIT.search(text) or _MAY_COMPARE(text))
