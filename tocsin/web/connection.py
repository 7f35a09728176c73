"""uvicorn's HTTP connection with the limits that it lacks, and with the swift door before it.

The limits: how long and how large a request's head may be. The swift door (`tocsin.web.swift`) sees a request first
where nothing of another one is under way; what it does not take goes to uvicorn, byte by byte as it came.
"""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tocsin.web.swift import LARGEST_HEAD as LARGEST_SWIFT_HEAD
from tocsin.web.swift import LINE, Door, Head

HEAD_WITHIN = 15.0
REST_WITHIN = 5.0
LARGEST_HEAD = 64 * 1024
BODY_WITHIN = 1.0
"""Seconds that the swift door waits for a body; what is slower is the ordinary door's, with its own deadline."""
MOST_AHEAD = 256 * 1024
"""Bytes that are read ahead of an answer."""
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Pages(Protocol):
    """Public pages that are answered from memory (`tocsin.web.statuspage.answering`)."""

    line: bytes
    """How a request for one begins."""

    def respond(self, raw: bytes, headers: list[tuple[bytes, bytes]]) -> bytes | None:
        """The whole answer to a request's head; None for what is the ordinary door's."""


class Connection(HttpToolsProtocol):
    """A connection whose request heads must be complete within `HEAD_WITHIN` seconds and `LARGEST_HEAD` bytes.

    The body's limits are the gate's; a connection between two requests is uvicorn's to close. A body that goes on after
    its request was answered is thrown away for at most `REST_WITHIN` seconds, so that the sender sees the answer.
    """

    def __init__(self, *args: Any, door: Door | None = None, pages: Pages | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pages = pages
        self._head_bytes = 0
        self._in_head = True
        self._in_body = False
        self._in_message = False
        self._patience: TimerHandle | None = None
        self._door = door
        self._partial: tuple[Head, int, bytearray] | None = None
        self._stored: bytes | None = None
        self._ahead: list[bytes] = []
        self._last = False
        self._idle: TimerHandle | None = None
        self._idle_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The clock runs from the first moment: a connection that says nothing is closed too."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        if self._idle is not None:
            self._idle.cancel()
        self._partial = None
        self._ahead.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The swift door first, where it has a request under way or nobody has; then the ordinary one."""
        if self._pages is not None and data.startswith(self._pages.line) and not self._busy():
            data = self._from_memory(self._pages, data)
            if not data:
                return
        if self._door is not None and (self._stored is not None or self._between()):
            data = self._swiftly(self._door, data)
        if data:
            self._ordinarily(data)

    def shutdown(self) -> None:
        """As uvicorn's: what has begun is answered first."""
        self._give_up_partial()
        if self._stored is not None:
            self._last = True
        else:
            super().shutdown()

    def _ordinarily(self, data: bytes) -> None:
        """Count what is still head after the parser has seen it; the head's end resets the count."""
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > LARGEST_HEAD:
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        """A further request on this connection."""
        super().on_message_begin()
        self._in_message = True
        self._in_head, self._head_bytes = True, 0
        if self._patience is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._in_head, self._in_body = False, True
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is there, or what was left of it after the answer."""
        self._in_body = self._in_message = False
        if self.cycle.response_complete:
            self._stop_waiting()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer that did not wait for the whole body begins the clock for the rest."""
        super().on_response_complete()
        self._idle_since = self.loop.time()
        if self._in_body and self.cycle.response_complete and self._patience is None:
            self._wait(REST_WITHIN)

    # --- the swift door -------------------------------------------------------------------------------------------

    def answer(self, request_id: bytes) -> None:
        """What the swift door took is on disk."""
        self._stored = None
        if self._door is None or self.transport.is_closing():
            return
        response = self._door.response(self.server_state.default_headers, request_id)
        self.server_state.total_requests += 1
        if self._last:
            self.transport.write(response[:-2] + b"connection: close\r\n\r\n")
            self.transport.close()
            return
        self.transport.write(response)
        self._stay()
        if self._ahead:
            ahead = b"".join(self._ahead)
            self._ahead.clear()
            self.flow.resume_reading()
            self.data_received(ahead)

    def hand_over(self) -> None:
        """What the swift door took could not be stored: the ordinary door tries, and says why."""
        raw, self._stored = self._stored, None
        if raw is None or self.transport.is_closing():
            return
        data = b"".join((raw, *self._ahead))
        self._ahead.clear()
        self.flow.resume_reading()
        self._ordinarily(data)
        if self._last:
            super().shutdown()

    def _busy(self) -> bool:
        """Whether a request of either door is under way."""
        return self._stored is not None or self._partial is not None or not self._between()

    def _from_memory(self, pages: Pages, data: bytes) -> bytes:
        """Answer public pages, one behind the other, as long as the reader keeps up; what is left is the others'."""
        while data.startswith(pages.line) and not self.flow.write_paused:
            end = data.find(b"\r\n\r\n", 0, LARGEST_SWIFT_HEAD) + 4
            response = pages.respond(data[:end], self.server_state.default_headers) if end > 4 else None
            if response is None:
                break
            self._unset_keepalive_if_required()
            self._stop_waiting()
            self.server_state.total_requests += 1
            self.transport.write(response)
            self._stay()
            data = data[end:]
        return data

    def _stay(self) -> None:
        """Between two requests now; who asks no more is let go after a while."""
        self._idle_since = self.loop.time()
        if self._idle is None:
            self._idle = self.loop.call_later(self.timeout_keep_alive, self._look_if_idle)

    def _between(self) -> bool:
        """Whether no request of the ordinary door is under way."""
        return not self._in_message and (self.cycle is None or self.cycle.response_complete) and not self.pipeline

    def _swiftly(self, door: Door, data: bytes) -> bytes:
        """Take a request, or a part of one; what comes back is the ordinary door's."""
        if self._stored is not None:
            self._ahead.append(data)
            if sum(map(len, self._ahead)) > MOST_AHEAD:
                self.flow.pause_reading()
            return b""
        if self._partial is not None:
            head, end, gathered = self._partial
            gathered += data
            if len(gathered) < end + head.length:
                return b""
            data, self._partial = bytes(gathered), None
        else:
            end = data.find(b"\r\n\r\n", 0, LARGEST_SWIFT_HEAD) + 4 if data.startswith(LINE) else 0
            found = door.head(data, end, self.loop) if end > 4 else None
            if found is None:
                return data
            head = found
        self._unset_keepalive_if_required()
        self._stop_waiting()
        whole = end + head.length
        if len(data) < whole:
            self._partial = (head, end, bytearray(data))
            self._patience = self.loop.call_later(BODY_WITHIN, self._give_up_partial)
        elif door.take(self, head, data[end:whole]):
            self._stored = data[:whole]
            if len(data) > whole:
                self._ahead.append(data[whole:])
        else:
            return data
        return b""

    def _give_up_partial(self) -> None:
        """A body that comes slowly."""
        partial, self._partial = self._partial, None
        if partial is not None and not self.transport.is_closing():
            self._stop_waiting()
            self._ordinarily(bytes(partial[2]))

    def _look_if_idle(self) -> None:
        """One clock for a connection, instead of one for each of its answers."""
        self._idle = None
        if self.transport.is_closing():
            return
        idle = self.loop.time() - self._idle_since
        busy = self._busy()
        if not busy and idle >= self.timeout_keep_alive:
            self.transport.close()
            return
        left = self.timeout_keep_alive if busy else self.timeout_keep_alive - idle
        self._idle = self.loop.call_later(left, self._look_if_idle)

    def _wait(self, seconds: float | None = None) -> None:
        self._patience = self.loop.call_later(HEAD_WITHIN if seconds is None else seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
