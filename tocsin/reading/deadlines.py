"""Checklists (boxes outside fences) and the limits within which something must be done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import zip_longest

from tocsin.core.runbook import Checklist, Deadline, Text
from tocsin.reading.durations import first_span, in_digits, window
from tocsin.reading.fences import Fence
from tocsin.reading.letters import compiled, hint, unaccented
from tocsin.reading.nodes import Block, Line
from tocsin.reading.numerals import DIGIT
from tocsin.reading.rotations import every_in
from tocsin.reading.sections import Section
from tocsin.reading.vocabulary import meaning, tidy

_TIME = r"\d[\d.,]*(?:\s*(?:-|–|to)\s*\d[\d.,]*)?\s*-?\s*[^\W\d_]+(?:\s+days?)?"
_WITHIN = compiled(
    r"\b(?:within|inside(?: of)?|in under|in less than|(?:no|not) later than|at most|in the (?:first|next)"
    r"|innerhalb(?: von)?|binnen"
    r"|in den (?:ersten|n[äa]chsten)|spätestens (?:nach|in)|dentro de|en menos de|en un plazo(?: máximo)? de"
    r"|antes de(?= \d)"
    r"|en los(?: próximos| siguientes)?"
    r"|en las primeras"
    r"|em menos de|em até|no prazo(?: máximo)? de|nas primeiras|en moins de|dans un délai de|au plus tard|d['’]ici"
    r"|sous|dans les|(?:em )?ate|в течение|в первые|не позднее(?: чем)?(?: через)?"
    r"|протягом|упродовж|впродовж|не пізніше(?: ніж)?(?: через)?|у перші|entro(?: e non oltre)?|nei primi"
    r"|nelle prime|non oltre"
    r"|in\s?[<≤]|prazo de|plazo de|d[ée]lai de|(?:eine|einer) frist von|deadline of|срок до|trong(?: vòng)?|không quá"
    r"|w ciągu|due (?:in|within)|(?:by|до) T\s?\+|(?:deadline|due|frist|plazo|prazo|délai|scadenza|срок|термін|期限"
    r"|기한|마감)\s*[:：]|[:：]?期限は)"
    r"\s*(?<=[\s<≤+:：は])"
    rf"(?:the\s+|las\s+|los\s+|as\s+|os\s+|der\s+|von\s+)?(?:first\s+|next\s+|ersten\s+|primeras\s+"
    rf"|premi[eè]res\s+|le\s+|i\s+)?(?P<span>{_TIME})"
    r"|\b(?:en|em)\s+(?P<hours>\d+\s*(?:h|horas|d[ií]as|heures|jours)\b)"
    r"|(?P<han>\d+\s*个?(?:小时|分钟|天|日|周|工作日|時間|分|営業日|시간|분|일|주)\s*(?:之?内|以内|이내|내에|안에"
    r"|내(?![가-힣])))"
)
_MAY_LIMIT = hint(_WITHIN)
_ALSO = re.compile(
    rf"^[^.;,，;]{{0,25}}?(?:,|，|;|/|\b(?:and|or|und|oder|y|o|e|ou|et)\b|и|или)\s*(?P<span>{_TIME})\s+"
    rf"(?:(?:for|für|bei|para|pour|для)\b|[(（]\s*(?:P\d|SEV\W?\d|low|medium|high|critical|minor|major)\b)",
    re.IGNORECASE,
)
_DUE = compiled(
    r"^(?:deadlines?|due(?: date| by| in)?|timelines?|time ?frames?|time limits?|by when|to be done (?:by|within)"
    r"|target date"
    r"|complete(?:d)? (?:by|within)|frist|fällig\w*|bis wann|termin|échéance|délai|plazo|fecha límite|vencimiento"
    r"|prazo|data limite|срок\w*|期限|截止\w*|完成时间|期日|기한|마감\w*)$"
)
_PAREN = re.compile(r"[(（][^()（）]*[)）]")
_PARTED = re.compile(r"[,;，；、]\s*|\s+/\s+")
_FURTHER = re.compile(rf"\W*(?P<span>{_TIME})[\s:–—-]+(?P<what>[^\W\d_]\S.{{2,80}})")
_OWNER = re.compile(
    r"owner|who|responsib|assign|team|role|lead|wer\b|zuständig|verantwortlich|responsable|responsável|quién|quem"
    r"|qui\b|负责人"
    r"|责任人|担当|담당|ответствен|відповідальн|исполнител",
    re.IGNORECASE,
)
_CLAUSE = compiled(
    r"\b(?:if|when|unless|closes?|recover\w*|response|respond|wenn|falls|sofern|si|lorsque|cuando|quando|se|caso"
    r"|если|ответ\w*)\b[^.]*$|\b(?:is|are|was|were|be|ist|est|es|esta)\s*$"
    r"|(?:如果|若|未|場合|なければ|않으면|없으면|응답)[^。]*$"
)
_COUNTED_IN = compiled(
    r"(?:[<>≥≤]=?|\b(?:(?:more|less|fewer|greater|higher|lower) than|above|below|exceed\w*|at least|mehr als"
    r"|weniger als|über"
    r"|unter|mas de|mais de|menos de|plus de|moins de|supera\w*|больше|более|меньше|менее|выше|ниже|превы\w+|понад"
    r"|більше)"
    r"|超过|超過|大于|低于|少于|초과|미만)\s*\d[^,;:，；、。→—]{0,60}$"
)
_ANSWERS = compiled(r"^\W*(?:respond|reply|answer) to (?:all |any |every |the )?(?:pages?|alerts?|calls?)\b")
_AFTERWARDS = compiled(
    r"post-?\s?mortem|postmortem|\brca\b|retrospe|post-?incident|复盘|ポストモーテム|振り返り|회고|постмортем"
    r"|nachbereitung"
    r"|p[oó]s-incidente"
)
_VERSION = re.compile(
    r"^\[?v?\d+\.\d+(?:\.\d+)*\]?\s*(?:$|[-–—(]\s*(?:\d{4}|unreleased))", re.IGNORECASE
)  # a change log
_HEAD = 120
_SHORT = 2
_LONGEST = 2000  # what stands further right in a line is no limit
_ONE_TIME = re.compile(r"[(（]\s*(\d{1,3}\s*[-–]?\s*[^\W\d_]{1,12})\s*[)）]\W*$")
_COUNTED = re.compile(
    r"\b(?:\d{1,4}|one|two|seven)[- ]?(?=weeks?"
    r"|days?)",
    re.IGNORECASE,
)  # "within 1 week" is no habit
_QUOTED = re.compile(r"^(?:[^\"]*\"[^\"]*\")*[^\"]*\"[^\"]*$|[“„«]([^”“»]*)$")  # a quote that is still open
_SHELL = frozenset({"bash", "sh", "shell", "zsh", "console"})
_REMARK = re.compile(  # a comment of a script that tells people what to do by when
    r"^\s*#[\s#*-]{1,8}(?:\d{1,2}[.)]\s*)?(?:acknowledge|ack|conduct|hold|schedule|file|write|publish|notify|inform"
    r"|report|escalate"
    r"|send|submit|complete)\b.*\d",
    re.IGNORECASE,
)
_AFTER_TIME = compiled(r"^(?:within|after|first|t\+|innerhalb|erste|dentro|primer|premi)")
_LEVEL = compiled(r"^\W*(?:P[0-5]|SEV[- ]?\d|L\d|tier \d|level \d)\b")
_RESPONSE = compiled(  # how fast somebody answers is the severity's affair
    r"response (?:time|target|sla)|time to respond|reaktionszeit|antwortzeit|temps de r[ée]ponse"
    r"|d[ée]lai de r[ée]ponse"
    r"|tiempo de respuesta|tempo de resposta|tempo di risposta|время (?:реакции|ответа|реагирования)|час (?:реакції"
    r"|реагування)"
    r"|响应(?:时间|时限|目标)|対応(?:時間|目標)|応答(?:時間|目標)|初動(?:時間|目標)|(?:処置|回答)時間|(?:응답"
    r"|대응) ?(?:시간|목표)|\brto\b|\brpo\b"
    r"|resolution (?:time|target)|(?:tempo|prazo) de (?:resolu|atendim)|(?:tiempo|plazo) de (?:resoluci|atenci)"
    r"|(?:temps|délai) d(?:e r[ée]solution|['’]intervention)"
    r"|(?:lösungs|wiederherstellungs|entstör)zeit|время (?:решения|устранения|восстановления)|час (?:вирішення"
    r"|усунення)|tempo di risoluzione|解决时(?:间|限)|復旧目標"
    r"|解決(?:時間|目標)|(?:복구|해결) ?(?:시간|목표)"
)
_DOES = compiled(  # "P1: email the guests within an hour": a level's task, and no target of it
    r"^[^:：→]{2,60}(?:[:：]|→)\W*(?:e-?mail|notify|inform|tell|report|file|publish|write|send|submit|post (?:a|an"
    r"|the|on|to)"
    r"|hold|schedule|conduct|notificar|informar|enviar|comunicar|publicar|avisar|envoyer|notifier|informer|publier"
    r"|prevenir|(?:\w+ ){1,5}(?:informieren|melden|benachrichtigen|senden)|уведом\w+|сообщ\w+|отправ\w+|опублик\w+"
    r"|повідом\w+|надісла\w+|gửi|thông báo)\b"
    r"|^[^:：→]{2,60}(?:[:：]|→)\W*[^:：]{0,30}(?:通知|上报|报告|報告|提出|連絡|보고|통보|공지)"
)
_EXPECTS = compiled(  # what a system does by itself: "the queue starts draining within 3 minutes"
    r"^\W*(?:expect\w*|erwart\w+|esperado|resultado|attendu|ожида\w+|очіку\w+|预期|期待|예상)\b|\b(?:arrives?"
    r"|appears?|takes?"
    r"|(?:starts?|begins?|stops?) \w+ing|recovers?|clears?|drops?|returns?|comes? back|restarts?|reboots?"
    r"|reconnects?|resumes?|finishes|completes|becomes \w+|catches up|fails over|propagates?|expires?|fires?"
    r"|refresh\w*"
    r"|(?:should|will|must)(?: then| now)? (?:be (?:back|gone|up|empty|done|complete|healthy|green)|drain|clear"
    r"|recover|return"
    r"|drop|complete|finish|come|reconnect|start|restart|resume|appear|arrive|catch|sync|fall|decrease|converge|heal"
    r"|propagate|expire|normali[sz]e|stabili[sz]e)\w*(?: (?:to normal|up|down|back))?"
    r"|chega|leva|llega|tarda|aparece|erscheint|dauert|arrive|apparait|prend|приходит|занимает"
    r"|поступает)\s*(?:back\s*)?$"
)
_NOT = compiled(
    r"\b(?:every|last|past|previous|response time|update frequency|auto(?!ri[dtz])-?\w+|retention|rto|rpo|sla\b"
    r"|expect\w*"
    r"|targets?:|goals?:|ziel:|objetivo:|objectif\s?:|meta:|цель:)"
)
_NOWHERE = """
template severity escalation thresholds metrics rotation overview
symptoms detection contacts channels causes impact
"""
_SKIP = frozenset(_NOWHERE.split())
_UNTIMED = _SKIP - {"template", "metrics", "symptoms", "detection", "causes"}
_LISTED = re.compile(r"\s*\d{1,2}[.)]\s+\S+ \S+ \S")
_TIMING = re.compile(r"^(?:time|dauer|zeit|tiempo|tempo|temps|durée|время|时间|時間|시간)\b")


def checklists(root: Section) -> tuple[Checklist, ...]:
    """The boxes of each section."""
    found: list[Checklist] = []
    for section in root.walk():
        boxes = tuple(_boxes(section.blocks))
        if boxes:
            limit = _limit(section)
            found.append(
                Checklist(
                    title=tidy(section.title) or "Checklist",
                    items=boxes,
                    deadline_hours=limit,
                    line=section.line,
                    conditional=section.conditional,
                )
            )
    return tuple(found)


def _boxes(blocks: tuple[Block, ...]) -> Iterator[Text]:
    for block in blocks:
        if block.kind == "item" and block.checked is not None:
            yield Text(text=block.text, line=block.line)
        yield from _boxes(block.children)


def _limit(section: Section) -> float | None:
    for title in (section.title, *reversed(section.trail)):
        found = _heading_hours(title)
        if found is not None:
            return found
    return None


def _heading_hours(title: str) -> float | None:
    frame = window(title)
    if frame is None or _habit(title) or _RESPONSE.search(unaccented(title)):
        return None  # "Monthly (first day, 1 h)" is a habit
    return _hours(frame[1])


def _habit(title: str) -> bool:
    """Whether a heading says how often something is done, not until when."""
    return bool(every_in(_COUNTED.sub("", title)))


def deadlines(root: Section) -> tuple[Deadline, ...]:
    """Every limit, in the order of the document: windows of phases, "within 48 hours", "Within 24 hours:" headings."""
    found: list[Deadline] = []
    for section in root.walk():
        message = section.meaning == "template" or any(meaning(title) == "template" for title in section.trail[1:])
        skipped = (message and not _shows_fence(section)) or any(
            meaning(title) == "escalation" for title in section.trail[1:]
        )
        skipped = skipped or (section.label and bool(_RESPONSE.search(unaccented(section.title))))
        skipped = skipped or any(_VERSION.match(title) for title in section.trail)
        hours = _heading_hours(section.title)
        later = _after_incident(section) if hours is None and not skipped else None
        if later is not None:
            found.append(Deadline(what=_what(section), hours=later, line=section.line))
        own = list(_of_blocks(section.blocks)) if not skipped and (section.meaning not in _SKIP or message) else []
        framed = hours is not None and _WITHIN.search(unaccented(_PAREN.sub("", section.title)))
        said = framed and any(one.hours == hours for one in own)  # a point below says the heading's limit in full
        if hours is not None and not skipped and not said and section.meaning not in _UNTIMED and _is_task(section):
            found.append(Deadline(what=_what(section), hours=hours, line=section.line))
        if section.label and _TIMING.match(tidy(section.title).casefold()):
            span = first_span(section.title) or first_span(section.text)
            if span and span.low != span.high:
                found.append(
                    Deadline(
                        what=section.trail[-1] if section.trail else "Phase", hours=_hours(span.high), line=section.line
                    )
                )
        found += own
    return tuple({(one.hours, one.line): one for one in reversed(found)}.values())[::-1]


def _after_incident(section: Section) -> float | None:
    """The hours of "Short term (24 h)" with things to do, below a heading about what follows an incident."""
    found = _ONE_TIME.search(section.title)
    afterwards = bool(found) and any(meaning(title) == "postmortem" for title in section.trail[1:])
    span = first_span(found.group(1)) if found and afterwards and not _habit(section.title) else None
    return _hours(span.high) if span and span.high >= 60 and _has_tasks(section) else None


def _shows_fence(section: Section) -> bool:
    """Whether the message to send is fenced, so that the words around it are for the reader."""
    return any(block.kind == "fence" for block in section.blocks)


def _is_task(section: Section) -> bool:
    """Whether a heading with a window announces things to do, not a level or a start mark ("T+60")."""
    frame = window(section.title)
    return not _LEVEL.match(section.title) and _has_tasks(section) and frame is not None and frame[0] != frame[1]


def _has_tasks(section: Section) -> bool:
    return any(block.kind in ("list", "fence", "table") for block in section.everything()) or bool(section.children)


def _what(section: Section) -> str:
    title = re.sub(r"\s*[(（][^()（）]*[)）]\s*$", "", tidy(section.title))
    title = re.sub(r"^(?:step|phase|stage)\s*\d+\w?\s*[:：.–—-]\s*(?=\S)", "", title, flags=re.IGNORECASE)
    if _AFTER_TIME.match(unaccented(title)) and DIGIT.search(in_digits(title)) and section.trail:
        return f"{tidy(section.trail[-1])}: {title}"
    return title


def _of_blocks(blocks: tuple[Block, ...]) -> Iterator[Deadline]:
    for block in blocks:
        for line, below in zip_longest(block.lines, block.lines[1:]) if block.kind == "paragraph" else ():
            yield from _of_line(line.plain, line.number, below.plain if below else "")
        if block.kind == "item" and block.rest and block.head:
            yield from _of_opening(block, block.head.lines[0])
        elif block.kind == "table":
            yield from _of_table(block)
            yield from _of_rows(block)
        elif block.fence:
            yield from _of_fence(block.fence)
        if block.kind != "table":
            yield from _of_blocks(block.children)


def _of_opening(item: Block, lead: Line) -> Iterator[Deadline]:
    """A bold point with a window and things to do below it: ``**Immediate** (< 5 minutes)``."""
    frame = window(lead.plain) if any(span.strong for span in lead.spans) and _opens_bold(lead) else None
    if (
        frame
        and frame[1] >= 1
        and not _RESPONSE.search(unaccented(lead.plain))
        and any(child.kind in ("list", "fence") for child in item.rest)
        and not _LEVEL.match(lead.plain)
    ):
        yield Deadline(what=re.sub(r"\s*[(（].*$", "", lead.plain), hours=_hours(frame[1]), line=item.line)


def _of_fence(fence: Fence) -> Iterator[Deadline]:
    """The lines of a list in a fence, and the comments of a script that tell people what to do."""
    script = fence.language.lower() in _SHELL
    if not script and not _is_prose(fence):
        return
    for number, text in enumerate(fence.body, fence.first):
        if not script or _REMARK.match(text):
            yield from _of_line(text.strip(" #-*") if script else text.strip(), number)


def _is_prose(fence: Fence) -> bool:
    """Whether an untagged fence is a numbered list of things to do, not a message or a sample."""
    told = [text for text in fence.body if _LISTED.match(text)]
    return fence.language in ("", "text", "txt") and len(told) > 2 and len(told) * 2 > sum(map(bool, fence.body))


def _of_table(table: Block) -> Iterator[Deadline]:
    """A column that says until when, beside one that says what."""
    head = [tidy(cell.plain) for cell in table.children[0].lines] if table.children else []
    due = next((index for index, cell in enumerate(head) if _DUE.match(unaccented(cell))), None)
    if due is None or len(head) < 2:
        return
    for row in table.children[1:]:
        cells = [cell.plain for cell in row.lines]
        span = first_span(in_digits(cells[due])) if due < len(cells) else None
        if (
            span is None
            or _LEVEL.match(cells[0])
            or _WITHIN.search(unaccented(cells[due]))
            or _NOT.search(unaccented(cells[due]))
        ):
            continue
        what = cells[due - 1] if due else next(iter(cells[1:]), "")
        further = [found for part in _PARTED.split(cells[due])[1:] if (found := _FURTHER.match(in_digits(part)))]
        if due > 1 and _OWNER.search(head[due - 1]):
            what = cells[0] if len(cells[0]) > 3 or due < 3 else cells[1]  # a number may stand in front
        yield Deadline(what=what, hours=_hours(span.high), line=row.line)
        for part in further:  # "24 hours early warning, 72 hours full report"
            later = first_span(part.group())
            if later:
                yield Deadline(what=f"{what}: {part.group('what')}", hours=_hours(later.high), line=row.line)


def _of_rows(table: Block) -> Iterator[Deadline]:
    """The limits that cells state themselves; a column of response times or targets holds none."""
    head = [unaccented(cell.plain) for cell in table.children[0].lines] if table.children else []
    skipped = {index for index, cell in enumerate(head) if _RESPONSE.search(cell)}
    for row in table.children:
        cells = [cell.plain for cell in row.lines]
        for index, cell in enumerate(cells):
            for one in _of_line(cell, row.line) if index not in skipped or row is table.children[0] else ():
                beside = next((text for text in (*cells[:index], *cells[index + 1 :]) if text), "")
                told = _AFTER_TIME.match(unaccented(one.what)) and DIGIT.search(one.what) and beside
                yield replace(one, what=beside) if told else one


def _opens_bold(line: Line) -> bool:
    """Whether a line is a bold title with its window: ``**Immediate** (< 5 minutes)``."""
    return bool(line.spans and line.spans[0].strong)


def _of_line(plain: str, number: int, onward: str = "") -> Iterator[Deadline]:
    """The limits that begin in a line; the words ``onward`` may end one: "within 5 business" / "days"."""
    for what, hours in _limits(plain, " ".join(onward[:60].split()[:3])):
        yield Deadline(what=what, hours=hours, line=number)


@lru_cache(maxsize=4096)
def _limits(plain: str, onward: str) -> tuple[tuple[str, float], ...]:
    """What is to be done, and within how many hours."""
    text = in_digits(plain[:_LONGEST])
    own = len(text)
    text = in_digits(f"{text} {onward}" if onward else text)
    if not DIGIT.search(text):
        return ()
    bare = unaccented(text)
    if not _MAY_LIMIT(bare):
        return ()
    level = _LEVEL.match(text)
    if level and not (_AFTERWARDS.search(bare) or _DOES.search(bare[:_HEAD])):
        return ()
    limits: list[tuple[str, float]] = []
    for found in _WITHIN.finditer(bare):
        before = text[: found.start()]
        if found.start() >= own or _RESPONSE.search(bare[:80]):
            break
        if _NOT.search(bare[max(0, found.start() - 30) : found.end()]) or _QUOTED.search(before):
            continue
        told = [found.group("span") or found.group("hours") or found.group("han")]
        more = _ALSO.match(bare[found.end() :])
        for span in map(first_span, [*told, more.group("span")] if more else told):
            governed = _CLAUSE.search(bare[: found.start()]) and not _ANSWERS.match(bare)
            if _COUNTED_IN.search(bare[: found.start()]):
                break  # "more than 50 guests within 5 minutes" is a limit of another kind
            if span and span.high >= 1 and not governed and not _EXPECTS.search(bare[: found.start()]):
                what = before.strip(" (-–—,:、，")
                limits.append((what if len(what) > _SHORT else text, _hours(span.high)))
    return tuple(limits)


def _hours(minutes: float) -> float:
    hours = round(minutes / 60, 3)
    return int(hours) if hours == int(hours) else hours
