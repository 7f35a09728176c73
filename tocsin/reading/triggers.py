"""What a runbook lists among its alerts without a number: "Security incident detected", below "P0 Alerts"."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.core.runbook import Rule, Severity
from tocsin.core.triggers import Trigger
from tocsin.reading.numerals import has_number
from tocsin.reading.parts import items, severities_in
from tocsin.reading.sections import Section
from tocsin.reading.vocabulary import tidy

_LONGEST = 100


def triggers(root: Section, rules: Sequence[Rule], scale: Sequence[Severity]) -> tuple[Trigger, ...]:
    """The points of each list of alerts that one severity of the scale heads, as far as they state no number."""
    measured, known = {rule.line for rule in rules}, {level.name for level in scale}
    found: list[Trigger] = []
    for section in root.walk():
        told = set(severities_in(section.title)) if section.meaning == "thresholds" else set()
        if len(told) != 1 or not told <= known:
            continue
        (severity,) = told
        for item in items(section.blocks):
            text = tidy(item.text)
            if item.line not in measured and 0 < len(text) <= _LONGEST and not has_number(item.text):
                found.append(Trigger(text=text, severity=severity, line=item.line))
    return tuple(found)
