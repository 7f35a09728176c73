"""``[grouping]``, ``[silences]`` and ``[deadman]``: what becomes of alerts, and who notices that none come."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

from tocsin.core.grouping import Grouping
from tocsin.errors import Invalid
from tocsin.plug.addresses import check_networks
from tocsin.settings import shapes
from tocsin.settings.spans import span

LONGEST_SILENCE = timedelta(days=31)
MOST_LABELS = 10
MOST_INCIDENTS = 200
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadman:
    """Who notices that alerts don't come through.

    ``url`` is asked ``every`` so often while all is well, so that somebody outside notices when it ceases; ``expect``
    is the name of an alert that always fires, and must be heard of ``within`` this.
    """

    url: str = field(default="", repr=False)
    every: timedelta = timedelta(minutes=1)
    allow: bool | tuple[str, ...] = False
    expect: str = ""
    within: timedelta = timedelta(minutes=15)


def grouping(raw: shapes.GroupingTable, where: str) -> Grouping:
    """How alerts are grouped. Raises `Invalid` for what is no label, and for numbers that make no sense."""
    place = f"{where}: [grouping]"
    strange = next((name for name in raw.by if not _LABEL.fullmatch(name)), None)
    if strange is not None:
        raise Invalid(f"{strange[:60]!r} is not the name of a label.", 'Write by = ["cluster"].', where=f"{place} by")
    if len(set(raw.by)) != len(raw.by) or len(raw.by) > MOST_LABELS:
        raise Invalid(f"Name each label once, and at most {MOST_LABELS}.", where=f"{place} by")
    for name, number in (("storm", raw.storm), ("most", raw.most)):
        if not 1 <= number <= MOST_INCIDENTS:
            raise Invalid(
                f"{number} is no number of incidents.", f"Write 1 to {MOST_INCIDENTS}.", where=f"{place} {name}"
            )
    within = span(raw.within, f"{place} within")
    return Grouping(by=tuple(raw.by), within=within, storm=raw.storm, most=raw.most)


def longest_silence(raw: shapes.SilencesTable, where: str) -> timedelta:
    """The longest that a silence may be."""
    return span(raw.longest, f"{where}: [silences] longest", timedelta(minutes=1))


def deadman(raw: shapes.DeadmanTable, where: str) -> Deadman:
    """Who notices that alerts don't come through."""
    place = f"{where}: [deadman]"
    if raw.url and not raw.url.startswith(("http://", "https://")):
        raise Invalid("That is not an address.", "Begin it with https://.", where=f"{place} url")
    try:
        check_networks(() if isinstance(raw.allow, bool) else raw.allow)
    except ValueError as error:
        raise Invalid(str(error), where=f"{place} allow") from None
    return Deadman(
        url=raw.url,
        every=span(raw.every, f"{place} every", timedelta(seconds=1)),
        allow=raw.allow if isinstance(raw.allow, bool) else tuple(raw.allow),
        expect=raw.expect.strip(),
        within=span(raw.within, f"{place} within", timedelta(seconds=10)),
    )
