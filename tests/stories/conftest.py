"""What every story has in common."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colour codes in what tools print would only make failures harder to read."""
    monkeypatch.setenv("NO_COLOR", "1")
