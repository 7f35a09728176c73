"""The document's messages as people see them: each draft with the channels that it would go to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.app import App
from tocsin.core import facts
from tocsin.core.incident import Incident
from tocsin.core.messages.drafts import Draft, drafts, next_of
from tocsin.core.messages.values import Around
from tocsin.core.oncall import Directory, Person, channel_id
from tocsin.core.runbook import Channel, Runbook
from tocsin.errors import TocsinError
from tocsin.plug.kinds import reaches
from tocsin.service import duty
from tocsin.service.books import pinned
from tocsin.store.db import Tx
from tocsin.times import say_time

_NOT_FOR_WORDS = frozenset({"pager", "phone", "dashboard"})
"""Kinds of channels that get people up, or show figures; nobody reads a message there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChoice:
    """A bound channel. ``chosen``: a message goes there unless told otherwise, and ``why``."""

    id: str
    name: str
    chosen: bool = False
    public: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """All messages of an incident, and the channels that there are."""

    incident: str
    messages: tuple[Draft, ...] = ()
    channels: tuple[ChannelChoice, ...] = ()


def around(app: App, tx: Tx, incident: Incident, runbook: Runbook) -> Around:
    """What the drafts are made of, at this moment."""
    return Around(incident=incident, runbook=runbook, directory=duty.directory(app, tx), now=app.clock.now())


def messages(app: App, tx: Tx, incident: Incident, runbook: Runbook) -> Messages:
    """Every message of the document, in its order."""
    return Messages(
        incident=incident.id, messages=drafts(around(app, tx, incident, runbook)),
        channels=known_channels(app, incident, runbook),
    )  # fmt: skip


def known_channels(app: App, incident: Incident, runbook: Runbook) -> tuple[ChannelChoice, ...]:
    """The channels that are bound, for a message of this incident."""
    kinds = {name: reaches(notifier) for name, notifier in app.settings.notifiers.items()}
    return channels(app.settings.directory, runbook.channels, incident.severity, kinds)


def channels(
    directory: Directory, named: Sequence[Channel], severity: str, kinds: Mapping[str, str] | None = None
) -> tuple[ChannelChoice, ...]:
    """The channels that are bound; ``kinds`` maps a notifier to the kind of channel that it reaches.

    Chosen are those that the document names for the severity and that are not public; where it names none at all,
    every one that is not public. What gets people up gets no messages.
    """
    inside = [
        each for each in named if each.kind not in _NOT_FOR_WORDS and channel_id(each.address) in directory.channels
    ]
    fitting: dict[str, Channel] = {}
    for each in inside:
        if not each.severities or severity in each.severities:
            fitting.setdefault(channel_id(each.address), each)
    barred = {channel_id(each.address) for each in named if each.kind in _NOT_FOR_WORDS}
    barred |= {name for name, each in directory.channels.items() if _NOT_FOR_WORDS & _kinds(each, kinds or {})}
    return tuple(
        _choice(channel, fitting.get(name), chosen=name not in barred and (not inside or name in fitting))
        for name, channel in directory.channels.items()
    )


def _kinds(channel: Person, kinds: Mapping[str, str]) -> set[str]:
    return {kinds.get(via, "") for via in channel.notify}


def _choice(channel: Person, named: Channel | None, *, chosen: bool) -> ChannelChoice:
    why = f"the runbook names it (line {named.line})" if named else ""
    return ChannelChoice(
        id=channel.id, name=channel.name, chosen=chosen and not channel.public, public=channel.public,
        why="people outside read it" if channel.public else why,
    )  # fmt: skip


def reminder(app: App, tx: Tx, incident: Incident, fact: object) -> str:
    """The draft that waits, for somebody who is reminded of an update; empty where there is none."""
    if not isinstance(fact, facts.UpdateReminded | facts.UpdateMissed):
        return ""
    try:
        runbook = pinned(app, tx, incident.runbook_digest)
    except TocsinError:  # the document is not there any more; the reminder goes out all the same
        return ""
    draft = next_of(drafts(around(app, tx, incident, runbook)), incident)
    if draft is None:
        return ""
    asks = "; ".join(each.words for each in (*draft.open_fields, *draft.waiting))
    head = f"“{draft.title}” still asks: {asks}" if asks else f"“{draft.title}” is ready to be sent:"
    how = f"tocsin incident message send {incident.id} {draft.id}"
    if not asks and draft.sent is not None and draft.state == "sent":
        head = f"“{draft.title}” was sent at {say_time(draft.sent.at)}, and nothing in it is new. Say what is:"
        how = f"tocsin incident message draft {incident.id} {draft.id}\n{how}"
    return f"{head}\n\n{draft.text}\n\n{how}"
