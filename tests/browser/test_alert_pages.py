"""The pages of alerts in a real browser: without a script, by keyboard, on the narrowest phones, for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import bakery
from tests.browser.conftest import DESK, House, axe_source, eventually, log_in, served
from tocsin.core.alert import Alert
from tocsin.service import ingest, silencing
from tocsin.service.silencing import Silencing

NARROW = {"width": 360, "height": 780}
PHONE: dict[str, Any] = {"viewport": NARROW, "is_mobile": True, "has_touch": True}
LONG = "an_unusually_long_value_of_a_label_that_has_no_blank_in_it_to_break_at_for_a_very_long_while"
PAGES = ("/alerts", "/alerts?incident=INC-1&state=all", "/alerts?state=silenced", "/")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A bakery with alerts of one incident, a storm that nobody knows, and a window over some of it."""
    with bakery.metrics_page() as metrics:
        bakery.furnish(tmp_path, metrics)
        place = bakery.enter(tmp_path, metrics)
        app = place.app
        wanted = Silencing(matchers='service="cellar"', why="the cellar is being painted", lasts="10m")
        silencing.plan(app, wanted, "ines", "responder")
        bakery.orders_fail(app)
        now = app.clock.now()
        labels = [
            {"alertname": "OrdersFail", "service": "shop", "region": "north"},
            {"alertname": "DampAir", "service": "cellar", "wall": LONG},
            *({"alertname": f"Odd{number}", "severity": "P2", "unit": str(number)} for number in range(9)),
        ]
        told = [Alert(source="alertmanager", labels=each, starts_at=now, updated_at=now) for each in labels]
        ingest.accept(app, "alertmanager", told)
        try:
            with served(place) as running:
                eventually(lambda: app.db.read(lambda tx: not ingest.intake.backlog(tx)[0]), "the merging")
                yield running
        finally:
            app.db.close()


def test_an_alert_is_silenced_and_split_off_without_a_script(browse: Callable[..., Any], house: House) -> None:
    """Two clicks for a silence of two hours; a box and a button for an incident of its own."""
    page = browse(java_script_enabled=False)
    page.goto(f"{house.url}/alerts")
    page.get_by_role("link", name="Silence OrdersFail").first.click()
    page.get_by_role("button", name="2 hours").click()
    expect(page.get_by_role("region", name="Silenced by")).to_contain_text("known, and being looked at")
    page.goto(f"{house.url}/incidents/INC-1")
    page.get_by_role("link", name=re.compile(r"^\d+ alerts$")).click()
    page.get_by_role("checkbox").nth(1).check()
    page.get_by_role("button", name="Split the chosen ones off").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Orders fail")
    expect(page.get_by_text("Split off from", exact=True)).to_be_visible()


def test_a_window_is_planned_by_keyboard(browse: Callable[..., Any], house: House) -> None:
    """The form opens, is filled and sent with keys alone."""
    page = browse()
    page.goto(f"{house.url}/alerts")
    page.locator("#more-silence > summary").focus()
    page.keyboard.press("Enter")
    form = page.locator("#more-silence")
    form.get_by_label("Which alerts").fill('service="shop"')
    form.get_by_label("Why").fill("a new till")
    form.get_by_label("From").fill("2030-03-07T22:00")
    form.get_by_label("Until").fill("2030-03-08T02:00")
    form.get_by_label("Why").press("Enter")
    expect(page.get_by_role("region", name="Silences and maintenance windows")).to_contain_text("a new till")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_they_fit_the_narrowest_phone(browse: Callable[..., Any], house: House, scheme: str) -> None:
    """No scrolling sideways at 360 pixels, whatever the labels."""
    for options in ({}, PHONE):
        page = browse(color_scheme=scheme, **options)
        for path in (*PAGES, one_alert(page, house)):
            page.goto(f"{house.url}{path}")
            width = page.evaluate("() => document.documentElement.scrollWidth")
            assert width <= options.get("viewport", DESK)["width"], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault(browse: Callable[..., Any], house: House, scheme: str) -> None:
    """On every one of them, on the desk and on the phone."""
    axe, rules = axe_source(), ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    for options in ({}, PHONE):
        page = browse(color_scheme=scheme, **options)
        for path in (*PAGES, one_alert(page, house)):
            page.goto(f"{house.url}{path}")
            page.evaluate(axe)
            result = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", rules)
            assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in result["violations"]] == [], path


def test_a_viewer_may_look(chromium: Any, house: House) -> None:
    """Whoever may change nothing is offered nothing but the search."""
    context = chromium.new_context()
    page = context.new_page()
    log_in(page, house.url, "gast")
    page.goto(f"{house.url}/alerts")
    expect(page.locator("main form")).to_have_count(1)
    context.close()


def one_alert(page: Any, house: House) -> str:
    """The address of the page of one alert."""
    page.goto(f"{house.url}/alerts?state=silenced")
    return str(page.get_by_role("link", name="DampAir").first.get_attribute("href"))
