"""The page of a runbook in a real browser: keys, places, narrow screens, accessibility of each filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, House, axe_source

FILTERS = ("/runbooks/0?show=understood", "/runbooks/0?show=findings")


@pytest.fixture
def book_page(browse: Callable[..., Any], house: House) -> Any:
    """The bakery's runbook."""
    page = browse()
    page.goto(f"{house.url}/runbooks/0")
    return page


def test_j_and_k_lead_from_finding_to_finding(book_page: Any) -> None:
    """Each is focused and in sight; at the ends it stays; n and p do the same."""
    findings = book_page.locator(".finding")
    assert findings.count() >= 3

    for key, at in (("j", 0), ("j", 1), ("n", 2), ("p", 1), ("k", 0), ("k", 0)):
        book_page.keyboard.press(key)
        expect(findings.nth(at)).to_be_focused()
        expect(findings.nth(at)).to_be_in_viewport()


def test_a_key_that_is_typed_is_text(book_page: Any) -> None:
    """In the palette's field j is a letter."""
    book_page.keyboard.press("/")
    book_page.keyboard.type("jump")

    expect(book_page.locator("#palette-words")).to_have_value("jump")
    expect(book_page.locator(".finding:focus")).to_have_count(0)


def test_a_link_to_a_line_leads_to_it(book_page: Any, house: House) -> None:
    """From the contents and from an address, though far lines are laid out only when they are near."""
    book_page.get_by_role("navigation", name="Contents").get_by_role("link", name="Contacts").click()
    contacts = book_page.locator(".lines li:target")
    expect(contacts).to_be_in_viewport()
    expect(contacts).to_contain_text("contact")

    book_page.goto(f"{house.url}/runbooks/0?show=understood")
    book_page.goto(f"{house.url}/runbooks/0#L70")
    expect(book_page.locator("#L70")).to_be_in_viewport()


def test_what_was_understood_stands_beside_its_line(book_page: Any) -> None:
    """On the same height, to the right."""
    line = book_page.locator(".lines li", has=book_page.locator("code", has_text="git revert --no-edit HEAD"))
    written, marks = line.locator("> code").bounding_box(), line.locator(".marks").bounding_box()

    assert marks["x"] >= written["x"] + written["width"]
    assert abs(marks["y"] - written["y"]) < 4
    expect(line.locator(".marks")).to_contain_text("changes state")


def test_on_a_phone_it_stands_below_the_line(browse: Callable[..., Any], house: House) -> None:
    """One column, and nothing scrolls sideways in any of the views."""
    page = browse(viewport=PHONE, is_mobile=True, has_touch=True)
    for path in ("/runbooks/0", *FILTERS):
        page.goto(house.url + path)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"], path

    line = page.locator(".lines li", has=page.locator(".marks")).first
    written, marks = line.locator("> code").bounding_box(), line.locator(".marks").bounding_box()
    assert marks["y"] >= written["y"] + written["height"]


def test_the_filter_works_without_a_script(browse: Callable[..., Any], house: House) -> None:
    """It is a link."""
    page = browse(java_script_enabled=False)
    page.goto(f"{house.url}/runbooks/0")
    everything = page.locator(".lines li[id]").count()
    page.get_by_role("link", name="findings", exact=True).click()

    expect(page.locator(".finding").first).to_be_visible()
    assert page.locator(".lines li[id]").count() < everything


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_in_any_view(browse: Callable[..., Any], house: House, scheme: str) -> None:
    """Also in the views that are not in the list of all pages, on a desk and on a phone."""
    axe = axe_source()
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = []
    for options in ({}, {"viewport": PHONE}):
        page = browse(color_scheme=scheme, **options)
        for path in ("/runbooks/0", *FILTERS):
            page.goto(house.url + path)
            page.evaluate(axe)
            result = page.evaluate("rules => axe.run('.page', {runOnly: {type: 'tag', values: rules}})", rules)
            found += [f"{path} {fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in result["violations"]]

    assert not found, "\n".join(found)
