"""The severity that a place states for the alerts in it: by a label, an item, a card, a tag in its heading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.reading.parts import items, severities_in
from tocsin.reading.scenarios import severity_of
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.vocabulary import meaning, tidy

_UNSURE = re.compile(
    r"\b(?:if|or|se|ou|si|wenn|falls|oder|если|или)\b|如果|或|または|또는|→|-\s*(?:P|SEV)", re.IGNORECASE
)
_LEVEL_WORD = re.compile(
    r"\W*(?:page|ticket|info\w*|notice|fatal|emergency|p[áa]gina|критично|critical|major|high|medium|moderate|minor"
    r"|low|warning|severe|kritisch|hoch|mittel|niedrig"
    r"|cr[íi]tic[oa]|alt[oa]|m[ée]di[oa]|baj[oa]|baix[oa]"
    r"|critique|élevée?|moyenne?|faible|严重|紧急|高|中|低|重大|緊急|긴급|높음|보통|낮음|критич\w*|высок\w*"
    r"|средн\w*|низк\w*)",
    re.IGNORECASE,
)
_WARNING = re.compile(
    r"\W*(?:warn(?:ing|ung)?|aviso|advertencia|avertissement|警告|预警|경고|注意|предупреждение)(?![A-Za-z])",
    re.IGNORECASE,
)
_SEVERITY_ROW = re.compile(
    (
        r"^(?:severity|priority|schweregrad|priorität|severidad|prioridad|severidade|prioridade|gravité"
        r"|priorité|级别|严重程度|优先级|重大度|심각도|серьезность|приоритет)\b"
    ),
    re.IGNORECASE,
)

_HEADED = re.compile(
    r"(?P<level>critical|warning|high|medium|low|major|minor|info|kritische?|crítica?s?|critiques?|严重|紧急"
    r"|警告|重大)(?:[- ](?:severity|priority|level))?"
    r"(?:\s+(?:alerts?|alarm\w*|alertas?|alertes?)\b|告警|アラート)",
    re.IGNORECASE,
)
_FROM_TO = re.compile(  # "Low → High" depends; "Medium → High (if it lasts)" begins as medium
    r"\W*\w+\W*(?:→|->|–|\bto\b|\bbis\b)\W*\w+\s*(?:$|[(（](?![^)）]*(?:persist|\b(?:if|se|si|wenn|falls|если)\b)))",
    re.IGNORECASE,
)
_PAREN = re.compile(r"[(（][^()（）]*[)）]?")
_SEVERAL = re.compile(r"\s*(?:[/|,、]|\bo[ru]?\b|\boder\b|\bили\b|或|または|또는)\s*")
_TRAILING = re.compile(
    r"(?:(?:[(（\[【]|→|->|⇒|—|–)\s*(?P<level>[^\W_]{1,12}(?:[- ]?\d)?)|[:：]\s*(?P<code>P\d|SEV[- ]?\d))"
    r"(?:\s*(?:alert|page|ticket|告警|报警|アラート|알림|alert[ae]|алерт))?\s*[)）\]】]?\s*\.?$",
    re.IGNORECASE,
)
_HEAD = 2  # the details of an alert stand in one of the first two sections
_LONGEST = 60


def severity_in(section: Section) -> str | None:
    """The severity that a section states for itself, unless it states several."""
    labels = [child for child in section.children if child.label and child.meaning == "severity"]
    for told in (*(child.text for child in labels), *_listed(section)):
        if _levels(told):
            return _one(told)
    return _carded(section) or (severity_of(section) if not labels else None) or _tagged(section.title)


def stated_severity(root: Section) -> str | None:
    """The severity that a document about one failure states at its head: below its title or in its first details."""
    tops = [child for child in root.children if child.level == 1]
    top = tops[0] if len(tops) == 1 else root
    labels = [child for child in top.children if child.label]
    details = (label for part in top.headings()[:_HEAD] for label in part.children if label.label)
    for child in (*labels, *details):
        if child.meaning == "severity" and len(child.text) < _LONGEST and _levels(child.text):
            return _one(child.text)
    listed = (text for part in (top, *top.headings()[:_HEAD]) for text in _listed(part) if _levels(text))
    return _carded(top) or next((_one(text) for text in listed), None)


def _listed(section: Section) -> Iterator[str]:
    """What stands behind "Severity:" in an item of a section."""
    for item in items(section.blocks):
        lead = bold_lead(item.head.lines[0]) if item.head else None
        if lead and meaning(lead[0]) == "severity" and len(lead[1].plain) < _LONGEST:
            yield lead[1].plain


def _tagged(title: str) -> str | None:
    """The level in parentheses that ends a heading: "Alert: late boats (critical)"."""
    headed = _HEADED.match(tidy(title))
    if headed:
        return headed.group("level")
    found = re.search(r"[(（\[【]\s*(?P<level>[^\W_]+)\s*[)）\]】]\s*$", title)
    if found and severities_in(found.group("level")):
        return severities_in(found.group("level"))[0]
    return found.group("level") if found and _LEVEL_WORD.fullmatch(found.group("level")) else None


def trailing_level(text: str) -> str | None:
    """The level in brackets that ends a line: ``"late boats > 5% (P1)"``."""
    found = _TRAILING.search(text)
    if found is None:
        return None
    level = found.group("level") or found.group("code")
    return next(iter(severities_in(level)), None) or level_word(level)


def level_word(text: str) -> str | None:
    """The word of a level that a short text begins with: ``"경고"``, ``"critical alert"`` → critical."""
    found = _LEVEL_WORD.match(text) or _WARNING.match(text)
    return found.group().strip(" *_`([") if found else None


def _carded(section: Section) -> str | None:
    """The severity in a card of keys and values, in a section or directly below it."""
    for part in (section, *section.children):
        for row in (row for block in part.blocks if block.kind == "table" for row in block.children):
            cells = [cell.plain for cell in row.lines]
            if len(cells) == 2 and _SEVERITY_ROW.match(cells[0]) and _levels(cells[1]):
                return _one(cells[1])
    return None


def _levels(text: str) -> bool:
    return bool(severities_in(text) or _LEVEL_WORD.match(text))


def _one(text: str) -> str | None:
    """The one severity in a text: its code, else its first word; None where it depends, or where it names several."""
    codes = severities_in(text)
    if not codes and sum(level_word(part) is not None for part in _SEVERAL.split(_PAREN.sub("", text))) > 1:
        return None
    if len(codes) > 1 or (_UNSURE.search(text) and codes) or _FROM_TO.match(text):
        return None
    return next(iter(codes), None) or next(iter(re.findall(r"^\W*(\w+)", text)), None)
