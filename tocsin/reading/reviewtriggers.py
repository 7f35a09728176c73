"""On what a document wants to be read again besides a calendar: the list under "Update triggers"."""

from __future__ import annotations

import re

from tocsin.core.runbook import Text
from tocsin.reading.nodes import lines_of
from tocsin.reading.sections import Section
from tocsin.reading.vocabulary import tidy

MOST = 20
_TITLE = re.compile(
    r"(?:(?:runbook|document) )?(?:update|review|revision) triggers?$"
    r"|triggers? for (?:an? )?(?:update|review|revision)s?$"
    r"|(?:when to (?:update|review)|(?:update|review)(?: it| this(?: \w+)?)? (?:when|after))(?: this \w+)?$"
    r"|auslöser (?:für|einer) (?:überprüfung|aktualisierung)|(?:disparadores|motivos) de (?:actualización|revisión)"
    r"|déclencheurs de (?:mise à jour|révision)|gatilhos de (?:atualização|revisão)",
    re.IGNORECASE,
)


def triggers(root: Section) -> tuple[Text, ...]:
    """The occasions that the document lists, each with its line; templates apart."""
    for section in root.walk():
        if section.meaning == "template" or not _TITLE.match(tidy(section.title).strip(" :")):
            continue
        items = [block for block in section.blocks if block.kind in ("list", "item")]
        listed = [Text(text=line.plain.strip(" .;"), line=line.number) for line in lines_of(items) if line.plain]
        if not listed and section.label and section.text.strip():
            listed = [Text(text=section.text.strip(" .*_"), line=section.line)]
        if listed:
            return tuple(listed[:MOST])
    return ()
