"""Who approves: the demo's second person where it runs unattended, else whoever sits at the terminal or the page."""

from __future__ import annotations

import select
import shlex
import sys
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

from tocsin.demo import standins

Answer = Literal["yes", "no", "elsewhere"]
_JOINTS = frozenset({"&&", "||", ";", "|", "\n"})
_SIGNS = "();<>|&\n"


class Consent(Protocol):
    """Decides about one exact command."""

    def ask(self, approval: Mapping[str, Any], answered: Callable[[], bool]) -> tuple[Answer, str]:
        """The answer, and why. ``answered`` tells that somebody was faster."""


class Unattended:
    """Approves what can only act on the demo itself; anything else is left alone, with the reason."""

    def ask(self, approval: Mapping[str, Any], answered: Callable[[], bool]) -> tuple[Answer, str]:
        """At once."""
        del answered
        stranger = approval["kind"] == "shell" and foreign(approval["command"])
        if stranger:
            return "no", f"nobody is watching, and {stranger} is not the demo's own to run"
        return "yes", ""


class AtTheTerminal:
    """Asks on the terminal, while the page may answer as well."""

    def ask(self, approval: Mapping[str, Any], answered: Callable[[], bool]) -> tuple[Answer, str]:
        """Wait for a line, or for the page; only ``y`` and ``yes`` mean yes."""
        del approval
        sys.stdout.write("\n          Approve? [y/N] ")
        sys.stdout.flush()
        while not answered():
            ready, _, _ = select.select([sys.stdin], [], [], 0.5)
            if ready:
                line = sys.stdin.readline()
                if not line:
                    return OnThePage().ask({}, answered)
                return ("yes", "") if line.strip().lower() in ("y", "yes") else ("no", "declined at the terminal")
        sys.stdout.write("(answered on the page)\n")
        return "elsewhere", ""


class OnThePage:
    """Without a terminal only the page can answer."""

    def ask(self, approval: Mapping[str, Any], answered: Callable[[], bool]) -> tuple[Answer, str]:
        """Wait for the page."""
        del approval
        while not answered():
            select.select([], [], [], 0.5)
        return "elsewhere", ""


def foreign(command: str) -> str:
    """The first thing in a command that is not surely the demo's own; empty where all of it is."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=_SIGNS)
    lexer.whitespace, lexer.whitespace_split = " \t", True
    try:
        tokens = list(lexer)
    except ValueError:
        return "a quotation without an end"
    if any(sign in command for sign in ("`", "$(", "${", "\\")):
        return "a shell's substitution"
    programs: list[list[str]] = [[]]
    for token in tokens:
        if token.strip(_SIGNS):
            programs[-1].append(token)
        elif token in _JOINTS or not token.strip("\n"):
            programs.append([])
        else:
            return f"the shell's {token}"
    return next((found for words in programs if words and (found := _foreign_program(words))), "")


def _foreign_program(words: list[str]) -> str:
    if words[0] == "git":
        return "" if words[1:2] == ["revert"] else "`git` beyond a revert"
    if words[0] == "psql":
        fine = len(words) == 4 and words[1] == "$DATABASE_URL" and words[2] == "-c"
        return "" if fine else "`psql` beyond one statement for the shop's database"
    return "" if words[0] in standins.ALWAYS else f"`{words[0]}`"
