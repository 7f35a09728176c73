"""Alerts that a runbook lists without a number, and how they are found again in what people and programs say."""

from __future__ import annotations

import pytest

from tocsin.core.triggers import Trigger, trigger_in
from tocsin.reading import read

BAKERY = b"""# Bakery

| Severity | Meaning |
|---|---|
| P1 | nobody gets bread |
| P2 | some get none |

## Alert thresholds

**P1 alerts:**
- Oven heat > 260 C
- Fire alarm rings
- 3 complaints in an hour

**P2 alerts:**
- Flour delivery late

**P9 alerts:**
- The cat sleeps

**Contacts:**
- Ana from P1 on
"""


def test_a_list_of_alerts_below_a_severity_has_triggers() -> None:
    """What states no number and stands below one severity of the scale; a number is a threshold, or nobody's guess."""
    assert read(BAKERY, "bakery.md").triggers == (
        Trigger(text="Fire alarm rings", severity="P1", line=12),
        Trigger(text="Flour delivery late", severity="P2", line=16),
    )


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        ("Fire alarm rings", "P1"),
        ("FireAlarmRings", "P1"),
        ("fire-alarm rings in the north wing", "P1"),
        ("Flour delivery late", "P2"),
        ("Flour delivery", None),
        ("The fire alarm rings twice, flour delivery late", "P2"),
        ("Alarm", None),
        ("", None),
    ],
)
def test_a_trigger_is_known_by_all_its_words(said: str, severity: str | None) -> None:
    """In their order, as a title or as the name of an alert; the longest one counts."""
    found = trigger_in(said, read(BAKERY, "bakery.md").triggers)
    assert (found.severity if found else None) == severity


def test_a_trigger_that_two_severities_list_decides_nothing() -> None:
    """The document contradicts itself, so the person is not overruled by half of it."""
    known = [Trigger(text="Dough runs out", severity=name, line=line) for line, name in enumerate(("P1", "P2"), 1)]
    assert trigger_in("Dough runs out", known) is None
