"""What a scenario says: symptoms, causes, steps, criteria for its end, follow-ups, alert names, severity."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.core.runbook import Criterion, Scenario, Text
from tocsin.ids import slug
from tocsin.reading.context import Context, hypotheses
from tocsin.reading.nodes import Block
from tocsin.reading.parts import items, lines_of, severities_in, texts
from tocsin.reading.places import Place
from tocsin.reading.sections import Section
from tocsin.reading.steps import Collector
from tocsin.reading.thresholds import comparisons
from tocsin.reading.vocabulary import bare_title, tidy

_ALERT_NAME = re.compile(r"^[A-Z][a-z0-9]+(?:[A-Z]{1,5}[a-z0-9]*)+$|^[A-Za-z]+(?:_[a-z0-9]+)+$")
_RECOVERED = re.compile(
    r"\b(?:returns?|back|restored|normal(?:i[sz]ed|s)?|resumed|recover\w*|stabili[sz]\w*|clear(?:s|ed)?"
    r"|no (?:more )?\w+|below|drops?)\b",
    re.IGNORECASE,
)
_WATCH = re.compile(r"\b(?:monitor|watch|confirm|verify|ensure|check)\b", re.IGNORECASE)
_SEVERITY_TAG = re.compile(
    r"[(\[]\s*(P[0-5]|SEV[- ]?\d)\b[^)\]]*[)\]]|^(?:\W*)(P[0-5]|SEV[- ]?\d)\s*[:：—–-]", re.IGNORECASE
)
_SECTION_SEVERITY = re.compile(
    r"\b(P[0-5]|SEV[- ]?\d|Critical|Warning|High|Medium|Low)\b(?=.*\b(?:alerts?|incidents?|runbooks?|priority"
    r"|scenarios?|issues)\b)",
    re.IGNORECASE,
)


def scenario(place: Place, taken: set[str], seen: frozenset[str]) -> Scenario:
    """What one scenario says."""
    section = place.section
    own = _name(section, taken)
    collector = Collector(seen=seen)
    repairs = bool({child.meaning for child in section.children} & {"mitigation", "actions"})
    follow_ups: list[Text] = []
    criteria: list[Criterion] = []
    context = Context(path=own, by_hand=True, fallback="mitigation")
    for block in section.blocks:
        if block.kind != "paragraph" and not place.whole:
            collector.block(block, context)
        elif not place.whole:
            collector.paragraph(block, context)
    for child in section.children:
        if child in place.skip:
            continue
        if child.meaning == "prevention":
            follow_ups += texts(child)
        elif child.meaning == "resolution" and _tells_outcome(child, repairs=repairs):
            for text in texts(child):
                (criteria if _is_criterion(text, child) else follow_ups).append(text)  # type: ignore[arg-type]
        elif _silent(child):
            collector.fences_of(child, context)
        else:
            collector.section(child, context, place.skip)
    criteria = [one for text in criteria for one in _criteria(text, section)]  # type: ignore[arg-type]
    criteria += _verified(section)
    return Scenario(
        id=own,
        title=bare_title(section.title) or "Incident",
        severity=severity_of(section),
        alerts=_alerts(section),
        line=section.line,
        symptoms=_symptoms(section),
        causes=_causes(section),
        steps=collector.finish(own),
        criteria=tuple(criteria),
        follow_ups=tuple(follow_ups),
    )


def _name(section: Section, taken: set[str]) -> str:
    own = slug(tidy_emoji(section.title)) or f"line-{section.line}"
    if own in taken:
        own = "-".join(part for part in (slug(section.trail[-1]) if section.trail else "", own) if part)
    name, number = own, 2
    while name in taken:
        name, number = f"{own}-{number}", number + 1
    taken.add(name)
    return name


def tidy_emoji(title: str) -> str:
    """The heading as it stands; `slug` drops what is no letter."""
    return re.sub(r"[*_`#]", "", title)


def _silent(section: Section) -> bool:
    return section.meaning in (
        "symptoms",
        "causes",
        "impact",
        "overview",
        "severity",
        "escalation",
        "contacts",
        "links",
        "metrics",
        "thresholds",
        "review",
        "template",
        "access",
    )


def _tells_outcome(section: Section, *, repairs: bool) -> bool:
    """Whether "Resolution" states how it ends (or the later fixes), because what to do stands elsewhere."""
    if any(block.kind == "fence" for block in section.everything()) or section.children:
        return False
    if all(block.kind == "paragraph" for block in section.blocks):
        return repairs
    return repairs and not any(item.rest for item in items(section.blocks))


def _is_criterion(text: Text, section: Section) -> bool:
    if all(block.kind == "paragraph" for block in section.blocks):
        return True
    return bool(_RECOVERED.search(text.text) and (_WATCH.search(text.text) or comparisons(text.text)))


def _criteria(text: Text, section: Section) -> list[Criterion]:
    """A sentence → its criteria: each clause of an inline list, with its comparison where it has one."""
    sentences = [text.text]
    if not any(text.line == item.line for part in section.walk() for item in items(part.blocks)):
        sentences = [
            part.strip() for part in re.split(r"[,;]\s+(?!and\b)|\s+and\s+(?=no\b)", text.text) if part.strip()
        ]
    return [_criterion(sentence, text.line) for sentence in sentences]


def _criterion(sentence: str, line: int) -> Criterion:
    found = next(iter(comparisons(sentence)), None)
    watch = re.search(r"\b(?:for|next)\s+(\d+)(?:\s*-\s*(\d+))?\s*min", sentence, re.IGNORECASE)
    minutes = float(watch.group(2) or watch.group(1)) if watch else None
    if found is None:
        return Criterion(text=sentence, watch_minutes=minutes, line=line)
    return Criterion(
        text=sentence,
        metric=found.metric,
        op=found.op,
        value=found.value,
        unit=found.unit,
        watch_minutes=minutes,
        line=line,
    )


def _verified(section: Section) -> list[Criterion]:
    """The points of a part about verification that state an outcome."""
    found = []
    for child in section.children:
        if child.meaning == "verification":
            found += [
                _criterion(point.text, point.line)
                for part in child.walk()
                for point in _points(part.blocks)
                if _RECOVERED.search(point.text) or comparisons(point.text)
            ]
    return found


def _points(blocks: tuple[Block, ...]) -> Iterator[Text]:
    for item in items(blocks):
        if item.text and not item.rest:
            yield Text(text=item.text, line=item.line)


def _symptoms(section: Section) -> tuple[Text, ...]:
    for wanted in ("symptoms", "detection"):
        found = [
            text
            for child in section.children
            if child.meaning == wanted
            for part in child.walk()
            for text in texts(part)
        ]
        if found:
            return tuple(found)
    return ()


def _causes(section: Section) -> tuple[Text, ...]:
    found: list[Text] = []
    for child in section.walk():
        if child.meaning == "causes":
            found += texts(child)
        for block in child.blocks:
            found += [
                Text(text=point.text, line=point.line)
                for item in items((block,))
                if hypotheses(item)
                for part in item.rest
                for point in part.children
            ]
    return tuple(found)


def _alerts(section: Section) -> tuple[str, ...]:
    """Alert names: the heading itself, "Alert: `Name`" among the symptoms, an "Alert Name" label."""
    title = bare_title(section.title)
    found = [part for part in re.split(r"\s*/\s*", title) if _ALERT_NAME.match(part)]
    for child in section.children:
        if child.meaning in ("symptoms", "detection") or re.match(r"alerts?\b", tidy(child.title), re.IGNORECASE):
            for line in lines_of(child.blocks):
                if child.meaning != "symptoms" or re.search(r"\balert|\bfires?\b|pager", line.plain, re.IGNORECASE):
                    found += [span.text for span in line.codes if _ALERT_NAME.match(span.text)]
    return tuple(dict.fromkeys(found))


def severity_of(section: Section) -> str | None:
    """The severity that a scenario states for itself, or the one of the headings above it ("Critical Alerts")."""
    for child in section.children:
        if child.label and child.meaning == "severity":
            text = child.text
            return next(iter(severities_in(text)), None) or next(iter(re.findall(r"^\W*(\w+)", text)), None)
    for title in (section.title, *reversed(section.trail)):
        tag = _SEVERITY_TAG.search(title)
        if tag:
            return (tag.group(1) or tag.group(2)).strip()
        named = _SECTION_SEVERITY.search(title) if title != section.title else None
        if named:
            return named.group(1)
    return None
