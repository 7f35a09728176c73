"""Alerts as records of the intake's log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import NOW, an_alert
from tocsin.core.alert import Alert
from tocsin.errors import Invalid
from tocsin.store import parcels
from tocsin.times import to_micros

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
moments = st.integers(-(10**6), 10**6).map(lambda seconds: NOW + timedelta(seconds=seconds))
alerts = st.builds(
    Alert,
    source=texts, labels=st.dictionaries(texts, texts, max_size=4),
    annotations=st.dictionaries(texts, texts, max_size=3),
    status=st.sampled_from(["firing", "resolved"]), starts_at=moments, ends_at=st.none() | moments, updated_at=moments,
    url=texts, key=texts, acknowledged=st.sampled_from(["", "here", "there"]), incident=st.none(), muted=st.just(""),
    muted_until=st.none(),
)  # fmt: skip


@given(st.lists(alerts, max_size=5))
def test_every_alert_comes_back_as_it_was(told: list[Alert]) -> None:
    """Also without labels, with a key, in any script; its identity is its fingerprint."""
    record = parcels.pack(to_micros(NOW), "ovens ü".encode(), [parcels.pack_word(parcels.heard(one)) for one in told])
    moment, source, words = parcels.unpack(record)

    assert (moment, source, parcels.received(record)) == (to_micros(NOW), "ovens ü", NOW)
    assert [parcels.alert_of(word) for word in words] == told
    assert [word.identity.hex() for word in words] == [one.fingerprint for one in told]


def test_what_was_never_packed_is_refused() -> None:
    """With a sentence, whatever the bytes."""
    record = parcels.pack(to_micros(NOW), b"x", [parcels.pack_word(parcels.heard(an_alert()))])
    for damaged in (b"", record[:-1], record + b"x", b"\xff" * 100, record[:30]):
        with pytest.raises(Invalid, match="record of the intake's log"):
            parcels.unpack(damaged)
