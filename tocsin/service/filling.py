"""Gaps of a command, filled with values that can't be read as code where they stand.

A number is digits. A statement of SQL may hold spaces and signs, and only stands inside double quotes or in a fence of
SQL. A secret is never written into a command: the gap becomes the environment variable of its name. Anything else is
letters, digits and a few signs that mean nothing to a shell or to SQL. What comes out is judged anew before it runs.
"""

from __future__ import annotations

import re

from tocsin.app import App
from tocsin.core.incident import Incident
from tocsin.core.run import fill, variable_of
from tocsin.core.runbook import Runbook, Step
from tocsin.errors import Refused

_PLAIN = (re.compile(r"[A-Za-z0-9_./:@%+=,~-]+"), "letters, digits and _./:@%+=,~- only")
_NUMBER = (re.compile(r"[0-9]{1,18}"), "a whole number")
_STATEMENT = (re.compile(r"[A-Za-z0-9_ .,:%+=~*()<>'/|-]+"), 'SQL without ", `, $, ;, ! or a backslash')


def render(app: App, incident: Incident, runbook: Runbook, step: Step) -> tuple[str, tuple[str, ...]]:
    """The command with its placeholders filled, and the placeholders that still have no value; raises `Refused`."""
    command = step.command or ""
    known = {**app.settings.placeholders, **incident.values}
    kinds = {placeholder.text: placeholder.type for placeholder in runbook.placeholders}
    values: dict[str, str] = {}
    for placeholder in step.placeholders:
        kind = kinds.get(placeholder, "")
        if kind == "secret":
            if _from_environment(app, step, placeholder):
                values[placeholder] = _variable(command, placeholder)
        elif placeholder in known:
            values[placeholder] = _checked(step, placeholder, kind, known[placeholder])
    unbound = tuple(placeholder for placeholder in step.placeholders if placeholder not in values)
    return fill(command, values), unbound


def how_to_fill(runbook: Runbook, unbound: tuple[str, ...]) -> str:
    """What to do about gaps without a value."""
    secret = {placeholder.text for placeholder in runbook.placeholders if placeholder.type == "secret"}
    names = [variable_of(placeholder) for placeholder in unbound if placeholder in secret]
    if names:
        return f"A secret comes from the environment: name {', '.join(names)} under [target] env in tocsin.toml."
    return "Fill it in first."


def _from_environment(app: App, step: Step, placeholder: str) -> bool:
    """Whether the gap can become a variable: the target has it, and a shell will read it there."""
    there = variable_of(placeholder) in app.settings.target.env_names
    return there and step.kind == "shell" and _quote_at(step.command or "", placeholder) != "'"


def _variable(command: str, placeholder: str) -> str:
    name = f"${{{variable_of(placeholder)}}}"
    return name if _quote_at(command, placeholder) else f'"{name}"'


def _checked(step: Step, placeholder: str, kind: str, value: str) -> str:
    quoted = step.kind == "sql" or _quote_at(step.command or "", placeholder) == '"'
    pattern, wanted = _NUMBER if kind == "integer" else _STATEMENT if kind == "sql" and quoted else _PLAIN
    if not pattern.fullmatch(value) or value.startswith("-"):
        raise Refused(f"{value!r} can't stand for {placeholder}: it must be {wanted}.", "Give it another value.")
    return value


def _quote_at(command: str, placeholder: str) -> str:
    """The quotes inside which a placeholder first stands, as a shell reads them; empty outside of any."""
    open_quote, escaped = "", False
    for character in command[: command.find(placeholder)]:
        if escaped:
            escaped = False
        elif character == "\\" and open_quote != "'":
            escaped = True
        elif not open_quote and character in "'\"":
            open_quote = character
        elif character == open_quote:
            open_quote = ""
    return open_quote
