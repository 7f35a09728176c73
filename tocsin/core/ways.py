"""By which ways a notice goes to its receiver, in which order and why: the person's rules, else what the document says.

Pure. A way is the name of a notifier; its kind (chat, email, phone, pager) is what documents call channels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core.notices import Notice
from tocsin.core.oncall import Person
from tocsin.core.runbook import Channel

FALLBACK = ("console",)
_CALLS = ("page", "approval")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way, taken ``after`` so long unless somebody answers; null: only when the way before it fails."""

    via: str
    after: timedelta | None = None
    why: str = ""


def ways_to(
    receiver: Person | None,
    notice: Notice,
    now: datetime,
    wait: timedelta,
    *,
    channels: Sequence[Channel] = (),
    kinds: Mapping[str, str] | None = None,
) -> tuple[Way, ...]:
    """The ways of a notice, the first one first; never none. ``kinds`` maps a notifier to its kind of channel.

    ``wait`` is how long a page waits for an answer until the next way is taken; zero: for ever. ``channels`` are the
    document's. Words (and questions, which everybody who may answer gets) go on to the next way only when one fails.
    """
    if receiver is None:
        return (Way(via="", after=timedelta(0), why=f"{notice.to} is nobody that tocsin.toml knows"),)
    rules = receiver.rules if notice.kind in _CALLS else ()
    rule = next((each for each in rules if each.fits(notice.severity, now)), None)
    if rule is not None:
        why = f"{rule.place} ({rule.when()})"
        chosen, span = [(via, why) for via in rule.methods], wait if rule.wait is None else rule.wait
    else:
        chosen, span = _by_document(receiver, notice.severity, channels, kinds or {}), wait
    spaced = notice.kind == "page" and span > timedelta(0)
    return tuple(
        Way(via=via, why=why, after=span * place if spaced or place == 0 else None)
        for place, (via, why) in enumerate(chosen)
    )


def _by_document(
    receiver: Person, severity: str, channels: Sequence[Channel], kinds: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The receiver's ways as the document ranks them, without those that it keeps for other severities."""
    ways = receiver.notify or FALLBACK
    ranks: dict[str, Channel] = {}
    for channel in channels:
        known = ranks.get(channel.kind)
        if known is None or (severity in channel.severities and severity not in known.severities):
            ranks[channel.kind] = channel
    places = {kind: place for place, kind in enumerate(dict.fromkeys(channel.kind for channel in channels))}
    ordered = sorted(ways, key=lambda via: places.get(kinds.get(via, ""), len(places))) if len(places) > 1 else ways
    open_ones: list[tuple[str, str]] = []
    kept: list[tuple[str, str]] = []
    for via in ordered:
        named = ranks.get(kinds.get(via, ""))
        if named is None:
            open_ones.append((via, ""))
        elif not named.severities or severity in named.severities:
            open_ones.append((via, f"the runbook names {_say(named)}"))
        else:
            kept.append((via, f"{via} although the runbook names {_say(named)}: nothing else is set up"))
    return open_ones or kept


def _say(channel: Channel) -> str:
    for_whom = f" for {', '.join(channel.severities)}" if channel.severities else ""
    return f"{channel.address}{for_whom} (line {channel.line})"
