"""The page of the signals in a real browser: live, without a script, on the narrowest phones, for everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import bakery
from tests.browser.conftest import DEADLINE, DESK, House, axe_source, log_in, served

NARROW = {"width": 360, "height": 780}
WORDS = "An unusually long name of a metric that_has_no_blank_in_it_to_break_at_for_a_very_long_while"
BOOK = bakery.RUNBOOK.replace("- Error rate > 5%\n", f"- Error rate > 5%\n- Queue depth > 400\n- {WORDS} > 7 ms\n")
MORE = """
[signals."queue depth"]
probe = "scrape"
url = "http://127.0.0.1:{port}/metrics"
gauge = "no_such_gauge"
every = "1s"
"""


@pytest.fixture
def house(tmp_path: Any) -> Iterator[House]:
    """A bakery with a signal that fires, one without data, and a metric that nothing measures."""
    with bakery.metrics_page() as metrics:
        bakery.furnish(tmp_path, metrics, BOOK)
        with (tmp_path / "tocsin.toml").open("a") as config:
            config.write(MORE.format(port=metrics.port))
        place = bakery.enter(tmp_path, metrics)
        bakery.past_samples(place.app)
        try:
            with served(place) as running:
                yield running
        finally:
            place.app.db.close()


def settled(page: Any, house: House) -> None:
    """The page, once every signal was read."""
    page.goto(f"{house.url}/signals")
    for _ in range(200):
        if "firing" in page.locator("#signal-error-rate").inner_text() and "no_such_gauge" in page.inner_text("main"):
            return
        page.reload()
    raise AssertionError(page.inner_text("main"))


def test_a_new_value_comes_by_itself(browse: Callable[..., Any], house: House) -> None:
    """What is measured changes, and so does the open page; it is reached by the navigation."""
    page = browse()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Signals").click()
    page.locator("#pulse.on").wait_for()
    house.bakery.metrics.error_rate = 0.2

    error_rate = page.get_by_role("region", name="error rate")
    expect(error_rate).to_contain_text("0.2 %", timeout=DEADLINE * 1000)
    expect(error_rate).to_contain_text("ok")


def test_everything_is_there_without_a_script(browse: Callable[..., Any], house: House) -> None:
    """The chart is drawn by the server; a threshold leads to its line, a firing one to its incident."""
    page = browse(java_script_enabled=False)
    settled(page, house)

    error_rate = page.get_by_role("region", name="error rate")
    expect(error_rate.locator("svg.chart .curve").first).to_be_visible()
    expect(error_rate.locator("svg.chart line.alert")).to_have_count(1)
    expect(page.get_by_role("region", name="Not measured")).to_contain_text("[signals.")
    error_rate.get_by_role("link", name="bakery.md").click()
    expect(page.locator(".lines li:target")).to_contain_text("Error rate > 5%")
    page.go_back()
    error_rate.get_by_role("link", name="INC-1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("INC-1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_narrowest_phone_and_axe_finds_no_fault(
    browse: Callable[..., Any], house: House, scheme: str
) -> None:
    """No scrolling sideways at 360 pixels, whatever the names; on the desk nothing either."""
    axe = axe_source()
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    phone: dict[str, Any] = {"viewport": NARROW, "is_mobile": True, "has_touch": True}
    options: dict[str, Any]
    for options in ({}, phone):
        page = browse(color_scheme=scheme, **options)
        settled(page, house)
        width = page.evaluate("() => document.documentElement.scrollWidth")
        assert width <= options.get("viewport", DESK)["width"]
        page.evaluate(axe)
        result = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", rules)
        assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in result["violations"]] == []


def test_a_viewer_may_look(chromium: Any, house: House) -> None:
    """The page changes nothing, so everybody with a token may."""
    context = chromium.new_context()
    page = context.new_page()
    log_in(page, house.url, "gast")
    page.goto(f"{house.url}/signals")
    expect(page.get_by_role("heading", level=1)).to_have_text("Signals")
    expect(page.locator("main form")).to_have_count(0)
    context.close()
