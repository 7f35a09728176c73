"""The head of a request, read by the parser that the server uses, for doors that answer without an ASGI cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httptools


@dataclass(frozen=True, slots=True)
class RawHead:
    """Method and target as they came, the headers by their names in small letters; ``stays``: so may the connection."""

    method: bytes
    target: bytes
    headers: Mapping[bytes, bytes]
    stays: bool


def raw_head(raw: bytes) -> RawHead | None:
    """A whole head of HTTP/1.1 in which no header stands twice; None for all else."""
    parsed = _Parsed()
    parser = httptools.HttpRequestParser(parsed)
    try:
        parser.feed_data(raw)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    headers = dict(parsed.headers)
    if not parsed.complete or len(headers) != len(parsed.headers) or parser.get_http_version() != "1.1":
        return None
    return RawHead(parser.get_method(), parsed.target, headers, parser.should_keep_alive())


class _Parsed:
    """What httptools tells of a head."""

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.target = b""
        self.complete = False

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.complete = True
