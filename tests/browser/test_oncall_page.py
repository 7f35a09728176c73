"""The page of on-call in a browser: no script, by keyboard, narrow, in the dark, with hostile words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import bakery
from tests.browser.conftest import House, axe_source, served
from tocsin.service import planning
from tocsin.service.access import Caller

NARROW = {"width": 360, "height": 780}
HOSTILE = "<img src=x onerror='window.caught = 1'>\u202eesrever " + "a-word-that-does-not-end-" * 8
PLAN = f"""
[people.long]
name = "{HOSTILE}"
[schedules.primary]
zone = "Europe/Vienna"
people = ["mara", "ines"]
handover = "Monday 09:00"
start = 2020-01-06
[schedules."the-nights-of-the-whole-town-and-of-its-bakery"]
zone = "America/New_York"
covers = "22:00-06:00"
[[schedules."the-nights-of-the-whole-town-and-of-its-bakery".layers]]
people = ["mara", "long"]
every = "day"
handover = "22:00"
start = 2020-01-06
hours = "22:00-06:00"
"""


@pytest.fixture
def house(tmp_path: Any) -> Iterator[House]:
    """A bakery with two schedules, a gap, an override with hostile words and a swap that is offered."""
    with bakery.metrics_page() as metrics:
        bakery.furnish(tmp_path, metrics)
        config = tmp_path / "tocsin.toml"
        config.write_text(config.read_text("utf-8") + PLAN, "utf-8")
        place = bakery.enter(tmp_path, metrics)
        now, by = place.app.clock.now(), Caller("ines", "admin")
        gap = planning.Override(schedule="primary", begins=now + timedelta(days=2), lasts="3h", why=HOSTILE)
        planning.override(place.app, gap, by)
        giver = planning.duty.directory_now(place.app).find("primary", now)
        assert giver is not None
        taker = "ines" if giver.id == "mara" else "mara"
        span = {"begins": now, "ends": now + timedelta(hours=1)}
        planning.offer(place.app, planning.Swap(schedule="primary", to=taker, offered_by=giver.id, **span), by)
        try:
            with served(place) as running:
                yield running
        finally:
            place.app.db.close()


def test_an_override_is_made_without_a_script_and_by_keyboard(browse: Callable[..., Any], house: House) -> None:
    """From the navigation to the form; Enter sends it, and what was refused is still there."""
    page = browse(java_script_enabled=False)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="On-call").click()
    page.get_by_text("Put somebody else on call").press("Enter")
    form = page.locator("#more-override")
    form.locator("[name=people]").fill("eve")
    form.locator("[name=ends]").fill("2999-01-01T09:00")
    form.locator("[name=why]").fill("the wedding")
    form.locator("[name=why]").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("is nobody under [people]")
    expect(form.locator("[name=why]")).to_have_value("the wedding")
    soon = (house.bakery.app.clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    form.locator("[name=people]").fill("ines")
    form.locator("[name=ends]").fill(soon)
    form.locator("[name=why]").press("Enter")
    expect(page.locator("main")).to_contain_text("the wedding")
    expect(page.locator("main")).to_contain_text("override by mara: the wedding")
    page.get_by_role("button", name="Accept").press("Enter")
    expect(page.locator("main")).to_contain_text("accepted")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_narrowest_phone_and_axe_finds_nothing(
    browse: Callable[..., Any], house: House, scheme: str
) -> None:
    """One day below the other; names beside the colours; words that don't end break."""
    page = browse(viewport=NARROW, color_scheme=scheme)
    page.goto(f"{house.url}/oncall")
    expect(page.locator("main")).to_contain_text("This would hurt")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.evaluate(axe_source())
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    for size in (NARROW, {"width": 1400, "height": 900}):
        page.set_viewport_size(size)
        found = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", rules)["violations"]
        assert not found, [(fault["id"], [node["html"][:200] for node in fault["nodes"]]) for fault in found]


def test_hostile_words_are_inert(browse: Callable[..., Any], house: House) -> None:
    """Names and reasons are text, and what turns text around shows as itself."""
    page = browse()
    page.goto(f"{house.url}/oncall")
    expect(page.locator("main")).to_contain_text("<img src=x")
    expect(page.locator("main")).to_contain_text("⟦U+202E⟧")
    assert page.evaluate("() => window.caught") is None
    assert page.locator("main img, main script").count() == 0
