"""The operands of a program: each stands in a place of its own, and must be what that place allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tocsin.core.run import Word
from tocsin.safety.effects import leaks, reveals
from tocsin.safety.finding import Finding, unknown, worst
from tocsin.safety.lexer import VARIABLE, show, text_of
from tocsin.safety.parts import Parts, judge_with_parts
from tocsin.safety.rules import say
from tocsin.safety.specs import Spec


def judge_operands(
    spec: Spec, words: Sequence[Word], places: Sequence[int], seen: frozenset[str], parts: Parts
) -> Finding:
    """The finding about these words, which stand at ``places`` of the command; ``seen`` are the options given."""
    if words and spec.operands_if and not spec.operands_if & seen:
        return unknown(
            f"`{spec.name}` with a name and without `{min(spec.operands_if, key=len)}` may make or change something"
        )
    waiting = list(zip(places, words, strict=True))
    findings: list[Finding] = []
    for operand in spec.operands:
        taken, waiting = waiting[: operand.most], waiting[operand.most :]
        if len(taken) < operand.least and not (operand.rule == "url" and "--url" in seen):
            return unknown(f"`{spec.name}` needs more than is given here")
        for place, word in taken:
            findings += _judge(spec, operand.rule, place, word, parts)
            if worst(findings).word != "read":
                return worst(findings)
    if waiting:
        place, word = waiting[0]
        parts.note(place, "operand", "")
        odd = say(text_of(word))
        why = f"`{odd}` is one word more than `{spec.name}` takes where it only reads"
        return unknown(why, fix=f"leave `{odd}` out")
    return worst(findings)


def _judge(spec: Spec, rule: str, place: int, word: Word, parts: Parts) -> list[Finding]:
    text = text_of(word)
    parts.operand(place, rule)
    if text.startswith(VARIABLE) and not spec.variables:
        why = f"`{show(word)}` may turn out to be an option of `{spec.name}`"
        return [unknown(why, fix="name the target: write the value itself")]
    leak = leaks(spec, rule, word)
    if leak:
        return [unknown(f"`{show(word)}` {leak}")]
    found = judge_with_parts(rule, text)
    parts.add(replace(part, at=parts.first + place) for part in found.parts)
    shown = rule == "shown" and reveals(word)
    return [found, Finding("read", traits=("secret",))] if shown else [found]
