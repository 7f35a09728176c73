"""The configuration as values: checked, bound, with every reference followed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from tocsin.core.calendar import Calendar
from tocsin.core.flapping import Flapping
from tocsin.core.grouping import Grouping
from tocsin.core.oncall import Directory
from tocsin.core.policy import ApprovalPolicy
from tocsin.core.run import Target
from tocsin.core.runbook import Scenario, Step
from tocsin.core.systemhealth import Limit
from tocsin.core.watching import Terms
from tocsin.ids import slug
from tocsin.plug.chat import ChatSettings
from tocsin.plug.kinds import Notifier, Probe, Source
from tocsin.plug.scraping import ScrapeTarget
from tocsin.safety.team import NOBODY, Team
from tocsin.settings.alerting import LONGEST_SILENCE, Deadman
from tocsin.settings.answering import Answers
from tocsin.settings.messaging import Messaging
from tocsin.settings.reporting import Reports
from tocsin.settings.reviewing import Reviewing
from tocsin.settings.schedules import CalendarSource
from tocsin.settings.statuspage import StatusPage
from tocsin.settings.targets import Place, Placed, default_place, named
from tocsin.settings.telling import Telling

Counts = Literal["", "affected users", "all users", "share of users"]
_HUMP = re.compile(r"(?<=[a-z\d])(?=[A-Z])")
COUNTS: tuple[Counts, ...] = ("affected users", "all users", "share of users")
_PEOPLE = frozenset({"customers", "people", "users", "visitors"})


def counted(metric: str) -> Counts:
    """What a signal counts, by its name alone: "affected users" says so, "users" does not."""
    words = slug(metric).split("-")
    if "affected" not in words or _PEOPLE.isdisjoint(words):
        return ""
    return "share of users" if {"share", "percent", "percentage"} & set(words) else "affected users"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A metric of the document, bound to what reads it.

    ``clear``: the number at which its alerts end; ``terms``: how its thresholds behave over time but for their ``for``.
    ``counts``: what it tells of the people who use the service, where it counts those. ``unit``: of its values,
    where it is told; ``healthy``: which values are;
    ``essential``: whether the system is unhealthy without it, or only degraded.
    """

    metric: str
    probe: Probe
    every: timedelta = timedelta(seconds=15)
    timeout: timedelta = timedelta(seconds=5)
    clear: float | None = None
    terms: Terms = field(default_factory=Terms)
    counts: Counts = ""
    unit: str = ""
    healthy: Limit | None = None
    essential: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """How long scraped samples are kept, and how many at most; ``thinned``: how long a part of them stays."""

    keep: timedelta = timedelta(hours=48)
    thinned: timedelta = timedelta(days=30)
    most: int = 30_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Who may come in. ``secret`` is the token itself; only its hash is ever stored. ``scopes`` narrow the role."""

    name: str
    role: str
    secret: str = field(repr=False)
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration, checked and bound."""

    base_url: str = ""
    labels: tuple[str, ...] = ()
    sandbox: Literal["auto", "on", "off"] = "auto"
    default_severity: str = ""
    recovery_watch: timedelta = timedelta(minutes=5)
    reopen_within: timedelta = timedelta(hours=2)
    flapping: Flapping = field(default_factory=Flapping)
    directory: Directory = field(default_factory=Directory)
    calendar: Calendar | None = None
    calendar_sources: Mapping[str, CalendarSource] = field(default_factory=dict)
    notifiers: Mapping[str, Notifier] = field(default_factory=dict)
    telling: Telling = field(default_factory=Telling)
    messaging: Messaging = field(default_factory=Messaging)
    chats: Mapping[str, ChatSettings] = field(default_factory=dict)
    signals: tuple[Signal, ...] = ()
    scrapes: Mapping[str, ScrapeTarget] = field(default_factory=dict)
    samples: Samples = field(default_factory=Samples)
    repositories: tuple[str, ...] | None = None
    sources: Mapping[str, Source] = field(default_factory=dict)
    mail_listen: tuple[str, int] | None = None
    grouping: Grouping = field(default_factory=Grouping)
    longest_silence: timedelta = LONGEST_SILENCE
    deadman: Deadman = field(default_factory=Deadman)
    status: StatusPage | None = None
    reports: Reports = field(default_factory=Reports)
    answers: Answers = field(default_factory=Answers)
    reviewing: Reviewing = field(default_factory=Reviewing)
    war_room: str = ""
    default: Place = field(default_factory=default_place)
    targets: tuple[Placed, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    approvals: ApprovalPolicy = field(default_factory=ApprovalPolicy)
    team: Team = NOBODY
    placeholders: Mapping[str, str] = field(default_factory=dict)
    tokens: tuple[Token, ...] = ()
    _named: Mapping[str, Signal] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Signals are looked for by their words, which is done for every rule at every reading."""
        named = {_plain(signal.metric): signal for signal in reversed(self.signals)}
        named |= {slug(signal.metric): signal for signal in reversed(self.signals)}
        object.__setattr__(self, "_named", named)

    @property
    def target(self) -> Target:
        """The target of ``[target]``, on which every step runs that no other one takes."""
        return self.default.target

    @property
    def places(self) -> tuple[Place, ...]:
        """Every target with its executor, the default one first."""
        return (self.default, *(each.place for each in self.targets))

    def place(self, step: Step, scenario: Scenario | None = None, *, told: str = "") -> Place:
        """Where a step runs: the target that was ``told`` by its name, else the first in the file that takes it.

        Raises `Invalid` where nothing is called as was told.
        """
        if told:
            return self.named(told)
        fitting = (each.place for each in self.targets if each.takes(step, scenario))
        return next(fitting, self.default)

    def named(self, name: str) -> Place:
        """The target of this name. Raises `Invalid` with the names that there are."""
        return named(self.places, name)

    def signal(self, metric: str | None) -> Signal | None:
        """The signal that a metric of the document means: the same words, else the longest name inside them."""
        return self._fitting(slug(metric or "")) or self._fitting(_plain(metric or ""))

    def _fitting(self, name: str) -> Signal | None:
        words = name.split("-")
        ends = range(1, len(words) + 1)
        names = ("-".join(words[start:end]) for start in range(len(words)) for end in ends[start:])
        fitting = [signal for name in names if (signal := self._named.get(name))]
        return max(fitting, key=lambda signal: len(signal.metric), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a configuration binds, as it is written: no reference is followed, no plugin is made."""

    directory: Directory = field(default_factory=Directory)
    notifiers: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    env: tuple[str, ...] = ()


def measures(signal: str, metric: str) -> bool:
    """Whether a signal of this name stands for a metric of the document: its words stand there, in their order."""
    return any(f"-{plain(signal)}-" in f"-{plain(metric)}-" for plain in (slug, _plain))


def _plain(name: str) -> str:
    """The words of a name that may be written as programs do: ``errorRate`` is the error rate."""
    return slug(_HUMP.sub(" ", name))
