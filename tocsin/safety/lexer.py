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
_BRACES = re.compile(r"\{\}|\{(?![\s,}])(?:(?!\.\.)[\w.\[\]=:/-])*\}(?=[\s;|&)]|$)")
"""Braces that make no several words: nothing in them is a comma, a row of dots, a quote or a blank."""
_ADDRESS = re.compile(r"https?://|(localhost|[\w-]+(\.[\w-]+)+|[\w.-]+(?=:\d)|\0)(:\d+)?(/|$)")
_QUERY = re.compile(r"\?[A-Za-z_][\w.-]*(?=[=&\s;|)\"']|$)")
_REFLOG = re.compile(r"\{[A-Za-z0-9]+\}")
_REDIRECTIONS = ("&>>", "<<<", "&>", ">>", ">|", ">&", "<<", "<>", "<&", "<(", ">(", "<", ">")
_DIGITS = re.compile(r"[0-9]+")
_DUPLICATE = re.compile(r"[ \t]*[0-9-]")
_NOWHERE = re.compile(r"[ \t]*/dev/null(?![^\s;|&<>()])")
_LONGEST = 20_000
_HEREDOC = re.compile(
    r"(?P<dash>-?)[ \t]*(?:'(?P<single>\w+)'|\"(?P<double>\w+)\"|(?P<plain>[A-Za-z_]\w*))(?=[\s;|&)])"
)
_ONE_WORD = "write `<<'END'`, the lines, and `END` alone on the last line"


class Trouble(Exception):
    """The sentence that says which character is not understood, and why; ``fix`` says what to write instead."""

    def __init__(self, why: str, fix: str = "") -> None:
        super().__init__(why)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Token:
    """A word, an operator that joins commands, the end of a line, a redirection whose target is the next word, a round
    bracket, or the lines (``text``) that follow a command as its input."""

    kind: Literal["word", "join", "end", "redirect", "group", "input"]
    text: str = ""
    word: Word = ()
    start: int = -1
    end: int = -1


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
        self.begun = self.ended = self.behind = 0
        self.bare: set[str] = set()
        """The variables that stand outside quotes somewhere: a real shell makes several words of their values."""
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
                self.begun = self.begun if self.started else self.at
                self._piece(char)
                self.ended = self.at
        yield from self._flush()

    def _flush(self) -> Iterator[Token]:
        if self.started:
            yield Token("word", word=tuple(self.parts) or ("",), start=self.begun, end=self.ended)
        self._fresh()

    def _operator(self, char: str) -> Iterator[Token]:
        two = self.text[self.at : self.at + 2]
        if char in "<>" or two == "&>":
            yield from self._redirection(char)
            return
        yield from self._flush()
        if char in "()":
            self.at += 1
            yield Token("group", char, start=self.at - 1, end=self.at)
            return
        if two in ("|&", ";;", ";&"):
            raise Trouble(f"`{two}` is an operator that we don't follow")
        if two in ("&&", "||"):
            self.at += 2
            yield Token("join", two, start=self.at - 2, end=self.at)
            return
        if char == "&":
            raise Trouble("`&` leaves the command running in the background", "leave `&` out")
        start, self.at = self.at, self.at + 1
        yield Token("join" if char in "|;" else "end", char, start=start, end=self.at)
        if char == "\n" and self.behind:
            self.at, self.behind = self.behind, 0

    def _redirection(self, char: str) -> Iterator[Token]:
        fd, start = "", self.at
        if self.started and not self.quoted and char != "&" and _DIGITS.fullmatch(text_of(tuple(self.parts))):
            fd, start = text_of(tuple(self.parts)), self.begun
            self._fresh()
        yield from self._flush()
        operator = next(sign for sign in _REDIRECTIONS if self.text.startswith(sign, self.at))
        self.at += len(operator)
        if operator in ("<(", ">("):
            raise Trouble(f"`{operator}…)` runs another command", "make the other command a step of its own")
        if operator in ("<", "<<", "<<<", "<&") and (fd or operator == "<&"):
            raise Trouble(f"`{fd}{operator}` is a redirection that we don't follow")
        if operator == "<<":
            yield Token("input", self._lines(), start=start, end=self.at)
            return
        if operator in ("<", "<<<"):
            yield Token("redirect", operator, start=start, end=self.at)
            return
        yield Token("redirect", self._meaning(operator, fd), start=start, end=self.at)

    def _lines(self) -> str:
        """The lines behind ``<<WORD``, up to the line that is the word; the reading goes on after them."""
        found = _HEREDOC.match(self.text, self.at)
        if found is None or self.behind:
            raise Trouble("`<<` feeds lines to the command that we can't follow", _ONE_WORD)
        self.at = found.end()
        head = self.text.find("\n", self.at)
        rest = self.text[self.at : head if head >= 0 else len(self.text)]
        mark = found["single"] or found["double"] or found["plain"]
        tabs = "\t*" if found["dash"] else ""
        end = re.compile(rf"^{tabs}{re.escape(mark)}$", re.MULTILINE).search(self.text, head + 1) if head >= 0 else None
        if end is None or re.search(r"[\\'\"#`]|<<", rest):
            raise Trouble("`<<` feeds lines to the command that we can't follow", _ONE_WORD)
        body = self.text[head + 1 : end.start()]
        if found["plain"] and re.search(r"[$`\\]", body):
            raise Trouble(f"the shell computes in the lines behind `<<{mark}`", f"write `<<'{mark}'`")
        self.behind = min(end.end() + 1, len(self.text))
        return re.sub(r"^\t+", "", body, flags=re.MULTILINE) if tabs else body

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

    def _in_address(self) -> bool:
        """Whether this ``?`` begins the query of an address: no file is called like that."""
        before = text_of(tuple(self.parts))
        scheme = before.startswith(("http://", "https://"))
        return scheme or bool(_ADDRESS.match(before) and _QUERY.match(self.text, self.at))

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
            raise Trouble("the backquote runs another command", "make the other command a step of its own")
        if char in "*[" or (char == "?" and not self._in_address()):
            raise Trouble(
                f"`{char}` outside quotes is replaced by the names of files",
                "put the word in quotes, or name the files",
            )
        if char in "{}":
            braces = _BRACES.match(self.text, self.at) if char == "{" else None
            if braces:
                self._add(braces.group())
                return
            if not self.started and self._peek(1) in ("", " ", "\t", "\n", ";", ")"):
                self._add(char)
                return
            reflog = _REFLOG.match(self.text, self.at) if before.endswith("@") else None
            if reflog is None:
                raise Trouble(f"`{char}` outside quotes makes several words out of one", "put the word in quotes")
            self._add(reflog.group())
            return
        if char == "~" and (not self.started or before[-1:] in ("=", ":")):
            raise Trouble("`~` outside quotes is replaced by a home folder", "write the whole path")
        if char == "!" and not self.started and self._peek(1) not in ("", " ", "\t", "\n"):
            raise Trouble("`!` outside quotes recalls an earlier command", "put the word in single quotes")
        if not char.isascii() and char.isspace():
            raise Trouble(
                f"a space that is not a plain space ({unicodedata.name(char, 'unnamed')}) stands outside quotes"
            )
        self._add(char)

    def _single(self) -> None:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise Trouble("a single quote is never closed", "close the quote")
        inner = self.text[self.at + 1 : end]
        if "\\\n" in inner:
            raise Trouble("a line is continued inside quotes", "write the quoted text on one line")
        self.started = self.quoted = True
        self._literal(inner)
        self.at = end + 1

    def _double(self) -> None:
        self.started = self.quoted = True
        self.at += 1
        while (char := self._peek()) != '"':
            if char == "":
                raise Trouble("a double quote is never closed", "close the quote")
            if char == "`":
                raise Trouble("the backquote runs another command", "make the other command a step of its own")
            if char == "$":
                self._dollar(in_quotes=True)
            elif char == "\\" and self._peek(1) == "\n":
                raise Trouble("a line is continued inside quotes", "write the quoted text on one line")
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
            if match is name and self.text.startswith("\\\n", match.end()):
                raise Trouble(f"the name of `${found}` may go on in the next line", f"write `${{{found}}}`")
            self.started = True
            self.quoted = True
            self.bare |= set() if in_quotes else {found}
            self.parts.append(Variable(found))
            self.at = match.end()
        elif following == "(":
            raise Trouble(
                "`$(…)` runs another command",
                "make the other command a step of its own, and quote a `$` that means itself",
            )
        elif following == "{":
            raise Trouble("`${…}` computes something; only `$NAME` and `${NAME}` are understood", "write `$NAME`")
        elif following in ("", " ", "\t", "\n") or (in_quotes and following in '"|/)'):
            self._add("$")
        else:
            raise Trouble(
                f"`${following}` has a meaning only inside a running shell",
                "quote the `$`: put the word in single quotes",
            )
