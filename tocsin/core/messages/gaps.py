"""The gaps of a template, each with its place and the words that tell what belongs there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tocsin.core.runbook import Template

_MARKS = " \t*_`>#-+|•·"
_ALWAYS = (
    r"\bYYYY-MM-DD(?:[ T]HH:MM(?::SS)?)?\b|\bHH:MM(?::SS)?\b|\bXX+%?(?:\s*(?:min(?:ute)?s?|hours?|users?)\b)?"
    r"|\bX hours? Y minutes?\b"
)
_SENTENCE = r"\[[^\[\]\n]{2,80}\](?!\()|<[A-Za-z][^<>\n]{1,60}>|\{\{?[A-Za-z][^{}\n]{1,60}\}?\}"
_SCALE = re.compile(r"(?P<label>[^:\n]{2,40}:[ \t*_]*)(?P<value>[\w-]{1,20}(?:[ \t]*/[ \t]*[\w-]{1,20})+)[ \t*_]*$")
_LABEL = re.compile(r"(?P<label>[^:：.!?,;\[\]{}<>\n]{2,60})[:：](?:(?![.!?]\s)[^:：\n])*$")
_QUOTED = re.compile(r"[\"“«„](?P<text>[^\"”»“\n]{8,500})[\"”»“]")
_TOLD = re.compile(
    r"\b(?:post|send|tell|announce|publish|write|say|share|status|message|update|melde|sende|schreib|publica|envía"
    r"|avisa|envoie|annonce)",
    re.IGNORECASE,
)
MOST_SENTENCES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A gap: where it begins and ends in the text, what it says, behind which label, between which words.

    ``scale``: it is no gap in brackets but a list of severities, of which one is meant.
    """

    start: int
    end: int
    text: str
    label: str = ""
    before: str = ""
    after: str = ""
    scale: bool = False
    line: int = 0


@lru_cache(maxsize=256)
def gaps_of(template: Template, severities: tuple[str, ...] = ()) -> tuple[Gap, ...]:
    """The gaps of a template in their order; no two of them overlap."""
    fields = sorted(template.fields, key=len, reverse=True)
    pattern = re.compile("|".join([*(re.escape(field) for field in fields), _ALWAYS]))
    found: list[Gap] = []
    at, heading = 0, ""
    begins = template.line + (template.id != f"line-{template.line}")  # a fence's text begins behind its marker
    for number, line in enumerate(template.text.split("\n")):
        own = [
            Gap(
                start=at + match.start(), end=at + match.end(), text=match[0], line=begins + number,
                label=_label(line[: match.start()]) or (heading if _alone(line, match) else ""),
                before=line[: match.start()][-100:], after=line[match.end() :][:100],
            )
            for match in pattern.finditer(line)
        ]  # fmt: skip
        found += own or _scale(line, at, severities, begins + number)
        heading = _heading(line) or heading
        at += len(line) + 1
    return tuple(found)


def sentences(items: Sequence[tuple[str, int]]) -> Iterator[Template]:
    """Messages that stand in a sentence of the document: what it tells people to say, in quotes, with gaps."""
    number = 0
    for item, line in items:
        if number >= MOST_SENTENCES or not _TOLD.search(item[:200]):
            continue
        for quoted in _QUOTED.finditer(item[:2000]):
            fields = tuple(dict.fromkeys(match[0] for match in re.finditer(_SENTENCE, quoted["text"])))
            if fields:
                number += 1
                title = item[: quoted.start()].strip(" :–-*`") or "Message"
                yield Template(
                    id=f"line-{line}", title=title[:80], kind="initial", text=quoted["text"], fields=fields, line=line
                )
                break


def _scale(line: str, at: int, severities: Sequence[str], number: int) -> list[Gap]:
    """A line such as ``Severity: P1/P2/P3`` whose value lists the document's levels: one of them is meant."""
    match = _SCALE.search(line)
    known = {name.casefold() for name in severities}
    if match is None:
        return []
    parts = [part.strip().casefold() for part in match["value"].split("/")]
    if len(parts) < 2 or not all(part in known for part in parts):
        return []
    start = at + match.start("value")
    return [
        Gap(
            start=start, end=at + match.end("value"), text=match["value"], label=_label(match["label"]), scale=True,
            line=number,
        )
    ]  # fmt: skip


def _label(before: str) -> str:
    """What stands before the last colon of the text before a gap, without its marks."""
    match = _LABEL.search(before.replace("**", "").replace("__", ""))
    return match["label"].strip(_MARKS) if match else ""


def _heading(line: str) -> str:
    """The words of a line that is a heading, or nothing but a label; empty for any other line."""
    plain = line.strip().replace("**", "").replace("__", "")
    if re.match(r"#{1,6} ", plain):
        return plain.strip(_MARKS)
    return plain.strip(_MARKS).rstrip(":： ") if plain.endswith((":", "：")) else ""


def _alone(line: str, match: re.Match[str]) -> bool:
    """Whether the gap is all that its line holds."""
    return not line[: match.start()].strip(_MARKS) and not line[match.end() :].strip(_MARKS + ".")
