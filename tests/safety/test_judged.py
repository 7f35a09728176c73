"""Every command of the example runbooks against the record of what a person decided about it, one by one."""

from __future__ import annotations

import pytest

from tests.safety import judging
from tocsin.core.runbook import Step
from tocsin.safety import classify

RECALL = 0.85
"""The share of the truly reading commands that must be proved."""


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    """Each different command of the runbooks beside the project."""
    paths = judging.books()
    if not paths:
        pytest.skip(f"the example runbooks are not in {judging.SHARED.name}/ beside the project")
    return list(judging.commands(paths))


def test_every_command_of_the_runbooks_has_been_judged_by_a_person(steps: list[Step]) -> None:
    """A command that nobody has read counts for nothing: read it, then write its truth into the record."""
    known = judging.record()
    missing = [step.command for step in steps if judging.key(step) not in known]
    assert not missing
    assert {row.truth for row in known.values()} <= {"read", "change", "unknown"}


def test_the_verdicts_are_those_of_the_record(steps: list[Step]) -> None:
    """Whoever changes a verdict sees which command it was, and writes the record anew knowingly."""
    known = judging.record()
    for step in steps:
        verdict = classify(step.kind, step.command or "", placeholders=step.placeholders)
        assert verdict.word == known[judging.key(step)].verdict, (step.command, verdict.why)


def test_nothing_that_changes_something_is_judged_a_read() -> None:
    """The gate: the truth is a person's, and where it isn't `read` the verdict isn't either."""
    assert [row for row in judging.record().values() if row.verdict == "read" and row.truth != "read"] == []


def test_nearly_all_commands_that_read_are_recognised() -> None:
    """A proof that proves too little sends people to click on harmless commands."""
    reads = [row for row in judging.record().values() if row.truth == "read"]
    assert len([row for row in reads if row.verdict == "read"]) >= RECALL * len(reads)
