"""When it is over: every number of the sentence, every state beside it, and for how long."""

from __future__ import annotations

import pytest

from tocsin.reading import read
from tocsin.reading.criteria import states_a_fact

_BOOK = """# Ferry runbook

## Severity Levels

- **P1 (High)**: nobody crosses
- **P2 (Medium)**: crossings are late

## Incident categories

### P1: Crossings fail

**Alert**: `CrossingsFail`

**Actions**:

1. Phone the harbour

**Resolution**: {text}
"""
_LIST = """# Ferry runbook

## Scenario 1: Crossings fail

### Symptoms
- Alert: `CrossingsFail`

### Mitigation
- Phone the harbour

### Resolution
{text}
"""

Told = list[tuple[str | None, float | None, float | None]]


def told(template: str, text: str) -> Told:
    """Metric, number and minutes of each criterion of the only scenario."""
    scenario = read(template.format(text=text).encode(), "ferry.md").scenarios[0]
    return [(one.metric, one.value, one.watch_minutes) for one in scenario.criteria]


@pytest.mark.parametrize(
    ("text", "criteria"),
    [
        ("Late boats < 5 % and the harbour has confirmed", [("Late boats", 5, None), (None, None, None)]),
        ("Late boats < 5 % and queue length < 20", [("Late boats", 5, None), ("queue length", 20, None)]),
        ("Late boats < 5 %, watch for 20 minutes", [("Late boats", 5, 20)]),
        ("Late boats < 5 %, watched for an hour", [("Late boats", 5, 60)]),
        ("Late boats < 5 % and stays there for 15-30 minutes", [("Late boats", 5, 30)]),
        ("Late boats < 5 % for 1 hour", [("Late boats", 5, 60)]),
        ("Late boats < 5 % for the next 2h, harbour informed", [("Late boats", 5, 120), (None, None, None)]),
        ("Late boats < 5 % and queue length < 20 for 2h", [("Late boats", 5, 120), ("queue length", 20, 120)]),
        ("Late boats < 5 % for 3 minutes, watch for 20 minutes", [("Late boats", 5, 3)]),
        ("Harbour open, boats leave", [(None, None, None), (None, None, None)]),
        ("Watch for 20 minutes", [(None, None, 20)]),
    ],
)
def test_a_sentence_is_all_its_criteria(text: str, criteria: Told) -> None:
    """What stands behind "and" must hold as well, and the time that is written is the time that is watched."""
    assert told(_BOOK, text) == criteria


def test_states_of_a_list_are_criteria_and_deeds_are_follow_ups() -> None:
    """How things are when it is over is confirmed by a person; what is still to be done becomes an action item."""
    states = "Late boats back below 5% and queue length < 20", "The harbour has confirmed", "No boats adrift"
    points = (*states, "Crossings resumed", "Buy a second anchor", "Watch the queue for one week", "Fix what is broken")
    text = "\n".join(f"{number}. {point}" for number, point in enumerate(points, 1))
    scenario = read(_LIST.format(text=text).encode(), "ferry.md").scenarios[0]
    assert [one.text for one in scenario.criteria] == [
        "Late boats back below 5%", "queue length < 20", "The harbour has confirmed", "No boats adrift",
        "Crossings resumed",
    ]  # fmt: skip
    assert [one.text for one in scenario.follow_ups] == list(points[4:])


@pytest.mark.parametrize(
    "text",
    [
        "Add a test for what is gone", "Make sure that alerts fire", "Improve how errors are shown",
        "Restore the backup", "Review all pending boats", "Note the time", "Normalise the rota", "Record what is gone",
    ],
)  # fmt: skip
def test_what_is_to_be_done_is_no_state(text: str) -> None:
    """A deed must not hold the end of an incident back."""
    assert not states_a_fact(text)
