"""Approved sets: one answer for several commands, each behind the one before, and nothing behind what went wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.build import ANA, BEN, NOW, PEOPLE, a_runbook, after, an_incident
from tests.core.test_steps import CACHE, LOOK, RESTART, a_request
from tocsin.core import facts, sets, steps
from tocsin.core.facts import ENGINE, Actor, Entry
from tocsin.core.incident import Incident
from tocsin.core.policy import ApprovalPolicy
from tocsin.core.run import Outcome
from tocsin.core.steps import Approver
from tocsin.core.telling import tell, titles_in
from tocsin.core.undoing import inverse_of, opposite
from tocsin.core.wake import wake
from tocsin.errors import Conflict, Denied, Invalid, Refused

POLICY = ApprovalPolicy()
ONE, TWO = a_request(RESTART, number=1), a_request(CACHE, number=2)
WENT_WELL = Outcome(status="succeeded", exit_code=0)
BY_BEN = Approver(by=BEN)


def asked(*policies: ApprovalPolicy, **more: Any) -> Incident:
    """An incident in which ana asked for two steps at once."""
    incident = more.pop("incident", an_incident())
    pairs = list(zip((ONE, TWO), policies or (POLICY, POLICY), strict=True))
    return after(incident, sets.request_set(incident, pairs, NOW, **more), ANA)


def granted(incident: Incident, who: Approver = BY_BEN) -> Incident:
    """One person's yes to it."""
    approval = incident.waiting_approvals[0]
    return after(incident, sets.approve_set(incident, approval.id, approval.sha, (ONE, TWO), who, NOW), who.by)


def ended(incident: Incident, request: steps.Request, outcome: Outcome = WENT_WELL) -> Incident:
    """The run of a member begins and ends."""
    run = incident.steps[request.step.id].run
    begun = after(incident, steps.start_step(incident, request.step.id, run), ENGINE)
    return after(begun, steps.finish_step(begun, request.step, request.step.id, run, outcome), ENGINE)


def statuses(incident: Incident) -> tuple[str, ...]:
    """What has become of the two."""
    return tuple(state.status if (state := incident.step(each.step.id)) else "-" for each in (ONE, TWO))


def test_one_answer_lets_the_first_run_and_the_others_wait_for_their_turn() -> None:
    """Only the first is queued."""
    incident = granted(asked())
    assert statuses(incident) == ("queued", "approved")
    assert incident.approvals["apr-1"].status == "granted"


def test_each_runs_behind_the_one_before() -> None:
    """And is still what was approved."""
    incident = ended(granted(asked()), ONE)
    approval = incident.approvals["apr-1"]
    place = sets.place_of_next(incident, approval)
    incident = after(incident, sets.go_on(approval, place, TWO), ENGINE)
    assert statuses(incident) == ("succeeded", "queued")
    assert sets.place_of_next(incident, approval) == 2


def test_what_changed_meanwhile_does_not_run() -> None:
    """A changed seal is refused at its turn, and before that at the approval."""
    other = a_request(CACHE, command="systemctl stop cache", number=2)
    incident = ended(granted(asked()), ONE)
    with pytest.raises(Conflict, match="no longer what was approved"):
        sets.go_on(incident.approvals["apr-1"], 1, other)
    incident = asked()
    with pytest.raises(Conflict, match="changed since"):
        sets.approve_set(incident, "apr-1", incident.approvals["apr-1"].sha, (ONE, other), BY_BEN, NOW)
    with pytest.raises(Conflict, match="changed since"):
        sets.approve_set(incident, "apr-1", incident.approvals["apr-1"].sha, (TWO, ONE), BY_BEN, NOW)


@pytest.mark.parametrize("status", ["failed", "timed_out", "cancelled", "unrunnable"])
def test_what_does_not_go_well_stops_the_rest(status: Any) -> None:
    """It says what ran and what did not, and the others are as they were before they were asked for."""
    outcome = Outcome(status=status)
    incident = ended(granted(asked()), ONE, outcome)
    approval = incident.approvals["apr-1"]
    (stopped,) = sets.stop(incident, approval, sets.ends_with(approval, outcome, "Restart"))
    assert (stopped.ran, stopped.left) == ((RESTART.id,), (CACHE.id,))
    incident = after(incident, [stopped], ENGINE)
    assert statuses(incident) == (status, "-")
    assert incident.approvals["apr-1"].stopped == f"'Restart' {status.replace('_', ' ')}"


@pytest.mark.parametrize(("status", "goes_on"), [("failed", True), ("timed_out", True), ("unrunnable", False)])
def test_with_go_on_a_failure_stops_nothing(status: Any, goes_on: bool) -> None:
    """It was asked and approved so; what could not even be started stops the rest all the same."""
    approval = granted(asked(go_on=True)).approvals["apr-1"]
    assert (sets.ends_with(approval, Outcome(status=status), "Restart") == "") is goes_on
    assert approval.sha != asked().approvals["apr-1"].sha


def test_the_strictest_policy_counts_for_all() -> None:
    """As many people as the strictest member asks for, its shortest end, and everybody's roles."""
    loose = ApprovalPolicy(people=1, roles=("team lead",), why="rule 1")
    strict = ApprovalPolicy(people=2, self_approve=False, expires=timedelta(minutes=5), why="rule 2")
    incident = asked(loose, strict)
    approval = incident.approvals["apr-1"]
    assert (approval.needs, approval.self_approve, approval.policy) == (2, False, "rule 1; rule 2")
    assert approval.expires_at == NOW + timedelta(minutes=5)
    with pytest.raises(Denied, match="somebody else"):
        granted(incident, Approver(by=ANA))
    with pytest.raises(Denied, match="only team lead"):
        granted(incident, Approver(by=Actor("person", "cleo"), directory=PEOPLE))
    incident = granted(incident, Approver(by=BEN, directory=PEOPLE))
    assert statuses(incident) == ("awaiting_approval", "awaiting_approval")


def test_no_withdrawal_and_no_answer_are_for_all_of_it() -> None:
    """Deny, withdraw and expire leave every member as it was."""
    incident = asked()
    assert statuses(after(incident, steps.deny(incident, "apr-1", "no", NOW), BEN)) == ("-", "-")
    assert statuses(after(incident, steps.withdraw(incident, "apr-1", "", NOW), ANA)) == ("-", "-")
    late = NOW + POLICY.expires
    assert statuses(after(incident, wake(incident, PEOPLE, late), ENGINE)) == ("-", "-")


def test_a_granted_set_is_stopped_by_a_person_while_something_of_it_waits() -> None:
    """What runs, runs to its end; what waits goes back to what it was."""
    incident = granted(asked())
    incident = after(incident, sets.withdraw_rest(incident, incident.approvals["apr-1"], "wrong order"), ANA)
    assert statuses(incident) == ("queued", "-")
    with pytest.raises(Conflict, match="Nothing of this set"):
        sets.withdraw_rest(incident, incident.approvals["apr-1"], "")


def test_a_member_is_not_asked_for_or_done_meanwhile() -> None:
    """One question at a time about one step."""
    incident = asked()
    with pytest.raises(Conflict, match="in a set"):
        steps.request_step(incident, TWO, POLICY, NOW)
    with pytest.raises(Conflict, match="already waits"):
        asked(incident=incident)
    incident = granted(incident)
    for move in (lambda: steps.request_step(incident, TWO, POLICY, NOW), lambda: steps.do_step(incident, CACHE, "")):
        with pytest.raises(Conflict):
            move()


def test_doing_a_waiting_member_by_hand_withdraws_the_set() -> None:
    """What was asked for is no longer what would happen."""
    incident = asked()
    incident = after(incident, steps.do_step(incident, CACHE, "by hand"), ANA)
    assert incident.approvals["apr-1"].status == "withdrawn"
    assert statuses(incident) == ("-", "done")


@pytest.mark.parametrize(
    ("pairs", "says"),
    [([], "between 1 and 50"), ([(ONE, POLICY), (ONE, POLICY)], "stands twice"), ([(ONE, POLICY)] * 51, "between 1")],
)
def test_a_set_that_is_none_is_refused(pairs: Any, says: str) -> None:
    """Nothing, too much, or the same twice."""
    with pytest.raises(Invalid, match=says):
        sets.request_set(an_incident(), pairs, NOW)


def in_doubt() -> Incident:
    """An incident whose restart was interrupted."""
    incident = after(an_incident(), steps.request_step(an_incident(), ONE, POLICY, NOW), ANA)
    incident = after(incident, steps.approve(incident, "apr-1", ONE.sha, ONE, BEN, NOW), BEN)
    run = incident.steps[RESTART.id].run
    incident = after(incident, steps.start_step(incident, RESTART.id, run), ENGINE)
    return after(incident, steps.doubt_step(incident, RESTART.id, run, "the node died"), ENGINE)


def test_a_doubt_is_settled_when_its_undo_has_run() -> None:
    """Not when it is asked for, and not when it is allowed."""
    incident = in_doubt()
    incident = after(incident, sets.request_set(incident, [(TWO, POLICY)], NOW, undoes=RESTART.id), ANA)
    assert incident.undo_of(RESTART.id) is not None
    who = sets.approve_set(incident, "apr-2", incident.approvals["apr-2"].sha, (TWO,), BY_BEN, NOW)
    incident = ended(after(incident, who, BEN), TWO)
    assert incident.steps[RESTART.id].status == "in_doubt"
    (settled,) = sets.undone(incident, incident.approvals["apr-2"])
    incident = after(incident, [settled], ENGINE)
    assert incident.steps[RESTART.id].status == "undone"
    assert sets.undone(incident, incident.approvals["apr-2"]) == []


def test_settling_a_doubt_withdraws_the_question_about_its_undo() -> None:
    """Nobody needs to undo what is known not to have happened."""
    incident = in_doubt()
    incident = after(incident, sets.request_set(incident, [(TWO, POLICY)], NOW, undoes=RESTART.id), ANA)
    incident = after(incident, steps.settle_step(incident, RESTART.id, happened=False, why="looked"), ANA)
    assert (incident.approvals["apr-2"].status, incident.steps[RESTART.id].status) == ("withdrawn", "cancelled")


def test_a_step_in_doubt_is_in_no_set_and_undoes_not_itself() -> None:
    """Its effect is not known, so nothing builds on it."""
    incident = in_doubt()
    with pytest.raises(Refused, match="in doubt"):
        sets.request_set(incident, [(a_request(number=3), POLICY)], NOW)
    with pytest.raises(Invalid, match="undo itself"):
        sets.request_set(incident, [(a_request(number=3), POLICY)], NOW, undoes=RESTART.id)


@pytest.mark.parametrize(
    ("command", "other", "are"),
    [
        ("systemctl stop shop", "systemctl start shop", True),
        ("ovenctl flag hot --enable", "ovenctl flag hot --disable", True),
        ("npx oven env set HOT=false", "npx oven env set HOT=true", True),
        ("kubectl scale --replicas=0 deploy/oven", "kubectl scale --replicas=1 deploy/oven", True),
        ("systemctl stop shop", "systemctl start cache", False),
        ("systemctl stop shop", "systemctl stop shop", False),
        ("systemctl stop shop", "systemctl restart shop", False),
        ("systemctl stop shop", "systemctl start shop --now", False),
        ("A=stop x", "B=start x", False),
    ],
)
def test_two_commands_are_opposites_by_one_word(command: str, other: str, are: bool) -> None:
    """Everything else in them is the same."""
    assert opposite(command, other) is are


def test_the_opposite_step_is_taken_only_where_there_is_one() -> None:
    """Two different ones are a guess."""
    stop = replace(LOOK, id="a", command="systemctl stop shop")
    start, enable = replace(LOOK, id="b", command="systemctl start shop"), replace(LOOK, id="c", command="uptime")
    assert inverse_of(stop, (stop, start, enable)) is start
    on = replace(LOOK, id="d", command="feature pause oven")
    assert inverse_of(on, (replace(on, command="feature resume oven", id="e"),
                           replace(on, command="feature unpause oven", id="f"))) is None  # fmt: skip


def test_an_old_timeline_is_still_read() -> None:
    """Facts of an earlier release have none of the new fields."""
    from tocsin import wire

    old = {
        "approval": "apr-9", "step": RESTART.id, "command": "x", "kind": "shell", "verdict": "change",
        "verdict_why": "y", "target": "local", "sha": "s", "needs": 1, "self_approve": True,
        "expires_at": "2026-03-02T03:30:00Z",
    }  # fmt: skip
    fact = wire.convert(facts.ApprovalRequested, old)
    assert (fact.members, fact.roles, fact.policy) == ((), (), "")
    settled = wire.convert(facts.StepSettled, {"step": "s", "run": "r", "happened": True, "why": ""})
    assert settled.undone is False


def test_the_timeline_says_what_a_yes_to_several_was_about() -> None:
    """Not its first command alone; and what did not run any more is called as the document calls it."""
    incident = granted(asked())
    titles = {**{each.step.id: each.step.title for each in (ONE, TWO)}, "apr-1": "2 commands"}

    def told(fact: Any) -> str:
        line = tell(Entry(seq=9, at=NOW, by=BEN, fact=fact), PEOPLE, titles)
        return f"{line.title} {line.detail}".strip()

    assert told(facts.ApprovalGranted(approval="apr-1", step=ONE.step.id, sha="s")) == "Ben approved 2 commands"
    withdrawn = facts.ApprovalWithdrawn(approval="apr-1", step=ONE.step.id, why="no need")
    assert told(withdrawn) == "Ben withdrew the question about 2 commands no need"
    one = facts.ApprovalGranted(approval="apr-2", step=ONE.step.id, sha="s")
    assert told(one) == f"Ben approved “{ONE.step.title}”"
    stopped = told(sets.stop(incident, incident.approvals["apr-1"], "it failed")[0])
    assert f"did not: “{ONE.step.title}”" in stopped or f"did not: “{TWO.step.title}”" in stopped
    assert TWO.step.id not in stopped


def test_the_titles_of_an_incident_name_its_sets() -> None:
    """An approval of several commands is called by their number."""
    assert titles_in(asked(), a_runbook())["apr-1"] == "2 commands"
