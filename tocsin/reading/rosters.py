"""Escalations that two points tell together ("When: …", "Who: …"), and rosters: Primary, Secondary, Escalation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tocsin.core.runbook import Escalation
from tocsin.reading.nodes import Block, Line
from tocsin.reading.people import names_nobody, names_people
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.targets import bare_name, is_name, targets
from tocsin.reading.vocabulary import tidy
from tocsin.reading.waits import entry, waiting

_WHEN = re.compile(
    r"(?:when|if|trigger|condition|criteria|after|time(?:out)?|wait(?:ing time)?|escalate (?:when|if|after)"
    r"|when to escalate"
    r"|wann|bedingung|auslöser|nach|cuándo|cuando|condición|quando|condição|quand|condition|délai|prazo|plazo|tempo"
    r"|когда|условие|через|коли|умова|时机|条件|何时|时间|タイミング|条件|いつ|시점|조건|언제)",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"(?:who(?:m)?(?: to (?:call|page|contact|notify))?|to(?: whom)?|contact|escalate to|page|call|notify|target"
    r"|person|role"
    r"|wer|wen|an wen|kontakt|eskalation an|quién|a quién|quien|a quien|contacto|escalar a|quem|para quem|contato"
    r"|acionar"
    r"|escalar para|qui|à qui|contacter|escalader (?:à|vers)|кто|кому|кого|контакт|хто|联系人|对象|升级对象|联系|通知"
    r"|連絡先|担当|誰に|エスカレーション先|대상|담당자|연락처|누구에게)",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"^(?:primary|first|on-?call|L1|N1|tier 1|level 1|1st|primär|primari[ao]|primári[oa]|primaire|principal"
    r"|первичн\w*"
    r"|основной|一次|一线|主|1차|主担当)",
    re.IGNORECASE,
)
_RANK = re.compile(
    r"^(?:primary|secondary|tertiary|backup|fallback|first|second|third|final|escalation|L\d|N\d|(?:level|tier|nivel"
    r"|nível"
    r"|niveau|stufe) ?\d|\dst|\dnd|\drd|sekundär|secundari[ao]|secundári[oa]|secondaire|escalada|escalación"
    r"|escalação|escalade"
    r"|eskalation|эскалация|резервн\w*|二线|升级|副|次|エスカレーション|副担当|에스컬레이션|2차|3차)$",
    re.IGNORECASE,
)
_TIME_AND_NAME = re.compile(
    r"(?P<time>\W{0,3}(?:[^\W\d_]{2,9}\s)?(?:T\+)?\d[^–—:：=→]{0,24}?)\s*(?:[–—:：→]|\s-|->"
    r"|=>)\s+(?P<name>\S.{1,60})$"
)
_TITLED = re.compile(r"[^\W\d_a-zа-яё][\w/&.-]*(?:\s+[\w/&.-]+){0,2}")
_ARTICLE = re.compile(
    r"^(?:the|an?|our|der|die|das|den|el|la|los|las|al|o|os|a|ao|le|les|l[’']|il|lo)(?:\s+|(?<=[’']))(?=\w{2})",
    re.IGNORECASE,
)
_IF = re.compile(r"\b(?:if|when|for|only|wenn|bei|si|se|para|pour|если|при)\b", re.IGNORECASE)
_ESCALATES = re.compile(r"escal|eskal|эскал|ескал|升级|エスカレ|에스컬", re.IGNORECASE)


def pair(text: str, line: Line | None) -> tuple[str, str]:
    """A point's label and what stands behind it; no label where it has none."""
    lead = bold_lead(line) if line is not None else None
    if lead:
        return tidy(lead[0]), lead[1].plain.strip(" -–—:：")
    found = re.match(r"^([^:：]{1,40})[:：]\s*(.+)$", text)
    return (tidy(found.group(1)), found.group(2).strip()) if found else ("", text)


def of_points(block: Block) -> list[Escalation]:
    """The list "When: after 30 min", "Who: the captain" as one escalation; empty for another list."""
    told = [(pair(item.text, item.head.lines[0] if item.head else None), item.line) for item in block.children[:8]]
    return _joined([(label, value, line) for (label, value), line in told])


def of_labels(section: Section) -> tuple[list[Escalation], frozenset[int]]:
    """The same as labels or headings below one about escalation ("**When:** …", "**Who:** …"), and the ids of these."""
    below = [child for child in section.children if not child.children]
    if len(below) < 2 or len(below) > 8:
        return [], frozenset()
    found = _joined([(tidy(child.title), child.text, child.line) for child in below])
    told = (child for child in below if _WHEN.fullmatch(tidy(child.title)) or _WHO.fullmatch(tidy(child.title)))
    return found, frozenset(map(id, told)) if found else frozenset()


def _joined(points: list[tuple[str, str, int]]) -> list[Escalation]:
    when = [(value, line) for label, value, line in points if _WHEN.fullmatch(label) and value]
    who = [(value, line) for label, value, line in points if _WHO.fullmatch(label) and value]
    if len(when) != 1 or len(who) != 1 or names_nobody(who[0][0]):
        return []
    name = _called(who[0][0])
    return [entry(name, when[0][0], who[0][1])] if name else []


def _called(value: str) -> str | None:
    name = _ARTICLE.sub("", bare_name(value))
    short = len(name) < 40 and len(name.split()) < 5
    if is_name(value) or (short and (names_people(name) or re.match(r"[^\W\d_a-zа-яё]", name))):
        return name
    told = targets(value)
    return told[0].name if told else None


def of_ladder(block: Block) -> list[Escalation]:
    """The list "10 min – Mate", "30 min – Captain": each point a time and a name; empty for another list."""
    points = [(_TIME_AND_NAME.match(item.text), item) for item in block.children if not item.rest]
    pairs = [(found.group("time"), bare_name(found.group("name")), item) for found, item in points if found]
    timed = [waiting(time) for time, _, _ in pairs]
    if len(pairs) < max(2, len(block.children)) or None in timed or len(set(timed)) < len(timed):
        return []
    names = [name for _, name, _ in pairs]
    known = sum(map(names_people, names))
    if known * 2 < len(names) or not all(is_name(name) or _TITLED.fullmatch(name) for name in names):
        return []
    return [entry(name, item.text, item.line) for _, name, item in pairs]


def of_roster(block: Block, title: str, *, about: bool) -> list[Escalation]:
    """A list of those who are called one after the other: each after the first; empty for another list.

    It says so itself by a point "Escalation", or its ``title`` does; ``about``: it stands under such a heading.
    """
    points = [(pair(item.text, item.head.lines[0] if item.head else None), item.line) for item in block.children]
    labels = [label for (label, _), _ in points]
    if len(points) < 3 or not all(labels) or not _FIRST.match(labels[0]) or any(item.rest for item in block.children):
        return []
    if any(waiting(label) is not None for label in labels):
        return []  # "L1 (0-15 min): …" tells its time itself
    if not any(_ESCALATES.search(label) for label in (*labels[1:], title if about else "")):
        return []
    found = list(_after_another(points))
    return found if len(found) >= len(points) - 1 else []


def _after_another(points: list[tuple[tuple[str, str], int]]) -> Iterator[Escalation]:
    before = ""
    for index, ((label, value), line) in enumerate(points):
        role = re.sub(r"\s+escalation$", "", label, flags=re.IGNORECASE)
        ranks = bool(_RANK.match(re.sub(r"\s*[(（].*$", "", role)))
        name = bare_name(value) if ranks and is_name(value) else role
        timed = waiting(value) is not None
        if (index or timed) and is_name(name) and not (ranks and name == role):
            one = entry(name, value, line)
            own = timed or bool(_IF.search(value))
            yield replace(one, when=f"{label}: {value}" if own else f"after {before}")
        before = name
