"""`tocsin alerts list`, with an alert that flaps."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx2

from tests.cli.terminal import Server, running
from tests.house import until


def says(server: Server, *, ends: bool) -> None:
    """Monitoring says that checkout fails, or that it no longer does."""
    told = {"labels": {"alertname": "CheckoutFails"}, **({"endsAt": datetime.now(UTC).isoformat()} if ends else {})}
    headers = {"Authorization": f"Bearer {server.token}"}
    assert httpx2.post(f"{server.url}/api/v2/alerts", json=[told], headers=headers).status_code == 200
    until(lambda: bool(firing(server)) is not ends)


def firing(server: Server) -> list[dict[str, object]]:
    """What fires."""
    listed: list[dict[str, object]] = server("alerts", "list", "--json").json["alerts"]
    return listed


def test_an_alert_that_flaps_is_marked(shop: Path) -> None:
    """In the table behind its name, in JSON by itself."""
    with running(shop) as server:
        says(server, ends=False)
        assert "(flaps)" not in server("alerts", "list").out
        for _ in range(3):
            says(server, ends=True)
            says(server, ends=False)
        assert "CheckoutFails (flaps)" in server("alerts", "list").out
        assert [one["flaps"] for one in firing(server)] == [True]
