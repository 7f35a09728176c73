"""Scraping: the samples of a page are kept here, and what a page no longer shows has ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.errors import Invalid, Unread
from tocsin.plug.exposition import parse_name, parse_samples
from tocsin.plug.masking import mask_text
from tocsin.plug.scraping import ScrapeTarget
from tocsin.promql.series import NAME, Labels
from tocsin.service import thinning
from tocsin.store import samples
from tocsin.store.db import Tx
from tocsin.times import from_micros

MOST_SERIES = 20_000
"""On one page; a page with more is refused as a whole, because a part of it would be guessed at."""
LONGEST_NAME = 4_000
TIMEOUT = timedelta(seconds=10)
TRUSTED = timedelta(hours=1)
AHEAD = timedelta(minutes=5)
"""So much may a sender's clock be ahead."""
_TICK = timedelta(milliseconds=1)


@dataclass(slots=True)
class Known:
    """What a page's series are numbered, as they stand there: so that a name is parsed once, not at every scrape."""

    numbers: dict[str, int] = field(default_factory=dict)
    since: datetime | None = None


def scrape(app: App, name: str, target: ScrapeTarget, known: Known) -> bool:
    """Read a target's page once and keep its samples; False where another node's turn is not over.

    A page that can't be read is a fact too: ``up`` is 0, and every other series of the target has ended.
    """
    now = _whole(app.clock.now())
    if not app.db.write(lambda tx: samples.take_turn(tx, name, now, target.every - _margin(target.every))):
        return False
    if known.since is None or now - known.since > TRUSTED:  # numbers of series that were forgotten are not used again
        known.numbers, known.since = {}, now
    try:
        page, problem = _page(target.fetch(min(TIMEOUT, target.every))), ""
    except Unread as error:
        page, problem = {}, mask_text(str(error), app.settings.secrets)[:300]
    own = target.labels_of(name)
    names = {text: _labels(text, own) for text in page if text not in known.numbers}
    up = _sorted({NAME: "up", **own})

    def write(tx: Tx) -> dict[str, int]:
        readable = {text: labels for text, labels in names.items() if labels}
        fresh = dict(zip(readable, samples.intern(tx, list(readable.values())), strict=True))
        numbers = {text: number for text in page if (number := known.numbers.get(text) or fresh.get(text))}
        values = {number: page[text] for text, number in numbers.items()}
        values[samples.intern(tx, [up])[0]] = 0.0 if problem else 1.0
        samples.append(tx, name, now, values)
        samples.put_outcome(tx, name, problem)
        return numbers

    known.numbers = app.db.write(write)
    return True


def push(app: App, sender: str, text: str) -> int:
    """Keep samples that a program sends, as they would stand on a page; returns how many. Returned means stored.

    Behind a value may stand its time in milliseconds. Raises `Invalid`, and keeps nothing, where a line can't be read.
    """
    now = _whole(app.clock.now())
    found: dict[datetime, dict[Labels, float]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            labels, value, at = _pushed(line, {"job": sender}, now, f"line {number}")
            if not now - app.settings.samples.keep <= at <= now + AHEAD:
                raise Invalid(
                    "The sample's time is in the future, or older than samples are kept.",
                    "Write milliseconds since 1970, or no time at all.", where=f"line {number}",
                )  # fmt: skip
            found.setdefault(at, {})[labels] = value
    count = sum(map(len, found.values()))
    if not count or count > MOST_SERIES:
        raise Invalid(f"There are {count:,} samples in the body.", f"Send 1 to {MOST_SERIES:,} at a time.")

    def write(tx: Tx) -> None:
        for at, values in sorted(found.items()):
            numbers = samples.intern(tx, list(values))
            samples.append(tx, f"sent by {sender}", at, dict(zip(numbers, values.values(), strict=True)), ends=False)

    app.db.write(write)
    return count


def _pushed(line: str, own: Mapping[str, str], now: datetime, where: str) -> tuple[Labels, float, datetime]:
    """One line that was sent: its series, value and moment."""
    sample = next(parse_samples(line), None)
    found = parse_name(sample[0]) if sample and len(line) <= LONGEST_NAME and "\0" not in line else None
    if sample is None or found is None:
        raise Invalid(f"{line[:80]!r} is not a sample.", 'Write for example loaves_total{oven="east"} 5.', where=where)
    try:
        at = from_micros(round(float(sample[2])) * 1000) if sample[2] else now
    except OverflowError:
        raise Invalid(f"{sample[2][:40]} is not a time.", "Write milliseconds since 1970.", where=where) from None
    return _sorted({**own, **dict(found.labels), NAME: found.name}), sample[1], at


def forget(app: App) -> None:
    """Keep the samples bounded, in age and in number, and those that are older than ``keep`` thin."""
    kept = app.settings.samples
    thinning.thin(app, "scrapes", samples.thin, kept.keep, kept.thinned)
    before = app.clock.now() - max(kept.keep, kept.thinned)
    app.db.write(lambda tx: samples.prune(tx, before=before, keep=kept.most))


def _page(text: str) -> dict[str, float]:
    """Each series as it stands on the page, with its value; the page's own times are not used."""
    found = {name: value for name, value, _ in parse_samples(text)}
    if not found:
        raise Unread("The page has no sample on it.", "Is it a page in the Prometheus text format?")
    if len(found) > MOST_SERIES:
        raise Unread(f"The page has {len(found):,} series; at most {MOST_SERIES:,} are kept.", "Show fewer there.")
    return found


def _labels(text: str, own: Mapping[str, str]) -> Labels:
    """The series as it is kept; empty where its name can't be read or stored."""
    found = parse_name(text) if len(text) <= LONGEST_NAME and "\0" not in text else None
    if found is None or "\ufffd" in text:
        return ()
    theirs = {f"exported_{label}" if label in own else label: value for label, value in found.labels}
    return _sorted({**theirs, **own, NAME: found.name})


def _sorted(labels: Mapping[str, str]) -> Labels:
    return tuple(sorted((label, value) for label, value in labels.items() if value))


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _margin(every: timedelta) -> timedelta:
    """A turn that comes a little early is still in time."""
    return min(every / 10, timedelta(seconds=1)) // _TICK * _TICK
