"""Words of a proven command, completed by the values of the variables inside them."""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.core.run import Variable, Word
from tocsin.errors import Unrunnable


def filled(word: Word, env: Mapping[str, str]) -> str:
    """The word with its variables' values. A value never becomes an option, and an empty one never an argument."""
    text = ""
    for piece in word:
        value = env.get(piece.name, "") if isinstance(piece, Variable) else piece
        if isinstance(piece, Variable) and not value:
            hint = f"Give {piece.name} a value in the target's environment."
            raise Unrunnable(f"The variable ${piece.name} has no value on this target.", hint)
        if isinstance(piece, Variable) and not text and value.startswith("-"):
            raise Unrunnable(f"The value of ${piece.name} begins with '-' and would be read as an option.")
        text += value
    return text
