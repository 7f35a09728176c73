"""What was heard of alerts as bytes: one record of the intake's log for what came in one request, or a piece of it."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from tocsin import wire
from tocsin.core.alert import Alert
from tocsin.core.hearing import HERE, NEVER, RESOLVED, THERE, Heard
from tocsin.errors import Invalid
from tocsin.times import from_micros, to_micros

_TAKEN: dict[str, int] = {"": 0, "here": HERE, "there": THERE}
_TOLD: dict[int, Literal["", "here", "there"]] = {0: "", HERE: "here", THERE: "there"}
_RECORD = struct.Struct("<qHI")
_WORD = struct.Struct("<8sqqqBHIIII")


def pack(received_at: int, source: bytes, words: Iterable[bytes]) -> bytes:
    """A record: when it was received (microseconds), by which door it came, and words as `pack_word` makes them."""
    packed = list(words)
    return b"".join((_RECORD.pack(received_at, len(source), len(packed)), source, *packed))


def pack_word(word: Heard) -> bytes:
    """One word about an alert."""
    head = _WORD.pack(
        word.identity, word.starts_at, word.ends_at, word.updated_at, word.flags, len(word.source), len(word.key),
        len(word.url), len(word.labels), len(word.annotations),
    )  # fmt: skip
    return b"".join((head, word.source, word.key, word.url, word.labels, word.annotations))


def received(record: bytes) -> datetime:
    """When a record was received, without reading the rest of it."""
    return from_micros(_RECORD.unpack_from(record)[0])


def unpack(record: bytes) -> tuple[int, str, list[Heard]]:
    """When it was received, by which door, and the words. Raises `Invalid` for what `pack` never made."""
    try:
        moment, length, count = _RECORD.unpack_from(record)
        at = _RECORD.size + length
        source, words = record[_RECORD.size : at].decode(), []
        for _ in range(count):
            identity, starts, ends, updated, flags, *lengths = _WORD.unpack_from(record, at)
            at, pieces = at + _WORD.size, []
            for one in lengths:
                pieces.append(record[at : at + one])
                at += one
            words.append(Heard(identity, starts, ends, updated, flags, *pieces))
    except (struct.error, UnicodeDecodeError):
        raise Invalid("A record of the intake's log can't be read.") from None
    if at != len(record):
        raise Invalid("A record of the intake's log has another length than it says.")
    return moment, source, words


def heard(alert: Alert) -> Heard:
    """An alert as a word about it."""
    return Heard(
        bytes.fromhex(alert.fingerprint), to_micros(alert.starts_at),
        NEVER if alert.ends_at is None else to_micros(alert.ends_at), to_micros(alert.updated_at),
        (RESOLVED if alert.status == "resolved" else 0) | _TAKEN[alert.acknowledged], alert.source.encode(),
        alert.key.encode(), alert.url.encode(), wire.encode(alert.labels), wire.encode(alert.annotations),
    )  # fmt: skip


def alert_of(word: Heard) -> Alert:
    """The alert that a word is about."""
    return Alert(
        source=word.source.decode(), labels=wire.decode(dict[str, str], word.labels),
        annotations=wire.decode(dict[str, str], word.annotations),
        status="resolved" if word.flags & RESOLVED else "firing", starts_at=from_micros(word.starts_at),
        ends_at=None if word.ends_at == NEVER else from_micros(word.ends_at), updated_at=from_micros(word.updated_at),
        url=word.url.decode(), key=word.key.decode(), acknowledged=_TOLD[word.flags & (HERE | THERE)],
    )  # fmt: skip
