"""How a secret may be spelled when a program prints it: as it is, escaped, quoted, in base64, in hexadecimal.

Each spelling is a pattern for RE2, which reads a text once however many patterns there are. Escapes may be mixed, as
every tool escapes other letters; base64 and hexadecimal may be cut into lines, and may stand inside a longer text.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import re2

SHORTEST_SECRET = 4
SHORTEST_LINE = 8
"""A line of a secret that has several is a secret of its own from this length on."""
LONGEST_MIXED = 256
"""A longer secret is searched for as it is, in base64 and in hexadecimal; its lines are searched for mixed."""
MEMORY = 64 * 1024 * 1024

_FOLD = r"(?:(?:\\+r)?\\+n|\r?\n[ \t]*)?"
"""A line end inside of base64 or hexadecimal: real, or written as ``\\n`` in a text of JSON."""
_DIGIT = r"[A-Za-z0-9+/_-]"
_NAMED = {"\n": "n", "\t": "t", "\r": "r", "\b": "b", "\f": "f", "\v": "v", "\a": "a", "\x1b": "[eE]"}
_ENTITIES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}


def parts_of(secrets: Iterable[str]) -> list[str]:
    """The secrets that are long enough to be told from ordinary words, and their lines; the longest first."""
    found: set[str] = set()
    for secret in secrets:
        lines = (line.strip() for line in secret.splitlines())
        found |= {secret, *(line for line in lines if len(line) >= SHORTEST_LINE)}
    return sorted((part for part in found if len(part) >= SHORTEST_SECRET), key=lambda part: (-len(part), part))


def spellings(secret: str) -> list[str]:
    """A pattern for each way of spelling one secret."""
    data = secret.encode("utf-8", "surrogatepass")
    mixed = "".join(map(_letter, secret)) if len(secret) <= LONGEST_MIXED else _bytes(data)
    return [mixed, *_in_base64(data), _in_hexadecimal(data)]


def longest(secret: str) -> int:
    """No spelling of the secret is longer than this, unless somebody made it longer on purpose."""
    return 8 * len(secret.encode("utf-8", "surrogatepass")) + 64


def compiled(patterns: Iterable[str]) -> Any:
    """One pattern for all of these, over bytes."""
    options = re2.Options()
    options.max_mem = MEMORY
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    return re2.compile("|".join(f"(?:{each})" for each in patterns).encode("latin-1"), options)


def _letter(letter: str) -> str:
    """One letter, as it is or in any escape of URLs, JSON, shells, programming languages and HTML."""
    data, code = letter.encode("utf-8", "surrogatepass"), ord(letter)
    ways = [_bytes(data), "".join(f"(?i:%{byte:02x})" for byte in data), "".join(_escaped(byte) for byte in data)]
    units = letter.encode("utf-16-be", "surrogatepass")
    ways.append("".join(rf"\\+(?i:u{units[at]:02x}{units[at + 1]:02x})" for at in range(0, len(units), 2)))
    if not letter.isalnum():
        ways.append(rf"&#(?:0*{code}|(?i:x0*{code:x}));")
    if code >= 128:
        ways += [rf"\\+{_bytes(data)}", rf"\\+(?i:u\{{0*{code:x}\}}|u{code:08x})"]
        ways += [rf"\\+(?i:x{code:02x})"] if code < 256 else []
    elif not letter.isalnum():
        ways.append(rf"\\+{_bytes(data)}" if letter != "\\" else r"\\+")
    if letter in _ENTITIES:
        ways.append(f"&{_ENTITIES[letter]};")
    if letter in _NAMED:
        ways.append(rf"\\+{_NAMED[letter]}")
    ways += {" ": [r"\+"], "'": [r"'\\''", "'\"'\"'", "''"]}.get(letter, [])
    return f"(?:{'|'.join(dict.fromkeys(ways))})"


def _escaped(byte: int) -> str:
    return rf"\\+(?:(?i:x{byte:02x})|0?{byte:03o})"


def _in_base64(data: bytes) -> Iterable[str]:
    """At each of the three places that it may have in a longer text; of the first and last digit only a part is its."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        whole, rest = divmod((before + len(data)) * 8, 6)
        own = text[(before * 8 + 5) // 6 : whole]
        if len(own) < (5 if before == 0 else 6):
            continue
        first = [_DIGIT] if before else []
        last = f"(?:{_FOLD}{_DIGIT})?" if rest else ""
        yield _FOLD.join([*first, *map(_digit, own)]) + last + "(?:=|(?i:%3d)){0,2}"


def _digit(digit: str) -> str:
    return {"+": r"(?:[+-]|(?i:%2b))", "/": r"(?:[/_]|\\/|(?i:%2f))"}.get(digit, digit)


def _in_hexadecimal(data: bytes) -> str:
    return f"(?:{_FOLD}|[ :])".join(f"(?i:{byte:02x})" for byte in data)


def _bytes(data: bytes) -> str:
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\x{byte:02x}" for byte in data)
