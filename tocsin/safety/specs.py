"""The command specs: what is known about each program, read once from the files in ``specs/``.

A file is TOML; ``specs/README.md`` explains it to whoever adds a command. A table is a program, a table within a table
a subcommand. Inside, ``options`` and ``changing`` are lists of lines in a notation of our own, parsed here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from tocsin.errors import Invalid


@dataclass(frozen=True, slots=True)
class Trait:
    """A trait of a command, always or only with / without certain options."""

    name: str
    when: Literal["always", "with", "without"] = "always"
    options: frozenset[str] = frozenset()

    def holds(self, seen: frozenset[str]) -> bool:
        """Whether it applies where these options were given."""
        return self.when == "always" or (bool(self.options & seen) is (self.when == "with"))


@dataclass(frozen=True, slots=True)
class Option:
    """What holds for an option. ``word`` is ``read`` unless giving it decides otherwise, with ``why``."""

    takes: Literal["nothing", "value", "attached"] = "nothing"
    rule: str = ""
    traits: tuple[str, ...] = ()
    word: Literal["read", "change", "unknown"] = "read"
    why: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a program or a subcommand does that is not proved by its options: a known change or something unprovable."""

    word: Literal["change", "unknown"]
    why: str
    traits: tuple[Trait, ...] = ()


@dataclass(frozen=True, slots=True)
class Operand:
    """A place for operands: the rule that each must satisfy, and how many may stand there."""

    rule: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Need:
    """``options`` must (or, with ``given``, must where one of ``given`` stands) be there; else ``word`` and ``why``."""

    options: frozenset[str]
    word: Literal["change", "unknown"]
    why: str
    given: frozenset[str] = frozenset()
    traits: tuple[Trait, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A program or a subcommand. ``reads`` empty: it proves nothing by itself, only its subcommands do."""

    name: str
    reads: str = ""
    style: str = "gnu"
    caseless: bool = False
    numbers: bool = False
    variables: bool = False
    anywhere: bool = False
    outside: bool = False
    here: bool = False
    options: Mapping[str, Option] = field(default_factory=dict)
    operands: tuple[Operand, ...] = ()
    operands_if: frozenset[str] = frozenset()
    needs: tuple[Need, ...] = ()
    traits: tuple[Trait, ...] = ()
    guard: tuple[str, ...] = ()
    command: Literal["", "rest", "after --"] = ""
    never: str = ""
    fed: str = ""
    check: str = ""
    together: str = ""
    unwrap: bool = False
    alone: Effect | None = None
    effects: Mapping[str, Effect] = field(default_factory=dict)
    commands: Mapping[str, Spec] = field(default_factory=dict)

    def subcommand(self, name: str) -> Spec | Effect | None:
        """What is known about this subcommand; patterns (``describe-*``) come last."""
        name = name.lower() if self.caseless else name
        exact = self.commands.get(name) or self.effects.get(name)
        if exact is not None:
            return exact
        return next((spec for key, spec in self.commands.items() if "*" in key and fnmatchcase(name, key)), None)


@dataclass(frozen=True, slots=True)
class Library:
    """All specs: the programs (as subcommands of a nameless root), the regular rules, the pinned environment."""

    root: Spec
    rules: Mapping[str, tuple[re.Pattern[str], str]]
    environment: Mapping[str, str]
    versions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Programs, and which words, as the only argument of theirs, print a version."""
    helps: frozenset[str] = frozenset()
    """Programs whose ``--help``, as the only argument, prints a help text, without a pager."""


_NOT_SPECS = ("before.toml", "sql.toml", "words.toml")
_KEYS = frozenset(
    {
        "reads",
        "style",
        "caseless",
        "numbers",
        "variables",
        "anywhere",
        "outside",
        "here",
        "options",
        "with",
        "operands",
        "operands_if",
        "needs",
        "only_with",
        "traits",
        "guard",
        "command",
        "never",
        "fed",
        "check",
        "together",
        "unwrap",
        "alone",
        "changing",
        "unproven",
        "same",
    }
)
_LINE = re.compile(
    r"(?P<names>[^<\[@!?]+?)\s*(?:<(?P<value>[^>]+)>|\[(?P<attached>[^]]+)\])?\s*(?P<traits>(?:@[a-z-]+\s*)*)"
    r"(?:(?P<sign>[!?])\s+(?P<why>.+))?"
)
_COUNTS = {"": (1, 1), "?": (0, 1), "*": (0, 1000), "+": (1, 1000)}


@cache
def library() -> Library:
    """The specs of this package, parsed and checked once; raises `Invalid` that names the file."""
    tables: dict[str, Any] = {}
    sets: dict[str, str] = {}
    rules: dict[str, tuple[re.Pattern[str], str]] = {}
    environment: dict[str, str] = {}
    effects: dict[str, Effect] = {}
    versions: dict[str, frozenset[str]] = {}
    helps: set[str] = set()
    for file in sorted(files("tocsin.safety").joinpath("specs").iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml") or file.name in _NOT_SPECS:
            continue
        content = _load(file.name)
        sets |= content.pop("sets", {})
        environment |= content.pop("environment", {})
        versions |= dict(map(_version, content.pop("versions", "").split()))
        helps.update(content.pop("helps", "").split())
        rules |= {name: (re.compile(rule["is"]), rule["what"]) for name, rule in content.pop("rules", {}).items()}
        effects |= parse_effects(content.pop("changing", ""), "change") | parse_effects(
            content.pop("unproven", ""), "unknown"
        )
        twice = sorted(set(content) & set(tables))
        if twice:
            raise Invalid(f"{twice[0]} is specified in two files.", where=f"specs/{file.name}")
        tables |= content
    programs = {name: _spec(name, table, sets, tables) for name, table in tables.items()}
    return Library(Spec(name="", commands=programs, effects=effects), rules, environment, versions, frozenset(helps))


def _version(entry: str) -> tuple[str, frozenset[str]]:
    """``ruby:-v,--version``, or ``git`` alone for ``--version``."""
    name, _, forms = entry.partition(":")
    return name, frozenset((forms or "--version").split(","))


def read_spec(name: str, table: Mapping[str, Any]) -> Spec:
    """A spec from outside this package: the same keys and notation, without sets and without `same`."""
    return _spec(name, table, {}, {})


def words(name: str) -> frozenset[str]:
    """A list of words from ``specs/words.toml``."""
    return frozenset(_words()[name].split())


@cache
def _words() -> Mapping[str, str]:
    return _load("words.toml")["words"]  # type: ignore[no-any-return]


def load_sql() -> Mapping[str, Any]:
    """The file of SQL functions and syntax nodes, as it stands."""
    return _load("sql.toml")


def _load(name: str) -> dict[str, Any]:
    text = files("tocsin.safety").joinpath("specs", name).read_text(encoding="utf-8")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{error}.", where=f"specs/{name}") from None


def _spec(name: str, table: Mapping[str, Any], sets: Mapping[str, str], roots: Mapping[str, Any]) -> Spec:
    if "same" in table:
        return _spec(name, _overlaid(_find(table["same"], roots), table), sets, roots)
    own = {key: value for key, value in table.items() if not isinstance(value, dict)}
    unknown = sorted(set(own) - _KEYS)
    if unknown:
        raise Invalid(f"{unknown[0]!r} is not a key of a spec.", where=name)
    options: dict[str, Option] = {}
    for text in (*(sets[each] for each in own.get("with", "").split()), own.get("options", "")):
        options |= _options(text, name)
    return Spec(
        name=name,
        options=options,
        operands=tuple(_operand(word) for word in own.get("operands", "").split()),
        operands_if=frozenset(own.get("operands_if", "").split()),
        needs=(*_needs(own.get("needs", ""), name, given=False), *_needs(own.get("only_with", ""), name, given=True)),
        traits=_traits(own.get("traits", "")),
        guard=tuple(own.get("guard", "").split()),
        alone=parse_effects(f"alone: {own['alone']}", "change")["alone"] if "alone" in own else None,
        effects=parse_effects(own.get("changing", ""), "change") | parse_effects(own.get("unproven", ""), "unknown"),
        commands={
            key: _spec(f"{name} {key}", value, sets, roots) for key, value in table.items() if isinstance(value, dict)
        },
        **{key: own[key] for key in _PLAIN if key in own},
    )


_PLAIN = (
    "reads",
    "fed",
    "style",
    "caseless",
    "numbers",
    "variables",
    "anywhere",
    "outside",
    "here",
    "command",
    "never",
    "check",
    "together",
    "unwrap",
)


def _overlaid(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The other program's table, less what ``without`` names, with what is said about this one over it."""
    dropped = own.get("without", "").split()
    merged = {key: value for key, value in base.items() if key not in dropped}
    for key, value in own.items():
        if key not in ("same", "without"):
            both = isinstance(value, str) and key in ("changing", "unproven", "options") and key in merged
            merged[key] = f"{merged[key]}\n{value}" if both else value
    return merged


def _find(path: str, roots: Mapping[str, Any]) -> Mapping[str, Any]:
    table: Any = roots
    for word in path.split():
        table = table[word]
    return table  # type: ignore[no-any-return]


def _options(text: str, where: str) -> dict[str, Option]:
    """Lines ``-n --lines <rule> @trait ! reason @trait``; several options of one kind may share a line."""
    found: dict[str, Option] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _LINE.fullmatch(line)
        if match is None:
            raise Invalid(f"{line!r} is not a line of options.", where=where)
        why, _, late = (match["why"] or "").partition("@")
        option = Option(
            "value" if match["value"] else "attached" if match["attached"] else "nothing",
            match["value"] or match["attached"] or "",
            tuple(f"{match['traits']} {late}".replace("@", " ").split()),
            {"!": "change", "?": "unknown"}.get(match["sign"] or "", "read"),  # type: ignore[arg-type]
            why.strip(),
        )
        found |= dict.fromkeys(match["names"].split(), option)
    return found


def _operand(word: str) -> Operand:
    rule, count = (word[:-1], word[-1]) if word[-1] in "?*+" else (word, "")
    return Operand(rule, *_COUNTS[count])


def _traits(text: str) -> tuple[Trait, ...]:
    """``@network @endless without -c --count`` → traits with their conditions."""
    found = []
    for part in filter(None, map(str.strip, text.split("@"))):
        name, *rest = part.split()
        when = rest[0] if rest else "always"
        if when not in ("always", "with", "without"):
            raise Invalid(f"{part!r} is not a trait; write `@name`, `@name with -x` or `@name without -x`.")
        found.append(Trait(name, when, frozenset(rest[1:])))  # type: ignore[arg-type]
    return tuple(found)


def parse_effects(text: str, word: Literal["change", "unknown"]) -> dict[str, Effect]:
    """Lines ``name name: what it does @trait`` → one effect for each name."""
    found: dict[str, Effect] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        names, _, rest = line.partition(": ")
        why, _, traits = rest.partition("@")
        found |= dict.fromkeys(names.split(), Effect(word, why.strip(), _traits("@" + traits if traits else "")))
    return found


def _needs(text: str, where: str, *, given: bool) -> tuple[Need, ...]:
    """Lines ``-a -b: why`` (needs) or ``-x -y: -a -b: why`` (only_with); ``!`` before the reason makes it a change."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        head, *middle, reason = (*line.split(": "), "") if ": " not in line else line.split(": ")
        if not reason or len(middle) != int(given):
            raise Invalid(f"{line!r} is not a line of needs.", where=where)
        why, _, traits = reason.partition("@")
        word: Literal["change", "unknown"] = "change" if why.startswith("!") else "unknown"
        options = frozenset((middle[0] if given else head).split())
        found.append(
            Need(
                options,
                word,
                why.lstrip("! ").strip(),
                frozenset(head.split()) if given else frozenset(),
                _traits("@" + traits if traits else ""),
            )
        )
    return tuple(found)
