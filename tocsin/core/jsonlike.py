"""JSON as documents write it (with ``…`` for what does not matter), found in an output and compared."""

from __future__ import annotations

import json
import re
from typing import Any

ANYTHING = "\ue000…"
MORE = "\ue000… more"
_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<gap>\.{3}|…|<[^<>\n]{1,60}>)|(?P<word>[-+\w.]+)|(?P<sign>[{}\[\]:,]))'
)
_STRING_GAP = re.compile(r"\.{3}|…|<[^<>\n]{1,60}>")
DEEPEST, MOST_DOCUMENTS = 40, 200


class NotJson(ValueError):
    """A text that is not JSON, gaps and all."""


def read_pattern(text: str) -> Any:
    """JSON in which ``...``, ``…`` or ``<words>`` may stand for a value or for further members. Raises `NotJson`."""
    tokens: list[tuple[str, str]] = []
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if not match:
            raise NotJson(text[at : at + 20])
        tokens.append((match.lastgroup or "", match.group(match.lastgroup or 0)))
        at = match.end()
    value, rest = _value(tokens, 0, 0)
    if rest != len(tokens):
        raise NotJson("more than one value")
    return value


def documents(text: str) -> list[Any]:
    """The JSON documents in an output: all of it, one on each line, or one inside other words."""
    try:
        return [json.loads(text)]
    except (ValueError, RecursionError):
        pass
    decoder, at = json.JSONDecoder(), 0
    found: list[Any] = []
    while len(found) < MOST_DOCUMENTS:
        start = re.compile(r"[{\[]").search(text, at)
        if not start:
            break
        try:
            value, at = decoder.raw_decode(text, start.start())
            found.append(value)
        except (ValueError, RecursionError):
            following = text.find("\n", start.start())
            at = following + 1 if following >= 0 else len(text)
    return found


def difference(pattern: Any, value: Any, path: str = "$") -> str:
    """The first place where a value is not what the pattern asks for; empty where it fits. More members are allowed."""
    if pattern == ANYTHING and isinstance(pattern, str):
        return ""
    if isinstance(pattern, dict):
        return _of_object(pattern, value, path)
    if isinstance(pattern, list):
        return _of_list(pattern, value, path)
    if isinstance(pattern, str) and isinstance(value, str):
        return "" if _fits(pattern, value) else f"{path}: expected {_say(pattern)}, came {_say(value)}"
    same = pattern == value and isinstance(pattern, bool) == isinstance(value, bool)
    return "" if same else f"{path}: expected {_say(pattern)}, came {_say(value)}"


def _of_object(pattern: dict[str, Any], value: Any, path: str) -> str:
    if not isinstance(value, dict):
        return f"{path}: expected an object, came {_say(value)}"
    for key, wanted in pattern.items():
        if key == MORE:
            continue
        if key not in value:
            return f"{path}.{key}: expected {_say(wanted)}, is missing"
        found = difference(wanted, value[key], f"{path}.{key}")
        if found:
            return found
    return ""


def _of_list(pattern: list[Any], value: Any, path: str) -> str:
    if not isinstance(value, list):
        return f"{path}: expected a list, came {_say(value)}"
    left = list(value)
    for index, wanted in enumerate(each for each in pattern if not (isinstance(each, str) and each == MORE)):
        fitting = next((place for place, each in enumerate(left) if not difference(wanted, each)), None)
        if fitting is None:
            aligned = difference(wanted, value[index], f"{path}[{index}]") if index < len(value) else ""
            return aligned or f"{path}: expected {_say(wanted)} in the list, is missing"
        del left[fitting]
    return f"{path}: expected an empty list, came {_say(value)}" if not pattern and value else ""


def _fits(pattern: str, value: str) -> bool:
    pieces = [re.escape(piece) for piece in _STRING_GAP.split(pattern)]
    if len(pieces) > 6:
        return pattern == value
    return re.fullmatch(".{0,2000}?".join(pieces), value, re.DOTALL) is not None


def _say(value: Any) -> str:
    if value == ANYTHING:
        return "anything"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:80] + "…"


def _value(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Any, int]:
    kind, text = tokens[at] if at < len(tokens) and depth < DEEPEST else ("", "")
    if text == "{":
        return _object(tokens, at + 1, depth + 1)
    if text == "[":
        return _list(tokens, at + 1, depth + 1)
    if kind == "gap":
        return ANYTHING, at + 1
    if kind in ("string", "word"):
        try:
            return json.loads(text), at + 1
        except ValueError:
            raise NotJson(text) from None
    raise NotJson(text or "it ends too early")


def _object(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[dict[str, Any], int]:
    made: dict[str, Any] = {}
    while _text(tokens, at) != "}":
        kind, text = tokens[at] if at < len(tokens) else ("", "")
        if kind == "gap":
            made[MORE], at = ANYTHING, at + 1
        elif kind == "string" and _text(tokens, at + 1) == ":":
            made[json.loads(text)], at = _value(tokens, at + 2, depth)
        else:
            raise NotJson(text)
        at = _past_comma(tokens, at, "}")
    return made, at + 1


def _list(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[list[Any], int]:
    made: list[Any] = []
    while _text(tokens, at) != "]":
        if at < len(tokens) and tokens[at][0] == "gap":
            made.append(MORE)
            at += 1
        else:
            value, at = _value(tokens, at, depth)
            made.append(value)
        at = _past_comma(tokens, at, "]")
    return made, at + 1


def _past_comma(tokens: list[tuple[str, str]], at: int, end: str) -> int:
    if _text(tokens, at) == ",":
        return at + 1
    if _text(tokens, at) != end:
        raise NotJson(_text(tokens, at) or "it ends too early")
    return at


def _text(tokens: list[tuple[str, str]], at: int) -> str:
    return tokens[at][1] if at < len(tokens) else ""
