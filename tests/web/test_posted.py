"""The swift reading of posted alerts says what the slow one says, or nothing."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW
from tocsin import wire
from tocsin.core.alert import Alert
from tocsin.errors import Invalid
from tocsin.plug.masking import mask_text
from tocsin.store import parcels
from tocsin.times import to_micros
from tocsin.web.posted import Memory, Reader, Unusual, read_posted

SECRETS = ("hunter2-hunter2",)
TEXTS = [
    "",
    "north",
    "hunter2-hunter2",
    "a hunter2-hunter2 b",
    "é\n☃",
    'quo"te\\',
    "x" * 300,
    "password=hunter3hunter3",
]
TIMES = [None, "", "0001-01-01T00:00:00Z", "2026-11-20T10:00:00Z", "2027-01-01T00:00:00.123456789+02:00", "soon",
         "2026-11-21T00:00:00Z", 7]  # fmt: skip
names = st.sampled_from(["alertname", "tower", "bad-name", "", "l.dot"])
objects = st.dictionaries(names, st.sampled_from(TEXTS), max_size=3)
told = st.fixed_dictionaries(
    {"labels": objects | st.just({"alertname": "LampOut"})},
    optional={
        "annotations": objects | st.none(), "startsAt": st.sampled_from(TIMES), "endsAt": st.sampled_from(TIMES),
        "generatorURL": st.sampled_from([None, "", "http://x/?token=abcdefabcdef", "http://é", 1]),
        "other": st.sampled_from(["x", [1]]),
    },
)  # fmt: skip


def slowly(body: bytes, now: datetime) -> list[Alert] | None:
    """What the ordinary door stores, if it has nothing to complain of."""
    try:
        good, faults = read_posted(wire.read_json(body), now)
    except Invalid:
        return None
    return None if faults else [_masked(alert) for alert in good]


def _masked(alert: Alert) -> Alert:
    from dataclasses import replace

    labels = {name: mask_text(text, SECRETS) for name, text in alert.labels.items()}
    notes = {name: mask_text(text, SECRETS) for name, text in alert.annotations.items()}
    return replace(alert, labels=labels, annotations=notes, url=mask_text(alert.url, SECRETS))


def swiftly(reader: Reader, body: bytes, now: datetime) -> list[Alert] | None:
    """What the swift door stores; None for what it hands over."""
    try:
        words = reader.words(body, to_micros(now))
    except Unusual:
        return None
    return [parcels.alert_of(word) for word in parcels.unpack(parcels.pack(to_micros(now), b"x", words))[2]]


READER = Reader(SECRETS, SECRETS)


@given(st.lists(told, max_size=3), st.booleans())
def test_what_is_read_swiftly_is_what_is_read_slowly(posted: list[dict[str, Any]], ascii_only: bool) -> None:
    """Masked alike, with the same defaults; where the slow door would complain the swift one takes nothing."""
    body = json.dumps(posted, separators=(",", ":"), ensure_ascii=ascii_only).encode()
    found, wanted = swiftly(READER, body, NOW), slowly(body, NOW)

    assert found is None or found == wanted
    usual = wanted is not None and not any("other" in one for one in posted)
    assert usual is (found is not None)


@pytest.mark.parametrize(
    "body",
    [
        b'[{"labels":{"a":"1"},"labels":{"a":"2"}}]',
        b'[{"labels":{"a":"1","a":"2"}}]',
        b'[{"labels":{"a":"1"},"l\\u0061bels":{"a":"2"}}]',
        b'[ {"labels":{"a":"1"}}]',
        b'[{"labels":{"a":"\\ud800"}}]',
        b'[{"labels":{"a":"\\u0000"}}]',
        b'[{"labels":{"a":"\xff"}}]',
        b'[{"labels":{"a":1}}]',
        b'[{"labels":{"a":"1"},"new":NaN}]',
        b'[{"labels":{"a":"1"}}] x',
        b'[{"labels":{"a":"1"}},]',
        b'[{}]', b'{}', b'', b'null', b"[" * 100_000,
        b'[{"labels":{"a":"%s"}}]' % (b"x" * 300_000),
    ],
)  # fmt: skip
def test_what_is_unusual_is_handed_over(body: bytes) -> None:
    """Whatever the bytes; a key that stands twice is never one of the two by chance."""
    assert swiftly(READER, body, NOW) is None


def test_a_line_end_behind_the_message_is_usual() -> None:
    """As Go's encoder writes it."""
    assert swiftly(READER, b'[{"labels":{"a":"1"}}]\n', NOW) == slowly(b'[{"labels":{"a":"1"}}]\n', NOW)


def test_what_is_remembered_is_bounded_in_bytes() -> None:
    """However many different things come in, the newest are remembered and the others made anew."""
    made: list[bytes] = []
    memory = Memory(lambda raw: (made.append(raw), len(raw))[1], 10_000)
    for number in range(1000):
        assert memory.get(b"%06d" % number) == 6
    held = len(memory._young) + len(memory._old)

    assert held * 200 <= 10_000
    assert memory.get(b"000999") == 6
    assert len(made) == 1000
    memory.get(b"000000")
    assert len(made) == 1001
