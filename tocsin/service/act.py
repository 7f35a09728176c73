"""Steps: make them ready, ask, approve, and take in what the runner reports."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace

from tocsin import safety
from tocsin.app import App
from tocsin.core import checklists, facts, sets, steps
from tocsin.core.facts import ENGINE, Actor
from tocsin.core.following import digest_of, origin, own_id
from tocsin.core.incident import Incident
from tocsin.core.instead import done_instead, must_be_free, waits_for_a_person
from tocsin.core.moves import Facts
from tocsin.core.policy import ApprovalPolicy, Asked
from tocsin.core.run import Outcome, Run, Verdict, seal
from tocsin.core.runbook import Runbook, Scenario, Step
from tocsin.errors import NotFound, Refused
from tocsin.ids import new_id
from tocsin.plug.kinds import taken_by
from tocsin.safety.team import NOBODY, Team
from tocsin.service import causegate, deciding, duty, succession
from tocsin.service.arguments import Order, bound
from tocsin.service.books import whole_book
from tocsin.service.commit import commit
from tocsin.service.filling import how_to_fill, render
from tocsin.service.keeping import agreed, announced, with_ways_back
from tocsin.service.placing import place_of, place_of_run, scenario_of, team_on
from tocsin.settings import Place
from tocsin.store import incidents, runs
from tocsin.store.db import Tx

log = logging.getLogger("tocsin")
NO_VALUES: Mapping[str, str] = {}
NOT_BY_ITSELF = frozenset({"endless", "heavy", "interactive", "secret"})


def find(app: App, tx: Tx, ref: str) -> tuple[Incident, Runbook]:
    """An incident, locked for this transaction, and the version of the runbook that it follows."""
    incident = incidents.load(tx, ref, lock=True)
    if incident is None:
        raise NotFound(f"There is no incident {ref}.", "`tocsin incident list` shows them.")
    return incident, with_ways_back(incident, whole_book(app, tx, incident))


def find_step(runbook: Runbook, step_id: str) -> Step:
    """A step by its id."""
    step = runbook.step(step_id)
    if step is None:
        raise NotFound(f"The runbook has no step {step_id!r}.", "`tocsin incident show` lists them.")
    return step


def ready(app: App, incident: Incident, runbook: Runbook, step: Step) -> steps.Request:
    """A step with its placeholders filled, its verdict computed from what will run, its seal taken."""
    if not step.runnable:
        raise Refused(f"{step.title!r} is something to do by hand.", "Tick it off when it is done.")
    if step.kind == "set":
        raise Refused(
            f"{step.command!r} only sets a variable in a shell that ends at once; it has no effect.",
            f"Set it where the service reads it, then tick the step off (line {step.line}).",
        )
    command, unbound = render(app, incident, runbook, step)
    if unbound:
        gaps = ", ".join(unbound)
        raise Refused(f"{step.title!r} can't run before {gaps} has a value.", how_to_fill(runbook, unbound))
    place, now = place_of(app, runbook, step), app.clock.now()
    target = place.target
    if not taken_by(place.executor):
        raise Refused(
            f"On {target.describe()} people start the commands: {command}",
            "Run it there, then tick the step off with what it printed.",
        )
    verdict = announced(safety.classify(step.kind, command, team=team_on(app.settings, place)), step.kind, command)
    if waits_for_a_person(verdict):
        raise Refused(
            f"{step.title!r} takes a person at a screen: `{command}`",
            "Start it on a machine of yours, then tick the step off with what you saw.",
        )
    return steps.Request(
        step=step,
        command=command,
        verdict=verdict,
        target=target,
        sha=seal(agreed(step.kind, command), target, incident.id, step.id, digest_of(incident, step.id)),
        run=new_id("run", now),
        approval=new_id("apr", now),
    )


def start_diagnosis(app: App, tx: Tx, incident: Incident, runbook: Runbook) -> Incident:
    """Queue every diagnosis step that is proved to read; the others wait for people."""
    scenario, now = runbook.scenario(incident.scenario), app.clock.now()
    queued: Facts = []
    for step in scenario.steps if scenario else ():
        if step.stage != "diagnosis" or step.verdict != "read" or step.alternative_to:
            continue
        try:
            request = ready(app, incident, runbook, step)
            harmless = request.verdict.word == "read" and not NOT_BY_ITSELF & set(request.verdict.traits)
            asked = steps.request_step(incident, request, app.settings.approvals, now) if harmless else []
        except Refused:
            continue  # a gap to fill, a step for people, one still in doubt: it stays on the page with its reason
        except Exception:
            log.exception("%s: the step %s can't be made ready.", incident.id, step.id)
            continue  # whatever it is, the page that is due comes first
        queued += asked
    return commit(app, tx, incident, queued, ENGINE) if queued else _decide(app, tx, incident, runbook)


def request_step(
    app: App, ref: str, step_id: str, by: Actor, why: str = "", values: Mapping[str, str] = NO_VALUES
) -> Incident:
    """Ask for a run: a proved read starts, anything else waits for approval. ``values`` fill the step's gaps first.

    ``why`` it is to be switched on although the root cause of what switched it off is open (`causegate`).
    """

    def move(tx: Tx) -> Incident:
        incident, runbook = find(app, tx, ref)
        step = find_step(runbook, step_id)
        new = _before(app, incident, runbook, step, Order(why=why, values=values))
        incident = commit(app, tx, incident, new, by) if new else incident
        request = ready(app, incident, runbook, step)
        policy = policy_of(app, incident, runbook, request, alone=by.kind == "person")
        return commit(app, tx, incident, _asked(app, tx, incident, request, policy, why), by)

    return app.db.write(move)


def choose_branch(app: App, ref: str, branch: str, why: str, by: Actor) -> Incident:
    """Take a branch, and ask for its first step."""

    def move(tx: Tx) -> Incident:
        incident, runbook = find(app, tx, ref)
        scenario = _scenario(incident, runbook)
        after = commit(app, tx, incident, steps.choose_branch(incident, scenario, branch, why), by)
        first = next(step for step in scenario.steps if step.branch == branch)
        return _offer(app, tx, after, runbook, first, by)

    return app.db.write(move)


def approve(app: App, ref: str, approval_id: str, sha: str, by: Actor, role: str = "admin") -> Incident:
    """Allow one exact command, or one exact set. What would run is made ready anew and must be what was asked for."""

    def move(tx: Tx) -> Incident:
        incident, runbook = find(app, tx, ref)
        approval = incident.approvals.get(approval_id)
        if approval is None:
            raise NotFound(f"{incident.id} has no approval {approval_id!r}.")
        steps.waiting(incident, approval_id, app.clock.now())  # before what would run is looked at
        requests = [ready(app, incident, runbook, find_step(runbook, step)) for step in approval.steps]
        causegate.still_open(tx, incident, approval_id, requests)
        who = steps.Approver(by=by, role=role, directory=duty.directory(app, tx), now=app.clock.now())
        seen, now = sha or approval.sha, app.clock.now()
        if approval.members:
            return commit(app, tx, incident, sets.approve_set(incident, approval_id, seen, requests, who, now), by)
        granted = steps.approve(incident, approval_id, seen, requests[0], who, now)
        return commit(app, tx, incident, granted, by)

    return app.db.write(move)


def withdraw(app: App, ref: str, approval_id: str, why: str, by: Actor) -> Incident:
    """Take a question back; of a set that was granted, stop what has not begun."""

    def decide(incident: Incident, _: Runbook) -> Facts:
        approval = incident.approvals.get(approval_id)
        if approval is not None and approval.members and approval.status == "granted":
            return sets.withdraw_rest(incident, approval, why)
        return steps.withdraw(incident, approval_id, why, app.clock.now())

    return move_step(app, ref, by, decide)


def policy_of(
    app: App, incident: Incident, runbook: Runbook, request: steps.Request, *, alone: bool = False
) -> ApprovalPolicy:
    """What the configuration asks for before a step that was made ready may run; ``alone``: a person asks for it."""
    step, scenario = request.step, scenario_of(runbook, request.step)
    asked = Asked(
        severity=incident.severity, verdict=request.verdict.word, traits=request.verdict.traits,
        target=request.target.name, scenario=(own_id(scenario.id), scenario.title) if scenario else (),
        step=(own_id(step.id), step.title), stage=step.stage,
    )  # fmt: skip
    return app.settings.approvals.of(asked, alone=alone)


def move_step(app: App, ref: str, by: Actor, move: Callable[[Incident, Runbook], Facts]) -> Incident:
    """Any other move over steps: deny, withdraw, settle, do, skip."""

    def write(tx: Tx) -> Incident:
        incident, runbook = find(app, tx, ref)
        return commit(app, tx, incident, move(incident, runbook), by)

    return app.db.write(write)


def do_step(app: App, ref: str, step_id: str, why: str, by: Actor) -> Incident:
    """Tick a step off; one whose alternative was done takes a reason."""

    def decide(incident: Incident, runbook: Runbook) -> Facts:
        step = find_step(runbook, step_id)
        must_be_free(incident, runbook, step, why)
        done = steps.do_step(incident, step, why)
        ours = origin(incident, step.id) is None  # lines of a linked runbook are other lines
        return [*done, *(checklists.completed(incident, runbook, step.line) if ours else ())]

    return move_step(app, ref, by, decide)


def started(app: App, run: Run) -> bool:
    """Put the intent on record, before the command starts. False: somebody else has it, or it is no longer wanted."""

    def move(tx: Tx) -> bool:
        incident, _ = find(app, tx, run.incident)
        if not runs.start(tx, run.id, app.node, app.clock.now()):
            return False
        commit(app, tx, incident, steps.start_step(incident, run.step, run.id), ENGINE)
        return True

    return app.db.write(move)


def finished(app: App, run: Run, outcome: Outcome) -> None:
    """Put the outcome on record, and offer the next step of the chosen branch where this one went well."""

    def move(tx: Tx) -> None:
        incident, runbook = find(app, tx, run.incident)
        now = app.clock.now()
        if not runs.finish(tx, run.id, outcome, now) and not runs.late(tx, run.id, outcome, now):
            return
        step, asked = runbook.step(run.step), succession.set_of(incident, run)
        told = steps.finish_step(incident, step, run.step, run.id, outcome)
        if not told:
            return  # somebody has settled meanwhile what became of it
        after = commit(app, tx, incident, told, ENGINE)
        if step is not None and step.stage == "diagnosis":
            after = _decide(app, tx, after, runbook)
        if asked is not None:
            ended = succession.Ended(run=run, approval=asked, outcome=outcome)
            after = succession.after_member(app, tx, after, runbook, ended, ready)
            if asked.steps[-1] != run.step or asked.undoes:
                return
        if outcome.status == "succeeded" and after.open and after.scenario:
            following = steps.next_of_branch(after, _scenario(after, runbook), run.step)
            if following is not None:
                by = ENGINE if after.branch_by == ENGINE.name else Actor("person", after.branch_by)
                _offer(app, tx, after, runbook, following, by)

    app.db.write(move)


def repeated(app: App, run: Run) -> None:
    """A reading run was interrupted: it waits to start again."""

    def move(tx: Tx) -> None:
        if runs.requeue(tx, run.id):
            tx.after_commit(app.bell.ring)

    app.db.write(move)


def still_sealed(app: App, run: Run) -> bool:
    """Whether what would start is exactly what was asked for, here and now."""

    def read(tx: Tx) -> bool:
        incident = incidents.load(tx, run.incident)
        target = place_of_run(app, run).target
        return incident is not None and run.sha == seal(
            agreed(run.kind, run.command), target, incident.id, run.step, digest_of(incident, run.step)
        )

    return app.db.read(read)


def doubted(app: App, run: Run, why: str) -> None:
    """A changing run was interrupted: it is in doubt, and people are told."""

    def move(tx: Tx) -> None:
        incident, runbook = find(app, tx, run.incident)
        if runs.doubt(tx, run.id, app.clock.now()):
            after = commit(app, tx, incident, steps.doubt_step(incident, run.step, run.id, why), ENGINE)
            succession.interrupted(app, tx, after, runbook, run)

    app.db.write(move)


def plan(run: Run, place: Place, team: Team = NOBODY) -> Verdict:
    """What is proved about a run's command, computed again from its text just before it starts."""
    verdict = safety.classify(run.kind, run.command, team=team)
    if run.kind != "sql" or verdict.word != "read" or "sql" in taken_by(place.executor):
        return verdict
    started = safety.classify("shell", command_of(run))
    return started if started.word == "read" else replace(verdict, word="unknown", why=started.why)


def command_of(run: Run, place: Place | None = None) -> str:
    """What is given to the executor: the run's bytes; where that is a shell, a statement of SQL goes through psql."""
    if run.kind != "sql" or (place is not None and "sql" in taken_by(place.executor)):
        return run.command
    return f'psql "$DATABASE_URL" -X -v ON_ERROR_STOP=1 -c {shlex.quote(run.command)}'


def _before(app: App, incident: Incident, runbook: Runbook, step: Step, order: Order) -> Facts:
    """What comes with the order of a step: values of its gaps, and why it is wanted although another was done."""
    must_be_free(incident, runbook, step, order.why)
    other, new = done_instead(incident, runbook, step), bound(app, incident, runbook, step, order.values)
    if other is None:
        return new
    return [facts.Noted(text=f"{step.title} is wanted although {other.title} was done: {order.why.strip()}"), *new]


def _decide(app: App, tx: Tx, incident: Incident, runbook: Runbook) -> Incident:
    """Take the branch that what was measured decides for, and ask for its first step; or say what leaves it open."""
    made = deciding.decision(app, tx, incident, runbook)
    if made is None:
        return incident
    new = deciding.facts_of(incident, made)
    after = commit(app, tx, incident, new, ENGINE) if new else incident
    if not made.branch:
        return after
    first = next(step for step in _scenario(after, runbook).steps if step.branch == made.branch)
    return _offer(app, tx, after, runbook, first, ENGINE)


def _asked(
    app: App, tx: Tx, incident: Incident, request: steps.Request, policy: ApprovalPolicy, why: str = ""
) -> Facts:
    """The question about a step, behind the gate for what an incident has switched off."""
    strict, overruled = causegate.overrule(tx, incident, [(request, policy)], why)
    return [*overruled, *steps.request_step(incident, *strict[0], app.clock.now())]


def _offer(app: App, tx: Tx, incident: Incident, runbook: Runbook, step: Step, by: Actor) -> Incident:
    """Ask for a step of the chosen branch; one that only people can do waits for them without being asked for."""
    if done_instead(incident, runbook, step) is not None:
        return incident
    try:
        request = ready(app, incident, runbook, step)
        policy = policy_of(app, incident, runbook, request)
        return commit(app, tx, incident, _asked(app, tx, incident, request, policy), by)
    except Refused:
        return incident


def _scenario(incident: Incident, runbook: Runbook) -> Scenario:
    """The incident's scenario; of one that follows the general process, the steps of its phases."""
    scenario = runbook.scenario(incident.scenario)
    general = tuple(step for phase in runbook.phases for step in phase.steps)
    if scenario is None and any(step.branch for step in general):
        return Scenario(id="", title=runbook.title, line=0, steps=general)
    if scenario is None:
        raise Refused(f"{incident.id} follows no scenario, so it has no branches.", "Follow the general process.")
    return scenario
