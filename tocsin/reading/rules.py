"""Open thresholds (rules) and wanted values (targets), from wherever the document states them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tocsin.core.runbook import Rule, Scenario, Threshold
from tocsin.reading.conditions import is_condition
from tocsin.reading.durations import window
from tocsin.reading.limits import limits
from tocsin.reading.nodes import Block, Line, fences_of
from tocsin.reading.parts import severities_in
from tocsin.reading.places import Place
from tocsin.reading.queries import alert_rules, query_condition
from tocsin.reading.rulelevels import severity_in, stated_severity
from tocsin.reading.rulelines import ABOUT, SAYS_ALERT, fired, in_line, metric_and_rest, once, rule
from tocsin.reading.ruletables import of_table
from tocsin.reading.sections import Section
from tocsin.reading.thresholds import alert_at, comparisons, wanted
from tocsin.reading.vocabulary import Meaning, bare_title, is_phase, meaning, tidy
from tocsin.reading.wrapping import unwrapped

_SILENT: frozenset[Meaning | None] = frozenset(
    {"template", "severity", "escalation", "rollback", "postmortem", "contacts", "channels"}
)
_QUIET: frozenset[Meaning | None] = frozenset({"verification", "resolution", "prevention"})
_SHOWS: frozenset[Meaning | None] = frozenset({"symptoms", "detection"})
_TOLD_ELSEWHERE: frozenset[Meaning | None] = _SILENT | {"causes", "diagnosis", "mitigation", "resolution", "actions"}
_LONGEST_NAME = 80
_PAREN = re.compile(r"\((?P<inner>[^()]*)\)")
_RECOVERY = re.compile(
    r"\b(?:return\w*|back to|recover\w*|drops? back|should|stays?|normal|(?:auto-?)?(?:resolv|resolution"
    r"|clear)\w*)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(  # the query that an alert is made of
    r"^\W*(?:prom|log|metrics)?ql(?: (?:query|expression|rule|condition|alert\w*)s?)?\W*$|^\W*(?:prom"
    r"|log)ql\s*(?:表达式|查询|语句|式|クエリ|쿼리|표현식)"
    r"|\balert(?:ing)? (?:query|expression|expr)\b|告警(?:表达式|语句)|アラート式|expresión de (?:la )?alerta"
    r"|expressão d[eo] alerta"
    r"|alarmausdruck",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"auto(?:matic(?:ally)?)?[- ]?(?:resol|clear|recover)|\b(?:resolves|resolved|clears|cleared|recovers"
    r"|recovered) (?:when|if)\b"
    r"|恢复条件|解除条件|自动恢复|自動復旧|復旧条件",
    re.IGNORECASE,
)  # what ends an alert
_OPENS = re.compile(
    r"\b(?:trigger|open|declare|fire|raise)\w*\b.*\b(?:incident|alert)\b.*\b(?:when|if|any|one of|following)\b",
    re.IGNORECASE,
)
_YAML = frozenset({"yaml", "yml", "", "prometheus", "text"})


def rules(root: Section, places: tuple[Place, ...], scenarios: tuple[Scenario, ...]) -> tuple[Rule, ...]:
    """The open thresholds of the document, in order, each once for its place."""
    found: list[Rule] = []
    inside: set[int] = set()
    stated = stated_severity(root) if not places or any(place.whole for place in places) else None
    for place, one in zip(places, scenarios, strict=True):
        severity = severity_in(place.section) or stated
        parts = _own(place)
        inside |= {id(section) for section in parts}
        found += _of_scenario(place, parts, severity, one.id)
    shown = _shown(root.walk())
    for section in root.walk():
        if id(section) not in inside:
            found += _of_section(section, stated, shows=id(section) in shown)
    ordered = sorted(found, key=lambda rule: rule.line)
    return tuple({(rule.line, rule.op, rule.value, rule.unit, rule.metric): rule for rule in ordered}.values())


def _shown(sections: Iterable[Section]) -> set[int]:
    """The ids of the sections that say how a failure shows, without the causes and actions that stand below them."""
    return {id(below) for section in sections if section.meaning in _SHOWS for below in _showing(section)}


def _showing(section: Section) -> Iterator[Section]:
    yield section
    for child in section.children:
        if child.meaning not in _TOLD_ELSEWHERE and not _ENDS.search(child.title):
            yield from _showing(child)


def _own(place: Place) -> list[Section]:
    """The sections whose thresholds are the scenario's own: all of it, or of a whole document what isn't set apart."""
    skipped = {id(below) for part in place.skip for below in part.walk()}
    return [section for section in place.section.walk() if id(section) not in skipped]


def targets(root: Section, rules_found: tuple[Rule, ...]) -> tuple[Threshold, ...]:
    """What is wanted: lines that say "target", and the first comparison of a line that also says when to alert."""
    taken = {(rule.line, rule.op, rule.value) for rule in rules_found}
    found: list[Threshold] = []
    for section in root.walk():
        if section.meaning in ("template", "severity", "escalation", "symptoms", "detection", "thresholds"):
            continue
        for line in section.lines:
            says = re.search(r"\b(?:target|slo|goal)s?\b", line.plain, re.IGNORECASE) or (
                section.meaning == "metrics" and not re.search(r"budget|window", line.plain, re.IGNORECASE)
            )
            if not says and not alert_at(line.plain):
                continue
            metric, text = metric_and_rest(line)
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


def _of_scenario(place: Place, parts: list[Section], severity: str | None, scenario: str) -> list[Rule]:
    """Thresholds of symptoms, of the alert's condition, of prose about it, and of headings where no text has them."""
    found: list[Rule] = []
    queries: list[Rule] = []
    heads: list[Rule] = []
    shown = _shown(parts)
    for section in parts:
        if section is place.section or (section.heading and _heads_failure(section)):
            told = [one for one in comparisons(section.title, bare_title(section.title)) if not one.target]
            heads += [rule(one, section.line, severity, scenario) for one in told]
        if id(section) in shown:
            for line, parent in _lines(section.blocks):
                found += [
                    rule(one, line.number, severity, scenario) for one in in_line(line, _context(section, parent))
                ]
            found += [replace(one, scenario=scenario) for one in _tables(section, severity, about=False)]
        else:
            if place.whole and section.meaning in ("overview", "impact"):
                found += fired(section, severity, scenario)
            found += [replace(one, scenario=scenario) for one in _of_section(section, severity, lines_only=True)]
        queries += [replace(one, scenario=scenario) for one in _of_yaml(section, severity)]
        if section.meaning == "detection" or _ASKED.search(section.title):
            queries += _of_queries(section, severity, scenario)[:1]
    words = once(found)
    asked = once([*words, *_unless(queries, words)])
    return once([*asked, *_unless(heads, asked)])


def _unless(queries: list[Rule], stated: list[Rule]) -> list[Rule]:
    """The rules of queries or headings that the text doesn't state too; 0.2 as a ratio is 20 %."""
    values = {(one.op.rstrip("="), one.value * (100 if one.unit == "ratio" else 1)) for one in stated}
    return [
        one for one in queries if (one.op.rstrip("="), one.value * (100 if one.unit == "ratio" else 1)) not in values
    ]


def _heads_failure(section: Section) -> bool:
    """Whether a heading names a kind of failure: "Scenario 2: …", "Cause 1: …"; not a phase with its window."""
    title = tidy(section.title)
    return bare_title(title) != title and not is_phase(title) and window(title) is None and not section.conditional


def _of_queries(section: Section, severity: str | None, scenario: str | None) -> list[Rule]:
    """The comparison at the end of a query that is the alert's condition."""
    fences = [block for block in section.blocks if block.fence]
    told = [(query_condition(block.fence.body), block.line) for block in fences if block.fence]
    return [rule(one, line, severity, scenario) for one, line in told if one is not None]


def _of_yaml(section: Section, severity: str | None) -> Iterator[Rule]:
    for block in fences_of(section.blocks):
        if block.fence and block.fence.language.lower() in _YAML:
            for one, line, own in alert_rules(block.fence.body, block.fence.first):
                yield rule(one, line, own or severity, None)


def _lines(blocks: tuple[Block, ...], parent: str = "") -> Iterator[tuple[Line, str]]:
    """Every line outside tables with the text of the list item that it stands under."""
    for block in blocks:
        if block.kind == "table":
            continue
        for line in unwrapped(block.lines):
            yield line, parent
        head, text = (block.head, block.text) if block.kind == "item" else (None, parent)
        for child in block.children:
            yield from _lines((child,), parent if child is head else text)


def _context(section: Section, parent: str) -> str:
    """What is measured, from what stands above: the item above, else the section's title, else the one over it."""
    from_item = tidy(parent)
    if from_item:
        return from_item
    titles = (_named(title) for title in (section.title, *reversed(section.trail)))
    return next((title for title in titles if title), "")


def _named(title: str) -> str:
    """What a title names besides the part that it heads: "Symptom: late boats" → late boats; "Symptoms" → nothing."""
    lead = re.match(r"^(?P<label>[^:：]{1,30})[:：]\s*(?P<rest>\S.*)$", title)
    if lead and meaning(lead.group("label")) in _SHOWS:
        return bare_title(lead.group("rest"))
    silent = (
        (ABOUT.search(title) and title.count(" ") < 5)
        or meaning(title) in _SHOWS
        or re.match(r"(?i)symptom|detection|trigger|overview", tidy(title))
    )
    return "" if silent or len(title) >= _LONGEST_NAME else bare_title(title)


def _of_section(section: Section, severity: str | None, *, lines_only: bool = False, shows: bool = False) -> list[Rule]:
    """Thresholds outside scenarios: lists and tables about alerts, "(alert at …)", YAML and query conditions."""
    if section.meaning in _SILENT or _ENDS.search(section.title):
        return []
    if section.meaning in _QUIET:
        return [
            one
            for line, _ in _lines(section.blocks)
            if SAYS_ALERT.search(line.plain)
            for one in _of_line(line, "", None, about=False, shows=False)
        ]
    about = (
        section.meaning == "thresholds"
        or bool(ABOUT.search(section.title))
        or any(ABOUT.search(title) for title in section.trail[1:])
    )
    own = (next(iter(severities_in(section.title)), None) or severity_in(section) if about else None) or (
        severity if lines_only or shows else None
    )
    found = _tables(section, own, about=about)
    for line, parent in _lines(section.blocks):
        found += _of_line(line, _context(section, parent), own, about=about or bool(_OPENS.search(parent)), shows=shows)
    if not lines_only:
        found += _of_yaml(section, own or severity)
        asked = bool(_ASKED.search(section.title))
        found += (
            _of_queries(section, own or (severity if asked else None), None) if (about or asked) and not found else []
        )
    return found


def _tables(section: Section, severity: str | None, *, about: bool) -> list[Rule]:
    tables = [block for block in section.blocks if block.kind == "table"]
    return [replace(one, severity=one.severity or severity) for table in tables for one in of_table(table, about=about)]


def _of_line(line: Line, context: str, severity: str | None, *, about: bool, shows: bool) -> list[Rule]:
    """One line outside scenarios: what it says about alerts, or all of it where the place is about alerts."""
    if shows:
        return [rule(one, line.number, severity, None) for one in in_line(line, context)]
    label, text = metric_and_rest(line)
    level = next(iter(severities_in(label)), None)
    metric = context if level or not label else label
    said = alert_at(line.plain, metric)
    if not said and not is_condition(line.plain):
        said = [one for one in limits(text, metric) if one.op != ">="]
    if not said and (about or SAYS_ALERT.search(line.plain)) and not _RECOVERY.search(text):
        said = [one for one in comparisons(text, metric) if not one.target]
    return [rule(one, line.number, level or severity, None) for one in said]
