"""What an incident's channel is called: by the pattern that the document writes, within the rules of the chat.

Pure. A pattern such as ``#outage-YYYY-MM-DD-brief-desc`` is literal text with words that stand for something; one that
holds a gap which nobody can fill from the incident is not used.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tocsin.core.runbook import Runbook

USUAL = "#incident-YYYY-MM-DD-brief-desc"
_CHANNEL = re.compile(r"#(?=[^\s`]*[a-z])[\w<>\[\]{}-]+", re.ASCII)
_GAP = re.compile(r"<([^<>]*)>|\[([^\[\]]*)\]|\{([^{}]*)\}")
_DATE = re.compile(r"(?<![A-Za-z])(YYYY|MM|DD)(?![A-Za-z])|YYYYMMDD")
_WORDS = {
    "brief-desc": "title", "short-desc": "title", "brief-description": "title", "short-description": "title",
    "description": "title", "desc": "title", "title": "title", "short-name": "title", "name": "title", "slug": "title",
    "summary": "title", "short-summary": "title", "brief-summary": "title",
    "incident-id": "id", "id": "id", "number": "number", "incident-number": "number", "nnn": "number", "nnnn": "number",
    "xxx": "number", "xxxx": "number", "severity": "severity", "sev": "severity", "date": "date",
    "yyyy-mm-dd": "date", "yyyymmdd": "day",
}  # fmt: skip
_UNMARKED = tuple(sorted((word for word in _WORDS if "-" in word and word[0] != "y"), key=len, reverse=True))
_NOT_A_LETTER = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """How a channel is to be called, and where that is written; ``line`` 0: nowhere in the document."""

    text: str = USUAL
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a name is made of."""

    id: str
    title: str
    severity: str
    day: date
    drill: bool = False


def pattern_of(runbook: Runbook) -> Pattern | None:
    """The first pattern for a channel of its own that the document writes; None where it writes none that is clear."""
    for text, line in _texts(runbook):
        for found in _CHANNEL.finditer(text):
            written = found[0].rstrip("-")
            if _parts(written) is not None:
                return Pattern(text=written, line=line)
    return None


def is_pattern(text: str) -> bool:
    """Whether a name could be made by it: it begins with #, and something in it differs between incidents."""
    return text.startswith("#") and _parts(text) is not None


def room_name(pattern: str, subject: Subject, longest: int = 80, again: int = 0) -> str:
    """The name without its #: small letters, digits, hyphens; ``again`` counts the tries that were taken before.

    The rules are Slack's, which every other chat accepts, too: at most 80 characters, no spaces, no punctuation.
    """
    ending = f"-{again + 1}" if again else ""
    made = "".join(_value(kind, text, subject) for kind, text in _parts(pattern) or _parts(USUAL) or ())
    plain = f"{'drill-' if subject.drill else ''}{_plain(made)}"
    return f"{plain[: longest - len(ending)].rstrip('-_')}{ending}"


def _texts(runbook: Runbook) -> Iterator[tuple[str, int]]:
    yield from ((channel.address, channel.line) for channel in runbook.channels)
    yield from ((item.text, item.line) for part in runbook.checklists for item in part.items)
    yield from ((f"{step.title} {step.command or ''}", step.line) for step in runbook.steps() if not step.runnable)


def _parts(pattern: str) -> list[tuple[str, str]] | None:
    """The pattern as (kind, text); None where nothing in it stands for something, or a gap is not understood."""
    parts: list[tuple[str, str]] = []
    text, at = pattern.removeprefix("#"), 0
    for found in _GAP.finditer(text):
        kind = _WORDS.get(_plain(found[1] or found[2] or found[3] or ""))
        if kind is None:
            return None
        parts += [*_loose(text[at : found.start()]), (kind, "")]
        at = found.end()
    parts += _loose(text[at:])
    known = [kind for kind, _ in parts if kind != "text"]
    if not known or re.search(r"[<>\[\]{}]", "".join(text for kind, text in parts if kind == "text")):
        return None
    return parts


def _loose(text: str) -> list[tuple[str, str]]:
    """Words that stand for something without any marks around them."""
    for word in _UNMARKED:
        found = re.search(rf"(?<![a-z]){word}(?![a-z])", text)
        if found:
            return [*_loose(text[: found.start()]), (_WORDS[word], ""), *_loose(text[found.end() :])]
    parts, at = list[tuple[str, str]](), 0
    for found in _DATE.finditer(text):
        parts += [("text", text[at : found.start()]), (found[0], "")]
        at = found.end()
    return [part for part in (*parts, ("text", text[at:])) if part[0] != "text" or part[1]]


def _value(kind: str, text: str, subject: Subject) -> str:
    day = subject.day
    values = {
        "text": text, "title": _plain(subject.title) or _plain(subject.id), "id": _plain(subject.id),
        "number": subject.id.rpartition("-")[2], "severity": _plain(subject.severity), "date": day.isoformat(),
        "day": f"{day:%Y%m%d}",
        "YYYYMMDD": f"{day:%Y%m%d}",
        "YYYY": f"{day:%Y}", "MM": f"{day:%m}", "DD": f"{day:%d}",
    }  # fmt: skip
    return values[kind]


def _plain(text: str) -> str:
    """Small ASCII letters, digits and underscores, joined by hyphens; what has no such letter is left out."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return _NOT_A_LETTER.sub("-", folded).strip("-")
