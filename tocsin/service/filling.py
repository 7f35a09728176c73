"""Gaps of a step's command, filled with this incident's values so that none can be read as code where it stands.

How a value is written for its place is `tocsin.core.rendering`. A secret is never written into a command: the gap
becomes the environment variable of its name. What comes out is judged anew before it runs.
"""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.app import App
from tocsin.core.incident import Incident
from tocsin.core.messages.commands import own_values
from tocsin.core.placeholders import choices_of
from tocsin.core.rendering import Gap, may_be_header, may_be_variable
from tocsin.core.rendering import render as written
from tocsin.core.run import variable_of
from tocsin.core.runbook import Runbook, Step
from tocsin.errors import Refused
from tocsin.service.placing import completed, place_of


def render(app: App, incident: Incident, runbook: Runbook, step: Step) -> tuple[str, tuple[str, ...]]:
    """The command with its placeholders filled, and the placeholders that still have no value; raises `Refused`."""
    known = {**app.settings.placeholders, **own_values(incident, step), **incident.values}
    gaps = gaps_of(runbook, step)
    variables = {
        gap.text: variable_of(gap.text)
        for gap in gaps
        if gap.read_as == "secret" and _from_environment(app, runbook, step, gap.text)
    }
    values = {gap.text: known[gap.text] for gap in gaps if gap.text in known and gap.read_as != "secret"}
    command = written(step.command or "", _language(step), gaps, values, variables)
    if step.kind == "http":
        command = completed(command, place_of(app, runbook, step))
    return command, tuple(gap.text for gap in gaps if gap.text not in values and gap.text not in variables)


def gaps_of(runbook: Runbook, step: Step) -> list[Gap]:
    """The gaps of a step, each with what the reader took it for."""
    kinds = {placeholder.text: placeholder.type for placeholder in runbook.placeholders}
    return [Gap(text=text, read_as=kinds.get(text, "text")) for text in step.placeholders]


def must_fit(incident: Incident, runbook: Runbook, placeholder: str, value: str) -> None:
    """Refuse a value that none of the incident's steps could take; the reason is that of the first one."""
    scenario = runbook.scenario(incident.scenario)
    candidates: Sequence[Step] = scenario.steps if scenario else ()
    using = [step for step in candidates or tuple(runbook.steps()) if placeholder in step.placeholders and step.command]
    refusals: list[Refused] = []
    for step in using:
        try:
            written(step.command or "", _language(step), gaps_of(runbook, step), {placeholder: value}, {})
        except Refused as refused:
            refusals.append(refused)
    if refusals and len(refusals) == len(using):
        raise refusals[0]


def how_to_fill(runbook: Runbook, unbound: tuple[str, ...]) -> str:
    """What to do about gaps without a value."""
    secret = {placeholder.text for placeholder in runbook.placeholders if placeholder.type == "secret"}
    names = [variable_of(placeholder) for placeholder in unbound if placeholder in secret]
    if names:
        return f"A secret comes from the environment: name {', '.join(names)} under [target] env in tocsin.toml."
    choices = next((choices for gap in unbound if (choices := choices_of(gap))), ())
    return f"Fill it in first: {' or '.join(choices)}." if choices else "Fill it in first."


def _from_environment(app: App, runbook: Runbook, step: Step, placeholder: str) -> bool:
    """Whether the gap can become a variable: the target has it, and a shell, or a header, will read it there."""
    may_be = {"shell": may_be_variable, "http": may_be_header}.get(step.kind)
    there = variable_of(placeholder) in place_of(app, runbook, step).target.env_names
    return there and may_be is not None and may_be(step.command or "", placeholder)


def _language(step: Step) -> str:
    return step.kind if step.kind in ("sql", "http") else "shell"
