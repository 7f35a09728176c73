"""What two thousand rules over embedded samples cost: whole turns, from the scrape to what is remembered of each rule.

A page of 500 series is kept for two hours at one scrape every 15 s; then every turn takes in one more scrape, evaluates
each signal's query, compares it with its threshold, and keeps reading and state, as `tocsin up` does. The clock is
turned by hand; processor time is this process's own.
"""

from __future__ import annotations

import random
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tocsin.app import App
from tocsin.engine.measurer import Round
from tocsin.plug.scraping import ScrapeTarget
from tocsin.service import ingest, sampling
from tocsin.service.opening import open_app
from tocsin.store import samples
from tocsin.store import signals as store

LIMITS = {"share_of_a_core": 0.5, "scrape_ms": 100.0}
EVERY = timedelta(seconds=15)
RULES, TURNS, HISTORY = 2_000, 20, 480
SHOPS, CODES, BOUNDS = 20, ("200", "404", "500"), ("0.1", "0.5", "1", "5", "+Inf")
SCRAPED = 1_000

QUERIES = (
    'sum(rate(loaves_total{{shop="{shop}",code="500"}}[5m])) / sum(rate(loaves_total{{shop="{shop}"}}[5m])) * 100',
    'histogram_quantile(0.95, sum by (le) (rate(bake_seconds_bucket{{shop="{shop}"}}[5m])))',
    'max(queue_depth{{shop="{shop}"}})',
    'avg_over_time(queue_depth{{shop="{shop}",oven="{oven}"}}[15m])',
    'sum(increase(loaves_total{{shop="{shop}"}}[1h]))',
    'max_over_time(heat_celsius{{shop="{shop}",oven="{oven}"}}[10m]) - heat_celsius{{shop="{shop}",oven="{oven}"}}',
    'count(queue_depth{{shop="{shop}"}} > {number}) or vector(0)',
    "sum(rate(loaves_total[5m]))",
)


@dataclass
class _Clock:
    """Stands still until it is turned."""

    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page(ScrapeTarget):
    """A page that needs no server: what is measured is what Tocsin does with it."""

    def fetch(self, timeout: timedelta) -> str:
        del timeout
        return "".join(f'scraped_total{{number="{n}",shop="shop-{n % SHOPS}"}} {n * 3}\n' for n in range(SCRAPED))


def run() -> dict[str, Any]:
    """The share of one core at a turn every 15 s, what one scrape costs, and bytes on disk."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.process_time()
        app = _open(folder)
        opened = time.process_time() - began
        numbers, state = _first(app)
        _history(app, numbers, state)
        size = _size(app)
        signals = _turns(app, numbers, state)
        scrape_ms = _scrapes(app)
        app.db.close()
        size["mb_of_the_file"] = round((folder / "tocsin.db").stat().st_size / 1e6, 1)
    share = signals["turn_s"] / EVERY.total_seconds()
    everything = signals["watched"] == signals["read"] == RULES
    kept = everything and share < LIMITS["share_of_a_core"] and scrape_ms < LIMITS["scrape_ms"]
    return {
        "rules": RULES, "series": len(numbers), "opening_s": round(opened, 2), **signals,
        "share_of_a_core": round(share, 3), "scrape_of_1000_ms": round(scrape_ms, 1), **size, "limits": LIMITS,
        "kept": kept,
    }  # fmt: skip


def _open(folder: Path) -> App:
    """A runbook with a threshold for each signal, and the signals."""
    rules = "".join(f"- gauge {number} load > 20000\n" for number in range(RULES))
    (folder / "shops.md").write_text(f"# Shops\n\n## Alerts\n\n{rules}", "utf-8")
    signals = []
    for number in range(RULES):
        query = QUERIES[number % len(QUERIES)].format(shop=number % SHOPS, oven=number % 5, number=number % 7)
        signals.append(f'[signals."gauge {number} load"]\nprobe = "promql"\nquery = \'{query}\'\n')
    (folder / "tocsin.toml").write_text("".join(signals), "utf-8")
    return open_app(
        runbooks=[folder / "shops.md"], config=folder / "tocsin.toml", database=f"sqlite://{folder}/tocsin.db",
        environ={}, clock=_Clock(),
    )  # fmt: skip


def _names() -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for shop in map(str, range(SHOPS)):
        found += [{"__name__": "loaves_total", "shop": shop, "code": code} for code in CODES]
        found += [{"__name__": "bake_seconds_bucket", "shop": shop, "le": bound} for bound in BOUNDS]
        for oven in map(str, range(5)):
            found += [{"__name__": name, "shop": shop, "oven": oven} for name in ("queue_depth", "heat_celsius")]
            found.append({"__name__": "loaves_total", "shop": shop, "oven": oven, "code": "200"})
        found += [{"__name__": "filler", "shop": shop, "number": str(number)} for number in range(2)]
    return found


def _first(app: App) -> tuple[list[int], list[float]]:
    labels = [tuple(sorted(each.items())) for each in _names()]
    return app.db.write(lambda tx: samples.intern(tx, labels)), [0.0] * len(labels)


def _history(app: App, numbers: list[int], state: list[float]) -> None:
    for _ in range(HISTORY):
        _scrape(app, numbers, state)


def _scrape(app: App, numbers: list[int], state: list[float]) -> None:
    dice = random.Random(state[0])
    for place in range(len(state)):
        state[place] += dice.randrange(30)
    app.clock.at += EVERY  # type: ignore[attr-defined]
    app.db.write(lambda tx: samples.append(tx, "shops", app.clock.now(), dict(zip(numbers, state, strict=True))))


def _turns(app: App, numbers: list[int], state: list[float]) -> dict[str, Any]:
    """Processor seconds of one turn, without the first, which reads the history."""
    measurer = Round(app, EVERY)
    began = time.process_time()
    measurer.turn()
    first = time.process_time() - began
    while ingest.merge_waiting(app):
        pass
    took = []
    for _ in range(TURNS):
        began = time.process_time()
        _scrape(app, numbers, state)
        measurer.turn()
        took.append(time.process_time() - began)
    states = app.db.read(store.watches).values()
    return {
        "watched": len(states), "read": sum('"problem":""' in state for state in states),
        "firing": sum('"state":"firing"' in state for state in states), "first_turn_s": round(first, 2),
        "turn_s": round(sum(took) / TURNS, 3), "longest_turn_s": round(max(took), 3),
    }  # fmt: skip


def _scrapes(app: App) -> float:
    """Processor milliseconds of one scrape of a thousand series, once their names are known."""
    target, known = _Page(url="http://127.0.0.1/metrics"), sampling.Known()
    sampling.scrape(app, "page", target, known)
    began = time.process_time()
    for _ in range(TURNS):
        app.clock.at += EVERY  # type: ignore[attr-defined]
        sampling.scrape(app, "page", target, known)
    return (time.process_time() - began) * 1000 / TURNS


def _size(app: App) -> dict[str, float]:
    scrapes, kept = app.db.read(samples.extent)
    row = app.db.read(lambda tx: tx.one("select sum(length(doubles)) as bytes from scrapes"))
    size = int(row["bytes"]) if row else 0
    return {
        "scrapes": scrapes, "samples": kept, "bytes_a_sample": round(size / kept, 2),
        "mb_for_48_h": round(size / HISTORY * 48 * 3600 / EVERY.total_seconds() / 1e6, 1),
    }  # fmt: skip
