"""What an incident switched off stays off until its root cause is recorded, or a second person says otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tocsin.app import App
from tocsin.core import facts
from tocsin.core.facts import Entry
from tocsin.core.incident import Incident
from tocsin.core.moves import Facts
from tocsin.core.policy import ApprovalPolicy
from tocsin.core.runbook import Runbook, Step
from tocsin.core.steps import Request
from tocsin.core.switching import off_keys, on_keys
from tocsin.errors import Conflict, Refused, TocsinError
from tocsin.ids import digest
from tocsin.service.books import whole_book
from tocsin.service.filling import render
from tocsin.service.keeping import with_ways_back
from tocsin.service.placing import place_of
from tocsin.store import incidents, runs, switches
from tocsin.store.db import Tx
from tocsin.store.switches import SwitchedOff
from tocsin.times import say_moment

Asked = tuple[Request, ApprovalPolicy]
A_PRIVATE_ONE = "a private incident"
HINT = "Record it first, or give a reason: then a second person must approve."


def keep(tx: Tx, before: Incident | None, after: Incident, entry: Entry) -> None:
    """Keep the index of what is switched off in step with an incident's timeline; in the transaction of the entry."""
    was, now = before.learning if before else after.learning, after.learning
    if isinstance(entry.fact, facts.RootCauseRecorded):
        switches.forget(tx, after.id)
        return
    if isinstance(entry.fact, facts.StepFinished) and entry.fact.status == "succeeded" and switches.any_off(tx):
        done = runs.get(tx, entry.fact.run)
        if done is not None and done.verdict != "read":
            switches.switched_on(tx, on_keys(done.command), done.place)
    if was.off == now.off:
        return
    for step, switch in now.off.items():
        if switch.ran and was.off.get(step) != switch and not now.root_cause:
            known = SwitchedOff(incident=after.id, step=step, at=switch.at)
            switches.put(tx, off_keys(switch.command), switch.place, known)
    for step in was.off.keys() - now.off.keys():
        switches.forget(tx, after.id, step)


def held(tx: Tx, request: Request) -> SwitchedOff | None:
    """The incident without a root cause that switched off what a command would switch on; None where there is none."""
    if request.verdict.word == "read" or not switches.any_off(tx):
        return None
    return switches.find(tx, on_keys(request.command), request.target.name)


def gates(app: App, ref: str) -> Mapping[str, str]:
    """Steps that would switch on what is to stay off: step → the sentence that says so. Hardly ever any."""

    def read(tx: Tx) -> Mapping[str, str]:
        off = switches.every(tx)
        incident = incidents.load(tx, ref) if off else None
        if incident is None or not incident.open:
            return {}
        runbook = with_ways_back(incident, whole_book(app, tx, incident))
        found = {step.id: _gate(app, off, incident, runbook, step) for step in runbook.steps()}
        return {step: _sentence(tx, incident, each) for step, each in found.items() if each is not None}

    return app.db.read(read)


def overrule(tx: Tx, incident: Incident, asked: Sequence[Asked], why: str) -> tuple[list[Asked], Facts]:
    """What is asked, where it may be: as it is, or, with a reason, such that a second person must say yes.

    Raises `Refused` where something would be switched on whose root cause is open, and nobody says why.
    """
    found = [(request, off) for request, _ in asked if (off := held(tx, request)) is not None]
    if not found:
        return list(asked), []
    request, off = found[0]
    if not why.strip():
        raise Refused(f"{request.step.title!r} {_sentence(tx, incident, off)}", HINT)
    whose = _whose(tx, incident, off)
    rule = f"The root cause of {whose or A_PRIVATE_ONE} is open: {why.strip()}"
    strict = [
        (each, replace(policy, people=max(policy.people, 1), self_approve=False, why=_both(policy.why, rule)))
        for each, policy in asked
    ]
    steps = tuple(each.step.id for each, _ in found)
    fact = facts.CauseGateOverruled(
        approval=asked[0][0].approval, steps=steps, incident=whose, why=why.strip()
    )  # fmt: skip
    return strict, [fact]


def still_open(tx: Tx, incident: Incident, approval: str, requests: Sequence[Request]) -> None:
    """Raise `Conflict` where a question was asked before what it would switch on was switched off."""
    if approval in incident.learning.overruled:
        return
    off = next((found for request in requests if (found := held(tx, request)) is not None), None)
    if off is not None:
        raise Conflict(
            f"{_whose(tx, incident, off) or A_PRIVATE_ONE} has switched this off meanwhile, and its root cause is not"
            " recorded.",
            "Withdraw the question, and ask again with a reason.",
        )


def _gate(
    app: App, off: Mapping[tuple[str, str], SwitchedOff], incident: Incident, runbook: Runbook, step: Step
) -> SwitchedOff | None:  # fmt: skip
    """What keeps a step from running without a reason, as its command reads with what is filled in just now."""
    if not step.runnable or step.kind == "set" or step.verdict == "read":
        return None
    try:
        command, place = render(app, incident, runbook, step)[0], place_of(app, runbook, step).target.name
    except TocsinError:
        return None  # it can't run as it is; why, stands beside it
    return next((found for key in on_keys(command) if (found := off.get((digest(key), place)))), None)


def _sentence(tx: Tx, incident: Incident, off: SwitchedOff) -> str:
    whose = _whose(tx, incident, off) or A_PRIVATE_ONE
    return (
        f"would switch on what {whose} switched off at {say_moment(off.at)}, and the root cause of {whose} is not"
        " recorded."
    )


def _whose(tx: Tx, incident: Incident, off: SwitchedOff) -> str:
    """The incident that switched something off; empty where it is private, and another one than this."""
    if off.incident == incident.id:
        return off.incident
    other = incidents.load(tx, off.incident)
    return "" if other is None or other.team.private else off.incident


def _both(first: str, second: str) -> str:
    return "; ".join(part for part in (first, second) if part)
