"""Signals over HTTP: heartbeats that call, what is measured, one reading of everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.plug.serving import Site, serving
from tests.web import house
from tests.web.house import bearer
from tests.web.test_permissions import make_token
from tocsin.app import App
from tocsin.core.runbook import Rule
from tocsin.core.systemhealth import Limit
from tocsin.settings import read_settings
from tocsin.store import heartbeats

PLACE = "/in/heartbeat/nightly-backup"


@pytest.fixture
def site() -> Iterator[Site]:
    """What one of the signals asks."""
    with serving() as running:
        yield running


@pytest.fixture
def measuring(app: App, tmp_path: Path, site: Site) -> App:
    """The house with three signals and a threshold on two metrics."""
    site.headers, site.body = {"content-type": "application/json"}, b'{"lamps": [1, 2, 3]}'
    config = tmp_path / "tocsin.toml"
    config.write_text(
        f"""{house.CONFIG}
[signals."backup age"]
probe = "heartbeat"
name = "nightly-backup"
[signals."lamps lit"]
probe = "http"
url = "{site.url}"
measure = "json"
json = "lamps"
clear = 4
[signals."horn"]
probe = "tcp"
host = "169.254.169.254"
port = 1
""",
        "utf-8",
    )
    app.settings = read_settings(config, {})
    book = app.books[0]
    rules = [
        Rule(metric=metric, op="<", value=3.0, line=number, for_minutes=5.0)
        for number, metric in enumerate(("Lamps lit", "Fuel"), 7)
    ]
    app.books = (replace(book, rules=tuple(rules)),)
    return app


def heard(app: App) -> bool:
    """Whether the heartbeat was ever called."""
    return app.db.read(lambda tx: heartbeats.last(tx, "nightly-backup")) is not None


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("how", ["header", "query"])
def test_a_heartbeat_is_a_call_with_a_token(client: TestClient, measuring: App, method: str, how: str) -> None:
    """By either method, the token in the header or in the address; its moment is kept."""
    token = house.TOKENS["agent"]
    answer = client.request(
        method,
        PLACE if how == "header" else f"{PLACE}?token={token}",
        headers=bearer("agent") if how == "header" else {},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["heartbeat"] == "nightly-backup"
    assert heard(measuring)


def test_who_may_not_send_alerts_may_not_beat(client: TestClient, measuring: App) -> None:
    """Nobody, a viewer, and a token for something else; looking at the address is no call."""
    assert client.post(PLACE).status_code == 401
    assert client.post(f"{PLACE}?token=wrong-wrong-wrong-wrong").status_code == 401
    assert client.post(PLACE, headers=bearer("viewer")).status_code == 403
    assert client.post(PLACE, headers=make_token(measuring, "other", "admin", "incidents:read")).status_code == 403
    assert client.head(PLACE, headers=bearer("agent")).status_code == 200
    assert not heard(measuring)
    assert client.post(PLACE, headers=make_token(measuring, "backup", "agent", "alerts:send")).status_code == 200
    assert heard(measuring)


def test_a_name_that_nobody_listens_to_is_said(client: TestClient, measuring: App) -> None:
    """A wrong name must not look like a job that is alive."""
    answer = client.post("/in/heartbeat/nihgtly-backup", headers=bearer("agent"))
    assert answer.status_code == 404
    assert "No signal listens" in answer.text


def test_what_is_measured_is_listed(client: TestClient, measuring: App) -> None:
    """Bound signals in the order of the file, with their thresholds; then metrics that nothing measures."""
    found = client.get("/api/v1/signals", headers=bearer("viewer")).json()["signals"]
    assert [(each["metric"], each["probe"]) for each in found] == [
        ("backup age", "heartbeat"), ("lamps lit", "http"), ("horn", "tcp"), ("Fuel", ""),
    ]  # fmt: skip
    (threshold,) = found[1]["thresholds"]
    assert (threshold["text"], threshold["ends"], threshold["for_seconds"], threshold["state"], threshold["line"]) == (
        "Lamps lit < 3", ">= 4", 300.0, "inactive", 7,
    )  # fmt: skip


def test_everything_is_read_once(client: TestClient, measuring: App) -> None:
    """Each value or the reason why there is none; only people who respond may have it read."""
    assert client.post("/api/v1/signals/read", headers=bearer("viewer")).status_code == 403
    answer = client.post("/api/v1/signals/read", headers=bearer("responder"), json={})
    found = {each["metric"]: each for each in answer.json()["readings"]}
    assert found["lamps lit"]["value"] == 3
    assert "never been called" in found["backup age"]["problem"]
    assert "was not asked" in found["horn"]["problem"]
    assert client.get("/api/v1/signals", headers=bearer("viewer")).json()["signals"][1]["value"] == 3


def test_the_health_of_the_whole_is_one_state(client: TestClient, measuring: App, site: Site) -> None:
    """What crosses a threshold degrades, what has no value is unknown; a viewer is told by the last readings."""
    assert client.get("/api/v1/health").status_code == 401
    fresh = client.post("/api/v1/signals/read", headers=bearer("responder"), json={}).json()["health"]
    assert (fresh["state"], {each["metric"] for each in fresh["checks"]}) == (
        "unknown", {"backup age", "lamps lit", "horn"},
    )  # fmt: skip
    site.body = b'{"lamps": [1]}'
    client.post("/api/v1/signals/read", headers=bearer("responder"), json={})
    told = client.get("/api/v1/health", headers=bearer("viewer")).json()
    assert told["state"] == "degraded"
    assert "Lamps lit < 3 is crossed" in told["why"]


def test_the_page_of_signals_says_how_the_system_is(client: TestClient, measuring: App, site: Site) -> None:
    """The whole first; a check that fails says so where it stands, and a signal without a limit claims nothing."""
    measuring.settings = replace(
        measuring.settings,
        signals=tuple(replace(each, healthy=Limit(op=">=", value=9)) for each in measuring.settings.signals),
    )
    client.post("/api/v1/signals/read", headers=bearer("responder"), json={})
    page = client.get("/signals", headers=bearer("viewer"))
    assert "lamps lit: it is 3, healthy while &gt;= 9" in page.text
    assert "unhealthy" in page.text
