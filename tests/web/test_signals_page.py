"""The page of the signals: values, thresholds, what nothing measures; and the way to a milder severity."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web import house
from tests.web.house import bearer
from tests.web.test_permissions import make_token
from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.core.runbook import Criterion, Rule
from tocsin.errors import Unread
from tocsin.ids import slug
from tocsin.plug.kinds import Reading
from tocsin.service import ingest, watch
from tocsin.service.respond import exists
from tocsin.settings import read_settings
from tocsin.store import signals
from tocsin.store.db import Tx
from tocsin.web.live import signals_stamp

SIGNALS = """
[signals."lamps lit"]
probe = "tcp"
host = "127.0.0.1"
port = 1
[signals."foghorn level"]
probe = "tcp"
host = "127.0.0.1"
port = 1
clear = 40
"""


@pytest.fixture
def measuring(app: App, tmp_path: Path) -> App:
    """The lighthouse with two signals, thresholds of three metrics, and a criterion of a fourth."""
    config = tmp_path / "tocsin.toml"
    config.write_text(house.CONFIG + SIGNALS, "utf-8")
    app.settings = read_settings(config, {})
    lamp, *others = app.books[0].scenarios
    rules = (
        Rule(metric="Lamps lit", op="<", value=3.0, line=17, scenario=lamp.id, severity="P1"),
        Rule(metric="Foghorn level", op=">", value=90.0, unit="dB", line=18, severity="P2", for_minutes=5.0),
        Rule(metric="Fuel <left>", op="<", value=20.0, unit="%", line=19),
    )
    dim = Criterion(text="the beam is above 100", metric="Beam", op=">", value=100.0, line=21)
    scenarios = (replace(lamp, criteria=(*lamp.criteria, dim)), *others)
    app.books = (replace(app.books[0], rules=rules, scenarios=scenarios),)
    return app


@pytest.fixture
def get(measuring: App, client: TestClient) -> TestClient:
    """A viewer's browser."""
    client.headers.update(bearer("viewer"))
    assert measuring.settings.signals
    return client


def read(app: App, metric: str, value: float | str) -> None:
    """A reading comes, or the reason why none does, and everything that it calls for is done."""
    signal = app.settings.signal(metric)
    assert signal is not None
    reading: Reading | str = value if isinstance(value, str) else Reading(value=value, at=app.clock.now())
    watch.keep(app, [(signal, reading)])
    watch.heed(app, signal, reading)
    house.merge(app)


def panel(client: TestClient, metric: str) -> str:
    """The text of a signal's card, markup and runs of blanks removed."""
    return plain(card(client, metric))


def card(client: TestClient, metric: str) -> str:
    """A signal's card."""
    page = client.get("/signals").text
    found = re.search(rf'<section class="card panel" id="signal-{slug(metric)}".*?</section>', page, re.DOTALL)
    assert found, f"{metric} is not on the page"
    return found[0]


def plain(html: str) -> str:
    """Text without markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_a_firing_threshold_leads_to_its_line_and_its_incident(get: TestClient, measuring: App) -> None:
    """Value, state, since when, severity, the line of the runbook, the incident that follows from it."""
    read(measuring, "lamps lit", 1.0)

    shown, html = panel(get, "lamps lit"), card(get, "lamps lit")

    assert "firing" in shown
    assert "Lamps lit < 3 is P1" in shown
    assert "tcp, every 15 s" in shown
    assert 'href="/incidents/INC-1"' in html
    assert re.search(r'href="/runbooks/[0-9a-f]{64}#L17">lighthouse.md L17', html)
    assert get.get(re.findall(r'href="(/runbooks/[^"]+)"', html)[0]).status_code == 200


def test_the_states_are_told_apart_by_words(get: TestClient, measuring: App) -> None:
    """Not read yet, pending, fine, and no data with its reason and the last value kept."""
    assert "No data : it has not been read yet" in panel(get, "foghorn level")
    read(measuring, "foghorn level", 95.0)
    assert re.search(
        r"pending for 0:0\d Foghorn level > 90 dB for 5 min is P2 , over at <= 40", panel(get, "foghorn level")
    )
    read(measuring, "foghorn level", 35.0)
    shown = panel(get, "foghorn level")
    assert shown.startswith("foghorn level ok 35 dB read 0:0")
    read(measuring, "foghorn level", "The <tower> did not answer.")
    shown = panel(get, "foghorn level")
    assert "The <tower> did not answer." in shown
    assert "no data" in shown
    assert "35 dB" in shown
    assert "&lt;tower&gt;" in card(get, "foghorn level")
    assert "<tower>" not in card(get, "foghorn level")


def test_old_values_are_not_shown_as_present(get: TestClient, measuring: App) -> None:
    """A value that nothing has renewed for several readings is no data."""
    long_ago = measuring.clock.now() - timedelta(minutes=20)
    measuring.db.write(lambda tx: signals.append(tx, slug("lamps lit"), long_ago, 9.0))

    assert "nothing has been read since" in panel(get, "lamps lit")
    assert panel(get, "lamps lit").startswith("lamps lit no data 9")


def test_the_chart_has_a_line_for_each_threshold_and_breaks_where_nothing_was_read(
    get: TestClient, measuring: App
) -> None:
    """Begin and end of the threshold are lines; two stretches of readings are two curves; nothing leaves the frame."""
    now = measuring.clock.now()
    for minutes in (*range(100, 80, -1), *range(30, 0, -1)):
        keep(measuring, "foghorn level", now - timedelta(minutes=minutes), -20.0 + minutes)

    html = card(get, "foghorn level")

    assert html.count('<line class="alert"') == html.count('<line class="goal"') == 1
    assert "P2 &gt; 90" in html
    assert "over at 40" in html
    assert html.count('<polyline class="curve"') == 2
    heights = [float(y) for points in re.findall(r'polyline class="curve" points="([^"]+)"', html)
               for y in re.findall(r",([\d.]+)", points)]  # fmt: skip
    assert len(heights) == 50
    assert all(8 <= y <= 104 for y in heights)


def keep(app: App, metric: str, at: datetime, value: float) -> None:
    """A value of the past."""
    app.db.write(lambda tx: signals.append(tx, slug(metric), at, value))


def test_peaks_are_not_thinned_away(get: TestClient, measuring: App) -> None:
    """Of thousands of readings the single one beyond the threshold is drawn."""
    now = measuring.clock.now()

    def write(tx: Tx) -> None:
        for second in range(6000, 0, -3):
            value = 119.0 if second == 3000 else 10.0
            signals.append(tx, slug("foghorn level"), now - timedelta(seconds=second), value)

    measuring.db.write(write)

    (points,) = re.findall(r'polyline class="curve" points="([^"]+)"', card(get, "foghorn level"))
    heights = [float(y) for y in re.findall(r",([\d.]+)", points)]
    assert len(heights) < 300
    assert min(heights) < 25
    assert max(heights) > 90


def test_what_nothing_measures_stands_there_with_the_lines_to_write(get: TestClient, tmp_path: Path) -> None:
    """Thresholds and criteria alike; the lines are a configuration that is read as one."""
    page = get.get("/signals").text
    tables = [unescape(table) for table in re.findall(r'aria-label="What binds [^"]*">(.*?)</pre>', page, re.DOTALL)]

    assert "Not measured" in page
    assert "Fuel &lt;left&gt;" in page
    assert [table.splitlines()[0] for table in tables] == ['[signals."Fuel <left>"]', '[signals."Beam"]']
    config = tmp_path / "more.toml"
    config.write_text("\n".join([house.CONFIG, *tables]), "utf-8")
    assert [signal.metric for signal in read_settings(config, {}).signals] == ["Fuel <left>", "Beam"]


def test_the_page_of_a_house_without_thresholds_says_so(client: TestClient) -> None:
    """Nothing bound, nothing stated."""
    assert "Nothing is measured" in client.get("/signals", headers=bearer("viewer")).text


def test_it_is_for_tokens_that_may_read_alerts(get: TestClient, measuring: App) -> None:
    """A token that is narrowed to an incident or a runbook, or that is for something else, sees nothing of it."""
    for number, scope in enumerate(("incident:INC-1", "runbook:lighthouse.md", "runbooks:read")):
        headers = make_token(measuring, f"narrow-{number}", "admin", scope)
        assert get.get("/signals", headers=headers).status_code == 403, scope
        assert get.get("/signals/live", headers=headers).status_code == 403, scope
    allowed = make_token(measuring, "wall-screen", "viewer", "alerts:read")
    assert get.get("/signals", headers=allowed).status_code == 200


def test_a_new_reading_is_a_new_state_of_the_page(measuring: App) -> None:
    """So is a reading that does not come; a look alone is none."""
    first = signals_stamp(measuring)
    assert signals_stamp(measuring) == first
    read(measuring, "lamps lit", 9.0)
    second = signals_stamp(measuring)
    read(measuring, "lamps lit", "The tower did not answer.")
    assert len({first, second, signals_stamp(measuring)}) == 3


# --- a milder severity ---------------------------------------------------------------------------------------------


def tell(app: App, severity: str, status: str = "firing", metric: str = "lamps lit") -> None:
    """A threshold's alert of this severity begins or ends."""
    now = app.clock.now()
    labels = {"alertname": "LampOut", "metric": metric, "severity": severity}
    told = Alert(
        source="tocsin", labels=labels, annotations={}, starts_at=now, updated_at=now,
        status="firing" if status == "firing" else "resolved", ends_at=None if status == "firing" else now,
    )  # fmt: skip
    ingest.accept(app, "tocsin", [told])
    house.merge(app)


def lowers(client: TestClient, role: str = "responder") -> bool:
    """Whether the page of INC-1 offers to lower it to P2."""
    return "Lower to P2" in client.get("/incidents/INC-1", headers=bearer(role)).text


def test_lowering_is_offered_once_the_worst_threshold_has_fallen(app: App, client: TestClient) -> None:
    """Not before, not to who may not, not while another alert says the present severity; the button lowers it."""
    tell(app, "P2")
    tell(app, "P1")
    assert exists(app, "INC-1").severity == "P1"
    assert not lowers(client)
    tell(app, "P1", "resolved")
    assert lowers(client)
    assert not lowers(client, "viewer")
    tell(app, "P1", metric="beam")
    assert not lowers(client)
    tell(app, "P1", "resolved", metric="beam")

    page = client.get("/incidents/INC-1", headers=bearer("responder")).text
    form = re.search(r'<form method="post" action="(/incidents/INC-1/assess)"(.*?Lower to P2)', page, re.DOTALL)
    assert form
    fields = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form[2])}
    answer = client.post(form[1], data=fields, headers=bearer("responder"), follow_redirects=False)

    assert answer.status_code == 303, answer.text
    assert exists(app, "INC-1").severity == "P2"
    assert "lamps lit no longer crosses the threshold for P1" in plain(
        client.get("/incidents/INC-1", headers=bearer("responder")).text
    )
    assert not lowers(client)


def test_nothing_is_offered_where_everything_has_fallen(app: App, client: TestClient) -> None:
    """Then recovery decides, and not the alerts."""
    tell(app, "P2")
    tell(app, "P1")
    tell(app, "P2", "resolved")
    tell(app, "P1", "resolved")
    assert not lowers(client)


def test_when_each_was_read_and_how_long_that_took_is_told(measuring: App, get: TestClient) -> None:
    """Also of a reading that gave nothing, with its reason; on the page and for programs."""
    signal = measuring.settings.signal("lamps lit")
    assert signal is not None

    def ask() -> Reading:
        raise Unread("no data: the lamp room is locked")

    watch.reading_of(measuring, signal, ask)

    asked = {each["metric"]: each for each in get.get("/api/v1/signals").json()["signals"]}

    assert asked["lamps lit"]["seconds"] >= 0 and asked["lamps lit"]["read_at"]
    assert asked["lamps lit"]["problem"] == "no data: the lamp room is locked"
    assert asked["foghorn level"]["seconds"] is None
    assert re.search(r"last looked at \d\d:\d\d ?, took [\d.]+ ms", panel(get, "lamps lit"))
    assert "last looked at" not in panel(get, "foghorn level")
