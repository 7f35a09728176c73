"""What people must be able to reach before an incident, as the document lists it: systems, tools, credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from tocsin.core.runbook import Access
from tocsin.ids import slug
from tocsin.reading.nodes import Block, Line
from tocsin.reading.sections import Section
from tocsin.reading.vocabulary import tidy

Kind = Literal["system", "tool", "credential"]
MOST = 60
LONGEST = 200
_LIST = re.compile(
    r"^(?:required |needed |necessary |system |prerequisite )?access"
    r"(?: (?:requirements?|list|checklist|needed|required|rights))?$"
    r"|\btools? (?:&|and|\+) access\b|\baccess (?:&|and|\+) (?:tools?|credentials|permissions)\b"
    r"|^(?:required|necessary) (?:access|permissions|credentials|tools?|accounts)\b|^access requirements?\b"
    r"|^(?:benötigte |erforderliche )?(?:zugänge|zugriffsrechte|berechtigungen)$"
    r"|^accesos?(?: (?:requeridos|necesarios))?$|^acc[eè]s (?:requis|nécessaires)$"
    r"|^acessos?(?: (?:necessários|requeridos))?$",
    re.IGNORECASE,
)
"""Headings under which every point is something that people must reach."""
_MIXED = re.compile(
    r"^(?:prerequisites?|before you (?:start|begin)|requirements|tools?|tooling|credentials|voraussetzungen"
    r"|(?:pr[ée]-?)?requisitos|prérequis|prerrequisitos)\b",
    re.IGNORECASE,
)
"""Headings under which some points are: those that say so."""
_SAYS_ACCESS = re.compile(
    r"\b(?:access|vpn|log-?in|sign-?in|credentials?|accounts?|permissions?|api keys?|tokens?|installed|cli"
    r"|zugang|zugriff|acceso|acesso|accès)\b",
    re.IGNORECASE,
)
_TOOL = re.compile(r"\binstalled\b|\bcli\b|\bcommand[- ]line\b|\binstalliert\b", re.IGNORECASE)
_CREDENTIAL = re.compile(r"\bcredentials?\b|\bapi keys?\b|\btokens?\b|\bpasswords?\b|\bsecrets?\b", re.IGNORECASE)
_WORDS = """
a an the to of for and or in on with your you have has must need access accesses account accounts cli command console
credential credentials dashboard dashboards installed key keys line login permission permissions repository required
rights role sign token tokens tool ui user valid working api
"""
_FILLING = frozenset(_WORDS.split())
"""Words that say that something is reached, not what."""
_ASIDE = re.compile(r"\s*[(（].*$|\s+[-–—]\s.*$|[:：].*$")
_PROGRAM = re.compile(r"[a-z][a-z0-9._+-]{0,39}")


def access(root: Section) -> tuple[Access, ...]:
    """What the document's lists of access ask for, each thing once, in its order."""
    found: dict[str, Access] = {}
    for section in root.walk():
        title = tidy(section.title)
        whole = bool(_LIST.search(title))
        if not whole and not _MIXED.search(title):
            continue
        for line in _points(section):
            if whole or _SAYS_ACCESS.search(line.plain):
                one = _access(line)
                if one is not None and len(found) < MOST:
                    found.setdefault(one.system, one)
    return tuple(found.values())


def _points(section: Section) -> Iterator[Line]:
    """The first line of every point, and the first cell of every row below a table's head."""
    for block in section.blocks:
        if block.kind == "list":
            yield from _of_list(block)
        elif block.kind == "table":
            for row in block.children[1:]:
                cells = row.lines
                if cells:
                    yield cells[0]


def _of_list(block: Block) -> Iterator[Line]:
    for item in block.children:
        if item.head is not None and item.head.lines:
            yield item.head.lines[0]


def _access(line: Line) -> Access | None:
    text = line.plain[:LONGEST].strip()
    words = slug(_ASIDE.sub("", text) or text).split("-")
    system = "-".join([word for word in words if word not in _FILLING][:4]) or "-".join(words[:4])
    if not system:
        return None
    programs = tuple(span.text for span in line.codes if _PROGRAM.fullmatch(span.text))
    kind: Kind = "system"
    if programs or _TOOL.search(text):
        kind = "tool"
    elif _CREDENTIAL.search(text):
        kind = "credential"
    return Access(system=system, what=text, kind=kind, programs=programs, line=line.number)
