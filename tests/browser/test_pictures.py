"""The pictures of the documents are made from a real, lived-in incident.

``pytest tests/browser/test_pictures.py --pictures`` writes them to docs/images; without ``--pictures`` the same pages
are made and looked at, and no file is written.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.browser import bakery
from tests.browser.bakery import Bakery
from tests.browser.conftest import DESK, PHONE, House, log_in, served, war_room
from tocsin.engine.runner import Runner
from tocsin.engine.worker import Worker
from tocsin.service import clocks, watch

IMAGES = Path(__file__).resolve().parents[2] / "docs/images"
# Minutes ago, who, move, fields.
STORY: tuple[tuple[float, str, str, dict[str, str]], ...] = (
    (16.8, "mara", "acknowledge", {}),
    (16.2, "mara", "assign", {"role": "commander", "person": "ines"}),
    (16.0, "ines", "assign", {"role": "communications", "person": "tomas"}),
    (15.5, "ines", "assess", {"severity": "P1", "why": "every twelfth order is lost"}),
    (14.1, "mara", "note", {"text": "Checkout answers 500 for roughly every twelfth order."}),
    (12.9, "tomas", "post_update", {"text": "Some orders fail. We are on it.", "audience": "customers"}),
    (2.5, "mara", "choose_branch", {"branch": "If a release went out in the last hour", "why": "newest one at 10:38"}),
)


@pytest.fixture
def lived_in() -> Iterator[House]:
    """INC-1 nineteen minutes after its alert: diagnosed, discussed, a rollback waiting for its approval."""
    with bakery.metrics_page() as metrics, tempfile.TemporaryDirectory(prefix="bakery-") as made:
        folder = Path(made)  # a short name, because the page shows where commands run
        bakery.furnish(folder, metrics)
        place = bakery.enter(folder, metrics)
        try:
            live_through(place)
            with served(place) as running:
                yield running
        finally:
            place.app.db.close()


def live_through(place: Bakery) -> None:
    """Make the story true, each move at its time."""
    place.clock.by = timedelta(minutes=-19, seconds=-14)
    signal = place.app.settings.signals[0]
    bakery.orders_fail(place.app)
    watch.heed(place.app, signal, watch.read_signal(place.app, signal))
    runner, worker = Runner(place.app), Worker(place.app)
    runner.turn()
    runner.rest()
    for minutes, who, move, fields in STORY:
        worker.turn()
        place.clock.by = timedelta(minutes=-minutes)
        clocks.wake_due(place.app)
        bakery.make(place, move, who, **fields)
    worker.turn()
    worker.stop(10)
    place.clock.by = timedelta(0)
    bakery.past_samples(place.app)


@pytest.mark.parametrize(
    ("name", "path", "options"),
    [
        ("incident-page", "/incidents/INC-1", {"color_scheme": "light"}),
        ("incident-page-dark", "/incidents/INC-1", {"color_scheme": "dark"}),
        ("incident-page-phone", "/incidents/INC-1", {"viewport": PHONE, "is_mobile": True}),
        ("now", "/", {}),
        ("runbook", "/runbooks/0#L28", {"reduced_motion": "reduce"}),
        ("runbook-dark", "/runbooks/0#L28", {"reduced_motion": "reduce", "color_scheme": "dark"}),
        ("runbook-phone", "/runbooks/0?show=findings", {"viewport": PHONE, "is_mobile": True}),
    ],
)
def test_a_picture(
    chromium: Any, lived_in: House, request: pytest.FixtureRequest, name: str, path: str, options: dict[str, Any]
) -> None:
    """The page is complete and live, and its picture has the size of its window."""
    window = options.get("viewport", DESK)
    context = chromium.new_context(**{"viewport": window, **options})
    page = context.new_page()
    log_in(page, lived_in.url)
    if path.startswith("/incidents"):
        war_room(page, lived_in)
        page.locator(".ask-box").wait_for()
        page.locator("figure.signal canvas").wait_for()
    else:
        page.goto(lived_in.url + path)
    page.evaluate("() => document.fonts.ready")

    picture = page.screenshot()

    assert struct.unpack(">II", picture[16:24]) == (window["width"], window["height"])
    if request.config.getoption("--pictures", default=False):
        IMAGES.mkdir(parents=True, exist_ok=True)
        (IMAGES / f"{name}.png").write_bytes(picture)
    context.close()
