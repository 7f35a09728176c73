"""A request over HTTP as a runbook writes it: ``GET https://host/path``, lines of headers, a blank line, a body.

One strict reading serves the verdict, the filling of gaps and the executor, so that what is sent is what was judged
(RFC 9110 and 9112, their laxer forms left out). What could be read in two ways is refused with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tocsin.errors import Invalid

Role = Literal["method", "address", "version", "header", "body"]

_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_FIRST = re.compile(r"(?P<method>\S+)[ \t]+(?P<address>\S+)(?:[ \t]+(?P<version>HTTP/(?:1\.[01]|2(?:\.0)?|3)))?[ \t]*")
_METHOD = re.compile(r"[A-Z]{3,20}(?:-[A-Z]{1,20})?")
_HEADER = re.compile(rf"(?P<name>{_NAME}):[ \t]*(?P<value>.*?)[ \t]*")
_ADDRESS = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<rest>.*)", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_\x01](?:[A-Za-z0-9_.\x01-]*))(?::(?P<port>\d{1,5}))?")
_PATH_ALONE = re.compile(r"[A-Z-]+[ \t]+(?=/(?!/))")
_UNSENDABLE = re.compile(r"[^!#$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~\x01-]")
_VARIABLE = re.compile(r"\$(?:\{(?P<braced>[A-Za-z_]\w*)\}|(?P<plain>[A-Za-z_]\w*))", re.ASCII)
_TRAVEL = """
content-length transfer-encoding connection keep-alive upgrade te trailer expect accept-encoding http2-settings
proxy-authorization proxy-connection
"""
_OURS = frozenset(_TRAVEL.split())
"""Headers that say how a message travels. Who sends it sets them; written twice, they hide a second request in one."""
_NO_REQUESTS = {"CONNECT": "opens a tunnel", "TRACE": "sends back what may be secret"}
_PORTS = {"http": 80, "https": 443}


class Unreadable(Invalid):
    """The sentence that says what is wrong with a request; ``at`` and ``end`` say where it stands in the text."""

    def __init__(self, message: str, hint: str = "", *, at: int = 0, end: int = 0) -> None:
        super().__init__(message, hint)
        self.at, self.end = at, end


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of the text. ``name`` is that of a header, in small letters."""

    role: Role
    text: str
    at: int
    name: str = ""

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.at + len(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One request, every part as it was written. ``scheme`` is empty where the address is a path alone."""

    pieces: tuple[Piece, ...]
    method: str
    address: str
    scheme: str
    host: str
    port: int
    target: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """Who is asked: scheme, host in small letters, port."""
        return self.scheme, self.host.lower(), self.port

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables in the values of its headers."""
        found = (match for _, value in self.headers for match in _VARIABLE.finditer(value))
        return tuple(dict.fromkeys(match["braced"] or match["plain"] for match in found))


def parse(text: str, *, gaps: bool = False) -> HttpRequest:
    """The request that a text is; with ``gaps`` the character 1 may stand for one that is open. Raises `Unreadable`."""
    _must_be_plain(text, "\n\t\x01" if gaps else "\n\t")
    head, blank, body = text.partition("\n\n")
    lines = head.split("\n")
    pieces = [*_first(lines[0])]
    method, address = pieces[0].text, pieces[1]
    at = len(lines[0]) + 1
    headers: dict[str, str] = {}
    for line in lines[1:]:
        if line:
            pieces.append(_header(line, at, headers))
        at += len(line) + 1
    body = body.rstrip("\n") if body.strip() else ""
    if body:
        pieces.append(Piece(role="body", text=body, at=len(head) + len(blank)))
    scheme, host, port, target = _where(address)
    request = HttpRequest(
        pieces=tuple(pieces), method=method, address=address.text, scheme=scheme, host=host, port=port, target=target,
        headers=tuple(headers.items()), body=body,
    )  # fmt: skip
    _same_host(request)
    return request


def with_address(text: str, base_url: str) -> str:
    """The request, gaps and all, with a path alone sent to ``base_url``; any other one stays as it is."""
    path = _PATH_ALONE.match(text) if base_url else None
    return text[: path.end()] + base_url.rstrip("/") + text[path.end() :] if path else text


def authority_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address (`HttpRequest.origin`). Raises `Unreadable`."""
    scheme, host, port, _ = _where(Piece(role="address", text=url, at=0))
    return scheme, host.lower(), port


def filled(value: str, variables: Mapping[str, str]) -> str:
    """The value of a header with its variables put in; each must be there."""
    return _VARIABLE.sub(lambda match: variables[match["braced"] or match["plain"]], value)


def covered(value: str, mark: str) -> str:
    """The value of a header with a mark for each of its variables."""
    return _VARIABLE.sub(mark, value)


def _must_be_plain(text: str, allowed: str) -> None:
    for at, char in enumerate(text):
        if char == "\r":
            said = "A carriage return stands in the request; it could begin a second one."
            raise Unreadable(said, "End lines with a line feed alone.", at=at, end=at + 1)
        if (char < " " and char not in allowed) or char in "\x7f\x85\u2028\u2029":
            raise Unreadable("A control character stands in the request.", "Take it out.", at=at, end=at + 1)


def _first(line: str) -> Sequence[Piece]:
    match = _FIRST.fullmatch(line)
    if match is None:
        said = f"{_short(line)} is not the first line of a request."
        raise Unreadable(said, "Write it as `GET https://host/path`.", end=len(line))
    method = match["method"]
    if not _METHOD.fullmatch(method):
        raise Unreadable(f"{_short(method)} is not a method.", "Methods are capitals, such as GET.", end=len(method))
    if method in _NO_REQUESTS:
        raise Unreadable(f"`{method}` {_NO_REQUESTS[method]}, and is not sent.", end=len(method))
    roles: tuple[Role, ...] = ("method", "address", "version")
    return [Piece(role=role, text=match[role], at=match.start(role)) for role in roles if match[role]]


def _header(line: str, at: int, known: dict[str, str]) -> Piece:
    """The header in a line, which ``known`` gets too."""
    end = at + len(line)
    match = _HEADER.fullmatch(line)
    if match is None or line.startswith("#"):
        said = f"{_short(line)} is not a header."
        raise Unreadable(said, "Write it as `Name: value`; the body begins behind a blank line.", at=at, end=end)
    name, value = match["name"].lower(), match["value"]
    if name in _OURS:
        said = f"The header `{match['name']}` says how the message travels, which is not the runbook's to say."
        raise Unreadable(said, "Leave it out.", at=at, end=end)
    if not value.isascii():
        raise Unreadable(f"The value of `{match['name']}` is not plain ASCII.", "Write it so.", at=at, end=end)
    if name in known:
        raise Unreadable(f"The header `{match['name']}` stands twice.", "Keep one of them.", at=at, end=end)
    known[name] = value
    return Piece(role="header", text=line.rstrip(), at=at, name=name)


def _where(piece: Piece) -> tuple[str, str, int, str]:
    """Scheme, host, port and target of an address, the first three empty for a path alone."""
    text, place = piece.text, {"at": piece.at, "end": piece.end}
    odd = _UNSENDABLE.search(text)
    if odd:
        said = f"`{odd.group()}` can't stand in an address."
        raise Unreadable(said, "Write it percent-encoded, or fill the gap that it belongs to.", **place)
    if text.startswith("\x01") or (text.startswith("/") and not text.startswith("//")):
        return "", "", 0, text.partition("#")[0]
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise Unreadable(f"{_short(text)} doesn't begin with https:// or http://.", "Write the whole address.", **place)
    if "@" in match["authority"]:
        hint = "Name a header under `headers` of the target instead."
        raise Unreadable("The address holds a user name or password, which would stand in logs.", hint, **place)
    found = _AUTHORITY.fullmatch(match["authority"])
    scheme = match["scheme"].lower()
    port = int((found and found["port"]) or _PORTS[scheme])
    if found is None or not 0 < port < 65_536:
        raise Unreadable(f"{_short(match['authority'])} is not a host.", "Write a name or an address.", **place)
    target = match["rest"].partition("#")[0]
    return scheme, found["host"], port, target if target.startswith("/") else f"/{target}"


def _same_host(request: HttpRequest) -> None:
    """A ``Host`` that differs from the address would be answered by somebody else than who is shown."""
    piece = next((piece for piece in request.pieces if piece.name == "host"), None)
    if piece is None or not request.scheme:
        return
    found = _AUTHORITY.fullmatch(dict(request.headers)["host"])
    named = (found["host"].lower(), int(found["port"] or _PORTS[request.scheme])) if found else ("", 0)
    if named != request.origin[1:]:
        said = f"The header `Host` names another machine than the address, which is {request.host}."
        raise Unreadable(said, "Leave the header out.", at=piece.at, end=piece.end)


def _short(text: str) -> str:
    plain = " ".join(text.replace("\x01", "<…>").split())
    return f"`{plain if len(plain) <= 60 else plain[:57] + '…'}`"
