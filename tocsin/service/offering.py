"""Values that can be offered for a gap: from what this incident printed, from itself, from earlier incidents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tocsin.app import App
from tocsin.core.incident import Incident
from tocsin.core.offers import MOST_OFFERS, Offer, offers_in
from tocsin.core.placeholders import choices_of, problem_of
from tocsin.core.rendering import Gap
from tocsin.core.runbook import Runbook, Step
from tocsin.core.steps import EXCERPT
from tocsin.ids import slug
from tocsin.service.filling import gaps_of
from tocsin.store import incidents, runs
from tocsin.store.db import Tx
from tocsin.times import say_time

EARLIER = 50
MOST_OLD = 3
MOST_SEARCHED = 32 * 1024


def earlier_values(tx: Tx, incident: Incident) -> dict[str, list[Offer]]:
    """What stood in each gap of this runbook in the latest other incidents."""
    found: dict[str, list[Offer]] = {}
    for other in incidents.listing(tx, status=None, limit=EARLIER):
        if other.id == incident.id or other.runbook != incident.runbook or other.team.private:
            continue
        for gap, value in other.values.items():
            known = found.setdefault(gap, [])
            if len(known) < MOST_OLD and all(each.value != value for each in known):
                known.append(Offer(value=value, source=f"old: {other.id}", old=True))
    return found


def long_outputs(tx: Tx, incident: Incident) -> dict[str, str]:
    """What steps printed whose last lines alone are on the incident, from its beginning: there a table has its head."""
    found: dict[str, str] = {}
    for step_id, state in incident.steps.items():
        run = runs.get(tx, state.run) if state.run and len(state.excerpt) >= EXCERPT else None
        if run is not None and run.outcome is not None:
            found[step_id] = run.outcome.output[:MOST_SEARCHED]
    return found


def offers_of(
    app: App, incident: Incident, runbook: Runbook, step: Step, earlier: dict[str, list[Offer]], printed: dict[str, str]
) -> dict[str, tuple[Offer, ...]]:  # fmt: skip
    """For each gap of a step that takes a value: what could stand there, the likeliest first, each value once.

    ``printed`` are the `long_outputs`.
    """
    found: dict[str, tuple[Offer, ...]] = {}
    for gap in gaps_of(runbook, step):
        if gap.read_as == "secret":
            continue
        offered = [
            *(Offer(value=choice, source="the document's choice") for choice in choices_of(gap.text)),
            *_printed(incident, runbook, gap, printed),
            *_of_incident(incident, gap),
            *_configured(app, gap),
            *earlier.get(gap.text, ()),
        ]
        fitting = [each for each in offered if not problem_of(gap.text, gap.read_as, each.value)]
        first = {each.value: each for each in reversed(fitting)}
        found[gap.text] = tuple(first[value] for value in dict.fromkeys(each.value for each in fitting))[:MOST_OFFERS]
    return found


def _printed(incident: Incident, runbook: Runbook, gap: Gap, printed: dict[str, str]) -> Iterator[Offer]:
    """From the steps that succeeded, the latest first."""
    done = [
        (state, step_id) for step_id, state in incident.steps.items() if state.status == "succeeded" and state.excerpt
    ]
    for state, step_id in sorted(done, key=lambda each: each[0].at, reverse=True):
        step = runbook.step(step_id)
        if step is None:
            continue
        text, about = printed.get(step_id, state.excerpt), f"{step.title} {step.command or ''}"
        for value, place, row in offers_in(text, gap, about):
            source = f"{place} of “{step.title}”, {say_time(state.at)}, line {step.line}"
            yield Offer(value=value, source=source, beside=row)


def _of_incident(incident: Incident, gap: Gap) -> Iterator[Offer]:
    """Its number, severity, title, begin, and the labels of its alerts."""
    words = [word for word in re.split(r"\W+|_", gap.text.lower()) if word and word not in ("your", "the")]
    if words in (["id"], ["incident", "id"], ["incident"], ["incident", "number"]):
        yield Offer(value=incident.id, source="this incident")
    elif words in (["severity"], ["incident", "severity"], ["sev"]):
        yield Offer(value=incident.severity, source="this incident's severity")
    elif words in (["title"], ["incident", "title"], ["incident", "name"]):
        yield Offer(value=incident.title, source="this incident's title")
    elif gap.kind.name == "date":
        yield Offer(value=incident.declared_at.date().isoformat(), source="the day of this incident")
    elif gap.kind.name == "time":
        yield Offer(value=incident.detected_at.strftime("%Y-%m-%dT%H:%M:%SZ"), source="when this incident was noticed")
        yield Offer(value=incident.detected_at.strftime("%H:%M"), source="when this incident was noticed")
    for alert in incident.alerts.values():
        for name, value in alert.labels.items():
            if value and _same_thing(slug(name), words):
                yield Offer(value=value, source=f"label {name} of the alert {alert.name}")


def _same_thing(label: str, words: Sequence[str]) -> bool:
    """Whether a label is about what the gap names: ``service`` for ``<service-name>``, ``pod`` for ``<pod>``."""
    parts = [part for part in label.split("-") if part]
    plain = [word for word in words if word not in ("name", "id", "label", "from", "alert")]
    return bool(plain) and [part for part in parts if part not in ("name", "id")] == plain


def _configured(app: App, gap: Gap) -> Iterator[Offer]:
    value = app.settings.placeholders.get(gap.text)
    if value:
        yield Offer(value=value, source="[placeholders] in tocsin.toml")
