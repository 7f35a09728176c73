"""When a runbook is to be read again: how often, when it last was, when it next will be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.core.runbook import Review
from tocsin.reading.nodes import Block, lines_of
from tocsin.reading.placeholders import find_placeholders
from tocsin.reading.reviewtriggers import triggers
from tocsin.reading.rotations import every_in
from tocsin.reading.sections import Section
from tocsin.reading.vocabulary import tidy

_EVERY = re.compile(
    r"review (?:frequency|cycle|schedule|cadence|interval|period)|review(?:ed)? every|überprüfungs(?:intervall|zyklus)"
    r"|prüf(?:intervall|zyklus)|frecuencia de revisión|frequência de revisão|fréquence de (?:révision|revue)"
    r"|审[核查](?:周期|频率)|复审周期|レビュー(?:頻度|周期)|見直し(?:頻度|周期)"
    r"|검토 주기|периодичность (?:пересмотра|проверки)",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"last[ -_](?:review(?:ed)?|review date|verified|tested)(?: on| date| by)?$|reviewed(?: on)?$"
    r"|letzte (?:überprüfung|prüfung)"
    r"|zuletzt (?:überprüft|geprüft)|(?:última|fecha de) revisi[óo]n|última revisão"
    r"|derni[èe]re (?:révision|revue|relecture)"
    r"|上次(?:审[核查]|复审)|最[后近]审[核查]|最終(?:レビュー|確認|見直し)日?"
    r"|마지막 (?:검토|리뷰)|последн(?:ий пересмотр|яя проверка)",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    r"(?:last|date)[ -_](?:updated?|modified|changed|revised|edited)(?: on)?$|updated(?: on)?$"
    r"|zuletzt (?:aktualisiert|geändert)"
    r"|letzte (?:aktualisierung|änderung)|última (?:actualización|modificación|atualização)"
    r"|derni[èe]re (?:mise à jour|modification)"
    r"|(?:最后|最近)更新(?:时间|日期)?|更新(?:时间|日期)|最終更新日?時?"
    r"|마지막 (?:업데이트|수정)|최종 (?:수정|업데이트)일?|последнее (?:обновление|изменение)",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"next[ -_](?:scheduled )?review(?: date| due)?|review (?:due|by|on|date)$|nächste (?:überprüfung"
    r"|prüfung)|próxima revis(?:ión|ão)"
    r"|prochaine (?:révision|revue|relecture)|下次(?:审[核查]|复审)|次回(?:レビュー|見直し|確認)|다음 (?:검토|리뷰)"
    r"|следующ(?:ий пересмотр|ая проверка)",
    re.IGNORECASE,
)
_SAYS_EVERY = re.compile(
    (
        r"\breview(?:ed|s)?\b[^.]{0,60}\b(?:every|daily|weekly|bi-?weekly|monthly|quarterly|annually"
        r"|yearly|once a)\b"
    ),
    re.IGNORECASE,
)
_PAIR = re.compile(r"^[\W_]*(?P<key>[^:：|*_]{3,40}?)[*_]*\s*[:：|]\s*[*_]*\s*(?P<value>[^|]+)")
_LINE = 400  # a longer line is a paragraph
_ABOUT = re.compile(r"\b(?:runbook|document|playbook|guide|page)\b", re.IGNORECASE)
_PARTS = re.compile(r"\s+[|·•]\s+|\s{2,}")


def review(root: Section, front: tuple[str, ...] = ()) -> Review | None:
    """How often the runbook is to be reviewed, and when it last was and next will be.

    From labels, "Last updated: …" lines, tables, a sentence, and the ``front`` matter, whose first line is line 2 of
    the file. "Last updated" stands for the last review where the document names none.
    """
    told: dict[str, tuple[str, int]] = {}
    for key, value, line in (*_in_front(front), *_pairs(root)):
        kind = _kind(key)
        if kind and value.strip():
            told.setdefault(kind, (value.strip(" *_`|"), line))
    if "every" not in told:
        told.update(("every", said) for said in _said(root))
    occasions = triggers(root)
    if not set(told) & {"every", "last", "next", "updated"} and not occasions:
        return None
    every = told.get("every", ("", 0))[0]
    last = _given(told.get("last", ("", 0))[0]) or _given(told.get("updated", ("", 0))[0])
    return Review(
        every=(every_in(every) or every) if every else None,
        last=last,
        next=_given(told.get("next", ("", 0))[0]),
        line=min([*(line for _, line in told.values()), *(each.line for each in occasions[:1] if not told)]),
        triggers=occasions,
    )


def _kind(key: str) -> str:
    label = tidy(key).strip()
    for kind, pattern in (("every", _EVERY), ("next", _NEXT), ("last", _LAST), ("updated", _UPDATED)):
        if pattern.match(label):
            return kind
    return ""


def _in_front(front: tuple[str, ...]) -> Iterator[tuple[str, str, int]]:
    for number, line in enumerate(front, 2):
        key, colon, value = line.partition(":")
        if colon:
            yield key.strip().replace("_", " ").replace("-", " "), value.strip().strip("\"'"), number


def _pairs(root: Section) -> Iterator[tuple[str, str, int]]:
    """Keys and values from labels, lines, items and tables, each with its line."""
    for section in root.walk():
        if section.meaning == "template":
            continue
        if section.label:
            yield section.title, section.text, section.line
        for block in section.blocks:
            yield from _of_table(block) if block.kind == "table" else _of_lines(block)


def _of_table(table: Block) -> Iterator[tuple[str, str, int]]:
    """A card's rows are pairs; else the heads are the keys of the first row."""
    rows = [([cell.plain for cell in row.lines], row.line) for row in table.children]
    yield from ((cells[0], cells[1], line) for cells, line in rows if len(cells) == 2 and not _kind(cells[1]))
    if len(rows) > 1:
        head, (cells, line) = rows[0][0], rows[1]
        yield from ((key, value, line) for key, value in zip(head, cells, strict=False))


def _of_lines(block: Block) -> Iterator[tuple[str, str, int]]:
    for text, line in _texts(block):
        parts = _PARTS.split(text) if len(text) < _LINE else ()
        found = (_PAIR.match(part) for part in parts)
        yield from ((one.group("key"), one.group("value"), line) for one in found if one)


def _texts(block: Block) -> Iterator[tuple[str, int]]:
    return ((line.plain, line.number) for line in lines_of((block,)))


def _said(root: Section) -> Iterator[tuple[str, int]]:
    """ "This runbook is reviewed quarterly": the sentence, where it speaks of the document itself."""
    for section in root.walk():
        for block in section.blocks if section.meaning != "template" else ():
            for text, line in _texts(block):
                found = _SAYS_EVERY.search(text[:_LINE])
                if found and (section.meaning == "review" or _ABOUT.search(text[:_LINE])):
                    yield found.group(), line
                    return


def _given(text: str | None) -> str | None:
    return (
        None
        if not text
        or find_placeholders(text)
        or re.search(r"^(?:tbd|todo|n/a|never|-+)$|X{2,}|Y{4}", text, re.IGNORECASE)
        else text
    )
