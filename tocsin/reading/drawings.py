"""Escalations drawn in a fence: trees and boxes, arrow chains, lists, Mermaid graphs, remarks in a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tocsin.core.runbook import Escalation
from tocsin.reading.boxes import Box, side_by_side
from tocsin.reading.fences import Fence
from tocsin.reading.nodes import Line, Span
from tocsin.reading.parts import severities_in
from tocsin.reading.people import names_people
from tocsin.reading.rungs import Around, chain, of_item, spare_first
from tocsin.reading.targets import bare_name, hops, is_name, targets
from tocsin.reading.vocabulary import meaning
from tocsin.reading.waits import entry, only_wait, waiting

_TEXT = frozenset({"", "text", "txt", "plaintext", "plain", "ascii", "diagram", "markdown", "md"})
_SHELL = frozenset({"bash", "sh", "shell", "zsh", "console", "powershell"})
_YAML = frozenset({"yaml", "yml"})
_PROSE_KEY = re.compile(r"^\s*[^\s#:：-][^:：]{0,60}\s[^:：]{1,60}[:：]\s*$")
_GRAPH = re.compile(r"^\s*(?:graph|flowchart)\b")
_SHAPE = r"[A-Za-z]\w*(?:\s*(?:\[[^\[\]]*\]|\(+[^()]*\)+|\{+[^{}]*\}+|>[^\]]*\]|\[[(\[][^\[\]]*[)\]]\]))?"
_EDGE = re.compile(
    rf"(?P<a>{_SHAPE})\s*(?:(?:-->|-\.->|==>|---)\s*(?:\|(?P<on>[^|]*)\|)?|--\s+(?P<mid>[^>|]*?)\s+-->"
    rf"|-\.\s+(?P<dot>[^>|]*?)\s+\.->)\s*(?={_SHAPE})"
)
_NODE = re.compile(rf"^{_SHAPE}")
_LABEL = re.compile(r"^(?P<id>[A-Za-z]\w*)\s*[\[({>]+\"?(?P<text>[^\])}\"]*)")
_SEQUENCE = re.compile(r"^\s*sequenceDiagram\b")
_ACTOR = re.compile(r"^\s*(?:participant|actor)\s+(?P<id>\w+)(?:\s+as\s+(?P<name>.+))?$")
_BLOCK = re.compile(
    r"^\s*(?:alt|else|opt|par|and|critical|loop|Note (?:over|(?:right|left) of) [\w, ]+:)\s*(?P<text>.*)$",
    re.IGNORECASE,
)
_MESSAGE = re.compile(r"^\s*(?P<from>\w+)\s*-{1,2}(?:>>|>|\)|x)[+-]?\s*(?P<to>\w+)\s*:\s*(?P<text>.+)$")
_DRAWS_IN = re.compile(
    r"\b(?:pag(?:e|es|ed|ing)|escalat\w*|call(?:s|ed)?|wakes?|notif\w+|eskal\w+|escal(?:ar|a|er|ade))\b|升级"
    r"|エスカレ|에스컬|эскал",
    re.IGNORECASE,
)
_ESCALATES = re.compile(r"e[sk][ck]al|эскал|升级|エスカレ|에스컬", re.IGNORECASE)
_FIRST = re.compile(r"^(?:primary|first|on-?call|L1|tier 1|level 1)\b", re.IGNORECASE)
_LONGEST = 300
_GLYPHS = re.compile(r"[│┃║┌┐└┘├┤┬┴┼─━═╔╗╚╝╠╣╭╮╯╰|]+|\+[-=+]{2,}\+?|(?<![\w>])[-=_]{3,}(?![>\w])")
_DOWN = re.compile(r"^(?:[↓▼⬇v|]|\\/)\s*(?:[(（](?P<inside>[^()（）]*)[)）]|(?P<text>.*))$")
_LEADING = re.compile(r"^(?:[-*•▶►]\s+|(?:→|⇒|➜|=>|-{1,3}>)\s*|\d{1,2}[.)]\s+|\[[ xX]\]\s*)+")
_NUMBERED = re.compile(r"^\s*\d{1,2}[.)]\s+")
_ESCALATE = re.compile(r"\bescalate\b", re.IGNORECASE)


def of_fence(fence: Fence, around: Around, *, about: bool) -> Iterator[Escalation]:
    """The escalations that a fence draws; ``about``: it stands under a heading about escalation."""
    if any(_GRAPH.match(line) for line in fence.body[:3]):
        yield from _graph(fence) if about else ()
    elif any(_SEQUENCE.match(line) for line in fence.body[:3]):
        yield from _sequence(fence) if about else ()
    elif about and fence.language.lower() in _TEXT and (boxes := side_by_side(fence.body)):
        yield from _hierarchy(boxes, fence.first)
    elif fence.language.lower() in _TEXT or (fence.language.lower() in _YAML and any(map(_told_ladder, fence.body))):
        yield from _lines(list(enumerate(fence.body, fence.first)), around, about=about)
    elif fence.language.lower() in _SHELL:
        yield from _remarks(fence)


def _told_ladder(line: str) -> bool:
    """Whether a line of YAML is a sentence about escalation, not a setting: "Second escalation (after 30 min):"."""
    return bool(_PROSE_KEY.match(line)) and meaning(line.strip(" :：")) == "escalation"


def _hierarchy(boxes: tuple[Box, ...], first: int) -> Iterator[Escalation]:
    """Every box but the one where the ladder begins: the first responder, else the one at the top."""
    people = [box for box in boxes if names_people(box.text)]
    begins = next((box for box in people if _FIRST.match(box.text)), people[0] if people else None)
    for box in people:
        told = entry(bare_name(box.text), " ".join(re.findall(r"[(（]([^()（）]*)[)）]", box.text)), first + box.line)
        if box is not begins or told.after_minutes is not None:
            yield replace(told, when=box.text)


def _sequence(fence: Fence) -> Iterator[Escalation]:
    """Messages of a Mermaid sequence to a person that say "page", "escalate", "call"; a note before gives the time."""
    names: dict[str, str] = {}
    condition = ""
    for number, line in enumerate(fence.body, fence.first):
        text = line[:_LONGEST]
        actor = _ACTOR.match(text)
        block = _BLOCK.match(text)
        message = _MESSAGE.match(text)
        if actor:
            names[actor.group("id")] = (actor.group("name") or actor.group("id")).strip()
        elif block:
            condition = block.group("text").strip()
        elif message and _DRAWS_IN.search(message.group("text")):
            to = names.get(message.group("to"), message.group("to"))
            if names_people(to) and message.group("from") != message.group("to"):
                yield entry(to, message.group("text").strip(), number, above=condition)


def _graph(fence: Fence) -> Iterator[Escalation]:
    """Edges of a Mermaid graph whose end is a person: the words on the edge are the condition."""
    names: dict[str, str] = {}
    edges: list[tuple[str, str, int]] = []
    for number, line in enumerate(fence.body, fence.first):
        for match in _EDGE.finditer(line):
            after = _NODE.match(line[match.end() :])
            for node in (match.group("a"), after.group() if after else ""):
                label = _LABEL.match(node)
                if label:
                    names[label.group("id")] = label.group("text").strip().replace("<br/>", " ")
            if after:
                target = re.match(r"\w+", after.group())
                edges.append(
                    (
                        target.group() if target else "",
                        match.group("on") or match.group("mid") or match.group("dot") or "",
                        number,
                    )
                )
    for node, condition, number in edges:
        words = names.get(node, node)
        told = [one.name for one in targets(words)] or ([bare_name(words)] if is_name(words) or _proper(words) else [])
        if told:
            yield entry(told[0], condition, number)


def _proper(label: str) -> bool:
    """Whether a node is named like an office: short, every word with a capital ("Data Protection Officer", "CTO")."""
    return bool(re.fullmatch(r"(?:[A-Z][\w/&-]*\s*){1,4}", label)) and names_people(label)


def _lines(lines: list[tuple[int, str]], around: Around, *, about: bool) -> Iterator[Escalation]:
    """A drawing or list of plain text: headed groups, and under each the rungs."""
    group, on = "", about
    pending = ""
    rungs: list[Escalation] = []
    ranked = False
    for number, raw in lines:
        text = re.sub(r"\s+", " ", _GLYPHS.sub(" ", raw)).strip()
        if not text:
            continue
        if _heads(raw, text):
            yield from spare_first(rungs) if ranked else rungs
            group, rungs, ranked, pending = text.rstrip(" :："), [], False, ""
            says = "contacts" if re.search(r"\bcontacts?\b", group, re.IGNORECASE) else meaning(group)
            on = says == "escalation" or (
                about and says not in ("contacts", "rotation", "communication", "channels", "links")
            )
            continue
        down = _DOWN.match(text)
        if down:
            pending = (down.group("inside") or down.group("text") or "").strip() or pending
            continue
        found = list(_rung(text, number, group, pending, around, on=on))
        ranked = ranked or bool(_NUMBERED.match(raw)) or (not group and not around.leads)
        if found or only_wait(text):
            pending = "" if found else text
        rungs += found
    yield from spare_first(rungs) if ranked else rungs


def _heads(raw: str, text: str) -> bool:
    """Whether a line heads a group: it isn't drawn as an item, says nobody, and ends in a colon."""
    return (
        text.endswith((":", "：")) and not _LEADING.match(text) and not re.match(r"^\s*[├└│]", raw) and len(text) < 60
    )


def _rung(text: str, number: int, group: str, pending: str, around: Around, *, on: bool) -> Iterator[Escalation]:
    plain = _LEADING.sub("", text).strip()
    if not on:
        if re.match(r"escalation\s*[:：]", plain, re.IGNORECASE):
            yield from of_item(_line(plain, number), plain, number, Around())
        elif _ESCALATE.search(plain) and not plain.endswith("?"):
            told = [one for one in targets(plain) if one.escalate]
            yield from (entry(one.name, plain, number) for one in told[:1])
        return
    grouped = bool(group) and (meaning(group) != "escalation" or waiting(group) is not None)
    here = around.under(group, leads=True) if grouped else around
    if pending:
        here = here.under(pending, leads=True)
    if len(hops(plain)) > 2 and not grouped:
        yield from chain(plain, number)
        return
    for one in of_item(_line(plain, number), plain, number, here):
        yield one if one.severities else replace(one, severities=severities_in(group))


def _line(text: str, number: int) -> Line:
    return Line(number=number, spans=(Span(text=text, line=number),))


def _remarks(fence: Fence) -> Iterator[Escalation]:
    """Comments of a script: a line that says "escalate to X", and the lines under a remark about escalation."""
    on = False
    above = ""
    for number, raw in enumerate(fence.body, fence.first):
        text = raw.strip()
        if not text.startswith("#") or text.startswith("#!"):
            on = False
            continue
        plain = _LEADING.sub("", text.lstrip("# ").strip())
        told = [one for one in targets(plain) if on or one.escalate] if on or _ESCALATES.search(plain) else []
        if told and not plain.endswith("?"):
            yield entry(told[0].name, plain if not above or waiting(plain) is not None else f"{above}: {plain}", number)
        elif _ESCALATE.search(plain):
            on, above = True, re.sub(r"^step\s*\d+\s*[:.]\s*", "", plain, flags=re.IGNORECASE)
