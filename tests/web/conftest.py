"""Fixtures of the HTTP tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web import house
from tests.web.serving import Serving, serving
from tocsin.app import App


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The application over a new SQLite file."""
    house.furnish(tmp_path)
    opened = house.enter(tmp_path)
    yield opened
    opened.db.close()


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    """A client of it, without a token and without the engine."""
    with house.client_of(app) as opened:
        yield opened


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    """A real server with its engine, in a process of its own, on a free port."""
    house.furnish(tmp_path)
    with serving(tmp_path) as running:
        yield running
