"""Answers to the document's questions by people who look at the same page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.errors import Invalid
from tocsin.service import assessing, respond
from tocsin.service.opening import open_app

ANA, BEN = Actor("person", "ana"), Actor("person", "ben")
BOOK = """# Mill runbook

## Severity Levels

- **P1 (High)**: no flour

## Assess

- Is data at risk?
- Is the wheel broken?
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The mill."""
    (tmp_path / "mill.md").write_text(BOOK, "utf-8")
    opened = open_app(runbooks=[tmp_path / "mill.md"], config=None, database=str(tmp_path / "t.db"), environ={})
    yield opened
    opened.db.close()


def answers(app: App, ref: str) -> list[tuple[str, str]]:
    """What stands there, and by whom."""
    found = (each.answer for each in assessing.assessment(app, ref).questions)
    return [(each.answer, each.by) for each in found if each]


def test_a_form_says_only_what_its_reader_changed(app: App) -> None:
    """What somebody else answered meanwhile stays, with its author; an unchanged form says nothing."""
    ref = respond.declare_by_hand(app, respond.Declaration(title="No flour", severity="P1"), ANA).id
    assessing.answer_questions(app, ref, assessing.Answers(answers={"9": "no"}), ANA)
    risk, wheel = assessing.assessment(app, ref).questions
    shown = {risk.id: risk.shown}
    assessing.answer_questions(app, ref, assessing.Answers(answers={risk.id: "yes"}, words={risk.id: "names"}), BEN)
    old = {risk.id: risk.choice, wheel.id: "no"}
    assessing.answer_questions(app, ref, assessing.Answers(answers=old, shown=shown), ANA)
    assert answers(app, ref) == [("yes, names", "ben"), ("no", "ana")]
    with pytest.raises(Invalid, match="Nothing is answered"):
        assessing.answer_questions(app, ref, assessing.Answers(answers={risk.id: "no"}, shown=shown), ANA)
