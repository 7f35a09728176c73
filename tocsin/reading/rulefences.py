"""Alert rules in fences: rule files, the query that is an alert's condition, and lists of limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tocsin.core.runbook import Rule
from tocsin.reading.nodes import fences_of
from tocsin.reading.parts import severities_in
from tocsin.reading.queries import alert_rules, query_condition
from tocsin.reading.rulelevels import level_word
from tocsin.reading.rulelines import rule
from tocsin.reading.sections import Section
from tocsin.reading.thresholds import comparisons

_RULE_FILES = frozenset({"yaml", "yml", "", "prometheus", "text"})
_POINT = re.compile(r"\s*[-*•]\s+(?!\w+:\s*[\"'{\[]?$)(?P<text>.{0,200})$")
_NOT_SAID = re.compile(r"[`$|{}\[\]=]|--|https?:|^\w+:\s*\S+$")
_NAME = re.compile(
    r"\s*-\s*(?:name|alert|alertname|metric|rule)\s*:\s*[\"']?(?P<name>[^\"'#]{2,60}?)[\"']?\s*$"
    r"|\s*(?P<key>[A-Za-z]\w{2,40})\s*:\s*$"
)
_LEVEL_LINE = re.compile(
    r"\s*(?P<key>warn(?:ing)?|crit(?:ical)?|page|ticket"
    r"|threshold)\s*:\s*[\"']?(?P<limit>[^\"'#]{1,40}?)[\"']?\s*(?:#.*)?$",
    re.IGNORECASE,
)
_BARE_LIMIT = re.compile(r"\d{1,9}(?:\.\d{1,6})?\s*(?:%|[A-Za-z]{1,7})?")
_BEHIND = re.compile(r"\s*(?:[:：]|→|->|=>|,|，|—)\s+(?P<level>[^:：]{1,40})$")


def of_queries(section: Section, severity: str | None, scenario: str | None) -> list[Rule]:
    """The comparison at the end of a query that is the alert's condition."""
    fences = [block for block in section.blocks if block.fence]
    told = [(query_condition(block.fence.body), block.line) for block in fences if block.fence]
    return [rule(one, line, severity, scenario) for one, line in told if one is not None]


def of_rule_files(section: Section, severity: str | None) -> Iterator[Rule]:
    """The rules of the rule files (YAML) among a section's blocks."""
    for block in fences_of(section.blocks):
        if block.fence and block.fence.language.lower() in _RULE_FILES:
            for one, line, own in alert_rules(block.fence.body, block.fence.first):
                yield rule(one, line, own or severity, None)


def of_lists(section: Section, severity: str | None, scenario: str | None) -> Iterator[Rule]:
    """The limits of a list in a fence that isn't code: ``"- late boats > 5%: P1 alert"``."""
    for block in fences_of(section.blocks):
        if block.fence is None or block.fence.language.lower() not in _RULE_FILES:
            continue
        for number, line in enumerate(block.fence.body, block.fence.first):
            point = _POINT.match(line)
            if point is None or _NOT_SAID.search(point.group("text")):
                continue
            text, level = _levelled(point.group("text"))
            for one in comparisons(text):
                if not one.target:
                    yield replace(rule(one, number, None, scenario), severity=level or severity)


def of_levels(section: Section) -> Iterator[Rule]:
    """The limits of a settings file by level: ``queue: {warning: 100, critical: 500}``; ``threshold: "> 20 min"``."""
    for block in fences_of(section.blocks):
        if block.fence is None or block.fence.language.lower() not in _RULE_FILES:
            continue
        name, severity = "", None
        for number, line in enumerate(block.fence.body, block.fence.first):
            named = _NAME.match(line)
            if named:
                name, severity = (named.group("name") or named.group("key")).replace("_", " "), None
            told = _LEVEL_LINE.match(line)
            if not told or not name:
                continue
            found = [one for one in comparisons(told.group("limit"), name) if not one.target]
            bare = _BARE_LIMIT.fullmatch(told.group("limit"))
            key = told.group("key").lower()
            if not found and bare and key != "threshold":
                found = list(comparisons(f">= {told.group('limit')}", name))
            yield from (rule(replace(one, metric=name), number, severity or level_word(key), None) for one in found)


def _levelled(text: str) -> tuple[str, str | None]:
    """A limit and the level that stands behind it: ``"disk > 90%: P2 page"`` → P2."""
    behind = _BEHIND.search(text)
    if behind is None:
        return text, None
    level = next(iter(severities_in(behind.group("level"))), None) or level_word(behind.group("level"))
    return (text[: behind.start()], level) if level or not re.search(r"\d", behind.group()) else (text, None)
