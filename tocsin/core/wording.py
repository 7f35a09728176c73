"""A team's own words for what people are told: tokens are replaced once; what a value holds is never a token."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tocsin.core.briefing import alerts_said
from tocsin.core.incident import Incident
from tocsin.core.notices import Notice
from tocsin.times import say_time

TOKENS: Mapping[str, str] = {
    "incident.id": "INC-7",
    "incident.number": "7",
    "incident.title": "what it is called",
    "incident.severity": "how bad it is",
    "incident.status": "open, acknowledged, mitigated or resolved",
    "incident.scenario": "the scenario's title, empty without one",
    "incident.why": "why it was declared",
    "incident.declared": "when it was declared",
    "alerts": "the alerts that fire, a line each",
    "to": "who is told",
    "why": "why they are told",
    "url": "where the incident's page is",
    "subject": "the subject as it would be without a template",
    "body": "the text as it would be without a template",
}
"""Token → what stands in its place."""
KINDS = ("page", "inform", "approval")
_TOKEN = re.compile(r"\{([A-Za-z_][\w.]{0,60})\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words for one kind of notice; what is empty stays as it is without a template."""

    subject: str = ""
    body: str = ""


def unknown_tokens(text: str) -> Iterator[str]:
    """The tokens in a template that nothing will ever replace."""
    return (found[1] for found in _TOKEN.finditer(text) if found[1] not in TOKENS)


def worded(notice: Notice, incident: Incident, name: str, templates: Mapping[str, Wording]) -> Notice:
    """The notice in the team's words; ``name`` is how its receiver is called."""
    wording = templates.get(notice.kind)
    if wording is None or incident.team.private:  # of a private one nothing is said that a template could add
        return notice
    values = _values(notice, incident, name)
    subject = " ".join(_filled(wording.subject, values).split()) if wording.subject else notice.subject
    if notice.drill and "drill" not in subject.casefold():
        subject = f"DRILL {subject}"
    return replace(notice, subject=subject, body=_filled(wording.body, values) if wording.body else notice.body)


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _TOKEN.sub(lambda found: values.get(found[1], found[0]), text)


def _values(notice: Notice, incident: Incident, name: str) -> dict[str, str]:
    alerts = [line.removeprefix("Alert ") for line in alerts_said(incident)]
    return {
        "incident.id": incident.id,
        "incident.number": str(incident.number),
        "incident.title": incident.title,
        "incident.severity": incident.severity,
        "incident.status": incident.status,
        "incident.scenario": incident.scenario_title,
        "incident.why": incident.why,
        "incident.declared": say_time(incident.declared_at),
        "alerts": "\n".join(alerts),
        "to": name,
        "why": notice.why,
        "url": notice.url,
        "subject": notice.subject,
        "body": notice.body,
    }
