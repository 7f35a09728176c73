"""From a page of metrics over the store to a signal's reading, with a real server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.build import NOW
from tests.house import open_house, until
from tests.plug.serving import Site, serving
from tocsin.app import App
from tocsin.engine.scraper import Scraper
from tocsin.errors import Invalid, Unread
from tocsin.plug.exposition import Series, parse_name, parse_samples
from tocsin.probes.promql import Promql
from tocsin.promql import Labels
from tocsin.service import queries, sampling
from tocsin.settings import read_settings
from tocsin.store import samples
from tocsin.store.db import Tx

EVERY = timedelta(seconds=15)
PAGE = """# HELP loaves_total Loaves that were baked.
# TYPE loaves_total counter
loaves_total{{code="200"}} {good}
loaves_total{{code="500",job="own"}} {bad} 1395066363000
heat 230
"""


@dataclass
class Clock:
    """Stands still until it is turned."""

    at = NOW

    def now(self) -> object:
        """Where the hands are."""
        return self.at


@pytest.fixture
def site() -> Iterator[Site]:
    """The bakery's page of metrics."""
    with serving() as page:
        page.headers = {"content-type": "text/plain; version=0.0.4"}
        page.body = PAGE.format(good=0, bad=0).encode()
        yield page


@pytest.fixture
def app(tmp_path: Path, db_url: str, site: Site) -> Iterator[App]:
    """One node that scrapes it."""
    opened = node(tmp_path / "one", db_url, site)
    yield opened
    opened.db.close()


def node(folder: Path, db_url: str, site: Site) -> App:
    """A node over this database with a clock of its own."""
    config = f'[scrape.ovens]\nurl = "{site.url}/metrics"\nlabels = {{ team = "dough" }}\ntoken = "hunter-two-hunter"\n'
    return open_house(folder, db_url, config=config, clock=Clock())


def go(app: App, known: sampling.Known, seconds: float = 15) -> bool:
    """Scrape, later."""
    app.clock.at += timedelta(seconds=seconds)  # type: ignore[attr-defined]
    return sampling.scrape(app, "ovens", app.settings.scrapes["ovens"], known)


def read(app: App, query: str) -> float | str:
    """The reading, or why there is none."""
    try:
        return queries.look(app, Promql(query=query), EVERY).value
    except Unread as error:
        return str(error)


def test_a_ratio_of_two_counters_is_read_from_the_scraped_page(app: App, site: Site) -> None:
    """Two scrapes are enough for a rate; the page's own times are not used."""
    known = sampling.Known()
    share = 'sum(rate(loaves_total{code="500"}[1m])) / sum(rate(loaves_total[1m])) * 100'
    assert "no data" in str(read(app, share))
    go(app, known)
    assert read(app, "heat") == 230
    site.body = PAGE.format(good=30, bad=10).encode()
    go(app, known)
    assert read(app, share) == pytest.approx(25)
    assert site.asked[-1].headers["authorization"] == "Bearer hunter-two-hunter"


def test_every_series_says_where_it_comes_from(app: App, site: Site) -> None:
    """A label of its own that would hide ours is kept under another name."""
    go(app, sampling.Known())
    names = {dict(labels)["__name__"] + dict(labels).get("code", ""): dict(labels) for labels in series(app)}
    ours = {"job": "ovens", "instance": site.url.removeprefix("http://"), "team": "dough"}
    assert names["up"] == {"__name__": "up", **ours}
    assert names["loaves_total500"] == {"__name__": "loaves_total", "code": "500", "exported_job": "own", **ours}


def fails(tx: Tx, name: str, why: str) -> None:
    """The last scrape of a target brought nothing."""
    samples.take_turn(tx, name, NOW, EVERY)
    samples.put_outcome(tx, name, why)


def test_several_pages_that_fail_are_named_and_one_of_them_explained(app: App, site: Site) -> None:
    """A reason for each of forty pages would hide what the query itself lacks."""
    app.settings = replace(
        app.settings, scrapes=dict.fromkeys(("ovens", "shop", "till"), app.settings.scrapes["ovens"])
    )
    for name, why in (("ovens", "answers 503."), ("shop", "answers 404."), ("till", "answers 500.")):
        app.db.write(partial(fails, name=name, why=why))
    said = str(read(app, "heat"))
    assert said.endswith("; the scrape of ovens fails: answers 503; so do those of shop, till.")


def test_a_page_that_fails_is_down_and_its_series_have_ended(app: App, site: Site) -> None:
    """``up`` is 0, nothing else is left, the reason is told with every reading that is missing because of it."""
    known = sampling.Known()
    go(app, known)
    site.status = 503
    go(app, known)
    assert read(app, "up") == 0
    assert read(app, "heat") == (
        f"no data: the query matches no series; the scrape of ovens fails: {site.url}/metrics answers 503."
    )
    site.status = 200
    go(app, known)
    assert (read(app, "up"), read(app, "heat")) == (1, 230)
    assert "the scrape of" not in str(read(app, "nothing_of_the_kind"))


@pytest.mark.parametrize(
    ("body", "headers", "why"),
    [
        (b"<html>", {"content-type": "text/html"}, "web page"),
        (b"", {}, "no sample on it"),
        (b"\xff\xfe\x00\n{}{}{}\nnothing at all", {}, "no sample on it"),
        (b"".join(b'x{n="%d"} 1\n' % n for n in range(sampling.MOST_SERIES + 1)), {}, "series; at most"),
    ],
)
def test_a_page_that_is_none_is_down(app: App, site: Site, body: bytes, headers: dict[str, str], why: str) -> None:
    """What can't be read as a whole is not kept in part."""
    site.body, site.headers = body, headers
    go(app, sampling.Known())
    assert read(app, "up") == 0
    assert why in app.db.read(samples.problems)["ovens"]


def test_a_line_that_can_not_be_read_costs_no_other_one(app: App, site: Site) -> None:
    """What can't be stored is left out, the rest is kept."""
    site.body = b'a 1\nb{x="\xff"} 2\nc{x="' + b"y" * 5_000 + b'"} 3\nd{x="\0"} 4\ne{x= 5\nf{} 6\nf 7\ng NaN\n9h 8\n'
    go(app, sampling.Known())
    assert {dict(labels)["__name__"] for labels in series(app)} == {"a", "f", "g", "up"}
    assert read(app, "f") == 7


def test_two_nodes_scrape_a_page_once(tmp_path: Path, postgres_url: str, site: Site) -> None:
    """Whoever comes second finds that it was done, and reads the same samples."""
    one, two = node(tmp_path / "one", postgres_url, site), node(tmp_path / "two", postgres_url, site)
    try:
        assert [go(one, sampling.Known()), go(two, sampling.Known()), go(two, sampling.Known())] == [True, False, True]
        assert len(site.asked) == 2
        assert read(one, "heat") == 230
    finally:
        one.db.close()
        two.db.close()


def test_what_is_held_in_memory_is_what_a_fresh_look_reads(app: App, site: Site) -> None:
    """Adding what is new at every turn, and reading all of it anew, come to the same."""
    known, asked = sampling.Known(), ["sum(rate(loaves_total[2m]))", "heat", "sum(up)", "count(loaves_total)"]
    probes = [Promql(query=query) for query in asked]
    memory = queries.Held(app, probes)
    for turn in range(30):
        site.status = 500 if turn % 7 == 3 else 200
        bad = f'loaves_total{{code="418",turn="{turn // 10}"}} 3\n' if turn % 5 else ""
        site.body = (PAGE.format(good=turn * turn, bad=turn % 4) + bad).encode()
        go(app, known)
        memory.refresh()
        assert [in_memory(memory, probe) for probe in probes] == [read(app, query) for query in asked]


def test_the_engines_thread_scrapes_and_ends(app: App, site: Site) -> None:
    """It begins at once, and ends within its time while it waits."""
    scraper = Scraper(app)
    scraper.start()
    until(lambda: read(app, "heat") == 230)
    scraper.stop()
    scraper.join(5)
    assert not [each for each in threading.enumerate() if each.name == "tocsin-scrape-ovens"]


def test_forgetting_keeps_what_is_fresh(app: App, site: Site) -> None:
    """Samples older than a month are gone, unless told otherwise."""
    known = sampling.Known()
    go(app, known)
    go(app, known, seconds=31 * 24 * 3600)
    sampling.forget(app)
    assert app.db.read(samples.extent)[0] == 1
    assert read(app, "heat") == 230


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[scrape.x]\nurl = "http://127.0.0.1"\nevery = "10m"', "every is from 1s to 5m"),
        ('[scrape.x]\nurl = "http://127.0.0.1"\nlabels = { "a-b" = "c" }', "'a-b' is not a label's name"),
        ("[scrape.x]", "url is missing"),
        ('[samples]\nkeep = "1m"', "too short"),
        ("[samples]\nmost = 5", "too few"),
        ('[signals.a]\nprobe = "promql"\nquery = "rate(x)"', "can't be read"),
        ('[signals.a]\nprobe = "promql"\nquery = "sin(x)"', "sin\\(\\) is not among"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_place(tmp_path: Path, text: str, why: str) -> None:
    """One sentence, before anything starts."""
    (tmp_path / "tocsin.toml").write_text(text)
    with pytest.raises(Invalid, match=why) as refused:
        read_settings(tmp_path / "tocsin.toml", {})
    assert "tocsin.toml" in str(refused.value)


def test_a_query_with_several_values_names_them(app: App) -> None:
    """A signal is one number; which ones it would be is told."""
    go(app, sampling.Known())
    told = str(read(app, "loaves_total"))
    assert "2 series, not one value" in told and 'loaves_total{code="200"' in told


def test_the_lines_of_a_page_are_told_apart() -> None:
    """Names with and without labels, values of every kind, times that may stand behind, exemplars that are not read."""
    page = (
        'a 1\nb{x="y z}",} 2.5e3 17\n# a 9\n{"c.d", x="y"} +Inf\ne{x="\\"\\\\\\n"} NaN\nf_1 -0 1.5\n'
        'g_bucket{le="1"} 3 # {trace="t"} 0.5\n  h\t4  \ni5\nj{ 6\n# EOF\n'
    )
    found = [(name, str(value), time) for name, value, time in parse_samples(page)]
    assert found == [
        ("a", "1.0", ""), ('b{x="y z}",}', "2500.0", "17"), ('{"c.d", x="y"}', "inf", ""),
        ('e{x="\\"\\\\\\n"}', "nan", ""), ("f_1", "-0.0", "1.5"), ('g_bucket{le="1"}', "3.0", ""), ("h", "4.0", ""),
    ]  # fmt: skip
    assert parse_name('e{x="\\"\\\\\\n"}') == Series("e", (("x", '"\\\n'),))
    assert parse_name('{"c.d", x="y"}') == Series("c.d", (("x", "y"),))
    assert parse_name("a{x=}") is None


def series(app: App) -> list[Labels]:
    """Every series that is kept."""
    return [labels for _, labels in app.db.read(lambda tx: samples.series_after(tx, 0))]


def in_memory(held: queries.Held, probe: Promql) -> float | str:
    """As `read`, from memory."""
    try:
        return held.read(probe).value
    except Unread as error:
        return str(error)
