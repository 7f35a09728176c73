"""What a runbook should learn: changes to its text, each with the incidents that ask for it.

A change adds lines and takes none away, so that the document stays what its author wrote. Whoever looks at it turns
the remark into a better sentence, or throws it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tocsin.core.observations import Observation, words_of
from tocsin.core.runbook import Runbook, Step

MARK, END = "<!-- Learned", "-->"
"""A remark for the author: it is no step, and no reader of the page sees it until somebody makes a sentence of it."""
_BY = re.compile(rf"{re.escape(MARK)} \([^()]*(?:\(drill\))?[^()]*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Lines to be added behind a line of the text (``after``, 1-based). ``why`` and ``evidence`` are for who reviews.

    ``command``: the one that they add; empty for a remark, which adds none.
    """

    after: int
    text: str
    why: str
    evidence: str
    command: str = ""


def lessons(
    runbook: Runbook, text: str, seen: Sequence[Observation], is_command: Callable[[str], bool] = bool
) -> tuple[Lesson, ...]:
    """The changes that observations ask for, in the text's order; what the text says already is left out.

    ``is_command`` tells a command from other words that people set in backquotes.
    """
    lines = _lines(text)
    found = [lesson for each in seen for lesson in _lesson(runbook, lines, each, is_command)]
    there = {told(line) for line in lines}
    new = [each for each in found if told(each.text) not in there]
    unique = {(each.after, each.text): each for each in reversed(new)}
    return tuple(sorted(unique.values(), key=lambda each: (each.after, each.text)))


def as_message(name: str, learned: Sequence[Lesson]) -> str:
    """A commit's message: what is proposed, and each change with its evidence."""
    many = f"{len(learned)} change{'' if len(learned) == 1 else 's'}"
    listed = "\n".join(f"- line {each.after}: {each.why}\n  ({each.evidence})" for each in learned)
    return f"Learn from incidents: {many} to {name}\n\n{listed}\n"


def _lines(text: str) -> list[str]:
    """As the reader counts them: only line ends part them, no form feed or other separator."""
    end = "\n" if "\n" in text or "\r" not in text else "\r"
    return [line.rstrip("\r\n") for line in text.split(end)]


def told(line: str) -> str:
    """What a remark says, whichever incident showed it last."""
    return _BY.sub(MARK, line.strip())


def _lesson(
    runbook: Runbook, lines: Sequence[str], seen: Observation, is_command: Callable[[str], bool]
) -> Iterator[Lesson]:
    evidence = f"{', '.join(seen.incidents)}; last {seen.at:%Y-%m-%d %H:%M} UTC"
    by = f"({seen.incidents[0]}, {seen.at:%Y-%m-%d})"
    match seen.kind:
        case "failed":
            step = _step(runbook, seen)
            if step is not None:
                at = _behind(runbook, lines, step)
                says = f"{_indent(lines, step)}{MARK} {by}: “{_plain(step.title)}” {_plain(seen.says)}. {END}"
                why = f"“{_visible(step.title)}” {_visible(seen.says)}"
                yield Lesson(after=at, text=says, why=why, evidence=evidence)
        case "by hand":
            yield from _by_hand(runbook, lines, seen, by, evidence, is_command)
        case "late" | "in vain" | "unanswered" | "boundary":
            at = _line(runbook, lines, seen)
            if at:
                says = f"{MARK} {by}: {_plain(seen.names)}: {_plain(seen.says)}. {END}"
                why = f"{_visible(seen.names)}: {_visible(seen.says)}"
                yield Lesson(after=_end(lines, at), text=says, why=why, evidence=evidence)


def _by_hand(
    runbook: Runbook, lines: Sequence[str], seen: Observation, by: str, evidence: str, is_command: Callable[[str], bool]
) -> Iterator[Lesson]:
    """A step of its own for a command; a remark for what may be one, or only words in backquotes.

    Where nothing says to which scenario it belongs, a remark at the end of the document.
    """
    place, scenario = _step(runbook, seen), runbook.scenario(seen.names)
    last = place or (scenario.steps[-1] if scenario and scenario.steps else None)
    command = _code(seen.command)
    if command in "\n".join(lines) or _plain(command) in "\n".join(lines):
        return
    if last is None:
        end = max((at for at, line in enumerate(lines, 1) if line.strip()), default=0)
        what = "run by hand" if is_command(command) else "written down by hand"
        text = f"{MARK} {by}: {what} where no scenario was followed: {_plain(command)}. {END}"
        yield Lesson(after=end, text=text, why=f"{what}, and no scenario has it: {command}", evidence=evidence)
        return
    at, indent = _behind(runbook, lines, last), _indent(lines, last)
    if is_command(command):
        fence = f"{indent}  ```bash\n{indent}  {command}\n{indent}  ```"
        why = f"a command that the document does not have: {command}"
        yield Lesson(
            after=at, text=f"{indent}- Run by hand {by}:\n{fence}", why=why, evidence=evidence, command=command
        )
    else:
        why = f"written down by hand, perhaps a command: {command}"
        text = f"{indent}{MARK} {by}: written down by hand: {_plain(command)}. {END}"
        yield Lesson(after=at, text=text, why=why, evidence=evidence)


def _step(runbook: Runbook, seen: Observation) -> Step | None:
    """The same step in this text: by its id, else by its command."""
    known = runbook.step(seen.step) if seen.step else None
    if known is None and seen.kind == "failed":
        known = next((step for step in runbook.steps() if (step.command or "").strip() == seen.command), None)
    return known


def _line(runbook: Runbook, lines: Sequence[str], seen: Observation) -> int:
    """Where the text speaks of somebody or something; 0 where it does not any more."""
    if seen.kind in ("late", "in vain"):
        rules = [rule.line for rule in runbook.rules if words_of(rule) == seen.names]
        symptoms = (each for part in runbook.scenarios for each in part.symptoms)
        named = [each.line for each in symptoms if seen.names.removeprefix("alert ") in each.text]
        named += [part.line for part in runbook.scenarios if seen.names.removeprefix("alert ") in part.alerts]
        return next(iter([*rules, *named]), 0)
    if seen.kind == "boundary":
        return _boundary(runbook, seen.names.split(" / "))
    words = seen.names.casefold()
    named = [each.line for each in runbook.escalations if (each.to or "").casefold() == words]
    named += [each.line for each in runbook.contacts if words in (each.role.casefold(), (each.name or "").casefold())]
    named += [each.line for each in runbook.severities if each.name.casefold() == words]
    return next((line for line in named if 0 < line <= len(lines)), 0)


def _boundary(runbook: Runbook, branches: Sequence[str]) -> int:
    """The line of the first of these conditions, as a sentence of its own, else of its first step."""
    for branch in branches:
        short = branch.rsplit(": ", 1)[-1]
        told = [each.line for each in runbook.conditionals if each.text.startswith((branch, short))]
        told += [step.line for step in runbook.steps() if step.branch == branch]
        if told:
            return told[0]
    return 0


def _behind(runbook: Runbook, lines: Sequence[str], step: Step) -> int:
    """The line behind which a remark about a step stands: its fence's last one, or the end of its table or item."""
    fence = next((each for each in runbook.fences if each.line <= step.line <= each.end_line), None)
    return min(fence.end_line, len(lines)) if fence else _end(lines, step.end_line)


def _end(lines: Sequence[str], at: int) -> int:
    """The last line of the table or of the list item that begins, or goes on, at a line."""
    end = at
    while end < len(lines) and lines[end].lstrip().startswith("|") and lines[at - 1].lstrip().startswith("|"):
        end += 1
    return end


def _indent(lines: Sequence[str], step: Step) -> str:
    line = lines[step.line - 1] if 0 < step.line <= len(lines) else ""
    return line[: len(line) - len(line.lstrip())] if line.startswith((" ", "\t")) else ""


def _code(text: str) -> str:
    return _visible(text.replace("`", "'"))[:200]


def _plain(text: str) -> str:
    """Words of others in a comment: on one line, and none of them ends it, as no `>` is left."""
    flat = _visible(text).rstrip(".")
    return flat.replace("<", "‹").replace(">", "›")


def _visible(text: str) -> str:
    """On one line, without letters that a terminal would obey."""
    return "".join(each for each in " ".join(text.split()) if each.isprintable())
