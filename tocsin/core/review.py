"""The post-mortem, drafted from the timeline: what happened, when, who, what ran and what it said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core import facts
from tocsin.core.actiontable import escape, table_of
from tocsin.core.causes import Hypothesis, hypotheses
from tocsin.core.closingtext import body_of
from tocsin.core.context import affected as affected_users
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident, StepState
from tocsin.core.oncall import Directory
from tocsin.core.reviewtimeline import as_table, moments
from tocsin.core.runbook import Runbook, Step
from tocsin.core.telling import titles_in
from tocsin.core.troubles import troubles
from tocsin.times import say_duration

EXCERPT_LINES = 12
MOST_RUNS = 60
MOST_LISTED = 100
TO_BE_WRITTEN = "- _to be written by a human_"
_BROKEN = ("response", "updates", "phase", "deadline", "boundary")


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """The four times that count, measured from the beginning (`Incident.began_at`); None: it did not happen."""

    detect: timedelta
    acknowledge: timedelta | None
    mitigate: timedelta | None
    resolve: timedelta | None


def durations(incident: Incident) -> Durations:
    """Detect: beginning → declared. Acknowledge: declared → first human. Mitigate and resolve: beginning → end.

    The beginning is what a person said, else the first sign. One that was said to lie behind an end makes no time
    negative.
    """

    def since(start: datetime, end: datetime | None) -> timedelta | None:
        return max(end - start, timedelta(0)) if end else None

    return Durations(
        detect=max(incident.declared_at - incident.began_at, timedelta(0)),
        acknowledge=since(incident.declared_at, incident.first_answered_at),
        mitigate=since(incident.began_at, incident.mitigated_at),
        resolve=since(incident.began_at, incident.resolved_at),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture of a signal, linked from the text: ``target`` is where it lies beside it."""

    metric: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section of ours. ``means``: what a template may call it; ``body`` is Markdown without its heading."""

    means: str
    title: str
    body: str


def draft(
    incident: Incident, entries: Sequence[Entry], runbook: Runbook, directory: Directory, charts: Sequence[Chart] = ()
) -> str:
    """The post-mortem as Markdown. Sections that only a human can write are marked as such."""
    sections = (f"## {part.title}\n\n{part.body}" for part in parts(incident, entries, runbook, directory, charts))
    return "\n\n".join([_head(incident, directory), *sections]) + "\n"


def parts(
    incident: Incident, entries: Sequence[Entry], runbook: Runbook, directory: Directory, charts: Sequence[Chart] = ()
) -> list[Part]:
    """Everything that is known, section by section; those about which nothing is known are left out."""
    titles = titles_in(incident, runbook)
    well, badly = _went(incident, entries, titles)
    known, told = hypotheses(incident, runbook), moments(incident, entries, directory, titles)
    pictures = "\n".join(f"- [{escape(each.metric)}]({each.target})" for each in charts)
    found = [
        Part(means="summary", title="Summary", body=_summary(incident, entries)),
        Part(means="times", title="Times", body=_times(incident)),
        Part(means="impact", title="Impact and recovery", body=_impact(incident, entries)),
        Part(means="charts", title="Charts", body=pictures),
        Part(means="timeline", title="Timeline", body=as_table(told, incident.id)),
        Part(means="causes", title="Hypotheses", body=_hypotheses(known, directory)),
        Part(
            means="diagnosis", title="What ran and what it said", body=_diagnosis(incident, entries, runbook, directory)
        ),
        Part(means="decisions", title="Decisions", body=_decisions(entries, titles, directory)),
        Part(means="people", title="People", body=_people(incident, entries, directory)),
        Part(means="root cause", title="Root cause", body=_root_cause(incident)),
        Part(means="factors", title="Contributing factors", body=_factors(known)),
        Part(means="well", title="What went well", body="\n".join(well) or TO_BE_WRITTEN),
        Part(means="badly", title="What went badly", body="\n".join(badly) or TO_BE_WRITTEN),
        Part(means="actions", title="Action items", body=table_of(incident.learning.actions, directory)),
        Part(means="left open", title="Left open", body=body_of(incident)),
    ]
    return [part for part in found if part.body]


def _root_cause(incident: Incident) -> str:
    if incident.learning.root_cause:
        return escape(incident.learning.root_cause)
    return "_To be written by a human: what had to be true for this to happen?_"


def _factors(known: Sequence[Hypothesis]) -> str:
    confirmed = [f"- {escape(each.text)}: {escape(each.evidence)}" for each in known if each.verdict == "confirmed"]
    return "\n".join(confirmed) or TO_BE_WRITTEN


def _hypotheses(known: Sequence[Hypothesis], directory: Directory) -> str:
    """Every possible cause with what became of it, and what speaks for those that nobody judged."""
    lines = []
    for each in known:
        line = f" (line {each.line})" if each.line else ""
        if each.verdict:
            by = escape(directory.name_of(each.by))
            said = f"**{each.verdict}** by {by}: {escape(each.evidence)}"
        else:
            hints = "; ".join(f"line {hint.line} printed {escape(hint.example)}" for hint in each.hints[:2])
            said = f"nobody has said; {hints}" if hints else "nobody has said"
        lines.append(f"- {escape(each.text)}{line}: {said}")
    return "\n".join(lines)


def _head(incident: Incident, directory: Directory) -> str:
    commander = incident.roles.get("commander") or incident.owner
    drill = "**This was a drill.**\n" if incident.drill else ""
    end = say_moment(incident.resolved_at) if incident.resolved_at else "not yet"
    return (
        f"# Post-mortem of {incident.id}: {escape(incident.title)}\n\n{drill}"
        f"- Severity: {escape(incident.severity)}\n"
        f"- Began: {say_moment(incident.began_at)}\n"
        f"- Resolved: {end}\n"
        f"- Led by: {escape(directory.name_of(commander)) if commander else 'nobody took it'}\n"
        f"- Runbook: {escape(incident.runbook)}"
        + (f", {escape(incident.scenario_title)} (line {incident.line})" if incident.scenario else "")
        + f", version {incident.runbook_digest[7:19]}"
    )


def _summary(incident: Incident, entries: Sequence[Entry]) -> str:
    resolved = [entry.fact for entry in entries if isinstance(entry.fact, facts.Resolved)]
    # why it was declared, in the words of what was seen: of an alert its summary, not how it was routed
    seen = next((alert.summary for alert in incident.alerts.values() if alert.summary), "") or incident.why
    text = _sentence(f"{incident.title}: {seen}")
    if resolved and resolved[-1].summary:
        text += f" {_sentence(resolved[-1].summary)}"
    if resolved and resolved[-1].override:
        text += f"\n\n**It was resolved although it had not recovered**, because: {escape(resolved[-1].override)}"
    return text


def _sentence(words: str) -> str:
    """With a capital and an end."""
    said = " ".join(words.split())
    return escape(said[:1].upper() + said[1:]) + ("" if said.endswith((".", "!", "?")) else ".")


def _times(incident: Incident) -> str:
    took = durations(incident)
    start = "beginning, as somebody said" if incident.assessment.began_by else "first sign"
    rows = [
        ("Time to detect", took.detect, f"{start} → declared"),
        ("Time to acknowledge", took.acknowledge, "declared → the first human"),
        ("Time to mitigate", took.mitigate, f"{start} → impact over"),
        ("Time to resolve", took.resolve, f"{start} → recovery verified"),
    ]
    lines = [
        f"| {name} | {say_duration(span) if span is not None else 'never'} | {meaning} |"
        for name, span, meaning in rows
    ]
    return "| | | from → to |\n|---|---|---|\n" + "\n".join(lines)


def _impact(incident: Incident, entries: Sequence[Entry]) -> str:
    alerts = [
        f"- Alert {escape(alert.name)}: {escape(alert.summary or 'no summary')}" for alert in incident.alerts.values()
    ]
    criteria = [
        f"- {escape(state.criterion.text)}: {escape(state.detail or 'no reading')}" for state in incident.criteria
    ]
    said = incident.assessment
    answers = [f"- {escape(each.text)} {escape(each.answer)} ({escape(each.by)})" for each in said.answers.values()]
    began = [f"- It began {say_moment(said.began_at)}, as {escape(said.began_by)} says"] if said.began_at else []
    return "\n".join([*alerts, *criteria, *answers, *began, f"- Users affected: {affected(entries)}"])


def affected(entries: Sequence[Entry]) -> str:
    """As a signal counted them when it began, and the most that a person said; else a person has to say it."""
    taken = [entry.fact.affected for entry in entries if isinstance(entry.fact, facts.ContextTaken)]
    counted = next((each.says() for each in taken if each is not None), "")
    said = [entry.fact for entry in entries if isinstance(entry.fact, facts.AffectedCounted)]
    most = max(said, key=lambda each: (each.count or 0.0, each.share or 0.0), default=None)
    told = affected_users(most.count, most.of, most.share, None) if most else None
    parts = [f"{escape(counted)} when it began"] if counted else []
    parts += [f"{escape(told.says())} at most"] if told else []
    return "; ".join(parts) or "_to be written by a human_"


def _diagnosis(incident: Incident, entries: Sequence[Entry], runbook: Runbook, directory: Directory) -> str:
    ordered = {entry.fact.run: entry.fact.command for entry in entries if isinstance(entry.fact, facts.StepQueued)}
    in_order = sorted(incident.steps.items(), key=lambda entry: entry[1].at)[-MOST_RUNS:]
    ran = [(runbook.step(step_id), state) for step_id, state in in_order if state.run]
    blocks = [
        _what_ran(step, state, ordered.get(state.run, step.command or ""), directory.name_of(state.by))
        for step, state in ran if step is not None
    ]  # fmt: skip
    return "\n\n".join(blocks)


def _what_ran(step: Step, state: StepState, command: str, by: str) -> str:
    """The last run of a step: its ``command`` as it was given, with its gaps filled."""
    said = state.excerpt.rstrip().splitlines()
    shown = said[-EXCERPT_LINES:]
    left_out = f"… {len(said) - len(shown)} earlier lines …\n" if len(said) > len(shown) else ""
    fence = "`" * max(3, 1 + longest_run("\n".join((command, *shown)), "`"))
    often = f", the last of {state.runs} runs" if state.runs > 1 else ""
    exit_code = "" if state.exit_code is None else f", exit {state.exit_code}"
    note = f"\n\n{escape(state.note)}" if state.note else ""
    output = f"\n\n{fence}text\n{left_out}{chr(10).join(shown)}\n{fence}" if shown else "\n\nIt printed nothing."
    return (
        f"### {escape(step.title)} (line {step.line})\n\n"
        f"{fence}{step.language or 'text'}\n{command}\n{fence}\n\n"
        f"{state.status.replace('_', ' ')}{exit_code}, {state.seconds:.1f} s, {escape(by)}{often}{note}{output}"
    )


def _decisions(entries: Sequence[Entry], titles: Mapping[str, str], directory: Directory) -> str:
    lines = []
    for entry in entries:
        by = escape(directory.name_of(entry.by.name))
        match entry.fact:
            case facts.BranchChosen() as chosen:
                why = f": {escape(chosen.why)}" if chosen.why else ""
                lines.append(f"- {by} took “{escape(chosen.branch)}” (line {chosen.line}){why}")
            case facts.ApprovalGranted():
                lines.append(f"- {by} approved {_called(entry.fact.step, titles)}")
            case facts.ApprovalDenied() as denied:
                lines.append(f"- {by} denied {_called(denied.step, titles)}: {escape(denied.why)}")
            case facts.StepSkipped() as skipped:
                lines.append(f"- {by} skipped {_called(skipped.step, titles)}: {escape(skipped.why)}")
            case facts.CauseGateOverruled() as overruled:
                lines.append(f"- {by} asked to switch on again before the root cause: {escape(overruled.why)}")
            case _:
                pass
    return "\n".join(lines[:MOST_LISTED])


def _people(incident: Incident, entries: Sequence[Entry], directory: Directory) -> str:
    acted = dict.fromkeys(entry.by.name for entry in entries if entry.by.kind == "person")
    called = [f"- called: {escape(directory.name_of(person))}" for person in incident.paged]
    roles = [f"- {escape(role)}: {escape(directory.name_of(person))}" for role, person in incident.roles.items()]
    lines = [*called, *roles, *(f"- acted: {escape(directory.name_of(name))}" for name in acted)]
    return "\n".join(lines)


def _went(incident: Incident, entries: Sequence[Entry], titles: Mapping[str, str]) -> tuple[list[str], list[str]]:
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
    broken = [each for each in troubles(entries, titles, {}) if each.key.startswith(_BROKEN)]
    badly += [f"- {escape(each.text)}: {escape(each.evidence)}" for each in broken]
    return well, list(dict.fromkeys(badly))[:MOST_LISTED]


def _called(step: str, titles: Mapping[str, str]) -> str:
    return f"“{escape(titles.get(step, step))}”"


def say_moment(moment: datetime) -> str:
    """``2026-03-04 14:32:07 UTC``."""
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def longest_run(text: str, sign: str) -> int:
    """The length of the longest unbroken run of one character."""
    longest = run = 0
    for character in text:
        run = run + 1 if character == sign else 0
        longest = max(longest, run)
    return longest
