"""Open thresholds (rules) and wanted values (targets), from wherever the document states them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from tocsin.core.runbook import Rule, Scenario, Threshold
from tocsin.reading.conditions import is_condition
from tocsin.reading.durations import window
from tocsin.reading.found import Found
from tocsin.reading.letters import hint
from tocsin.reading.limits import limits
from tocsin.reading.nodes import Block, Line, lines_of
from tocsin.reading.numerals import has_number
from tocsin.reading.parts import severities_in
from tocsin.reading.places import Place
from tocsin.reading.rulefences import of_levels, of_lists, of_queries, of_rule_files
from tocsin.reading.rulelevels import severity_in, stated_severity, trailing_level
from tocsin.reading.rulelines import PEOPLE_S_TIME, fired, in_line, metric_and_rest, once, rule
from tocsin.reading.ruletables import of_table
from tocsin.reading.rulewords import (
    ABOUT,
    ALERTS,
    ASKED,
    ENDS,
    EXPLAINS,
    NOTICES,
    OPENS,
    QUERY_LINE,
    RECOVERY,
    SAYS_ALERT,
    TESTS,
)
from tocsin.reading.sections import Section
from tocsin.reading.thresholds import alert_at, comparisons, levelled, wanted
from tocsin.reading.vocabulary import Meaning, bare_title, is_phase, meaning, tidy
from tocsin.reading.wrapping import unwrapped

_SILENT: frozenset[Meaning | None] = frozenset(
    {"template", "severity", "escalation", "rollback", "postmortem", "contacts", "channels"}
)
_QUIET: frozenset[Meaning | None] = frozenset({"verification", "resolution", "prevention"})
_SHOWS: frozenset[Meaning | None] = frozenset({"symptoms", "detection"})
_TOLD_ELSEWHERE: frozenset[Meaning | None] = _SILENT | {"causes", "diagnosis", "mitigation", "resolution", "actions"}
_LONGEST_NAME = 80
_ROUTES = re.compile(
    r"^\W*(?:notif\w*|severity|priority|level|route[sd]?|routing|page[sr]?|pagerduty|opsgenie|channel|schwere\w*"
    r"|prio\w*"
    r"|severidad\w*|prioridad\w*|gravité|级别|严重|通知|优先级|重大度|重要度|심각도|알림|уровень|приоритет"
    r"|уведомл\w+)\b[^:：]{0,20}[:：]",
    re.IGNORECASE,
)
_SAYS_ABOUT = hint(ABOUT)
_PAREN = re.compile(r"\((?P<inner>[^()]*)\)")
_LED = re.compile(r"^(?P<label>[^:：]{1,30})[:：]\s*(?P<rest>\S.*)$")
_SHOWING = re.compile(r"(?i)symptom|detection|trigger|overview")
_WANTED = re.compile(r"\b(?:target|slo|goal)s?\b", re.IGNORECASE)


def rules(root: Section, places: tuple[Place, ...], scenarios: tuple[Scenario, ...]) -> tuple[Rule, ...]:
    """The open thresholds of the document, in order, each once for its place."""
    found: list[Rule] = []
    inside: set[int] = set()
    stated = stated_severity(root) if _about_one(root, places) else None
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


def _about_one(root: Section, places: tuple[Place, ...]) -> bool:
    """Whether what a document says of its severity holds for all of it: it's about one failure."""
    scale = any(section.meaning == "severity" and not section.label for section in root.walk())
    return any(place.whole for place in places) if places else not scale


def _shown(sections: Iterable[Section]) -> set[int]:
    """The ids of the sections that say how a failure shows, without the causes and actions that stand below them."""
    return {id(below) for section in sections if _shows(section) for below in _showing(section)}


def _shows(section: Section) -> bool:
    return section.meaning in _SHOWS or bool(NOTICES.match(bare_title(section.title)))


def _showing(section: Section) -> Iterator[Section]:
    yield section
    for child in section.children:
        if child.meaning not in _TOLD_ELSEWHERE and not ENDS.search(child.title):
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
            if not has_number(line.plain):
                continue
            says = _WANTED.search(line.plain) or (
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
            titled = [one for one in comparisons(section.title, bare_title(section.title)) if not one.target]
            heads += [rule(one, section.line, severity, scenario) for one in titled]
        if id(section) in shown:
            told, asked = _seen(section, severity, scenario)
            queries += asked if not ASKED.search(section.title) else [*asked, *told]
            found += [] if ASKED.search(section.title) else told
            found += [replace(one, scenario=scenario) for one in _tables(section, severity, about=False)]
            found += of_lists(section, severity, scenario)
        else:
            if place.whole and section.meaning in ("overview", "impact"):
                found += fired(section, severity, scenario)
            found += [replace(one, scenario=scenario) for one in _of_section(section, severity, lines_only=True)]
        queries += [replace(one, scenario=scenario) for one in of_rule_files(section, severity)]
        if section.meaning == "detection" or ASKED.search(section.title):
            queries += of_queries(section, severity, scenario)[:1]
    words = once(found)
    asked = once([*words, *_unless(queries, words)])
    series = [one for one in words if _SERIES.search(one.metric)]
    said_above = {id(one) for one in series} - {id(one) for one in _unless(series, heads)}
    asked = [one for one in asked if id(one) not in said_above]
    return once([*asked, *_unless(heads, asked)])


def _seen(section: Section, severity: str | None, scenario: str) -> tuple[list[Rule], list[Rule]]:
    """What the lines of a section state that says how a failure shows; the queries that last as long as they say."""
    told: list[Rule] = []
    asked: list[Rule] = []
    for line, parent, below in _lines(section.blocks):
        said = in_line(line, _context(section, parent)) if has_number(line.plain) else []
        lasting = _lasting(section, severity, scenario, [one for one in said if one.held])
        asked += lasting
        level = trailing_level(line.plain) or below or severity
        told += [rule(one, line.number, level, scenario) for one in said if not (lasting and one.held)]
    return told, asked


def _lasting(section: Section, severity: str | None, scenario: str, held: list[Found]) -> list[Rule]:
    """The query below "boats are late for more than 10 minutes", with those minutes, which aren't a limit then."""
    asked = of_queries(section, severity, scenario)[:1] if held else []
    minutes = {"s": 1 / 60, "min": 1.0, "h": 60.0, "d": 1440.0}.get(held[0].unit or "") if held else None
    return [replace(one, for_minutes=held[0].value * minutes) for one in asked] if minutes else []


def _unless(queries: list[Rule], stated: list[Rule]) -> list[Rule]:
    """The rules of queries or headings that the text doesn't state too; 0.2 as a ratio is 20 %, 0.5 may be 500 ms."""
    values = {(one.op.rstrip("="), round(value, 6)) for one in stated for value in _spellings(one)}
    return [
        one
        for one in queries
        if not values & {(one.op.rstrip("="), round(value, 6)) for value in (one.value, *_spellings(one)[:1])}
    ]


_SERIES = re.compile(r"^\w+:\w[\w:]*$|[{\[]")  # "pier:late_boats:ratio5m": a heading that says it in words is plainer
_FACTORS: dict[str | None, tuple[float, ...]] = {
    "ratio": (100,), "%": (1, 0.01), "ms": (1, 0.001), "s": (1, 1000), "min": (1, 60), "h": (1, 3600),
    "d": (1, 86400, 24), "KB": (1, 1e3, 2**10), "MB": (1, 1e6, 2**20), "GB": (1, 1e9, 2**30),
    "TB": (1, 1e12, 2**40),
}  # fmt: skip


def _spellings(one: Rule) -> tuple[float, ...]:
    """A limit's number as queries may write it: per cent, seconds, bytes."""
    return tuple(one.value * factor for factor in _FACTORS.get(one.unit, (1,)))


def _heads_failure(section: Section) -> bool:
    """Whether a heading names a kind of failure: "Scenario 2: …", "Cause 1: …"; not a phase with its window."""
    title = tidy(section.title)
    return bare_title(title) != title and not is_phase(title) and window(title) is None and not section.conditional


def _lines(
    blocks: tuple[Block, ...], parent: str = "", level: str | None = None
) -> Iterator[tuple[Line, str, str | None]]:
    """Every line outside tables with the text of the list item that it stands under, and the severity told there.

    Of a query and the limit that tells it in words ("Query: …", "Threshold: …") the words stay.
    """
    for block in blocks:
        if block.kind == "table":
            continue
        for line in unwrapped(block.lines):
            yield line, parent, level
        head, text = (block.head, block.text) if block.kind == "item" else (None, parent)
        below = tuple(child for child in block.children if child is not head)
        if block.kind == "item" and below:
            points = [line.plain for line in lines_of(below)]
            level = next((code for one in points if _ROUTES.match(one) for code in severities_in(one)), None)
            below = _in_words(below, points)
        if head:
            yield from _lines((head,), parent, level)
        for child in below:
            yield from _lines((child,), text, level)


def _in_words(blocks: tuple[Block, ...], points: list[str]) -> tuple[Block, ...]:
    """The points of an item, without its query where another point compares too."""
    if not any(QUERY_LINE.match(one) for one in points):
        return blocks
    if not any(comparisons(one) for one in points if not QUERY_LINE.match(one)):
        return blocks
    return tuple(
        replace(block, children=tuple(one for one in block.children if not QUERY_LINE.match(one.text)))
        if block.kind == "list"
        else block
        for block in blocks
    )


def _context(section: Section, parent: str) -> str:
    """What is measured, from what stands above: the item above, else the section's title, else the one over it."""
    from_item = tidy(parent)
    if from_item:
        return from_item
    titles = (_named(title) for title in (section.title, *reversed(section.trail)))
    return next((title for title in titles if title), "")


def _named(title: str) -> str:
    """What a title names besides the part that it heads: "Symptom: late boats" → late boats; "Symptoms" → nothing."""
    lead = _LED.match(title)
    if lead and meaning(lead.group("label")) in _SHOWS:
        return bare_title(lead.group("rest"))
    silent = (
        (ABOUT.search(title) and title.count(" ") < 5)
        or meaning(title) in _SHOWS
        or NOTICES.match(bare_title(title))
        or _SHOWING.match(tidy(title))
    )
    return "" if silent or len(title) >= _LONGEST_NAME else bare_title(title)


def _of_section(section: Section, severity: str | None, *, lines_only: bool = False, shows: bool = False) -> list[Rule]:
    """Thresholds outside scenarios: lists and tables about alerts, "(alert at …)", YAML and query conditions."""
    if (
        (section.meaning in _SILENT and not NOTICES.match(bare_title(section.title)))
        or ENDS.search(section.title)
        or TESTS.match(tidy(section.title))
    ):
        return []
    if section.meaning in _QUIET:
        return [
            one
            for line, _, _ in _lines(section.blocks)
            if SAYS_ALERT.search(line.plain)
            for one in _of_line(line, "", None, about=False, shows=False)
        ]
    about = (
        section.meaning == "thresholds"
        or bool(_is_about(section.title) or ALERTS.match(tidy(section.title)))
        or (section.meaning not in _TOLD_ELSEWHERE and any(map(_is_about, section.trail[1:])))
    )
    explains = bool(EXPLAINS.match(tidy(section.title)))
    own = (next(iter(severities_in(section.title)), None) or severity_in(section) if about else None) or (
        severity if lines_only or shows else None
    )
    found = _tables(section, own, about=about)
    for line, parent, level in _lines(section.blocks):
        if not has_number(line.plain):
            continue
        found += _of_line(
            line,
            _context(section, parent),
            level or own,
            about=about or bool(OPENS.search(parent)) or (explains and _signed(line)),
            shows=shows,
        )
    if about or shows:
        found += of_lists(section, own, None)
        found += of_levels(section)
    if not lines_only:
        found += _unless([*of_rule_files(section, own or severity)], found)
        asked = bool(ASKED.search(section.title))
        found += (
            of_queries(section, own or (severity if asked else None), None) if (about or asked) and not found else []
        )
    return found


@lru_cache(maxsize=1024)
def _is_about(title: str) -> bool:
    """Whether a heading speaks of alerts or limits: what stands below it may state them."""
    return _SAYS_ABOUT(title)


def _signed(line: Line) -> bool:
    return bool(re.search(r"[<>≥≤%％]", line.plain))


def _tables(section: Section, severity: str | None, *, about: bool) -> list[Rule]:
    tables = [block for block in section.blocks if block.kind == "table"]
    return [replace(one, severity=one.severity or severity) for table in tables for one in of_table(table, about=about)]


def _of_line(line: Line, context: str, severity: str | None, *, about: bool, shows: bool) -> list[Rule]:
    """One line outside scenarios: what it says about alerts, or all of it where the place is about alerts."""
    if shows:
        stated = trailing_level(line.plain) or severity
        return [rule(one, line.number, stated, None) for one in in_line(line, context)]
    label, text = metric_and_rest(line)
    named = next(iter(severities_in(label)), None)
    level = named or trailing_level(line.plain)
    metric = context if named or not label else label
    said = list(alert_at(line.plain, metric))
    if not said and not is_condition(line.plain):
        said = [one for one in limits(text, metric) if one.op != ">="]
    if PEOPLE_S_TIME.search(line.plain):
        return []
    if not said and (about or SAYS_ALERT.search(line.plain)) and not RECOVERY.search(text):
        said = [one for one in comparisons(text, metric) if not one.target] or levelled(text, metric)
    return [rule(one, line.number, level or severity, None) for one in said]
