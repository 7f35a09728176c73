"""What the timeline keeps of an incident's surroundings, because it is gone later."""

from __future__ import annotations

from tocsin.core.context import Affected, Near, SignalAt, SupplierAt
from tocsin.core.entries import fact


@fact
class ContextTaken:
    """What was known around the incident when it began: values, changes near it, suppliers, people affected.

    ``changes`` are the nearest ones; ``more`` of the day before are left out.
    """

    signals: tuple[SignalAt, ...] = ()
    changes: tuple[Near, ...] = ()
    more: int = 0
    suppliers: tuple[SupplierAt, ...] = ()
    affected: Affected | None = None
