"""Answering and handing over in a real browser: without a script, by keyboard, on a phone, in the dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DEADLINE, DESK, House, axe_source
from tocsin.service import signing

NARROW = {"width": 360, "height": 780}
PHONE: dict[str, Any] = {"viewport": NARROW, "is_mobile": True, "has_touch": True}


def link(house: House, deed: str = "acknowledge") -> str:
    """A link of Ines'."""
    app = house.bakery.app
    return f"{house.url}/answer/{deed}/{signing.sign(app, deed, 'ines', 'INC-1', app.clock.now())}"


def test_a_link_is_answered_by_keyboard_without_a_script_and_without_signing_in(chromium: Any, house: House) -> None:
    """The page shows what will be done; Enter does it; the answer stands there."""
    context = chromium.new_context(java_script_enabled=False, **PHONE)
    page = context.new_page()
    page.set_default_timeout(DEADLINE * 1000)
    page.goto(link(house))
    expect(page.locator("main")).to_contain_text("Nothing has happened yet.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("INC-1 is yours")
    page.goto(link(house, "escalate"))
    expect(page.get_by_label("Why")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_and_nothing_is_cut_off(chromium: Any, house: House, scheme: str) -> None:
    """On the desk and on the phone, with the form, with an answer and with a link that is none."""
    axe, rules = axe_source(), ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    paths = (link(house), link(house, "hold"), f"{house.url}/answer/hold/none")
    for options in ({"viewport": DESK}, PHONE):
        context = chromium.new_context(color_scheme=scheme, **options)
        page = context.new_page()
        for path in paths:
            page.goto(path)
            page.evaluate(axe)
            result = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", rules)
            assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in result["violations"]] == [], path
            width = page.evaluate("() => document.documentElement.scrollWidth")
            assert width <= options["viewport"]["width"]
        context.close()


def test_people_hand_over_without_a_script(browse: Callable[..., Any], house: House) -> None:
    """One offers, the other one sees the button and takes it; a private incident says so and who sees it."""
    page = browse(java_script_enabled=False)
    page.goto(f"{house.url}/incidents/INC-1")
    page.get_by_role("button", name="Acknowledge").first.click()
    page.get_by_text("Hand over", exact=True).click()
    page.get_by_label("To whom").fill("ines")
    page.get_by_label("What they must know").fill("my shift ends")
    page.get_by_role("button", name="Offer it").click()
    expect(page.locator("#people")).to_contain_text("offers the incident to Ines")
    other = browse("ines", java_script_enabled=False)
    other.goto(f"{house.url}/incidents/INC-1")
    other.get_by_role("button", name="Take it over").click()
    expect(other.locator("#people")).to_contain_text("took it over")
    other.get_by_text("Make it private", exact=True).first.click()
    form = other.locator("#more-private form")
    form.get_by_label("Why").fill("a name was posted")
    form.get_by_role("button", name="Make it private").click()
    expect(other.locator("h1")).to_contain_text("private")
    page.goto(f"{house.url}/incidents/INC-1")
    expect(page.locator("main")).to_contain_text("There is no incident INC-1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_people_s_forms_have_no_fault(browse: Callable[..., Any], house: House, scheme: str) -> None:
    """Axe, with all of them open."""
    page = browse(color_scheme=scheme)
    page.goto(f"{house.url}/incidents/INC-1")
    page.evaluate("() => document.querySelectorAll('#people details').forEach(each => { each.open = true })")
    page.evaluate(axe_source())
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    result = page.evaluate("rules => axe.run('#people', {runOnly: {type: 'tag', values: rules}})", rules)
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in result["violations"]] == []
