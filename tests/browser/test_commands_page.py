"""Commands at hand, a linked runbook, documents and runs of the system, in a browser: no script, narrow, dark, axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import bakery
from tests.browser.conftest import House, axe_source, served
from tocsin.service import tracing
from tocsin.service.tracing import NewTrace, NewTraces

NARROW = {"width": 360, "height": 780}
LONG = "a-word-without-a-blank-" * 12
MORE = f"""

## Quick look-up

| Symptom | Action | Command |
|---|---|---|
| The oven smokes | Read the log | `cat logs/<log-name>.log` |
| The counter floods | Everything off | See "Water Off" |
| {LONG} | Wait | `sleep 1` |

## Water Off

```bash
# Shut the tap
waterctl shut
```

## See also

- [The cellar](./cellar.md)
- [Gone](./{LONG}.md)
"""
CELLAR = f"""# The cellar <b>{LONG}</b>

## Pump it dry

```bash
# Which system is this
uname -s
```

- [ ] Close the hatch
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A bakery with a quick look-up, a document beside its runbook, and a run that failed."""
    with bakery.metrics_page() as metrics:
        bakery.furnish(tmp_path, metrics)
        book = tmp_path / "bakery.md"
        book.write_text(book.read_text("utf-8") + MORE, "utf-8")
        (tmp_path / "cellar.md").write_text(CELLAR, "utf-8")
        place = bakery.enter(tmp_path, metrics)
        failed = NewTrace(id="7", name="bake", status="error", seconds=3, error=LONG)
        tracing.record(place.app, NewTraces(traces=(failed,)), "oven")
        bakery.orders_fail(place.app)
        try:
            with served(place) as running:
                yield running
        finally:
            place.app.db.close()


def test_a_command_is_found_and_run_without_a_script(browse: Callable[..., Any], house: House) -> None:
    """From the incident by its symptom to the output, by keyboard; a section is opened; a runbook is followed."""
    page = browse(java_script_enabled=False)
    page.goto(f"{house.url}/incidents/INC-1")
    page.get_by_text("Other commands of the runbook").click()
    page.locator("#commands").get_by_role("searchbox").fill("oven smokes")
    page.locator("#commands").get_by_role("searchbox").press("Enter")
    row = page.locator("article.step")
    expect(row).to_have_count(1)
    row.get_by_label("<log-name>").fill("oven")
    row.get_by_label("<log-name>").press("Enter")
    step = page.locator("article.step", has_text="The oven smokes")
    expect(step).to_contain_text("cat logs/oven.log")
    expect(page.locator("#timeline")).to_contain_text("<log-name> is oven")

    page.goto(f"{house.url}/incidents/INC-1/commands?words=floods")
    page.get_by_role("link", name="Open the section").click()
    expect(page.locator("article.step")).to_contain_text("waterctl shut")
    page.goto(f"{house.url}/incidents/INC-1#documents")
    page.locator("#documents").get_by_role("button", name="Follow").first.click()
    expect(page.locator("main")).to_contain_text("Close the hatch")
    page.locator("#documents").get_by_role("link", name="./cellar.md").click()
    expect(page.locator(".document")).to_contain_text("Pump it dry")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_narrowest_phone_and_axe_finds_nothing(
    browse: Callable[..., Any], house: House, scheme: str
) -> None:
    """Long words break; nothing scrolls sideways; markup is text."""
    axe = axe_source()
    house.make("follow", document="./cellar.md")
    page = browse(viewport=NARROW, color_scheme=scheme)
    for path in ("/incidents/INC-1", "/incidents/INC-1/commands", "/incidents/INC-1/documents/1", "/traces?span="):
        page.goto(house.url + path)
        expect(page.locator("main")).to_contain_text(LONG)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], path
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(path, each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]] == []
