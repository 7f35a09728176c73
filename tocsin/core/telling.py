"""How each fact is said: one line for the timeline of the page, the terminal and the post-mortem alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tocsin.core import facts, following
from tocsin.core.assesstelling import SAYINGS as OF_ASSESSMENT
from tocsin.core.boxtelling import SAYINGS as OF_BOXES
from tocsin.core.chatfolds import SAYINGS as OF_CHATS
from tocsin.core.clocktelling import SAYINGS as OF_CLOCKS
from tocsin.core.context import in_words
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.learningtelling import SAYINGS as OF_LEARNING
from tocsin.core.line import Line
from tocsin.core.messagefolds import SAYINGS as OF_MESSAGES
from tocsin.core.oncall import Directory
from tocsin.core.runbook import Runbook
from tocsin.core.teamtelling import SAYINGS as OF_TEAMS
from tocsin.core.watching import say_value
from tocsin.ids import slug
from tocsin.times import say_duration, say_moment


def tell(entry: Entry, directory: Directory, titles: Mapping[str, str] | None = None) -> Line:
    """The line for an entry; a fact of a later release is told by its name.

    ``titles`` (`titles_in` an incident, or `titles_of` its runbook) calls steps and phases by what the document calls
    them, not by their ids, and an approval of a set by what it is about.
    """
    say = _SAYINGS.get(type(entry.fact))
    by = directory.name_of(entry.by.name)
    line = say(entry.fact, by, directory) if say else Line(title=f"{entry.kind} by {by}")
    named = getattr(entry.fact, "step", "") or getattr(entry.fact, "phase", "")
    known = titles or {}
    title = known.get(getattr(entry.fact, "approval", "")) or (f"“{known[named]}”" if named in known else "")
    if isinstance(entry.fact, facts.SetStopped):
        return replace(line, detail=_stopped(entry.fact, known))
    return replace(line, title=line.title.replace(named, title)) if title and named else line


def titles_of(runbook: Runbook) -> dict[str, str]:
    """What the document calls its steps and phases, by their ids."""
    return {
        **{step.id: step.title for step in runbook.steps()},
        **{phase.id: phase.title for phase in runbook.phases},
    }


def titles_in(incident: Incident, runbook: Runbook) -> dict[str, str]:
    """`titles_of` the runbook, and what each approval of several commands is about, by the approval's id."""
    sets = {one.id: f"{len(one.members)} commands" for one in incident.approvals.values() if one.members}
    return {**titles_of(runbook), **following.titles_of_linked(incident, runbook), **sets}


Saying = Callable[[Any, str, Directory], Line]


def _declared(fact: facts.Declared, by: str, _: Directory) -> Line:
    return Line(
        title=f"{by} declared {fact.severity}: {fact.title}",
        detail=fact.why,
        icon="siren",
        tone="bad",
        category="alert",
    )


def _alert(fact: facts.AlertLinked, _: str, __: Directory) -> Line:
    summary = f": {fact.summary}" if fact.summary else ""
    return Line(title=f"Alert {fact.name} fired{summary}", detail=fact.why, icon="bell", tone="bad", category="alert")


def _cleared(fact: facts.AlertCleared, _: str, __: Directory) -> Line:
    return Line(title=f"Alert {fact.name} cleared", detail=fact.why, icon="bell", tone="good", category="alert")


def _flapped(fact: facts.AlertFlapped, _: str, __: Directory) -> Line:
    times = f"fired {fact.fired} times in {say_duration(timedelta(seconds=fact.span_seconds))}"
    quiet = f"its end counts when it was quiet for {say_duration(timedelta(seconds=fact.quiet_seconds))}"
    return Line(title=f"Alert {fact.name} flaps: {times}", detail=quiet, icon="activity", tone="bad", category="alert")


def _gathered(fact: facts.AlertsGathered, _: str, __: Directory) -> Line:
    names = f" under {fact.names} name{'' if fact.names == 1 else 's'}" if fact.names else ""
    kept = f"the timeline lists {fact.listed} of them; the page Alerts lists all"
    return Line(title=f"{fact.alerts} alerts belong to it{names}", detail=kept, icon="bell", category="alert")


def _split(fact: facts.AlertsSplit, by: str, _: Directory) -> Line:
    number = f"{len(fact.alerts)} alert{'' if len(fact.alerts) == 1 else 's'}"
    names = f"{', '.join(fact.names)}: {fact.why}" if fact.why else ", ".join(fact.names)
    return Line(title=f"{by} split {number} off into {fact.into}", detail=names, icon="git-branch")


def _merged(fact: facts.Merged, by: str, _: Directory) -> Line:
    return Line(title=f"{by} merged it into {fact.into}", detail=fact.why, icon="link", tone="good")


def _absorbed(fact: facts.Absorbed, by: str, directory: Directory) -> Line:
    told = ", ".join(map(directory.name_of, fact.people))
    detail = "; ".join(filter(None, [fact.why, f"{told} responded to it" if told else ""]))
    title = f"{by} merged {fact.incident} into it ({fact.title}), with {fact.alerts} alerts"
    return Line(title=title, detail=detail, icon="link")


def _acknowledged(fact: facts.Acknowledged, by: str, _: Directory) -> Line:
    way = f" by {fact.via}" if fact.via else ""
    return Line(title=f"{by} acknowledged{way}", icon="check", tone="good", category="people")


def _assigned(fact: facts.Assigned, by: str, directory: Directory) -> Line:
    return Line(
        title=f"{directory.name_of(fact.person)} is {fact.role}", detail=f"by {by}", icon="users", category="people"
    )


def _severity(fact: facts.SeverityChanged, by: str, _: Directory) -> Line:
    return Line(
        title=f"{by} changed the severity from {fact.before} to {fact.after}", detail=fact.why, icon="shield-alert"
    )


def _phase(fact: facts.PhaseReached, by: str, _: Directory) -> Line:
    return Line(title=f"Phase reached: {fact.phase}", detail=fact.why or f"by {by}", icon="list-checks")


def _owned(fact: facts.PhaseOwned, _: str, directory: Directory) -> Line:
    return Line(title=f"{directory.name_of(fact.owner)} answers for {fact.phase}", icon="user", category="people")


def _noted(fact: facts.Noted, by: str, _: Directory) -> Line:
    return Line(title=fact.text, detail=by, icon="message-square", category="words")


def _update(fact: facts.UpdatePosted, by: str, _: Directory) -> Line:
    if fact.stage:
        title = f"Published as {fact.stage}, “{fact.title}”: {fact.text}"
        return Line(title=title, detail=by, icon="megaphone", category="words")
    return Line(title=f"Update to {fact.audience}: {fact.text}", detail=by, icon="megaphone", category="words")


def _retracted(fact: facts.UpdateRetracted, by: str, _: Directory) -> Line:
    what = f"what entry {fact.entry} published" if fact.entry else "everything that was published"
    return Line(title=f"{by} took back {what}", detail=fact.why, icon="undo-2", category="words")


def _mitigated(fact: facts.Mitigated, by: str, _: Directory) -> Line:
    return Line(title=f"Mitigated: {fact.how}", detail=by, icon="circle-check", tone="good", category="recovery")


def _resolved(fact: facts.Resolved, by: str, _: Directory) -> Line:
    override = f"although it had not recovered: {fact.override}" if fact.override else fact.summary
    return Line(title=f"{by} resolved it", detail=override, icon="circle-check", tone="good", category="recovery")


def _reopened(fact: facts.Reopened, by: str, _: Directory) -> Line:
    return Line(title=f"{by} reopened it", detail=fact.why, icon="rotate-ccw", tone="bad", category="recovery")


def _criterion(fact: facts.CriterionChanged, _: str, __: Directory) -> Line:
    words = {True: "holds", False: "does not hold", None: "has no reading"}[fact.holds]
    return Line(
        title=f"Recovery criterion {fact.criterion + 1} {words}", detail=fact.detail, icon="activity",
        tone="good" if fact.holds else "plain", category="recovery",
    )  # fmt: skip


def _confirmed(fact: facts.CriterionConfirmed, by: str, _: Directory) -> Line:
    return Line(
        title=f"{by} confirmed recovery criterion {fact.criterion + 1}", detail=fact.why, icon="check", tone="good",
        category="recovery",
    )  # fmt: skip


def _escalated(fact: facts.Escalated, by: str, directory: Directory) -> Line:
    if fact.person is None:
        why = f"{fact.why}; {fact.on_call}" if fact.on_call and fact.on_call not in fact.why else fact.why
        return Line(title=f"Nobody to call as “{fact.to}”", detail=why, icon="phone", tone="bad", category="people")
    who = directory.name_of(fact.person)
    verb = "Called" if fact.rung is not None and not fact.condition else f"{by} called"
    detail = f"{fact.why}; {fact.on_call}" if fact.on_call else fact.why
    role = "" if slug(fact.to) in (fact.person, slug(who)) else f" ({fact.to})"
    return Line(title=f"{verb} {who}{role}", detail=detail, icon="arrow-up-right", category="people")


def _held(fact: facts.EscalationHeld, by: str, _: Directory) -> Line:
    return Line(title=f"{by} holds the escalation until {say_moment(fact.until)}", detail=fact.why, icon="hand")


def _ended(fact: facts.EscalationEnded, _: str, __: Directory) -> Line:
    return Line(title=fact.why, icon="triangle-alert", tone="bad", category="people")


def _notified(fact: facts.Notified, _: str, directory: Directory) -> Line:
    who = directory.name_of(fact.person)
    detail = f"{fact.subject} ({fact.why})" if fact.why else fact.subject
    still = ", because nobody had answered" if fact.place else ""
    return Line(title=f"{who} was told by {fact.via}{still}", detail=detail, icon="bell", category="people")


def _delayed(fact: facts.NotifyDelayed, _: str, directory: Directory) -> Line:
    further = f"; {fact.next_via} is tried now" if fact.next_via else ""
    further += ", it is tried again" if fact.again else ""
    title = f"{directory.name_of(fact.person)} could not be told by {fact.via}{further}"
    return Line(title=title, detail=fact.why, icon="bell", tone="ask", category="people")


def _not_notified(fact: facts.NotifyFailed, _: str, directory: Directory) -> Line:
    who = directory.name_of(fact.person)
    return Line(title=f"{who} could not be told", detail=fact.why, icon="bell", tone="bad", category="people")


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
        title=f"The rest of the approved set does not run: {fact.why}", detail=_stopped(fact, {}), icon="ban",
        tone="bad", category="command",
    )  # fmt: skip


def _stopped(fact: facts.SetStopped, titles: Mapping[str, str]) -> str:
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


def _context(fact: facts.ContextTaken, _: str, __: Directory) -> Line:
    """What stands out first; what else is known behind it."""
    last = next((each for each in fact.changes if each.nearest), None)
    ill = [each for each in fact.suppliers if each.level]
    said = [f"{in_words(last.change)}, {last.distance()}"] if last else []
    said += [f"{each.name}: {each.says or each.state()}" for each in ill]
    said += [fact.affected.says()] if fact.affected else []
    known = ((each, each.value) for each in fact.signals if each.value is not None)
    values = [f"{each.metric} {say_value(value)} {each.unit}".rstrip() for each, value in known]
    more = len(fact.changes) + fact.more
    counted = [f"{more} {'change' if more == 1 else 'changes'} from 24 h before on"] if more else []
    return Line(
        title=f"Around it: {'; '.join(said or counted or values)}"[:300],
        detail="; ".join([*(counted if said else ()), *(values if said or counted else ())])[:300],
        icon="activity",
    )


_SAYINGS: dict[type[Any], Saying] = {
    **OF_CLOCKS,
    **OF_TEAMS,
    **OF_CHATS,
    **following.SAYINGS,
    **OF_LEARNING,
    **OF_MESSAGES,
    **OF_BOXES,
    **OF_ASSESSMENT,
    facts.ContextTaken: _context,
    facts.Declared: _declared,
    facts.AlertLinked: _alert,
    facts.AlertCleared: _cleared,
    facts.AlertsGathered: _gathered,
    facts.AlertsSplit: _split,
    facts.Merged: _merged,
    facts.Absorbed: _absorbed,
    facts.AlertFlapped: _flapped,
    facts.Acknowledged: _acknowledged,
    facts.Assigned: _assigned,
    facts.SeverityChanged: _severity,
    facts.PhaseReached: _phase,
    facts.PhaseOwned: _owned,
    facts.Noted: _noted,
    facts.UpdatePosted: _update,
    facts.UpdateRetracted: _retracted,
    facts.Mitigated: _mitigated,
    facts.Resolved: _resolved,
    facts.Reopened: _reopened,
    facts.CriterionChanged: _criterion,
    facts.CriterionConfirmed: _confirmed,
    facts.Escalated: _escalated,
    facts.EscalationHeld: _held,
    facts.EscalationEnded: _ended,
    facts.Notified: _notified,
    facts.NotifyDelayed: _delayed,
    facts.NotifyFailed: _not_notified,
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


def first_line(command: str) -> str:
    """A command as it is named in a sentence: its first line, short."""
    lines = command.strip().splitlines() or [""]
    text = lines[0] if len(lines[0]) <= 80 else f"{lines[0][:79]}…"
    return f"{text} …" if len(lines) > 1 else text
