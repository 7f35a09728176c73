"""The ferry for each test, put away afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.oncall import ferry
from tocsin.app import App
from tocsin.web import server


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[App, ferry.HandClock]]:
    app, clock = ferry.enter(tmp_path)
    yield app, clock
    app.db.close()


@pytest.fixture
def app(opened: tuple[App, ferry.HandClock]) -> App:
    return opened[0]


@pytest.fixture
def clock(opened: tuple[App, ferry.HandClock]) -> ferry.HandClock:
    return opened[1]


@pytest.fixture
def client(app: App) -> TestClient:
    return TestClient(server.build(app), base_url="http://tocsin.test", raise_server_exceptions=True)
