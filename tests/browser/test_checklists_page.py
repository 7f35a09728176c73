"""Checklists and the assessment in a browser: no script, by keyboard, narrow, in the dark, with hostile words."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House, axe_source, trouble
from tocsin.service.respond import exists

NARROW = {"width": 360, "height": 780}
HOSTILE = "<img src=x onerror='window.caught = 1'>\u202eesrever " + "a-word-that-does-not-end-" * 8
WORK = f"""
## How we work

### Step 1: Look around (0-5 minutes)

- [ ] Say hello at the counter
- [ ] Count the loaves {HOSTILE}

```bash
# Which oven is hot
cat logs/oven.log
```

**Questions to answer:**
- Is customer data at risk?
- How many users are affected?
- When did it start?

## Post-incident review

### Within 24 hours

- [ ] Write down what happened
- [ ] Thank the counter

## When to escalate

| Who | When |
|-----|------|
| Team lead | Customer data at risk |
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A bakery whose document has boxes, questions and a list for afterwards; orders fail there."""
    book = tmp_path / "bakery.md"
    with trouble(tmp_path, lambda: book.write_text(book.read_text("utf-8") + WORK, "utf-8")) as running:
        yield running


def test_boxes_are_ticked_and_questions_answered_without_a_script(browse: Callable[..., Any], house: House) -> None:
    """By keyboard: a tick and its way back, an answer with the rule that it fits, the number of users."""
    page = browse(java_script_enabled=False)
    page.goto(f"{house.url}/incidents/INC-1")
    page.locator("#phase-1 > summary").click() if not page.locator("#phase-1[open]").count() else None
    page.get_by_role("checkbox", name="Say hello at the counter").press("Enter")
    box = page.get_by_role("checkbox", name="Say hello at the counter")
    expect(box).to_have_attribute("aria-checked", "true")
    expect(page.locator("#checklists")).to_contain_text("Mara Okafor")
    form = page.locator("#assessment form.questions")
    form.get_by_label("Answer: Is customer data at risk?").select_option("yes")
    form.get_by_label("What is known: Is customer data").fill("names can be read")
    expect(form).to_contain_text("A yes calls Team lead")
    form.get_by_label("Answer: How many users are affected?").fill("340 of 12,000")
    form.get_by_label("Answer: How many users").press("Enter")

    expect(page.locator("#assessment")).to_contain_text("340 of 12,000 users (2.8 %)")
    incident = exists(house.bakery.app, "INC-1")
    assert {each.answer for each in incident.assessment.answers.values()} == {"yes, names can be read", "340 of 12,000"}
    assert "ines" in incident.paged

    house.make("resolve", override="the flour is dry again")
    page.goto(f"{house.url}/incidents/INC-1")
    close = page.locator("#more-close")
    close.locator("summary").click()
    close.get_by_label("Close it all the same").fill("the rest is for the day shift")
    close.get_by_role("button", name="Close").press("Enter")
    expect(page.locator("#checklists")).to_contain_text("Closed by")
    expect(page.locator("#checklists")).to_contain_text("the rest is for the day shift")


def test_a_command_of_a_phase_is_run_where_it_stands(page: Any, house: House) -> None:
    """The phase shows its own command, and what it printed."""
    phase = page.locator("#phase-1")
    if phase.get_attribute("open") is None:
        phase.locator("summary").first.click()
    step = phase.locator("article.step", has_text="Which oven is hot")
    step.get_by_role("button", name="Run").click()
    expect(step.locator(".output")).to_contain_text("oven 3 at 231 C")
    assert house.bakery.app is not None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_narrowest_phone_and_axe_finds_nothing(
    browse: Callable[..., Any], house: House, scheme: str, tmp_path: Path
) -> None:
    """Words that do not end break; nothing scrolls sideways."""
    axe = axe_source()
    house.make("tick", box="Say hello")
    house.make("answer_questions", answers={"customer data": "yes"})
    page = browse(viewport=NARROW, color_scheme=scheme)
    page.goto(f"{house.url}/incidents/INC-1")
    page.locator("#pulse.on").wait_for()
    for summary in page.locator("#checklists details > summary").all()[:3]:
        if summary.locator("..").get_attribute("open") is None:
            summary.click()
    shots = os.environ.get("TOCSIN_SHOTS", "")
    page.locator("#checklists").screenshot(path=str(Path(shots or tmp_path) / f"checklists-{scheme}.png"))
    page.locator("#assessment").screenshot(path=str(Path(shots or tmp_path) / f"assessment-{scheme}.png"))
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert page.evaluate("window.caught") is None
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [each["id"] for each in found["violations"]] == []
