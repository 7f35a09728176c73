"""Promises by the clock that stand in any line: updates every so often, answers and tasks counted in business days."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tocsin.core.runbook import Deadline, Severity, UpdatePromise
from tocsin.reading.durations import first_span, in_digits
from tocsin.reading.letters import compiled, unaccented

MOST = 20
LONGEST_LINE = 400
ABOUT = 8
"""Lines behind the one that names a severity which may still be about it."""
_EVERY = compiled(
    r"\b(?:updates?|updated|informed|status (?:post|message|note)s?|communicate"
    r"|actualiza\w*|atualiza\w*|mises? a jour)\b"
    r"[^.;|]{0,60}?\b(?P<every>every|each|cada|toutes les|a cada)\s+(?P<span>[^.;,|]{1,40})"
    r"|\b(?:alle)\s+(?P<german>\d+\s*\w+)[^.;|]{0,40}?\b(?:update|aktualisier|inform|status)"
    r"|\bevery\s+(?P<before>\d+\s*\w+)[^.;|]{0,40}?\bupdates?\b"
)
_ASKED = re.compile(
    r"^\W{0,2}(?:\[[^\]]{1,20}\]|<[^>]{1,20}>|\{[^}]{1,20}\}|_{2,}|X{1,2}\b)\W{0,3}(?:min|hour|h\b)", re.IGNORECASE
)
_HOUR = re.compile(r"^(?:half (?:an )?)?hour\b", re.IGNORECASE)
_NEXT_DAY = compiled(
    r"next (?:business|working) day|nachster (?:werk|arbeits)tag|am nachsten (?:werk|arbeits)tag"
    r"|(?:prochain )?jour ouvr\w+ suivant|prochain jour ouvr\w+|(?:siguiente|proximo) dia (?:habil|laborable)"
    r"|proximo dia util|翌営業日|下一个?工作日|다음 영업일|следующ\w+ рабоч\w+ д"
)
_BUSINESS_DAYS = compiled(
    r"(?P<number>\d{1,3})\s*(?:business|working)[- ]days?|(?P<german>\d{1,3})\s*(?:werk|arbeits)tage?n?"
    r"|(?P<french>\d{1,3})\s*jours? ouvr\w+|(?P<spanish>\d{1,3})\s*dias? (?:habiles|laborables|uteis)"
    r"|(?P<asian>\d{1,3})\s*(?:営業日|个?工作日|영업일)"
)


def updates(lines: Sequence[str], scale: Sequence[Severity]) -> tuple[UpdatePromise, ...]:
    """Every "updates every 30 minutes" of the document; a gap ("every [X] minutes") is to be asked."""
    return tuple(_updates(lines, scale))[:MOST]


def _updates(lines: Sequence[str], scale: Sequence[Severity]) -> Iterator[UpdatePromise]:
    for number, line in enumerate(lines, 1):
        found = _EVERY.search(unaccented(line)) if len(line) <= LONGEST_LINE else None
        if found is None:
            continue
        said = next((text for name in ("span", "german", "before") if (text := found.group(name))), "")
        minutes = _minutes(said)
        if minutes is None and not _ASKED.match(said):
            continue
        named = tuple(level.name for level in scale if re.search(rf"(?<!\w){re.escape(level.name)}(?!\w)", line))
        yield UpdatePromise(text=line.strip(" \t-*>|"), every_minutes=minutes, severities=named, line=number)


def _minutes(said: str) -> float | None:
    whole = _HOUR.match(said)
    if whole:
        return 30 if whole.group().lower().startswith("half") else 60
    found = first_span(in_digits(said))
    return found.low if found and found.start <= 1 and 1 <= found.low <= 24 * 60 else None


def on_business_days(scale: Sequence[Severity], lines: Sequence[str]) -> tuple[Severity, ...]:
    """The scale, marked where a level is to be answered on the next business day."""
    ends = [level.line for level in scale]
    marked = []
    for level in scale:
        last = min([line - 1 for line in ends if line > level.line] + [level.line + ABOUT])
        about = " ".join(line[:LONGEST_LINE] for line in lines[level.line - 1 : max(last, level.line)])
        waits = level.response_minutes is None and bool(_NEXT_DAY.search(unaccented(about)))
        marked.append(replace(level, next_business_day=waits))
    return tuple(marked)


def in_business_days(found: Sequence[Deadline], lines: Sequence[str]) -> tuple[Deadline, ...]:
    """The deadlines, with their business days where their line counts in those."""
    return tuple(_in_days(deadline, lines) for deadline in found)


def _in_days(deadline: Deadline, lines: Sequence[str]) -> Deadline:
    text = lines[deadline.line - 1][:LONGEST_LINE] if deadline.line <= len(lines) else ""
    said = [int(next(filter(None, found.groups()))) for found in _BUSINESS_DAYS.finditer(unaccented(text))]
    days = next((days for days in said if days * 24 == deadline.hours), None)
    return replace(deadline, business_days=days)
