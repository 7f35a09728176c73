"""What the clock alone makes true. Every deadline is computed from stored times, so a restart loses none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.core import facts
from tocsin.core.clocks import struck, timers
from tocsin.core.firstresponse import FirstResponse
from tocsin.core.incident import Incident
from tocsin.core.moves import Facts
from tocsin.core.oncall import Directory, Filled, channel_id
from tocsin.core.policy import REPEAT_AFTER, REPEAT_LAST_RUNG, TRY_EVERYONE, Rung
from tocsin.core.reaching import unheard_since
from tocsin.errors import Refused
from tocsin.times import say_duration

NEXT_LEVEL = "the next level"
ON_CALL = "on-call"


@dataclass(frozen=True, slots=True)
class Due:
    """A rung of the ladder and when it is climbed. ``again`` counts repetitions of the last one.

    ``unheard``: at once, because nobody who was called could be told; of a rung that was climbed: then all are called.
    """

    at: datetime
    index: int
    rung: Rung
    again: int = 0
    ends: bool = False
    unheard: bool = False


def next_due(incident: Incident) -> Due | None:
    """The next thing that the escalation ladder will do; None when it is over, or nothing has a time."""
    if not incident.open:
        return None
    rest = _clocked(incident)
    first = Due(_later(incident, rest[0][0]), *rest[0][1:]) if rest else None
    lonely = incident.clocks.stranded and incident.acknowledged_at is None
    if not lonely and (sooner := _unheard(incident)):
        return sooner
    if first is not None and not lonely:  # also after the end: a severity that rose may have rungs of its own
        return first
    again = None if incident.ladder_ended else _repetition(incident, lonely=lonely)
    return min((due for due in (first, again) if due), key=lambda due: due.at, default=None)


def _unheard(incident: Incident) -> Due | None:
    """A page that arrived nowhere is as good as none: somebody else is called without waiting for their time."""
    since, climbed = unheard_since(incident), [index for index in incident.climbed if index < len(incident.ladder)]
    if since is None or incident.ladder_ended or not climbed:
        return None
    return Due(_later(incident, since), climbed[-1], incident.ladder[climbed[-1]], unheard=True)


def _repetition(incident: Incident, *, lonely: bool) -> Due | None:
    """The last call once more, or the end; ``lonely``: nobody was reached but by calling everybody."""
    climbed = [(index, rung) for index, rung in enumerate(incident.ladder) if rung.timed and _counts(incident, rung)]
    if not climbed:
        return None
    index, last = climbed[-1]
    if incident.acknowledged_at is not None and not last.after_seconds:
        return None  # the only call was answered; there is nobody above to be reminded
    again, most = incident.repeats + 1, TRY_EVERYONE if lonely else REPEAT_LAST_RUNG
    called_at = incident.called_at or incident.unresolved_since  # an outage of ours never bunches several repetitions
    at = incident.clocks.timetable.after(incident.severity, called_at, REPEAT_AFTER)
    return Due(_later(incident, at), index, last, again, again > most)


def next_wake(incident: Incident) -> datetime | None:
    """When the clock must look at this incident again; None: never, until something else happens to it."""
    due, rest = next_due(incident), timers(incident)
    times = [approval.expires_at for approval in incident.waiting_approvals] if incident.open else []
    if unbegun(incident) is not None:
        times.append(incident.clocks.severity_at or incident.declared_at)
    return min([*times, *([due.at] if due else []), *(timer.at for timer in rest)], default=None)


def wake(incident: Incident, directory: Directory, now: datetime, last_resort: Sequence[str] = ()) -> Facts:
    """The facts that are due: expired approvals, what was late, rungs of the ladder, its end.

    One turn climbs at most one rung; the caller turns again while `next_wake` is not after ``now``, so that after an
    outage every due rung is climbed once, in order. ``last_resort``: who is called where nobody fills any rung; empty:
    everybody of the directory.
    """
    due: Facts = [
        facts.ApprovalExpired(approval=approval.id, step=approval.step)
        for approval in (incident.waiting_approvals if incident.open else ())
        if approval.expires_at <= now
    ]
    due += struck(incident, now)
    rung = next_due(incident)
    if rung is not None and rung.at <= now:
        due += _climb(incident, rung, directory, now, last_resort)
    first = unbegun(incident)
    if first is not None:  # behind the call, so that whoever is called is not told the same twice
        due.append(_begin(first, directory, now))
    return due


def unbegun(incident: Incident) -> FirstResponse | None:
    """What the document wants done first at the present severity, until that has begun."""
    first = incident.clocks.timetable.first_for(incident.severity) if incident.open else None
    return None if first is None or first.severity in incident.clocks.begun else first


def _begin(first: FirstResponse, directory: Directory, now: datetime) -> facts.FirstResponseBegun:
    person, channel = directory.find(first.team, now), channel_id(first.team)
    to = person.id if person else channel if first.team and channel in directory.channels else ""
    duty = directory.find(ON_CALL, now) if first.quiet else None
    return facts.FirstResponseBegun(
        severity=first.severity, words=first.words, deeds=first.deeds, team=first.team, to=to,
        on_call=duty.id if duty else "", line=first.line,
    )  # fmt: skip


def due_at(incident: Incident, rung: Rung) -> datetime | None:
    """When a rung is climbed by the clock that it waits for; None while that does not run."""
    clocks = incident.clocks
    if rung.timed:
        span = timedelta(seconds=rung.after_seconds or 0.0)
        return clocks.timetable.after(incident.severity, incident.unresolved_since, span)
    if rung.clock == "unavailable" and rung.after_seconds is not None and clocks.outage and clocks.outage.lasts:
        return clocks.outage.since + timedelta(seconds=rung.after_seconds)
    if rung.clock == "estimate" and clocks.estimate is not None:
        return clocks.estimate.over(rung.factor)
    if rung.clock == "severity" and clocks.rises:
        return clocks.rose_at
    return None


def why_later(incident: Incident, rung: Rung) -> str:
    """Why a rung is climbed later than the time that stands beside it; empty where it is not."""
    if not rung.timed:
        return ""
    span = timedelta(seconds=rung.after_seconds or 0.0)
    return incident.clocks.timetable.why_later(incident.severity, incident.unresolved_since, span)


def next_level(incident: Incident, directory: Directory, now: datetime) -> tuple[str, Filled, int] | None:
    """Whom "escalate" means where the document names nobody there: the first that it names who was not called yet.

    The ladder's rungs for this severity come first, then the document's chain, then its contacts; with the line.
    """
    called = {*incident.paged, *incident.roles.values(), incident.acknowledged_by}
    for role, line in _named(incident):
        filled = directory.filled(role, now)
        if filled.person is not None and filled.person.id not in called:
            return role, filled, line
    return None


def _named(incident: Incident) -> list[tuple[str, int]]:
    """Whom the document names for this severity, with the line, in the order in which they are called."""
    rungs = [(rung.to, rung.line) for rung in incident.ladder if rung.to and rung.timed and _counts(incident, rung)]
    return [*rungs, *((level.role, level.line) for level in incident.clocks.timetable.levels)]


def escalate_next(incident: Incident, directory: Directory, why: str, now: datetime) -> Facts:
    """Call `next_level`, because a person wants that. Raises `Refused` where everybody was called."""
    if not incident.open:
        raise Refused(f"{incident.id} is resolved.")
    found = next_level(incident, directory, now)
    if found is None or found[1].person is None:
        unfilled = {
            role: filled.why or "nobody is bound to it"
            for role, _ in _named(incident)
            if (filled := directory.filled(role, now)).person is None
        }
        told = "; ".join(f"{role}: {why}" for role, why in unfilled.items())
        rest = f", or nobody fills it ({told})" if told else ""
        raise Refused(f"Everybody whom the document names was called already{rest}.", "Name somebody.")
    to, filled, line = found
    said = f"{why}; {to} is the next one (line {line})" if line else why
    return [facts.Escalated(to=to, person=found[1].person.id, why=said, line=line, on_call=filled.why)]


def _climb(incident: Incident, due: Due, directory: Directory, now: datetime, last_resort: Sequence[str]) -> Facts:
    """Climb the due rung; where nobody fills it, the next one at once, until somebody is called or the ladder ends."""
    if due.ends:
        return [facts.EscalationEnded(why=_ended(incident, f"{due.rung.to} was called {due.again} times", now))]
    if due.unheard:
        another = _another(incident, due, directory, now)
        return [another] if another else _without_anybody(incident, [], due, directory, now, last_resort)
    if not due.rung.to:
        return [_to_next_level(incident, due, directory, now)]
    climbed: Facts = []
    rest, lonely = [(due.index, due.rung)], incident.clocks.stranded and bool(due.again)
    if not due.again:
        rest += [(index, rung) for _, index, rung in _clocked(incident)[1:] if rung.to]
    elif lonely:  # perhaps somebody fills one of them by now
        rest = [(index, rung) for index, rung in enumerate(incident.ladder) if rung.timed and _counts(incident, rung)]
    for index, rung in rest:
        filled = directory.filled(rung.to, now)
        person = filled.person
        told = facts.Escalated(
            to=rung.to,
            why=_reason(incident, rung, now, due, at_once=bool(climbed), filled=person is not None),
            rung=index,
            person=person.id if person else None,
            line=rung.line,
            again=due.again,
            on_call=filled.why,
        )
        climbed.append(told)
        if person is not None and not (lonely and person.id in incident.reach.missed):
            return [told] if lonely else climbed
    return _without_anybody(incident, climbed, due, directory, now, last_resort)


def _another(incident: Incident, due: Due, directory: Directory, now: datetime) -> facts.Escalated | None:
    """The first call ahead that goes to somebody else than those who could not be told; the others keep their time."""
    for _, index, rung in _clocked(incident):
        filled = directory.filled(rung.to, now) if rung.timed and rung.to else None
        if filled and filled.person and filled.person.id not in incident.reach.missed:
            why = _reason(incident, rung, now, due, at_once=False, filled=True)
            return facts.Escalated(
                to=rung.to, why=why, rung=index, person=filled.person.id, line=rung.line, on_call=filled.why
            )
    return None


def _to_next_level(incident: Incident, due: Due, directory: Directory, now: datetime) -> facts.Escalated:
    """A rung whose document says "escalate" and not to whom."""
    found, once = next_level(incident, directory, now), replace(due, again=0)
    why = _reason(incident, due.rung, now, once, at_once=False, filled=True)
    if found is None:
        why += "; everybody whom the document names was called already, so somebody must decide whom to call"
        return facts.Escalated(to=NEXT_LEVEL, why=why, rung=due.index, line=due.rung.line)
    role, filled, line = found
    why += f"; that names nobody, and {role} is the next in the document (line {line}) who was not called yet"
    return facts.Escalated(
        to=role, why=why, rung=due.index, person=filled.person.id if filled.person else None, line=due.rung.line,
        on_call=filled.why,
    )  # fmt: skip


def _without_anybody(
    incident: Incident, climbed: Facts, due: Due, directory: Directory, now: datetime, last_resort: Sequence[str]
) -> Facts:
    """Nobody fills any rung that is left: the ladder ends, but where nobody was reached at all, all are called."""
    stranded = incident.clocks.stranded
    if incident.acknowledged_at is not None or (incident.paged and not stranded and not due.unheard):
        return [*climbed, facts.EscalationEnded(why=_ended(incident, "nobody is bound to any rung that is left", now))]
    people, none = tuple(last_resort) or tuple(directory.people), "and [people] in tocsin.toml names nobody"
    if due.unheard:  # those who could not be told a moment ago are tried again at the next repetition
        lost, none = incident.reach.missed, "and there is nobody else"
        people = tuple(one for one in people if one not in lost) or tuple(
            one for one in directory.people if one not in lost
        )
    told = "so everybody who can be reached is called" if people else none
    alone = "nobody who was called could be told" if due.unheard else "nobody is bound to any rung of the ladder"
    why = f"{alone}, {told}"
    again = due.again if stranded else 0
    everyone = facts.EveryoneCalled(people=people, why=f"{why}, repetition {again}" if again else why, again=again)
    return [*([] if due.again else climbed), everyone]  # a rung that is new was tried, and is not due for ever


def _reason(incident: Incident, rung: Rung, now: datetime, due: Due, *, at_once: bool, filled: bool) -> str:
    said = f"{_clock_says(incident, rung, now)} (line {rung.line})" if rung.line else f"called at once: {rung.when}"
    reason = _first_page(incident, rung) or said
    if rung.timed and (later := why_later(incident, rung)):
        reason += f"; {later}"
    if at_once:
        reason = f"called at once, because nobody fills the rung before it (line {rung.line})"
    elif due.unheard:
        reason = f"called at once, because nobody who was called before could be told (line {rung.line})"
    if due.again:
        reason += f", repetition {due.again}"
    return reason if filled else f"{reason}; nobody is bound to “{rung.to}”"


def _first_page(incident: Incident, rung: Rung) -> str:
    """The severity's own words, where they are why somebody is called at once; empty for a rung of the document."""
    first = incident.clocks.timetable.first_for(incident.severity)
    if rung.after_seconds or rung.line or not rung.timed or first is None or "page" not in first.deeds:
        return ""
    return f"{incident.severity}: {first.words} (line {first.line})"


def _clock_says(incident: Incident, rung: Rung, now: datetime) -> str:
    clocks = incident.clocks
    if rung.clock == "unavailable" and clocks.outage:
        return f"the service has been unavailable for {say_duration(now - clocks.outage.since)}"
    if rung.clock == "estimate" and clocks.estimate:
        estimate = say_duration(timedelta(seconds=clocks.estimate.seconds))
        return f"{rung.factor:g} times the estimate of {estimate} is over"
    if rung.clock == "severity":
        return f"the severity rose to {incident.severity}"
    if rung.timed and not rung.after_seconds and not why_later(incident, rung):
        return f"called at once for {incident.severity}"
    return f"{incident.severity} {rung.clock} for {say_duration(now - incident.unresolved_since)}"


def _ended(incident: Incident, cause: str, now: datetime) -> str:
    elapsed = say_duration(now - incident.unresolved_since)
    return f"The ladder ended: {cause}, and {incident.id} is still unresolved after {elapsed}."


def _clocked(incident: Incident) -> list[tuple[datetime, int, Rung]]:
    """The rungs that a clock will still climb, the soonest first."""
    found = [
        (at, index, rung)
        for index, rung in enumerate(incident.ladder)
        if (index not in incident.climbed or rung.clock == "severity")
        and _counts(incident, rung)
        and (at := due_at(incident, rung)) is not None
    ]
    return sorted(found, key=lambda each: each[:2])


def _counts(incident: Incident, rung: Rung) -> bool:
    if rung.by_hand or not rung.applies_to(incident.severity):
        return False
    return not (rung.clock == "unacknowledged" and incident.acknowledged_at is not None)


def _later(incident: Incident, at: datetime) -> datetime:
    return max(at, incident.held_until) if incident.held_until else at
