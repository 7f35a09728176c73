"""The page of the figures in a real browser: without a script, by keyboard, on the narrowest phones, for everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, House, axe_source

NARROW = {"width": 360, "height": 780}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def test_a_period_is_asked_for_without_a_script(browse: Callable[..., Any], house: House) -> None:
    """Reached by the navigation; the form, the meanings and the CSV need no script."""
    house.make("acknowledge")
    page = browse(java_script_enabled=False)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Figures").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Figures")
    taken = page.get_by_role("region", name="Time to acknowledge", exact=True)
    expect(taken.locator("svg.chart")).to_be_visible()
    expect(taken.get_by_role("rowheader", name="P1")).to_be_visible()
    taken.get_by_text("What this means").click()
    expect(taken).to_contain_text("the first person who took it")
    page.locator("select[name=by]").select_option("scenario")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("region", name="Time to acknowledge", exact=True)).to_contain_text("Orders fail")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV of this table: groups").click()
    assert download.value.suggested_filename == "figures-groups.csv"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_narrowest_phone_and_axe_finds_no_fault(
    browse: Callable[..., Any], house: House, scheme: str
) -> None:
    """No scrolling sideways at 360 pixels; on the desk nothing either."""
    axe = axe_source()
    house.make("acknowledge")
    phone: dict[str, Any] = {"viewport": NARROW, "is_mobile": True, "has_touch": True}
    options: dict[str, Any]
    for options in ({}, phone):
        page = browse(color_scheme=scheme, **options)
        page.goto(f"{house.url}/figures")
        assert page.evaluate("document.documentElement.scrollWidth") <= options.get("viewport", DESK)["width"]
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        page.evaluate(axe)
        result = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
        assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in result["violations"]] == []
