"""Tables that a plugin reads: its kind is looked up, the rest of the table becomes its fields."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from tocsin.core.runbook import Op
from tocsin.core.systemhealth import Limit
from tocsin.core.watching import NO_DATA, Terms
from tocsin.errors import Invalid
from tocsin.plug import registry
from tocsin.plug.kinds import Notifier, Probe
from tocsin.settings import shapes
from tocsin.settings.kinds import class_of
from tocsin.settings.model import COUNTS, Signal, counted
from tocsin.settings.spans import SHORTEST_SPAN, span

_SPANS = {
    "every": SHORTEST_SPAN, "timeout": SHORTEST_SPAN, "keep_firing_for": timedelta(0), "resend": timedelta(seconds=1),
    "no_data_after": timedelta(0),
}  # fmt: skip
_LIMIT = re.compile(r"\s*(>=|<=|==|>|<)\s*([-+]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15}))\s*")
LONGEST_UNIT = 20
_TERMS = {"keep_firing_for": "keep_firing", "resend": "resend", "no_data_after": "no_data_after"}
SIGNAL_KEYS = (*_SPANS, "clear", "unit", "no_data", "counts", "healthy", "essential")
"""The keys of a signal's table that belong to no probe."""


def notifiers(raw: shapes.File, where: str) -> dict[str, Notifier]:
    """The notifiers of a file by their names; ``console`` is always there."""
    kinds = registry.discover("tocsin.notifiers", Notifier)
    made = {name: _bind(kinds, dict(table), f"{where}: [notifiers.{name}]") for name, table in raw.notifiers.items()}
    return {"console": kinds["console"](), **made}


def signal(metric: str, table: dict[str, Any], where: str) -> Signal:
    """A metric of the document, bound to the probe that its table tells."""
    place = f'{where}: [signals."{metric}"]'
    own = Signal.__dataclass_fields__
    spans = {key: span(str(table.pop(key)), f"{place} {key}", least) for key, least in _SPANS.items() if key in table}
    clear, no_data = table.pop("clear", None), table.pop("no_data", NO_DATA[0])
    if clear is not None and (
        isinstance(clear, bool) or not isinstance(clear, int | float) or not math.isfinite(clear)
    ):
        raise Invalid(f"{clear!r} is not a number.", "Write it in the unit of the signal.", where=f"{place} clear")
    unit = table.pop("unit", "")
    if not isinstance(unit, str) or len(unit) > LONGEST_UNIT:
        raise Invalid(f"{unit!r} is no unit.", 'Write for example unit = "ms" or "%".', where=f"{place} unit")
    if no_data not in NO_DATA:
        raise Invalid(f"{no_data!r} is not one of {', '.join(NO_DATA)}.", where=f"{place} no_data")
    counts = table.pop("counts", None)
    if counts is not None and counts not in COUNTS:
        raise Invalid(f"{counts!r} is not one of {', '.join(COUNTS)}.", where=f"{place} counts")
    healthy, essential = _limit(table.pop("healthy", None), f"{place} healthy"), table.pop("essential", True)
    if not isinstance(essential, bool):
        raise Invalid(f"{essential!r} is neither true nor false.", where=f"{place} essential")
    terms = Terms(no_data=no_data, **{_TERMS[key]: value for key, value in spans.items() if key in _TERMS})
    probes = registry.discover("tocsin.probes", Probe)
    return Signal(
        metric=metric,
        clear=None if clear is None else float(clear),
        terms=terms,
        counts=counts or counted(metric),
        unit=unit.strip(),
        healthy=healthy,
        essential=essential,
        probe=_bind(probes, table, place, key="probe"),
        **{key: value for key, value in spans.items() if key in own},
    )


def _limit(text: object, place: str) -> Limit | None:
    """Which values are healthy, as the file writes it: ``"< 26"``."""
    if text is None:
        return None
    found = _LIMIT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise Invalid(f"{text!r} says no limit.", 'Write for example healthy = "< 26" or "== 1".', where=place)
    return Limit(op=cast("Op", found[1]), value=float(found[2]))


def _bind(kinds: Mapping[str, type[Any]], table: dict[str, Any], place: str, key: str = "kind") -> Any:
    return registry.bind(class_of(kinds, str(table.pop(key, "")), place, key), table, place)
