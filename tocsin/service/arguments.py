"""Values that are given together with the order to run a step: they fill its gaps, for the incident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.app import App
from tocsin.core import moves
from tocsin.core.incident import Incident
from tocsin.core.moves import Facts
from tocsin.core.runbook import Runbook, Step
from tocsin.errors import Invalid
from tocsin.service import discretion

MOST = 20
_AROUND = "<>[]{} "


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What comes with the order to run a step: the reason, and values for its gaps."""

    why: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    value: str


def bound(app: App, incident: Incident, runbook: Runbook, step: Step, values: Mapping[str, str]) -> Facts:
    """The facts that fill these gaps of a step; a gap may be named without its brackets, empty texts fill nothing.

    Raises `Invalid` for what is no gap of the step, and for a value that does not fit or is a secret.
    """
    if len(values) > MOST:
        raise Invalid(f"At most {MOST} values are taken at once.")
    found: Facts = []
    for name, value in values.items():
        gap = _gap(step, name)
        if value.strip() and incident.values.get(gap) != value.strip():
            discretion.refuse(app, _Given(value=value))
            found += moves.bind_placeholder(incident, runbook, gap, value)
    return found


def _gap(step: Step, name: str) -> str:
    fitting = [gap for gap in step.placeholders if gap == name] or [
        gap for gap in step.placeholders if gap.strip(_AROUND).casefold() == name.strip(_AROUND).casefold()
    ]
    if len(fitting) != 1:
        known = ", ".join(step.placeholders) or "none"
        raise Invalid(f"{step.title!r} has no gap {name[:60]!r}.", f"Its gaps: {known}.")
    return fitting[0]
