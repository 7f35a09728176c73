"""What the store's tests put in: incidents made from facts, as the service makes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tocsin.core.alert import Alert
from tocsin.core.facts import Actor, Declared, Entry, Noted
from tocsin.core.fold import evolve
from tocsin.core.incident import Incident
from tocsin.core.run import Run
from tocsin.store import incidents
from tocsin.store.db import Tx

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ANA = Actor("person", "Ana")


def later(seconds: float) -> datetime:
    """So many seconds after the tests' beginning."""
    return NOW + timedelta(seconds=seconds)


def declare(tx: Tx, title: str = "Checkout answers slowly", wake_at: datetime | None = None) -> Incident:
    """A new incident with its first entry."""
    number = incidents.next_number(tx)
    fact = Declared(
        number=number, title=title, severity="SEV2", why="Ana says so", runbook="shop.md", runbook_digest="sha256:0"
    )
    return record(tx, None, fact, wake_at, number)


def record(tx: Tx, before: Incident | None, fact: object, wake_at: datetime | None = None, number: int = 0) -> Incident:
    """One more entry on an incident: append, fold, save."""
    seq = before.version + 1 if before else 1
    entry = Entry(seq=seq, at=later(seq), by=ANA, fact=fact)
    after = evolve(before, entry)
    incidents.append(tx, after.id, entry)
    incidents.save(tx, after, wake_at)
    return after


def note(tx: Tx, ref: str, text: str) -> Incident:
    """Load, lock and add a note, as every move does."""
    before = incidents.load(tx, ref, lock=True)
    assert before is not None
    return record(tx, before, Noted(text=text))


def an_alert(name: str = "SlowCheckout", **changes: object) -> Alert:
    """An alert that fires."""
    told: dict[str, object] = {
        "source": "alertmanager", "labels": {"alertname": name, "service": "shop"}, "annotations": {"summary": "slow"},
        "starts_at": NOW, "updated_at": NOW, **changes,
    }  # fmt: skip
    return Alert(**told)  # type: ignore[arg-type]


def a_run(run_id: str = "run_1", verdict: str = "change", **changes: object) -> Run:
    """A run that was ordered."""
    ordered: dict[str, object] = {
        "id": run_id, "incident": "INC-1", "step": "shop/restart/1", "kind": "shell",
        "command": "systemctl restart shop", "verdict": verdict, "target": "local", "sha": "sha256:1",
        "status": "queued", "queued_at": NOW, **changes,
    }  # fmt: skip
    return Run(**ordered)  # type: ignore[arg-type]
