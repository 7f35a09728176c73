"""The document as a tree of headings; bold labels are sections too, one floor below every heading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tocsin.ids import slug
from tocsin.reading.conditions import is_condition
from tocsin.reading.letters import compiled, fold
from tocsin.reading.nodes import Block, Document, Line, Span, kept, lines_of
from tocsin.reading.vocabulary import PARTS, Meaning, is_phase, meaning, tidy

LABEL = 7  # the level of a bold label: below H6
_LONGEST_LABEL = 90
_LONGEST_NAME = 60
_MOST_LABELS = 12
_SENTENCE_END = re.compile(r"[.!?。！？,;]$")
_WORD = re.compile(r"\w")
# Names of parts of a scenario as nouns: a verb in front of a colon ("Check: …") may be an instruction.
_PART_NAME = compiled(
    r"(?:symptoms?|signs?|what (?:you|users|customers) (?:see|notice)|how to (?:fix|resolve|repair)(?: it)?"
    r"|what to do|steps?"
    r"|actions?|detection|triggers?|(?:likely |probable |possible |root )?causes?|impact|diagnosis|mitigation"
    r"|resolution|remedy|solution|fix|workaround"
    r"|symptome?|anzeichen|erkennung|auslöser|(?:mögliche )?ursachen?|auswirkung(?:en)?|diagnose|lösung|behebung"
    r"|abhilfe"
    r"|síntomas?|detección|causas?(?: (?:posibles?|probables?|raíz))?|impacto|diagnóstico|mitigación|solución"
    r"|resolución"
    r"|corrección|remedio|correção|resolução|paliativo|correctifs?|correction|remède|causes? (?:probables?|possibles?)"
    r"|sintomas?|detecção|mitigação|solução|resolução|symptômes?|détection|déclencheur|diagnostic|atténuation"
    r"|résolution"
    r"|симптомы?|обнаружение|причин[аы]|влияние|диагностика|решение|устранение"
    r"|症状|现象|故障现象|检测|触发条件|原因|影响|诊断|排查|处理|处理方法|解决|解决方法|解决方案|缓解"
    r"|現象|検知|検知方法|影響|診断|対応|対処|対策|対応手順|復旧|復旧手順|解決策"
    r"|증상|현상|감지|원인|영향|진단|조치|대응|해결|해결 ?방법|복구)\s*[:：]\s*(?=\S)",
    folded=True,
)
_COLON_BEHIND = re.compile(r"\s*(?:[(（][^()（）]{0,60}[)）]\s*)?[:：](?!//)\s*")
# Labels that state a fact in the same line, and those that say what to do.
_FACTS: frozenset[Meaning] = frozenset({"impact", "severity", "detection", "symptoms", "causes", "overview"})
_REMEDIES: frozenset[Meaning] = frozenset({"mitigation", "resolution", "actions"})
_REMARK = re.compile(r"[(（][^()（）]{0,60}[)）]")


@dataclass(frozen=True, kw_only=True, eq=False)
class Section:
    """A heading or label with what stands under it.

    ``trail``: the headings above it, from the top. ``means``: what its place says it holds, where its words say else.
    """

    title: str
    line: int
    level: int
    blocks: tuple[Block, ...] = ()
    children: tuple[Section, ...] = ()
    trail: tuple[str, ...] = ()
    heading: Line | None = None
    means: Meaning | None = None

    @property
    def label(self) -> bool:
        """Whether it is a bold label, not a heading."""
        return self.level >= LABEL

    @kept
    def meaning(self) -> Meaning | None:
        """What its title says it holds."""
        return self.means or meaning(self.title)

    @kept
    def conditional(self) -> bool:
        """Whether its title is a condition ("If the cache is down"), not a part's name ("When this fires")."""
        return is_condition(self.title) and self.meaning not in ("detection", "verification")

    @kept
    def slug(self) -> str:
        """Its title as part of an id."""
        return slug(tidy(self.title)) or f"line-{self.line}"

    @property
    def end_line(self) -> int:
        """The last line of its text."""
        below = (child.end_line for child in self.children)
        return max([self.line, *(block.end_line for block in self.blocks), *below])

    @property
    def text(self) -> str:
        """Its own paragraphs as one text."""
        return " ".join(block.plain for block in self.blocks if block.kind == "paragraph")

    @kept
    def lines(self) -> tuple[Line, ...]:
        """Every line of text in its own blocks, cells and list items included, fences excluded."""
        return tuple(lines_of(self.blocks))

    @kept
    def has_code(self) -> bool:
        """Whether a fence or inline code stands in its own blocks."""
        return any(block.has_code for block in self.blocks)

    @kept
    def has_code_below(self) -> bool:
        """Whether a fence or inline code stands in it or in a section below it."""
        return self.has_code or any(child.has_code_below for child in self.children)

    def walk(self) -> Iterator[Section]:
        """It and all sections below it, in the document's order."""
        return iter(self._all)

    @kept
    def _all(self) -> tuple[Section, ...]:
        return (self, *(section for child in self.children for section in child._all))  # noqa: SLF001  (its own kind)

    def headings(self) -> tuple[Section, ...]:
        """The headings directly below it."""
        return tuple(child for child in self.children if not child.label)

    def everything(self) -> Iterator[Block]:
        """The blocks of it and of all sections below it."""
        for section in self.walk():
            yield from section.blocks


def outline(document: Document) -> Section:
    """The whole document as one section of level 0."""
    flat = list(_with_parts([piece for block in document.blocks for piece in _pieces(block)]))
    root, rest = _grow(Section(title="", line=1, level=0), flat, 0)
    return root if rest >= len(flat) else replace(root, blocks=(*root.blocks, *_only_blocks(flat[rest:])))


def _only_blocks(flat: list[Section | Block]) -> list[Block]:
    return [piece for piece in flat if isinstance(piece, Block)]


def _grow(section: Section, flat: list[Section | Block], at: int, above: tuple[str, ...] = ()) -> tuple[Section, int]:
    """The section with what belongs to it from ``flat[at:]`` and the titles ``above`` it, and where the next begins."""
    blocks: list[Block] = []
    children: list[Section] = []
    trail = (*above, section.title) if section.title else above
    while at < len(flat):
        piece = flat[at]
        if isinstance(piece, Block):
            if _ends_fact(section, blocks, piece):
                break
            blocks.append(piece)
            at += 1
        elif piece.level > section.level:
            child, at = _grow(piece, flat, at + 1, trail)
            children.append(child)
        else:
            break
    grown = Section(
        title=section.title,
        line=section.line,
        level=section.level,
        blocks=tuple(blocks),
        children=_announced(_nested(children, trail), section.level),
        trail=above,
        heading=section.heading,
    )
    return grown, at


def _nested(children: list[Section], trail: tuple[str, ...]) -> tuple[Section, ...]:
    """An empty label ("Immediate Actions:") takes in the conditions that follow it ("For P0:", "If …:")."""
    done: list[Section] = []
    for child in children:
        above = done[-1] if done else None
        opens = (
            above is not None
            and above.label
            and not above.conditional
            and not above.blocks
            and above.meaning is not None
        )
        if above is not None and opens and child.label and child.conditional:
            inner = replace(child, level=child.level + 1, trail=(*trail, above.title))
            done[-1] = replace(above, children=(*above.children, inner))
        else:
            done.append(child)
    return tuple(done)


def _ends_fact(section: Section, blocks: list[Block], block: Block) -> bool:
    """Whether numbered steps follow a label that already said its fact ("**Impact:** no bread"): not its own."""
    return (
        block.number is not None
        and block.kind == "list"
        and section.label
        and len(blocks) == 1
        and blocks[0].kind == "paragraph"
        and blocks[0].line == section.line
        and not blocks[0].plain.endswith((":", "："))
        and section.meaning in _FACTS
    )


def _with_parts(flat: list[Section | Block]) -> Iterator[Section | Block]:
    """The pieces, with a list below a failure whose points are its parts ("- Symptom: …", "- Fix: …") cut into them."""
    plain = False
    for piece in flat:
        if isinstance(piece, Section):
            plain = meaning(piece.title) is None if not piece.label else plain
        elif plain and piece.kind == "list" and piece.number is None:
            parts = _parted(piece)
            if parts:
                yield from parts
                continue
        yield piece


def _parted(block: Block) -> list[Section | Block]:
    """A list's points as labels, where each begins with the name of a part, a sign and a remedy among them."""
    pieces: list[Section | Block] = []
    told: set[Meaning | None] = set()
    for item in block.children:
        line = item.head.lines[0] if item.head and item.checked is None else None
        found = (_plainly_labelled(line) or labelled(line)) if line is not None else []
        if item.head is None or not found or not _PART_NAME.match(fold(f"{found[0][0]}: x")):
            return []
        told.add(meaning(found[0][0]))
        pieces.append(Section(title=found[0][0], line=item.line, level=LABEL))
        pieces += _paragraph([*(rest for _, rest in found if rest.plain), *item.head.lines[1:]])
        pieces += item.rest
    return pieces if told & {"symptoms", "causes", "detection"} and told & _REMEDIES else []


def _announced(children: tuple[Section, ...], level: int) -> tuple[Section, ...]:
    """The headings behind an empty label ("Causes and fixes:") hold what it announces, unless they say else."""
    if level < 2 or not any(_empty_label(child) for child in children):
        return children
    done: list[Section] = []
    means: Meaning | None = None
    for child in children:
        if child.label:
            means = child.meaning if _empty_label(child) and child.meaning in PARTS else None
        elif child.meaning is not None or child.conditional:
            means = None
        done.append(replace(child, means=means) if means and not child.label else child)
    return tuple(done)


def _empty_label(section: Section) -> bool:
    return section.label and not section.blocks and not section.children


def _pieces(block: Block) -> list[Section | Block]:
    """A heading, the labels of a paragraph, or the block itself."""
    if block.kind == "heading":
        title = block.plain
        return (
            [Section(title=title, line=block.line, level=block.level, heading=block.lines[0])]
            if _WORD.search(title)
            else []
        )
    if block.kind == "quote":
        return [piece for child in block.children for piece in _pieces(child)]
    if block.kind != "paragraph":
        return [block]
    pieces: list[Section | Block] = []
    running: list[Line] = []
    for line in block.lines:
        for label, rest in _plainly_labelled(line) or labelled(line, alone=len(block.lines) == 1):
            if label:
                pieces += _paragraph(running)
                running = []
                pieces.append(Section(title=label, line=line.number, level=LABEL))
            if rest.plain:
                running.append(rest)
    return pieces + _paragraph(running)


def _plainly_labelled(line: Line) -> list[tuple[str, Line]]:
    """The label of a line that begins with the name of a part, though it isn't bold ("Symptoms: no bread")."""
    start = line.plain[:_LONGEST_NAME] if line.spans and not line.spans[0].strong else ""
    if not (":" in start or "：" in start) or not _PART_NAME.match(fold(start)):
        return []
    end = line.plain.replace("：", ":").index(":")
    return [(line.plain[:end].strip(), line.after(end + 1))]


def _paragraph(lines: list[Line]) -> list[Section | Block]:
    if not lines:
        return []
    return [Block(kind="paragraph", line=lines[0].number, end_line=lines[-1].number, lines=tuple(lines))]


def labelled(line: Line, *, alone: bool = True) -> list[tuple[str, Line]]:
    """The labels of a line with the text after each; a label "" for text without one.

    A label is bold text that begins the line and has a colon at or after its end, or that is the whole line; or a short
    plain line that ends in a colon and says something that we know ("Symptoms:").
    """
    found = bold_lead(line)
    if found is None:
        plain = line.plain
        known = plain.endswith((":", "：")) and len(plain) < 40 and alone and not line.codes
        if known and (meaning(plain) is not None and plain.count(" ") < 3 and not is_condition(plain)):
            return [(plain.rstrip(":： "), replace(line, spans=()))]
        return [("", line)]
    label, rest = found
    pieces: list[tuple[str, Line]] = []
    for _ in range(_MOST_LABELS):
        place = next((index for index in range(1, len(rest.spans)) if _label_at(rest, index)), 0)
        following = bold_lead(replace(rest, spans=rest.spans[place:])) if place else None
        if following is None:
            break
        pieces.append((label, replace(rest, spans=rest.spans[:place])))
        label, rest = following
    return [*pieces, (label, rest)]


def _label_at(line: Line, index: int) -> bool:
    """Whether another label begins in the middle of a line: ``**Severity**: high **Team**: web``."""
    return line.spans[index].strong and not line.spans[index - 1].strong and _colon_after(line.spans, index)


def _colon_after(spans: tuple[Span, ...], index: int) -> bool:
    following = spans[index + 1].text if index + 1 < len(spans) else ""
    return spans[index].text.rstrip().endswith((":", "：")) or following.lstrip().startswith((":", "："))


def bold_lead(line: Line) -> tuple[str, Line] | None:
    """``**Label**: text`` or ``**Label:** text`` → the label and the rest of the line."""
    for span in line.spans:  # most lines have nothing bold
        if span.strong:
            break
    else:
        return None
    if "lead" not in line.memo:
        line.memo["lead"] = _bold_lead(line)
    found: tuple[str, Line] | None = line.memo["lead"]
    return found


def _bold_lead(line: Line) -> tuple[str, Line] | None:
    bold, spans = _bold_start(line)
    label = " ".join("".join([span.text for span in bold]).split())
    if not label or len(label) > _LONGEST_LABEL:
        return None
    rest = Line(number=line.number, spans=tuple(spans))
    following = rest.plain
    if label.endswith((":", "：")):
        return label.rstrip(":： "), rest
    mark = _COLON_BEHIND.match("".join(span.text for span in spans))
    if mark:
        inside = mark.group().strip(" :：\t")
        return (f"{label} {inside}" if inside else label), rest.after(mark.end())
    if not following and not _SENTENCE_END.search(label) and not any(span.code for span in bold):
        return label, rest
    remark = _REMARK.fullmatch(following)
    if remark and (meaning(label) or is_phase(label)):
        return f"{label} {following}", replace(rest, spans=())
    return None


def _bold_start(line: Line) -> tuple[list[Span], list[Span]]:
    """The bold text that a line begins with, an emoji in front left out, and what follows it."""
    spans = [span for span in line.spans if span.text]
    while spans and not spans[0].text.strip(" \t\ufe0f") and not spans[0].code:
        spans.pop(0)
    if spans and not spans[0].strong and not re.search(r"\w", spans[0].text):
        spans.pop(0)  # an emoji
    bold = []
    while spans and spans[0].strong:
        bold.append(spans.pop(0))
    return bold, spans
