"""The panel of messages in a browser: by keyboard, without a script, on a phone, in the dark."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House, axe_source, trouble, war_room

NARROW = {"width": 360, "height": 780}
TEMPLATES = """
## Messages

### First message

```
[INVESTIGATING] {title}: customers see [symptom]. Impact: [user-facing effect].
You hear of us every [X] minutes.
```

### Update

```
[Incident ID] lasts [time since start].
Next: [next steps]
```
"""
CHANNELS = """
[channels]
"#counter" = { notify = ["console"], chat = "#counter" }
"#town" = { notify = ["console"], chat = "#town", public = true }
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A bakery with two templates, a channel of its own, and one that the town reads."""

    def prepare() -> None:
        config, book = tmp_path / "tocsin.toml", next(tmp_path.glob("*.md"))
        config.write_text(config.read_text("utf-8") + CHANNELS, "utf-8")
        book.write_text(book.read_text("utf-8") + TEMPLATES, "utf-8")

    with trouble(tmp_path, prepare) as running:
        yield running


def test_a_message_is_filled_and_sent_live(page: Any) -> None:
    """What is asked stands in fields; the text changes as it is answered, and the sent message is on the timeline."""
    panel = page.locator("#messages")
    panel.locator('input[name="answers.symptom"]').fill("an empty basket")
    panel.locator('input[name="answers.impact"]').fill("nobody gets bread")
    panel.locator('input[name="answers.cadence"]').fill("30")
    panel.get_by_role("button", name="Fill in").press("Enter")
    expect(panel.locator("pre").first).to_contain_text("an empty basket")
    expect(panel.locator("pre").first).to_contain_text("every 30 minutes")
    expect(panel.get_by_label("#town").first).not_to_be_checked()
    shoot(page, "messages-ready")
    panel.locator("button", has_text="Send").first.press("Enter")
    expect(page.locator("#timeline")).to_contain_text("nobody gets bread")
    expect(panel).to_contain_text("Promised updates: 1 kept, 0 broken")
    expect(panel.locator("pre", has_text="lasts")).to_be_visible()
    shoot(page, "messages-sent")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_panel_is_fit_for_everybody_on_a_phone(browse: Callable[..., Any], house: House, scheme: str) -> None:
    """No finding of axe, nothing sticks out, in the light and in the dark."""
    page = browse(viewport=NARROW, color_scheme=scheme)
    war_room(page, house)
    page.locator("#message-answers").evaluate_all("all => all.forEach(each => each.open = true)")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{wide} px stick out"
    page.evaluate(axe_source())
    found = page.evaluate("axe.run('#messages').then(told => told.violations.map(each => each.id + ': ' + each.help))")
    assert found == []
    page.locator("#messages").scroll_into_view_if_needed()
    shoot(page, f"messages-phone-{scheme}")


def test_it_works_without_a_script(browse: Callable[..., Any], house: House) -> None:
    """Answers, other words and sending are forms that come back to the panel."""
    page = browse(java_script_enabled=False)
    page.goto(f"{house.url}/incidents/INC-1")
    panel = page.locator("#messages")
    panel.locator('input[name="answers.symptom"]').fill("nothing")
    panel.get_by_role("button", name="Fill in").click()
    expect(page.locator("#messages pre").first).to_contain_text("customers see nothing")
    panel.get_by_text("Write it otherwise").first.click()
    panel.get_by_label("The message").first.fill("Closed today.")
    panel.get_by_role("button", name="Keep").first.click()
    page.locator("#messages").locator("button", has_text="Send").first.click()
    expect(page.locator("#timeline")).to_contain_text("Closed today.")


def shoot(page: Any, name: str) -> None:
    """A picture for whoever looks at it: with PICTURES set, into that folder."""
    if os.environ.get("PICTURES"):
        page.locator("#messages").screenshot(path=f"{os.environ['PICTURES']}/{name}.png")
