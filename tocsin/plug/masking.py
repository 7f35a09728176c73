"""Takes secrets out of what programs print and people write, before anything is stored, shown, sent or logged.

Two kinds are masked: the values that the configuration declares secret, however they are spelled
(`tocsin.plug.spellings`), and what looks like a credential wherever it comes from (`tocsin.plug.tokenshapes`,
`tocsin.plug.manifests`). One reading by RE2 tells whether there is anything to mask at all, because output may come at
hundreds of megabytes a second and nearly all of it holds no secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tocsin.plug import manifests, spellings, tokenshapes
from tocsin.plug.manifests import Manifests
from tocsin.plug.spellings import SHORTEST_SECRET

__all__ = ["LONGEST_LINE", "MARK", "SHORTEST_SECRET", "Mask", "mask_text"]

MARK = "•••"
_MARK = MARK.encode()
LONGEST_LINE = 64 * 1024
_LONGEST_TOKEN_START = 4096
_LONGEST_KEY = 64 * 1024
_MOST_REGIONS = 64
"""Where so many places of a piece may hold something, the rest of it is looked at as a whole, which is then cheaper."""

_KEY_BEGIN = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_TOKEN_REST = re.compile(rb"[\w.\-/+=~%]*")
_WRAPPED = re.compile(rb"[A-Za-z0-9+/_-]{48,}={0,2}\"?,?\r?\n\Z")
"""The end of a line that may be one of several into which base64 or hexadecimal is cut (60, 64 or 76 letters each)."""
_WRAPPED_END = 60


@dataclass(frozen=True, slots=True)
class _Looks:
    """What is searched for: ``anything`` of all that follows; the secrets' spellings; what looks like a credential."""

    anything: Any
    declared: Any
    shapes: Any
    manifests: Any
    longest: int


@lru_cache(maxsize=16)
def _looks(secrets: tuple[str, ...]) -> _Looks:
    parts = spellings.parts_of(secrets)
    declared = [pattern for part in parts for pattern in spellings.spellings(part)]
    shapes = [*tokenshapes.STARTS, manifests.COMPACT]
    return _Looks(
        anything=spellings.compiled([*declared, *shapes, manifests.START, "PRIVATE KEY"]),
        declared=spellings.compiled(declared) if declared else None,
        shapes=spellings.compiled(shapes),
        manifests=spellings.compiled([manifests.START]),
        longest=min(max(map(spellings.longest, parts), default=0), LONGEST_LINE),
    )


class Mask:
    """Masks a stream of bytes, also where a secret is cut by the border of two pieces or into lines.

    ``feed`` gives back whole lines and keeps what may go on: the last, unfinished line, lines of base64, an object of
    Kubernetes whose kind is not known yet. ``flush`` gives back the rest.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._looks = _looks(tuple(secrets))
        self._hold = max(_LONGEST_TOKEN_START, self._looks.longest)
        self._rest = b""
        self._in_token = False
        self._key_left = 0
        self._manifests = Manifests(_MARK)

    def feed(self, data: bytes) -> bytes:
        """The next piece of the masked stream, up to the last line that is complete."""
        data = self._rest + data if self._rest else data
        end = data.rfind(b"\n") + 1
        kept = self._before_wrapped(data, end) if end and self._looks.declared is not None else end
        if end - kept > self._hold:
            ready, self._rest = self._cut_wrapped(data[:end], data[end:])
        elif kept:
            self._rest = data[kept:]
            ready = self._mask(data[:kept])
        else:
            self._rest, ready = data, b""
        if len(self._rest) > LONGEST_LINE + self._hold:
            ready += self._cut_long_line()
        return ready

    def flush(self) -> bytes:
        """What is still held back; the stream ended."""
        rest, self._rest = self._rest, b""
        return self._mask(rest) + self._manifests.flush()

    def _before_wrapped(self, data: bytes, end: int) -> int:
        """Where the lines at the end begin that may go on in the next piece; of very many some of the last."""
        least = end - self._hold
        while end and end >= least:
            start = data.rfind(b"\n", 0, end - 1) + 1
            if not _WRAPPED.search(data, max(start, end - _WRAPPED_END), end):
                break
            end = start
        return end

    def _cut_wrapped(self, lines: bytes, rest: bytes) -> tuple[bytes, bytes]:
        """Most of many lines of base64: all but so many as a secret that has begun may fill."""
        masked = self._mask(lines)
        at = masked.rfind(b"\n", 0, max(len(masked) - self._hold, 0)) + 1
        return masked[:at], masked[at:] + rest

    def _cut_long_line(self) -> bytes:
        """Most of a line that does not end: all but so much as a secret that has begun may need to be recognised."""
        masked = self._mask(self._rest)
        if masked.endswith(_MARK):
            self._rest, self._in_token = b"", not self._key_left
            return masked
        end = len(masked) - self._hold
        while end > 0 and masked[end] & 0xC0 == 0x80:
            end -= 1
        self._rest = masked[max(end, 0) :]
        return masked[: max(end, 0)]

    def _mask(self, data: bytes) -> bytes:
        if self._in_token and data:
            rest = _TOKEN_REST.match(data)
            data = data[rest.end() :] if rest else data
            self._in_token = not data
        looks = self._looks
        if not (self._key_left or self._manifests.busy) and looks.anything.search(data) is None:
            return data
        if self._key_left or b"PRIVATE KEY" in data:
            data = self._mask_keys(data)
        if looks.declared is not None:
            data = looks.declared.sub(_MARK, data)
        if self._manifests.busy or looks.manifests.search(data):
            data = self._manifests.feed(data)
        return b"".join(self._mask_regions(data))

    def _mask_regions(self, data: bytes) -> Iterator[bytes]:
        """The lines in which something begins like a credential are looked at closely, the others are passed on."""
        at = 0
        for count, found in enumerate(self._looks.shapes.finditer(data)):
            if found.start() < at:
                continue
            start = max(data.rfind(b"\n", 0, found.start()) + 1, at)
            end = len(data) if count >= _MOST_REGIONS else data.find(b"\n", found.end()) + 1 or len(data)
            yield data[at:start]
            yield manifests.mask_compact(tokenshapes.mask_shapes(data[start:end], _MARK), _MARK)
            at = end
            if at == len(data):
                break
        yield data[at:]

    def _mask_keys(self, data: bytes) -> bytes:
        """Replaces blocks of private keys, which go over many lines and perhaps over many pieces."""
        done: list[bytes] = []
        while data:
            if self._key_left:
                end = _KEY_END.search(data, 0, self._key_left)
                inside = end.end() if end else min(len(data), self._key_left)
                self._key_left = 0 if end else self._key_left - inside
                data = data[inside:]
                continue
            begin = _KEY_BEGIN.search(data)
            if begin is None:
                done.append(data)
                break
            done += [data[: begin.start()], _MARK]
            data, self._key_left = data[begin.end() :], _LONGEST_KEY
        return b"".join(done)


def mask_text(text: str, secrets: Iterable[str] = ()) -> str:
    """The whole text with its secrets masked."""
    if not text:
        return text
    mask = Mask(secrets)
    data = text.encode("utf-8", "replace")
    return (mask.feed(data) + mask.flush()).decode("utf-8", "replace")
