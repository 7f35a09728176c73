"""The general process (phases with their windows) and every other procedure outside the scenarios."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.core.runbook import Phase, Procedure, Step
from tocsin.ids import slug
from tocsin.reading.context import STAGES, Context, entered, instructs
from tocsin.reading.durations import window
from tocsin.reading.letters import fold
from tocsin.reading.names import unique
from tocsin.reading.nodes import Block
from tocsin.reading.parts import items
from tocsin.reading.places import Place
from tocsin.reading.scenarios import tidy_emoji
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.steps import Collector, tells_deeds
from tocsin.reading.vocabulary import Meaning, holds_scenarios, is_phase, is_process, meaning, tells_failure, tidy

_STEP_LIKE = frozenset(
    {
        "actions",
        "mitigation",
        "resolution",
        "rollback",
        "verification",
        "commands",
        "access",
        "diagnosis",
        "communication",
    }
)
_STEPS_TITLE = re.compile(
    r"\b(?:steps|procedures?|process|actions?|playbook|protocol|responsibilities)\b|^how to\b|步骤|流程", re.IGNORECASE
)
_HANDLING: frozenset[Meaning] = frozenset(
    {
        "detection",
        "diagnosis",
        "actions",
        "mitigation",
        "resolution",
        "verification",
        "communication",
        "postmortem",
        "rollback",
    }
)
_INCIDENT = re.compile(
    r"incident|outage|emergency|disaster|alert|on-?call|response|runbook|playbook|recovery|vorfall|storung|notfall"
    r"|panne|reponse"
    r"|urgence|emergenc|respuesta|resposta|инцидент|авари|реагир|сбо|故障|事故|应急|响应|障害|インシデント|対応"
    r"|장애|사고|대응"
)
_TELLS_OTHERWISE: frozenset[Meaning] = frozenset({"escalation", "contacts", "severity", "template", "links"})
_NUMBER_COLUMN = re.compile(
    r"(?:step|schritt|paso|passo|étape|etapa|шаг|步骤|序号|手順|ステップ|단계|순서)s?(?:\s*(?:#|no\.?|nr\.?))?$|#$|n[ro]\.?$|№$",
    re.IGNORECASE,
)
_NOT_STEPS = re.compile(r"\b(?:template|when to)\b", re.IGNORECASE)


def phases(
    root: Section, scenarios: tuple[Place, ...], seen: frozenset[str]
) -> tuple[tuple[Phase, ...], list[Section]]:
    """The phases of the general process, and the sections that they took."""
    found: list[Phase] = []
    used: list[Section] = []
    names: set[str] = set()
    skip = frozenset(place.section for place in scenarios)
    for section in _phase_sections(root, skip):
        used.append(section)
        numbered = [block for block in section.blocks if block.kind == "list" and block.number is not None]
        if is_process(section.title) and not section.headings() and len(numbered) == 1 and not is_phase(section.title):
            found += _listed(section, numbered[0], names, seen)
            continue
        found.append(_phase(section, names, seen))
    return tuple(found), used


def _phase_sections(section: Section, skip: frozenset[Section]) -> Iterator[Section]:
    handled = _handles_incident(section)
    for child in section.children:
        if child in skip or child.label or child.meaning == "template":
            continue
        if _is_phase(child, section, handled=handled) and skip.isdisjoint(child.walk()):
            yield child
        else:
            yield from _phase_sections(child, skip)


def _is_phase(section: Section, above: Section, *, handled: bool) -> bool:
    if section.conditional or not any(block.kind in ("list", "fence", "table") for block in section.everything()):
        return False
    within = is_process(above.title) and above.level >= 2
    if is_process(section.title):
        return not section.headings()
    if (is_phase(section.title) and (handled or _of_an_incident(section))) or (
        within and section.meaning not in ("severity", "template")
    ):
        return True
    boxes = any(item.checked is not None for item in items(section.everything()))
    if section.meaning == "postmortem":
        return not boxes and not section.headings() and any(block.kind == "list" for block in section.everything())
    return (
        window(section.title) is not None
        and above.meaning != "postmortem"
        and section.meaning not in ("escalation", "severity", "postmortem")
    )


def _handles_incident(above: Section) -> bool:
    """Whether the numbered steps below a heading are timed, or handle an incident from finding it to its end."""
    steps = [child for child in above.headings() if is_phase(child.title)]
    return any(window(step.title) for step in steps) or len({step.meaning for step in steps} & _HANDLING) >= 2


def _of_an_incident(section: Section) -> bool:
    """Whether a numbered step belongs to the handling of an incident, not to an installation or a plan."""
    return bool(_INCIDENT.search(fold(" ".join((*section.trail, section.title)))))


def _listed(section: Section, block: Block, names: set[str], seen: frozenset[str]) -> list[Phase]:
    """A numbered list of stages: each item is a phase."""
    found: list[Phase] = []
    for item in block.children:
        lead = bold_lead(item.head.lines[0]) if item.head else None
        bold = next((span.text for span in item.head.lines[0].spans if span.strong), "") if item.head else ""
        title = tidy(lead[0] if lead else bold or item.text) or f"Stage {len(found) + 1}"
        own = _unique(f"{section.slug}/{slug(title) or item.line}", names)
        collector = Collector(seen=seen)
        collector.item(item, Context(path=own, stage=STAGES.get(meaning(title) or "overview")))
        frame = window(item.text)
        found.append(
            Phase(
                id=own,
                title=title,
                from_minutes=frame[0] if frame else None,
                to_minutes=frame[1] if frame else None,
                steps=collector.finish(own),
                line=item.line,
            )
        )
    return found


def _phase(section: Section, names: set[str], seen: frozenset[str]) -> Phase:
    own = _unique(
        "/".join(
            part
            for part in (
                slug(section.trail[-1]) if len(section.trail) > 1 else "",
                slug(tidy_emoji(section.title)) or f"line-{section.line}",
            )
            if part
        ),
        names,
    )
    collector = Collector(seen=seen)
    collector.section(section, Context(path=own))
    frame = window(section.title)
    title = re.sub(r"\s*[(（][^()（）]*[)）]\s*$", "", tidy(section.title)) if frame else tidy(section.title)
    return Phase(
        id=own,
        title=title,
        from_minutes=frame[0] if frame else None,
        to_minutes=frame[1] if frame else None,
        steps=collector.finish(own),
        line=section.line,
    )


def procedures(
    root: Section, scenarios: tuple[Place, ...], used: list[Section], seen: frozenset[str]
) -> tuple[Procedure, ...]:
    """What has commands, or says what to do, outside the scenarios and the phases; one for each heading."""
    found: list[Procedure] = []
    names: set[str] = set()
    whole = next((place for place in scenarios if place.whole), None)
    taken = frozenset((*used, *(place.section for place in scenarios if not place.whole)))
    tops = whole.skip if whole else (root,)
    for top in tops:
        for section in _headings(top, taken):
            steps, own = _steps(section, taken, seen, names)
            if steps:
                found.append(Procedure(id=own, title=tidy(section.title) or "Commands", steps=steps, line=section.line))
    return tuple(found)


def _headings(section: Section, taken: frozenset[Section]) -> Iterator[Section]:
    """The section and the headings below it that stand for themselves."""
    if section in taken:
        return
    if not section.conditional or section.level < 2:
        yield section
    for child in section.children:
        if not child.label and not child.conditional:
            yield from _headings(child, taken)


def _steps(
    section: Section, taken: frozenset[Section], seen: frozenset[str], names: set[str]
) -> tuple[tuple[Step, ...], str]:
    tells = section.meaning in _STEP_LIKE or bool(_STEPS_TITLE.search(section.title))
    by_hand = _lists_failures(section) or _numbers_steps(section) or (tells and not _NOT_STEPS.search(section.title))
    below = [child for child in section.children if child.label or child.conditional]
    if not by_hand and not section.has_code and not any(child.has_code_below for child in below):
        return (), ""
    collector = Collector(seen=seen)
    context = entered(section, Context(path="", by_hand=by_hand, fallback="other"))
    context = Context(path="", by_hand=by_hand, stage=context.stage, fallback="other")
    if section.meaning in _TELLS_OTHERWISE and not by_hand:
        context = Context(path="", by_hand=False)
    for block in section.blocks:
        collector.block(block, context)
    for child in below:
        if child not in taken and child.meaning not in ("template", "contacts", "severity"):
            collector.section(child, context, taken)
    if not collector.steps or (not by_hand and all(step.kind == "manual" for step in collector.steps)):
        return (), ""
    own = _unique(slug(tidy_emoji(section.title)) or f"line-{section.line}", names, section.trail)
    return collector.finish(own), own


def _lists_failures(section: Section) -> bool:
    """Whether a section lists failures in bold with what to do about each ("- **Disk full**: delete old logs")."""
    if not holds_scenarios(section.title):
        return False
    leads = [bold_lead(item.head.lines[0]) for item in items(section.blocks) if item.head]
    return sum(bool(lead and tells_failure(lead[0]) and instructs(lead[1].plain)) for lead in leads) >= 2


def _numbers_steps(section: Section) -> bool:
    """Whether a section has a table of steps: their numbers, and what to do ("Step | Action")."""
    if section.meaning in _TELLS_OTHERWISE or _NOT_STEPS.search(section.title):
        return False
    heads = (
        [tidy(cell.plain) for cell in block.children[0].lines] for block in section.blocks if block.kind == "table"
    )
    return any(head and _NUMBER_COLUMN.match(head[0]) and any(map(tells_deeds, head[1:])) for head in heads)


def _unique(wanted: str, names: set[str], trail: tuple[str, ...] = ()) -> str:
    if wanted in names and trail:
        wanted = f"{slug(trail[-1])}/{wanted}"
    return unique(wanted, names)
