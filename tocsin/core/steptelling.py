"""What is said of commands, their approvals, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tocsin.core import facts
from tocsin.core.line import Line
from tocsin.core.oncall import Directory


def _bound(fact: facts.PlaceholderBound, by: str, _: Directory) -> Line:
    return Line(title=f"{fact.placeholder} is {fact.value}", detail=by, icon="pencil")


def _branch(fact: facts.BranchChosen, by: str, _: Directory) -> Line:
    place = f"line {fact.line}"
    why = fact.why if place in fact.why else f"{fact.why} ({place})" if fact.why else place
    return Line(title=f"{by} chose “{fact.branch}”", detail=why, icon="git-branch")


def _branch_open(fact: facts.BranchLeftOpen, _: str, __: Directory) -> Line:
    return Line(title="Somebody must choose a branch", detail=fact.why, icon="git-branch", tone="ask")


def _asked(fact: facts.ApprovalRequested, by: str, _: Directory) -> Line:
    if fact.members:
        first = first_line(fact.members[0].command)
        title = f"{by} asks to {'undo a step in doubt by' if fact.undoes else 'run'} {len(fact.members)} commands"
        detail = f"the first is {first}; {fact.policy}".rstrip("; ")
        return Line(title=title, detail=detail, icon="lock", tone="ask")
    return Line(title=f"{by} asks to run {first_line(fact.command)}", detail=fact.verdict_why, icon="lock", tone="ask")


def _granted(fact: facts.ApprovalGranted, by: str, _: Directory) -> Line:
    return Line(title=f"{by} approved {fact.step}", icon="check", tone="good")


def _denied(fact: facts.ApprovalDenied, by: str, _: Directory) -> Line:
    return Line(title=f"{by} denied {fact.step}", detail=fact.why, icon="ban", tone="bad")


def _expired(fact: facts.ApprovalExpired, _: str, __: Directory) -> Line:
    return Line(title=f"The approval of {fact.step} expired", icon="clock")


def _withdrawn(fact: facts.ApprovalWithdrawn, by: str, _: Directory) -> Line:
    return Line(title=f"{by} withdrew the question about {fact.step}", detail=fact.why, icon="x")


def _queued(fact: facts.StepQueued, by: str, _: Directory) -> Line:
    return Line(title=f"{by} ordered {first_line(fact.command)}", detail=fact.why, icon="terminal", category="command")


def _set_stopped(fact: facts.SetStopped, _: str, __: Directory) -> Line:
    return Line(
        title=f"The rest of the approved set does not run: {fact.why}", detail=stopped_in_words(fact, {}), icon="ban",
        tone="bad", category="command",
    )  # fmt: skip


def stopped_in_words(fact: facts.SetStopped, titles: Mapping[str, str]) -> str:
    left = ", ".join(f"“{titles[step]}”" if step in titles else step for step in fact.left)
    return f"{len(fact.ran)} ran, {len(fact.left)} did not: {left}" if left else "none was left"


def _started(fact: facts.StepStarted, _: str, __: Directory) -> Line:
    return Line(title=f"{fact.step} started", icon="play", category="command")


def _kept(fact: facts.ValueKept, _: str, __: Directory) -> Line:
    detail = f"read by {fact.read}" + (f"; {fact.back} sets it back" if fact.back else "")
    return Line(title=f"Before {fact.step} it was {fact.value}", detail=detail, icon="undo-2", category="command")


def _finished(fact: facts.StepFinished, _: str, __: Directory) -> Line:
    exit_code = "" if fact.exit_code is None else f", exit {fact.exit_code}"
    detail = f"{fact.status.replace('_', ' ')}{exit_code} in {fact.seconds:.1f} s"
    wrote = f". Wrote {', '.join(fact.files)}" if fact.files else ""
    check = fact.check
    if check is not None:
        wrote += f". {check.result.capitalize()}{f': {check.detail}' if check.detail else ''}"
    differs = check is not None and check.result == "differs"
    return Line(
        title=f"{fact.step} ended", detail=f"{detail}. {fact.note}".rstrip(". ") + wrote, icon="terminal",
        tone="bad" if fact.status != "succeeded" else "ask" if differs else "good", category="command",
    )  # fmt: skip


def _doubt(fact: facts.StepInDoubt, _: str, __: Directory) -> Line:
    return Line(
        title=f"{fact.step} is in doubt", detail=fact.why, icon="triangle-alert", tone="ask", category="command"
    )


def _settled(fact: facts.StepSettled, by: str, _: Directory) -> Line:
    if fact.undone:
        return Line(title=f"{fact.step} is undone", detail=fact.why, icon="rotate-ccw", category="command")
    found = "it did happen" if fact.happened else "it did not happen"
    return Line(title=f"{by} found out about {fact.step}: {found}", detail=fact.why, icon="eye", category="command")


def _done(fact: facts.StepDone, by: str, _: Directory) -> Line:
    return Line(title=f"{by} did {fact.step}", detail=fact.text, icon="check", tone="good", category="command")


def _skipped(fact: facts.StepSkipped, by: str, _: Directory) -> Line:
    return Line(title=f"{by} skipped {fact.step}", detail=fact.why, icon="x", category="command")


def first_line(command: str) -> str:
    """A command as it is named in a sentence: its first line, short."""
    lines = command.strip().splitlines() or [""]
    text = lines[0] if len(lines[0]) <= 80 else f"{lines[0][:79]}…"
    return f"{text} …" if len(lines) > 1 else text


SAYINGS: dict[type[Any], Callable[[Any, str, Directory], Line]] = {
    facts.PlaceholderBound: _bound,
    facts.BranchChosen: _branch,
    facts.BranchLeftOpen: _branch_open,
    facts.ApprovalRequested: _asked,
    facts.ApprovalGranted: _granted,
    facts.ApprovalDenied: _denied,
    facts.ApprovalExpired: _expired,
    facts.ApprovalWithdrawn: _withdrawn,
    facts.StepQueued: _queued,
    facts.SetStopped: _set_stopped,
    facts.StepStarted: _started,
    facts.ValueKept: _kept,
    facts.StepFinished: _finished,
    facts.StepInDoubt: _doubt,
    facts.StepSettled: _settled,
    facts.StepDone: _done,
    facts.StepSkipped: _skipped,
}
