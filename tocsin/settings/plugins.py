"""Tables that a plugin reads: its kind is looked up, the rest of the table becomes its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tocsin.plug import registry
from tocsin.plug.kinds import Notifier, Probe
from tocsin.settings import shapes
from tocsin.settings.kinds import class_of
from tocsin.settings.model import Signal
from tocsin.settings.spans import SHORTEST_SPAN, span


def notifiers(raw: shapes.File, where: str) -> dict[str, Notifier]:
    """The notifiers of a file by their names; ``console`` is always there."""
    kinds = registry.discover("tocsin.notifiers", Notifier)
    made = {name: _bind(kinds, dict(table), f"{where}: [notifiers.{name}]") for name, table in raw.notifiers.items()}
    return {"console": kinds["console"](), **made}


def signal(metric: str, table: dict[str, Any], where: str) -> Signal:
    """A metric of the document, bound to the probe that its table tells."""
    place = f'{where}: [signals."{metric}"]'
    every = span(str(table.pop("every", "15s")), f"{place} every", SHORTEST_SPAN)
    probes = registry.discover("tocsin.probes", Probe)
    return Signal(metric=metric, every=every, probe=_bind(probes, table, place, key="probe"))


def _bind(kinds: Mapping[str, type[Any]], table: dict[str, Any], place: str, key: str = "kind") -> Any:
    return registry.bind(class_of(kinds, str(table.pop(key, "")), place, key), table, place)
