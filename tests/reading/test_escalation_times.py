"""When somebody is drawn in, in which words; and lines so long that only a linear reading ends in time."""

from __future__ import annotations

import time

import pytest

from tocsin.core.runbook import Escalation
from tocsin.reading import read

Told = list[tuple[str | None, float | None]]


def _told(text: str) -> tuple[Escalation, ...]:
    return read(text.encode(), "bakery.md").escalations


def _under(title: str, body: str) -> Told:
    return [(one.to, one.after_minutes) for one in _told(f"# Bakery\n\n## {title}\n\n{body}\n")]


_CLOCKS: list[tuple[str, str, Told]] = [
    (
        "immediate with a number",
        (
            "### When to Escalate\n\n**Immediate Escalation (< 5 min):**\n- P1 incidents\n\n"
            "**Quick Escalation (< 20 min):**\n- Cold ovens"
        ),
        [(None, 0), (None, 20)],
    ),
    ("no response in", "- If no response in 10 min, page shift lead", [("shift lead", 10)]),
    ("past", "- Past 30 min → escalates to Marta", [("Marta", 30)]),
    (
        "a duration that is the condition",
        (
            "Escalate immediately to the Head Baker when any of these is true:\n\n- the fire alarm rang\n"
            "- no bread for more than 30 minutes"
        ),
        [("Head Baker", 0), ("Head Baker", 0)],
    ),
    (
        "two verbs",
        "- If ovens stay cold, page the shift lead and notify Bakery Leadership",
        [("shift lead", None), ("Bakery Leadership", None)],
    ),
    (
        "first rung with points",
        "1. **On-call baker**\n   - looks first\n2. **Shift lead** (30 min no progress)",
        [("Shift lead", 30)],
    ),
    ("upgrade", "- **P2** if bread is late twice\n- **P1** if nobody can bake", [(None, None), (None, None)]),
    (
        "level with a line of its own",
        "### Level 1: Baker\n- First 15 minutes\n\n### Level 2: Shift lead\n- After 15 minutes",
        [("Shift lead", 15)],
    ),
    (
        "level with a label of its own",
        "### Tier 1 — On-call\n\n### Tier 2 — Senior Engineer\n\n**When:** unresolved after 30 minutes",
        [("Senior Engineer", 30)],
    ),
    (
        "lines of a paragraph",
        "After 15 min → notify lead\nAfter 30 min → notify director",
        [("lead", 15), ("director", 30)],
    ),
    (
        "bold ranks",
        "**Level 1** - On-call engineer: 0-10 min\n**Level 2** - Shift lead: 10-30 min",
        [("On-call engineer", 0), ("Shift lead", 10)],
    ),
    (
        "labels of ranks",
        "**Primary:** On-call engineer\n**Secondary:** Shift lead (after 15 min)\n**Tertiary:** CEO (after 1 hour)",
        [("Shift lead", 15), ("CEO", 60)],
    ),
    (
        "then",
        "**Escalation:** Shift lead after 15 minutes, then Bakery Director after 1 hour",
        [("Shift lead", 15), ("Bakery Director", 60)],
    ),
    ("what is done by then", "- 5 min: acknowledge\n- 15 min: escalate to Marta", [("Marta", 15)]),
    (
        "contacts with arrows",
        "### Escalation Contacts\n\n- Cold ovens → Oven Engineer\n- Shift lead: 123",
        [("Oven Engineer", None)],
    ),
]


@pytest.mark.parametrize(("body", "expected"), [one[1:] for one in _CLOCKS], ids=[one[0] for one in _CLOCKS])
def test_the_time_of_an_escalation_is_its_own(body: str, expected: Told) -> None:
    """Not that of a response, nor of the condition."""
    assert _under("Escalation", body) == expected


def test_prose_that_escalates_needs_nobody_named() -> None:
    """ "Escalate when in doubt" counts; "escalate if needed" and what somebody may do say nothing."""
    assert _under("Working Hours", "- Bake\n- Escalate when in doubt\n- Escalate if needed") == [(None, None)]
    assert _under("Working Hours", "Mind the heat - if the queue grows too long, escalate") == [(None, None)]
    assert _under("Working Hours", "**Authority:**\n\n- Page additional bakers\n- Escalate to the owner") == []


def test_a_wrapped_sentence_names_whom_it_pages() -> None:
    """Its condition may stand a line above."""
    text = (
        "If the first baker doesn't answer within the agreed time, the\nsecond baker is auto-paged by the\n"
        "bakery's escalation plan."
    )
    assert [one[0] for one in _under("Shifts", text)] == []
    text = text.replace("the\nsecond baker is", "secondary is")
    assert [one[0] for one in _under("Shifts", text)] == ["secondary"]


def test_the_beginning_of_a_chain_is_no_escalation() -> None:
    """Not in the row that has only it, where another row goes on from it."""
    body = "- **Escalation**: On-call baker → Shift lead"
    text = f"# Bakery\n\n## Severity Levels\n\n### P1\n\n{body}\n\n### P2\n\n- **Escalation**: On-call baker\n"
    assert [one.to for one in _told(text)] == ["Shift lead"]


@pytest.mark.parametrize("piece", ["7", "within 5 h ", "15 min ", "持续5分钟", "escalate to x ", "5 to "])
@pytest.mark.parametrize(
    "shape", ["## Escalation {}\n", "## Escalation\n\n| When | Escalate to |\n|---|---|\n| {} | {} |\n"]
)
def test_a_line_of_60_kb_is_read_in_time(piece: str, shape: str) -> None:
    """Twice as long takes about twice as long: no heading and no cell can hold the reader up."""
    long = piece * (30_000 // len(piece))
    begin = time.process_time()
    _told(f"# Bakery\n\n{shape.replace('{}', long)}")
    assert time.process_time() - begin < 3
