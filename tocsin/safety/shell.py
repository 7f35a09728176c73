"""A small, strict reading of shell text: what it does not know, it names instead of guessing.

Understood: words, single and double quotes, backslashes, comments, ``$NAME``, ``|``, ``&&``, ``||``, ``;``, new lines,
``2>&1`` and redirections to ``/dev/null``. A redirection into a file is understood as a write. Everything else
(substitutions, globs, heredocs, loops, assignments, …) is trouble, and the trouble is a sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from tocsin.core.run import Word
from tocsin.safety.lexer import Lexer, Token, Trouble, show, text_of

After = Literal["always", "success", "failure"]
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\[[^]]*\])?\+?=")
_RESERVED = frozenset(
    {"!", "[[", "]]", "{", "}", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function"}
    | {"if", "in", "select", "then", "until", "while"}
)


@dataclass(frozen=True, slots=True)
class Command:
    """One program's words, and where what it prints goes."""

    words: tuple[Word, ...]
    stdout: Literal["keep", "drop"] = "keep"
    stderr: Literal["keep", "drop", "join"] = "keep"


@dataclass(frozen=True, slots=True)
class Chain:
    """Commands joined by ``|``, and on which ending of the chain before them they start."""

    commands: tuple[Command, ...]
    after: After = "always"


@dataclass(frozen=True, slots=True)
class Script:
    """What was understood. With ``trouble`` it is only the part before the trouble, and proves nothing."""

    chains: tuple[Chain, ...]
    writes: tuple[str, ...] = ()
    trouble: str = ""


def parse(text: str) -> Script:
    """Read shell text; never raises."""
    builder = _Builder()
    try:
        for token in Lexer(text).tokens():
            builder.take(token)
        builder.finish()
    except Trouble as trouble:
        builder.abandon()
        return Script(tuple(builder.chains), tuple(builder.writes), str(trouble))
    return Script(tuple(builder.chains), tuple(builder.writes))


class _Builder:
    """Puts tokens together to chains of commands."""

    def __init__(self) -> None:
        self.chains: list[Chain] = []
        self.writes: list[str] = []
        self.commands: list[Command] = []
        self.words: list[Word] = []
        self.after: After = "always"
        self.open = ""
        self.redirect = ""
        self.outputs = Command(())

    def take(self, token: Token) -> None:
        if self.redirect and token.kind != "word":
            raise Trouble(f"`{self.redirect}` leads nowhere")
        if token.kind == "word":
            self._word(token.word)
        elif token.kind == "redirect":
            self.redirect = token.text
        elif token.text == "\n" and not self.words:
            if self.outputs != Command(()):
                raise Trouble("a redirection stands without a command")
        else:
            self._close(token.text)

    def _word(self, word: Word) -> None:
        if self.redirect:
            operator, self.redirect = self.redirect, ""
            self._send(operator, word)
            return
        text = text_of(word)
        if not self.words:
            if text in _RESERVED:
                raise Trouble(f"`{text}` begins a construct of the shell's language")
            if _ASSIGNMENT.match(text):
                raise Trouble(f"`{show(word)}` sets a variable of the shell")
        self.words.append(word)

    def _close(self, operator: str) -> None:
        if not self.words:
            raise Trouble(f"nothing stands before `{operator}`" if operator != "\n" else "a redirection stands alone")
        self.commands.append(replace(self.outputs, words=tuple(self.words)))
        self.words, self.outputs, self.open = [], Command(()), ""
        if operator == "|":
            self.open = "|"
            return
        self.chains.append(Chain(tuple(self.commands), self.after))
        self.commands = []
        self.after = {"&&": "success", "||": "failure"}.get(operator, "always")  # type: ignore[assignment]
        self.open = operator if operator in ("&&", "||") else ""

    def finish(self) -> None:
        if self.redirect:
            raise Trouble(f"`{self.redirect}` leads nowhere")
        if self.words or self.outputs != Command(()):
            self._close("\n")
        if self.open:
            raise Trouble(f"nothing stands after `{self.open}`")

    def abandon(self) -> None:
        """Keep what was complete, and the words of the command that was being read."""
        if self.words:
            self.commands.append(Command(tuple(self.words)))
        if self.commands:
            self.chains.append(Chain(tuple(self.commands), self.after))

    def _send(self, operator: str, word: Word) -> None:
        target = text_of(word)
        if operator == "2>&":
            if target != "1":
                raise Trouble(f"`2>&{show(word)}` is a redirection that we don't follow")
            self.outputs = replace(self.outputs, stderr="join" if self.outputs.stdout == "keep" else "drop")
        elif target != "/dev/null":
            self.writes.append(show(word))
        elif operator == ">" and self.outputs.stderr == "join":
            raise Trouble("`2>&1 >/dev/null` sends the errors where the output was; write `>/dev/null 2>&1`")
        elif operator == "2>":
            self.outputs = replace(self.outputs, stderr="drop")
        elif operator == ">":
            self.outputs = replace(self.outputs, stdout="drop")
        else:
            self.outputs = replace(self.outputs, stdout="drop", stderr="drop")
