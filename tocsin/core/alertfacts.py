"""The part of the vocabulary that is about which alerts an incident holds: gathered, split off, merged.

The rules of `facts` hold here too, and everything here is reached as ``facts.Merged``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.core.entries import fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a merged incident was about: alerts of the same go where it went, while it is not open itself."""

    incident: str
    runbook: str
    scenario: str = ""
    group: Mapping[str, str] = field(default_factory=dict)


@fact
class AlertsGathered:
    """More alerts belong to it than its timeline lists: so many by now, under so many different names."""

    alerts: int
    names: int
    listed: int


@fact
class AlertsSplit:
    """Some of its alerts (fingerprints) were split off; from now on they belong to another incident."""

    into: str
    alerts: tuple[str, ...]
    names: tuple[str, ...] = ()
    why: str = ""


@fact
class Merged:
    """It is over as a duplicate: its alerts, their repetitions and its people belong to another incident now."""

    into: str
    why: str = ""


@fact
class Absorbed:
    """Another incident was a duplicate of this one. ``people`` are told of this one from now on."""

    incident: str
    title: str
    why: str = ""
    alerts: int = 0
    people: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = ()
