"""What routing looks at: the open incidents and the silences. The former are kept from one turn to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tocsin.app import App
from tocsin.core.alert import Alert, Silence, Turn
from tocsin.core.incident import Incident
from tocsin.core.openings import Openings
from tocsin.store import alertbook, incidents
from tocsin.store import alerts as alert_store
from tocsin.store.db import Tx
from tocsin.store.openings import Look, look


@dataclass(slots=True)
class Desk:
    """What routing looks at, loaded once for all alerts of a transaction and kept up to date as they are merged."""

    open: Openings
    silences: list[Silence]
    numbers: dict[str, int] = field(default_factory=dict)
    """How many alerts belong to an incident whose timeline lists no more."""
    known: dict[str, Alert | None] = field(default_factory=dict)
    """Alerts as they were read for this turn, None for a new one; whoever takes one takes it out."""
    locked: set[str] = field(default_factory=set)
    """Incidents that nobody else changes before this transaction ends."""
    turns: list[tuple[str, Turn, bool]] | None = None
    """What became of alerts, to be written at the end of the turn; None: at once."""

    def put(self, incident: Incident) -> None:
        """Take note of an incident as it is now."""
        self.open.put(incident)

    def lock(self, tx: Tx, ref: str) -> Incident:
        """An incident that was open a moment ago, as it is now; nobody else changes it before the transaction ends."""
        held = self.open.get(ref) if ref in self.locked else None
        incident = held or incidents.load(tx, ref, lock=True)
        if incident is None:
            raise LookupError(f"{ref} was open a moment ago in this transaction.")
        self.locked.add(ref)
        return incident

    def remember(self, tx: Tx, fingerprint: str, turn: Turn, *, first: bool) -> None:
        """Keep what became of an alert."""
        if self.turns is None:
            alertbook.remember_all(tx, [(fingerprint, turn, first)])
        else:
            self.turns.append((fingerprint, turn, first))

    def holder(self, fingerprint: str) -> Incident | None:
        """The first open incident whose timeline lists this alert."""
        return next(iter(self.open.holding(fingerprint)), None)


def set_desk(app: App, tx: Tx, now: datetime) -> Desk:
    """The open incidents and the silences that are not over, as they are now.

    What was looked at is out of everybody's reach until the commit: after a rollback nobody builds on what was not.
    """
    last, app.looked = app.looked, None
    seen = look(tx, last)

    def keep(found: Look) -> None:
        app.looked = found if found.worth_keeping else None

    tx.after_commit(lambda: keep(seen))
    return Desk(seen.openings, alert_store.silences(tx, ending_after=now))
