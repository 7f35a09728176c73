"""Which alerts an incident holds, by people's word: split some off, merge a duplicate; and counting the unlisted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.core import facts
from tocsin.core.alert import Alert
from tocsin.core.facts import Topic
from tocsin.core.grouping import Grouping
from tocsin.core.incident import Incident
from tocsin.core.moves import LONGEST_NAME, Facts, link_alert, raise_severity
from tocsin.errors import Invalid, Refused

MOST_LISTED = 100
"""So many alerts stand on a timeline; beyond that they are counted."""
MOST_SPLIT = 500
MOST_NAMES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """What a merge makes true: of the duplicate, and of the incident that it is merged into."""

    of_it: Facts
    of_other: Facts


def counts_again(incident: Incident, alerts: int, terms: Grouping, now: datetime) -> bool:
    """Whether a number of alerts that the timeline does not list is news: twice as many, or the last word is old."""
    if alerts >= 2 * incident.gathered:
        return True
    return incident.last_alert_at is None or now - incident.last_alert_at >= terms.within / 2


def split_off(incident: Incident, chosen: Sequence[Alert], into: str, why: str, held: int) -> Facts:
    """Give some of an incident's alerts away; it holds ``held`` of them in all."""
    if len(chosen) > MOST_SPLIT:
        raise Invalid(f"{len(chosen)} alerts are too many at once.", f"Split off at most {MOST_SPLIT} at a time.")
    names = list(dict.fromkeys(alert.name[:LONGEST_NAME] or "without a name" for alert in chosen))
    return [
        facts.AlertsSplit(
            into=into,
            alerts=tuple(alert.fingerprint for alert in chosen),
            names=tuple(names[:MOST_NAMES]),
            why=why.strip(),
        ),
        *_counted(incident, held - len(chosen)),
    ]


def may_split(incident: Incident, chosen: Sequence[Alert], held: int) -> None:
    """Raise `Refused` or `Invalid` where these alerts can't be split off."""
    _open(incident, "nothing can be split off it")
    if not chosen:
        raise Invalid("Nothing says which alerts are meant.", "Name them by their fingerprints.")
    if len(chosen) >= held:
        raise Refused(f"These are all alerts of {incident.id}, so nothing would be left.", "Merge it instead.")


def take_in(incident: Incident, alerts: Sequence[Alert], why: str) -> Facts:
    """Attach alerts that another incident held: as many as the timeline lists, those that fire."""
    room = max(0, MOST_LISTED - len(incident.alerts))
    linked: Facts = []
    for alert in alerts:
        if len(linked) < room:
            linked += link_alert(incident, alert, why)
    return linked


def keep_inside(incident: Incident, other: Incident) -> None:
    """Raise `Refused` where what is private would be told in an incident that others see."""
    if not incident.team.private:
        return
    if not other.team.private or set(other.team.named) - set(incident.team.named):
        raise Refused(f"{incident.id} is private, and more people see {other.id}.", "Let the same people see both.")


def merge(incident: Incident, other: Incident, moved: int, why: str) -> Duplicate:
    """End an incident as a duplicate of another open one, which takes its alerts, its people and its severity.

    Raises `Refused` where that would lose something: a command on its way, a doubt, practice among what is real.
    """
    if incident.id == other.id:
        raise Refused(f"{incident.id} can't be merged into itself.", "Name the other incident.")
    _open(incident, "it can't be merged")
    _open(other, "nothing can be merged into it")
    if incident.drill is not other.drill:
        raise Refused("Practice and the real thing never share an incident.", "Resolve the drill.")
    keep_inside(incident, other)
    busy = [name for name, state in incident.steps.items() if state.status in ("queued", "running")]
    if busy:
        raise Refused(f"{incident.id} can't be merged while {busy[0]} runs.", "Wait for its end.")
    if incident.in_doubt:
        raise Refused(f"{incident.id}: {incident.in_doubt[0]} is in doubt.", "Say first whether it happened.")
    why = why.strip()
    withdrawn = [
        facts.ApprovalWithdrawn(approval=each.id, step=each.step, why=f"merged into {other.id}")
        for each in incident.waiting_approvals
    ]
    own = Topic(incident=incident.id, runbook=incident.runbook, scenario=incident.scenario, group=incident.group)
    absorbed = facts.Absorbed(
        incident=incident.id,
        title=incident.title,
        why=why,
        alerts=moved,
        people=tuple(dict.fromkeys((*incident.roles.values(), *incident.paged))),
        topics=(own, *incident.topics),
    )
    worse = raise_severity(
        other, incident.severity, f"{incident.id}, which was merged into it, was {incident.severity}"
    )
    return Duplicate(
        of_it=[*withdrawn, facts.Merged(into=other.id, why=why)],
        of_other=[absorbed, *worse],
    )


def _counted(incident: Incident, left: int) -> Facts:
    """The number of alerts, where it was told before and has changed."""
    if not incident.gathered:
        return []
    return [facts.AlertsGathered(alerts=left, names=0, listed=min(left, MOST_LISTED))]


def _open(incident: Incident, so: str) -> None:
    if not incident.open:
        raise Refused(f"{incident.id} is resolved, so {so}.", "Reopen it first.")
