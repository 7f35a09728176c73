"""What label words mean: looks a heading or label up in `tocsin.reading.labels`."""

from __future__ import annotations

import re
from functools import lru_cache

from tocsin.reading.failures import is_failure
from tocsin.reading.labels import KIND, PARTS, ROWS, SOFT, VIETNAMESE, Meaning
from tocsin.reading.letters import Words
from tocsin.reading.titles import (
    bare_title,
    holds_repairs,
    holds_scenarios,
    is_alert_name,
    is_fact,
    is_phase,
    is_process,
    names_document,
    names_fact,
    prefixed,
    spoken,
    states_symptom,
    tells_failure,
    tidy,
)

__all__ = [
    "PARTS",
    "Meaning",
    "bare_title",
    "holds_repairs",
    "holds_scenarios",
    "is_alert_name",
    "is_fact",
    "is_phase",
    "is_process",
    "is_soft",
    "meaning",
    "names_document",
    "prefixed",
    "states_symptom",
    "tells_failure",
    "tidy",
]

_REMARK = re.compile(r"(?<=\S)\s*[(（][^()（）]*[)）]$")
_OF = re.compile(
    r"^(?:procedures?|procedimi?entos?|etapes?|pasos|passos|plan|plano|acciones|acoes|mesures|medidas|schritte"
    r"|massnahmen|steps|actions|guide|шаги|действия|порядок) (?:de |d'|do |da |des |del |zur |zum |para |pour |for "
    r"|to |по |для )(?:la |el |a |o |l'|the )?"
)
_VERB = re.compile(  # "check the oven's status" names no status
    r"(?:check|verify|confirm|review|assess|inspect|diagnose|investigate|identify|monitor|test|restore|fix|gather"
    r"|prüfe\w*"
    r"|verificar?|revisar?|comprobar|vérifier|проверить|проверьте)\s"
)
_TABLE = tuple((word, Words(pattern.replace("<kind>", KIND))) for word, pattern in (*ROWS, *SOFT, *VIETNAMESE))
_PLAIN = _TABLE[: len(ROWS) + len(SOFT)]
_TOLD: frozenset[Meaning] = PARTS | {"verification", "prevention", "rollback"}


def _readings(text: str) -> tuple[str, ...]:
    """What to look up, best first: without a remark at the end, without "Procedure for …" in front, as it stands."""
    bare = _REMARK.sub("", text)
    inner = _OF.sub("", bare)
    return tuple(dict.fromkeys((inner, bare, text) if len(inner) > 2 else (bare, text)))


@lru_cache(maxsize=4096)
def _row(label: str) -> int | None:
    text = spoken(label)
    if not text or len(text) > 100 or prefixed(label):
        return None
    table = _PLAIN if label.isascii() else _TABLE
    for reading in _readings(text):
        row = next((index for index, (_, pattern) in enumerate(table) if pattern.within(reading)), None)
        if row is not None:
            fact = _TABLE[row][0] in _TOLD and names_fact(reading) and not _VERB.match(reading)
            told = is_failure(reading) or fact
            return None if told else row
    return None


def meaning(label: str) -> Meaning | None:
    """What the words of a heading or label mean; null where they say nothing that we know."""
    row = _row(label)
    return None if row is None else _TABLE[row][0]


def is_soft(label: str) -> bool:
    """Whether a label is a mere verb ("Identify …", "Stop …"): what stands above it knows better what it is for."""
    row = _row(label)
    return row is not None and len(ROWS) <= row < len(_PLAIN)
