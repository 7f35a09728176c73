"""What is known of alerts: which fire, which are kept back and why, and what became of each."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from tocsin.app import App
from tocsin.core.alert import Alert, Turn
from tocsin.core.incident import Incident
from tocsin.core.labels import Matcher, all_match
from tocsin.errors import NotFound
from tocsin.service import access, recurring
from tocsin.service.access import Caller, only_in_reach
from tocsin.store import alertbook, incidents
from tocsin.store import alerts as alert_store
from tocsin.store.alertbook import Wanted
from tocsin.store.db import Tx

SCANNED = 10_000
"""So many alerts are compared with matchers; of more, those that began later are not looked at, which is said."""
State = Literal["firing", "silenced", "kept back", "resolved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """An alert with what Tocsin makes of it. ``flaps``: it fires and ends again and again."""

    alert: Alert
    state: State
    flaps: bool = False

    def plain(self) -> dict[str, Any]:
        """As the API tells it."""
        return {
            "fingerprint": self.alert.fingerprint, "flaps": self.flaps, "state": self.state, **asdict(self.alert)
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The alerts that were wanted. ``total``: how many there are, ``more`` at least so many where not all were seen."""

    alerts: tuple[AlertView, ...]
    total: int
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One alert with what became of it, the last first."""

    view: AlertView
    turns: tuple[Turn, ...] = field(default=())
    suggested: str = ""
    """A matcher for a silence of exactly this alert's kind."""


def state_of(alert: Alert, now: datetime) -> State:
    """What an alert is now, in a word."""
    if not alert.firing_at(now):
        return "resolved"
    if alert.muted and alert.incident is None:
        return "silenced" if alert.muted_until else "kept back"
    return "firing"


def listed(
    app: App, wanted: Wanted, matchers: Sequence[Matcher] = (), limit: int = 1000, caller: Caller | None = None
) -> Listed:
    """The alerts that are wanted, and how many there are in all, as far as the caller may know whose they are."""
    now, hidden = app.clock.now(), access.hidden(app, caller) if caller else frozenset()
    if wanted.incident in hidden:
        wanted = replace(wanted, incident="no incident")

    def read(tx: Tx) -> tuple[list[Alert], int]:
        most = SCANNED if matchers else limit
        return alertbook.search(tx, wanted, now, most), alertbook.found(tx, wanted, now)

    (seen, total), flapping = app.db.read(read), recurring.flapping_now(app)
    fitting = [alert for alert in seen if all_match(tuple(matchers), alert.labels)] if matchers else seen
    views = tuple(out_of_sight(_view(alert, flapping, now), hidden) for alert in fitting[:limit])
    return Listed(alerts=views, total=len(fitting) if matchers else total, more=bool(matchers) and total > SCANNED)


def known(app: App, fingerprint: str, caller: Caller | None = None) -> Known:
    """One alert by its fingerprint, with its history, as far as the caller may know whose it is."""
    now, hidden = app.clock.now(), access.hidden(app, caller) if caller else frozenset()

    def read(tx: Tx) -> tuple[Alert, list[Turn]]:
        alert = alert_store.get(tx, fingerprint)
        if alert is None:
            raise NotFound(f"There is no alert {fingerprint[:64]!r}.", "`tocsin alerts list --state all` shows them.")
        return alert, alertbook.turns(tx, fingerprint)

    alert, turns = app.db.read(read)
    view = out_of_sight(_view(alert, recurring.flapping_now(app), now), hidden)
    return Known(view=view, turns=turns_in_sight(turns, hidden), suggested=suggestion(alert))


def suggestion(alert: Alert) -> str:
    """Matchers that a silence over this alert may begin with: its name, and what it is about."""
    kept = ("alertname", "cluster", "namespace", "service", "job", "instance", "metric")
    pairs = [(name, alert.labels[name]) for name in kept if alert.labels.get(name)] or [*alert.labels.items()][:5]
    return ", ".join(str(Matcher(name, "=", value)) for name, value in pairs)


def amount(app: App, ref: str) -> alertbook.Amount:
    """How many alerts belong to an incident."""
    now = app.clock.now()
    return app.db.read(lambda tx: alertbook.amount(tx, ref, now))


def sources(app: App) -> list[str]:
    """Who has sent alerts that are kept."""
    return app.db.read(alertbook.sources)


def out_of_sight(view: AlertView, hidden: Collection[str]) -> AlertView:
    """An alert for somebody who must not hear of these incidents: it is there, whose it is can't be seen."""
    if view.alert.incident not in hidden:
        return view
    return replace(view, alert=replace(view.alert, incident=None))


def turns_in_sight(turns: Sequence[Turn], hidden: Collection[str]) -> tuple[Turn, ...]:
    """What became of an alert, less what tells of these incidents."""
    return tuple(turn for turn in turns if turn.incident not in hidden and not _names_one(turn.why, hidden))


def _names_one(text: str, hidden: Collection[str]) -> bool:
    return any(re.search(rf"\b{re.escape(ref)}\b", text) for ref in hidden)


def others(app: App, caller: Caller, incident: Incident) -> list[Incident]:
    """The open incidents that one may be merged into, as far as the caller reaches."""
    if not incident.open:
        return []
    found = [each for each in app.db.read(incidents.open_ones) if each.id != incident.id]
    return only_in_reach(app, caller, [each for each in found if each.drill is incident.drill])


def _view(alert: Alert, flapping: frozenset[str], now: datetime) -> AlertView:
    return AlertView(alert=alert, state=state_of(alert, now), flaps=alert.fingerprint in flapping)
