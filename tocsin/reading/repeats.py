"""Each escalation once: what a document says twice, and chains that it spells out elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.core.runbook import Escalation, Text

_ORDER = re.compile(r"\W*(?:page|call|wake(?: up)?|alert)\s(?:the\s)?", re.IGNORECASE)
_SPARE = 12  # letters of the order itself
_AFTER = "after "


def once(found: list[tuple[int, Escalation]]) -> list[Escalation]:
    """Each target and condition once, of pairs with the section's line.

    On its line, and elsewhere for the same severities after the same time; rows of one section with conditions of their
    own stay apart.
    """
    told: list[Escalation] = []
    lines: set[tuple[int, str, float | None]] = set()
    scopes: dict[tuple[str, float | None, tuple[str, ...]], tuple[int, set[str]]] = {}
    for section, one in found:
        name = re.sub(r"\W", "", (one.to or "").lower())
        if name and one.severities:
            first, conditions = scopes.setdefault((name, one.after_minutes, one.severities), (section, set()))
            fresh = first == section and one.when not in conditions
            conditions.add(one.when)
        else:
            fresh = (one.line, name, one.after_minutes) not in lines
            lines.add((one.line, name, one.after_minutes))
        told += [one] if fresh else []
    return told


def without_mentions(found: list[Escalation]) -> list[Escalation]:
    """Those whom a ladder calls at once aren't called again by a step "Page the mate" that names no condition."""
    at_once = {_letters(one.to) for one in found if one.to and one.after_minutes == 0 and not one.severities} - {""}
    return [one for one in found if not (at_once and _bare(one) and any(map(_letters(one.to).startswith, at_once)))]


def _bare(one: Escalation) -> bool:
    plain = one.to is not None and one.after_minutes is None and not one.severities and one.clock is None
    return plain and bool(_ORDER.match(one.when)) and len(one.when) < len(one.to or "") + _SPARE


def _letters(name: str | None) -> str:
    return re.sub(r"\W", "", (name or "").lower())


def chained(found: list[Escalation]) -> Iterator[Text]:
    """Those whom a line names one behind the other, each once: who comes first, then who is called "after" whom."""
    known: set[str] = set()
    for one in found:
        if not (one.to and one.when.startswith(_AFTER)):
            continue
        for name in (one.when.removeprefix(_AFTER), one.to):
            if _letters(name) and _letters(name) not in known and not re.search(r"\d", name):
                known.add(_letters(name))
                yield Text(text=name, line=one.line)


def without_chains(found: list[Escalation]) -> Iterator[Escalation]:
    """A chain that is spelled out elsewhere counts there."""
    spelled = {(one.to or "").lower() for one in found if not one.when.startswith("after ")}
    begins = {one.when.removeprefix("after ").lower() for one in found if one.when.startswith("after ")}
    begins -= {(one.to or "").lower() for one in found if one.when.startswith("after ")}
    for one in found:
        if one.to and one.when == one.to and one.to.lower() in begins and one.after_minutes is None:
            continue  # where a chain begins
        if not (one.when.startswith("after ") and one.after_minutes is None and (one.to or "").lower() in spelled):
            yield one
