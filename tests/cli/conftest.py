"""One server for the tests that only ask it things; each of them declares an incident of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Server, folder_with_runbook, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running ``tocsin up shop.md``."""
    folder = folder_with_runbook(tmp_path_factory.mktemp("served"))
    with running(folder) as found:
        yield found


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with a runbook."""
    return folder_with_runbook(tmp_path / "shop")
