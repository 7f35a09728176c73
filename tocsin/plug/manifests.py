"""Secrets of Kubernetes as ``kubectl get secret`` prints them, in YAML and JSON: every value under ``data`` is one.

Which kind of object it is comes behind the data (keys are sorted), so lines wait until that is known; where it never
is, values that all are base64 count as a Secret's. Source: kubernetes.io/docs/concepts/configuration/secret.
"""

from __future__ import annotations

import base64
import binascii
import re

MOST_HELD = 256 * 1024
"""So many bytes wait at most for the kind of their object; a Secret holds up to a megabyte, shown ones less."""
MOST_SIBLINGS = 12

START = r"(?m:^[ \t]*(?:- )?\"?(?:(?:data|stringData)\"?:[ \t]*\{?|kind\"?:[ \t]*\"?Secret\"?,?)[ \t]*\r?$)"
"""Where looking at lines begins, for RE2."""
COMPACT = r"kind\\*\"\s{0,2}:\s{0,2}\\*\"Secret\\*\""
"""A whole object on one line, perhaps inside of a text of JSON, for RE2."""

_BLOCK = re.compile(rb"([ \t]*(?:- )?)\"?(?:data|stringData)\"?:[ \t]*\{?[ \t]*\r?$")
_KIND = re.compile(rb"([ \t]*(?:- )?)\"?kind\"?:[ \t]*\"?(\w+)\"?,?[ \t]*\r?$")
_PAIR = re.compile(rb"([ \t]*\"?[\w.-]{1,253}\"?:[ \t]*)(\"?)([^\"\r\n]*)(\"?,?[ \t]*\r?)$")
_COMPACT = re.compile(rb"kind\\*\"\s{0,2}:\s{0,2}\\*\"Secret\\*\"")
_OBJECT = re.compile(rb"\"(?:data|stringData)\\*\"\s{0,2}:\s{0,2}\{([^{}]*)\}")
_VALUE = re.compile(rb"(:\s{0,2}\\*\")((?:[^\"\\]|\\[^\"])*)(\\*\")")


def mask_compact(data: bytes, mark: bytes) -> bytes:
    """Masks the values of Secrets that stand on one line as JSON."""
    if not _COMPACT.search(data):
        return data
    return _OBJECT.sub(lambda found: _VALUE.sub(rb"\1" + mark + rb"\3", found[0]), data)


class Manifests:
    """Looks at complete lines and masks the values of Secrets; ``busy`` while it knows of an object that goes on."""

    def __init__(self, mark: bytes) -> None:
        self._mark = mark
        self._held: list[bytes] = []
        self._size = 0
        self._indent = -1  # of the block's own key; -1: no block waits or is masked
        self._masks = self._over = False
        self._siblings = 0
        self._secret_at = -1  # the indent of a ``kind: Secret`` whose data may follow

    @property
    def busy(self) -> bool:
        """Whether the next lines must be looked at, whatever they hold."""
        return self._indent >= 0 or self._secret_at >= 0

    def feed(self, data: bytes) -> bytes:
        """Complete lines, as far as they need not wait."""
        return b"".join(part for line in data.splitlines(keepends=True) for part in self._line(line))

    def flush(self) -> bytes:
        """What waits, at the end of the stream."""
        self._secret_at = -1
        return b"".join(self._decide(None))

    def _line(self, line: bytes) -> list[bytes]:
        text = line.rstrip(b"\n")
        indent = _indent(text)
        if text.strip() in (b"---", b"..."):
            done, self._secret_at = self._decide(None), -1
            return [*done, line]
        if self._indent >= 0 and (indent > self._indent or not text.strip()) and not self._over:
            return self._inside(line)
        kind, block = _KIND.match(text), _BLOCK.match(text)
        if kind:
            return self._on_kind(line, len(kind[1]), kind[2] == b"Secret")
        if block and not (self._indent >= 0 and len(block[1]) == self._indent and self._masks):
            return self._on_block(line, len(block[1]))
        if block:
            self._over = False
            return [line]
        return self._beside(line, indent)

    def _inside(self, line: bytes) -> list[bytes]:
        if self._masks:
            return [_masked(line, self._mark)]
        self._held.append(line)
        self._size += len(line)
        return self._decide(None) if self._size > MOST_HELD else []

    def _on_kind(self, line: bytes, indent: int, is_secret: bool) -> list[bytes]:
        done = self._decide(is_secret if indent == self._indent else None) if self._indent >= 0 else []
        self._secret_at = indent if is_secret else -1
        return [*done, line]

    def _on_block(self, line: bytes, indent: int) -> list[bytes]:
        done = self._decide(None)
        self._indent, self._masks, self._over = indent, self._secret_at == indent, False
        if self._masks:
            return [*done, line]
        self._held, self._size, self._siblings = [line], len(line), 0
        return done

    def _beside(self, line: bytes, indent: int) -> list[bytes]:
        """A line that is neither below the data nor one that tells the kind."""
        if self._indent >= 0 and not self._masks:
            self._over = True
            self._siblings += 1
            self._held.append(line)
            self._size += len(line)
            ends = indent < self._indent - 2 or self._siblings > MOST_SIBLINGS or self._size > MOST_HELD
            return self._decide(None) if ends else []
        self._over = self._indent >= 0
        if indent < max(self._secret_at, 0):
            self._secret_at = self._indent = -1
        return [line]

    def _decide(self, is_secret: bool | None) -> list[bytes]:
        """Release what waits, masked where it is a Secret's or nothing says that it is not."""
        held, indent = self._held, self._indent
        self._held, self._size, self._indent, self._masks, self._over = [], 0, -1, False, False
        if not held:
            return []
        below = [line for line in held[1:] if _indent(line) > indent and line.strip()]
        if is_secret or (is_secret is None and _all_base64(below)):
            return [_masked(line, self._mark) if _indent(line) > indent else line for line in held]
        return held


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" \t"))


def _masked(line: bytes, mark: bytes) -> bytes:
    """A line below ``data``: its value, or all of it where it is the further text of a value."""
    end = b"\n" if line.endswith(b"\n") else b""
    pair = _PAIR.match(line.rstrip(b"\n"))
    if pair is None:
        text = line.strip()
        return line if text in (b"", b"}", b"},") else line[: _indent(line)] + mark + end
    if pair[3].strip() in (b"", b"|", b"|-", b">", b">-", b"{}", b"null"):
        return line
    return pair[1] + pair[2] + mark + pair[4] + end


def _all_base64(lines: list[bytes]) -> bool:
    """Whether there are values and all of them are base64 as Kubernetes writes it, one at least of some length."""
    pairs = [_PAIR.match(line.rstrip(b"\n")) for line in lines if line.strip() not in (b"}", b"},")]
    values = [pair[3].strip() for pair in pairs if pair]
    return bool(values) and len(values) == len(pairs) and max(map(len, values)) >= 8 and all(map(_is_base64, values))


def _is_base64(text: bytes) -> bool:
    try:
        return len(text) % 4 == 0 and base64.b64encode(base64.b64decode(text, validate=True)) == text
    except (binascii.Error, ValueError):
        return False
