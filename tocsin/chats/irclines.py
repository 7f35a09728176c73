"""Lines of IRC, read and written. Source: RFC 1459 and 2812, and IRCv3's message tags (ircv3.net). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

LONGEST_LINE = 512
LONGEST_TAGS = 8191
_ESCAPES = {":": ";", "s": " ", "\\": "\\", "r": "\r", "n": "\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message: who sent it, the command or number, its parameters, its tags."""

    command: str
    params: tuple[str, ...] = ()
    source: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def nick(self) -> str:
        """Under which nick it was sent. Anybody may take a nick: it is a name to answer to, and proves nothing."""
        return self.source.partition("!")[0]

    def param(self, place: int) -> str:
        """A parameter; empty where there is none."""
        return self.params[place] if place < len(self.params) else ""


def read(raw: bytes) -> Line | None:
    """A line as it came; None for one that says nothing."""
    text = raw.decode("utf-8", "replace").rstrip("\r\n")
    tags: dict[str, str] = {}
    if text.startswith("@"):
        said, _, text = text[1:].partition(" ")
        tags = dict(_tags(said))
    text = text.lstrip(" ")
    source = ""
    if text.startswith(":"):
        source, _, text = text[1:].partition(" ")
    text, trailing, last = text.lstrip(" ").partition(" :")
    words = [word for word in text.split(" ") if word]
    if not words:
        return None
    params = (*words[1:], last) if trailing else tuple(words[1:])
    return Line(command=words[0].upper(), params=params, source=source, tags=tags)


def write(command: str, *params: str) -> bytes:
    """A line to send. What could end it, or begin another one, is taken out of the parameters."""
    plain = [harmless(param) for param in params]
    middle = [param.replace(" ", "_").lstrip(":") or "*" for param in plain[:-1]]
    last = [f":{plain[-1]}"] if plain else []
    return _cut(" ".join([command, *middle, *last]), LONGEST_LINE - 2) + b"\r\n"


def pieces(text: str, longest: int) -> Iterator[str]:
    """Text in parts that fit into a line each: by its own lines, then by words, each at most so many bytes."""
    for line in text.replace("\r", "").split("\n"):
        rest = harmless(line).rstrip()
        while rest:
            part = _cut(rest, longest).decode()
            if len(part) < len(rest) and " " in part[longest // 2 :]:
                part = part.rpartition(" ")[0]
            yield part
            rest = rest[len(part) :].lstrip()


def _tags(text: str) -> Iterator[tuple[str, str]]:
    for tag in text.split(";"):
        name, _, value = tag.partition("=")
        if name:
            yield name, _unescape(value)


def _unescape(value: str) -> str:
    made, letters = "", iter(value)
    for letter in letters:
        if letter == "\\":
            follows = next(letters, "")
            made += _ESCAPES.get(follows, follows)
        else:
            made += letter
    return made


def harmless(text: str) -> str:
    """No line end, no NUL, nothing that steers a terminal or its colours."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _cut(text: str, longest: int) -> bytes:
    data = text.encode("utf-8", "replace")
    return data if len(data) <= longest else data[:longest].decode("utf-8", "ignore").encode()
