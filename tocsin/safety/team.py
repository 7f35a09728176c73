"""A team's own commands, as ``[commands]`` of ``tocsin.toml`` describes them in the notation of the specs.

A script of the working folder is pinned by its content: the description holds for those bytes and no others. For a
program on PATH no content is known, so a person vouches for it by name; the proof shows it as the team's word.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tocsin.errors import Invalid
from tocsin.safety.finding import TRAITS
from tocsin.safety.rules import judge_value
from tocsin.safety.specs import Effect, Spec, library, read_spec

_HASH = re.compile(r"(sha256:)?[0-9a-f]{64}")
_PROGRAM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_LANGUAGE_OF_SHELLS = frozenset(
    {"bash", "sh", "dash", "zsh", "ksh", "fish", "eval", "exec", "source", ".", "command", "env"}
)


@dataclass(frozen=True, slots=True)
class Vouched:
    """One command that the team describes: a script pinned by its content, or a program that a person vouches for."""

    spec: Spec
    sha256: str = ""
    vouched_by: str = ""

    @property
    def said(self) -> str:
        """Whose word it is, for the proof."""
        whose = self.vouched_by or "your team"
        return f"{self.spec.reads or 'known by its subcommands'}, by the word of {whose}, not ours"


@dataclass(frozen=True, slots=True, eq=False)
class Team:
    """The commands of a team by name or path; ``broken`` says of some why their pins don't hold just now."""

    commands: Mapping[str, Vouched] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)

    @property
    def pins(self) -> tuple[tuple[str, str], ...]:
        """The scripts with the SHA-256 that each must have."""
        return tuple((name, own.sha256) for name, own in self.commands.items() if own.sha256)

    def find(self, name: str) -> str:
        """The key under which this program is described; empty where it is not."""
        plain = name.removeprefix("./")
        key = plain if "/" in plain else name
        return key if key in self.commands else ""


NOBODY = Team()


def read_team(tables: Mapping[str, Mapping[str, Any]], where: str = "tocsin.toml") -> Team:
    """The team's commands from the tables of ``[commands]``. Raises `Invalid` that names the table."""
    return Team({name: _vouched(name, dict(table), f'{where}: [commands."{name}"]') for name, table in tables.items()})


def _vouched(name: str, table: dict[str, Any], where: str) -> Vouched:
    sha256, by = (_text(table.pop(key, ""), key, where) for key in ("sha256", "vouched_by"))
    if "/" in name:
        _script(name, sha256, where)
    else:
        _program(name, sha256, by, where)
    try:
        spec = read_spec(name, table)
        _check(spec, where)
    except Invalid as error:
        raise Invalid(error.message, error.hint, where=where) from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Invalid(
            "It is not written as the specs are.", "`tocsin classify --pin` prints an example.", where=where
        ) from None
    return Vouched(spec, sha256.removeprefix("sha256:"), by.strip())


def _text(value: object, key: str, where: str) -> str:
    if not isinstance(value, str):
        raise Invalid(f"{key} is a text.", where=where)
    return value


def _script(name: str, sha256: str, where: str) -> None:
    plain = name.removeprefix("./") if name.count("/") == 1 else name
    if posixpath.normpath(plain) != plain or plain.startswith(("..", "-", "~")) or not plain.isprintable():
        hint = "No `..`, no `//`; `./` only where nothing else tells that it is a path."
        raise Invalid("Write the path from the target's workdir, as plainly as it can be.", hint, where=where)
    if not _HASH.fullmatch(sha256):
        hint = f"`tocsin classify --pin {name}` prints it."
        raise Invalid(
            "A script needs `sha256`, the SHA-256 of its content, in 64 small hexadecimal digits.", hint, where=where
        )


def _program(name: str, sha256: str, by: str, where: str) -> None:
    if not _PROGRAM.fullmatch(name) or name in _LANGUAGE_OF_SHELLS:
        raise Invalid(f"{name!r} can't be the name of a program of your own.", where=where)
    known = library().root.subcommand(name)
    if known is not None and not (isinstance(known, Effect) and known.word == "unknown"):
        raise Invalid(
            f"`{name}` is known already, and nobody's word replaces what is known.", "Take the table out.", where=where
        )
    if sha256:
        raise Invalid("Only a script named by its path has `sha256`.", "Say `vouched_by` for a program.", where=where)
    if not by.strip():
        raise Invalid("A program on PATH needs `vouched_by`, the name of who vouches for it.", where=where)


def _check(spec: Spec, where: str) -> None:
    """Rules and traits that don't exist would fail only when a command is judged."""
    if not spec.reads and not spec.commands:
        raise Invalid(f"`{spec.name}` has no `reads`.", "Say in a few words what it does.", where=where)
    if spec.check or spec.outside or spec.anywhere:
        raise Invalid("`check`, `outside` and `anywhere` are not for commands of your own.", where=where)
    for rule in (
        *(option.rule for option in spec.options.values() if option.rule),
        *(each.rule for each in spec.operands),
    ):
        try:
            judge_value(rule, "x")
        except KeyError:
            raise Invalid(
                f"{rule!r} is not a rule for values.", "Use a list such as `a|b`, or text, name, count, file."
            ) from None
    named = [
        *(trait.name for trait in spec.traits),
        *(name for option in spec.options.values() for name in option.traits),
    ]
    strange = next((name for name in named if name not in TRAITS), None)
    if strange is not None:
        raise Invalid(f"@{strange} is not a trait.", f"There are: {', '.join(sorted(TRAITS))}.")
    for inner in spec.commands.values():
        _check(inner, where)
