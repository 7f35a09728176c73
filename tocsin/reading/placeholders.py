"""Gaps in the text: ``<pid>``, ``[Incident ID]``, ``{name}``, ``YOUR_DOMAIN``, ``YYYY-MM-DD``; and their types."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tocsin.core.runbook import Place, Placeholder

_ANGLE = (
    r"<(?![a-z]+:|[!/=<-]|br\b|script\b|details\b|summary\b|table\b|a\b|div\b|p>|b>|i>|img\b|sub>|sup>"
    r"|kbd>|EOF)(?P<angle>[A-Za-z_À-ɏ\u0400-\u9fff가-힣][^<>\n|;&$=]{0,60}?)>"
)
_SQUARE = r"(?<![\w\]$!\\])\[(?P<square>[^\[\]\n]{1,80})\](?![(\[:])"
_GLUED = r"(?<=[A-Za-z])\[(?P<glued>\d+[-/]\d+)\]"
_DOUBLE = r"\{\{\s*(?P<double>[A-Za-z_][\w .-]{0,60}?)\s*\}\}"
_BRACE = r"(?<![$%{\w=~\"'*])\{(?P<brace>[A-Za-z][\w .:/-]{0,60}?)\}(?!\})"
_YOURS = r"(?<![\w$])(?:YOUR|MY)_[A-Z0-9_]+\b"
_YOURS_SMALL = r"(?<![\w.@-])your-[a-z0-9]+(?:-[a-z0-9]+)*\b"
_MASKS = r"\b(?:YYYY-MM-DD(?:[T ]HH:MM(?::SS)?)?|YYYYMMDD|HHMMSS|HH:MM(?::SS)?)\b"
_ALL = re.compile("|".join((_ANGLE, _DOUBLE, _SQUARE, _GLUED, _BRACE, _YOURS, _YOURS_SMALL, _MASKS)))
_TAG = re.compile(r"^[A-Z][A-Z0-9 /_-]*$")
_CODE = re.compile(
    r"^(?:[ x✓~-]|[\d.,\s-]+|[Ee]rrno \d+|[\w.-]*/[\w./-]*\.\w{2,4}|\d+\w{1,2}|\.\.\.|…|[\w.-]*\$.*|\^.*"
    r"|.*[\\+*^]|[a-zA-Z]-[a-zA-Z].*|:\w+:|@\w+|['\"].*|0|!.*|-?\d+:?-?\d*|\^?\d+)$"
)
_BARE = re.compile(
    r"(?:(?<=[^\s#] )|(?<=\())(?<!set )(?<!env )(?<!export )(?<!unset )(?<!get )(?<!add )(?<!rm )(?<![\w$./<{"
    r"\[=\"':%-])(?P<bare>(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:NAME|ID|IP|HASH|TAG|POD|URL|HOST|PORT|USER|FILE"
    r"|VERSION|NUMBER|SHA|DATE)|PID|NAMESPACE|POD|SERVICE_NAME))(?![\w=(])"
)
_KINDS: tuple[tuple[str, str], ...] = (
    ("integer", (r"^(?:p(?:rocess[_ -]?)?id|pid|count|number|replicas?|revision|port|n|num(?:ber)? .*"
                r"|.*[_ -](?:count|number|replicas|port)|new-(?:min|max)|x|\d+-\d+)$")),
    ("url", r"url|endpoint|\blink\b|domain"),
    ("date", r"^(?:date|yyyy-mm-dd|yyyymmdd|.*[_ ]date|due date)$"),
    ("time", r"time|hh:mm|hhmmss|timestamp|^eta$|^detected"),
    ("duration", r"duration|how long|minutes|hours"),
    ("secret", r"key|token|secret|password|passwd|credential"),
    ("sql", r"query|sql|statement"),
    ("contact", r"contact|phone|email|e-mail|slack|pager"),
    ("name", r".[ _-]name$"),
    ("person", r"^(?:your |full )?name$|owner|author|engineer|^ic$|commander|lead\b|@"),
    ("choice", r"^[^/]{1,30}(?:/[^/]{1,30})+$"),
    ("path", r"path|file|dir(?:ectory)?\b"),
    ("id", r"\bid\b|[_-]id$|^id$|hash|tag|sha|commit|version|deployment"),
    ("name", (r"pod|service|namespace|function|node|host|instance|container|deployment|table|database|region"
             r"|app\b|project|org|repo")),
)  # fmt: skip
_TYPES = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS)


def find_placeholders(text: str, *, command: bool = False) -> tuple[str, ...]:
    """The distinct gaps of a text in order, as written; in a ``command`` bare capitals (``POD_NAME``) count too."""
    found: list[str] = []
    for match in _ALL.finditer(text):
        whole, square = match.group(), match.group("square")
        if square is not None and (_CODE.match(square) or (_TAG.match(square) and not _looks_open(square))):
            continue
        if command and square is not None and _in_code(text, match.start()):
            continue
        if (
            match.group("brace")
            and (command or re.search(r"[:=]", match.group("brace")))
            and not _standalone(text, match)
        ):
            continue
        if match.group("double") and match.group("double").startswith("."):
            continue
        found.append(whole)
    if command:
        bare = dict.fromkeys(match.group("bare") for match in _BARE.finditer(text))
        found += [name for name in bare if not _assigned(text, name)]
    return tuple(dict.fromkeys(found))


def _looks_open(square: str) -> bool:
    """``[TIME]`` and ``[X]`` are gaps although they are written like the tags ``[RESOLVED]`` and ``[HOTFIX]``."""
    return bool(
        re.search(
            r"^X+$|\b(?:TIME|DATE|NAME|NUMBER|LINK|OWNER|SERVICE|IMPACT|DESCRIPTION|ETA|DURATION|ID|LIST"
            r"|COUNT|REASON|CAUSE|COMMAND|COMANDO|COMMANDE|BEFEHL)\b",
            square,
        )
    )


def _in_code(text: str, start: int) -> bool:
    """Whether a bracket belongs to code: an index, a jq path, a test, a glob, a PromQL range."""
    before = text[max(0, start - 40) : start].rstrip()
    empty = start > 0 and text[start - 1] in ".*?\"'" and text[start : start + 2] == "[]"
    return empty or before.endswith((".", "[", "if", "while", "then", "&&", "||"))


def _standalone(text: str, match: re.Match[str]) -> bool:
    inner, before = match.group("brace"), text[max(0, match.start() - 12) : match.start()]
    path_like = before.endswith(("/", "-", "_", " ")) and not re.search(r"\b(?:by|without)\s$", before)
    return bool(inner) and path_like and not re.search(r"[:=\"', ]", inner)


def _assigned(text: str, name: str) -> bool:
    return bool(re.search(rf"(?:\$\{{?{name}|\b{name}=)", text))


def kind_of(placeholder: str) -> str:
    """What a gap takes: one of the words in ``_KINDS`` (integer, url, date, secret, …), else "text"."""
    inner = re.sub(r"^(?:YOUR|MY)[_-]|^your-", "", placeholder.strip("<>[]{} \t"), flags=re.IGNORECASE)
    words = re.sub(r"[_-]", " ", inner)
    return next((kind for kind, pattern in _TYPES if pattern.search(inner) or pattern.search(words)), "text")


def collect(places: Iterable[tuple[str, int]]) -> tuple[Placeholder, ...]:
    """Gaps with their lines → one entry for each, with its type and every place."""
    lines: dict[str, list[int]] = {}
    for text, line in places:
        known = lines.setdefault(text, [])
        if line not in known:
            known.append(line)
    return tuple(
        Placeholder(text=text, type=kind_of(text), places=tuple(Place(line=line) for line in sorted(found)))
        for text, found in lines.items()
    )
