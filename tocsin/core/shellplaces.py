"""Where a gap stands in a shell command: the words of the command, and the quotes around each gap.

A gap is a *mark*: one character of Unicode's private area. The scanner knows less than a shell and says so: what it
can't look through (a substitution, a here-document, an expansion) is *opaque*, and only plain values may stand there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

FIRST_MARK, LAST_MARK = "\ue000", "\uf8ff"
Quote = Literal["bare", "single", "double", "opaque", "expansion"]
_UNSURE = re.compile(r"['\"\\#`]|<<|\bcase\b")
_OPERATORS = (
    "&>>",
    "<<<",
    "<<-",
    "&&",
    "||",
    ";;",
    "|&",
    "&>",
    ">>",
    "<<",
    ">&",
    "<&",
    "<>",
    ">|",
    ";",
    "|",
    "&",
    "<",
    ">",
    "(",
    ")",
    "\n",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word as its program gets it, an operator, or text that is not looked through. ``quotes``: mark → its quotes."""

    kind: Literal["word", "operator", "opaque"]
    text: str
    quotes: Mapping[str, Quote] = field(default_factory=dict)


def is_mark(character: str) -> bool:
    """Whether this character stands for a gap."""
    return FIRST_MARK <= character <= LAST_MARK


def marks_in(text: str) -> Iterator[str]:
    """The marks of a text, in order."""
    return (character for character in text if is_mark(character))


def scan(text: str) -> tuple[Token, ...]:
    """The tokens of a command. Where quotes stand inside a substitution nothing is sure, so every gap is opaque."""
    scanner = _Scanner(text)
    tokens = tuple(scanner.tokens())
    return tuple(replace(token, quotes=_opaque(token.quotes)) for token in tokens) if scanner.unsure else tokens


def _opaque(quotes: Mapping[str, Quote]) -> dict[str, Quote]:
    return {mark: quote if quote == "expansion" else "opaque" for mark, quote in quotes.items()}


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.word: list[str] = []
        self.quotes: dict[str, Quote] = {}
        self.begun = False
        self.waiting: list[tuple[str, bool]] = []
        self.unsure = False

    def tokens(self) -> Iterator[Token]:
        while self.at < len(self.text):
            character = self.text[self.at]
            operator = next((each for each in _OPERATORS if self.text.startswith(each, self.at)), "")
            self.unsure |= self.text.startswith("((", self.at)
            if character in " \t":
                yield from self._end()
                self.at += 1
            elif character == "#" and not self.begun:
                yield self._comment()
            elif operator and not self._is_process(operator):
                yield from self._end()
                self.at += len(operator)
                yield Token(kind="operator", text=operator)
                if operator in ("<<", "<<-"):
                    yield from self._delimiter(operator == "<<-")
                elif operator == "\n" and self.waiting:
                    yield self._documents()
            else:
                self._piece(character)
        yield from self._end()

    def _is_process(self, operator: str) -> bool:
        return operator in "<>" and self.text[self.at + 1 : self.at + 2] == "("

    def _end(self) -> Iterator[Token]:
        if self.begun:
            yield Token(kind="word", text="".join(self.word), quotes=dict(self.quotes))
        self.word, self.quotes, self.begun = [], {}, False

    def _take(self, text: str, quote: Quote) -> None:
        self.begun = True
        self.word.append(text)
        self.quotes.update(dict.fromkeys(marks_in(text), quote))

    def _piece(self, character: str) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if character == "\\":
            if following != "\n":
                self._take(following, "opaque")
            self.at += 2
        elif character == "'":
            self._single()
        elif character == '"':
            self._double()
        elif character in "<>" or (character == "$" and following in ("(", "{", "[", "'", '"')) or character == "`":
            self._substitution("bare")
        elif character == "$" and is_mark(following):
            self._take("$" + following, "expansion")
            self.at += 2
        else:
            self._take(character, "bare")
            self.at += 1

    def _single(self) -> None:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            self._rest()
            return
        self._take(self.text[self.at + 1 : end], "single")
        self.at = end + 1

    def _double(self) -> None:
        self.begun = True
        self.at += 1
        while self.at < len(self.text):
            character, following = self.text[self.at], self.text[self.at + 1 : self.at + 2]
            if character == '"':
                self.at += 1
                return
            if character == "\\":
                if following != "\n":
                    self._take(following if following in '$`"\\' else character + following, "opaque")
                self.at += 2
            elif (character == "$" and following in ("(", "{", "[")) or character == "`":
                self._substitution("double")
            elif character == "$" and is_mark(following):
                self._take("$" + following, "expansion")
                self.at += 2
            else:
                self._take(character, "double")
                self.at += 1
        self.unsure = True

    def _substitution(self, inside: Quote) -> None:
        """What a shell computes, as it is written; its end is found by its brackets, passing over quotes in it."""
        begin, opening = self.at, self.text[self.at]
        following = self.text[self.at + 1 : self.at + 2]
        if opening == "$" and following in ("'", '"') and inside == "bare":
            self._quoted_by_dollar(following)
            return
        if opening == "`":
            end = self._past(begin + 1, "`", "")
        else:
            closing = {"(": ")", "{": "}", "[": "]"}[following]
            end = self._past(begin + 2, closing, following)
        self.unsure |= _UNSURE.search(self.text, begin + 2, end - 1) is not None
        self._take(self.text[begin:end], "opaque")
        self.at = end

    def _quoted_by_dollar(self, quote: str) -> None:
        end = self.at + 2
        while end < len(self.text) and self.text[end] != quote:
            end += 2 if self.text[end] == "\\" else 1
        self._take(self.text[self.at : end + 1], "opaque")
        self.at = end + 1

    def _past(self, at: int, closing: str, opening: str) -> int:
        depth, quote = 1, ""
        while at < len(self.text):
            character = self.text[at]
            if character == "\\" and quote != "'":
                at += 1
            elif quote:
                quote = "" if character == quote else quote
            elif character in "'\"" and closing != "`":
                quote = character
            elif character == opening:
                depth += 1
            elif character == closing:
                depth -= 1
                if not depth:
                    return at + 1
            at += 1
        return len(self.text)

    def _rest(self) -> None:
        self._take(self.text[self.at :], "opaque")
        self.unsure = True
        self.at = len(self.text)

    def _delimiter(self, dashed: bool) -> Iterator[Token]:
        while self.text[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1
        while self.at < len(self.text) and self.text[self.at] not in " \t\n;|&<>()":
            self._piece(self.text[self.at])
        self.waiting.append(("".join(self.word), dashed))
        yield from self._end()

    def _documents(self) -> Token:
        begin = self.at
        for delimiter, dashed in self.waiting:
            while self.at < len(self.text):
                line, _, _ = self.text[self.at :].partition("\n")
                self.at = min(len(self.text), self.at + len(line) + 1)
                if (line.lstrip("\t") if dashed else line) == delimiter:
                    break
        self.waiting = []
        return self._unread(begin, self.at)

    def _comment(self) -> Token:
        begin, found = self.at, self.text.find("\n", self.at)
        self.at = len(self.text) if found < 0 else found
        return self._unread(begin, self.at)

    def _unread(self, begin: int, end: int) -> Token:
        text = self.text[begin:end]
        return Token(kind="opaque", text=text, quotes=dict.fromkeys(marks_in(text), "opaque"))
