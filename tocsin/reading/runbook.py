"""Bytes of a Markdown file → a `Runbook`. Assembles what the readers of the single elements found."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace

from tocsin.core.runbook import Placeholder, Problem, Runbook, Text
from tocsin.errors import TooLarge
from tocsin.reading.access import access
from tocsin.reading.accounting import account
from tocsin.reading.blocks import parse
from tocsin.reading.commands import command_language, pieces
from tocsin.reading.conditions import is_condition
from tocsin.reading.contacts import channels, contacts, rotation
from tocsin.reading.deadlines import checklists, deadlines
from tocsin.reading.decoding import decode
from tocsin.reading.escalations import escalations
from tocsin.reading.fences import Fence
from tocsin.reading.firstresponses import with_actions
from tocsin.reading.links import links, review
from tocsin.reading.natures import is_flow
from tocsin.reading.nodes import Block, Document, fences_of
from tocsin.reading.placeholders import collect, find_placeholders, is_drawn, may_have_placeholders
from tocsin.reading.places import find
from tocsin.reading.process import phases, procedures
from tocsin.reading.promises import in_business_days, on_business_days, updates
from tocsin.reading.questions import confidential, questions
from tocsin.reading.rules import rules, targets
from tocsin.reading.scenarios import scenario
from tocsin.reading.sections import Section, outline
from tocsin.reading.severities import severities
from tocsin.reading.shellwords import executable
from tocsin.reading.templates import templates
from tocsin.reading.triggers import triggers
from tocsin.reading.unclaimed import Parts, with_unclaimed
from tocsin.reading.vocabulary import tidy

MOST_LINES = 60_000  # with text, a tenth of a millisecond each at worst; a book, not a runbook
_VARIABLE = re.compile(r"\$(?:\{(?P<braced>[A-Za-z_]\w*)[^}]*\}|(?P<plain>[A-Za-z_]\w*))")
_TEXT = frozenset({"", "markdown", "md", "text", "txt"})
_LISTS_EVENTS = re.compile(r"\btriggers?$|^when to\b(?!.*escalat)|\bcriteria$", re.IGNORECASE)
_ASSIGNED = re.compile(
    r"(?:^|[\s;&|(])(?:export\s+|local\s+|read\s+(?:-\w+\s+)*|for\s+)?(?P<name>[A-Za-z_]\w*)(?:=|\s+in\s)"
    r"|\bread\s+(?:-\w+\s+)*(?P<read>[A-Za-z_]\w*)",
    re.MULTILINE,
)
_LITERAL = re.compile(r"'[^']*'")
_PROGRAM = re.compile(r"[a-z][\w.-]*")


def read(data: bytes, source: str) -> Runbook:
    """The runbook in a Markdown file.

    Never raises on content: what was not understood is a `Problem`. Raises `tocsin.errors.Invalid` only for a file of
    more than 1 MiB or 60,000 lines with text, a binary one and an empty one.
    """
    decoded = decode(data)
    filled = sum(1 for line in decoded.text.split("\n") if line and not line.isspace())
    if filled > MOST_LINES:
        raise TooLarge(
            f"The file has {filled:,} lines; a runbook of at most {MOST_LINES:,} lines is read.", "Split it."
        )
    document = parse(decoded.text)
    root = outline(document)
    book = assemble(document, root, source)
    book = replace(book, digest=f"sha256:{hashlib.sha256(data).hexdigest()}", repairs=decoded.repairs)
    problems = [*decoded.problems, *document.problems]
    return replace(book, problems=tuple(sorted(problems, key=lambda problem: problem.line)))


def assemble(document: Document, root: Section, source: str) -> Runbook:
    """All elements of a document."""
    fences = tuple(block.fence for block in fences_of(document.blocks) if block.fence)
    seen = _programs(fences)
    places = find(root)
    taken: set[str] = set()
    found = tuple(scenario(place, taken, seen) for place in places)
    stages, used = phases(root, places, seen) if not any(place.whole for place in places) else ((), [])
    told = Parts(scenarios=found, phases=stages, procedures=procedures(root, places, used, seen))
    told = with_unclaimed(root, told, seen)
    open_rules = rules(root, places, told.scenarios)
    messages = templates(root, _command_fences(fences, seen))
    scale = with_actions(on_business_days(severities(root), document.lines), root, document.lines)
    ladder, chain = escalations(root)
    return Runbook(
        title=_title(document, root, source),
        source=source,
        digest="",
        severities=scale,
        targets=targets(root, open_rules),
        rules=open_rules,
        triggers=triggers(root, open_rules, scale),
        scenarios=told.scenarios,
        phases=told.phases,
        procedures=told.procedures,
        conditionals=tuple(_conditionals(root)),
        escalations=ladder,
        chain=chain,
        contacts=contacts(root),
        access=access(root),
        rotation=rotation(root),
        channels=channels(root),
        templates=messages,
        checklists=checklists(root),
        questions=questions(root),
        confidential=confidential(root),
        deadlines=in_business_days(deadlines(root), document.lines),
        updates=updates(document.lines, scale),
        placeholders=_placeholders(document, fences, seen),
        env_vars=_variables(fences, seen),
        links=links(root),
        review=review(root, document.front),
        fences=account(fences, document.hidden, (step for part in told.all() for step in part.steps), messages, seen),
    )


def _title(document: Document, root: Section, source: str) -> str:
    first = next((section for section in root.children if section.level == 1), None) or next(
        (s for s in root.children if not s.label), None
    )
    if first:
        return tidy(first.title) or first.title
    named = next(
        (found.group(1) for line in document.front if (found := re.match(r"title\s*:\s*[\"']?(.+?)[\"']?\s*$", line))),
        "",
    )
    return named or source.replace("\\", "/").rsplit("/", 1)[-1]


def _programs(fences: tuple[Fence, ...]) -> frozenset[str]:
    """The programs that the document's own shell fences run: the same words elsewhere are commands too."""
    found = set()
    for fence in fences:
        if fence.language and command_language(fence) == "shell":
            found |= {executable(piece.text) for piece in pieces(fence) if piece.kind == "shell"}
    return frozenset(word for word in found if _PROGRAM.fullmatch(word))


def _command_fences(fences: tuple[Fence, ...], seen: frozenset[str]) -> frozenset[int]:
    return frozenset(fence.line for fence in fences if command_language(fence, seen))


def _conditionals(root: Section) -> Iterator[Text]:
    """Headings, labels, items and sentences that begin as a condition."""
    for section in root.walk():
        if section.conditional:
            yield Text(text=tidy(section.title), line=section.line)
        if section.meaning != "template" and not _LISTS_EVENTS.search(section.title):
            yield from _conditions(section.blocks)


def _conditions(blocks: tuple[Block, ...]) -> Iterator[Text]:
    for block in blocks:
        if block.kind == "paragraph" and block.lines and is_condition(block.lines[0].plain):
            yield Text(text=block.plain, line=block.line)
        yield from _conditions(block.children if block.kind != "table" else ())


def _placeholders(document: Document, fences: tuple[Fence, ...], seen: frozenset[str]) -> tuple[Placeholder, ...]:
    places: list[tuple[str, int]] = []
    code: set[int] = set()
    for fence in fences:
        if command_language(fence, seen) or fence.language not in _TEXT:
            code.update(range(fence.first, fence.end_line + 1))
    drawn = {number for fence in fences if is_flow(fence) for number in range(fence.first, fence.end_line + 1)}
    front = len(document.front) + 1 if document.front else 0
    for number, line in enumerate(document.lines, 1):
        if number > front and may_have_placeholders(line) and not is_drawn(line, within=number in drawn):
            comment = line.lstrip().startswith(("#", "-- ", "//"))
            found = find_placeholders(line, command=number in code, comment=comment)
            places += [(text, number) for text in found]
    return collect(places)


def _variables(fences: tuple[Fence, ...], seen: frozenset[str]) -> tuple[str, ...]:
    """The variables that the commands use and the file never assigns."""
    used: list[str] = []
    assigned: set[str] = set()
    for fence in fences:
        if command_language(fence, seen) != "shell":
            continue
        for piece in pieces(fence, seen):
            if piece.kind not in ("shell", "set"):
                continue
            text = _LITERAL.sub("''", piece.text) if not piece.text.startswith("#!") else piece.text
            used += [found.group("braced") or found.group("plain") for found in _VARIABLE.finditer(text)]
            assigned |= {found.group("name") or found.group("read") for found in _ASSIGNED.finditer(piece.text)}
    return tuple(dict.fromkeys(name for name in used if name not in assigned and len(name) > 1))


__all__ = ["Problem", "read"]
