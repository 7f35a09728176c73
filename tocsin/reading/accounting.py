"""What became of every line of every fence, told by the decisions that made the steps."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from tocsin.core.runbook import CodeFence, FencePart, Step, Template
from tocsin.reading.commands import told
from tocsin.reading.fences import Fence
from tocsin.reading.natures import nature, whole

Told = tuple[int, str]


def account(
    fences: Iterable[Fence],
    hidden: Iterable[Fence],
    steps: Iterable[Step],
    templates: Iterable[Template],
    seen: frozenset[str],
) -> tuple[CodeFence, ...]:
    """Every fence and indented block of code with its parts, in order; a line with text is in exactly one part."""
    claimed = {(step.line, step.command or "") for step in steps if step.runnable}
    filled = {template.line for template in templates}
    found = [_code_fence(fence, _parts(fence, claimed, filled, seen)) for fence in fences]
    found += [_code_fence(fence, whole(fence, "comment")) for fence in hidden]
    return tuple(sorted(found, key=lambda fence: fence.line))


def _code_fence(fence: Fence, parts: tuple[FencePart, ...]) -> CodeFence:
    line = fence.line if fence.marked else fence.first
    return CodeFence(line=line, end_line=max(line, fence.end_line), language=fence.language, parts=parts)


def _parts(
    fence: Fence, claimed: Collection[Told], filled: Collection[int], seen: frozenset[str]
) -> tuple[FencePart, ...]:
    if fence.line in filled:
        return whole(fence, "template")
    tells = told(fence, seen)
    if tells.kind == "":
        return nature(fence, seen)
    if any((piece.line, piece.text) in claimed for piece in tells.pieces):
        return tells.parts
    # commands that are no steps: the condition of an alert
    return tuple(replace(part, role="query") if part.role == "command" else part for part in tells.parts)
