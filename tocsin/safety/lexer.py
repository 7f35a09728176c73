"""Cuts shell text into words and operators, as bash does where both understand it; the rest is a `Trouble`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tocsin.core.run import Variable, Word

VARIABLE = "\0"
"""Stands for a variable in the text of a word."""
GAP = "\1"
"""Stands for a placeholder that is not filled yet."""

_BLANK = " \t"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACED = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_REFLOG = re.compile(r"\{[A-Za-z0-9]+\}")
_REDIRECTIONS = ("&>>", "<<<", "&>", ">>", ">|", ">&", "<<", "<>", "<&", "<(", ">(", "<", ">")
_DIGITS = re.compile(r"[0-9]+")
_DUPLICATE = re.compile(r"[ \t]*[0-9-]")
_NOWHERE = re.compile(r"[ \t]*/dev/null(?![^\s;|&<>()])")
_LONGEST = 20_000


class Trouble(Exception):
    """The sentence that says which character is not understood, and why."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, an operator that joins commands, the end of a line, or a redirection whose target is the next word."""

    kind: Literal["word", "join", "end", "redirect"]
    text: str = ""
    word: Word = ()


def text_of(word: Word) -> str:
    """The word as text, each variable as the `VARIABLE` character."""
    return "".join(part if isinstance(part, str) else VARIABLE for part in word)


def show(word: Word) -> str:
    """The word as a person reads it."""
    return "".join(part if isinstance(part, str) else f"${part.name}" for part in word).replace(GAP, "<…>")


def hidden(text: str) -> str:
    """A sentence about a character that can't be seen; empty where there is none."""
    if len(text) > _LONGEST:
        return f"it is longer than {_LONGEST:,} characters"
    for char in text:
        if char in "\t\n" or " " <= char <= "~":
            continue
        if char == "�" or unicodedata.category(char)[0] == "C" or unicodedata.category(char) in ("Zl", "Zp"):
            name = unicodedata.name(char, f"U+{ord(char):04X}")
            return f"it holds a character that can't be seen ({name})"
    return ""


class Lexer:
    """Reads one text, once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._fresh()

    def _fresh(self) -> None:
        self.parts: list[str | Variable] = []
        self.started = False
        self.quoted = False

    def _peek(self, ahead: int = 0) -> str:
        return self.text[self.at + ahead : self.at + ahead + 1]

    def tokens(self) -> Iterator[Token]:
        """The tokens from left to right; raises `Trouble` where the text stops being understood."""
        while self.at < len(self.text):
            char = self._peek()
            if char in _BLANK:
                self.at += 1
                yield from self._flush()
            elif char == "\\" and self._peek(1) == "\n":
                self.at += 2
            elif char == "#" and not self.started:
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif char in "\n;|&<>()":
                yield from self._operator(char)
            else:
                self._piece(char)
        yield from self._flush()

    def _flush(self) -> Iterator[Token]:
        if self.started:
            yield Token("word", word=tuple(self.parts) or ("",))
        self._fresh()

    def _operator(self, char: str) -> Iterator[Token]:
        two = self.text[self.at : self.at + 2]
        if char in "<>" or two == "&>":
            yield from self._redirection(char)
            return
        yield from self._flush()
        if char in "()":
            raise Trouble(f"`{char}` starts or ends a subshell or a function")
        if two in ("|&", ";;", ";&"):
            raise Trouble(f"`{two}` is an operator that we don't follow")
        if two in ("&&", "||"):
            self.at += 2
            yield Token("join", two)
            return
        if char == "&":
            raise Trouble("`&` leaves the command running in the background")
        self.at += 1
        yield Token("join" if char in "|;" else "end", char)

    def _redirection(self, char: str) -> Iterator[Token]:
        fd = ""
        if self.started and not self.quoted and char != "&" and _DIGITS.fullmatch(text_of(tuple(self.parts))):
            fd = text_of(tuple(self.parts))
            self._fresh()
        yield from self._flush()
        operator = next(sign for sign in _REDIRECTIONS if self.text.startswith(sign, self.at))
        self.at += len(operator)
        if operator in ("<(", ">("):
            raise Trouble(f"`{operator}…)` runs another command")
        if operator.startswith("<") and operator != "<>":
            what = "text that follows" if operator.startswith("<<") else "a file"
            raise Trouble(f"`{operator}` feeds {what} to the command, and it may be anything")
        yield Token("redirect", self._meaning(operator, fd))

    def _meaning(self, operator: str, fd: str) -> str:
        """One of ``>``, ``2>``, ``&>`` and ``2>&``; how a file is opened for writing makes no difference here."""
        if operator == ">&":
            if fd == "2":
                return "2>&"
            if fd or _DUPLICATE.match(self.text, self.at):
                raise Trouble(f"`{fd}>&` is a redirection that we don't follow")
            return "&>"
        if operator.startswith("&"):
            return "&>"
        if fd not in ("", "1", "2") or operator == "<>":
            if _NOWHERE.match(self.text, self.at):
                raise Trouble(f"`{fd}{operator}` is a redirection that we don't follow")
            return ">"
        return "2>" if fd == "2" else ">"

    def _piece(self, char: str) -> None:
        if char == "'":
            self._single()
        elif char == '"':
            self._double()
        elif char == "\\":
            self._escape()
        elif char == "$":
            self._dollar(in_quotes=False)
        elif char == "[" and not self.started and self._peek(1) in (" ", "\t"):
            self._add(char)
        else:
            self._plain(char)

    def _add(self, literal: str) -> None:
        self.started = True
        self.at += len(literal)
        self._literal(literal)

    def _literal(self, text: str) -> None:
        if self.parts and isinstance(self.parts[-1], str):
            self.parts[-1] += text
        elif text:
            self.parts.append(text)

    def _plain(self, char: str) -> None:
        before = self.parts[-1] if self.parts and isinstance(self.parts[-1], str) else ""
        if char == "`":
            raise Trouble("the backquote runs another command")
        if char in "*[" or (char == "?" and not text_of(tuple(self.parts)).startswith(("http://", "https://"))):
            raise Trouble(f"`{char}` outside quotes is replaced by the names of files")
        if char in "{}":
            reflog = _REFLOG.match(self.text, self.at) if before.endswith("@") else None
            if reflog is None:
                raise Trouble(f"`{char}` outside quotes makes several words out of one")
            self._add(reflog.group())
            return
        if char == "~" and (not self.started or before[-1:] in ("=", ":")):
            raise Trouble("`~` outside quotes is replaced by a home folder")
        if char == "!" and not self.started and self._peek(1) not in ("", " ", "\t", "\n"):
            raise Trouble("`!` outside quotes recalls an earlier command")
        if not char.isascii() and char.isspace():
            raise Trouble(
                f"a space that is not a plain space ({unicodedata.name(char, 'unnamed')}) stands outside quotes"
            )
        self._add(char)

    def _single(self) -> None:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise Trouble("a single quote is never closed")
        inner = self.text[self.at + 1 : end]
        if "\\\n" in inner:
            raise Trouble("a line is continued inside quotes")
        self.started = self.quoted = True
        self._literal(inner)
        self.at = end + 1

    def _double(self) -> None:
        self.started = self.quoted = True
        self.at += 1
        while (char := self._peek()) != '"':
            if char == "":
                raise Trouble("a double quote is never closed")
            if char == "`":
                raise Trouble("the backquote runs another command")
            if char == "$":
                self._dollar(in_quotes=True)
            elif char == "\\" and self._peek(1) == "\n":
                raise Trouble("a line is continued inside quotes")
            elif char == "\\" and self._peek(1) and self._peek(1) in '$`"\\':
                self._literal(self._peek(1))
                self.at += 2
            else:
                self._literal(char)
                self.at += 1
        self.at += 1

    def _escape(self) -> None:
        following = self._peek(1)
        if following == "":
            raise Trouble("a backslash stands at the very end")
        self.started = self.quoted = True
        self._literal(following)
        self.at += 2

    def _dollar(self, *, in_quotes: bool) -> None:
        following = self._peek(1)
        name = _NAME.match(self.text, self.at + 1)
        braced = _BRACED.match(self.text, self.at + 1)
        match = name or braced
        if match:
            found = match.group(1) if match is braced else match.group()
            if found == "_":
                raise Trouble("`$_` is known only to a running shell")
            self.started = True
            self.quoted = True
            self.parts.append(Variable(found))
            self.at = match.end()
        elif following == "(":
            raise Trouble("`$(…)` runs another command")
        elif following == "{":
            raise Trouble("`${…}` computes something; only `$NAME` and `${NAME}` are understood")
        elif following in ("", " ", "\t", "\n") or (in_quotes and following in '"|/)'):
            self._add("$")
        else:
            raise Trouble(f"`${following}` has a meaning only inside a running shell")
