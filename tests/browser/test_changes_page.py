"""The page of the changes and what lies around an incident, in a browser: no script, by keyboard, narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import bakery
from tests.browser.conftest import House, served
from tocsin.service import changelog
from tocsin.service.changelog import NewChange

NARROW = {"width": 360, "height": 780}
WORDS = "Raise the price of bread in every till-of-the-town-without-a-blank-" + "and-on-it-goes-" * 9


@pytest.fixture
def house(tmp_path: Any) -> Iterator[House]:
    """A bakery that was told of one change, with a very long word in it."""
    with bakery.metrics_page() as metrics:
        bakery.furnish(tmp_path, metrics)
        place = bakery.enter(tmp_path, metrics)
        changelog.record(place.app, NewChange(what=WORDS, where="till"), "ines")
        try:
            with served(place) as running:
                yield running
        finally:
            place.app.db.close()


def test_a_change_is_recorded_without_a_script_and_by_keyboard(browse: Callable[..., Any], house: House) -> None:
    """From the navigation to the form, Enter sends it, and it stands on top; words narrow the list."""
    page = browse(java_script_enabled=False)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Changes").click()
    page.get_by_role("textbox", name="What was changed").fill("v42 deployed")
    page.get_by_role("textbox", name="What was changed").press("Enter")

    rows = page.locator(".changes > li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("v42 deployed")
    page.get_by_role("searchbox", name="Words").fill("PRICE of")
    page.get_by_role("searchbox", name="Words").press("Enter")
    expect(rows).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_narrowest_phone(browse: Callable[..., Any], house: House, scheme: str) -> None:
    """Nothing is wider than the screen, neither here nor around an incident, whose last change is marked."""
    page = browse(viewport=NARROW, color_scheme=scheme)
    for path, words in (("/changes", "Raise the price"), ("/incidents/INC-1", "the last before it")):
        for _ in range(100):
            page.goto(f"{house.url}{path}")
            if words in page.inner_text("main"):
                break
        expect(page.locator("main")).to_contain_text(words)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
