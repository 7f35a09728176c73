"""Fixtures of the browser tests: a real server in this process, a real Chromium."""

from __future__ import annotations

import importlib.util
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from tests.browser import bakery
from tests.browser.bakery import Bakery
from tocsin.engine import Engine
from tocsin.web import server

HERE = Path(__file__).parent
DEADLINE = 20.0
DESK = {"width": 1560, "height": 1010}
PHONE = {"width": 412, "height": 915}


@dataclass
class House:
    """A bakery whose pages are served."""

    bakery: Bakery
    url: str
    web: Starlette

    def make(self, move: str, who: str = "ines", **fields: Any) -> None:
        """Somebody else makes a move, at another place."""
        bakery.make(self.bakery, move, who, **fields)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--pictures``: make the pictures of docs/images anew."""
    parser.addoption("--pictures", action="store_true", help="make the pictures of docs/images anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for Chromium is marked as such."""
    for item in items:
        if HERE in item.path.parents and "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests."""
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("playwright is not installed")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as programs:
        browser = programs.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextmanager
def served(place: Bakery, port: int = 0) -> Iterator[House]:
    """The real server with its engine over a bakery, on a free port, until the end of the block."""
    with closing(server.listen("127.0.0.1", port)) as listening:
        web = server.build(place.app, Engine(place.app))
        running = uvicorn.Server(uvicorn.Config(web, log_config=None, ws="none", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            eventually(lambda: running.started or not thread.is_alive(), "the server's start")
            yield House(place, f"http://127.0.0.1:{listening.getsockname()[1]}", web)
        finally:
            running.should_exit = True
            eventually(lambda: place.open_gates() or not thread.is_alive(), "the server's end")


@contextmanager
def trouble(folder: Path, prepare: Callable[[], object] = lambda: None) -> Iterator[House]:
    """A served bakery in which orders have just begun to fail: INC-1; ``prepare`` changes its files before it opens."""
    with bakery.metrics_page() as metrics:
        bakery.furnish(folder, metrics)
        prepare()
        place = bakery.enter(folder, metrics)
        bakery.orders_fail(place.app)
        try:
            with served(place) as running:
                yield running
        finally:
            place.app.db.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A served bakery in which orders have just begun to fail: INC-1."""
    with trouble(tmp_path) as running:
        yield running


@pytest.fixture
def browse(chromium: Any, house: House) -> Iterator[Callable[..., Any]]:
    """Opens pages of people who have logged in; a script error or a breach of the CSP fails the test."""
    contexts: list[Any] = []
    faults: list[str] = []

    def open_page(who: str = "mara", **options: Any) -> Any:
        context = chromium.new_context(**{"viewport": DESK, "color_scheme": "light", **options})
        context.set_default_timeout(DEADLINE * 1000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(f"a dialog: {dialog.message}") or dialog.dismiss())
        page.on("console", lambda line: faults.append(line.text) if "Security Policy" in line.text else None)
        log_in(page, house.url, who)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(browse: Callable[..., Any], house: House) -> Any:
    """The war room of INC-1, seen by Mara, an admin; live."""
    opened = browse()
    war_room(opened, house)
    return opened


def war_room(page: Any, house: House) -> None:
    """Go to INC-1 and wait until the page is live."""
    page.goto(f"{house.url}/incidents/INC-1")
    page.locator("#pulse.on").wait_for()


def log_in(page: Any, url: str, who: str = "mara") -> None:
    """Through the form, as people do."""
    page.goto(f"{url}/login")
    page.get_by_label("Your token").fill(bakery.TOKENS[who])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{url}/")


def axe_source() -> str:
    """The accessibility checker, which the build hook keeps; skips where it did not."""
    named = os.environ.get("TOCSIN_AXE", "")
    for path in (Path(named) if named else None, HERE.parents[1] / "build/axe.min.js"):
        if path is not None and path.is_file():
            return path.read_text("utf-8")
    pytest.skip("no axe-core: `make clean install` brings it, or name its axe.min.js in TOCSIN_AXE")


def eventually(look: Callable[[], Any], what: str, seconds: float = DEADLINE) -> Any:
    """What ``look`` finds, as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come within {seconds:g} s")
