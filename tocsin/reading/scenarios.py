"""What a scenario says: symptoms, causes, steps, criteria for its end, follow-ups, alert names, severity."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tocsin.core.runbook import Criterion, Scenario, StepStage, Text
from tocsin.ids import slug
from tocsin.reading.context import LASTING, STAGES, Context, hypotheses, looks, names_alert
from tocsin.reading.criteria import criteria_of, states_a_fact
from tocsin.reading.drafts import Draft
from tocsin.reading.letters import fold
from tocsin.reading.names import unique
from tocsin.reading.nodes import Block
from tocsin.reading.parts import items, severities_in, texts
from tocsin.reading.places import Place
from tocsin.reading.sections import Section
from tocsin.reading.steps import Collector
from tocsin.reading.thresholds import comparisons
from tocsin.reading.vocabulary import bare_title, holds_repairs, holds_scenarios, meaning, states_symptom, tidy

_ACTING = frozenset({"diagnosis", "actions", "mitigation", "resolution", "verification", "rollback"})
_END = re.compile(
    r"criteri|criter|критери|kriterien|标准|判据|条件|基準|判断|기준|조건|\bwhen\b|\bif$|\bwenn$|\bquand$|\bsi$"
    r"|\bcuando$|\bquando$"
    r"|если|когда|definition of done|back to normal|all[- ]clear|signs of|indicators of|retour a la normale"
)
_ALERT_NAME = re.compile(r"^[A-Z][a-z0-9]+[A-Z][A-Za-z0-9]*$|^[A-Za-z]+(?:_[a-z0-9]+)+$")
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
_SLASH = re.compile(r"\s*/\s*")
_NAMES = re.compile(r"\s*[,/]\s*|\s+(?:and|or)\s+")
_OF_ALERTS = re.compile(r"alerts?\b", re.IGNORECASE)
_ALERTS = re.compile(r"\balert|\bfires?\b|pager", re.IGNORECASE)
_ONLY_CHECK = re.compile(  # words for "check" that don't say which: of the failure, or of the repair
    r"checks?|check again|(?:uber)?prufung|kontrolle|verifica|controllo|comprobacion|controle|проверка|확인|점검"
    r"|確認|确认|检查"
)
_MARKS = re.compile(r"[*_`#]")


def scenario(place: Place, taken: set[str], seen: frozenset[str]) -> Scenario:
    """What one scenario says."""
    section = replace(place.section, title=place.title or place.section.title)
    section = replace(section, children=_in_order(section.children))
    own = _name(section, taken)
    collector = Collector(seen=seen)
    context = Context(path=own, by_hand=True, fallback="mitigation", stage=_stage_above(section))
    for block in section.blocks if not place.whole else ():
        if block.kind == "paragraph":
            collector.paragraph(block, context)
        else:
            collector.block(block, context)
    follow_ups: list[Text] = []
    criteria: list[Criterion] = []
    repairs = bool({part.meaning for part in section.children} & {"mitigation", "actions"})
    for child in section.children:
        if child in place.skip:
            continue
        told = _outcome(child, section, repairs=repairs)
        if told is not None:
            criteria += told[0]
            follow_ups += told[1]
        elif child.meaning == "causes":
            collector.causes(child, context, place.skip)
        elif _silent(child) or _states_end(child) or names_alert(child):
            collector.fences_of(child, context)
        else:
            collector.section(child, context, place.skip)
    symptoms, alerts = _symptoms(section, whole=place.whole), _alerts(section)
    collector.steps = [step for step in collector.steps if not _only_says(step, symptoms, alerts)]
    return Scenario(
        id=own,
        title=tidy(place.title) if place.title else bare_title(section.title) or "Incident",
        severity=severity_of(section),
        alerts=alerts,
        line=section.line,
        symptoms=symptoms,
        causes=_causes(section),
        steps=collector.finish(own),
        criteria=(*criteria, *_verified(section)),
        follow_ups=tuple(follow_ups),
    )


def _stage_above(section: Section) -> StepStage | None:
    """The stage that the heading right above a scenario tells ("Oven recovery"), unless that holds many of them."""
    above = section.trail[-1] if section.trail and section.level > 2 else ""
    told = meaning(above) if above and not (holds_scenarios(above) or holds_repairs(above)) else None
    return STAGES.get(told) if told in ("mitigation", "resolution") else None


def _only_says(step: Draft, symptoms: tuple[Text, ...], alerts: tuple[str, ...]) -> bool:
    """Whether a step by hand only repeats a symptom or the name of the alert, and tells nothing to do."""
    if step.kind != "manual" or step.stage != "diagnosis" or looks(step.title):
        return False
    return step.title.strip("`") in alerts or any(step.line == one.line and step.title == one.text for one in symptoms)


def _outcome(child: Section, section: Section, *, repairs: bool) -> tuple[list[Criterion], list[Text]] | None:
    """The criteria and follow-ups that a part states instead of steps; null for a part with steps.

    ``repairs``: whether another part of the scenario says what to do.
    """
    if child.meaning == "prevention":
        return [], list(texts(child))
    if child.meaning != "resolution" or not _tells_outcome(child, repairs=repairs):
        return None
    ends = [text for text in texts(child) if _is_criterion(text, child)]
    return [one for text in ends for one in _criteria(text, section)], [t for t in texts(child) if t not in ends]


def _in_order(children: tuple[Section, ...]) -> tuple[Section, ...]:
    """The parts of a scenario, read by their place.

    What is verified before anything was done is diagnosis, and a second "Check" behind the repair looks whether it
    worked; a lasting fix with commands is part of the repair.
    """
    acts = [index for index, child in enumerate(children) if child.meaning in ("actions", "mitigation", "resolution")]
    looked = bool(acts) and any(child.meaning == "diagnosis" for child in children[: acts[0]])
    done = []
    for index, child in enumerate(children):
        if acts and index < acts[0] and child.meaning == "verification" and not _states_end(child):
            done.append(replace(child, means="diagnosis"))
        elif looked and index > acts[-1] and _ONLY_CHECK.fullmatch(fold(tidy(child.title)).strip(" :：")):
            done.append(replace(child, means="verification"))
        elif child.meaning == "prevention" and LASTING.search(fold(child.title)) and _has_fence(child):
            done.append(replace(child, means="resolution"))
        else:
            done.append(child)
    return tuple(done)


def _has_fence(section: Section) -> bool:
    return any(
        block.kind == "fence" or any(child.kind == "fence" for item in block.children for child in item.children)
        for block in section.everything()
    )


def _states_end(section: Section) -> bool:
    """Whether a part says when the incident is over ("Resolved when", "Exit criteria")."""
    return section.meaning == "verification" and bool(_END.search(fold(tidy(section.title))))


def _name(section: Section, taken: set[str]) -> str:
    own = slug(tidy_emoji(section.title)) or f"line-{section.line}"
    if own in taken:
        own = "-".join(part for part in (slug(section.trail[-1]) if section.trail else "", own) if part)
    return unique(own, taken)


def tidy_emoji(title: str) -> str:
    """The heading as it stands; `slug` drops what is no letter."""
    return _MARKS.sub("", title)


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
    measured = _RECOVERED.search(text.text) and (_WATCH.search(text.text) or comparisons(text.text))
    return bool(measured) or states_a_fact(text.text)


def _criteria(text: Text, section: Section) -> list[Criterion]:
    """A sentence → its criteria: each clause of an inline list, with its comparison where it has one."""
    inline = not any(text.line == item.line for part in section.walk() for item in items(part.blocks))
    return criteria_of(text.text, text.line, inline=inline)


def _verified(section: Section) -> list[Criterion]:
    """The points of a part about verification that state an outcome."""
    found = []
    for child in section.children:
        if _states_end(child):
            found += [one for point in texts(child) for one in criteria_of(point.text, point.line, inline=False)]
        elif child.meaning == "verification":
            found += [
                one
                for part in child.walk()
                for point in _points(part.blocks)
                for one in criteria_of(point.text, point.line, inline=False)
                if _RECOVERED.search(point.text) or comparisons(point.text)
            ]
    return found


def _points(blocks: tuple[Block, ...]) -> Iterator[Text]:
    for item in items(blocks):
        if item.text and not item.rest:
            yield Text(text=item.text, line=item.line)


def _symptoms(section: Section, *, whole: bool) -> tuple[Text, ...]:
    """The points of the part about symptoms, else a table with a column of them, else what triggers the alert."""
    told = _told(section.children, "symptoms")
    if not told:
        parts = [part for part in section.children if not whole or part.meaning in ("detection", "diagnosis")]
        own = () if whole else tuple(_column(section.blocks))
        told = (*own, *(text for part in parts for one in part.walk() for text in _column(one.blocks)))
    if not told:
        beside = [part for child in section.children if child.meaning not in _ACTING for part in child.children]
        told = _told(tuple(part for part in beside if part.meaning == "symptoms" or not whole), "symptoms")
        told = told or _told(section.children, "detection") or _told(tuple(beside), "detection")
    if not told and states_symptom(section.title):
        return (Text(text=bare_title(section.title), line=section.line),)
    return told


def _told(children: tuple[Section, ...], wanted: str) -> tuple[Text, ...]:
    return tuple(text for child in children if child.meaning == wanted for part in child.walk() for text in texts(part))


def _column(blocks: tuple[Block, ...]) -> Iterator[Text]:
    for block in blocks:
        head = (
            [meaning(cell.plain) for cell in block.children[0].lines]
            if block.kind == "table" and block.children
            else []
        )
        if "symptoms" in head:
            column = head.index("symptoms")
            for row in block.children[1:]:
                if column < len(row.lines) and row.lines[column].plain:
                    yield Text(text=row.lines[column].plain, line=row.line)


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
    found = [part for part in _SLASH.split(title) if _ALERT_NAME.match(part)]
    told = [child for child in section.children if child.meaning == "detection" or _OF_ALERTS.match(tidy(child.title))]
    for child in (*told, *(below for one in told for below in one.children)):
        words = _NAMES.split(child.text) if child.label and _OF_ALERTS.match(tidy(child.title)) else []
        found += words if all(map(_ALERT_NAME.match, words)) else []
    for child in section.children:
        if child.meaning in ("symptoms", "detection") or _OF_ALERTS.match(tidy(child.title)):
            for line in child.lines:
                if child.meaning != "symptoms" or _ALERTS.search(line.plain):
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
