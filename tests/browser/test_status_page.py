"""The public page in a real browser: read by axe, in the dark, on a phone, and with no script to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import PHONE, axe_source
from tests.statuspage import pier
from tocsin.service.statuspage import maintenance, showing
from tocsin.web.statuspage.drawing import draw
from tocsin.web.statuspage.files import write_files


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The page with an incident, a plan and a history, as it is served."""
    app = pier.enter(tmp_path)
    try:
        said = {"boarding": "Board at the other ramp."}
        pier.publish(app, pier.an_incident(app), messages=said, began="2026-03-02T08:00")
        wanted = maintenance.Planning(title="A new ramp", text="No boarding.", starts_at="2026-03-05T09:00", lasts="1h")
        maintenance.plan(app, wanted, "ana", "admin")
        showing.look(app)
        files = draw(showing.configured(app), showing.public(app), pier.NOW, pier.NOW)
        write_files(tmp_path / "out", {name: file.body for name, file in files.items()})
        yield tmp_path / "out"
    finally:
        app.db.close()


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens a file of the page without a script being allowed to run."""
    contexts: list[Any] = []

    def open_page(path: Path, **options: Any) -> Any:
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", "history.html", "incidents"])
def test_axe_finds_nothing(visit: Callable[..., Any], folder: Path, colours: str, name: str) -> None:
    """On every kind of page, in both colours."""
    path = folder / name
    page = visit(path if path.is_file() else next(path.iterdir()), color_scheme=colours)
    page.evaluate(axe_source())
    found = page.evaluate("axe.run().then(found => found.violations.map(each => `${each.id}: ${each.nodes[0].html}`))")

    assert found == []


def test_it_fits_a_phone_and_is_walked_by_keyboard(visit: Callable[..., Any], folder: Path) -> None:
    """Nothing sticks out sideways; the first stop leads to the content; details open by Enter."""
    page = visit(folder / "index.html", viewport=PHONE, java_script_enabled=True)

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details[open]").count() == 1


def test_it_says_the_same_without_a_script(visit: Callable[..., Any], folder: Path) -> None:
    """There is none to miss."""
    page = visit(folder / "index.html", java_script_enabled=False)

    assert page.get_by_role("status").inner_text() == "Some systems are down"
    assert page.get_by_text("Board at the other ramp.").count() >= 1
    assert page.get_by_role("link", name="A new ramp").count() == 1
    assert page.locator("script").count() == 0
