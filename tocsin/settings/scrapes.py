"""``[scrape.NAME]`` and ``[samples]``: the pages whose samples are kept, and how long."""

from __future__ import annotations

from datetime import timedelta

from tocsin.errors import Invalid
from tocsin.plug import registry
from tocsin.plug.scraping import ScrapeTarget
from tocsin.settings import shapes
from tocsin.settings.model import Samples
from tocsin.settings.spans import span

SHORTEST_KEEP = timedelta(minutes=10)
FEWEST = 10_000


def targets(raw: shapes.File, where: str) -> dict[str, ScrapeTarget]:
    """The pages to scrape by their names, which are the label ``job``."""
    return {name: registry.bind(ScrapeTarget, table, f"{where}: [scrape.{name}]") for name, table in raw.scrape.items()}


def kept(raw: shapes.File, where: str) -> Samples:
    """How long samples are kept, and how many."""
    most = raw.samples.most
    if most < FEWEST:
        raise Invalid(
            f"{most:,} samples are too few to measure with.",
            f"Keep at least {FEWEST:,}.",
            where=f"{where}: [samples] most",
        )
    keep = span(raw.samples.keep, f"{where}: [samples] keep", SHORTEST_KEEP)
    thinned = span(raw.samples.thinned, f"{where}: [samples] thinned", timedelta(0))
    return Samples(keep=keep, thinned=thinned, most=most)
