"""The health of the system beside an incident, on its page and for programs; and the words of numbers there."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.plug.serving import Site, serving
from tests.web import house
from tests.web.house import bearer
from tests.web.test_permissions import make_token
from tocsin.app import App
from tocsin.core.watching import say_value
from tocsin.engine.surveyor import Surveyor
from tocsin.errors import Invalid
from tocsin.service import systemhealth
from tocsin.settings import Settings, read_settings
from tocsin.web.charts import tick

PIER = """
[signals."pier <b>"]
probe = "http"
url = "{url}"
[signals."tide"]
probe = "http"
url = "{url}"
measure = "json"
json = "tide"
unit = "cm"
healthy = "< 500"
essential = false
"""
SUPPLIER = """
[signals."weather"]
probe = "statuspage"
url = "{url}"
"""


@pytest.fixture
def site() -> Iterator[Site]:
    """What the signals ask."""
    with serving() as running:
        running.headers, running.body = {"content-type": "application/json"}, b'{"tide": 1900}'
        yield running


@pytest.fixture
def pier(app: App, client: TestClient, tmp_path: Path, site: Site) -> App:
    """The lighthouse with two checks, and one incident."""
    client.headers.update(bearer("responder"))
    app.settings = settings(tmp_path, PIER, site)
    client.post("/api/v1/incidents", json={"title": "Dark", "scenario": "the lamp", "severity": "P1"})
    return app


def settings(folder: Path, text: str, site: Site) -> Settings:
    """The house's own settings with some signals."""
    path = folder / "tocsin.toml"
    path.write_text(house.CONFIG + text.replace("{url}", site.url), "utf-8")
    return read_settings(path, {})


def test_what_is_measured_besides_stands_there_then_and_now(pier: App, client: TestClient, site: Site) -> None:
    """Values of the beginning are kept; the page says what is ill now, and no name becomes markup."""
    systemhealth.examine(pier)
    Surveyor(pier).turn()
    site.body = b'{"tide": 20}'
    systemhealth.examine(pier)

    found = client.get("/api/v1/incidents/INC-1/context").json()
    page = client.get("/incidents/INC-1").text

    assert {each["metric"]: each["value"] for each in found["then"]["signals"]} == {"pier <b>": 1, "tide": 1900}
    assert (found["health"]["state"], "1,900 cm when it began" in page, "tide 1,900 cm" in page) == (
        "healthy",
        True,
        True,
    )
    assert "pier &lt;b&gt;" in page
    assert "pier <b>" not in page


def test_what_is_bound_while_an_incident_is_open_does_not_break_its_page(
    pier: App, client: TestClient, tmp_path: Path, site: Site
) -> None:
    """A supplier and a signal of which nothing was known when it began are shown as they are now."""
    systemhealth.examine(pier)
    Surveyor(pier).turn()
    pier.settings = settings(tmp_path, PIER + PIER.replace("pier", "quay").replace("tide", "swell") + SUPPLIER, site)

    answer = client.get("/incidents/INC-1")

    assert answer.status_code == 200
    assert "swell" in answer.text


def test_a_token_that_may_not_read_signals_is_not_told_of_them(pier: App, client: TestClient) -> None:
    """Who sees one incident sees its own signals, not the whole system."""
    systemhealth.examine(pier)
    narrow = make_token(pier, "guest", "viewer", "incidents:read")
    assert client.get("/api/v1/incidents/INC-1/context").json()["health"]["checks"]
    assert client.get("/api/v1/incidents/INC-1/context", headers=narrow).json()["health"] is None
    assert client.get("/api/v1/health", headers=narrow).status_code == 403


def test_what_is_not_essential_degrades_the_whole_at_most(pier: App) -> None:
    """Beyond its limit it is named, and the system still serves."""
    found = systemhealth.examine(pier).health
    assert (found.state, found.why) == ("degraded", "tide: it is 1,900, healthy while < 500")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('healthy = "low"', "healthy"), ("healthy = 5", "healthy"), ('healthy = "!= 5"', "healthy"),
        ('healthy = "< nan"', "healthy"), ('healthy = "< 1e400"', "healthy"), ('essential = "no"', "essential"),
    ],
)  # fmt: skip
def test_a_limit_that_is_none_is_refused_at_the_start(tmp_path: Path, site: Site, line: str, says: str) -> None:
    """With its place and an example of the right form."""
    with pytest.raises(Invalid) as refused:
        settings(tmp_path, PIER.replace("essential = false", "").replace('healthy = "< 500"', line), site)
    assert f'[signals."tide"] {says}' in str(refused.value)


def test_numbers_are_written_as_people_read_them() -> None:
    """Neither beside an axis, where there is little room, nor in a sentence stands an exponent."""
    assert [say_value(value) for value in (0.4, 12, 999.6, 1900, -2500.4, 12_000_000)] == [
        "0.4", "12", "1,000", "1,900", "-2,500", "12,000,000",
    ]  # fmt: skip
    assert [tick(value) for value in (0, 0.6, 540, 1080, 999_900, 14_400, -2500, 3e6, 2e9)] == [
        "0", "0.6", "540", "1.08k", "1M", "14.4k", "-2.5k", "3M", "2G",
    ]  # fmt: skip


def test_a_signal_that_only_reads_zero_has_an_axis(pier: App, client: TestClient, site: Site) -> None:
    """Between nothing and one, not in billionths."""
    site.body = b'{"tide": 0}'
    systemhealth.examine(pier)
    systemhealth.examine(pier)
    page = unescape(client.get("/signals").text)
    assert "e-09" not in page
    assert ">1.2</text>" in page


def test_what_is_ill_comes_first_on_the_page_of_signals(pier: App, client: TestClient, site: Site) -> None:
    """Above what is well, whatever the order of the file, with its reason in words."""
    site.status = 500
    systemhealth.examine(pier)
    page = client.get("/signals").text
    assert page.index("it is not up") < page.index('id="signal-pier-b"') < page.index('id="signal-tide"')
    site.status, site.body = 200, b'{"tide": 1900}'
    systemhealth.examine(pier)
    page = client.get("/signals").text
    assert page.index('id="signal-tide"') < page.index('id="signal-pier-b"')
