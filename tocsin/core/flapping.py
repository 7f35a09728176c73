"""Flapping: an alert that fires and ends again and again, whose end therefore says little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core import facts
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Flapping:
    """From when on an alert flaps: it fired and ended ``times`` times ``within`` this. ``times`` 0: none ever does."""

    times: int = 3
    within: timedelta = timedelta(minutes=30)


def mark(
    incident: Incident, fingerprint: str, heard: Sequence[Entry], terms: Flapping, now: datetime
) -> list[facts.AlertFlapped]:
    """What to say when an alert ends now: that it flaps, once for each time that it begins to.

    ``heard`` is when it fired and ended before, oldest first; to be written before its present end, which then counts
    only when the alert was quiet for as long as the terms say.
    """
    known = incident.alerts.get(fingerprint)
    if known is None or not terms.times or known.flaps(now):
        return []
    lately = [entry for entry in heard if entry.at >= now - terms.within]
    fired = [entry.at for entry in lately if isinstance(entry.fact, facts.AlertLinked)]
    if len(fired) < terms.times:
        return []
    return [
        facts.AlertFlapped(
            fingerprint=fingerprint,
            name=known.name,
            fired=len(fired),
            span_seconds=(now - fired[0]).total_seconds(),
            quiet_seconds=terms.within.total_seconds(),
        )
    ]
