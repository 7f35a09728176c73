"""The post-mortem, drafted from the timeline: what happened, when, who, what ran and what it said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core import facts
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident, StepState
from tocsin.core.oncall import Directory
from tocsin.core.runbook import Runbook, Step
from tocsin.core.telling import tell, titles_in
from tocsin.times import say_duration, say_time

EXCERPT_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """The four times that count, measured from the first sign (`Incident.detected_at`); None: it did not happen."""

    detect: timedelta
    acknowledge: timedelta | None
    mitigate: timedelta | None
    resolve: timedelta | None


def durations(incident: Incident) -> Durations:
    """Detect: sign → declared. Acknowledge: declared → first human. Mitigate and resolve: sign → end."""

    def since(start: datetime, end: datetime | None) -> timedelta | None:
        return end - start if end else None

    return Durations(
        detect=incident.declared_at - incident.detected_at,
        acknowledge=since(incident.declared_at, incident.first_answered_at),
        mitigate=since(incident.detected_at, incident.mitigated_at),
        resolve=since(incident.detected_at, incident.resolved_at),
    )


def draft(incident: Incident, entries: Sequence[Entry], runbook: Runbook, directory: Directory) -> str:
    """The post-mortem as Markdown. Sections that only a human can write are marked as such."""
    parts = [
        _head(incident, directory),
        _summary(incident, entries),
        _times(incident),
        _impact(incident),
        _timeline(incident, entries, runbook, directory),
        _diagnosis(incident, runbook),
        _decisions(entries, titles_in(incident, runbook)),
        _people(incident, entries, directory),
        "## Root cause\n\n_To be written by a human: what had to be true for this to happen?_",
        _went(incident, entries, titles_in(incident, runbook)),
        _actions(incident, entries),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def proposed_actions(incident: Incident, runbook: Runbook) -> list[tuple[str, int]]:
    """What the scenario lists as long-term fixes, each with its line: proposals, until a human takes them."""
    scenario = runbook.scenario(incident.scenario)
    return [(text.text, text.line) for text in scenario.follow_ups] if scenario else []


def _head(incident: Incident, directory: Directory) -> str:
    commander = incident.roles.get("commander") or incident.acknowledged_by
    drill = "**This was a drill.**\n" if incident.drill else ""
    end = say_moment(incident.resolved_at) if incident.resolved_at else "not yet"
    return (
        f"# Post-mortem of {incident.id}: {escape(incident.title)}\n\n{drill}"
        f"- Severity: {escape(incident.severity)}\n"
        f"- Began: {say_moment(incident.detected_at)}\n"
        f"- Resolved: {end}\n"
        f"- Led by: {escape(directory.name_of(commander)) if commander else 'nobody took it'}\n"
        f"- Runbook: {escape(incident.runbook)}"
        + (f", {escape(incident.scenario_title)} (line {incident.line})" if incident.scenario else "")
        + f", version {incident.runbook_digest[7:19]}"
    )


def _summary(incident: Incident, entries: Sequence[Entry]) -> str:
    resolved = [entry.fact for entry in entries if isinstance(entry.fact, facts.Resolved)]
    text = f"{escape(incident.why[:1].upper() + incident.why[1:])}."
    if resolved and resolved[-1].summary:
        text += f" {escape(resolved[-1].summary)}"
    if resolved and resolved[-1].override:
        text += f"\n\n**It was resolved although it had not recovered**, because: {escape(resolved[-1].override)}"
    return f"## Summary\n\n{text}"


def _times(incident: Incident) -> str:
    took = durations(incident)
    rows = [
        ("Time to detect", took.detect, "first sign → declared"),
        ("Time to acknowledge", took.acknowledge, "declared → the first human"),
        ("Time to mitigate", took.mitigate, "first sign → impact over"),
        ("Time to resolve", took.resolve, "first sign → recovery verified"),
    ]
    lines = [
        f"| {name} | {say_duration(span) if span is not None else 'never'} | {meaning} |"
        for name, span, meaning in rows
    ]
    return "## Times\n\n| | | from → to |\n|---|---|---|\n" + "\n".join(lines)


def _impact(incident: Incident) -> str:
    alerts = [
        f"- Alert {escape(alert.name)}: {escape(alert.summary or 'no summary')}" for alert in incident.alerts.values()
    ]
    criteria = [
        f"- {escape(state.criterion.text)}: {escape(state.detail or 'no reading')}" for state in incident.criteria
    ]
    return "## Impact and recovery\n\n" + "\n".join(
        [*alerts, *criteria, "- Users affected: _to be written by a human_"]
    )


def _timeline(incident: Incident, entries: Sequence[Entry], runbook: Runbook, directory: Directory) -> str:
    lines, titles = [], titles_in(incident, runbook)
    if incident.detected_at < incident.declared_at:
        lines.append(f"- {say_time(incident.detected_at)} The first sign")
    for entry in entries:
        line = tell(entry, directory, titles)
        detail = f" ({escape(line.detail)})" if line.detail else ""
        lines.append(f"- {say_time(entry.at)} {escape(line.title)}{detail}")
    return "## Timeline\n\n" + "\n".join(lines)


def _diagnosis(incident: Incident, runbook: Runbook) -> str:
    in_order = sorted(incident.steps.items(), key=lambda entry: entry[1].at)
    ran = [(runbook.step(step_id), state) for step_id, state in in_order if state.run]
    blocks = [_what_ran(step, state) for step, state in ran if step is not None]
    return "## What ran and what it said\n\n" + "\n\n".join(blocks) if blocks else ""


def _what_ran(step: Step, state: StepState) -> str:
    said = state.excerpt.rstrip().splitlines()
    shown = said[-EXCERPT_LINES:]
    left_out = f"… {len(said) - len(shown)} earlier lines …\n" if len(said) > len(shown) else ""
    fence = "`" * max(3, 1 + longest_run("\n".join((step.command or "", *shown)), "`"))
    exit_code = "" if state.exit_code is None else f", exit {state.exit_code}"
    note = f"\n\n{escape(state.note)}" if state.note else ""
    output = f"\n\n{fence}text\n{left_out}{chr(10).join(shown)}\n{fence}" if shown else "\n\nIt printed nothing."
    return (
        f"### {escape(step.title)} (line {step.line})\n\n"
        f"{fence}{step.language or 'text'}\n{step.command}\n{fence}\n\n"
        f"{state.status.replace('_', ' ')}{exit_code}, {state.seconds:.1f} s, {escape(state.by)}{note}{output}"
    )


def _decisions(entries: Sequence[Entry], titles: Mapping[str, str]) -> str:
    lines = []
    for entry in entries:
        match entry.fact:
            case facts.BranchChosen() as chosen:
                why = f": {escape(chosen.why)}" if chosen.why else ""
                lines.append(f"- {escape(entry.by.name)} took “{escape(chosen.branch)}” (line {chosen.line}){why}")
            case facts.ApprovalGranted():
                lines.append(f"- {escape(entry.by.name)} approved {_called(entry.fact.step, titles)}")
            case facts.ApprovalDenied() as denied:
                lines.append(f"- {escape(entry.by.name)} denied {_called(denied.step, titles)}: {escape(denied.why)}")
            case facts.StepSkipped() as skipped:
                lines.append(
                    f"- {escape(entry.by.name)} skipped {_called(skipped.step, titles)}: {escape(skipped.why)}"
                )
            case _:
                pass
    return "## Decisions\n\n" + "\n".join(lines) if lines else ""


def _people(incident: Incident, entries: Sequence[Entry], directory: Directory) -> str:
    acted = dict.fromkeys(entry.by.name for entry in entries if entry.by.kind == "person")
    called = [f"- called: {escape(directory.name_of(person))}" for person in incident.paged]
    roles = [f"- {escape(role)}: {escape(directory.name_of(person))}" for role, person in incident.roles.items()]
    lines = [*called, *roles, *(f"- acted: {escape(directory.name_of(name))}" for name in acted)]
    return "## People\n\n" + "\n".join(lines) if lines else ""


def _went(incident: Incident, entries: Sequence[Entry], titles: Mapping[str, str]) -> str:
    well: list[str] = []
    badly: list[str] = []
    if incident.first_answered_at and incident.response_seconds is not None:
        took = incident.first_answered_at - incident.declared_at
        kept = took.total_seconds() <= max(incident.response_seconds, 60)
        (well if kept else badly).append(f"- acknowledged in {say_duration(took)}")
    for entry in entries:
        match entry.fact:
            case facts.StepFinished(status=status) if status != "succeeded":
                badly.append(f"- the step {_called(entry.fact.step, titles)} ended {status.replace('_', ' ')}")
            case facts.StepInDoubt():
                badly.append(f"- the step {_called(entry.fact.step, titles)} was interrupted and in doubt")
            case facts.NotifyFailed() as failed:
                badly.append(f"- {escape(failed.person)} could not be reached: {escape(failed.why)}")
            case facts.Escalated(person=None, to=to):
                badly.append(f"- nobody is bound to “{escape(to)}” (line {entry.fact.line})")
            case facts.EscalationEnded():
                badly.append("- the escalation ladder ended before the incident did")
            case _:
                pass
    well = well or ["- _to be written by a human_"]
    badly = list(dict.fromkeys(badly)) or ["- _to be written by a human_"]
    return "## What went well\n\n" + "\n".join(well) + "\n\n## What went badly\n\n" + "\n".join(badly)


def _actions(incident: Incident, entries: Sequence[Entry]) -> str:
    added = [entry.fact for entry in entries if isinstance(entry.fact, facts.ActionAdded)]
    rows = [
        f"| {escape(action.text)} | {escape(action.owner or 'nobody yet')} | "
        f"{'done' if incident.actions.get(action.action) else 'open'} | "
        f"{f'line {action.line}' if action.line else ''} |"
        for action in added
    ]
    head = "## Action items\n\n| Action | Owner | Status | From |\n|---|---|---|---|\n"
    return head + ("\n".join(rows) if rows else "| _none was proposed_ | | | |")


def _called(step: str, titles: Mapping[str, str]) -> str:
    return f"“{escape(titles.get(step, step))}”"


def say_moment(moment: datetime) -> str:
    """``2026-03-04 14:32:07 UTC``."""
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def escape(text: str) -> str:
    """Hostile text as inert Markdown on one line: nothing in it is markup, a link or HTML."""
    flat = " ".join(text.split())
    for sign in "\\`*_[]<>|#&":
        flat = flat.replace(sign, f"\\{sign}")
    return flat


def longest_run(text: str, sign: str) -> int:
    """The length of the longest unbroken run of one character."""
    longest = run = 0
    for character in text:
        run = run + 1 if character == sign else 0
        longest = max(longest, run)
    return longest
