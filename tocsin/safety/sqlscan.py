"""A small, strict scanner of SQL text: it cuts statements apart and takes comments out, so that nothing is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Dialect = Literal["postgres", "mysql", "sqlite"]
_SPACE = " \t\n"
_WORD = re.compile(r"[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*")
_NUMBER = re.compile(r"[0-9][0-9_.]*(?:[eE][+-]?[0-9]+)?")
_QUOTES: dict[Dialect, dict[str, Literal["string", "name"]]] = {
    "postgres": {"'": "string", '"': "name"},
    "mysql": {"'": "string", '"': "string", "`": "name"},
    "sqlite": {"'": "string", '"': "name", "`": "name"},
}
_LONGEST_NAME = 63
_PREFIXES = ("e", "u&", "b", "x", "n")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of SQL. A quoted name keeps its kind ``name`` and its text without quotes."""

    kind: Literal["word", "name", "string", "number", "sign"]
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement without comments, its tokens, and where each begins in the text."""

    text: str
    tokens: tuple[Token, ...]
    starts: tuple[int, ...] = ()
    dialect: Dialect = "postgres"

    def tail(self, count: int) -> Statement | None:
        """The last ``count`` tokens as a statement of their own."""
        if not count:
            return None
        start = self.starts[-count]
        starts = tuple(at - start for at in self.starts[-count:])
        return Statement(self.text[start:], self.tokens[-count:], starts, self.dialect)


def folded(token: Token) -> str:
    """A name as PostgreSQL keeps it."""
    quoted = token.kind == "name"
    return fold(token.text.replace('""', '"') if quoted else token.text, quoted=quoted)


def fold(text: str, *, quoted: bool) -> str:
    """A name as PostgreSQL keeps it: 63 bytes of it, in small letters unless it was quoted."""
    kept = text if quoted else "".join(char.lower() if char.isascii() else char for char in text)
    return kept.encode("utf-8", "surrogatepass")[:_LONGEST_NAME].decode("utf-8", "ignore")


class Unscannable(Exception):
    """The sentence that says what makes the text ambiguous."""


def statements(text: str, dialect: Dialect = "postgres") -> tuple[Statement, ...]:
    """The statements of a text; raises `Unscannable`."""
    return tuple(_Scanner(text, dialect).run())


class _Scanner:
    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text, self.at, self.dialect = text, 0, dialect
        self.clean: list[str] = []
        self.length = 0
        self.starts: list[int] = []
        self.tokens: list[Token] = []
        self.found: list[Statement] = []

    def run(self) -> list[Statement]:
        while self.at < len(self.text):
            self._step(self.text[self.at])
        self._close()
        return self.found

    def _close(self) -> None:
        if self.tokens:
            self.found.append(Statement("".join(self.clean), tuple(self.tokens), tuple(self.starts), self.dialect))
        self.clean, self.tokens, self.starts, self.length = [], [], [], 0

    def _step(self, char: str) -> None:
        two = self.text[self.at : self.at + 2]
        quoted = _QUOTES[self.dialect].get(char)
        if char in _SPACE:
            self._pass(char)
        elif two == "--":
            self._line_comment()
        elif two == "/*":
            self._comment()
        elif quoted:
            self._quoted(char, quoted)
        elif char == ";":
            self.at += 1
            self._close()
        elif char in "\\$`#@{}?":
            self._odd(char, two)
        elif not char.isascii() and not _WORD.match(char):
            raise Unscannable("it holds an unusual character outside quotes")
        else:
            self._plain(char)

    def _line_comment(self) -> None:
        if self.dialect == "mysql" and self.text[self.at + 2 : self.at + 3] not in ("", " ", "\t", "\n"):
            raise Unscannable("`--` without a space is no comment to MySQL")
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def _pass(self, text: str) -> None:
        self.clean.append(text)
        self.length += len(text)
        self.at += len(text)

    def _take(self, kind: Literal["word", "number", "sign"], text: str) -> None:
        self._token(Token(kind, text))
        self._pass(text)

    def _token(self, token: Token) -> None:
        self.tokens.append(token)
        self.starts.append(self.length)

    def _odd(self, char: str, two: str) -> None:
        if two == "@@" and self.dialect == "mysql":
            self._take("sign", two)
            return
        if two in ("@>", "#>", "?|", "?&") or char == "?":
            self._take("sign", two if two in ("@>", "#>", "?|", "?&") else char)
            return
        meanings = {
            "\\": "a backslash begins a command of psql",
            "$": "`$` begins a text or a parameter",
            "`": "a backquote starts a program",
        }
        raise Unscannable(meanings.get(char, f"`{char}` is not a sign that we know here"))

    def _plain(self, char: str) -> None:
        word = _WORD.match(self.text, self.at)
        number = _NUMBER.match(self.text, self.at)
        if word:
            following = self.text[word.end() : word.end() + 1]
            prefix = word.group().lower() + (
                "&" if following == "&" and self.text[word.end() + 1 : word.end() + 2] in ("'", '"') else ""
            )
            if prefix in _PREFIXES and (following == "'" or prefix.endswith("&")):
                raise Unscannable(f"`{prefix}'…'` is a text with a notation of its own")
            self._take("word", word.group())
        elif number:
            self._take("number", number.group())
        elif char == ":" and self.text[self.at : self.at + 2] != "::" and self.text[self.at - 1 : self.at] != ":":
            raise Unscannable("`:` begins a variable of psql")
        elif char in "()[],.+-*/<>=~!%^&|:":
            self._take("sign", char)
        else:
            raise Unscannable("it holds a character that can't be part of SQL")

    def _comment(self) -> None:
        end = self.text.find("*/", self.at + 2)
        inner = self.text[self.at + 2 : end]
        if end < 0 or "/*" in inner or re.match(r"[!+]|M!", inner, re.IGNORECASE):
            raise Unscannable("a comment may be a command to some servers (`/*!`, `/*M!`, `/*+`) or is nested")
        self.clean.append(" ")
        self.length += 1
        self.at = end + 2

    def _quoted(self, quote: str, kind: Literal["string", "name"]) -> None:
        at = self.at + 1
        while True:
            end = self.text.find(quote, at)
            if end < 0:
                raise Unscannable("a quote is never closed")
            if self.text[end + 1 : end + 2] != quote:
                break
            at = end + 2
        inner = self.text[self.at + 1 : end]
        if re.search(r"\\['\"`\d]", inner) or inner.endswith("\\") or ("\\" in inner and kind == "name"):
            raise Unscannable("a backslash before a quote or a digit means different things to different servers")
        self._token(Token(kind, inner))
        self._pass(self.text[self.at : end + 1])
