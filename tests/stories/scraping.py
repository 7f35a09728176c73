"""Samples that Tocsin keeps itself: what a scraped page shows. A story says `[scrape.NAME]` in its toml, no more."""

from __future__ import annotations

from tests.stories.vocabulary import action
from tests.stories.world import World
from tocsin.service import sampling


@action(r"the page is scraped with `(?P<lines>[^`]*)`", "the page is scraped with `orders_total 7 / queue_depth 3`")
def _scraped(world: World, lines: str) -> None:
    """The page of metrics shows these samples, with a slash between two, and is scraped; without any, that fails."""
    world.page.values.clear()
    for line in filter(None, lines.split(" / ")):
        name, _, value = line.rpartition(" ")
        world.page.values[name] = float(value)
    for name, target in world.app.settings.scrapes.items():
        assert sampling.scrape(world.app, name, target, sampling.Known()), f"{name} is not due yet"
