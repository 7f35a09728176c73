"""Alerts from monitoring systems, and silences over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from tocsin.core.labels import Matcher, all_match
from tocsin.ids import fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert as its source last told it. Label and annotation texts are hostile until escaped for their sink.

    ``ends_at`` in the future means "taken for resolved then, unless told again": the dead-man clock of
    Alertmanager's API. ``key`` is what the source calls the alert, where it does not tell an alert by its labels; what
    is said under the same key later may then leave out everything else. ``acknowledged``: nothing but the word that
    somebody took it over there, which counts ``here`` too or is only noted. ``muted``: why it declares nothing
    although it fires, until ``muted_until``, when that is decided anew.
    """

    source: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)
    status: Literal["firing", "resolved"] = "firing"
    starts_at: datetime
    ends_at: datetime | None = None
    updated_at: datetime
    url: str = ""
    incident: str | None = None
    key: str = ""
    acknowledged: Literal["", "here", "there"] = ""
    muted: str = ""
    muted_until: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """The alert's identity: a hash of its labels, or of its source and its key where it has one."""
        return fingerprint({"source": self.source, "key": self.key} if self.key else self.labels)

    @property
    def name(self) -> str:
        """The ``alertname`` label."""
        return self.labels.get("alertname", "")

    def firing_at(self, now: datetime) -> bool:
        """Whether it fires now: told firing, and not past its end."""
        return self.status == "firing" and (self.ends_at is None or self.ends_at > now)


def merge(old: Alert | None, new: Alert) -> Alert:
    """What is known after hearing ``new``: while it keeps firing, the start stays that of the first report."""
    if old is None:
        return new
    if new.key and new.status == "resolved":
        new = replace(
            new, labels=new.labels or old.labels, annotations=new.annotations or old.annotations, url=new.url or old.url
        )
    if new.status == "resolved" or (old.status == "firing" and (old.ends_at is None or new.starts_at <= old.ends_at)):
        return replace(new, starts_at=min(old.starts_at, new.starts_at), incident=old.incident)
    return new


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What became of an alert at a moment. ``fired`` and ``ended`` are its own, the others what followed."""

    at: datetime
    what: Literal["fired", "ended", "silenced", "kept back", "joined"]
    incident: str | None = None
    why: str = ""


def turn_of(old: Alert | None, new: Alert, now: datetime, why: str = "") -> Turn | None:
    """What is new about an alert that was heard of; None where nothing but the time has passed.

    ``why`` is the reason for which it belongs to its incident.
    """
    if new.status == "resolved":
        fired = old is None or old.status == "firing"
        return Turn(at=now, what="ended", incident=new.incident) if fired else None
    before = (old.status, old.incident, old.muted) if old else ("", None, "")
    if before == (new.status, new.incident, new.muted):
        return None
    if new.muted:
        return Turn(at=now, what="silenced" if new.muted_until else "kept back", why=new.muted)
    if before[0] == "firing" and new.incident:
        return Turn(at=now, what="joined", incident=new.incident, why=why)
    return Turn(at=now, what="fired", incident=new.incident, why=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Alerts that match are recorded but declare nothing between ``starts_at`` and ``ends_at``."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    updated_at: datetime
    through: str = ""
    """Whose token it came with, where the program that posted it names somebody else as its author."""

    @property
    def author(self) -> str:
        """Who made it, as far as that is known."""
        return f"{self.created_by} (with the token of {self.through})" if self.through else self.created_by

    def state(self, now: datetime) -> Literal["pending", "active", "expired"]:
        """Computed, never stored."""
        if now >= self.ends_at:
            return "expired"
        return "pending" if now < self.starts_at else "active"

    def covers(self, alert: Alert, now: datetime) -> bool:
        """Whether this silence mutes the alert now."""
        return self.state(now) == "active" and all_match(self.matchers, alert.labels)
