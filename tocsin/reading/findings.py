"""What the reader itself reports: holes and lines that will not work, each with its line and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.core.runbook import Contact, Phase, Placeholder, Problem, Procedure, Runbook, Scenario, Step
from tocsin.reading.thresholds import comparisons

_LABEL = {
    "contact": "contact",
    "phone": "phone number",
    "email": "e-mail address",
    "chat": "chat handle",
    "name": "name",
}
_UNBINDABLE = re.compile(r"^[\[<{](?:\.{3}|…|\?+|x+)[\]>}]$", re.IGNORECASE)


def findings(book: Runbook, comments: tuple[int, ...] = ()) -> tuple[Problem, ...]:
    """Every finding, in the order of the lines; ``comments`` are the lines of the fences that hold only comments."""
    found = [
        *_boundaries(book),
        *_contacts(book),
        *_settings(book),
        *_comments(comments),
        *_placeholders(book),
        *_scenarios(book),
    ]
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.code)))


def _boundaries(book: Runbook) -> Iterator[Problem]:
    """``<9`` beside ``>9`` under one path: exactly 9 is nowhere."""
    parts: tuple[Scenario | Phase | Procedure, ...] = (*book.scenarios, *book.phases, *book.procedures)
    for part in parts:
        strict: dict[tuple[float, str | None], list[tuple[str, Step]]] = {}
        for step in part.steps:
            for one in comparisons(step.branch or "", "value"):
                strict.setdefault((one.value, one.unit), []).append((one.op, step))
        for (value, unit), uses in strict.items():
            ops = {op for op, _ in uses}
            if ops >= {"<", ">"} and not ops & {"<=", ">=", "=="}:
                line = max(step.line for _, step in uses)
                said = f"{value:g}{unit if unit and unit != 'count' else ''}"
                yield Problem(
                    line=line,
                    code="undefined-boundary",
                    level="warning",
                    message=f"Below {said} and above {said} are covered, exactly {said} is not.",
                    hint=f"Write ≤ {said} or ≥ {said} in one of the two lines.",
                )


def _contacts(book: Runbook) -> Iterator[Problem]:
    elsewhere = {contact.role.casefold() for contact in book.contacts if _reachable(contact)}
    for contact in book.contacts:
        if contact.unfilled:
            yield _unfilled(contact, known=contact.role.casefold() in elsewhere)


def _reachable(contact: Contact) -> bool:
    return bool(contact.chat or contact.email or contact.phone)


def _unfilled(contact: Contact, *, known: bool) -> Problem:
    missing = " and ".join(_LABEL.get(name, name) for name in contact.unfilled)
    return Problem(
        line=contact.line,
        code="unfilled-contact",
        level="warning" if known else "error",
        message=f"The {missing} of {contact.role} is not filled in"
        + ("." if known else ", so nobody can be reached there."),
        hint="Write it in the runbook, or bind the role to a person in tocsin.toml.",
    )


def _settings(book: Runbook) -> Iterator[Problem]:
    for step in book.steps():
        if step.kind == "set" and "=" in (step.command or ""):
            name = (step.command or "").split("=", 1)[0].strip()
            yield Problem(
                line=step.line,
                code="no-effect",
                level="warning",
                message=f"This line sets {name} in a shell that ends at once, so it changes nothing.",
                hint="Write the command that sets it where the service reads it, or make it a flag.",
            )


def _comments(lines: tuple[int, ...]) -> Iterator[Problem]:
    for line in lines:
        yield Problem(
            line=line,
            code="comments-only",
            level="note",
            message="This code fence holds only comments; they are read as steps by hand.",
            hint="Add the commands, or write the lines as a list.",
        )


def _placeholders(book: Runbook) -> Iterator[Problem]:
    used = {text for step in book.steps() if step.runnable for text in step.placeholders}
    for placeholder in book.placeholders:
        if placeholder.text in used and _never(placeholder):
            yield Problem(
                line=placeholder.places[0].line,
                code="unbindable-placeholder",
                level="error",
                message=f"{placeholder.text} in a command names nothing that could be filled in.",
                hint="Name what belongs there, for example <pod-name>.",
            )


def _never(placeholder: Placeholder) -> bool:
    return bool(_UNBINDABLE.match(placeholder.text))


def _scenarios(book: Runbook) -> Iterator[Problem]:
    if not book.scenarios:
        yield Problem(
            line=1,
            code="no-scenario",
            level="warning",
            message="No section of this runbook was recognised as a scenario, so no alert can select one.",
            hint="Give each kind of failure a heading of its own with Symptoms and Mitigation below it.",
        )
