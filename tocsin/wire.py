"""Typed JSON: what comes in is checked against a dataclass, what goes out is made from one."""

from __future__ import annotations

import json
import math
import threading
from typing import Any, TypeVar

import msgspec

from tocsin.errors import Invalid, TooLarge

T = TypeVar("T")

LARGEST_BODY = 16 * 1024 * 1024
_prepared: set[Any] = set()
_preparing = threading.Lock()
_encoder = msgspec.json.Encoder(order="deterministic")


def encode(value: object) -> bytes:
    """JSON with keys in a fixed order, so that equal values are equal bytes."""
    return _encoder.encode(value)


def encode_text(value: object) -> str:
    """`encode`, as text for a database column."""
    return _encoder.encode(value).decode()


def decode(kind: type[T], data: bytes | str) -> T:
    """JSON of our own making → ``kind``. Raises `Invalid` with the place of the fault."""
    prepare(kind)
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError) as error:
        raise Invalid(f"{error}.") from None


def read_json(data: bytes, *, largest: int = LARGEST_BODY) -> Any:
    """JSON from outside → plain values.

    Refuses, with one sentence: more than ``largest`` bytes, text that is not UTF-8, NaN and Infinity, duplicate keys,
    lone surrogates, NUL characters, numbers of thousands of digits and nesting deeper than the parser goes.
    """
    if len(data) > largest:
        raise TooLarge(f"The body has {len(data):,} bytes; at most {largest:,} are read.", "Send less at a time.")
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise Invalid("The body is not UTF-8 text, or holds half of a surrogate pair.", "Send JSON in UTF-8.") from None
    except RecursionError:
        raise Invalid("The JSON is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise Invalid(f"This is not JSON: {error.msg} (line {error.lineno}, column {error.colno}).") from None
    except ValueError as error:
        why = "a number has thousands of digits" if "digits" in str(error) else str(error)
        raise Invalid(f"This JSON can't be read: {why}.") from None
    if "\\u0000" in data.decode() and _has_nul(value):
        raise Invalid("The JSON holds a NUL character, which no field may have.")
    return value


def convert(kind: type[T], value: Any) -> T:
    """Plain values → ``kind``. Raises `Invalid` that names the place (``$.alerts[0].labels``)."""
    prepare(kind)
    try:
        return msgspec.convert(value, type=kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise Invalid(f"{error}.") from None


def convert_words(kind: type[T], fields: object, hint: str = "") -> T:
    """What was typed into a form → ``kind``: numbers and truths may be text. Raises `Invalid` that names the field."""
    prepare(kind)
    try:
        return msgspec.convert(fields, type=kind, strict=False)
    except (msgspec.ValidationError, RecursionError) as error:
        said, _, place = str(error).partition(" - at `$.")
        raise Invalid(f"{said}.", hint, where=place.rstrip("`").replace("_", " ")) from None


def prepare(kind: Any) -> None:
    """Have msgspec look at a type in one thread only: whoever hands a dataclass to msgspec itself calls this first.

    It keeps what it finds out on the class; two threads that meet a dataclass for the first time together end the
    process (msgspec 0.22, seen as a segmentation fault).
    """
    if kind not in _prepared:
        with _preparing:
            msgspec.json.Decoder(kind)
            _prepared.add(kind)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return keys


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any("\0" in key or _has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(_has_nul(item) for item in value)
