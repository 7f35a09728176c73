"""Pieces of TOML as text: what a document says becomes a key, a value or a comment that can't be anything else."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 110


def plain(text: str, longest: int = 0) -> str:
    """One line that a comment can hold and an eye can see; with ``longest``, cut there."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return f"{line[: longest - 1]}…" if longest and len(line) > longest else line


def quoted(text: str) -> str:
    """The text as a basic string; what can't be seen is written out."""
    return f'"{"".join(map(_escaped, text))}"'


def key(text: str) -> str:
    """The text as a key, bare where that is allowed."""
    return text if text.isascii() and text.replace("-", "").replace("_", "").isalnum() else quoted(text)


def value(thing: str | float) -> str:
    """A string or a number; a string that holds double quotes stands in single ones where it can."""
    if not isinstance(thing, str):
        return f"{thing:g}"
    return f"'{thing}'" if '"' in thing and "'" not in thing and thing.isprintable() else quoted(thing)


def behind(text: str) -> str:
    """Every line as a comment."""
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())


def listed(words: str, names: Sequence[str]) -> str:
    """A comment with a list, of as many lines as it takes; no name is broken."""
    lines = [f"# {words}:"]
    for place, name in enumerate(names):
        piece = plain(name) + ("," if place < len(names) - 1 else "")
        if len(lines[-1]) + 1 + len(piece) > WIDTH:
            lines.append("#  ")
        lines[-1] += f" {piece}"
    return "".join(f"{line}\n" for line in lines)


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"
