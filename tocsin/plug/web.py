"""Requests to other people's addresses, guarded: the address that is connected to is the address that was checked.

A URL comes from a configuration file, a person's contact or a form, and its name resolves to what a stranger's DNS
says. So the check is made on the numbers, at the moment of connecting; there are no redirects, no proxies and no
decompression; time and size have a limit over the whole answer. Importing this takes a tenth of a second: do it late.
"""

from __future__ import annotations

import functools
import re
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
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
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9._])?|[0-9A-Fa-f:.]+")
USER_AGENT = f"Tocsin/{__version__}"


class NoAnswer(TocsinError):
    """The request had no usable answer. ``permanent``: the URL or our own guard is the reason, not the other side."""

    def __init__(self, message: str, hint: str = "", *, permanent: bool = False) -> None:
        super().__init__(message, hint)
        self.permanent = permanent


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
    deadline = time.monotonic() + timeout.total_seconds()
    guard = _Guard(allow, deadline)
    where = f"{target.scheme}://{_host_header(target)}"
    try:
        with httpcore2.ConnectionPool(ssl_context=_trust(), network_backend=guard, max_connections=1) as pool:
            request = httpcore2.Request(
                method, _core_url(target), headers=_encode_headers(sent), content=body,
                extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), timeout.total_seconds())},
            )  # fmt: skip
            return _read(pool, request, max_bytes)
    except httpcore2.TimeoutException:
        raise NoAnswer(f"{where} did not answer within {timeout.total_seconds():g} s.") from None
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


def _read(pool: httpcore2.ConnectionPool, request: httpcore2.Request, max_bytes: int) -> Answer:
    response = pool.handle_request(request)
    try:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
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
    finally:
        response.close()


@functools.cache
def _trust() -> ssl.SSLContext:
    """The system's certificate authorities (or ``SSL_CERT_FILE``); read once, because it takes 20 ms."""
    return ssl.create_default_context()


class _Guard(httpcore2.NetworkBackend):
    """Resolves, checks each number and connects to a number that passed; then looks at the peer again."""

    def __init__(self, allow: bool | Sequence[str], deadline: float) -> None:
        self._allow, self._deadline = allow, deadline
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
                stream = self._plain.connect_tcp(address, port, _left(self._deadline), None, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(addresses):
                    raise
                continue
            why = check_address(str(stream.get_extra_info("server_addr")[0]), self._allow)
            if why:
                stream.close()
                raise NoAnswer(f"{host} was not asked: {why}.", ALLOW_HINT, permanent=True)
            return _Timed(stream, self._deadline)
        raise httpcore2.ConnectError("no address")

    def _passing(self, host: str, port: int) -> list[str]:
        try:
            return resolved(host, port, self._allow)
        except Unreachable as error:
            raise httpcore2.ConnectError(error.message) from None
        except Forbidden as error:
            raise NoAnswer(error.message, error.hint, permanent=True) from None


class _Timed(httpcore2.NetworkStream):
    """A stream on which no sequence of slow bytes outlives the deadline."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  the deadline rules
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  the deadline rules
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002  the deadline rules
    ) -> httpcore2.NetworkStream:
        left = _left(self._deadline)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("deadline")
    return left
