"""What a team's template asks for beside its labels, by what such a label may be called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tocsin.core import facts
from tocsin.core.actiontable import escape
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory
from tocsin.core.review import affected, durations
from tocsin.times import say_duration, say_time

_NAMES: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "incident title", "brief description", "short description"),
    "id": ("incident", "incident id", "id", "incident number", "number", "ticket"),
    "date": ("date", "incident date", "date of incident", "yyyy mm dd", "datum"),
    "severity": ("severity", "sev", "priority", "level", "severity level"),
    "duration": ("duration", "total duration", "length", "outage duration", "xx minutes hours", "dauer"),
    "began": ("started", "start", "start time", "began", "time", "incident start", "detected", "detected at"),
    "ended": ("ended", "end", "end time", "resolved", "resolved at", "resolution time", "incident end"),
    "impact": ("impact", "user impact", "customer impact"),
    "features": ("features", "features impacted", "affected features", "features affected"),
    "affected": ("affected users", "users affected", "number of users affected", "customers affected"),
    "leader": ("commander", "incident commander", "led by", "lead", "incident lead", "ic"),
    "author": ("author", "written by", "authors", "owner", "name"),
    "status": ("status", "state"),
    "root cause": ("root cause", "cause"),
    "fix": ("fix applied", "fix", "resolution", "how it was fixed"),
    "scenario": ("scenario", "runbook", "category"),
    "detect": ("time to detect", "ttd", "mttd"),
    "acknowledge": ("time to acknowledge", "tta", "mtta"),
    "mitigate": ("time to mitigate", "ttm", "mttm"),
    "resolve": ("time to resolve", "ttr", "mttr"),
}


def labels_of(incident: Incident, entries: Sequence[Entry], directory: Directory) -> dict[str, str]:
    """A label's name, in small letters without punctuation → its value; what nobody knows is left out."""
    took, leader = durations(incident), incident.roles.get("commander") or incident.owner
    known = {
        "title": escape(incident.title),
        "id": incident.id,
        "date": incident.detected_at.strftime("%Y-%m-%d"),
        "severity": escape(incident.severity),
        "duration": say_duration(took.resolve) if took.resolve is not None else "",
        "began": say_time(incident.detected_at),
        "ended": say_time(incident.resolved_at) if incident.resolved_at else "",
        "impact": _answered(incident, "impact"),
        "features": _answered(incident, "features"),
        "affected": _answered(incident, "users") if affected(entries).startswith("_") else affected(entries),
        "leader": escape(directory.name_of(leader)) if leader else "",
        "author": escape(directory.name_of(leader)) if leader else "",
        "status": incident.status,
        "root cause": escape(incident.learning.root_cause),
        "fix": resolution_of(entries),
        "scenario": escape(incident.scenario_title),
        **{
            name: say_duration(span) if span is not None else ""
            for name, span in (
                ("detect", took.detect), ("acknowledge", took.acknowledge), ("mitigate", took.mitigate),
                ("resolve", took.resolve),
            )
        },
    }  # fmt: skip
    return {label: known[kind] for kind, labels in _NAMES.items() for label in labels if known[kind]}


def _answered(incident: Incident, field: str) -> str:
    """What somebody said where a message asked for the same."""
    said = incident.messages.answers.get(field)
    return escape(said.text) if said else ""


def resolution_of(entries: Sequence[Entry]) -> str:
    """What people said ended it: how the impact was ended, and the last word at the end."""
    said = [entry.fact.how for entry in entries if isinstance(entry.fact, facts.Mitigated) and entry.fact.how]
    said += [entry.fact.summary for entry in entries if isinstance(entry.fact, facts.Resolved) and entry.fact.summary]
    return " ".join(f"{escape(each[:1].upper() + each[1:]).rstrip('.')}." for each in dict.fromkeys(said))
