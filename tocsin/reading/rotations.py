"""How the on-call duty changes hands, and when which severities are covered."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.core.runbook import Coverage, Rotation
from tocsin.reading.letters import hint
from tocsin.reading.nodes import lines_of
from tocsin.reading.parts import severities_in
from tocsin.reading.sections import Section

_EVERY: tuple[tuple[str, str], ...] = (
    (
        "two weeks",
        (
            r"bi-?weekly|fortnight|every (?:two|2|other) weeks?|\b(?:2|two)[- ]weeks?|zweiwöchentlich"
            r"|alle (?:zwei|2) wochen"
            r"|quinzenal|quincenal|cada (?:dos|2) semanas|toutes les (?:deux|2) semaines|每(?:两|2)周|双周|隔週"
            r"|격주|раз в (?:две|2) недели"
        ),
    ),
    ("day", r"\bdaily\b|every day|täglich|diari[ao]|quotidien|chaque jour|每[天日]|毎日|매일|ежедневн"),
    (
        "week",
        (
            r"\bweekly\b|every (?:week|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
            r"|wöchentlich|jede woche|semanal|cada semana|toda semana"
            r"|hebdo|chaque semaine|每周|每星期|\b(?:1|one)[- ]week\b|\b(?:7|seven)[- ]days?\b|주간|매주|週次|毎週"
            r"|per week|еженедельн|раз в неделю"
        ),
    ),
    (
        "quarter",
        (
            r"quarterly|every (?:quarter|three months|3 months|90 days)|quartal|vierteljähr|trimest|每季|季度|四半期"
            r"|분기|ежекварталь|раз в квартал"
        ),
    ),
    (
        "month",
        (
            r"\bmonthly\b|every (?:month|30 days)|monatlich|mensual|mensal|mensuel|chaque mois|每月|毎月|月次|매월|매달"
            r"|ежемесячн|раз в месяц"
        ),
    ),
    (
        "year",
        (
            r"(?<!semi-)(?<!semi)\b(?:yearly|annual(?:ly)?)\b|every (?:year|12 months)|once a year"
            r"|(?<!halb)jährlich|\banual(?:mente)?|annuel|chaque année|每年|毎年|年次"
            r"|매년|연간|ежегодн|раз в год"
        ),
    ),
)
_PERIODS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _EVERY)
_MAY_SAY = hint(re.compile("|".join(pattern for _, pattern in _EVERY), re.IGNORECASE))  # most texts name no period
_HOURS = (
    r"24\s?[/x×]\s?7|(?:extended )?business hours|working hours|office hours|weekdays?(?: only)?"
    r"|best effort|next business day|geschäftszeiten"
    r"|bürozeiten|horario (?:laboral|de oficina)|horário comercial|heures ouvrées|heures de bureau"
    r"|工作时间|工作日|営業時間|平日|업무 시간|рабочее время|круглосуточно"
)
_FOR = re.compile(
    rf"(?P<hours>{_HOURS})\s*(?:coverage\s*)?(?:for|:|\(|für|para|pour|для)\s*(?P<who>[^,;.)|]*)", re.IGNORECASE
)
_OF = re.compile(rf"(?P<who>[^,;.|]*?)\s*(?:[:|–—=]|-\s|→|\bis\b|\bare\b|\bget\b)\s*(?P<hours>{_HOURS})", re.IGNORECASE)


def rotation(root: Section) -> Rotation | None:
    """How the duty changes hands, and when which severities are covered."""
    for section in root.walk():
        if section.meaning != "rotation":
            continue
        lines = [line for part in section.walk() for line in _lines(part)]
        every = every_in(" ".join([section.title, *(text for _, text in lines)]))
        told = {(one.severities, one.hours): one for line in reversed(lines) for one in _coverage(*line)}
        coverage = tuple(sorted(told.values(), key=lambda one: one.line))
        if every or coverage:
            return Rotation(every=every or "", coverage=coverage, line=section.line)
    return None


def _lines(section: Section) -> Iterator[tuple[int, str]]:
    """The lines of a section with their numbers; a table's row is one line, a label stands before what follows it."""
    label = f"{section.title}: " if section.label else ""
    for block in section.blocks:
        if block.kind == "table":
            for row in block.children[1:]:
                yield row.line, " | ".join(cell.plain for cell in row.lines)
        else:
            for line in lines_of((block,)):
                yield line.number, label + line.plain
                label = ""


def _coverage(number: int, line: str) -> Iterator[Coverage]:
    told = [found for found in _FOR.finditer(line) if severities_in(found.group("who"))]
    for found in told or _OF.finditer(line):
        levels = severities_in(found.group("who"))
        if levels or told:
            yield Coverage(severities=levels, hours=found.group("hours"), line=number)


def every_in(text: str) -> str | None:
    """``"Weekly rotation"`` → week."""
    return next((name for name, pattern in _PERIODS if pattern.search(text)), None) if _MAY_SAY(text) else None
