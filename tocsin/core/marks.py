"""What Tocsin says of each element of a runbook, in a word and a half sentence; one wording for terminal and page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from tocsin.core.runbook import (
    Channel,
    Checklist,
    Contact,
    Criterion,
    Deadline,
    Escalation,
    FencePart,
    Link,
    Phase,
    Procedure,
    Repair,
    Review,
    Rotation,
    Rule,
    Scenario,
    Severity,
    Step,
    Template,
    Text,
    Threshold,
)
from tocsin.core.triggers import Trigger
from tocsin.times import say_duration

MarkKind = Literal[
    "severity", "scenario", "phase", "procedure", "condition", "rule", "target", "symptom", "cause", "step", "gap",
    "criterion", "follow-up", "escalation", "contact", "rotation", "channel", "checklist", "box", "deadline",
    "question", "template", "fence", "review", "link", "repair",
]  # fmt: skip
Tone = Literal["quiet", "plain", "accent", "good", "ask", "bad"]

_LONGEST = 160
_LISTED = 4
_VERDICTS: dict[str, tuple[str, Tone]] = {
    "read": ("read-only", "good"),
    "change": ("changes state", "ask"),
    "unknown": ("not proved", "ask"),
}
_BY_HAND: dict[str, tuple[str, Tone]] = {
    "manual": ("by hand", "plain"),
    "link": ("elsewhere", "plain"),
    "set": ("no effect here", "plain"),
}
VERDICTS = tuple(word for word, _ in (*_VERDICTS.values(), *_BY_HAND.values()))
"""Every word that `verdict` can say."""
_CLOCKS = {
    "unresolved": "unresolved",
    "unavailable": "unavailable",
    "estimate": "by estimate",
    "unacknowledged": "unacknowledged",
}
_TEMPLATES = {
    "initial": "the first message",
    "update": "an update",
    "resolution": "the all-clear",
    "postmortem": "the post-mortem",
    "record": "the incident's record",
    "other": "a text to fill in",
}
_ROLES: dict[str, tuple[str, str]] = {
    "command": ("command", "of no step"),
    "comment": ("comment", ""),
    "setting": ("setting", "not run"),
    "output": ("output", "what a command prints"),
    "template": ("template", "a text to fill in"),
    "diagram": ("drawing", ""),
    "query": ("query", "not run"),
    "code": ("code", "not run"),
    "text": ("text", ""),
    "unknown": ("not understood", ""),
}
_LINKS = {"file": "a file", "url": "a web page", "anchor": "a part of this document", "alert": "an alert"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What was made of a passage: ``label`` is a word or two for a badge, ``text`` goes on from it, ``facts`` follow.

    ``ref`` is the element's id, or whom an escalation draws in. All texts are in one line and of bounded length.
    """

    kind: MarkKind
    label: str
    text: str = ""
    facts: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    why: str = ""
    line: int
    end_line: int
    tone: Tone = "plain"
    ref: str = ""


def count(number: int, one: str, many: str = "") -> str:
    """``no steps``, ``1 step``, ``2 steps``."""
    return f"{number or 'no'} {one if number == 1 else many or one + 's'}"


def span(minutes: float) -> str:
    """``5 min``, ``48 h``, ``1 h 30 min``: as people write it."""
    try:
        near = round(minutes)
        exact = near if abs(minutes - near) < 0.05 else minutes
        if 60 <= exact <= 72 * 60 and exact % 60 == 0:
            return f"{exact // 60} h"
        return say_duration(timedelta(minutes=exact))
    except (OverflowError, ValueError):
        return f"{minutes:g} min"


def verdict(step: Step) -> tuple[str, Tone]:
    """What is proved about a step's command, in a word, with its tone; without a command, who does it."""
    return _BY_HAND.get(step.kind) or _VERDICTS[step.verdict]


def named(kind: MarkKind, line: int, text: str = "", tone: Tone = "quiet") -> Mark:
    """A mark that says little more than what kind of thing stands there."""
    return Mark(kind=kind, label=kind, text=text, line=line, end_line=line, tone=tone)


def of_severity(level: Severity) -> Mark:
    """A level of the scale."""
    minutes = level.response_minutes
    answer = None if minutes is None else f"answer within {span(minutes)}" if minutes else "answer at once"
    name = _joined(level.name, level.title)
    return _mark("severity", "severity", name, level.line, answer, tone="accent", ref=level.name)


def of_scenario(part: Scenario) -> Mark:
    """A kind of failure: how alerts find it, and how much it holds."""
    alerts = f"alert {_listed(part.alerts)}" if part.alerts else None
    steps = count(len(part.steps), "step")
    return _mark(
        "scenario", "scenario", part.title, part.line, part.severity, alerts, steps, tone="accent", ref=part.id
    )


def of_phase(part: Phase) -> Mark:
    """A phase of the process with its window."""
    window, start, end = None, part.from_minutes, part.to_minutes
    if end is not None:
        window = f"{span(start) if start else 0} to {span(end)}"
    elif start is not None:
        window = f"from {span(start)} on"
    steps = count(len(part.steps), "step")
    return _mark("phase", "phase", window or "", part.line, steps, tone="accent", ref=part.id)


def of_procedure(part: Procedure) -> Mark:
    """Steps that belong to no scenario."""
    return _mark("procedure", "procedure", "", part.line, count(len(part.steps), "step"), tone="accent", ref=part.id)


def of_condition(condition: Text, steps: int) -> Mark:
    """A condition, over so many steps of its own."""
    over = f"over {count(steps, 'step')}" if steps else ""
    return _mark("condition", "condition", over, condition.line, tone="accent")


def of_rule(rule: Rule) -> Mark:
    """What fires an alert."""
    lasting = f" for {span(rule.for_minutes)}" if rule.for_minutes is not None else ""
    return _mark("rule", "fires", threshold(rule) + lasting, rule.line, rule.severity, tone="bad")


def of_trigger(trigger: Trigger) -> Mark:
    """What nothing measures, and somebody or something declares."""
    return _mark("rule", "declared", trigger.text, trigger.line, trigger.severity, tone="bad")


def of_target(target: Threshold) -> Mark:
    """What is wanted, and fires nothing."""
    return _mark("target", "target", threshold(target), target.line, tone="good")


def threshold(value: Threshold) -> str:
    """``error rate > 5 %``."""
    return _compared(value.metric, value.op, value.value, value.unit)


def of_step(step: Step, *, alternative_line: int = 0, alone: bool = True) -> Mark:
    """A thing to do. Where it is ``alone`` on its line, words that stand there are not said again."""
    label, tone = verdict(step)
    command = step.command or ""
    own = step.title.rstrip(" \\") != command.partition("\n")[0].rstrip(" \\") and (command or not alone)
    title = step.title if own else "" if alone else command
    facts = (
        None if step.stage == "other" else step.stage,
        f"under “{_short(step.branch, 80)}”" if step.branch else None,
        f"instead of line {alternative_line}" if alternative_line else None,
        f"expected: {step.expected}" if step.expected else None,
    )
    return Mark(
        kind="step", label=label, text=_short(title), facts=tuple(_short(fact) for fact in facts if fact),
        traits=step.traits, why=_short(step.why, 400) if command else "", line=step.line, end_line=step.end_line,
        tone=tone, ref=step.id,
    )  # fmt: skip


def of_gap(text: str, kind: str, line: int) -> Mark:
    """A gap that must be filled before a command runs."""
    return _mark("gap", "to fill in", text, line, kind or None, tone="ask")


def of_criterion(criterion: Criterion) -> Mark:
    """What must hold before the incident counts as recovered."""
    holds = "somebody confirms it"
    if criterion.metric and criterion.op and criterion.value is not None:
        holds = _compared(criterion.metric, criterion.op, criterion.value, criterion.unit)
    watched = f"for {span(criterion.watch_minutes)}" if criterion.watch_minutes is not None else None
    return _mark("criterion", "recovered when", holds, criterion.line, watched, tone="good")


def of_escalation(rung: Escalation) -> Mark:
    """Who is drawn in, and when."""
    after = "on somebody's word"
    if rung.after_minutes is not None:
        clock = f" {_CLOCKS[rung.clock]}" if rung.clock else ""
        after = "at once" if rung.after_minutes == 0 else f"after {span(rung.after_minutes)}{clock}"
    who = rung.to or "nobody is named"
    levels = _listed(rung.severities) or None
    return _mark(
        "escalation", "escalates", who, rung.line, after, levels, tone="accent" if rung.to else "bad", ref=rung.to or ""
    )


def of_contact(contact: Contact) -> Mark:
    """A role, and what is known and not known of it."""
    ways = [_short(way, 80) for way in (contact.name, contact.chat, contact.email, contact.phone) if way]
    missing = f"not filled in: {_listed(contact.unfilled)}" if contact.unfilled else None
    tone: Tone = "bad" if contact.unfilled else "accent" if ways else "plain"
    return _mark("contact", "contact", contact.role, contact.line, *ways, missing, tone=tone, ref=contact.role)


def of_rotation(rotation: Rotation) -> Mark:
    """How the duty changes hands."""
    covered = (_joined(_listed(each.severities), each.hours) for each in rotation.coverage[:_LISTED])
    return _mark("rotation", "rotation", f"every {rotation.every}", rotation.line, *covered, tone="accent")


def of_channel(channel: Channel) -> Mark:
    """Where messages go."""
    levels = _listed(channel.severities) or "all severities"
    return _mark("channel", "channel", f"{channel.kind} {channel.address}", channel.line, levels, tone="accent")


def of_checklist(checklist: Checklist) -> Mark:
    """Boxes to tick."""
    hours = checklist.deadline_hours
    limit = f"within {span(hours * 60)}" if hours is not None else None
    return _mark(
        "checklist", "checklist", count(len(checklist.items), "box", "boxes"), checklist.line, limit, tone="accent"
    )


def of_deadline(deadline: Deadline) -> Mark:
    """Something that must be done in time."""
    return _mark(
        "deadline", "deadline", f"within {span(deadline.hours * 60)}", deadline.line, deadline.what, tone="accent"
    )


def of_template(template: Template, end_line: int) -> Mark:
    """A text that is filled in."""
    fields = f"{count(len(template.fields), 'gap')}: {_listed(template.fields)}" if template.fields else None
    made = _mark(
        "template", "template", _TEMPLATES[template.kind], template.line, fields, tone="accent", ref=template.id
    )
    return _until(made, end_line)


def of_fence_part(part: FencePart) -> Mark:
    """What lines of a fence are."""
    label, text = _ROLES[part.role]
    made = _mark("fence", label, text, part.line, tone="bad" if part.role == "unknown" else "quiet", ref=part.role)
    return _until(made, part.end_line)


def of_review(review: Review) -> Mark:
    """How the document is kept up to date."""
    last = f"last on {review.last}" if review.last else None
    following = f"next on {review.next}" if review.next else None
    every = f"every {review.every}" if review.every else ""
    return _mark("review", "review", every, review.line, last, following, tone="accent")


def of_occasion(trigger: Text) -> Mark:
    """On what the document is to be read again."""
    return _mark("review", "review due", trigger.text, trigger.line, tone="accent")


def of_link(link: Link) -> Mark:
    """A reference, and whether it leads somewhere, where that was looked up."""
    there = {True: "it is there", False: "not there", None: None}[link.exists]
    return _mark("link", "link", _LINKS[link.kind], link.line, there, tone="bad" if link.exists is False else "quiet")


def of_repair(repair: Repair) -> Mark:
    """A passage that is shown mended."""
    changed = f"“{_short(repair.before, 60)}” → “{_short(repair.after, 60)}”"
    return _mark("repair", "mended", changed, repair.line, repair.what, tone="ask")


def _mark(
    kind: MarkKind, label: str, text: str, line: int, *facts: str | None, tone: Tone = "plain", ref: str = ""
) -> Mark:
    kept = tuple(_short(fact) for fact in facts if fact)
    return Mark(kind=kind, label=label, text=_short(text), facts=kept, line=line, end_line=line, tone=tone, ref=ref)


def _compared(metric: str, op: str, value: float, unit: str | None) -> str:
    measured = f" {_short(unit, 20)}" if unit and unit not in ("count", "ratio") else ""
    return f"{_short(metric)} {op} {value:.12g}{measured}"


def _until(mark: Mark, end_line: int) -> Mark:
    return replace(mark, end_line=max(mark.line, end_line))


def _short(text: str, longest: int = _LONGEST) -> str:
    """One line of at most so many characters: texts of the document can be as long as the document."""
    line = " ".join(text[: 4 * longest].split())
    return line if len(line) <= longest and len(text) <= 4 * longest else f"{line[: longest - 1]}…"


def _joined(*texts: str) -> str:
    return " · ".join(text for text in texts if text)


def _listed(names: tuple[str, ...]) -> str:
    """The first few by name, the rest by their number."""
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(_short(name, 60) for name in names[:_LISTED]) + more
