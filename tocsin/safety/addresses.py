"""Web addresses: which GET is known to only look. Nothing is inferred from a missing verb; every word must be listed.

A server may act on a mere GET (``/FLUSHALL``, ``?q=DROP+DATABASE``, ``/commands/srst``), so a list of forbidden words
is no proof. The path is read segment by segment, the query key by key, against the vocabulary in ``specs/words.toml``.
"""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import unquote

from tocsin.safety.finding import READ, Finding, unknown
from tocsin.safety.lexer import VARIABLE
from tocsin.safety.quoting import say
from tocsin.safety.specs import words

_ADDRESS = re.compile(
    r"(?:(?P<scheme>https?)://)?(?:(?P<user>[^/@\s?#]+)@)?(?P<host>\[[0-9a-fA-F:.]+\]|[\w.\x00\x01-]+)"
    r"(?P<port>:[\d\x00\x01]{1,5})?(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:\#.*)?",
    re.IGNORECASE | re.ASCII,
)
_OTHER_PROTOCOL = re.compile(r"(ftp|dict|ldap|imap|smtp|pop3|gopher|file|telnet|tftp|rtsp|mqtt|smb)\b", re.IGNORECASE)
_PREFIXES, _LOOKING, _NOUNS = words("url-prefixes"), words("url-looking"), words("url-nouns")
_PATHS = tuple(path.split("/") for path in words("url-paths"))
_KEYS, _QUERIES, _ACTIONS = words("url-keys"), words("url-query-keys"), words("url-actions")
_SETTINGS, _SETTING_KEYS = words("url-settings"), words("url-setting-keys")
_TIMES, _ENDLESS = words("url-time-keys"), words("url-endless")
_OF = "|".join(sorted(map(re.escape, words("url-id-nouns")), key=len, reverse=True))
_ID_KEY = re.compile(rf"(?:(?:{_OF})s?_?){{1,3}}(?:uu|gu)?ids?")
_TIME = re.compile(
    r"-?\d+(\.\d+)?|(now)?[-+]?\d+(ns|us|ms|s|m|min|h|d|w|M|y)(/[smhdwMy])?|now|today|yesterday|\x01"
    r"|\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+ -]\d{2}:?\d{2})?)?)?"
)
_HEARTBEAT = re.compile(r"/heart[-_]?beats?/(.*/)?ping(\.|/|$)", re.IGNORECASE)
_VERSION = re.compile(r"v\d+(\.\d+)*((alpha|beta)\d+)?|\d{4}-\d{2}-\d{2}")
_IDENTIFIER = re.compile(r"[\w.:~-]*(\d|\x01)[\w.:~\x01-]*", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9._-]*")
_ENDING = re.compile(r"\.(json|xml|txt|html|yaml|yml|php|ico)$")
_HUMPS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_VALUE = re.compile(r"[\w.,:+%*/ @~<>=!\x01-]*")
_QUERY_PATH = re.compile(r"/api/v\d+/(query|query_range|query_exemplars|series|labels|metadata)/?$")
_RANGE = re.compile(r"\[\w+-\w+(:\d+)?\]")
_SECRET = re.compile(r"meta-data|secret|token|password|credential|api[_-]?key", re.IGNORECASE)
_INVOKED = re.compile(r"/functions/v\d+/", re.IGNORECASE)
_PROMQL_WORDS = words("promql-words")
_MOST_NAMES = 2
_LONGEST_KEY = 60

_Kind = Literal["prefix", "looking", "noun", "identifier", "name", ""]


def judge_address(text: str) -> Finding:
    """Whether a GET of this address is known to only look."""
    if text.startswith(VARIABLE) and "/" not in text:
        return unknown('a variable is the whole address, so its path is not known; write `"$NAME/health"`')
    if re.match(r"file:", text, re.IGNORECASE):
        return unknown(f"`{say(text)}` reads a file of this machine")
    match = _ADDRESS.fullmatch(text)
    if match is None or (not match["scheme"] and _OTHER_PROTOCOL.match(text)):
        return unknown(f"`{say(text)}` is not a plain http or https address")
    odd = _host(match["host"]) or _path(match["path"] or "/") or _query(match["query"] or "", match["path"] or "/")
    if odd:
        return unknown(odd)
    secret = ":" in (match["user"] or "") or _SECRET.search(text) is not None
    traits = {"secret": secret, "endless": _streams(match["path"] or "/")}
    return Finding("read", traits=tuple(name for name, held in traits.items() if held))


def judge_data(text: str) -> Finding:
    """``name=value`` that `curl -G` or `--url-query` adds to the address, judged as a part of its query."""
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[\w.\[\]-]+", name):
        return unknown(f"`{say(text)}` is not a plain `name=value`")
    odd = _pair(name, value, "")
    return unknown(odd) if odd else READ


def _host(host: str) -> str:
    if VARIABLE in host and host != VARIABLE:
        return "a variable is a part of the host's name, so it is sent to whoever answers for that name"
    return ""


# The path ------------------------------------------------------------------------------------------------------------


def _path(path: str) -> str:
    """A sentence about the segment that isn't known; empty where all are."""
    if VARIABLE in path:
        return "a variable stands inside the path, and it may name any action"
    plain = unquote(path)
    if re.search(r"//|\\|;|[\x00\x02-\x1f\x7f]|(^|/)\.\.?(/|$)", plain) or "%" in plain or not plain.isascii():
        return f"the path `{say(path)}` is not a plain one"
    segments = [segment for segment in plain.split("/") if segment]
    if any(_fits(segments, known) for known in _PATHS):
        return ""
    if _HEARTBEAT.search(plain):
        return "a ping of a heartbeat tells the watchdog that all is well"
    if _INVOKED.search(plain):
        return "`/functions/` runs a function of the application"
    return _sentence(segments, list(map(_kind, segments)))


def _streams(path: str) -> bool:
    """Whether the answer may never end, as that of Docker's ``/events``; the whole paths that we know all end."""
    segments = [segment for segment in unquote(path).split("/") if segment]
    last = _ENDING.sub("", segments[-1].lower()) if segments else ""
    return last in _ENDLESS and not any(_fits(segments, known) for known in _PATHS)


def _fits(segments: list[str], known: list[str]) -> bool:
    """Whether the path ends in a known one, after nothing but prefixes; ``*`` stands for one plain name."""
    start = len(segments) - len(known)
    if start < 0 or any(_kind(segment) != "prefix" for segment in segments[:start]):
        return False
    pairs = zip(segments[start:], known, strict=True)
    return all(want == segment or (want == "*" and re.fullmatch(r"[\w.*,\x01-]+", segment)) for segment, want in pairs)


def _kind(segment: str) -> _Kind:
    word = _ENDING.sub("", segment.lower()).strip("_") or segment
    if word in _LOOKING:
        return "looking"
    if word in _NOUNS:
        return "noun"
    if word in _PREFIXES or _VERSION.fullmatch(word):
        return "prefix"
    if _acting(segment):
        return ""
    if _IDENTIFIER.fullmatch(segment):
        return "identifier"
    return "name" if _NAME.fullmatch(segment) else ""


def _acting(segment: str) -> bool:
    words_of = [*_HUMPS.findall(segment), re.sub(r"\W|_", "", segment)]
    return any(word.lower() in _ACTIONS for word in words_of)


def _sentence(segments: list[str], kinds: list[_Kind]) -> str:
    """The grammar: prefixes, then nouns with what identifies one, then a word that looks; names only in between."""
    names = 0
    if kinds and kinds[-1] == "prefix" and "name" in kinds:
        return f"`{say(segments[-1])}` at the end of the path doesn't tell that it only looks"
    for place, (segment, kind) in enumerate(zip(segments, kinds, strict=True)):
        before = kinds[place - 1] if place else "prefix"
        last = place == len(segments) - 1
        if kind in ("prefix", "looking", "noun"):
            continue
        if kind in ("identifier", "name") and before == "noun" and place and (kind == "identifier" or not last):
            continue
        if kind == "name" and "noun" in kinds[place + 1 :]:
            return f"`{say(segment)}` in the path may be a verb, and a server may act on a mere GET"
        names += 1
        if not kind or last or not place or names > _MOST_NAMES:
            return f"`{say(segment)}` in the path is not a word that only looks, and a server may act on a mere GET"
    return ""


# The query -----------------------------------------------------------------------------------------------------------


def _query(query: str, path: str) -> str:
    pairs = [unquote(pair.partition("=")[0]).lower() for pair in query.split("&") if pair]
    last = path.rstrip("/").rpartition("/")[2].lower()
    if last == "graphql" and pairs and pairs != ["query"]:
        return "a GraphQL operation must stand in the address as a whole, as `query` alone"
    odd = next((name for name in pairs if name not in _SETTING_KEYS), "") if last in _SETTINGS else ""
    if odd:
        return f"`{say(odd)}` behind `{last}` may set what it names"
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        odd = _pair(name, value, path)
        if odd:
            return odd
    return ""


def _pair(name: str, value: str, path: str) -> str:
    key = unquote(name).lower().strip("_")
    text = unquote(value.replace("+", " "))
    if VARIABLE in name + value:
        return f"a variable stands in the query (`{say(name)}`), and its value would be sent"
    if re.search(r"[\x00\x02-\x1f\x7f]", text):
        return f"the value of `{say(name)}` holds a line break or another control character"
    if key == "query" and path.rstrip("/").endswith("/graphql"):
        return _graphql(text)
    if key in _QUERIES:
        return _measured(text, path)
    if text.lower() in _LOOKING and key in ("action", "p", "page", "mode", "type", "view", "check"):
        return ""
    plain = re.sub(r"\[\w*\]$", "", key).replace("-", "_")
    if plain in _TIMES:
        fits = _TIME.fullmatch(text)
        return "" if fits else f"`{say(name)}` in the query may begin or end something where its value is no time"
    if plain not in _KEYS and not (len(plain) <= _LONGEST_KEY and _ID_KEY.fullmatch(plain)):
        return f"`{say(name)}` in the query is not a key that only chooses what is shown"
    if not _VALUE.fullmatch(text) or _acting(text):
        return f"`{say(name)}={say(value)}` in the query may ask for an action"
    return ""


def _measured(text: str, path: str) -> str:
    """PromQL can't change anything; a key called ``query`` elsewhere may hold any language."""
    if path and not _QUERY_PATH.search(path):
        return "a `query` may hold any command of the server; it is proved for `/api/v1/query` and `/graphql`"
    if _RANGE.search(text) or (path == "" and not _promql(text)):
        return f"`{say(text)}` is not a query that we can read for certain"
    return ""


def _promql(text: str) -> bool:
    """Whether this may be PromQL and no command in words: two names never stand side by side there."""
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "0", text)
    braces = re.findall(r"\{([^{}]*)\}", bare)
    pairs = re.findall(r"([a-z_][\w:]*)\s+(?=([a-z_][\w:]*))", bare, re.IGNORECASE)
    joined = all(_PROMQL_WORDS & {one.lower(), other.lower()} for one, other in pairs)
    return joined and ";" not in bare and all("=" in inside or not inside.strip() for inside in braces)


def _graphql(text: str) -> str:
    if re.match(r"\s*(query\b|\{)", text) and not re.search(r"\b(mutation|subscription)\b", text):
        return ""
    return "only GraphQL operations of the kind `query` are proved"
