"""Components, and the reports that say how they are: incidents' public faces, and planned maintenance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

State = Literal["operational", "maintenance", "degraded", "partial", "major"]
STATES: tuple[State, ...] = ("operational", "maintenance", "degraded", "partial", "major")
"""From the mildest to the worst."""
Stage = Literal["investigating", "identified", "monitoring", "resolved", "scheduled", "in_progress", "completed"]
STAGES: tuple[Stage, ...] = ("investigating", "identified", "monitoring", "resolved")
"""Those of an incident, in their order; a maintenance has the others, which follow from the clock."""
IMPACTS: Mapping[State, str] = {
    "operational": "none", "maintenance": "none", "degraded": "minor", "partial": "major", "major": "critical",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A part of the system as its users know it, and what of ours tells how it is.

    ``scenarios``, ``severities`` and ``signals`` propose that an incident affects it; ``degraded`` is the sentence
    proposed for its users then. ``follow``: the state that it shows by itself while a threshold of its signals is
    crossed; operational: never.
    """

    id: str
    name: str
    group: str = ""
    says: str = ""
    scenarios: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    degraded: str = ""
    follow: State = "operational"


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """How a component is, by one report; ``message`` is for its users, where they meet it."""

    state: State
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One update, as the public reads it. ``components`` are those affected from now on, all of them."""

    seq: int
    at: datetime
    stage: Stage
    text: str
    components: Mapping[str, Affected] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An incident's public face, or a maintenance from ``begun_at`` to ``ends_at`` (``ended_at`` where by hand).

    ``offline``: health checks answer 503 while it lasts. ``incident`` is never shown.
    """

    id: str
    kind: Literal["incident", "maintenance"]
    title: str
    begun_at: datetime
    created_at: datetime
    posts: tuple[Post, ...] = ()
    incident: str = ""
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    offline: bool = False
    remind_seconds: float = 0.0

    @property
    def over_at(self) -> datetime | None:
        """When a maintenance is over, by hand or by its plan; when an incident was resolved, None before."""
        if self.kind == "maintenance":
            return self.ended_at or self.ends_at
        last = self.posts[-1] if self.posts else None
        return last.at if last and last.stage == "resolved" else None

    @property
    def called_off(self) -> bool:
        """Whether it is a maintenance that never began."""
        return self.ended_at is not None and self.ended_at <= self.begun_at

    @property
    def worst(self) -> State:
        """The worst that it did to any component."""
        return worst(each.state for post in self.posts for each in post.components.values())

    def stage(self, now: datetime) -> Stage:
        """How far it is. A maintenance begins and ends by the clock alone, whatever else is down."""
        if self.kind == "incident":
            return self.posts[-1].stage if self.posts else "investigating"
        over = self.over_at
        if self.called_off or (over is not None and now >= over):
            return "completed"
        return "in_progress" if now >= self.begun_at else "scheduled"

    def open(self, now: datetime) -> bool:
        """Whether it is neither resolved nor completed."""
        return self.stage(now) not in ("resolved", "completed")

    def affected(self, now: datetime) -> Mapping[str, Affected]:
        """What it does to components now."""
        if not self.posts or self.stage(now) not in ("in_progress", *STAGES[:-1]):
            return {}
        return self.posts[-1].components

    def spans(self, component: str, now: datetime) -> Iterator[Span]:
        """What it did to a component over time."""
        if self.called_off:
            return
        over = min(self.over_at or now, now)
        for place, post in enumerate(self.posts):
            found = post.components.get(component)
            begun = self.begun_at if place == 0 or self.kind == "maintenance" else post.at
            until = self.posts[place + 1].at if place + 1 < len(self.posts) and self.kind == "incident" else over
            if self.kind == "maintenance" and place + 1 < len(self.posts):
                continue  # its last words say which components it touches, for all of it
            if found is not None and begun < until:
                yield Span(begun, until, found.state)


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when a component was in a state."""

    begun: datetime
    ended: datetime
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the configuration says of the page. ``severities``: what an incident of one proposes for a component."""

    name: str
    components: tuple[Component, ...] = ()
    severities: Mapping[str, State] = field(default_factory=dict)
    says: str = ""
    zone: str = "UTC"

    def component(self, component_id: str) -> Component | None:
        """The component of this id."""
        return next((each for each in self.components if each.id == component_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """All that the public may know, at one moment. ``followed`` are spans by thresholds, ``known`` since when."""

    page: Page
    reports: tuple[Report, ...] = ()
    followed: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    following: Mapping[str, State] = field(default_factory=dict)
    known: Mapping[str, datetime] = field(default_factory=dict)

    def open_reports(self, now: datetime, kind: str) -> list[Report]:
        """Those of a kind that go on or are still to come; of maintenance the next first, else the newest."""
        found = [each for each in self.reports if each.kind == kind and each.open(now)]
        return sorted(found, key=lambda each: each.begun_at, reverse=kind == "incident")

    def state(self, component: str, now: datetime) -> State:
        """How a component is now: the worst that anything open says."""
        by_reports = (each.affected(now).get(component) for each in self.reports)
        return worst((*(each.state for each in by_reports if each), self.following.get(component, "operational")))

    def messages(self, now: datetime) -> list[tuple[Component, Affected, Report]]:
        """Sentences for users of a component, where something open says one."""
        return [
            (component, found, report)
            for component in self.page.components
            for report in self.reports
            if (found := report.affected(now).get(component.id)) and found.message
        ]

    def offline(self, now: datetime) -> Report | None:
        """The maintenance by which health checks answer 503 now; of several the one that ends last."""
        found = [each for each in self.reports if each.offline and each.stage(now) == "in_progress"]
        return max(found, key=lambda each: each.over_at or now, default=None)


def worst(states: Iterable[State]) -> State:
    """The worst of them; operational where there is none."""
    return max(states, key=STATES.index, default="operational")


def indicator(public: Public, now: datetime) -> str:
    """Statuspage's word for the whole: none, maintenance, minor, major or critical."""
    state = worst(public.state(each.id, now) for each in public.page.components)
    incidents = public.open_reports(now, "incident")
    if state in ("operational", "maintenance") and incidents:
        return "minor"
    if state == "operational" and any(
        each.stage(now) == "in_progress" for each in public.open_reports(now, "maintenance")
    ):
        return "maintenance"
    return "maintenance" if state == "maintenance" else IMPACTS[state]


def groups(components: Sequence[Component]) -> list[tuple[str, list[Component]]]:
    """Components under their groups, in the order of the configuration; those without one under an empty name."""
    found: dict[str, list[Component]] = {}
    for each in components:
        found.setdefault(each.group, []).append(each)
    return list(found.items())
