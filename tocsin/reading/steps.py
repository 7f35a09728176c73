"""Lists, fences, tables and sentences of a section → the steps to take, each with its stage, branch and id."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field

from tocsin.core.runbook import Step
from tocsin.ids import slug
from tocsin.reading.commands import Piece, told
from tocsin.reading.conditions import inner_condition, is_condition, split_condition
from tocsin.reading.context import (
    SEE,
    SILENT,
    STAGES,
    Context,
    commands_in,
    entered,
    forbids,
    hypotheses,
    labelled,
    names_alert,
    nested_branch,
    pointed,
    stage_by_effect,
    stage_by_hand,
    states_fact,
)
from tocsin.reading.drafts import Draft
from tocsin.reading.natures import is_sample
from tocsin.reading.nodes import Block, Line, Span
from tocsin.reading.placeholders import find_placeholders
from tocsin.reading.sections import Section, bold_lead
from tocsin.reading.shellwords import QUERIES, is_query, seems_to_change, sql_starts
from tocsin.reading.stepids import step_id
from tocsin.reading.templates import is_template
from tocsin.reading.written import is_procedure, points

_ACTION_COLUMN = re.compile(
    r"action|step|fix|command|response|do\b|mitigation|solution|containment|eradication|조치|contenção"
    r"|maßnahme|lösung|behebung|abhilfe|acci[óo]n|aç[ãa]o|correc|soluci|soluç|medida|mesure|remède|действи|решени|меры"
    r"|устранени|处理|处置|措施|操作|解决|対応|対処|対策|조치|대응|해결|khắc phục|xử lý",
    re.IGNORECASE,
)

_TIME_COLUMN = re.compile(r"time\b|zeit\b|tiempo|tempo\b|temps\b|délai|время|时间|時間|시간|期限|sla\b", re.IGNORECASE)
_SENTENCE = 300
_BEFORE = 20  # steps in which a repair may have been
_NO_DEED = re.compile(
    r"\W*(?:\d|immediat|inmediat|imediat|sofort$|n/?a\b|none\b|tbd|keine?\b|ningun|nenhum|aucun|нет\b|无$|なし"
    r"|없음)",
    re.IGNORECASE,
)
_STATEMENT = re.compile(r"(?:SELECT|INSERT|UPDATE|DELETE)\s", re.IGNORECASE)
# What is left of a sentence that began with its command: a particle of Japanese or Korean, a sign, "execute" alone.
_ENDING = re.compile(
    r"[/／|+、。]|.*[/／]\s*[のをで]|(?:の|を|で|が|は|に|と|から|も|へ|し|する)(?![ぁ-ん]{3})[^\sA-Za-z]|(?:을|를|로|으로|의|이|가|은|는)\s"
    r"|(?:실행|수행|を?実行|する|执行|运行|ausführen|aufrufen)[^\s]{0,6}$"
)
_QUOTES = ' "“”'


@dataclass(slots=True)
class Collector:
    """Gathers the steps of one scenario, phase or procedure and names them."""

    seen: frozenset[str] = frozenset()
    known: Container[tuple[int, int, str]] = ()  # line, column and text of commands that are steps elsewhere
    steps: list[Draft] = field(default_factory=list)

    def section(self, section: Section, context: Context, skip: Container[Section] = ()) -> None:
        """The steps of a section and of all below it."""
        inside = entered(section, context)
        self.blocks(section.blocks, inside)
        for child in section.children:
            if child in skip:
                continue
            if child.meaning == "causes":
                self.causes(child, inside, skip)
            elif (child.meaning in SILENT and not child.conditional) or names_alert(child):
                self.fences_of(child, inside)
            else:
                self.section(child, inside, skip)

    def blocks(self, blocks: tuple[Block, ...], context: Context) -> None:
        """The steps of blocks in a row; a list under "Never delete:" keeps these words and tells no command."""
        for above, block in zip((None, *blocks), blocks, strict=False):
            lead = above.plain if above is not None and above.kind == "paragraph" and block.kind == "list" else ""
            if not (lead and forbids(lead)):
                self.block(block, context)
                continue
            for item in block.children if context.by_hand else ():
                inside = context._replace(group=lead.rstrip(":： "))
                self.steps.append(self.by_hand(self.titled(item.text, inside), item.line, item.end_line, inside))

    def causes(self, section: Section, context: Context, skip: Container[Section] = ()) -> None:
        """The steps of the causes that say themselves how to look and what to do; of all others only the commands."""
        if not any(_tells_repair(child) for child in section.children):
            self.fences_of(section, context)
            return
        for block in section.blocks:
            self.block(block, context._replace(by_hand=False, group=""))
        for child in section.children:
            if _tells_repair(child) and child not in skip:
                self.section(child, context._replace(stage=None, group=""), skip)
            else:
                self.fences_of(child, context)

    def fences_of(self, section: Section, context: Context) -> None:
        """The commands that stand in a part of another kind ("**Symptoms:** `df -h` shows 100 %")."""
        for block in section.everything():
            self.block(block, context._replace(by_hand=False, group=""))

    def block(self, block: Block, context: Context) -> None:
        """The steps of one block."""
        if not (context.by_hand or block.has_code):
            return
        if block.kind == "list":
            for item in block.children:
                self.item(item, context)
        elif block.kind == "fence":
            self.fence(block, context)
        elif block.kind == "table":
            self.table(block, context)
        elif block.kind == "paragraph":
            self.paragraph(block, context)
        elif block.kind == "quote":
            for child in block.children:
                self.block(child, context)

    def item(self, item: Block, context: Context) -> None:
        """A list item: a condition over its children, a title for its fence, inline commands, or a thing to do."""
        if not (context.by_hand or item.has_code):
            return
        text = item.text
        if context.by_hand and states_fact(item):
            context = context._replace(by_hand=False)
        if not text:
            for child in item.children:
                self.block(child, context)
            return
        below = item.rest
        context = labelled(item, context, [step.stage for step in self.steps[-_BEFORE:]])
        if is_condition(text):
            condition, action = split_condition(text)
            context = context._replace(branch=nested_branch(context.branch, condition), group="")
            if not action and below:
                for child in below:
                    self.block(child, context)
                return
            self.leaf(item, action or condition, context)
            return
        if below and all(child.kind == "list" for child in below) and not self.inline(item, context, dry=True):
            self.grouped(item, context)
            return
        self.leaf(item, text, context)

    def grouped(self, item: Block, context: Context) -> None:
        """An item with a list below: a heading for its points, or one step with its hypotheses."""
        text = item.text
        points = [point for child in item.rest for point in child.children]
        if hypotheses(item) and context.by_hand:
            self.steps.append(
                self.by_hand(
                    f"{text.rstrip(':：')}: {'; '.join(point.text for point in points)}",
                    item.line,
                    item.end_line,
                    context,
                )
            )
            return
        group = f"{context.group}: {_head(text)}" if context.group else _head(text)
        inside = context._replace(group=group)
        heading = text.rstrip().endswith((":", "：")) or (item.head and bold_lead(item.head.lines[0]))
        if context.by_hand and not heading:
            self.steps.append(self.by_hand(self.titled(text, context), item.line, item.line, context))
        for child in item.rest:
            self.block(child, inside)

    def leaf(self, item: Block, text: str, context: Context) -> None:
        """An item that is one instruction, perhaps with its commands."""
        title = self.titled(_head(text), context)
        before = len(self.steps)
        inner = inner_condition(text) if context.branch is None else None
        context = context._replace(branch=inner) if inner else context
        self.inline(item, context, title=title)
        for child in item.rest:
            if child.kind == "fence":
                self.fence(child, context, title=title)
            else:
                self.block(child, context._replace(group=title))
        runs = any(step.line >= item.line and step.kind != "manual" for step in self.steps[before:])
        if runs or not context.by_hand:
            return
        pointer = pointed(item)
        step = self.by_hand(self.titled(_head(text) if item.rest else text, context), item.line, item.line, context)
        if pointer:
            step.kind, step.command = "link", pointer
        self.lead(before, step)

    def lead(self, before: int, step: Draft) -> None:
        """An instruction whose details became steps already: it goes in front, unless they carry its words."""
        said = step.title.rstrip(":：")
        if not any(said in other.title for other in self.steps[before:]):
            self.steps.insert(before, step)

    def inline(self, item: Block, context: Context, *, title: str = "", dry: bool = False) -> bool:
        """The inline commands of an item's own text; whether there is one."""
        found = False
        for line in item.head.lines if item.head else ():
            for span, said in commands_in(line, self.seen):
                found = True
                if not dry and self.is_new(span):
                    self.steps.append(self.inline_step(span, title or said, context))
        return found

    def is_new(self, span: Span) -> bool:
        """Whether a command within a sentence is no step elsewhere."""
        return (span.line, span.column, span.text.strip()) not in self.known

    def inline_step(self, span: Span, title: str, context: Context) -> Draft:
        """A step for a command within a sentence."""
        command = span.text.strip()
        query = is_query(command)
        asks = query or sql_starts(command) or bool(_STATEMENT.match(command))
        said = _said(title, span.text) or command
        piece = Piece(
            kind="sql" if asks else "shell",
            text=command,
            line=span.line,
            end_line=span.line,
            title=said,
            language="promql" if query else "",
        )
        return self.from_piece(piece, context, "", span.column)

    def fence(self, block: Block, context: Context, title: str = "") -> None:
        """The commands of a fence, or, where it holds none, its text."""
        fence = block.fence
        if fence is None or (context.condition and fence.language in QUERIES | {"yaml", "yml"}):
            return
        tells = told(fence, self.seen)
        head: Draft | None = None
        group = title or context.group
        for piece in tells.pieces:
            if (piece.line, 0, piece.text) in self.known:
                continue
            step = self.from_piece(piece, context, group)
            if piece.alternative and head is not None:
                step.alternative_to = head
            self.steps.append(step)
            if not piece.alternative and (piece.title or head is None):
                head = step
        if tells.kind or not context.by_hand or is_sample(fence) or is_template(fence):
            return
        if is_procedure(fence):
            for line, above, words in points(fence):
                inside = context._replace(group=above or group)
                self.steps.append(self.by_hand(self.titled(words, inside), line, line, inside))
            return
        text = "\n".join(fence.body).strip()
        if text:
            step = self.by_hand(group or _first_line(text), block.line, block.end_line, context)
            step.command, step.language = text, fence.language or None
            self.steps.append(step)

    def table(self, block: Block, context: Context) -> None:
        """A row is a step where it holds a command or points somewhere, or where a column says what to do."""
        head = [cell.plain for cell in block.children[0].lines] if block.children else []
        telling = any(map(tells_deeds, head))
        for row in block.children[1:]:
            words = [
                cell.plain for cell in row.lines if cell.plain and not any(True for _ in commands_in(cell, self.seen))
            ]
            found = [span for cell in row.lines for span, _ in commands_in(cell, self.seen)]
            title = self.titled(": ".join(word for word in words if not (found and word.isdecimal())), context)
            for span in filter(self.is_new, found):
                self.steps.append(self.inline_step(span, title, context))
            pointer = next((cell for cell in row.lines if SEE.match(cell.plain)), None)
            if not found and pointer is not None:
                said = ": ".join(word for word in words if word != pointer.plain)
                self.steps.append(self.link(said or pointer.plain, pointer, context))
            elif not found and words and telling and context.by_hand:
                self.steps.append(self.by_hand(title, row.line, row.line, context))

    def paragraph(self, block: Block, context: Context) -> None:
        """Inline commands of a paragraph; a sentence of a part that says what to do is a step by hand."""
        found = False
        for line in block.lines:
            for span, said in commands_in(line, self.seen):
                found = True
                if self.is_new(span):
                    self.steps.append(self.inline_step(span, self.titled(said, context), context))
        text = block.plain
        told = context.stage not in (None, "other") or (context.acts_at == block.line and _deed(text))
        if found or not context.by_hand or not told or text.endswith((":", "：")):
            return
        self.steps.append(self.by_hand(self.titled(text, context), block.line, block.end_line, context))

    def titled(self, text: str, context: Context) -> str:
        """The words of a step with the group that it stands in."""
        return f"{context.group}: {text}" if context.group and not text.startswith(context.group) else text

    def by_hand(self, title: str, line: int, end_line: int, context: Context) -> Draft:
        """A step that a human does."""
        bare = title.rsplit(": ", 1)[-1] if context.group else title
        stage = context.stage or stage_by_hand(bare, stage_by_hand(title, context.fallback))
        return Draft(
            kind="manual",
            stage=stage,
            title=title,
            branch=context.branch,
            line=line,
            end_line=end_line,
            placeholders=find_placeholders(title),
        )

    def link(self, title: str, cell: Line, context: Context) -> Draft:
        """A step that is another section or document."""
        found = SEE.match(cell.plain)
        target = (
            next((span.target for span in cell.spans if span.target), "")
            or f"#{slug((found.group(1) if found else cell.plain).strip(_QUOTES))}"
        )
        step = self.by_hand(title, cell.number, cell.number, context)
        step.kind, step.command = "link", target
        return step

    def from_piece(self, piece: Piece, context: Context, group: str, column: int = 0) -> Draft:
        """A step for one piece of a fence, or for a command within a sentence."""
        title = piece.title or group or (piece.text.split("\n", 1)[0] if piece.kind != "manual" else piece.title)
        if piece.kind == "manual":
            title = " · ".join(line.strip() for line in piece.text.split("\n"))
            title = re.sub(r"^(?:\d{1,2}[.):]\s*)", "", title)
        stage = context.stage or stage_by_effect(piece.text, piece.title, piece.language)
        if context.condition and seems_to_change(piece.text):
            stage = stage_by_effect(piece.text, piece.title, piece.language)  # no detection changes anything
        if context.looks and not seems_to_change(piece.text):
            stage = "diagnosis"
        if piece.kind == "manual":
            stage = context.stage or stage_by_hand(title, context.fallback)
        return Draft(
            words=piece.title or piece.text,
            kind=piece.kind,
            stage=stage,
            title=title,
            command=None if piece.kind == "manual" else piece.text,
            language=piece.language or None,
            expected=piece.expected,
            placeholders=find_placeholders(piece.text, command=piece.kind != "manual"),
            branch=nested_branch(context.branch, piece.branch) if piece.branch else context.branch,
            line=piece.line,
            end_line=piece.end_line,
            column=column,
        )

    def finish(self, path: str, taken: Counter[str] | None = None) -> tuple[Step, ...]:
        """The steps with the ids that they keep; ``taken`` are ids that others have already."""
        used: Counter[str] = Counter() if taken is None else taken
        names: dict[Draft | None, str] = {step: step_id(path, step, used) for step in self.steps}
        return tuple(step.step(names[step], names.get(step.alternative_to)) for step in self.steps)


def tells_deeds(column: str) -> bool:
    """Whether the cells below this head say what to do."""
    return bool(_ACTION_COLUMN.search(column)) and not _TIME_COLUMN.search(column)


def _deed(text: str) -> bool:
    """Whether the words behind "Action:" may be something to do, not a time or "none"."""
    return len(text) < _SENTENCE and not _NO_DEED.match(text)


def _said(title: str, command: str) -> str:
    """The words of a sentence around its command; the whole sentence where they are only its end."""
    around = re.sub(r"\s+", " ", title[:300].replace(command, ""))
    said = re.sub(r":\s*(?:or|and)\s+", ": ", around).strip(" :：-–—,.`()")
    said = re.sub(r"(?:^|\s+)(?:or|and|with|via|using|by|then|run|execute)$", "", said, flags=re.IGNORECASE)
    return title[:300].strip(" `") if _ENDING.match(said) else said


def _tells_repair(section: Section) -> bool:
    """Whether a cause has a part of its own about looking or repairing."""
    return any(part.meaning in STAGES and part.meaning != "detection" for part in section.children)


def _head(text: str) -> str:
    return text.rstrip(" :：")


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0].strip()[:120]
