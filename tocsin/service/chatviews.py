"""What is answered in a chat to who asks how things are: plain text, a line for each thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tocsin.app import App
from tocsin.core import chatwords
from tocsin.core.docrules import DocRule
from tocsin.core.incident import Incident
from tocsin.core.posts import title
from tocsin.core.runbook import Runbook, Step
from tocsin.core.steptelling import first_line
from tocsin.errors import NotFound
from tocsin.plug.outgoing import one_line
from tocsin.service import assessing, checklists, duty, views
from tocsin.service.access import Caller, only_in_reach
from tocsin.store import incidents
from tocsin.times import say_time

MOST_LISTED = 20


def help_text() -> str:
    """Every command."""
    return "\n".join(f"{usage}: {says}" for usage, says in chatwords.usage())


def open_to(app: App, caller: Caller, *, shared: bool) -> list[Incident]:
    """The open incidents that somebody may see; where all read along, no private one."""
    found = only_in_reach(app, caller, app.db.read(incidents.open_ones))
    return [each for each in found if not (shared and each.team.private)]


def list_text(app: App, caller: Caller, *, shared: bool) -> str:
    """The open incidents, a line for each."""
    found = sorted(open_to(app, caller, shared=shared), key=lambda each: each.number, reverse=True)
    lines = [f"{one_line(title(each), 200)}: {each.status}" for each in found[:MOST_LISTED]]
    more = [f"and {len(found) - MOST_LISTED} more"] if len(found) > MOST_LISTED else []
    return "\n".join([*lines, *more]) or "No incident is open."


def status_text(app: App, incident: Incident) -> str:
    """How an incident is: its state, its clocks, who is called next, what is missing until its end."""
    page = views.incident_page(app, incident.id)
    name, now = duty.directory_now(app).name_of, page.now
    lines = [f"{one_line(title(incident), 200)}: {incident.status}"]
    lines += [f"taken by {name(incident.owner or incident.acknowledged_by)}"] if incident.acknowledged_by else []
    lines += [f"{clock.name}: {clock.shows(now)}" for clock in page.clocks]
    coming = [rung for rung in page.ladder if rung.at and rung.at > now and not rung.climbed]
    if coming:
        first = min(coming, key=lambda rung: rung.at or now)
        lines.append(f"next: {first.person or f'nobody is bound to {first.rung.to}'} at {first.at:%H:%M:%S} UTC")
    lines += [f"still missing: {one_line(reason, 200)}" for reason in page.missing[:5]]
    lines += [f"waits for approval: {len(incident.waiting_approvals)}"] if incident.waiting_approvals else []
    link = [f"{app.settings.base_url}/incidents/{incident.id}"] if app.settings.base_url else []
    return "\n".join([*lines, *link])


def roles_text(app: App, incident: Incident) -> str:
    """Who has which role."""
    name = duty.directory_now(app).name_of
    lines = [f"{one_line(role, 100)}: {name(person)}" for role, person in incident.roles.items()]
    taken = incident.owner or incident.acknowledged_by
    offers = [
        f"{each.role}: offered to {name(each.to)} until {say_time(each.until)}"
        for each in incident.team.offers.values()
    ]
    return "\n".join([f"{incident.id} is taken by {name(taken) if taken else 'nobody yet'}", *lines, *offers])


def steps_text(app: App, incident: Incident) -> str:
    """The steps of its scenario with the numbers by which they can be run."""
    lines = []
    for place, step in enumerate(_steps(app, incident), 1):
        state = incident.step(step.id)
        done = f" [{state.status.replace('_', ' ')}]" if state else ""
        what = first_line(step.command) if step.command else "by hand"
        lines.append(f"{place}. {one_line(step.title, 100)} ({step.verdict}: {one_line(what, 120)}){done}")
    return "\n".join(lines) or f"{incident.id} has no steps."


def step_at(app: App, incident: Incident, place: int) -> str:
    """The id of the step with this number. Raises `NotFound`."""
    steps = _steps(app, incident)
    if not 1 <= place <= len(steps):
        raise NotFound(f"{incident.id} has no step {place}.", "`steps` lists them.")
    return steps[place - 1].id


def readable(runbook: Runbook, incident: Incident) -> list[tuple[str, str]]:
    """The steps of its scenario that are proved to read, and have no gap to fill: id and title."""
    scenario = runbook.scenario(incident.scenario)
    steps = scenario.steps if scenario else ()
    return [
        (step.id, step.title) for step in steps if step.runnable and step.verdict == "read" and not step.placeholders
    ]


def _steps(app: App, incident: Incident) -> list[Step]:
    return [view.step for part in views.incident_page(app, incident.id).parts for view in part.steps]


def boxes_text(app: App, incident: Incident) -> str:
    """The open boxes of its checklists, each with its line."""
    found = checklists.listing(app, incident.id)
    boxes = [box for each in found.every if each.applies for box in each.boxes if box.state == "open"]
    lines = [f"L{box.line} {one_line(box.text, 120)}" for box in boxes[:MOST_LISTED]]
    more = [f"and {len(boxes) - MOST_LISTED} more"] if len(boxes) > MOST_LISTED else []
    return "\n".join([*lines, *more]) or f"No box of {incident.id} is open."


def questions_text(app: App, incident: Incident) -> str:
    """What the document asks, what was answered, and what it says of the answers."""
    found = assessing.assessment(app, incident.id)
    lines = [
        f"L{each.line} {one_line(each.text, 120)} {one_line(each.answer.answer, 120) if each.answer else '(open)'}"
        for each in found.questions[:MOST_LISTED]
    ]
    lines += [rule_text(rule) for rule in found.rules[:MOST_LISTED]]
    return "\n".join(lines) or "The document asks no questions."


def rule_text(rule: DocRule) -> str:
    """A rule of the document that waits for somebody's word."""
    only = f"; only if this is so, too: {', '.join(rule.beyond)}" if rule.beyond else ""
    return f"The document {one_line(rule.says(), 200)}{only}. Write: rule {rule.id}"


VIEWS: Mapping[str, Callable[[App, Incident], str]] = {
    "status": status_text, "roles": roles_text, "steps": steps_text, "boxes": boxes_text, "questions": questions_text,
}  # fmt: skip
