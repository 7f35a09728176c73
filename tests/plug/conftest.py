"""What the tests of plugins share: a site, a notice, a moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.plug.serving import Site, serving
from tocsin.core.notices import Notice


@pytest.fixture
def site() -> Iterator[Site]:
    """A real HTTP server."""
    with serving() as running:
        yield running


@pytest.fixture
def now() -> datetime:
    """A fixed moment."""
    return datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def notice() -> Notice:
    """A page about an incident."""
    return Notice(
        id="ntc_1", incident="INC-7", kind="page", to="ana", why="unresolved for 30 min (line 144)",
        subject="P1 Queue stuck", body="212 mails are waiting.\nSee the queue – now.", url="https://tocsin.example.org/INC-7",
        severity="P1",
    )  # fmt: skip
