"""How each fact is said: one line for the timeline of the page, the terminal and the post-mortem alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tocsin.core import facts, following
from tocsin.core.alerttelling import SAYINGS as OF_ALERTS
from tocsin.core.assesstelling import SAYINGS as OF_ASSESSMENT
from tocsin.core.boxtelling import SAYINGS as OF_BOXES
from tocsin.core.calltelling import SAYINGS as OF_CALLS
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
from tocsin.core.steptelling import SAYINGS as OF_STEPS
from tocsin.core.steptelling import stopped_in_words
from tocsin.core.teamtelling import SAYINGS as OF_TEAMS
from tocsin.core.watching import say_value
from tocsin.times import say_moment


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
        return replace(line, detail=stopped_in_words(entry.fact, known))
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
    detail = f"{by}, of {say_moment(fact.happened)}" if fact.happened else by
    return Line(title=fact.text, detail=detail, icon="message-square", category="words")


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
    **OF_ALERTS,
    **OF_CALLS,
    **OF_STEPS,
    facts.ContextTaken: _context,
    facts.Declared: _declared,
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
}
