"""Everything works in a browser that runs no script: forms post, and the page comes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House


@pytest.fixture
def plain(browse: Callable[..., Any], house: House) -> Any:
    """The war room in a browser without script."""
    page = browse(java_script_enabled=False)
    page.goto(f"{house.url}/incidents/INC-1")
    return page


def test_a_note_is_posted(plain: Any) -> None:
    """The form posts and leads back to the page."""
    plain.get_by_label("Note", exact=True).fill("By hand")
    plain.get_by_role("button", name="Post").click()

    expect(plain.locator(".entries")).to_contain_text("By hand")


def test_a_refusal_gives_the_words_back(plain: Any) -> None:
    """The refused form stands open with what was typed in it."""
    plain.locator("#pop-resolve > summary").click()
    plain.get_by_label("What it was").fill("An empty basket")
    plain.locator("#pop-resolve").get_by_role("button", name="Resolve").click()

    expect(plain.get_by_role("alert")).to_contain_text("has not recovered")
    expect(plain.get_by_label("What it was")).to_have_value("An empty basket")


def test_a_command_is_approved(plain: Any, house: House) -> None:
    """Take a branch, approve, and see the outcome after a reload."""
    branch = plain.get_by_role("region", name="If a release went out in the last hour")
    branch.get_by_label("Why this branch").fill("it did")
    branch.get_by_role("button", name="Take this branch").click()
    plain.get_by_role("button", name="Approve and run").click()

    step = plain.get_by_role("article", name="Roll back to the previous release")
    for _ in range(100):
        if "succeeded" in step.inner_text() or "failed" in step.inner_text():
            break
        plain.reload()
    expect(step).to_contain_text("succeeded")


def test_the_light_is_switched(plain: Any) -> None:
    """The choice is kept in a cookie."""
    plain.get_by_role("button", name="Switch between light and dark").click()

    expect(plain.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_signal_is_drawn(plain: Any) -> None:
    """The picture that the server drew is seen."""
    expect(plain.get_by_role("img", name="error rate")).to_be_visible()


def test_an_incident_is_declared_by_hand(plain: Any, house: House) -> None:
    """The form on the page Now leads to the new incident; a refused one keeps its words."""
    plain.goto(house.url)
    plain.get_by_label("What is wrong").fill("Flour everywhere")
    plain.get_by_label("Severity").select_option("P3")
    plain.get_by_label("This is a drill").check()
    plain.get_by_role("button", name="Declare").click()

    expect(plain.get_by_role("heading", level=1)).to_contain_text("INC-2 · Flour everywhere")
    expect(plain.get_by_role("heading", level=1)).to_contain_text("drill")


def test_a_stale_post_mortem_is_not_saved_over_a_newer_one(plain: Any, browse: Any, house: House) -> None:
    """Who saves second is told so, and finds both texts between markers where they differ."""
    plain.goto(f"{house.url}/incidents/INC-1/review")
    other = browse("ines")
    other.goto(f"{house.url}/incidents/INC-1/review")
    other.get_by_label("Markdown").fill("# Ines was faster")
    other.get_by_role("button", name="Save").click()
    expect(other.locator(".document")).to_contain_text("Ines was faster")

    plain.get_by_label("Markdown").fill("# Mara was slower")
    plain.get_by_role("button", name="Save").click()

    expect(plain.get_by_role("alert")).to_contain_text("Somebody else")
    expect(plain.get_by_label("Markdown")).to_have_value(
        re.compile("^<<<<<<< mara\n# Mara was slower\n=======\n# Ines was faster\n>>>>>>> ines, version ")
    )
    expect(plain.locator(".document")).to_contain_text("Ines was faster")
