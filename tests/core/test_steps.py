"""Steps and approvals: a proved read runs, anything else asks; one approval starts one run of one exact command."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.build import ANA, BEN, NOW, PEOPLE, a_runbook, after, an_incident
from tocsin.core import facts, moves, steps
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.policy import ApprovalPolicy
from tocsin.core.run import Outcome, Target, Verdict, seal
from tocsin.core.wake import wake
from tocsin.errors import Conflict, Denied, Invalid, Refused

BOOK = a_runbook()
SCENARIO = BOOK.scenarios[0]
LOOK, RESTART, CACHE, BANK = SCENARIO.steps
POLICY = ApprovalPolicy()


def a_request(step: Any = RESTART, word: Any = "change", command: str = "", number: int = 1) -> steps.Request:
    """A step made ready."""
    command = command or step.command or ""
    return steps.Request(
        step=step, command=command, verdict=Verdict(word=word, why="a test says so"), target=Target(),
        sha=seal(command, Target(), "INC-1", step.id, BOOK.digest), run=f"run-{number}", approval=f"apr-{number}",
    )  # fmt: skip


def asked(policy: ApprovalPolicy = POLICY) -> Incident:
    """An incident in which ana asked to restart."""
    return after(an_incident(), steps.request_step(an_incident(), a_request(), policy, NOW), ANA)


def test_a_proved_read_is_queued_without_asking() -> None:
    """Reading needs nobody's leave."""
    (queued,) = steps.request_step(an_incident(), a_request(LOOK, "read"), POLICY, NOW)
    assert isinstance(queued, facts.StepQueued)
    assert queued.approval == ""


@pytest.mark.parametrize("word", ["change", "unknown"])
def test_anything_that_is_not_proved_to_read_asks(word: str) -> None:
    """Unknown counts as dangerous."""
    (question,) = steps.request_step(an_incident(), a_request(RESTART, word), POLICY, NOW)
    assert isinstance(question, facts.ApprovalRequested)
    assert question.expires_at == NOW + POLICY.expires


def test_an_approval_queues_the_run_once() -> None:
    """The second approval of the same question is refused."""
    incident = asked()
    request = a_request(number=2)
    incident = after(incident, steps.approve(incident, "apr-1", request.sha, request, BEN, NOW), BEN)
    assert incident.steps[RESTART.id].status == "queued"
    with pytest.raises(Conflict, match="already granted"):
        steps.approve(incident, "apr-1", request.sha, request, BEN, NOW)


def test_an_approval_of_something_else_is_refused() -> None:
    """Editing the command, its target or the runbook voids the question."""
    incident, request = asked(), a_request()
    with pytest.raises(Conflict, match="changed since"):
        steps.approve(incident, "apr-1", "sha256:other", request, BEN, NOW)
    with pytest.raises(Conflict, match="changed since"):
        steps.approve(incident, "apr-1", request.sha, a_request(command="systemctl stop shop"), BEN, NOW)


def test_an_agent_never_approves() -> None:
    """A program may ask, never allow."""
    request = a_request()
    with pytest.raises(Denied, match="Only a person"):
        steps.approve(asked(), "apr-1", request.sha, request, Actor("agent", "helper"), NOW)


def test_two_people_and_not_the_one_who_asked() -> None:
    """The policy is frozen on the question."""
    incident, request = asked(ApprovalPolicy(people=2, self_approve=False)), a_request()
    with pytest.raises(Denied, match="somebody else"):
        steps.approve(incident, "apr-1", request.sha, request, ANA, NOW)
    first = steps.approve(incident, "apr-1", request.sha, request, BEN, NOW)
    assert [type(fact) for fact in first] == [facts.ApprovalGranted]
    incident = after(incident, first, BEN)
    with pytest.raises(Conflict, match="already approved"):
        steps.approve(incident, "apr-1", request.sha, request, BEN, NOW)
    second = steps.approve(incident, "apr-1", request.sha, request, Actor("person", "cleo"), NOW)
    assert isinstance(second[-1], facts.StepQueued)


def test_an_expired_question_can_not_be_answered() -> None:
    """Yesterday's leave does not count today."""
    request = a_request()
    with pytest.raises(Conflict, match="expired"):
        steps.approve(asked(), "apr-1", request.sha, request, BEN, NOW + timedelta(minutes=30))


def test_asking_twice_for_the_same_is_refused_and_for_something_new_voids_the_old() -> None:
    """There is at most one open question for a step."""
    incident = asked()
    with pytest.raises(Conflict, match="already waits"):
        steps.request_step(incident, a_request(number=2), POLICY, NOW)
    changed = steps.request_step(incident, a_request(command="systemctl restart shop.service", number=2), POLICY, NOW)
    assert [type(fact).__name__ for fact in changed] == ["ApprovalWithdrawn", "ApprovalRequested"]


def test_a_running_step_is_not_started_again() -> None:
    """One run at a time."""
    incident = after(an_incident(), steps.request_step(an_incident(), a_request(LOOK, "read"), POLICY, NOW))
    with pytest.raises(Conflict, match="already runs"):
        steps.request_step(incident, a_request(LOOK, "read", number=2), POLICY, NOW)


def test_a_step_in_doubt_waits_for_a_human() -> None:
    """Nothing repeats an interrupted change; a human says what happened."""
    incident, request = asked(), a_request(number=2)
    incident = after(incident, steps.approve(incident, "apr-1", request.sha, request, BEN, NOW), BEN)
    incident = after(incident, steps.start_step(incident, RESTART.id, "run-2"))
    incident = after(incident, steps.doubt_step(incident, RESTART.id, "run-2", "we stopped"))
    with pytest.raises(Refused, match="in doubt"):
        steps.request_step(incident, a_request(number=3), POLICY, NOW)
    incident = after(incident, steps.settle_step(incident, RESTART.id, happened=False, why="looked"), ANA)
    assert steps.request_step(incident, a_request(number=3), POLICY, NOW)


def test_a_late_outcome_of_another_run_changes_nothing() -> None:
    """Only the run that the step waits for can end it."""
    incident = after(an_incident(), steps.request_step(an_incident(), a_request(LOOK, "read"), POLICY, NOW))
    assert steps.finish_step(incident, LOOK, LOOK.id, "run-9", Outcome(status="succeeded")) == []


def test_the_next_step_of_the_chosen_branch_is_offered_and_others_are_not() -> None:
    """A branch is followed in the document's order, to its end."""
    incident = an_incident()
    chosen = steps.choose_branch(incident, SCENARIO, "If a release is to blame", "released at 02:50")
    incident = after(incident, chosen, ANA)
    assert steps.next_of_branch(incident, SCENARIO, RESTART.id) == CACHE
    assert steps.next_of_branch(incident, SCENARIO, CACHE.id) is None
    assert steps.next_of_branch(incident, SCENARIO, LOOK.id) is None


def test_an_alternative_to_what_was_done_is_passed_over() -> None:
    """One of two alternatives is done, not both."""
    instead = replace(CACHE, alternative_to=RESTART.id)
    scenario = replace(SCENARIO, steps=(LOOK, RESTART, instead, BANK))
    incident = after(an_incident(), steps.choose_branch(an_incident(), scenario, RESTART.branch or "", ""))
    assert steps.next_of_branch(incident, scenario, RESTART.id) is None


def test_an_unknown_branch_is_refused_with_the_known_ones() -> None:
    """The document decides which branches there are."""
    with pytest.raises(Invalid, match="If the bank is down"):
        steps.choose_branch(an_incident(), SCENARIO, "If in doubt", "")


def test_a_denied_step_can_be_asked_for_again() -> None:
    """No is an answer, not the end."""
    incident = asked()
    incident = after(incident, steps.deny(incident, "apr-1", "not now", NOW), BEN)
    assert RESTART.id not in incident.steps
    assert steps.request_step(incident, a_request(number=2), POLICY, NOW)


def test_skipping_needs_a_reason() -> None:
    """A step that is not done leaves its reason."""
    with pytest.raises(Invalid, match="reason"):
        steps.skip_step(an_incident(), BANK, " ")


@pytest.mark.parametrize("how", ["deny", "withdraw", "expire", "resolve"])
def test_a_question_that_came_to_nothing_leaves_what_the_step_did_before(how: str) -> None:
    """A command that ran stays on the page and in the post-mortem, although somebody asked in vain for it again."""
    incident, request = asked(), a_request(number=2)
    incident = after(incident, steps.approve(incident, "apr-1", request.sha, request, BEN, NOW), BEN)
    incident = after(incident, steps.start_step(incident, RESTART.id, "run-2"))
    failed = Outcome(status="failed", exit_code=7, output="no such unit")
    ran = after(incident, steps.finish_step(incident, RESTART, RESTART.id, "run-2", failed))
    waiting = after(ran, steps.request_step(ran, a_request(number=3), POLICY, NOW), ANA)
    assert waiting.steps[RESTART.id].status == "awaiting_approval"
    over = {
        "deny": lambda: steps.deny(waiting, "apr-3", "no", NOW),
        "withdraw": lambda: steps.withdraw(waiting, "apr-3", "", NOW),
        "expire": lambda: wake(waiting, PEOPLE, NOW + POLICY.expires),
        "resolve": lambda: moves.resolve(waiting, "", "it is late", NOW),
    }
    assert after(waiting, over[how]()).steps[RESTART.id] == ran.steps[RESTART.id]


def test_a_step_in_doubt_is_neither_done_nor_skipped_before_somebody_says_what_happened() -> None:
    """The doubt can't be ticked away: an incident would end as if nothing had been interrupted."""
    incident, request = asked(), a_request(number=2)
    incident = after(incident, steps.approve(incident, "apr-1", request.sha, request, BEN, NOW), BEN)
    incident = after(incident, steps.start_step(incident, RESTART.id, "run-2"))
    incident = after(incident, steps.doubt_step(incident, RESTART.id, "run-2", "we stopped"))
    with pytest.raises(Refused, match="in doubt"):
        steps.do_step(incident, RESTART, "")
    with pytest.raises(Refused, match="in doubt"):
        steps.skip_step(incident, RESTART, "not needed")
