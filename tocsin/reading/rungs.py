"""One point about an escalation → its entries: an item, the value of an "Escalation:" label, a sentence, a chain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tocsin.core.runbook import Escalation
from tocsin.reading.conditions import is_condition
from tocsin.reading.durations import first_span, is_immediate, spans
from tocsin.reading.nodes import Line
from tocsin.reading.parts import severities_in
from tocsin.reading.people import names_nobody, names_people, only_channels
from tocsin.reading.sections import bold_lead
from tocsin.reading.targets import bare_name, hops, is_name, subject, targets
from tocsin.reading.waits import entry, only_wait, waiting

_ESCALATION = re.compile(r"escalat|escalad|eskalation|escalonam|エスカレ|升级|에스컬|эскал", re.IGNORECASE)
_ACTS = re.compile(
    r"\b(?:pag(?:e|ing)|escalat(?:e|ing)|declare|eskalier\w+|escalar|escalader)\b|升级|エスカレ|에스컬", re.IGNORECASE
)
_DEPENDS = re.compile(
    r"\b(?:if|when|once|unless|for|only|after|si|se|cuando|quando|wenn|falls|bei|pour|para|если|при|для)\b"
    r"|[时時]$|場合|경우"
    r"|\b(?:incidents?|issues|problems|outages?|breach\w*|emergenc\w*)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[;；。]\s*|\.\s+|,\s+(?=(?:then|if|else|otherwise|and (?:if|then))\b|(?:after\s+|at\s+)?\d{1,3}\s*-?(?:min|h))"
    r"|、"
)
_PLACE = re.compile(  # the end of a path through menus, not of a chain of people
    r"\b(?:contacts?|list|schedules?|pages?|docs?|documents?|sheet|vault|channel|runbook|wiki|directory|rota|tab"
    r"|menu|settings)\W*$",
    re.IGNORECASE,
)
_POINTS = re.compile(  # the points of a value: "Page on-call at once, notify the manager"
    r";\s|,\s+then\s+|(?<=[.!?])\s+(?=[A-Z])|,\s+(?:and\s+)?(?=(?:notify|page|call|inform|alert|contact|escalate"
    r"|avisar|notificar"
    r"|acionar|informar|prévenir|appeler|informer|notifier|avvisare)\s)",
    re.IGNORECASE,
)
_BECOMES = re.compile(  # "Queue above 5000 for 10 min → P1 (full outage)"
    r"(?:→|⇒|➜|=>|->)\s*(?P<level>(?:P[0-5]|SEV[- ]?\d))\s*(?:[(（][^()（）]{0,60}[)）])?\W{0,3}$", re.IGNORECASE
)
_RANK = re.compile(r"(?:L|N|level|tier|stage|step|nivel|nível|niveau|stufe)?\s*\d", re.IGNORECASE)
_TITLED = re.compile(r"^[^\W\d_a-zа-яё][\w/&.-]*(?:\s+[^\W\d_a-zа-яё][\w/&.-]*){0,3}$")
_FOR_CASES = re.compile(  # "Payment Bureau: for failed payouts": who a kind of incident belongs to
    r"(?:for|bei|para|pour|per|при|для)\s[^.]{0,60}\b(?:incidents?|issues?|problems?|outages?|failures?|breach\w*"
    r"|emergenc\w+"
    r"|situations?|vorf[aä]ll\w*|störung\w*|ausf[aä]ll\w*|incidentes?|fallas?|falhas?|problemas?|pannes?|incidenti"
    r"|guasti"
    r"|инцидент\w*|сбо\w+|проблем\w*)\b",
    re.IGNORECASE,
)
_NEXT = re.compile(r"\s*[,;，；、]\s*(?:(?:and|und|y|e|et|и)\s+)?(?:then\s+)?")
_TIER = re.compile(r"(?:L|N|level|tier|nivel|nível|niveau|stufe)\s?\d\b", re.IGNORECASE)
_JOIN = re.compile(
    r"^\s*(?:to|→|:|：|-|–|—|,|an|a|au|aux|para|al|к|на)?\s*(?:(?:the|die|den|dem|der|das|la|el|los|las|le|les|os?"
    r"|il|lo)\s+)?",
    re.IGNORECASE,
)
_PAGES = re.compile(r"(?:immediately\s+)?(?:page|wake(?: up)?|escalate to)\s", re.IGNORECASE)
_SCOPED = re.compile(
    r"\s(?:for|if|when|in case of)\s+(?!help|advice|guidance|assistance|support|more)\w", re.IGNORECASE
)
_FIRST = re.compile(r"^(?:the\s+)?(?:primary|on-?call|first|L1|tier 1|duty)\b", re.IGNORECASE)
_ALONE = re.compile(  # "5 min: acknowledge": what is done by then, not who is drawn in
    r"(?:ack\w*|investigat\w*|triage\w*|assess\w*|respond|begin|start|check|diagnos\w*|mitigat\w*|confirm"
    r"|verify|join)\b",
    re.IGNORECASE,
)
_LASTS = re.compile(  # a duration that is the condition itself
    r"\b(?:exceed\w*|lasts?|lasting|longer than|more than|over|greater than|dépasse|supera|excede|ultrapassa"
    r"|überschreitet)\s+\d|>\s*\d",
    re.IGNORECASE,
)
_UPGRADE = re.compile(r"^(?P<level>P[0-5]|SEV[- ]?\d)\W{0,3}\s*(?:if|when|once)\b", re.IGNORECASE)  # "P2 if it lasts"
_RAISE = re.compile(  # "P2 → P1 if …", "Raise to SEV1 when …", "升级为P1：…"
    r"^(?:(?:(?:P[0-5]|SEV[- ]?\d)\s*(?:→|->|⇒|to|auf|zu|a|à|до|到)\s*)"
    r"|(?:(?:upgrade|raise|bump|promote|elevate|subir|elevar|passer|повы[сш]\w+|підвищ\w+|升级|提升"
    r"|升级到)[^\W\d]*\s*"
    r"(?:(?:it|the (?:incident|severity|priority))\s+)?(?:to|auf|al?|para|en|à|до|为|到|至|成)?\s*))"
    r"(?P<level>P[0-5]|SEV[- ]?\d)\b\W{0,3}\s*(?:if|when|once|for|wenn|falls|si|se|cuando|quando|quand|если|при|якщо"
    r"|коли"
    r"|[:：]|如果|当|若)",
    re.IGNORECASE,
)
_DASH = re.compile(r"\s+[—–-]\s+")
_LACK = re.compile(  # "Kein Strom": a condition, not nobody
    r"\W*(?:keine?[nrs]?|nenhuma?s?|ning[uú]n[oa]?s?|aucune?s?|нет|немає|nessun[oa]?)\s+\w", re.IGNORECASE
)
_LONGEST = 1500  # a point is a sentence
_LONGEST_NAME = 90


@dataclass(frozen=True, slots=True)
class Around:
    """What holds for a point because of what stands above it.

    ``to``: "Escalate to X:" names whom; ``above``: a condition or a time; ``asks``: the points are conditions ("When to
    escalate"); ``sequence``: the points are steps of how to escalate; ``leads``: a sentence above governs the points.
    """

    to: str | None = None
    above: str = ""
    asks: bool = False
    sequence: bool = False
    leads: bool = False
    severity_of: str = ""

    def under(self, condition: str, *, leads: bool) -> Around:
        """The same below one more condition."""
        above = f"{self.above}: {condition}" if self.above and waiting(condition) is None else condition
        return replace(self, above=above, leads=leads, severity_of=f"{self.severity_of} {condition}")


def of_item(line: Line, text: str, number: int, around: Around) -> list[Escalation]:
    """One point of a list about escalation; empty where it draws nobody in."""
    text, above = text[:_LONGEST], around.above
    if around.to is not None:
        return [_below(around.to, text, number, above)]
    lead = bold_lead(line)
    label, rest = (lead[0], lead[1].plain) if lead else _plain_label(text)
    plain = _plainly(label, rest, text, number, around)
    if plain:
        return plain
    names = _names(label if lead else "", rest, text, leads=around.leads)
    timed = waiting(text) is not None
    depends = timed or is_condition(rest or text) or bool(names and _SCOPED.search(text))
    if around.sequence and not (depends or around.leads or _PAGES.match(text)):
        return []
    if names:
        return _of_names(names, label, rest if label else text, number, around)
    parts = hops(rest if label and not is_name(label) and len(hops(label)) < 2 else text)
    if len(parts) > 1 and any(is_name(bare_name(part)) for part in parts):
        return [_scoped(one, around) for one in _arrows(parts, text, number, around)]
    dashed = _dashed(text, number, above)
    if dashed:
        return [_scoped(dashed, around)]
    absent = around.asks and bool(_LACK.match(text))
    if (names_nobody(rest or text) and not absent) or targets_outsiders(rest or text) or (label and _ALONE.match(rest)):
        return []
    acts = bool(_ACTS.search(text)) and timed and not around.sequence and not around.leads
    # "L1 (0-15 min): restart the pool" is a tier of repairs that names nobody
    bands = label and first_span(label) and not (around.sequence or around.leads or _TIER.match(label))
    if around.asks or acts or bands:
        return [_scoped(entry(None, f"{label}: {rest}" if label else text, number, above=above), around)]
    return []


def _dashed(text: str, number: int, above: str) -> Escalation | None:
    """``"If nobody answers for 10 min — the mate"`` and ``"The mate — after 10 min"``."""
    parts = _DASH.split(text)
    if len(parts) != 2:
        return None
    first, last = parts
    if (is_condition(first) or only_wait(first)) and is_name(bare_name(last)):
        return entry(bare_name(last), text, number, above=above)
    told = is_name(bare_name(first)) and (only_wait(last) or (is_condition(last) and not targets(last)))
    return entry(bare_name(first), text, number, above=above) if told else None


def _below(to: str, text: str, number: int, above: str) -> Escalation:
    """A condition below "Escalate to X at once if:", in which a duration is the condition and no wait."""
    one = entry(to, text, number, above=above)
    at_once = bool(above) and is_immediate(above) and waiting(above) == 0 and bool(_LASTS.search(text))
    return replace(one, after_minutes=0, clock=None, when=f"{above}: {text}") if at_once else one


def _plainly(label: str, rest: str, text: str, number: int, around: Around) -> list[Escalation]:
    """The points that are told by their form: an upgrade, "Manager escalation: …", "Escalation: …", a line of rungs."""
    above = around.above
    upgrade = _UPGRADE.match(text) or _RAISE.match(text) or (_BECOMES.search(text) if len(hops(text)) == 2 else None)
    if upgrade:
        return [replace(entry(None, text, number, above=above), severities=severities_in(upgrade.group("level")))]
    role = re.match(r"^(.{2,40}?)\s+escalation$", label, re.IGNORECASE)
    if role and is_name(role.group(1)):
        return [_scoped(entry(role.group(1), f"{label}: {rest}", number, above=above), around)]
    if label and _ESCALATION.search(label) and not targets(label) and rest:
        return of_value(rest, number, above=above, severity_of=around.severity_of)
    if "," in text or ";" in text or "，" in text or "、" in text:
        return _timed_names(rest if label and not is_name(label) else text, number, f"{label} {around.severity_of}")
    return []


def _of_names(names: list[str], label: str, text: str, number: int, around: Around) -> list[Escalation]:
    """An entry for each of those whom a point names, with the words of the clause that names them."""
    clauses = _clauses(text, names)
    found: list[Escalation] = []
    for name in names:
        labelled = bool(label) and (name == names[0] or waiting(clauses[name]) is None)
        told = f"{label}: {clauses[name]}" if labelled else clauses[name]
        found.append(_scoped(entry(name, told, number, above=around.above), around))
    return found


def _timed_names(text: str, number: int, severity_of: str) -> list[Escalation]:
    """The rungs of "Deck officer at once, chief engineer after 15 min, captain after 1 hour"; empty for another"
    r" text."""
    parts = [part for part in _NEXT.split(text.rstrip(". ")) if part]
    names = [bare_name(part) for part in parts]
    if not 2 <= len(parts) <= 8 or not all(is_name(name) for name in names):
        return []
    times = [waiting(part) for part in parts]
    if sum(time is not None for time in times) < len(parts) - 1 or times[-1] is None:
        return []
    found = [
        entry(name, part, number) for name, part, time in zip(names, parts, times, strict=True) if time is not None
    ]
    return [replace(one, severities=severities_in(severity_of)) for one in found]


def _clauses(text: str, names: list[str]) -> dict[str, str]:
    """The words that each of several persons stands in: "Page A; if no answer in 10 min, escalate to B"."""
    if len(names) < 2:
        return dict.fromkeys(names, text)
    parts = _CLAUSE.split(text)
    return {name: next((part for part in parts if name in part), text) for name in names}


def _scoped(one: Escalation, around: Around) -> Escalation:
    return one if one.severities else replace(one, severities=severities_in(around.severity_of))


def targets_outsiders(text: str) -> bool:
    """Whether a text tells somebody who isn't drawn in: "Notify all affected users"."""
    return bool(re.match(r"^(?:notify|inform|tell|update|announce|post|communicate|send)\b", text, re.IGNORECASE))


def _names(label: str, rest: str, text: str, *, leads: bool) -> list[str]:
    """Whom a point names: by a verb in its label or its text, as its subject, or as the label of a condition."""
    told = [one.name for one in targets(label)][:1]
    if not told and not (leads and label):
        told = [one.name for one in targets(rest or text) or (targets(text) if not label else [])]
    if told:
        further = [part for part in re.split(r"[;；]\s*", rest or text)[1:] if not targets(part)]
        told += [name for part in further for name in bare(part) if names_people(name) and len(name) < 40]
        return list(dict.fromkeys(told))
    role, _ = _plain_label(text)
    role = label or role
    if (
        role
        and is_name(role)
        and rest
        and (waiting(rest) is not None or _DEPENDS.match(rest) or leads)
        and not is_name(rest)
    ):
        return [bare_name(role)]
    if role and is_name(role) and re.search(r"[@\d]", rest) and _DEPENDS.search(rest):
        return [bare_name(role)]
    if role and len(role) < 40 and _TITLED.match(role) and _FOR_CASES.match(rest):
        return [bare_name(role)]
    handle = re.match(r"@[\w.-]+", rest) if leads else None
    if handle:
        return [handle.group()]
    if leads:
        return [bare_name(rest or text)] if is_name(rest or text) and not names_nobody(text) else []
    name = subject(rest or text)
    return [name] if name and not names_nobody(name) else []


def _plain_label(text: str) -> tuple[str, str]:
    found = re.match(r"^([^:：]{1,60})[:：]\s*(.*)$", text)
    return (found.group(1), found.group(2)) if found and found.group(2) else ("", text)


def _arrows(parts: list[str], text: str, number: int, around: Around) -> list[Escalation]:
    """``"Role → what they do"``, ``"30 min → Role"``, or a chain of roles, in which the first is where it begins."""
    first, last = bare_name(parts[0]), bare_name(parts[-1])
    if len(parts) == 2 and is_name(first) and (around.leads or not is_name(last)):
        return [entry(first, text, number, above=around.above)]
    if len(parts) == 2 and is_name(last):
        return [entry(last, text, number, above=around.above)]
    return list(chain(text, number))


def of_value(value: str, number: int, *, above: str = "", severity_of: str = "", before: str = "") -> list[Escalation]:
    """What stands after "Escalation:" or in a cell of an escalation column: names, a time, both, or a chain.

    ``before`` is the condition that the cell's row gives; ``severity_of`` names the severities where the value doesn't.
    """
    value = value[:_LONGEST]
    rungs = _timed_names(value, number, f"{before} {severity_of}") if "," in value or ";" in value else []
    if rungs:
        return rungs
    if len(hops(value)) > 1:
        found = list(chain(value, number))
        if found:
            return [one if one.severities else replace(one, severities=severities_in(severity_of)) for one in found]
    found = []
    for clause in _POINTS.split(value):
        told = [one.name for one in targets(clause)][:1] or bare(clause)
        text = f"{before}: {clause}" if before else clause
        if told:
            one = entry(told[0], clause, number, above=above)
            found.append(replace(one, when=text if one.when == clause else one.when))
        elif not names_nobody(clause) and waiting(clause) is not None:
            found.append(replace(entry(None, clause, number, above=above), when=text))
    return [
        one if one.severities else replace(one, severities=severities_in(before) or severities_in(severity_of))
        for one in found
    ]


def bare(clause: str) -> list[str]:
    """The name in ``"30 minutes to the harbour master"``, ``"Immediate - all hands"``, ``"Warden (at night)"``."""
    text = clause = clause[:_LONGEST]
    outside = re.sub(r"\s*[(（][^()（）]*[)）]", "", clause)
    if outside != clause and is_name(outside):
        return [bare_name(outside)]
    times = [
        span
        for span in spans(clause)
        if not re.search(
            r"[^\W\d_]{4,}",
            re.sub(r"(?i)\b(?:after|within|from|nach|tras|après|apr[eè]s|após)\b", "", clause[: span.start]),
        )
    ]
    if times:
        text = _JOIN.sub("", clause[times[0].end :], count=1)
    elif is_immediate(clause):
        text = _JOIN.sub(
            "",
            re.sub(
                r"^\W*[^\W\d_]*immediat\w*|^\W*(?:sofort|inmediat\w*|imediat\w*|immédiat\w*|немедленн\w+|негайн\w+"
                r"|立即|即时|즉시)",
                "",
                clause,
                count=1,
                flags=re.IGNORECASE,
            ),
            count=1,
        )
    name = bare_name(text)
    if not name or len(name) > _LONGEST_NAME or only_wait(clause) or only_channels(name):
        return []
    if names_nobody(name) and not is_name(name):
        return []
    return [name] if names_people(name) or re.match(r"[^\W\d_a-zа-я]|@", name) else []


def of_sentence(sentence: str, number: int, *, bare: bool) -> list[Escalation]:
    """A sentence about escalation; ``bare``: it stands after a label and may be only a chain, a name and a time."""
    told = [one.name for one in targets(sentence) if not re.search(r"@\w+\.\w+", one.name)]
    if told:
        return [entry(name, sentence, number) for name in dict.fromkeys(told) if not names_nobody(name)][:2]
    if len(hops(sentence)) > 1:
        last = hops(sentence)[-1]
        return list(chain(sentence, number)) if bare or (names_people(last) and not _PLACE.search(last)) else []
    label, rest = _plain_label(sentence)
    timed = bool(label) and only_wait(label) and is_name(rest)  # "After 30 min: chief engineer."
    return of_value(rest if timed else sentence, number, above=label if timed else "") if bare or timed else []


def chain(text: str, number: int) -> Iterator[Escalation]:
    """``"Lead → CTO → CEO"``: every hop after the first, and the first where it has a condition of its own.

    A hop that only says when ("15 min") is the condition of the next one.
    """
    condition = before = ""
    for index, hop in enumerate(hops(text)):
        if only_wait(hop) or re.fullmatch(r"[(（][^()（）]*[)）]", hop):
            condition = hop.strip("()（）")
            continue
        inside = re.search(r"[(（]([^()（）]*)[)）]", hop)
        own = (
            inside.group(1)
            if inside and (waiting(inside.group(1)) is not None or _DEPENDS.search(inside.group(1)))
            else ""
        )
        ahead, colon, behind = hop.rpartition(":")
        if colon and index and only_wait(behind):  # "L1 → L2: 15 minutes"
            own = own or behind.strip()
        else:
            head = hop.split(":")[0]
            ahead = hop.split(":")[-1] if only_wait(head) or _RANK.fullmatch(head.strip()) else hop
        name = bare_name(ahead)
        said = own or condition
        if name and (index or said) and (names_people(name) or re.match(r"[^\W\d_a-zа-я]|@", name)):
            yield replace(entry(name, said, number), when=said or f"after {before}")
        before, condition = name, ""


def spare_first(found: list[Escalation]) -> list[Escalation]:
    """A ranked list without its first rung, where that one has neither a time nor a condition."""
    if len(found) < 2:
        return found
    first = found[0]
    bare = (
        first.after_minutes is None
        and not first.severities
        and is_name(re.sub(r"^[^:：]{1,20}[:：]\s*(?=\S)", "", first.when.rstrip(" :：")))
    )
    begins = bare or (
        first.after_minutes is None and bool(_FIRST.match(first.to or "")) and bool(_PAGES.match(first.when))
    )
    return found[1:] if begins and not _DEPENDS.search(re.sub(r"\bfor the\b", "", first.when)) else found
