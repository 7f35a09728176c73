"""How a person names something of an incident: by its id, by its line in the runbook, or by words that only it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tocsin.core.incident import Approval, Incident
from tocsin.core.runbook import Step
from tocsin.errors import Invalid, NotFound, Refused

MOST_NAMED = 6


def step_by_line(steps: Iterable[Step], line: int) -> str:
    """The id of the step that stands on a line of the runbook. Raises `NotFound`, or `Invalid` where several do."""
    known = list(steps)
    fitting = [step for step in known if step.line == line] or [s for s in known if s.line <= line <= s.end_line]
    if not fitting:
        near = ", ".join(str(number) for number in _nearest([step.line for step in known], line))
        raise NotFound(f"No step stands on line {line}.", f"The nearest stand on {near}." if near else "")
    if len(fitting) > 1:
        raise Invalid(f"Line {line} holds {len(fitting)} steps: {_named(fitting)}.", "Give the id of one.")
    return fitting[0].id


def step_by_words(steps: Iterable[Step], words: str) -> str | None:
    """The id of the step with this id, or whose title or command alone has these words; None where none has.

    The end of an id will do ("look-at-the-disk-1a2b3"), and so will a step's place: "pump-stalls/diagnosis/2" is the
    second step of that stage. Raises `Invalid` where several fit.
    """
    known = list(steps)
    exact = [step for step in known if words in (step.id, step.title)] or _by_place(known, words)
    exact = exact or [step for step in known if words and step.id.endswith((f"/{words}", f"-{words}"))]
    fitting = exact or [step for step in known if _has(f"{step.title} {step.command or ''}", words)]
    if len(fitting) > 1:
        raise Invalid(f"{words!r} fits {len(fitting)} steps: {_named(fitting)}.", "Give more words, --line or the id.")
    return fitting[0].id if fitting else None


def _by_place(steps: Sequence[Step], words: str) -> list[Step]:
    """The step at a place like "pump-stalls/diagnosis/2", counted from 1 in the document's order."""
    stage, _, number = words.rpartition("/")
    if not (stage and number.isascii() and number.isdigit()):
        return []
    beside = [step for step in steps if step.id.rpartition("/")[0] == stage]
    return beside[int(number) - 1 : int(number)] if 0 < int(number[:9]) <= len(beside) else []


def by_words(what: str, known: Mapping[str, str], words: str) -> str:
    """The key (an id) of the one entry whose key or text this is, or whose text alone has these words."""
    exact = [key for key, text in known.items() if words in (key, text)]
    fitting = exact or [key for key, text in known.items() if _has(text, words)]
    if len(fitting) == 1:
        return fitting[0]
    listed = "; ".join(dict.fromkeys(known.values())) or "none"
    problem = "fits no" if not fitting else f"fits {len(fitting)} of the"
    raise NotFound(f"{words!r} {problem} {what}.", f"There are: {listed}.")


def approval(incident: Incident, words: str, titles: Mapping[str, str] | None = None) -> Approval:
    """The waiting approval with this id, or of the step with these words; without words the only one that waits.

    ``titles`` are what the document calls the steps, by their ids.
    """
    waiting: Sequence[Approval] = incident.waiting_approvals
    if not waiting:
        raise Refused(f"Nothing in {incident.id} waits for an approval.", "`tocsin approvals` lists what does.")
    if words:
        known = incident.approvals.get(words)
        if known is not None:
            return known
        waiting = [each for each in waiting if _has(_about(each, titles or {}), words)]
    if len(waiting) == 1:
        return waiting[0]
    listed = ", ".join(f"{each.id} ({_called(each, titles or {})})" for each in waiting or incident.waiting_approvals)
    problem = f"{words!r} fits none of the approvals" if not waiting else f"{len(waiting)} approvals"
    raise Invalid(
        f"{problem} that wait in {incident.id}: {listed}." if waiting else f"{problem}: {listed}.", "Name one."
    )


def _about(asked: Approval, titles: Mapping[str, str]) -> str:
    """Everything by whose words a question may be named: ids, titles and commands of all its steps."""
    commands = [member.command for member in asked.members] or [asked.command]
    return " ".join([*asked.steps, *(titles.get(step, "") for step in asked.steps), *commands])


def _called(asked: Approval, titles: Mapping[str, str]) -> str:
    if len(asked.members) > 1:
        return f"{len(asked.members)} commands"
    return f"“{titles[asked.step]}”" if asked.step in titles else asked.step


def _has(text: str, words: str) -> bool:
    found = text.casefold()
    return bool(words.strip()) and all(word in found for word in words.casefold().split())


def _named(steps: Sequence[Step]) -> str:
    named = ", ".join(f"{step.id} (line {step.line})" for step in steps[:MOST_NAMED])
    return named if len(steps) <= MOST_NAMED else f"{named} and {len(steps) - MOST_NAMED} more"


def _nearest(lines: Sequence[int], line: int) -> list[int]:
    return sorted(sorted(set(lines), key=lambda number: abs(number - line))[:3])
