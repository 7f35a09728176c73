"""Old samples are thinned: what stays is true, bounded, and reaches a month back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.build import NOW
from tests.house import open_house
from tocsin.app import App
from tocsin.service import sampling, watch
from tocsin.service.thinning import BUCKET
from tocsin.store import samples, signals
from tocsin.store.db import Tx

HOUR = timedelta(hours=1)


@dataclass
class Hands:
    """A clock that is turned by hand."""

    at: datetime = NOW

    def now(self) -> datetime:
        """Where the hands are."""
        return self.at


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """A node whose clock stands."""
    opened = open_house(tmp_path / "house", db_url, clock=Hands())
    yield opened
    opened.db.close()


def fill(app: App, hours: int) -> list[tuple[datetime, float]]:
    """A reading each 30 s that ends now; one in a thousand is a peak."""
    count = hours * 120
    values = [(NOW - timedelta(seconds=30 * (count - n)), float(n % 7 + 1000 * (n % 1000 == 0))) for n in range(count)]

    def write(tx: Tx) -> None:
        for at, value in values:
            signals.append(tx, "heat", at, value)

    app.db.write(write)
    return values


def window(app: App) -> list[tuple[datetime, float]]:
    """Everything that is kept."""
    return app.db.read(lambda tx: signals.window(tx, "heat", NOW - timedelta(days=99), NOW + timedelta(days=99)))


def test_two_days_stay_whole_and_older_ones_keep_their_peaks(app: App) -> None:
    """Of five minutes the lowest and the highest value, each at its own moment; a second time nothing more goes."""
    told = fill(app, 54)
    watch.forget(app)

    kept = window(app)
    assert set(kept) <= set(told)
    edge = NOW - watch.KEEP
    assert [each for each in kept if each[0] >= edge] == [each for each in told if each[0] >= edge]
    old = [each for each in kept if each[0] < edge]
    assert 6 * 12 <= len(old) <= 6 * 12 * 2 + 2 < 6 * 120
    peaks = [each for each in told if each[1] >= 1000]
    assert [each for each in kept if each[1] >= 1000] == peaks
    watch.forget(app)
    assert window(app) == kept


def test_each_turn_goes_on_where_the_last_one_ended(app: App) -> None:
    """Also after days without one: what was left behind is thinned some hours at a time, until all of it is."""
    fill(app, 50)
    watch.forget(app)
    assert isinstance(app.clock, Hands)
    app.clock.at += timedelta(days=3)
    for _ in range(20):
        watch.forget(app)
    kept = window(app)
    assert len(kept) <= 50 * 12 * 2 + 4
    buckets = {(at - NOW) // BUCKET for at, _ in kept}
    assert len(kept) <= 2 * len(buckets)


def test_after_a_month_all_is_gone(app: App) -> None:
    """And sooner where the configuration says so."""
    fill(app, 2)
    assert isinstance(app.clock, Hands)
    app.clock.at += timedelta(days=29)
    watch.forget(app)
    assert window(app)
    app.settings = replace(app.settings, samples=replace(app.settings.samples, thinned=timedelta(0)))
    watch.forget(app)
    assert window(app) == []


def test_of_scrapes_one_stays_for_each_page_and_set_of_series(app: App) -> None:
    """A page whose series changed keeps one of each kind, so that no series is lost; fresh ones all stay."""

    def write(tx: Tx) -> None:
        one, two = samples.intern(tx, [(("__name__", "heat"),), (("__name__", "smoke"),)])
        for number in range(40):
            at = NOW - timedelta(hours=49) + timedelta(seconds=15 * number)
            samples.append(tx, "ovens", at, {one: 1.0, two: 2.0} if number % 2 else {one: 1.0}, ends=False)
            samples.append(tx, "tills", at, {two: 2.0})
        samples.append(tx, "ovens", NOW - HOUR, {one: 1.0})
        samples.append(tx, "ovens", NOW - HOUR + timedelta(seconds=15), {one: 1.0})

    app.db.write(write)
    sampling.forget(app)
    assert app.db.read(samples.extent)[0] == 2 * 2 + 2 + 2
