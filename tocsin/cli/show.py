"""A runbook as the terminal shows it: severities, scenarios and their steps, escalation ladder, contacts, problems."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tocsin.core.runbook import Contact, Criterion, Escalation, Problem, Rule, Runbook, Severity, Step
from tocsin.core.runbook import Text as Sentence

_VERDICTS = {"read": "green", "change": "yellow", "unknown": "magenta"}
_LEVELS = {"error": "bold red", "warning": "yellow", "note": "dim"}
_LONGEST_COMMAND = 12


def render(runbook: Runbook, console: Console) -> None:
    """Print the runbook, as wide as the console is; the document's own text is never read as mark-up."""
    console.print(Text(_plain(runbook.title), style="bold"))
    console.print(Text(_plain(f"{runbook.source}  {runbook.digest[:19]}"), style="dim"))
    _severities(runbook.severities, console)
    for scenario in runbook.scenarios:
        facts = [scenario.severity or "", *(f"alert {name}" for name in scenario.alerts)]
        _heading(console, f"Scenario: {scenario.title}", scenario.line, facts)
        _sentences("symptom", scenario.symptoms, console)
        _rules([rule for rule in runbook.rules if rule.scenario == scenario.id], console)
        _sentences("cause", scenario.causes, console)
        _steps(scenario.steps, console)
        _criteria(scenario.criteria, console)
        _sentences("later", scenario.follow_ups, console)
    for phase in runbook.phases:
        _heading(console, f"Phase: {phase.title}", phase.line, [_window(phase.from_minutes, phase.to_minutes)])
        _steps(phase.steps, console)
    for procedure in runbook.procedures:
        _heading(console, f"Procedure: {procedure.title}", procedure.line, [])
        _steps(procedure.steps, console)
    loose = [rule for rule in runbook.rules if rule.scenario is None]
    if loose:
        _heading(console, "Alert thresholds", loose[0].line, [])
        _rules(loose, console)
    _escalations(runbook.escalations, console)
    _contacts(runbook.contacts, console)
    _problems(runbook.problems, console)


def _plain(text: str) -> str:
    """Text without control characters, which would steer the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in text.expandtabs(4))


def _heading(console: Console, title: str, line: int, facts: Iterable[str]) -> None:
    text = Text("\n").append(_plain(title), style="bold cyan").append(f"  line {line}", style="dim")
    for fact in facts:
        if fact:
            text.append("  " + _plain(fact), style="cyan")
    console.print(text)


def _row(console: Console, mark: str, text: Text | str, line: int | None = None, style: str = "dim") -> None:
    """One entry: its line number, its kind, its words; what is too wide goes on under the words."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", width=5, style="dim")
    table.add_column(width=8, style=style, no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.expand = True
    table.add_row("" if line is None else str(line), mark, text if isinstance(text, Text) else Text(_plain(text)))
    console.print(table)


def _severities(severities: tuple[Severity, ...], console: Console) -> None:
    for severity in severities:
        text = Text(_plain(severity.name), style="bold")
        answer = None if severity.response_minutes is None else f"answer within {severity.response_minutes:g} min"
        for part in (severity.title, severity.description, answer):
            if part:
                text.append(f"  {_plain(part)}", style="default" if part != answer else "cyan")
        _row(console, "severity", text, severity.line)


def _sentences(mark: str, sentences: tuple[Sentence, ...], console: Console) -> None:
    for sentence in sentences:
        _row(console, mark, sentence.text, sentence.line)


def _criteria(criteria: tuple[Criterion, ...], console: Console) -> None:
    for criterion in criteria:
        _row(console, "ends if", criterion.text, criterion.line, "green")


def _rules(rules: Iterable[Rule], console: Console) -> None:
    for rule in rules:
        text = Text(_plain(f"{rule.metric} {rule.op} {rule.value:g}{_unit(rule.unit)}"))
        if rule.for_minutes is not None:
            text.append(f" for {rule.for_minutes:g} min")
        if rule.severity:
            text.append(f"  {_plain(rule.severity)}", style="cyan")
        _row(console, "alert if", text, rule.line, "red")


def _unit(unit: str | None) -> str:
    return unit if unit in ("%", "x") else f" {unit}" if unit and unit not in ("count", "ratio") else ""


def _steps(steps: tuple[Step, ...], console: Console) -> None:
    branch: str | None = None
    for step in steps:
        if step.branch and step.branch != branch:
            console.print(Padding(Text(_plain(step.branch), style="italic"), (0, 0, 0, 6)))
        branch = step.branch
        text = Text(_plain(step.title))
        text.append(f"  {step.stage}", style="dim")
        if step.verdict != "unknown" or step.why:
            text.append(f"  {step.verdict}", style=_VERDICTS[step.verdict])
        if step.alternative_to:
            text.append("  instead of the step above", style="dim italic")
        _row(console, step.kind, text, step.line, "dim" if step.kind == "manual" else "bold")
        if step.command:
            _command(step, console)
        if step.expected:
            console.print(Padding(Text(_plain(f"expected: {step.expected}"), style="green"), (0, 0, 0, 15)))


def _command(step: Step, console: Console) -> None:
    lines = _plain(step.command or "").split("\n")
    if len(lines) > _LONGEST_COMMAND:
        lines = [*lines[: _LONGEST_COMMAND - 1], f"… {len(lines) - _LONGEST_COMMAND + 1} more lines"]
    console.print(Padding(Text("\n".join(lines), style="blue", overflow="fold"), (0, 0, 0, 15)))


def _window(start: float | None, end: float | None) -> str:
    return f"minute {start:g} to {end:g}" if start is not None and end is not None else ""


def _escalations(escalations: tuple[Escalation, ...], console: Console) -> None:
    if not escalations:
        return
    _heading(console, "Escalation", escalations[0].line, [])
    for one in escalations:
        waits = (
            "on condition"
            if one.after_minutes is None
            else "at once"
            if one.after_minutes == 0
            else f"{one.after_minutes:g} min"
        )
        text = Text(_plain(one.to or "nobody is named"), style="bold" if one.to else "red").append(
            f"  {waits}", style="cyan"
        )
        if one.clock:
            text.append(f" {one.clock}", style="cyan")
        if one.when:
            text.append(f"  {_plain(one.when)}", style="default")
        _row(console, "escalate", text, one.line)


def _contacts(contacts: tuple[Contact, ...], console: Console) -> None:
    if not contacts:
        return
    _heading(console, "Contacts", contacts[0].line, [])
    for contact in contacts:
        text = Text(_plain(contact.role), style="bold")
        for part in (contact.name, contact.chat, contact.email, contact.phone):
            if part:
                text.append(f"  {_plain(part)}", style="default")
        if contact.unfilled:
            text.append(f"  not filled in: {', '.join(contact.unfilled)}", style="red")
        _row(console, "contact", text, contact.line)


def _problems(problems: tuple[Problem, ...], console: Console) -> None:
    if not problems:
        return
    _heading(console, "Problems", problems[0].line, [])
    for problem in problems:
        text = Text(_plain(problem.message))
        if problem.hint:
            text.append(f" {_plain(problem.hint)}", style="dim")
        _row(console, problem.level, text, problem.line, _LEVELS[problem.level])
