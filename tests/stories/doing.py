"""What can stand in a story's "does" column, and what it does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.stories.world import World
from tocsin import wire
from tocsin.core.alert import Alert
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.errors import TocsinError
from tocsin.service import catalogue, ingest, respond
from tocsin.times import parse_duration

Action = Callable[..., None]
ACTIONS: list[tuple[re.Pattern[str], Action]] = []
NAME = r"(?P<who>[a-z]+)"
INCIDENT = r"(?: (?P<ref>INC-\d+))?"
WHY = r"(?: because (?P<why>.+))?"


def action(pattern: str) -> Callable[[Action], Action]:
    """Register what a sentence does."""

    def register(do: Action) -> Action:
        ACTIONS.append((re.compile(pattern), do))
        return do

    return register


def perform(world: World, does: str) -> TocsinError | None:
    """Do what the sentence says; a refusal is an answer, not a failure."""
    for pattern, do in ACTIONS:
        found = pattern.fullmatch(does)
        if found:
            try:
                do(world, **found.groupdict())
            except TocsinError as error:
                return error
            return None
    raise AssertionError(f"No story knows how to do: {does!r}. See docs/how-to/write-a-story.md.")


def latest(world: World, ref: str | None) -> Incident:
    """The incident a sentence means: the one it names, else the newest."""
    from tocsin.store import incidents

    if ref:
        return respond.exists(world.app, ref)
    found = world.app.db.read(lambda tx: incidents.listing(tx, limit=1))
    if not found:
        raise AssertionError("There is no incident yet.")
    return found[0]


def move(world: World, who: str, ref: str | None, name: str, **fields: Any) -> None:
    """Make a move of the catalogue, as a program would: by its name and plain values."""
    request = wire.convert(catalogue.CATALOGUE[name].request, fields)
    role = "agent" if who.startswith("agent") else "viewer" if who.startswith("viewer") else "admin"
    kind: Any = "agent" if role == "agent" else "person"
    catalogue.make(world.app, name, latest(world, ref).id, request, Actor(kind, who), role)


def step_at(world: World, ref: str | None, line: str) -> str:
    """The id of the step on a line of the runbook."""
    incident = latest(world, ref)
    book = next(book for book in world.app.books if book.digest == incident.runbook_digest)
    found = [step for step in book.steps() if step.line == int(line)]
    inside = [step for step in found if step.id.startswith(incident.scenario)] or found
    if not inside:
        raise AssertionError(f"No step of {book.title!r} stands on line {line}.")
    return inside[0].id


@action(r"nobody .*|time passes|nothing")
def _nothing(world: World) -> None:
    del world


@action(r"(?P<source>[a-z]+) fires `(?P<name>[^`{]*)(?:\{(?P<labels>[^`]*)\})?`(?: saying `(?P<summary>[^`]*)`)?")
def _fires(world: World, source: str, name: str, labels: str | None, summary: str | None) -> None:
    world_alert(world, source, name, labels, summary, firing=True)


@action(r"(?P<source>[a-z]+) resolves `(?P<name>[^`{]*)(?:\{(?P<labels>[^`]*)\})?`")
def _clears(world: World, source: str, name: str, labels: str | None) -> None:
    world_alert(world, source, name, labels, None, firing=False)


@action(r"(?P<source>[a-z]+) fires (?P<count>\d+) different alerts `(?P<name>[^`]*)`")
def _storm(world: World, source: str, count: str, name: str) -> None:
    for number in range(int(count)):
        world_alert(world, source, name, f"instance=host-{number}", None, firing=True)


def world_alert(world: World, source: str, name: str, labels: str | None, summary: str | None, *, firing: bool) -> None:
    """Hand in an alert as a source's door does."""
    now = world.clock.at
    pairs = dict(pair.split("=", 1) for pair in (labels or "").split(",") if pair)
    alert = Alert(
        source=source,
        labels={"alertname": name, **pairs} if name else pairs,
        annotations={"summary": summary} if summary else {},
        starts_at=now,
        updated_at=now,
    )
    ended = alert if firing else replace(alert, status="resolved", ends_at=now)
    ingest.accept(world.app, source, [ended])


@action(r"(?P<metric>[a-z0-9 ]+) reads (?P<value>-?[\d.]+)(?: .*)?")
def _reads(world: World, metric: str, value: str) -> None:
    gauge(world, metric).value = float(value)
    world.read(metric)


@action(r"(?P<metric>[a-z0-9 ]+) is silent")
def _silent(world: World, metric: str) -> None:
    gauge(world, metric).value = None
    world.read(metric)


def gauge(world: World, metric: str) -> Any:
    """The signal that the words mean, as the application binds them."""
    signal = world.app.settings.signal(metric)
    if signal is None:
        raise AssertionError(f"The runbook has no metric {metric!r}; it has {sorted(world.gauges)}.")
    return signal.probe


@action(rf"{NAME}'s phone dies")
def _dies(world: World, who: str) -> None:
    world.phone.dead.add(who)


@action(rf"{NAME} declares(?: (?P<severity>\S+))? `(?P<scenario>[^`]*)`{WHY}")
def _declares(world: World, who: str, severity: str | None, scenario: str, why: str | None) -> None:
    wanted = catalogue.Declaration(scenario=scenario, severity=severity or "", why=why or "")
    catalogue.declare(world.app, wanted, Actor("person", who), "viewer" if who == "viewer" else "admin")


@action(rf"{NAME} (?P<name>acknowledges|publishes the post-mortem of){INCIDENT}")
def _plain(world: World, who: str, name: str, ref: str | None) -> None:
    move(world, who, ref, "acknowledge" if name == "acknowledges" else "publish_review")


@action(rf"{NAME} makes (?P<person>[a-z]+) (?P<role>[a-z ]+?){INCIDENT}")
def _assigns(world: World, who: str, person: str, role: str, ref: str | None) -> None:
    move(world, who, ref, "assign", role=role, person=person)


@action(rf"{NAME} assesses{INCIDENT} as (?P<severity>\S+) because (?P<why>.+)")
def _assesses(world: World, who: str, ref: str | None, severity: str, why: str) -> None:
    move(world, who, ref, "assess", severity=severity, why=why)


@action(rf"{NAME} notes{INCIDENT} `(?P<text>[^`]*)`")
def _notes(world: World, who: str, ref: str | None, text: str) -> None:
    move(world, who, ref, "note", text=text)


@action(rf"{NAME} tells (?P<audience>[a-z]+){INCIDENT} `(?P<text>[^`]*)`")
def _tells(world: World, who: str, audience: str, ref: str | None, text: str) -> None:
    move(world, who, ref, "post_update", audience=audience, text=text)


@action(rf"{NAME} calls (?P<to>[a-z -]+?) in{INCIDENT} because (?P<why>.+)")
def _calls(world: World, who: str, to: str, ref: str | None, why: str) -> None:
    move(world, who, ref, "escalate", to=to, why=why)


@action(rf"{NAME} holds the ladder for (?P<span>[\dhms ]+){INCIDENT} because (?P<why>.+)")
def _holds(world: World, who: str, span: str, ref: str | None, why: str) -> None:
    minutes = parse_duration(span) / timedelta(minutes=1)
    move(world, who, ref, "hold", minutes=minutes, why=why)


@action(rf"{NAME} fills `(?P<placeholder>[^`]*)` with `(?P<value>[^`]*)`{INCIDENT}")
def _fills(world: World, who: str, placeholder: str, value: str, ref: str | None) -> None:
    move(world, who, ref, "bind", placeholder=placeholder, value=value)


@action(rf"{NAME} takes the branch `(?P<branch>[^`]*)`{INCIDENT}{WHY}")
def _branch(world: World, who: str, branch: str, ref: str | None, why: str | None) -> None:
    move(world, who, ref, "choose_branch", branch=branch, why=why or "")


@action(rf"{NAME} runs line (?P<line>\d+){INCIDENT}")
def _runs(world: World, who: str, line: str, ref: str | None) -> None:
    move(world, who, ref, "request_step", step=step_at(world, ref, line))


@action(rf"{NAME} (?P<name>approves|denies|withdraws) line (?P<line>\d+){INCIDENT}{WHY}")
def _answers(world: World, who: str, name: str, line: str, ref: str | None, why: str | None) -> None:
    step = step_at(world, ref, line)
    waiting = [entry for entry in latest(world, ref).waiting_approvals if entry.step == step]
    known = waiting or [entry for entry in latest(world, ref).approvals.values() if entry.step == step]
    if not known:
        raise AssertionError(f"Nothing was ever asked about line {line}.")
    verb = {"approves": "approve", "denies": "deny", "withdraws": "withdraw"}[name]
    move(world, who, ref, verb, approval=known[-1].id, sha=known[-1].sha, why=why or "")


@action(rf"{NAME} (?P<name>does|skips) line (?P<line>\d+){INCIDENT}{WHY}")
def _does(world: World, who: str, name: str, line: str, ref: str | None, why: str | None) -> None:
    step = step_at(world, ref, line)
    move(world, who, ref, "do_step" if name == "does" else "skip_step", step=step, why=why or "")


@action(rf"{NAME} ticks the phase (?P<phase>[a-z0-9/-]+){INCIDENT}")
def _phase(world: World, who: str, phase: str, ref: str | None) -> None:
    move(world, who, ref, "reach_phase", phase=phase)


@action(rf"{NAME} gives the phase (?P<phase>[a-z0-9/-]+) to (?P<owner>[a-z]+){INCIDENT}")
def _owns(world: World, who: str, phase: str, owner: str, ref: str | None) -> None:
    move(world, who, ref, "own_phase", phase=phase, owner=owner)


@action(rf"{NAME} mitigates{INCIDENT} by (?P<how>.+)")
def _mitigates(world: World, who: str, ref: str | None, how: str) -> None:
    move(world, who, ref, "mitigate", how=how)


@action(rf"{NAME} confirms criterion (?P<number>\d+){INCIDENT}{WHY}")
def _confirms(world: World, who: str, number: str, ref: str | None, why: str | None) -> None:
    move(world, who, ref, "confirm_criterion", criterion=int(number) - 1, why=why or "")


@action(rf"{NAME} resolves{INCIDENT}(?: saying `(?P<summary>[^`]*)`)?(?: all the same because (?P<override>.+))?")
def _resolves(world: World, who: str, ref: str | None, summary: str | None, override: str | None) -> None:
    move(world, who, ref, "resolve", summary=summary or "", override=override or "")


@action(rf"{NAME} reopens{INCIDENT} because (?P<why>.+)")
def _reopens(world: World, who: str, ref: str | None, why: str) -> None:
    move(world, who, ref, "reopen", why=why)


@action(rf"{NAME} opens the post-mortem{INCIDENT}")
def _review(world: World, who: str, ref: str | None) -> None:
    from tocsin.service import review

    review.open_review(world.app, latest(world, ref).id, Actor("person", who))
