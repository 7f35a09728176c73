"""Takes secrets out of what programs print, before anything is stored or shown.

Two kinds are masked: the values that the configuration declares secret (also as base64, URL-quoted and JSON text), and
words that look like credentials wherever they come from. Each kind has a cheap search for a literal in front, because
output may come at hundreds of megabytes a second and nearly all of it holds no secret.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MARK = "•••"
_MARK = MARK.encode()
SHORTEST_SECRET = 4
LONGEST_LINE = 64 * 1024
_LONGEST_TOKEN_START = 4096
_LONGEST_KEY = 64 * 1024

_KEY_BEGIN = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_TOKEN_REST = re.compile(rb"[\w.\-/+=~%]*")

# Searched as printed: the start, which `re` finds at memory speed, and the whole where the start is found. The whole
# does not begin inside a word ("disk-usage" holds no key), and no text makes it slow.
_SHAPES = tuple(
    (re.compile(start), re.compile(whole))
    for start, whole in (
        (rb"A(?:KIA|SIA)", rb"(?<![A-Za-z0-9])A(?:KIA|SIA)[0-9A-Z]{16}"),
        (rb"gh[pousr]_", rb"(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{16,}"),
        (rb"github_pat_", rb"(?<![A-Za-z0-9])github_pat_\w{20,}"),
        (rb"x(?:ox[abeoprs]|app)-", rb"(?<![A-Za-z0-9])x(?:ox[abeoprs]|app)-[A-Za-z0-9-]{10,}"),
        (rb"sk[-_]", rb"(?<![A-Za-z0-9])sk[-_][A-Za-z0-9_-]{16,}"),
        (rb"eyJ", rb"(?<![A-Za-z0-9_-])eyJ[\w-]{8,4000}\.[\w.-]*"),
    )
)
_USERINFO = re.compile(rb"(://[^\s/:@]{0,256}):[^\s/@]{1,1024}@")

# Searched in lower case: what stands behind these names is masked, whatever it is.
_VALUE = rb"[\"']?\s{0,2}[=:]\s{0,2}[\"']?([^\s\"',;&}]{4,})"
_NAMED = tuple(
    re.compile(pattern)
    for pattern in (
        rb"bearer\s{1,2}([\w.\-/+=~]{8,})",
        rb"authorization[\"']?\s{0,2}[=:]\s{0,2}[\"']?(?:basic|token|apikey)\s{1,2}([^\s\"',]{4,})",
        rb"pass(?:word|wd|phrase|code)?" + _VALUE,
        rb"secret(?:[_-]?(?:access[_-]?)?key)?" + _VALUE,
        rb"token" + _VALUE,
    )
)
_NAMED_KEYS = tuple(
    re.compile(pattern + _VALUE)
    for pattern in (rb"api[_-]?key", rb"access[_-]?key", rb"private[_-]?key", rb"anon[_-]?key", rb"role[_-]?key")
)
# NAME_KEY=… of an environment; in lower case "key" alone says nothing (primary_key, cache_key).
_UPPER_KEY = re.compile(rb"KEY=[\"']?([^\s\"',;&}]{4,})")


class Mask:
    """Masks a stream of bytes, also where a secret is cut by the border of two pieces.

    ``feed`` gives back whole lines and keeps the last, unfinished one; ``flush`` gives back the rest.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms = _forms(secrets)
        self._hold = max([_LONGEST_TOKEN_START, *map(len, self._forms)])
        self._rest = b""
        self._in_token = False
        self._key_left = 0

    def feed(self, data: bytes) -> bytes:
        """The next piece of the masked stream, up to the last line that is complete."""
        data = self._rest + data if self._rest else data
        end = data.rfind(b"\n") + 1
        if end:
            self._rest = data[end:]
            ready = self._mask(data[:end])
        else:
            self._rest, ready = data, b""
        if len(self._rest) > LONGEST_LINE + self._hold:
            ready += self._cut_long_line()
        return ready

    def flush(self) -> bytes:
        """What is still held back; the stream ended."""
        rest, self._rest = self._rest, b""
        return self._mask(rest)

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
        if self._key_left or b"PRIVATE KEY" in data:
            data = self._mask_keys(data)
        for form in self._forms:
            if form in data:
                data = data.replace(form, _MARK)
        return _mask_shapes(data)

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
    mask = Mask(secrets)
    data = text.encode("utf-8", "replace")
    return (mask.feed(data) + mask.flush()).decode("utf-8", "replace")


def _mask_shapes(data: bytes) -> bytes:
    for start, shape in _SHAPES:
        if start.search(data):
            data = shape.sub(_MARK, data)
    if b"@" in data and b"://" in data:
        data = _USERINFO.sub(rb"\1:" + _MARK + b"@", data)
    lower = data.lower()
    spans = [match.span(1) for named in _NAMED for match in named.finditer(lower)]
    if b"key" in lower:
        spans += [match.span(1) for named in _NAMED_KEYS for match in named.finditer(lower)]
        spans += [match.span(1) for match in _UPPER_KEY.finditer(data)]
    return _replace_spans(data, spans) if spans else data


def _replace_spans(data: bytes, spans: list[tuple[int, int]]) -> bytes:
    parts: list[bytes] = []
    at = 0
    for start, end in sorted(spans):
        if start >= at:
            parts += [data[at:start], _MARK]
        at = max(at, end)
    parts.append(data[at:])
    return b"".join(parts)


def _forms(secrets: Iterable[str]) -> tuple[bytes, ...]:
    """Every spelling of every secret, longest first, so that a secret inside another leaves no rest."""
    found: set[bytes] = set()
    for secret in secrets:
        for part in {secret, *(line.strip() for line in secret.splitlines() if len(line.strip()) >= 8)}:
            if len(part) >= SHORTEST_SECRET:
                found |= _spellings(part)
    return tuple(sorted(found, key=len, reverse=True))


def _spellings(secret: str) -> set[bytes]:
    data = secret.encode("utf-8", "surrogatepass")
    plain = base64.b64encode(data)
    spellings = {data, plain.rstrip(b"="), base64.urlsafe_b64encode(data).rstrip(b"=")}
    spellings |= {quote(data, safe="").encode(), quote_plus(data).encode(), json.dumps(secret)[1:-1].encode()}
    for shift, lost in ((1, 2), (2, 3)):  # inside a longer base64 text ("user:password") the letters are others
        shifted = base64.b64encode(b"\0" * shift + data).rstrip(b"=")[lost:-1]
        if len(shifted) >= 8:
            spellings |= {shifted, shifted.replace(b"+", b"-").replace(b"/", b"_")}
    return spellings
