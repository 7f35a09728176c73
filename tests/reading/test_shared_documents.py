"""The five example runbooks are read right to the last line; every other document is read without losing a fence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tocsin.core.runbook import Runbook
from tocsin.reading import read
from tocsin.reading.blocks import parse
from tocsin.reading.commands import pieces
from tocsin.reading.decoding import decode
from tocsin.reading.nodes import fences_of
from tocsin.reading.runbook import _programs

_SHARED = Path(__file__).resolve().parents[2].parent / "shared"
_DOCUMENTS = [*sorted((_SHARED / "seeds").glob("*.txt")), *sorted((_SHARED / "corpus").glob("[0-9]*.md"))]


def _seed(number: str) -> Runbook:
    found = sorted((_SHARED / "seeds").glob(f"{number}_*"))
    if not found:
        pytest.skip("the example runbooks (../shared/seeds) are not here")
    return read(found[0].read_bytes(), found[0].name)


@pytest.mark.skipif(not _DOCUMENTS, reason="the example runbooks (../shared) are not here")
@pytest.mark.parametrize("path", _DOCUMENTS, ids=lambda path: path.stem[:8])
def test_every_command_of_every_fence_is_a_step_once(path: Path) -> None:
    """No shell or SQL command gets lost, none is told twice, and every id is unique."""
    book = read(path.read_bytes(), path.name)
    document = parse(decode(path.read_bytes()).text)
    steps = [(step.line, step.column, step.command) for step in book.steps() if step.kind in ("shell", "sql", "set")]
    told = set(steps)
    assert len(told) == len(steps)
    fences = [block.fence for block in fences_of(document.blocks) if block.fence]
    known = _programs(tuple(fences))
    templates = {template.line for template in book.templates}
    for fence in fences:
        if fence.language != "promql" and fence.line not in templates:
            lost = [
                piece
                for piece in pieces(fence, known)
                if piece.kind != "manual" and (piece.line, 0, piece.text) not in told
            ]
            assert lost == []
    ids = [step.id for step in book.steps()]
    assert len(ids) == len(set(ids))
    assert all(step.alternative_to is None or step.alternative_to in ids for step in book.steps())


@pytest.mark.skipif(not _DOCUMENTS, reason="the example runbooks (../shared) are not here")
@pytest.mark.parametrize("path", _DOCUMENTS, ids=lambda path: path.stem[:8])
def test_every_line_number_lies_in_the_file(path: Path) -> None:
    """Lines are 1-based lines of the file, and a step's command begins on its line."""
    lines = decode(path.read_bytes()).text.split("\n")
    for step in read(path.read_bytes(), path.name).steps():
        assert 1 <= step.line <= step.end_line <= len(lines)
        if step.kind in ("shell", "sql"):
            assert (step.command or "").split("\n")[0].split("  ")[0].strip()[:20] in lines[step.line - 1]


def test_the_palette_and_the_rollback_of_seed_0() -> None:
    """Rows are steps with their commands or their section; all five flags stand in order before their check."""
    book = _seed("000")
    rows = book.procedures[0].steps
    assert [(step.line, step.kind) for step in rows] == [(9, "shell"), (10, "shell"), (11, "shell"), (12, "link")]
    rollback = next(one for one in book.procedures if one.line == 14)
    assert [step.line for step in rollback.steps] == [18, 19, 20, 21, 22, 25]
    assert set(json.loads(rollback.steps[-1].expected or "null")) == {"mode"}
    assert [(one.name, one.line) for one in book.severities] == [("P1", 54), ("P2", 69), ("P3", 98), ("P4", 121)]
    assert [(rule.op, rule.value, rule.unit, rule.severity) for rule in book.rules] == [
        (">", 0.2, "ratio", "P2"),
        (">", 5, "min", "P3"),
    ]
    assert book.problems == ()
    assert [(one.after_minutes, one.severities, one.clock) for one in book.escalations] == [
        (None, (), None),
        (30, ("P1", "P2"), "unresolved"),
        (None, (), None),
    ]


def test_the_scenarios_of_seed_1() -> None:
    """Five scenarios with alerts, branches and follow-ups, seven stages, four bands, three unfilled contacts."""
    book = _seed("001")
    assert [len(scenario.alerts) for scenario in book.scenarios] == [1, 1, 1, 1, 0]
    assert [len(scenario.branches) for scenario in book.scenarios] == [3, 3, 3, 3, 2]
    assert all(step.id.startswith(f"{one.id}/{step.stage}/") for one in book.scenarios for step in one.steps)
    assert [len(scenario.follow_ups) for scenario in book.scenarios] == [2, 4, 4, 4, 4]
    assert [(one.metric, one.op, one.value) for one in book.scenarios[0].criteria] == [("error rate", "<", 1)]
    assert [phase.line for phase in book.phases] == [16, 17, 18, 19, 20, 21, 22, 352]
    assert [(one.after_minutes, one.clock) for one in book.escalations] == [
        (0, "unresolved"),
        (15, "unresolved"),
        (30, "unresolved"),
        (60, "unresolved"),
    ]
    assert [contact.line for contact in book.contacts if contact.unfilled] == [341, 342, 343]
    assert [one.hours for one in book.deadlines] == [48]
    assert book.env_vars == ("DATABASE_URL",)


def test_repairs_phases_and_ladder_of_seed_2() -> None:
    """Four mended lines, five windows, twelve rungs, targets apart from alerts, one setting without effect."""
    book = _seed("002")
    assert [repair.line for repair in book.repairs] == [25, 440, 463, 479]
    assert [(phase.from_minutes, phase.to_minutes) for phase in book.phases] == [
        (0, 5),
        (5, 30),
        (None, None),
        (30, 120),
        (0, 1440),
    ]
    assert [one.to for one in book.escalations] == ["Engineering Lead"] * 4 + ["CTO"] * 4 + ["CEO"] * 4
    assert [one.clock for one in book.escalations if one.after_minutes] == [
        "unresolved",
        "unresolved",
        "unresolved",
        "unavailable",
        "unavailable",
    ]
    assert len(book.targets) == 5
    assert [(rule.severity, rule.value) for rule in book.rules if rule.metric == "Error rate"] == [
        ("P0", 1),
        ("P1", 0.5),
        ("P2", 0.1),
    ]
    assert book.rotation is not None
    assert (book.rotation.every, len(book.rotation.coverage)) == ("week", 2)
    assert book.review is not None
    assert (book.review.every, book.review.last) == ("month", None)
    alternatives = [step for step in book.steps() if step.alternative_to]
    assert [step.line for step in alternatives] == [94, 143, 155]


def test_targets_and_checklists_of_seed_3() -> None:
    """Response times, five phases, pairs of target and alert in both directions, 32 boxes with deadlines."""
    book = _seed("003")
    assert [one.response_minutes for one in book.severities] == [5, 15, 60, 240]
    assert [phase.line for phase in book.phases] == [31, 50, 72, 108, 146]
    assert [(one.op, one.value) for one in book.targets] == [("<", 0.1), ("<", 500), (">", 99.9), ("<", 80), (">", 99)]
    assert [(rule.op, rule.value) for rule in book.rules if rule.line > 300] == [
        (">=", 1),
        (">=", 1),
        ("<=", 99),
        (">=", 90),
        ("<=", 95),
    ]
    assert sum(len(one.items) for one in book.checklists) == 32
    assert [one.deadline_hours for one in book.checklists][-3:] == [24, 48, 168]
    assert [step.kind for step in book.steps() if step.language == "sql"] == ["sql"] * 5
    assert [one.places[0].line for one in book.placeholders if one.type == "secret"] == [241]


def test_containment_and_contacts_of_seed_4() -> None:
    """Branches by cause, a linked runbook as a step, nobody who can be paged, and no invented scenario."""
    book = _seed("004")
    assert book.scenarios == ()
    (containment,) = book.procedures
    assert list(dict.fromkeys(step.branch for step in containment.steps)) == [text.text for text in book.conditionals]
    assert [step.line for step in containment.steps if step.kind == "link"] == [71]
    assert [one.unfilled for one in book.contacts] == [("contact",)] * 4
    assert [(one.name, one.response_minutes) for one in book.severities] == [
        ("SEV1", 0),
        ("SEV2", 60),
        ("SEV3", 240),
        ("SEV4", None),
    ]
    assert [one.clock for one in book.escalations] == [None, "unacknowledged", None, None]
    assert [template.kind for template in book.templates] == ["initial", "resolution", "postmortem"]
