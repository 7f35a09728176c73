"""Scrapes in the store, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.build import NOW
from tocsin.promql import STALE, Labels, is_stale
from tocsin.store import samples
from tocsin.store.db import Database

EVERY = timedelta(seconds=15)


def named(name: str, **labels: str) -> Labels:
    """A series."""
    return tuple(sorted({"__name__": name, **labels}.items()))


def later(turns: int) -> datetime:
    """So many scrapes after the first."""
    return NOW + turns * EVERY


def keep(db: Database, turn: int, values: dict[Labels, float], source: str = "oven") -> None:
    """One scrape."""

    def write(tx: samples.Tx) -> None:
        numbers = samples.intern(tx, list(values))
        samples.append(tx, source, later(turn), dict(zip(numbers, values.values(), strict=True)))

    db.write(write)


def kept(db: Database) -> list[dict[str, float | str]]:
    """Each scrape in its order: the metric's name and its value."""
    names = dict(db.read(lambda tx: samples.series_after(tx, 0)))
    found: list[dict[str, float | str]] = []
    for scrape in db.read(lambda tx: samples.scrapes_after(tx, 0, NOW - timedelta(days=1))):
        numbers = db.read(lambda tx, scrape=scrape: samples.layout(tx, scrape.layout))
        found.append({
            dict(names[number])["__name__"]: "ended" if is_stale(value) else value
            for number, value in zip(numbers, scrape.values, strict=True)
        })  # fmt: skip
    return found


def test_what_was_scraped_is_read_back(db: Database) -> None:
    """Values, labels and moments are those that came in."""
    heat = named("heat", oven='näher "dran"\n')
    keep(db, 0, {heat: 230.5, named("loaves"): 1e300})
    keep(db, 1, {heat: -0.0, named("loaves"): float("inf")})
    assert kept(db) == [{"heat": 230.5, "loaves": 1e300}, {"heat": -0.0, "loaves": float("inf")}]
    assert dict(db.read(lambda tx: samples.series_after(tx, 0)))[1] == heat
    first, second = db.read(lambda tx: samples.scrapes_after(tx, 0, NOW))
    assert (second.at - first.at, first.layout) == (15_000, second.layout)


def test_a_series_that_is_gone_has_ended_once(db: Database) -> None:
    """It is marked at the first scrape without it, not at the second, and its return is a value again."""
    a, b = named("a"), named("b")
    for turn, values in enumerate(({a: 1.0, b: 1.0}, {a: 2.0}, {a: 3.0}, {a: 4.0, b: 4.0})):
        keep(db, turn, values)
    assert kept(db) == [{"a": 1.0, "b": 1.0}, {"a": 2.0, "b": "ended"}, {"a": 3.0}, {"a": 4.0, "b": 4.0}]


def test_the_sources_do_not_end_each_others_series(db: Database) -> None:
    """What one page does not show may stand on another."""
    keep(db, 0, {named("a"): 1.0}, "east")
    keep(db, 1, {named("b"): 1.0}, "west")
    keep(db, 2, {named("a"): 2.0}, "east")
    assert kept(db) == [{"a": 1.0}, {"b": 1.0}, {"a": 2.0}]


def test_only_what_is_new_is_read_again(db: Database) -> None:
    """By the number of the last one, and by age."""
    for turn in range(6):
        keep(db, turn, {named("a"): float(turn)})
    last = db.read(samples.newest)
    keep(db, 6, {named("a"): 6.0, named("b"): 6.0})
    (scrape,) = db.read(lambda tx: samples.scrapes_after(tx, last, NOW))
    assert list(scrape.values) == [6.0, 6.0]
    assert [labels for _, labels in db.read(lambda tx: samples.series_after(tx, 1))] == [named("b")]
    assert len(db.read(lambda tx: samples.scrapes_after(tx, 0, later(4)))) == 3


def test_the_store_is_bounded_in_age(db: Database) -> None:
    """What is older is forgotten, and with it series and layouts that nothing refers to."""
    keep(db, 0, {named("old"): 1.0}, "east")
    keep(db, 1, {named("a"): 1.0}, "west")
    keep(db, 2, {named("a"): 2.0}, "west")
    assert db.write(lambda tx: samples.prune(tx, before=later(1), keep=1_000)) == 1
    assert kept(db) == [{"a": 1.0}, {"a": 2.0}]
    assert [labels for _, labels in db.read(lambda tx: samples.series_after(tx, 0))] == [named("a")]
    keep(db, 3, {named("old"): 3.0}, "east")
    assert kept(db)[-1] == {"old": 3.0}


def test_the_store_is_bounded_in_number(db: Database) -> None:
    """The oldest go first, until at most so many samples are left."""
    for turn in range(10):
        keep(db, turn, {named("a"): float(turn), named("b"): 0.0})
    assert db.write(lambda tx: samples.prune(tx, before=NOW, keep=7)) == 7
    assert [one["a"] for one in kept(db)] == [7.0, 8.0, 9.0]
    assert db.read(samples.extent) == (3, 6)
    assert db.write(lambda tx: samples.prune(tx, before=NOW, keep=7)) == 0


def test_a_target_is_scraped_by_one_node_at_a_time(db: Database) -> None:
    """The second one finds that it was done, until the time is over; a clock that was set back stops nobody."""

    def turn(now: datetime) -> bool:
        return db.write(lambda tx: samples.take_turn(tx, "oven", now, EVERY))

    assert [turn(later(0)), turn(later(0)), turn(later(1) - timedelta(seconds=1)), turn(later(1))] == [1, 0, 0, 1]
    assert turn(NOW - timedelta(days=1))


def test_why_a_scrape_failed_is_kept_until_one_succeeds(db: Database) -> None:
    """One sentence for each target."""
    db.write(lambda tx: samples.take_turn(tx, "oven", NOW, EVERY))
    db.write(lambda tx: samples.put_outcome(tx, "oven", "It is cold."))
    assert db.read(samples.problems) == {"oven": "It is cold."}
    db.write(lambda tx: samples.put_outcome(tx, "oven", ""))
    assert db.read(samples.problems) == {}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9), max_size=6), min_size=1, max_size=8))
def test_a_series_is_alive_exactly_while_its_page_shows_it(db: Database, pages: list[dict[str, int]]) -> None:
    """Whatever comes and goes: the last of its samples is a value where the last page shows it, else the mark."""
    source = f"page {db.read(samples.newest)}"
    for turn, page in enumerate(pages):
        keep(db, turn, {named(name, page=source): float(value) for name, value in page.items()}, source)
    names = {number: dict(labels) for number, labels in db.read(lambda tx: samples.series_after(tx, 0))}
    last: dict[str, float] = {}
    for scrape in sorted(db.read(lambda tx: samples.scrapes_after(tx, 0, NOW)), key=lambda one: one.id):
        for number, value in zip(
            db.read(lambda tx, one=scrape: samples.layout(tx, one.layout)), scrape.values, strict=True
        ):
            if names[number].get("page") == source:
                last[names[number]["__name__"]] = value
    assert {name: value for name, value in last.items() if not is_stale(value)} == pages[-1]
    assert is_stale(STALE)
