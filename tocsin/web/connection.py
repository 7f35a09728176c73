"""uvicorn's HTTP connection with the limits that it lacks: how long and how large a request's head may be."""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_WITHIN = 15.0
REST_WITHIN = 5.0
LARGEST_HEAD = 64 * 1024
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Connection(HttpToolsProtocol):
    """A connection whose request heads must be complete within `HEAD_WITHIN` seconds and `LARGEST_HEAD` bytes.

    The body's limits are the gate's; a connection between two requests is uvicorn's to close. A body that goes on after
    its request was answered is thrown away for at most `REST_WITHIN` seconds, so that the sender sees the answer.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._in_head = True
        self._in_body = False
        self._patience: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The clock runs from the first moment: a connection that says nothing is closed too."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
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
        self._in_body = False
        if self.cycle.response_complete:
            self._stop_waiting()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer that did not wait for the whole body begins the clock for the rest."""
        super().on_response_complete()
        if self._in_body and self.cycle.response_complete and self._patience is None:
            self._wait(REST_WITHIN)

    def _wait(self, seconds: float | None = None) -> None:
        self._patience = self.loop.call_later(HEAD_WITHIN if seconds is None else seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
