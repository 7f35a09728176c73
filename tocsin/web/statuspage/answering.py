"""What is answered from the kept bytes, and with which headers; and the swift way, without an ASGI cycle.

The swift way takes what browsers and pollers send and answers it in the turn of the loop in which it came: a GET of a
known file, over HTTP/1.1, without a body. All else goes to the ordinary door with every byte, which answers the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from email.utils import format_datetime

from tocsin.web.gate import HEADERS
from tocsin.web.heads import raw_head
from tocsin.web.statuspage.drawing import HTML, policy
from tocsin.web.statuspage.publisher import Kept, Publisher

FRESH = 15
STALE = 86_400
"""Seconds for which caches may answer without us, and go on answering when we don't."""
MOST_HEADS = 4_000
LONGEST_HEAD = 4_096
_ODD = {b"content-length", b"transfer-encoding", b"upgrade", b"range", b"expect", b"content-encoding"}


def headers_of(kept: Kept) -> dict[str, str]:
    """The headers of a file. Anybody may read it from anywhere: it is public, and holds nothing else."""
    found = {
        **HEADERS,
        "Content-Type": kept.type,
        "Cache-Control": f"public, max-age={FRESH}, stale-if-error={STALE}",
        "ETag": f'"{kept.tag}"',
        "Last-Modified": format_datetime(kept.changed_at, usegmt=True),
        "Vary": "Accept-Encoding",
        "Content-Security-Policy": policy() if kept.type == HTML else "default-src 'none'; style-src 'unsafe-inline'",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return found if kept.type == HTML else {**found, "Access-Control-Allow-Origin": "*"}


def unchanged(kept: Kept, if_none_match: str) -> bool:
    """Whether who asks has these very bytes, packed or not."""
    tags = {each.strip().removeprefix("W/").strip('"') for each in if_none_match.split(",")}
    return kept.tag in tags or "*" in tags


def packs(accept_encoding: str) -> bool:
    """Whether gzip may be sent."""
    for each in accept_encoding.lower().split(","):
        name, _, quality = each.partition(";")
        if name.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


class Swift:
    """What the connections of one server share: heads that were seen, and whole answers, made once."""

    def __init__(self, publisher: Publisher, path: str) -> None:
        self._publisher = publisher
        self._prefix = f"{path}/".encode()
        self.line = b"GET " + self._prefix
        self._heads: OrderedDict[bytes, tuple[str, bool, str]] = OrderedDict()
        self._answers: dict[tuple[str, bool, bool], bytes] = {}
        self._of: Mapping[str, Kept] = {}

    def respond(self, raw: bytes, headers: list[tuple[bytes, bytes]]) -> bytes | None:
        """The whole answer to a request's head; None for what is the ordinary door's."""
        asked = self._heads.get(raw) or self._read(raw)
        if asked is None:
            return None
        name, packed, tags = asked
        files = self._publisher.files
        kept = files.get(name)
        if kept is None:
            return None
        if files is not self._of:
            self._answers, self._of = {}, files
        same = bool(tags) and unchanged(kept, tags)
        rest = self._answers.get((name, packed, same)) or self._make(name, kept, packed, same=same)
        status = b"HTTP/1.1 304 Not Modified\r\n" if same else b"HTTP/1.1 200 OK\r\n"
        return b"".join((status, *(b"%s: %s\r\n" % pair for pair in headers), rest))

    def _make(self, name: str, kept: Kept, packed: bool, *, same: bool) -> bytes:
        body = kept.packed if packed and kept.packed else kept.body
        lines = [f"{key}: {value}" for key, value in headers_of(kept).items()]
        if not same:
            lines.append(f"Content-Length: {len(body)}")
            if body is kept.packed:
                lines.append("Content-Encoding: gzip")
        made = "\r\n".join((*lines, "", "")).encode() + (b"" if same else body)
        self._answers[name, packed, same] = made
        return made

    def _read(self, raw: bytes) -> tuple[str, bool, str] | None:
        if len(raw) > LONGEST_HEAD:
            return None
        head = raw_head(raw)
        if head is None or head.method != b"GET":
            return None
        headers = head.headers
        stays = headers.get(b"connection", b"keep-alive").lower() == b"keep-alive"
        if not stays or _ODD & headers.keys():
            return None
        if b"host" not in headers or not head.target.startswith(self._prefix) or b"%" in head.target:
            return None
        name = head.target[len(self._prefix) :].partition(b"?")[0].decode("latin-1") or "index.html"
        tags, accepts = headers.get(b"if-none-match", b""), headers.get(b"accept-encoding", b"")
        found = name, packs(accepts.decode("latin-1")), tags.decode("latin-1")
        if name in self._publisher.files:
            self._heads[raw] = found
            if len(self._heads) > MOST_HEADS:
                self._heads.popitem(last=False)
        return found
