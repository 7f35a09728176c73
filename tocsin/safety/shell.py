"""A small, strict reading of shell text: what it does not know, it names instead of guessing.

Understood: words, single and double quotes, backslashes, comments, ``$NAME``, ``|``, ``&&``, ``||``, ``;``, new lines,
``2>&1``, redirections to ``/dev/null``, input from a file or from lines that follow, and loops and brackets as far as
`compound` does. A redirection into a file is understood as a write. Everything else (substitutions, globs, conditions,
assignments, …) is trouble, and the trouble is a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from tocsin.core.run import Variable, Word
from tocsin.safety.compound import flatten
from tocsin.safety.lexer import VARIABLE, Lexer, Token, Trouble, show, text_of
from tocsin.safety.sqlscan import Unscannable, statements

After = Literal["always", "success", "failure"]
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\[[^]]*\])?\+?=")
_HARMLESS = re.compile(
    r"(LC_(ALL|TIME|NUMERIC|MESSAGES|COLLATE|CTYPE)|LANG)=(C|POSIX|C\.UTF-8|C\.utf8|[a-z]{2}_[A-Z]{2}(\.(UTF-8|utf8))?)"
    r"|ETCDCTL_API=3|PGCONNECT_TIMEOUT=[1-9][0-9]{0,2}|COLUMNS=[1-9][0-9]{0,3}"
    r"|TZ=(UTC|GMT|UTC0|(Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)/[A-Za-z_]+)"
)
"""Assignments that may stand before a command: they shape how dates and texts are printed and
sorted, or how long a client waits."""
_AROUND_PSQL = frozenset({"psql", "docker", "docker-compose", "podman", "kubectl", "timeout", "time"})
_BASH_ONLY = frozenset({"&>", "&>>", ">&", "1>&", "<<<"})
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
    sets: tuple[str, ...] = ()
    """Assignments before the program (``LC_ALL=C``) that only shape what it prints."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where each word stands in the text; words behind the last span, or all where there is none, were made by us."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Commands joined by ``|``, and on which ending of the chain before them they start."""

    commands: tuple[Command, ...]
    after: After = "always"


@dataclass(frozen=True, slots=True)
class Sign:
    """An operator or a redirection, and where it stands; ``target`` is the file that a redirection writes.

    ``operator`` and ``word`` are the two halves of a redirection.
    """

    text: str
    start: int
    end: int
    target: str = ""
    operator: str = ""
    word: Word = ()


@dataclass(frozen=True, slots=True)
class Script:
    """What was understood. With ``trouble`` it is only the part before the trouble, and proves nothing."""

    chains: tuple[Chain, ...]
    writes: tuple[str, ...] = ()
    trouble: str = ""
    fix: str = ""
    """What to write instead of what was not understood."""
    trouble_at: int = -1
    signs: tuple[Sign, ...] = ()
    inputs: tuple[str, ...] = ()
    """The lines that follow commands as their input."""
    repeats: bool = False
    """The text does this again and again without an end."""
    bare: tuple[str, ...] = ()
    """Variables outside quotes: a real shell makes several words of their values."""

    @property
    def bashisms(self) -> str:
        """What bash understands and another shell takes for something else; empty where there is nothing."""
        return next((sign.operator for sign in self.signs if sign.operator in _BASH_ONLY), "")


def parse(text: str) -> Script:
    """Read shell text; never raises."""
    builder, lexer, tokens, place, repeats = _Builder(text), Lexer(text), list[Token](), -1, False
    unread: Trouble | None = None
    try:
        tokens += lexer.tokens()
    except Trouble as trouble:
        unread = trouble
    try:
        if unread is None:
            flat = flatten(tokens)
            tokens, repeats = list(flat.tokens), flat.repeats
        for token in tokens:
            place = token.start
            builder.take(token)
        place = -1
        if unread is not None:
            raise unread
        builder.finish()
    except Trouble as trouble:
        builder.abandon()
        if unread is not None and unread is not trouble:
            trouble, place = unread, -1
        at = place if place >= 0 else min(lexer.at, len(text) - 1)
        return replace(builder.script(), trouble=str(trouble), fix=trouble.fix, trouble_at=at)
    script = builder.script()
    left = {part.name for word in _words(script) for part in word if isinstance(part, Variable)}
    return replace(script, repeats=repeats, bare=tuple(sorted(lexer.bare & left)))


def _words(script: Script) -> Iterator[Word]:
    for chain in script.chains:
        for command in chain.commands:
            yield from command.words


class _Builder:
    """Puts tokens together to chains of commands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.signs: list[Sign] = []
        self.spans: list[tuple[int, int]] = []
        self.chains: list[Chain] = []
        self.writes: list[str] = []
        self.commands: list[Command] = []
        self.words: list[Word] = []
        self.after: After = "always"
        self.open = ""
        self.redirect = ""
        self.redirect_at = 0
        self.outputs = Command(())
        self.fed: Command | None = None
        self.inputs: list[str] = []

    def script(self) -> Script:
        """What was understood so far."""
        return Script(tuple(self.chains), tuple(self.writes), signs=tuple(self.signs), inputs=tuple(self.inputs))

    def take(self, token: Token) -> None:
        if self.redirect and token.kind != "word":
            raise Trouble(f"`{self.redirect}` leads nowhere")
        if token.kind == "word":
            self._word(token)
        elif token.kind == "redirect":
            self.redirect, self.redirect_at = token.text, token.start
        elif token.kind == "input":
            self._feed("<<", (token.text,))
            self.inputs.append(token.text)
            self.signs.append(Sign(self.text[token.start : token.end], token.start, token.end))
        elif token.kind == "group":
            fix = "write the commands without brackets, joined by `;`"
            raise Trouble(f"`{token.text}` starts or ends a subshell or a function", fix)
        elif token.text == "\n" and not self.words:
            if self.outputs != Command(()) or self.fed is not None:
                raise Trouble("a redirection stands without a command")
        else:
            if token.kind == "join":
                self.signs.append(Sign(token.text, token.start, token.end))
            self._close(token.text)

    def _word(self, token: Token) -> None:
        word = token.word
        if self.redirect:
            operator, self.redirect = self.redirect, ""
            writes = len(self.writes)
            self._send(operator, word)
            target = show(word) if len(self.writes) > writes else ""
            start, end, text = self.redirect_at, token.end, self.text
            written = text[start : token.start].rstrip()
            self.signs.append(Sign(text[start:end], start, end, target, written, word))
            return
        text = text_of(word)
        if not self.words:
            if text in _RESERVED:
                raise Trouble(f"`{text}` begins a construct of the shell's language", "write the commands one by one")
            if _HARMLESS.fullmatch(self.text[token.start : token.end]):
                self.outputs = replace(self.outputs, sets=(*self.outputs.sets, text))
                self.signs.append(Sign(text, token.start, token.end))
                return
            if _ASSIGNMENT.match(text):
                raise Trouble(f"`{show(word)}` sets a variable of the shell", "name the variable in the target's `env`")
        self.words.append(word)
        self.spans.append((token.start, token.end))

    def _close(self, operator: str) -> None:
        if not self.words:
            alone = "an assignment stands alone" if self.outputs.sets else "a redirection stands alone"
            raise Trouble(f"nothing stands before `{operator}`" if operator != "\n" else alone)
        self.commands += self._fed(replace(self.outputs, words=tuple(self.words), spans=tuple(self.spans)))
        self.words, self.spans, self.outputs, self.open = [], [], Command(()), ""
        if operator == "|":
            self.open = "|"
            return
        self.chains.append(Chain(tuple(self.commands), self.after))
        self.commands = []
        self.after = {"&&": "success", "||": "failure"}.get(operator, "always")  # type: ignore[assignment]
        self.open = operator if operator in ("&&", "||") else ""

    def _feed(self, operator: str, word: Word) -> None:
        """Input becomes what comes out of a first command; more than one, or amid a pipeline, is not followed."""
        if self.fed is not None or self.commands:
            raise Trouble(f"`{operator}` feeds a command that has another input already", f"leave `{operator}` out")
        if operator == "<" and text_of(word) == "/dev/null":
            return  # every first command is started with nothing as its input
        made: dict[str, tuple[Word, ...]] = {"<": (("cat",), ("--",), word), "<<": (("printf",), ("%s",), word)}
        self.fed = Command(made.get(operator, (("printf",), ("%s\\n",), word)))

    def _fed(self, command: Command) -> list[Command]:
        """The command with what feeds it. SQL for psql becomes its ``-c``: a server may ask for what comes in."""
        fed, self.fed = self.fed, None
        if fed is None:
            return [command]
        if fed.words[0] == ("printf",) and _asks_psql(command.words):
            made = tuple(word for text in _statements(text_of(fed.words[2])) for word in (("-c",), (text,)))
            return [replace(command, words=(*command.words, *made))]
        return [fed, command]

    def finish(self) -> None:
        if self.redirect:
            raise Trouble(f"`{self.redirect}` leads nowhere")
        if self.words or self.fed or self.outputs != Command(()):
            self._close("\n")
        if self.open:
            raise Trouble(f"nothing stands after `{self.open}`")

    def abandon(self) -> None:
        """Keep what was complete, and the words of the command that was being read."""
        if self.words:
            self.commands.append(Command(tuple(self.words), spans=tuple(self.spans)))
        if self.commands:
            self.chains.append(Chain(tuple(self.commands), self.after))

    def _send(self, operator: str, word: Word) -> None:
        target = text_of(word)
        if operator in ("<", "<<<"):
            self._feed(operator, word)
        elif operator == "2>&":
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


def _asks_psql(words: tuple[Word, ...]) -> bool:
    """Whether psql would take its statements from what it is fed."""
    first = bool(words) and text_of(words[0]) in _AROUND_PSQL
    return first and words.count(("psql",)) == 1 and not any(text_of(word).startswith(("-c", "--c")) for word in words)


def _statements(text: str) -> list[str]:
    """SQL cut into its statements, so that each is printed; the whole where that can't be done for certain."""
    try:
        found = [statement.text for statement in statements(text)]
    except Unscannable:
        return [text]
    return found if found and VARIABLE not in text and "\n\\" not in f"\n{text}" else [text]
