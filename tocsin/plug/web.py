"""Requests to other people's addresses, guarded: the address that is connected to is the address that was checked.

A URL comes from a configuration file, a person's contact or a form, and its name resolves to what a stranger's DNS
says. So the check is made on the numbers, at the moment of connecting; there are no redirects, no proxies and no
decompression; time and size have a limit over the whole answer. Importing this takes a tenth of a second: do it late.
"""

from __future__ import annotations

import contextlib
import functools
import re
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpcore2
import httpx2

from tocsin import __version__
from tocsin.errors import TocsinError
from tocsin.plug.addresses import check_address
from tocsin.plug.masking import mask_text
from tocsin.plug.reaching import ALLOW_HINT, Forbidden, Unreachable, reason, resolved

LARGEST_ANSWER = 4 * 1024 * 1024
TICK = 0.05
"""Seconds between two looks at whether a request is still wanted."""
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9._])?|[0-9A-Fa-f:.]+")
USER_AGENT = f"Tocsin/{__version__}"


class NoAnswer(TocsinError):
    """The request had no usable answer. ``permanent``: the URL or our own guard is the reason, not the other side."""

    def __init__(self, message: str, hint: str = "", *, permanent: bool = False) -> None:
        super().__init__(message, hint)
        self.permanent = permanent


class TooLate(NoAnswer):
    """The answer was not there, or not complete, in time."""


class Cancelled(NoAnswer):
    """Nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response, whatever its status; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        """The body as text; what is not UTF-8 is replaced."""
        return self.body.decode("utf-8", "replace")


def fetch(  # noqa: PLR0913  a request has so many parts, and all but the first two are named
    url: str,
    timeout: timedelta,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    allow: bool | Sequence[str] = False,
    max_bytes: int = LARGEST_ANSWER,
) -> Answer:
    """One request, one answer, within ``timeout`` in all. Raises `NoAnswer`.

    ``allow`` is explained at `tocsin.plug.addresses.check_address`; with ``max_bytes=0`` the answer's body is not read.
    """
    target = _parse(url)
    sent = {"host": _host_header(target), "user-agent": USER_AGENT, "accept-encoding": "identity", "accept": "*/*"}
    sent |= {name.lower(): value for name, value in (headers or {}).items()}
    if body or method not in ("GET", "HEAD"):
        sent["content-length"] = str(len(body))
    watch = Watch(timeout.total_seconds())
    with answering(method, _core_url(target), _encode_headers(sent), body, watch, allow=allow) as response:
        return _read(response, max_bytes)


@dataclass(slots=True)
class Watch:
    """One request on its way: how long it may take, whether it is still wanted, and whether any of it was sent.

    ``cancelled`` is asked twenty times a second while nothing comes.
    """

    limit: float
    cancelled: Callable[[], bool] | None = None
    sent: bool = False
    begun: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.begun

    def left(self) -> float:
        """Seconds that are left. Raises `Cancelled`, and the client's own error at the deadline."""
        if self.cancelled is not None and self.cancelled():
            raise Cancelled("The request was cancelled.")
        left = self.limit - self.seconds
        if left <= 0:
            raise httpcore2.ReadTimeout("deadline")
        return left


@contextlib.contextmanager
def answering(
    method: str,
    target: httpcore2.URL,
    headers: Sequence[tuple[bytes, bytes]],
    body: bytes,
    watch: Watch,
    *,
    allow: bool | Sequence[str],
) -> Iterator[httpcore2.Response]:
    """Send one request; inside, its answer can be read as it comes. Raises `NoAnswer`, also from within."""
    where = f"{target.scheme.decode()}://{dict(headers).get(b'host', target.host).decode()}"
    limits = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), watch.limit)}
    try:
        with httpcore2.ConnectionPool(
            ssl_context=_trust(), network_backend=_Guard(allow, watch), max_connections=1
        ) as pool:
            request = httpcore2.Request(method, target, headers=list(headers), content=body, extensions=limits)
            response = pool.handle_request(request)
            try:
                yield response
            finally:
                response.close()
    except httpcore2.TimeoutException:
        raise TooLate(f"{where} did not answer within {watch.limit:.3g} s.") from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
        raise NoAnswer(f"{where} can't be reached: {reason(error)}.") from None


def _parse(url: str) -> httpx2.URL:
    shown = mask_text(url[:200])
    try:
        target = httpx2.URL(url)
    except (httpx2.InvalidURL, TypeError, ValueError) as error:
        raise NoAnswer(f"{shown!r} is not a URL: {error}.", permanent=True) from None
    if target.scheme not in ("http", "https") or not target.host:
        raise NoAnswer(f"{shown!r} is not an http:// or https:// URL.", permanent=True)
    if not _HOST.fullmatch(target.raw_host.decode("ascii")) or not 0 < (target.port or 80) < 65536:
        raise NoAnswer(f"{shown!r} has a host or port that can't be.", permanent=True)
    if target.userinfo:
        hint = "Use a setting that is meant for secrets."
        raise NoAnswer("The URL holds a user name or password, which would stand in logs.", hint, permanent=True)
    return target


def _host_header(target: httpx2.URL) -> str:
    host = target.raw_host.decode("ascii")
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"{host}:{target.port}" if target.port else host


def _core_url(target: httpx2.URL) -> httpcore2.URL:
    return httpcore2.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)


def _encode_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    try:
        encoded = [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers.items()]
    except UnicodeError:
        raise NoAnswer("A header's name is not plain ASCII text.", permanent=True) from None
    if any(char in value for _, value in encoded for char in b"\r\n\0"):
        raise NoAnswer("A header holds a line break.", permanent=True)
    return encoded


def _read(response: httpcore2.Response, max_bytes: int) -> Answer:
    headers = headers_of(response)
    if max_bytes == 0:
        return Answer(status=response.status, headers=headers)
    if headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise NoAnswer("The answer is compressed although we asked for plain text.", permanent=True)
    body = bytearray()
    for piece in response.iter_stream():
        body += piece
        if len(body) > max_bytes:
            raise NoAnswer(f"The answer is longer than {max_bytes:,} bytes.", permanent=True)
    return Answer(status=response.status, headers=headers, body=bytes(body))


def headers_of(response: httpcore2.Response) -> dict[str, str]:
    """The headers of an answer, their names in lower case; of several with one name the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}


@functools.cache
def _trust() -> ssl.SSLContext:
    """The system's certificate authorities (or ``SSL_CERT_FILE``); read once, because it takes 20 ms."""
    return ssl.create_default_context()


class _Guard(httpcore2.NetworkBackend):
    """Resolves, checks each number and connects to a number that passed; then looks at the peer again."""

    def __init__(self, allow: bool | Sequence[str], watch: Watch) -> None:
        self._allow, self._watch = allow, watch
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  the deadline rules
        local_address: str | None = None,  # noqa: ARG002  the system chooses
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = self._passing(host, port)
        for number, address in enumerate(addresses, 1):
            try:
                stream = self._plain.connect_tcp(address, port, self._watch.left(), None, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(addresses):
                    raise
                continue
            why = check_address(str(stream.get_extra_info("server_addr")[0]), self._allow)
            if why:
                stream.close()
                raise NoAnswer(f"{host} was not asked: {why}.", ALLOW_HINT, permanent=True)
            return _Timed(stream, self._watch)
        raise httpcore2.ConnectError("no address")

    def _passing(self, host: str, port: int) -> list[str]:
        try:
            return resolved(host, port, self._allow)
        except Unreachable as error:
            raise httpcore2.ConnectError(error.message) from None
        except Forbidden as error:
            raise NoAnswer(error.message, error.hint, permanent=True) from None


class _Timed(httpcore2.NetworkStream):
    """A stream on which no sequence of slow bytes outlives the deadline, nor the one who waits for them."""

    def __init__(self, stream: httpcore2.NetworkStream, watch: Watch) -> None:
        self._stream, self._watch = stream, watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  the deadline rules
        if self._watch.cancelled is None:
            return self._stream.read(max_bytes, self._watch.left())
        while True:
            left = self._watch.left()
            with contextlib.suppress(httpcore2.ReadTimeout):  # nothing is lost: the next read goes on where this was
                return self._stream.read(max_bytes, min(left, TICK))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  the deadline rules
        left = self._watch.left()
        self._watch.sent = True
        self._stream.write(buffer, left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002  the deadline rules
    ) -> httpcore2.NetworkStream:
        left = self._watch.left()
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._watch)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
