"""The page of readiness in a browser: no script, by keyboard, narrow, in the dark, with hostile words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import bakery
from tests.browser.conftest import House, axe_source, served

NARROW = {"width": 360, "height": 780}
HOSTILE = "<img src=x onerror='window.caught = 1'>\u202eesrever " + "a-word-that-does-not-end-" * 8
PLAN = f"""
[people.long]
name = "{HOSTILE}"
[schedules.night-shift]
zone = "Europe/Vienna"
people = ["mara", "long"]
every = "day"
handover = "09:00"
start = 2020-01-06
hours = "Mon-Fri 00:00-24:00"
"""
LIST = "\n## Access requirements\n\n- Oven console access\n- The " + "flour" * 40 + " store\n"


@pytest.fixture
def house(tmp_path: Any) -> Iterator[House]:
    """A bakery whose nights have gaps and a hostile name, and which lists what people must reach."""
    with bakery.metrics_page() as metrics:
        bakery.furnish(tmp_path, metrics)
        config = tmp_path / "tocsin.toml"
        text = config.read_text("utf-8")
        begin = text.index("[roles]\n") + len("[roles]\n")
        lines = text[begin:].split("\n")
        lines[0] = f'{lines[0].partition("=")[0].strip()} = "schedule:night-shift"'
        config.write_text(text[:begin] + "\n".join(lines) + PLAN, "utf-8")
        book = next(tmp_path.glob("*.md"))
        book.write_text(book.read_text("utf-8") + LIST, "utf-8")
        place = bakery.enter(tmp_path, metrics)
        try:
            with served(place) as running:
                yield running
        finally:
            place.app.db.close()


def test_access_is_said_without_a_script_and_by_keyboard(browse: Callable[..., Any], house: House) -> None:
    """From the navigation to one's own word, with what is missing; it stands there at once."""
    page = browse(java_script_enabled=False)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Readiness").click()
    form = page.locator("form[action='/readiness/access']").first
    form.locator("[name=note]").fill("the card is lost")
    form.get_by_role("button", name="I can't").press("Enter")
    expect(page.locator("main")).to_contain_text("the card is lost")
    expect(page.locator("main")).to_contain_text("can't reach “Oven console access”")
    page.locator("form[action='/readiness/access']").first.get_by_role("button", name="I reach it").press("Enter")
    expect(page.locator("main")).not_to_contain_text("can't reach “Oven console access”")
    page.get_by_role("button", name="Look now").press("Enter")
    expect(page.locator("main")).to_contain_text("answers")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_narrowest_phone_and_axe_finds_nothing(
    browse: Callable[..., Any], house: House, scheme: str
) -> None:
    """The strips stand one below the other, with their words; what does not end breaks."""
    page = browse(viewport=NARROW, color_scheme=scheme)
    page.goto(f"{house.url}/readiness")
    expect(page.locator("main")).to_contain_text("nobody is on call by night-shift")
    expect(page.locator(".strips tbody tr").first).to_be_visible()
    page.locator("summary").first.press("Enter")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.evaluate(axe_source())
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    for size in (NARROW, {"width": 1400, "height": 900}):
        page.set_viewport_size(size)
        found = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", rules)["violations"]
        assert not found, [(fault["id"], [node["html"][:200] for node in fault["nodes"]]) for fault in found]


def test_hostile_words_are_inert(browse: Callable[..., Any], house: House) -> None:
    """A name is text, and what turns text around shows as itself."""
    page = browse()
    page.goto(f"{house.url}/readiness")
    expect(page.locator("main")).to_contain_text("<img src=x")
    expect(page.locator("main")).to_contain_text("⟦U+202E⟧")
    assert page.evaluate("() => window.caught") is None
    assert page.locator("main img, main script").count() == 0
