"""The figures of a period for somebody: incidents are rolled up as they change, and counted when somebody looks."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.app import App
from tocsin.core.figures.counting import GROUPS, LABEL, Asked, Figures, figures
from tocsin.core.figures.measuring import LONGEST, Measured, measure
from tocsin.errors import Invalid, TocsinError, Unavailable
from tocsin.ids import slug
from tocsin.service.access import Caller
from tocsin.service.books import pinned
from tocsin.store import figures as kept
from tocsin.store import incidents, secrecy
from tocsin.store.db import Tx
from tocsin.times import EPOCH

log = logging.getLogger("tocsin")
AT_ONCE = 50
"""So many incidents are rolled up in one turn, and before somebody is shown figures."""
MOST_KEPT = 20_000
"""So many rows a node keeps in memory, some 2 kB each; of more, those of the period are read each time."""
Behind = tuple[str, int]
"""An incident that is to be rolled up, and its version."""
FOR_EVER = EPOCH + timedelta(days=100_000)
MOST_ENTRIES = 5000
"""So many entries of timelines are read for that; a longer one is read whole, and is the last of its turn."""


def keep(app: App, most: int = AT_ONCE) -> bool:
    """Roll up incidents of which something happened; whether there may be more."""
    found = behind(app, most)
    return bool(roll_up(app, found)) or len(found) >= most


def behind(app: App, most: int) -> list[Behind]:
    """Incidents of which something happened since they were rolled up, the newest first."""
    return app.db.read(lambda tx: kept.behind(tx, most))


def roll_up(app: App, some: Sequence[Behind]) -> list[Behind]:
    """Roll up incidents as they are now; returns those for which there were too many entries to read at once.

    One whose timeline can't be folded is left out, and said on the log: `tocsin doctor` tells what is wrong with it.
    """
    rolled: list[tuple[str, int, tuple[int, Measured] | None]] = []
    read = 0
    for ref, version in some:
        if read >= MOST_ENTRIES:
            break
        rolled.append((ref, version, _rolled(app, ref)))
        read += version

    def write(tx: Tx) -> None:
        for ref, version, found in rolled:
            if found is None:
                kept.give_up(tx, ref, version)
            else:
                kept.put(tx, *found)

    if rolled:
        app.db.write(write)
    return list(some[len(rolled) :])


def _rolled(app: App, ref: str) -> tuple[int, Measured] | None:
    try:
        entries = app.db.read(lambda tx: incidents.timeline(tx, ref))
        return entries[-1].seq, measure(entries)
    except (Invalid, LookupError, ValueError, AttributeError, TypeError) as error:  # as `incidents.verify` does
        log.error("%s is left out of the figures: %s", ref, error)  # noqa: TRY400 -- the sentence says all
        return None


def asked_for(since: datetime, until: datetime, by: str, zone: str) -> Asked:
    """What somebody asks for, checked. Raises `Invalid` for a period that is none and for an unknown grouping."""
    if since >= until:
        raise Invalid("The period ends before it begins.", "Let --since lie before --until.")
    label = by.removeprefix(LABEL)
    if by not in GROUPS and not (by.startswith(LABEL) and 0 < len(label) <= LONGEST and label.isprintable()):
        known = ", ".join(GROUPS)
        raise Invalid(f"{by[:60]!r} is nothing to group by.", f"Use one of: {known}, or {LABEL}NAME.")
    return Asked(since=since, until=until, by=by, zone=zone)


def of_period(app: App, caller: Caller, asked: Asked) -> Figures:
    """The figures of a period, of the incidents that the caller may see; what changed just now is counted first."""
    return counted(app, seen_by(app, caller, asked.since, asked.until), asked)


def counted(app: App, seen: tuple[list[Measured], int], asked: Asked) -> Figures:
    """The figures of what somebody sees."""
    rows, behind = seen
    return replace(figures(rows, asked, zones(app)), behind=behind)


def seen_by(app: App, caller: Caller, since: datetime, until: datetime) -> tuple[list[Measured], int]:
    """The incidents that were touched in a period, as far as the caller may see them, and how many are not counted yet.

    Those of which nothing was counted yet, or something is missing, are rolled up first, as far as that is quick.
    """
    try:
        more = keep(app)
    except Unavailable:  # a full disk must not keep anybody from reading
        more = True

    def read(tx: Tx) -> tuple[list[Measured], int]:
        hidden, sources = secrecy.hidden_from(tx, caller.name), dict[str, str]()
        found = [row for row in _touched(app, tx, since, until) if row.incident not in hidden]
        if not caller.reach.every_incident:
            found = [row for row in found if _in_reach(app, tx, caller, row, sources)]
        return found, kept.how_many_behind(tx) if more else 0

    return app.db.read(read)


def _touched(app: App, tx: Tx, since: datetime, until: datetime) -> list[Measured]:
    """As `tocsin.store.figures.touched`, out of what this node has read before where nothing has changed since."""
    stamp = kept.stamp(tx)
    if stamp[0] > MOST_KEPT:
        return kept.touched(tx, since, until)
    known = app.rolled
    if known is None or known[0] != stamp:
        known = app.rolled = (stamp, *_renewed(tx, known[1] if known else {}, known[2] if known else ()))
    return [row for row in known[2] if row.declared_at < until and (row.last_at >= since or row.status != "resolved")]


def _renewed(
    tx: Tx, before: Mapping[str, int], rows: Sequence[Measured]
) -> tuple[Mapping[str, int], tuple[Measured, ...]]:
    """All rows with their versions, where only those that changed are read; of many that did, all are at once."""
    now = kept.versions(tx)
    changed = [name for name, version in now.items() if before.get(name) != version]
    if len(changed) > AT_ONCE:
        return now, tuple(kept.touched(tx, EPOCH, FOR_EVER))
    same = (row for row in rows if row.incident in now and before.get(row.incident) == now[row.incident])
    every = [*same, *kept.some(tx, changed)]
    return now, tuple(sorted(every, key=lambda row: (row.declared_at, row.incident)))


def zones(app: App) -> Mapping[str, str]:
    """By whose clock the night of each person is told."""
    team = zone_of(app)
    return {name: person.zone or team for name, person in app.settings.directory.people.items()}


def zone_of(app: App) -> str:
    """The team's zone: of its reports, else of its calendar, else UTC."""
    calendar = app.settings.calendar
    return app.settings.reports.zone or (calendar.zone if calendar else "") or "UTC"


def _in_reach(app: App, tx: Tx, caller: Caller, row: Measured, sources: dict[str, str]) -> bool:
    if row.runbook_digest not in sources:
        try:
            sources[row.runbook_digest] = pinned(app, tx, row.runbook_digest).source
        except TocsinError:
            sources[row.runbook_digest] = ""
    source = sources[row.runbook_digest]
    return caller.reach.holds(row.incident, row.runbook, slug(row.runbook), source, Path(source).name)
