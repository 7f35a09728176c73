"""Fixtures of the status page's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.statuspage import pier
from tests.statuspage.pier import HandClock
from tocsin.app import App


@pytest.fixture
def clock() -> HandClock:
    """A clock that is turned by hand."""
    return HandClock()


@pytest.fixture
def app(tmp_path: Path, clock: HandClock) -> Iterator[App]:
    """The application over a new SQLite file."""
    opened = pier.enter(tmp_path, clock=clock)
    yield opened
    opened.db.close()
