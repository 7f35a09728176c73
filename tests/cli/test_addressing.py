"""How things are named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.build import NOW, a_runbook, a_step, an_incident
from tocsin.cli import addressing
from tocsin.core.incident import Approval, Incident
from tocsin.errors import Invalid, NotFound, Refused

STEPS = (
    a_step("s/diagnosis/1", title="Look at the error logs", command="tail app.log", line=10, end_line=12),
    a_step("s/diagnosis/2", title="Look at the disk", command="df -h", line=14, end_line=14),
    a_step("s/diagnosis/3", title="Count the errors", command="grep -c ERROR app.log", line=20, end_line=20),
    a_step("s/diagnosis/4", title="Count again", command="wc -l app.log", line=20, end_line=20),
)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("s/diagnosis/2", "s/diagnosis/2"),
        ("Look at the disk", "s/diagnosis/2"),
        ("DISK", "s/diagnosis/2"),
        ("logs error", "s/diagnosis/1"),
        ("grep", "s/diagnosis/3"),
        ("no such thing", None),
        ("  ", None),
    ],
)
def test_a_step_is_found_by_its_id_its_title_or_words_of_its_own(words: str, found: str | None) -> None:
    """At three in the morning nobody types an id."""
    assert addressing.step_by_words(STEPS, words) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("pump/diagnosis/2", "pump/diagnosis/read-the-gauge-00b2c"),
        ("pump/mitigation/1", "pump/mitigation/open-the-valve-77aa1"),
        ("pump/diagnosis/3", None),
        ("pump/diagnosis/0", None),
        ("read-the-gauge-00b2c", "pump/diagnosis/read-the-gauge-00b2c"),
        ("77aa1", "pump/mitigation/open-the-valve-77aa1"),
    ],
)
def test_a_step_is_found_by_its_place_or_by_the_end_of_its_id(words: str, found: str | None) -> None:
    """An id is long; its place in its stage, or what follows the last stroke, is short."""
    ids = (
        "pump/diagnosis/look-5d0f3", "pump/diagnosis/read-the-gauge-00b2c", "pump/mitigation/open-the-valve-77aa1",
    )  # fmt: skip
    steps = [a_step(each, title="", command=f"pump {index}") for index, each in enumerate(ids)]
    assert addressing.step_by_words(steps, words) == found


def test_words_that_fit_several_steps_choose_none() -> None:
    """All that fit are named, and nothing is done."""
    with pytest.raises(Invalid, match=r"fits 2 steps: s/diagnosis/1 \(line 10\), s/diagnosis/2 \(line 14\)"):
        addressing.step_by_words(STEPS, "look")


def test_a_step_is_found_by_its_line() -> None:
    """The first line of a step, or one inside it; a line with two steps or none chooses none."""
    assert addressing.step_by_line(STEPS, 10) == addressing.step_by_line(STEPS, 11) == "s/diagnosis/1"
    with pytest.raises(Invalid, match="Line 20 holds 2 steps"):
        addressing.step_by_line(STEPS, 20)
    with pytest.raises(NotFound, match=r"No step stands on line 13.*10, 14, 20"):
        addressing.step_by_line(STEPS, 13)


def test_anything_else_goes_by_words_too() -> None:
    """Branches, phases, action items."""
    known = {"a": "If a release is to blame", "b": "If the bank is down"}

    assert addressing.by_words("branches", known, "bank") == "b"
    with pytest.raises(NotFound, match="fits 2 of the branches"):
        addressing.by_words("branches", known, "if")
    with pytest.raises(NotFound, match=r"fits no branches.*If the bank is down"):
        addressing.by_words("branches", known, "moon")


def asking(*steps: str) -> Incident:
    """An incident in which these steps wait for approval."""
    waiting = {
        f"apr_{number}": Approval(
            id=f"apr_{number}", step=step, command=f"touch {step}", kind="shell", verdict="change", verdict_why="",
            target="local", sha="x", needs=1, self_approve=True, asked_by="ana", asked_at=NOW, expires_at=NOW,
        )
        for number, step in enumerate(steps)
    }  # fmt: skip
    return replace(an_incident(a_runbook()), approvals=waiting)


def test_the_only_approval_needs_no_name() -> None:
    """One that waits is meant; of several, one must be named, by id or words."""
    assert addressing.approval(asking("one"), "").id == "apr_0"
    assert addressing.approval(asking("one", "two"), "two").id == "apr_1"
    assert addressing.approval(asking("one", "two"), "apr_0").id == "apr_0"
    with pytest.raises(Invalid, match=r"2 approvals that wait in INC-1: apr_0 \(one\), apr_1 \(two\)"):
        addressing.approval(asking("one", "two"), "")
    with pytest.raises(Invalid, match="'three' fits none"):
        addressing.approval(asking("one"), "three")
    with pytest.raises(Refused, match="Nothing in INC-1 waits"):
        addressing.approval(asking(), "")
