"""Hostile texts, accessibility, narrow screens: on every page, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import bakery
from tests.browser.conftest import PHONE, House, axe_source, war_room

PAGES = ("/", "/incidents", "/incidents/INC-1", "/incidents/INC-1/review", "/alerts", "/approvals", "/actions",
         "/health/0", "/runbooks", "/runbooks/0", "/runbooks/0?as=page", "/signals",
         "/deliveries", "/nowhere")  # fmt: skip
HOSTILE = (
    "<script>window.caught = 1</script><img src=x onerror='window.caught = 1'>\u202eesrever [x](javascript:caught=1)"
)


def make_a_mess(house: House) -> None:
    """An incident in which every kind of element is on the page."""
    branch = next(step.branch for step in house.bakery.app.books[0].steps() if step.branch)
    house.make("acknowledge", "mara")
    house.make("assign", role="commander", person="ines")
    house.make("choose_branch", "mara", branch=branch, why="because")
    bakery.past_samples(house.bakery.app)


def test_hostile_texts_are_inert_on_every_page(browse: Callable[..., Any], house: House) -> None:
    """Markup shows as text, the mark that turns text around shows as itself, and no link leads to a script."""
    bakery.orders_fail(house.bakery.app, summary=HOSTILE, region=HOSTILE)
    house.make("note", text=HOSTILE)
    house.make("post_update", text=HOSTILE, audience=HOSTILE[:200])
    house.make("assign", role=HOSTILE[:200], person=HOSTILE[:200])
    page = browse()

    for path in PAGES:
        page.goto(house.url + path)
        assert page.evaluate("() => window.caught") is None, path
        assert page.locator("a[href^='javascript' i], main script, main img").count() == 0, path

    page.goto(f"{house.url}/incidents/INC-1")
    expect(page.locator(".entries")).to_contain_text("<script>window.caught = 1</script>")
    expect(page.locator(".entries")).to_contain_text("⟦U+202E⟧")
    page.goto(f"{house.url}/alerts")
    expect(page.locator(".labels").filter(has_text="region=")).to_contain_text("<img src=x")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_fault_that_axe_finds(browse: Callable[..., Any], house: House, scheme: str) -> None:
    """WCAG 2.2 AA and axe's best practice, in both themes."""
    axe = axe_source()
    make_a_mess(house)
    page = browse(color_scheme=scheme)
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    found = []
    for path in PAGES:
        page.goto(house.url + path)
        page.evaluate(axe)
        result = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", rules)
        found += [
            f"{path} {fault['id']}: {node['html'][:200]} ({node['failureSummary'][:200]})"
            for fault in result["violations"]
            for node in fault["nodes"]
        ]

    assert not found, "\n".join(found)


def test_nothing_is_wider_than_a_phone(browse: Callable[..., Any], house: House) -> None:
    """At 412 pixels no page scrolls sideways, whatever the texts."""
    make_a_mess(house)
    house.make("note", text="x" * 900)
    house.make("post_update", text="a-very-long-word-" * 30, audience="y" * 200)
    page = browse(viewport=PHONE, is_mobile=True, has_touch=True)

    wide = {}
    for path in PAGES:
        page.goto(house.url + path)
        width = page.evaluate("() => document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            wide[path] = width

    assert wide == {}


def test_the_forms_can_be_reached_on_a_phone(browse: Callable[..., Any], house: House) -> None:
    """A panel opens within the screen."""
    page = browse(viewport=PHONE, is_mobile=True, has_touch=True)
    page.goto(f"{house.url}/incidents/INC-1")

    page.locator("#pop-resolve > summary").tap()

    box = page.locator("#pop-resolve > form").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]


def test_a_phone_folds_the_menu_and_the_keyboard_unfolds_it_without_a_script(
    browse: Callable[..., Any], house: House
) -> None:
    """What is not on the bar stands behind "More", with names; Escape puts it away."""
    page = browse(viewport=PHONE, java_script_enabled=False)
    menu = page.get_by_role("navigation", name="Main")
    more, runbooks = menu.get_by_role("button", name="More"), menu.get_by_role("link", name="Runbooks")
    expect(menu.get_by_role("link", name="Approvals")).to_be_visible()
    expect(runbooks).to_be_hidden()

    more.focus()
    page.keyboard.press("Enter")
    expect(runbooks).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(runbooks).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="Readiness")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{house.url}/readiness")
    expect(runbooks).to_be_hidden()


def test_an_unfolded_menu_outlasts_a_live_change(browse: Callable[..., Any], house: House) -> None:
    """It does not close under the thumb."""
    page = browse(viewport=PHONE, is_mobile=True, has_touch=True)
    war_room(page, house)
    page.get_by_role("button", name="More").tap()

    house.make("note", text="The oven is on again.")

    expect(page.locator(".entries")).to_contain_text("The oven is on again.")
    expect(page.get_by_role("link", name="Runbooks", exact=True)).to_be_in_viewport(ratio=1)


def test_somebody_without_a_session_is_sent_to_the_login_and_back(chromium: Any, house: House) -> None:
    """Only paths of our own are gone back to."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{house.url}/incidents/INC-1")
    assert page.url == f"{house.url}/login?next=/incidents/INC-1"
    page.get_by_label("Your token").fill("not-a-token-of-anybody")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("token")

    page.goto(f"{house.url}/login?next=//elsewhere.example/")
    page.get_by_label("Your token").fill(bakery.TOKENS["mara"])
    page.get_by_role("button", name="Log in").click()

    page.wait_for_url(f"{house.url}/")
    context.close()
