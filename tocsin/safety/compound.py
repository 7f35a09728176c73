"""Loops and groups whose course is known from the text become the commands that they come to, one after the other.

``for x in a b; do …; done`` is unrolled, ``while true; do …; done`` is taken once (and the text repeats), and brackets
around commands fall away. All of it only where nothing depends on how they end and nothing is handed on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tocsin.core.run import Variable, Word
from tocsin.safety.lexer import Token, Trouble, text_of

_NAME = re.compile(r"(?!.*_proxy$)[a-z][a-z0-9_]*")  # in capitals stand variables that steer shells and programs
_VALUE = re.compile(r"[\w.:/@%+,=-]+", re.ASCII)
_MOST_TOKENS = 5_000
_ONE_BY_ONE = "write the commands one by one"


@dataclass(frozen=True, slots=True)
class Flat:
    """Tokens without loops and brackets; ``repeats``: the text does them again and again without an end."""

    tokens: tuple[Token, ...]
    repeats: bool = False


def flatten(tokens: Sequence[Token]) -> Flat:
    """The tokens that a text comes to. Raises `Trouble` where a loop's course is not known from the text."""
    walk = _Flattening(tuple(tokens))
    return Flat(tuple(walk.block(())), walk.repeats)


def keyword(token: Token, *names: str) -> bool:
    """Whether this is one of these words, written plainly: a quoted one is a program's name."""
    return token.kind == "word" and text_of(token.word) in names and token.end - token.start == len(text_of(token.word))


class _Flattening:
    """One pass over the tokens, from left to right, descending into what stands between ``do`` and ``done``."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        self.at = 0
        self.made = 0
        self.repeats = False

    def block(self, closers: tuple[str, ...]) -> list[Token]:
        """Everything up to one of these words at the start of a command (or to the end of the text)."""
        out: list[Token] = []
        start = True
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            bracket = token.kind == "group" and token.text in closers
            if bracket or (start and keyword(token, *closers)):
                return out
            compound = self._compound(token) if start else None
            if compound is None:
                out.append(token)
                start = _ends(token)
                self.at += 1
                continue
            out += compound
            self._boundary(closers)
        if closers:
            raise Trouble(f"`{closers[0]}` is missing", _ONE_BY_ONE)
        return out

    def _compound(self, token: Token) -> list[Token] | None:
        if keyword(token, "for"):
            return self._for()
        if keyword(token, "while"):
            return self._while()
        if keyword(token, "if", "until", "case", "select"):
            word = text_of(token.word)
            fix = "write `A && B` for `if A; then B; fi`" if word == "if" else _ONE_BY_ONE
            raise Trouble(f"what follows `{word}` depends on what comes before it", fix)
        if keyword(token, "{") or (token.kind == "group" and token.text == "("):
            return self._group("}" if token.kind == "word" else ")")
        return None

    def _boundary(self, closers: tuple[str, ...]) -> None:
        """What stands behind a loop or a group must be the end of a command, or of everything."""
        if self.at >= len(self.tokens):
            return
        token = self.tokens[self.at]
        if _ends(token):
            self.at += 1
        elif not (closers and token.kind == "group" and token.text in closers):
            raise Trouble("what a loop or a group prints, or how it ends, is handed on", _ONE_BY_ONE)

    def _group(self, closer: str) -> list[Token]:
        opened = self.tokens[self.at]
        self.at += 1
        after = self.tokens[self.at] if self.at < len(self.tokens) else None
        if closer == ")" and after is not None and after.text == "(" and after.start == opened.end:
            raise Trouble("`((` computes something", _ONE_BY_ONE)
        return self._body(closer)

    def _body(self, closer: str) -> list[Token]:
        body = self.block((closer,))
        if not any(token.kind == "word" for token in body):
            raise Trouble(f"nothing stands before `{closer}`")
        end = self.tokens[self.at]
        self.at += 1
        return body if _ends(body[-1]) else [*body, Token("end", "\n", start=end.start, end=end.start)]

    def _for(self) -> list[Token]:
        begun = self.at
        name = self._next_word("for")
        if not _NAME.fullmatch(name):
            raise Trouble(f"`{name}` may steer the shell or a program", "name the loop's variable in small letters")
        if self._next_word("for") != "in":
            raise Trouble("`for` without `in` takes what it was started with", _ONE_BY_ONE)
        self.at += 1
        values = []
        while self.at < len(self.tokens) and not _ends(self.tokens[self.at]):
            values.append(_value(self.tokens[self.at]))
            self.at += 1
        body = self._do()
        if any(Variable(name) in token.word for token in (*self.tokens[:begun], *self.tokens[self.at :])):
            raise Trouble(f"`${name}` is used outside its loop", _ONE_BY_ONE)
        self.made += len(values) * len(body)
        if self.made > _MOST_TOKENS:
            raise Trouble("the loop comes to too many commands", _ONE_BY_ONE)
        return [replace(token, word=_put(token.word, name, value)) for value in values for token in body]

    def _while(self) -> list[Token]:
        if self._next_word("while") not in ("true", ":"):
            raise Trouble("what follows `while` depends on what comes before it", _ONE_BY_ONE)
        self.at += 1
        body = self._do()
        if any(token.kind != "end" for token in self.tokens[self.at :]):
            raise Trouble("something stands behind a loop that never ends", "leave it out")
        self.repeats = True
        return body

    def _do(self) -> list[Token]:
        while self.at < len(self.tokens) and _ends(self.tokens[self.at]):
            self.at += 1
        if self.at >= len(self.tokens) or not keyword(self.tokens[self.at], "do"):
            raise Trouble("`do` is missing", _ONE_BY_ONE)
        self.at += 1
        return self._body("done")

    def _next_word(self, behind: str) -> str:
        self.at += 1
        token = self.tokens[self.at] if self.at < len(self.tokens) else Token("end")
        if token.kind != "word" or any(isinstance(part, Variable) for part in token.word):
            raise Trouble(f"`{behind}` is not followed by a word", _ONE_BY_ONE)
        return text_of(token.word)


def _ends(token: Token) -> bool:
    return token.kind == "end" or (token.kind == "join" and token.text == ";")


def _value(token: Token) -> str:
    text = text_of(token.word)
    if token.kind != "word" or not _VALUE.fullmatch(text):
        raise Trouble(
            "`for` goes through values that the text doesn't name", "name each value, or write the commands one by one"
        )
    return text


def _put(word: Word, name: str, value: str) -> Word:
    """The word with the loop's variable replaced."""
    parts: list[str | Variable] = []
    for part in word:
        known = value if isinstance(part, Variable) and part.name == name else part
        if isinstance(known, str) and parts and isinstance(parts[-1], str):
            parts[-1] += known
        else:
            parts.append(known)
    return tuple(parts)
