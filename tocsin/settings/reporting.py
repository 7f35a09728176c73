"""``[reports]``: when reports are sent, and to whom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from tocsin.core.calendar import knows_zone
from tocsin.core.figures.periods import Plan
from tocsin.core.oncall import channel_id
from tocsin.core.policy import nearest
from tocsin.core.schedules import parse_day
from tocsin.errors import Invalid
from tocsin.ids import slug
from tocsin.settings import shapes

MOST_RECEIVERS = 50
_TIME = re.compile(r"(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Which reports are sent. ``to``: ids of people and channels; ``via``: a notifier, empty for what sends mail."""

    plans: tuple[Plan, ...] = ()
    to: tuple[str, ...] = ()
    zone: str = ""
    via: str = ""


def reports(raw: shapes.File, where: str) -> Reports:
    """The reports of a file. Raises `Invalid` for a time that is none, and for what would reach nobody."""
    table, place = raw.reports, f"{where}: [reports]"
    zone = table.zone or raw.calendar.zone or "UTC"
    if not knows_zone(zone):
        raise Invalid(f"{zone!r} is no time zone.", "Write for example Europe/Berlin.", where=f"{place} zone")
    plans = []
    if table.daily:
        plans.append(Plan(kind="daily", at=_time(table.daily, f"{place} daily"), zone=zone))
    if table.weekly:
        day, _, clock = table.weekly.strip().partition(" ")
        weekday = _day(day, f"{place} weekly")
        plans.append(Plan(kind="weekly", at=_time(clock.strip(), f"{place} weekly"), zone=zone, weekday=weekday))
    if plans and not table.to:
        raise Invalid("Nobody gets the reports.", 'Write to = ["ana"].', where=f"{place} to")
    if table.via and table.via not in raw.notifiers:
        known = ", ".join(raw.notifiers) or "none"
        raise Invalid(f"There is no notifier {table.via!r}.", f"Known: {known}.", where=f"{place} via")
    return Reports(plans=tuple(plans), to=_receivers(raw, place), zone=table.zone, via=table.via)


def _receivers(raw: shapes.File, place: str) -> tuple[str, ...]:
    people = {slug(name) for name in raw.people}
    channels = {channel_id(address) for address in raw.channels}
    if len(raw.reports.to) > MOST_RECEIVERS:
        raise Invalid(f"At most {MOST_RECEIVERS} get a report.", "Name a channel.", where=f"{place} to")
    found = []
    for name in raw.reports.to:
        known = slug(name) if slug(name) in people else channel_id(name)
        if known not in people | channels:
            hint = f"{nearest(name, sorted(raw.people))} An address of many stands under [channels].".strip()
            raise Invalid(f"{name!r} is nobody under [people] or [channels].", hint, where=f"{place} to")
        found.append(known)
    return tuple(dict.fromkeys(found))


def _time(text: str, place: str) -> time:
    found = _TIME.fullmatch(text.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise Invalid(f"{text!r} is no time of a day.", 'Write "08:00", or of a week "Mon 08:00".', where=place)
    return time(int(found[1]), int(found[2]))


def _day(text: str, place: str) -> int:
    try:
        return parse_day(text)
    except ValueError:
        raise Invalid(f"{text!r} is no day of the week.", 'Write "Mon 08:00".', where=place) from None
