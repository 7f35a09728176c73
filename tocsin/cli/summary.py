"""A runbook grouped by what it holds: severities, scenarios and their steps, escalation ladder, contacts, problems."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tocsin.cli.output import visible
from tocsin.core import marks
from tocsin.core.marks import Mark, Tone
from tocsin.core.runbook import Problem, Rule, Runbook, Step
from tocsin.core.runbook import Text as Sentence

_TONES: dict[Tone, str] = {
    "quiet": "dim", "plain": "dim", "accent": "cyan", "good": "green", "ask": "yellow", "bad": "red",
}  # fmt: skip
_LEVELS = {"error": "bold red", "warning": "yellow", "note": "dim"}
_LONGEST_COMMAND = 12


def render(runbook: Runbook, console: Console) -> None:
    """Print the runbook, as wide as the console is; the document's own text is never read as mark-up."""
    console.print(Text(_plain(runbook.title), style="bold"))
    console.print(Text(_plain(f"{runbook.source}  {runbook.digest[:19]}"), style="dim"))
    for level in runbook.severities:
        _marked(console, marks.of_severity(level), level.description)
    for scenario in runbook.scenarios:
        _heading(console, f"Scenario: {scenario.title}", scenario.line, marks.of_scenario(scenario).facts)
        _sentences("symptom", scenario.symptoms, console)
        _rules([rule for rule in runbook.rules if rule.scenario == scenario.id], console)
        _sentences("cause", scenario.causes, console)
        _steps(scenario.steps, console)
        for criterion in scenario.criteria:
            _row(console, "ends if", criterion.text, criterion.line, "green")
        _sentences("later", scenario.follow_ups, console)
    for phase in runbook.phases:
        mark = marks.of_phase(phase)
        _heading(console, f"Phase: {phase.title}", phase.line, (mark.text, *mark.facts))
        _steps(phase.steps, console)
    for procedure in runbook.procedures:
        _heading(console, f"Procedure: {procedure.title}", procedure.line, marks.of_procedure(procedure).facts)
        _steps(procedure.steps, console)
    _loose_rules(runbook, console)
    _group(console, "Escalation", [(marks.of_escalation(rung), rung.when) for rung in runbook.escalations])
    _group(console, "Contacts", [(marks.of_contact(contact), "") for contact in runbook.contacts])
    _problems(runbook.problems, console)


def _plain(text: str) -> str:
    """Text that says what it holds, and steers no terminal."""
    return visible(text.expandtabs(4))


def _heading(console: Console, title: str, line: int, facts: Iterable[str]) -> None:
    text = Text("\n").append(_plain(title), style="bold cyan").append(f"  line {line}", style="dim")
    for fact in facts:
        if fact:
            text.append("  " + _plain(fact), style="cyan")
    console.print(text)


def _row(console: Console, label: str, text: Text | str, line: int | None = None, style: str = "dim") -> None:
    """One entry: its line number, its kind, its words; what is too wide goes on under the words."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", width=5, style="dim")
    table.add_column(width=13, style=style, no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.expand = True
    table.add_row("" if line is None else str(line), label, text if isinstance(text, Text) else Text(_plain(text)))
    console.print(table)


def _marked(console: Console, mark: Mark, more: str = "") -> None:
    """An entry in the words of its mark, and more of the document's own."""
    text = Text(_plain(mark.text), style="bold")
    for fact in mark.facts:
        text.append(f"  {_plain(fact)}", style="red" if mark.tone == "bad" else "cyan")
    if more:
        text.append(f"  {_plain(more)}", style="default")
    _row(console, mark.label, text, mark.line, _TONES[mark.tone])


def _group(console: Console, title: str, entries: list[tuple[Mark, str]]) -> None:
    if entries:
        _heading(console, title, entries[0][0].line, ())
    for mark, more in entries:
        _marked(console, mark, more)


def _sentences(label: str, sentences: tuple[Sentence, ...], console: Console) -> None:
    for sentence in sentences:
        _row(console, label, sentence.text, sentence.line)


def _rules(rules: Iterable[Rule], console: Console) -> None:
    for rule in rules:
        _marked(console, marks.of_rule(rule))


def _loose_rules(runbook: Runbook, console: Console) -> None:
    loose = [rule for rule in runbook.rules if rule.scenario is None]
    if loose:
        _heading(console, "Alert thresholds", loose[0].line, ())
        _rules(loose, console)


def _steps(steps: tuple[Step, ...], console: Console) -> None:
    branch: str | None = None
    for step in steps:
        if step.branch and step.branch != branch:
            console.print(Padding(Text(_plain(step.branch), style="italic"), (0, 0, 0, 6)))
        branch = step.branch
        label, tone = marks.verdict(step)
        text = Text(_plain(step.title)).append(f"  {step.stage}", style="dim")
        if step.traits:
            text.append(f"  {_plain(', '.join(step.traits))}", style="magenta")
        if step.alternative_to:
            text.append("  instead of the step above", style="dim italic")
        _row(console, label, text, step.line, _TONES[tone])
        if step.command:
            _command(step, console)
        if step.expected:
            console.print(Padding(Text(_plain(f"expected: {step.expected}"), style="green"), (0, 0, 0, 20)))


def _command(step: Step, console: Console) -> None:
    lines = _plain(step.command or "").split("\n")
    if len(lines) > _LONGEST_COMMAND:
        lines = [*lines[: _LONGEST_COMMAND - 1], f"… {len(lines) - _LONGEST_COMMAND + 1} more lines"]
    console.print(Padding(Text("\n".join(lines), style="blue", overflow="fold"), (0, 0, 0, 20)))


def _problems(problems: tuple[Problem, ...], console: Console) -> None:
    if not problems:
        return
    _heading(console, "Problems", problems[0].line, ())
    for problem in problems:
        text = Text(_plain(problem.message))
        if problem.hint:
            text.append(f" {_plain(problem.hint)}", style="dim")
        _row(console, problem.level, text, problem.line, _LEVELS[problem.level])
