"""What a program printed: made plain, masked, passed on in pieces and kept within a limit, however much it is."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

from tocsin.plug.kinds import Emit
from tocsin.plug.masking import Mask

LIVE_BYTES = 64 * 1024
"""So much of what came between two emits is passed on; of a flood nobody reads more."""

_ESCAPE = re.compile(
    rb"\x1b(?:\[[0-?]{0,64}[ -/]{0,16}[@-~]"  # CSI: colours, cursor
    rb"|[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"  # OSC, DCS and others: titles, links
    rb"|[ -/]{0,16}[0-OQ-WYZ\\`-~])"
)
_LONGEST_ESCAPE = 4200
_CONTROLS = bytes(code for code in (*range(32), 127) if code not in b"\t\n\r")
# C1 controls, and what turns the direction of text: both can make a line read as something else.
_DECEIVING = re.compile("[\x80-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")

_DECODER = codecs.getincrementaldecoder("utf-8")


class Plain:
    """Streams bytes into valid UTF-8 without escape sequences and control characters; CR and CRLF end a line."""

    def __init__(self) -> None:
        self._escape = self._return = b""
        self._decoder = _DECODER("replace")

    def feed(self, data: bytes, final: bool = False) -> bytes:
        """The next piece; an unfinished sequence waits for the rest, or is dropped at the end."""
        data = self._without_escapes(data, final).translate(None, _CONTROLS)
        data = self._with_plain_ends(data, final)
        if data.isascii() and self._decoder.getstate()[0] == b"":
            return data
        return _DECEIVING.sub("", self._decoder.decode(data, final)).encode()

    def _without_escapes(self, data: bytes, final: bool) -> bytes:
        data, self._escape = self._escape + data, b""
        if b"\x1b" not in data:
            return data
        start = data.rfind(b"\x1b", max(0, len(data) - _LONGEST_ESCAPE))
        if not final and start >= 0 and not _ESCAPE.match(data, start):
            data, self._escape = data[:start], data[start:]
        return _ESCAPE.sub(b"", data)

    def _with_plain_ends(self, data: bytes, final: bool) -> bytes:
        data, self._return = self._return + data, b""
        if b"\r" not in data:
            return data
        if data.endswith(b"\r") and not final:
            data, self._return = data[:-1], b"\r"
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


class Printout:
    """Takes raw output; keeps its first and last part, passes pieces of it on, counts all of it.

    ``size`` counts the bytes as they were printed. Memory stays within ``keep_bytes`` and some buffers.
    """

    def __init__(self, emit: Emit, secrets: Iterable[str], keep_bytes: int) -> None:
        self.size = 0
        self._emit = emit
        self._secrets = secrets
        self._streams: tuple[Plain, Mask] | None = None
        self._half = max(keep_bytes // 2, 1)
        self._head, self._tail = bytearray(), bytearray()
        self._after_head = 0
        self._live: list[bytes] = []
        self._live_size = self._live_lost = 0

    def feed(self, data: bytes) -> None:
        """The next bytes that were read."""
        self.size += len(data)
        plain, mask = self._opened()
        self._take(mask.feed(plain.feed(data)))

    def pass_on(self) -> None:
        """Emits what came since the last time."""
        if self._live_lost:
            self._live.append(f"\n… {self._live_lost:,} bytes are not shown live …\n".encode())
        if self._live:
            self._emit(b"".join(self._live))
        self._live, self._live_size, self._live_lost = [], 0, 0

    def finish(self) -> str:
        """Emits the rest and gives back the text to keep, with the exact number of bytes that were left out of it."""
        plain, mask = self._opened()
        self._take(mask.feed(plain.feed(b"", final=True)) + mask.flush())
        self.pass_on()
        if self._after_head <= self._half:
            return bytes(self._head + self._tail).decode()
        head, tail = _without_last_part(self._head), _without_first_part(self._tail[-self._half :])
        lost = len(self._head) + self._after_head - len(head) - len(tail)
        return f"{head.decode()}\n… {lost:,} bytes left out …\n{tail.decode()}"

    def _opened(self) -> tuple[Plain, Mask]:
        """Made when there is something to read: while the command is started, others wait for the interpreter."""
        if self._streams is None:
            self._streams = Plain(), Mask(self._secrets)
        return self._streams

    def _take(self, data: bytes) -> None:
        if not data:
            return
        room = LIVE_BYTES - self._live_size
        shown = data if len(data) <= room else _without_last_part(data[:room])
        self._live_size += len(shown)
        self._live_lost += len(data) - len(shown)
        if shown:
            self._live.append(shown)
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._after_head += len(data)
        self._tail += data[-self._half :]
        if len(self._tail) > 2 * self._half:
            del self._tail[: -self._half]


def _without_last_part(data: bytes | bytearray) -> bytes:
    """Without the first half of a character that was cut at the end."""
    return data.decode(errors="ignore").encode()


def _without_first_part(data: bytes | bytearray) -> bytes:
    """Without the second half of a character that was cut at the start."""
    return bytes(data).lstrip(bytes(range(0x80, 0xC0)))
