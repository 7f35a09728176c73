"""A procedure that somebody wrote into a fence of plain words: "STEP 1: Assess" with points below it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.reading.fences import Fence
from tocsin.reading.natures import TEXTUAL

_STEP = re.compile(
    r"^\s*(?:step|phase|stage|schritt|paso|passo|etapa|étape|fase|шаг|этап|步骤|阶段|ステップ|手順|단계)\s*\d{1,2}\b"
    r"\s*[:：.)—–-]?\s*(?P<title>.{0,120}?)\s*(?:[(（][^()（）]{0,40}[)）])?\s*[:：]?\s*$",
    re.IGNORECASE,
)
_POINT = re.compile(r"^\s*(?:[-*•▪☐]\s+|\d{1,2}[.)]\s+|[a-z][.)]\s+)(?:\[[ xX]?\]\s*)?(?P<text>\S.{1,400}?)\s*$")


def is_procedure(fence: Fence) -> bool:
    """Whether a fence of plain words numbers its steps, and says below them what to do."""
    if fence.language not in TEXTUAL:
        return False
    steps = sum(_STEP.match(line) is not None for line in fence.body)
    return steps > 1 and sum(_POINT.match(line) is not None for line in fence.body) >= steps


def points(fence: Fence) -> Iterator[tuple[int, str, str]]:
    """The line, the step and the words of everything to do; a step without points is one itself."""
    title, line, told = "", 0, True
    for number, text in enumerate(fence.body, fence.first):
        step, point = _STEP.match(text), _POINT.match(text)
        if step:
            if not told and title:
                yield line, "", title
            title, line, told = step.group("title"), number, False
        elif point and line:
            told = True
            yield number, title, point.group("text")
    if not told and title:
        yield line, "", title
