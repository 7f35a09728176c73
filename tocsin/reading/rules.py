"""Open thresholds (rules) and wanted values (targets), from wherever the document states them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tocsin.core.runbook import Rule, Scenario, Threshold
from tocsin.reading.nodes import Block, Line
from tocsin.reading.parts import lines_of, severities_in
from tocsin.reading.places import Place
from tocsin.reading.scenarios import severity_of
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.thresholds import Found, alert_at, at_least, comparisons, query_condition, wanted
from tocsin.reading.vocabulary import bare_title

_FIRES = re.compile(
    r"\bthis alert\b|\balert(?:s|ed)?\b.*\b(?:fires?|triggers?|if|when)\b|\bfires? (?:when|if)\b|\bdispara\b"
    r"|\balert(?:s|ed)? (?:if|when|at|on)?\s*[<>]|\btrigger(?:s|ed)? (?:when|if)\b",
    re.IGNORECASE,
)
_LEVEL_COLUMN = re.compile(
    r"^(?:warning|critical|warn|alert|p\d|sev\W?\d|threshold|high|condition|schwelle|umbral|阈值|alarm)\b",
    re.IGNORECASE,
)
_METRIC_COLUMN = re.compile(r"metric|signal|indicator|alert|check|kennzahl|métrica|指标|name", re.IGNORECASE)
_PAREN = re.compile(r"\((?P<inner>[^()]*)\)")
_LEVELLED = re.compile(r"(\d+(?:\.\d+)?)\s*%?\s*\((critical|warning)\)", re.IGNORECASE)
_SECOND_LEVEL = re.compile(r"(\d\s*%?)\s*\((?:critical|warning)\)\s*or\s*(?=\d)", re.IGNORECASE)
_RECOVERY = re.compile(r"\b(?:return\w*|back to|recover\w*|drops? back|should|stays?|normal)\b", re.IGNORECASE)


def rules(root: Section, places: tuple[Place, ...], scenarios: tuple[Scenario, ...]) -> tuple[Rule, ...]:
    """The open thresholds of the document, in order, each once for its place."""
    found: list[Rule] = []
    inside: set[int] = set()
    for place, one in zip(places, scenarios, strict=True):
        found += _of_scenario(place, one)
        inside |= {id(section) for part in _own(place) for section in part.walk()}
    for section in root.walk():
        if id(section) not in inside:
            found += _of_section(section)
    ordered = sorted(found, key=lambda rule: rule.line)
    return tuple({(rule.line, rule.op, rule.value, rule.unit): rule for rule in ordered}.values())


def _own(place: Place) -> tuple[Section, ...]:
    """The sections whose thresholds are the scenario's own."""
    told = ("symptoms", "detection", "overview", "impact")
    return (
        tuple(child for child in place.section.children if child.meaning in told) if place.whole else (place.section,)
    )


def targets(root: Section, rules_found: tuple[Rule, ...]) -> tuple[Threshold, ...]:
    """What is wanted: lines that say "target", and the first comparison of a line that also says when to alert."""
    taken = {(rule.line, rule.op, rule.value) for rule in rules_found}
    found: list[Threshold] = []
    for section in root.walk():
        if section.meaning in ("template", "severity", "escalation", "symptoms", "detection", "thresholds"):
            continue
        for line in lines_of(section.blocks):
            says = re.search(r"\b(?:target|slo|goal)s?\b", line.plain, re.IGNORECASE) or (
                section.meaning == "metrics" and not re.search(r"budget|window", line.plain, re.IGNORECASE)
            )
            if not says and not alert_at(line.plain):
                continue
            metric, text = _labelled(line)
            told = wanted(
                _PAREN.sub(lambda m: m.group("inner") if "target" in m.group().lower() else " ", text)
                if "target" in text.lower()
                else _before_alert(text),
                metric,
            )
            found += [
                Threshold(metric=one.metric, op=one.op, value=one.value, unit=one.unit, line=line.number)
                for one in told[:1]
                if (line.number, one.op, one.value) not in taken
            ]
    return tuple(found)


def _before_alert(text: str) -> str:
    return re.split(r"\(?\b(?:alert|warning|critical)\b", text, maxsplit=1, flags=re.IGNORECASE)[0]


def _labelled(line: Line) -> tuple[str, str]:
    """``"**Error Rate:** <0.1%"`` → the metric and the rest."""
    lead = bold_lead(line)
    if lead:
        return lead[0], lead[1].plain
    plain = line.plain
    found = re.match(r"^([^:：()<>]{2,50})\s*(?:\((?=target)|[:：])\s*(.*)$", plain)
    return (found.group(1).strip(), found.group(2)) if found else ("", plain)


def _of_scenario(place: Place, one: Scenario) -> list[Rule]:
    """Thresholds of symptoms, of the alert's condition and, where these say none, of the heading."""
    section, severity = place.section, severity_of(place.section)
    found: list[Rule] = []
    for child in section.children:
        if place.whole and child.meaning in ("overview", "impact"):
            found += _fired(child, severity, one.id)
        if child.meaning not in ("symptoms", "detection"):
            continue
        for part in child.walk():
            for line in lines_of(part.blocks):
                found += [_rule(told, line.number, severity, one.id) for told in _in_line(line)]
            found += _of_queries(part, severity, one.id) if child.meaning == "detection" and not found else []
    if not found:
        head = [told for told in comparisons(section.title, bare_title(section.title)) if not told.target]
        found = [_rule(told, section.line, severity, one.id) for told in head]
    return _once(found)


def _of_queries(section: Section, severity: str | None, scenario: str) -> list[Rule]:
    """The comparison at the end of a query that is the alert's condition."""
    fences = [block for block in section.blocks if block.fence]
    told = [(query_condition(block.fence.body), block.line) for block in fences if block.fence]
    return [_rule(one, line, severity, scenario) for one, line in told if one is not None][:1]


def _in_line(line: Line) -> Iterator[Found]:
    text = line.plain
    lead = bold_lead(line)
    metric = lead[0] if lead else ""
    said = alert_at(text, metric)
    yield from said
    if not said:
        yield from (one for one in comparisons(text, metric) if not one.target)
        yield from at_least(text, metric)


def _fired(section: Section, severity: str | None, scenario: str | None) -> list[Rule]:
    """Prose "this alert fires when …"; "(critical)" behind a number is that number's severity."""
    found = []
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", section.text):
        if not re.search(r"\balert\b|\bfires\b", sentence, re.IGNORECASE):
            continue
        levels = {float(value): level.lower() for value, level in _LEVELLED.findall(sentence)}
        plain = _SECOND_LEVEL.sub(r"\1 or > ", sentence)
        metric = next((one.metric for one in comparisons(plain, "value")), "")
        known = comparisons(plain, metric)
        said = re.search(r"\b(warning|critical)\b", sentence, re.IGNORECASE) if len(known) == 1 else None
        line = next((one.number for one in lines_of(section.blocks) if sentence[:20] in one.plain), section.line)
        for one in known:
            level = levels.get(one.value) or (said.group(1).lower() if said and not levels else None) or severity
            found.append(
                replace(_rule(one, line, level, scenario), metric=one.metric if len(one.metric) > 2 else metric)
            )
    return found


def _of_section(section: Section) -> list[Rule]:
    """Thresholds outside scenarios: lists and tables about alerts, "(alert at …)", YAML and query conditions."""
    if section.meaning in (
        "template",
        "severity",
        "escalation",
        "rollback",
        "verification",
        "resolution",
        "postmortem",
        "prevention",
    ):
        return []
    about = section.meaning == "thresholds" or any(
        re.search(r"alert thresholds?|alert rules?", title, re.IGNORECASE) for title in section.trail
    )
    severity = next(iter(severities_in(section.title)), None) or severity_of(section) if about else None
    found: list[Rule] = []
    for block in section.blocks:
        if block.kind == "table":
            found += _of_table(block, about=about)
            continue
        for line in lines_of((block,)):
            metric, text = _labelled(line)
            said = alert_at(line.plain, metric)
            if (
                not said
                and (
                    about
                    or re.search(
                        r"\balerts?\s*[<>]|\balert(?:ed)? (?:if|when)\b|\balerts:.*[<>]", line.plain, re.IGNORECASE
                    )
                )
                and not _RECOVERY.search(text)
            ):
                said = [one for one in comparisons(line.plain if not metric else text, metric) if not one.target]
            found += [_rule(one, line.number, severity, None) for one in said]
    return found


def _of_table(table: Block, *, about: bool) -> list[Rule]:
    """A table with a Warning, Critical, Alert or Threshold column."""
    head = [cell.plain for cell in table.children[0].lines] if table.children else []
    metric = next(
        (index for index, cell in enumerate(head) if _METRIC_COLUMN.search(cell) and not _LEVEL_COLUMN.match(cell)), 0
    )
    columns = [index for index, cell in enumerate(head) if index != metric and _LEVEL_COLUMN.match(cell)]
    levels = next(
        (index for index, cell in enumerate(head) if re.match(r"severity|priority|level", cell, re.IGNORECASE)), None
    )
    found: list[Rule] = []
    if not columns or (not about and not re.search(r"warn|crit|alert|threshold", " ".join(head), re.IGNORECASE)):
        return found
    for row in table.children[1:]:
        cells = [cell.plain for cell in row.lines]
        for index in columns:
            if index >= len(cells) or metric >= len(cells):
                continue
            name = cells[metric]
            told = comparisons(cells[index], name) or at_least(cells[index], name) or _number(cells[index], name)
            level = head[index] if re.match(r"warn|crit|p\d|sev|high", head[index], re.IGNORECASE) else None
            own = cells[levels] if level is None and levels is not None and levels < len(cells) else level
            found += [_rule(one, row.line, own, None) for one in told[:1]]
    return found


def _number(cell: str, metric: str) -> list[Found]:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(%|ms|s|min|h|GB)?\s*", cell)
    return [Found(metric=metric, op=">=", value=float(found.group(1)), unit=found.group(2) or "count")] if found else []


def _rule(found: Found, line: int, severity: str | None, scenario: str | None) -> Rule:
    level = found.word if found.word in ("warning", "critical") else severity
    return Rule(
        metric=found.metric,
        op=found.op,
        value=found.value,
        unit=found.unit,
        for_minutes=found.for_minutes,
        severity=level,
        scenario=scenario,
        line=line,
    )


def _once(found: list[Rule]) -> list[Rule]:
    return list({(rule.op.rstrip("="), rule.value, rule.unit): rule for rule in reversed(found)}.values())[::-1]
