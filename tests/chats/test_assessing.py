"""Questions, boxes and the closing from a chat: the same moves, with what the document says of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chats import house
from tests.chats.house import ANA, declare, open_bakery, says
from tests.chats.workspace import running
from tocsin.app import App
from tocsin.service import catalogue
from tocsin.service.respond import exists

DOCUMENT = f"""{house.RUNBOOK}
## Triage

**Questions to answer:**
- Is data at risk?
- How many users are affected?

## Escalation

| Who | When |
|-----|------|
| Head baker | Customer data at risk |
| Guild | Data at risk |
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """A bakery whose document asks two questions, with a Slack app."""
    with running() as space:
        opened = open_bakery(tmp_path / "house", house.slack(space), runbook=DOCUMENT)
        declare(opened, scenario="")
        yield opened
        opened.db.close()


def test_an_answer_shows_what_the_document_says_and_a_word_carries_it_out(app: App) -> None:
    """Nobody is called before; a role that nobody fills is said."""
    assert "Is data at risk? (open)" in says(app, "U0ANA", "questions INC-1").text
    answer = says(app, "U0ANA", "answer INC-1 data at risk: yes").text
    rules = [line for line in answer.splitlines() if line.startswith("The document")]
    assert len(rules) == 2 and "calls Guild" in rules[0] and "only if this is so, too: customer" in rules[1]
    assert len(exists(app, "INC-1").assessment.followed) == 0
    name = rules[0].rpartition(" ")[2]
    assert "Nobody to call as" in says(app, "U0ANA", f"rule INC-1 {name}").text
    assert "carried out already" in says(app, "U0ANA", f"rule INC-1 {name}").text
    assert "340 of 12,000 users" in says(app, "U0ANA", "users INC-1 340 of 12,000").text
    assert "began" in says(app, "U0ANA", "began INC-1 20m ago").text


def test_boxes_are_ticked_and_the_incident_is_closed(app: App) -> None:
    """With something open only for a reason."""
    assert "Take the alert" in says(app, "U0ANA", "boxes INC-1").text
    assert "ticked “Take the alert”" in says(app, "U0ANA", "tick INC-1 take the alert").text
    assert "Take the alert" not in says(app, "U0ANA", "boxes INC-1").text
    assert "took the tick" in says(app, "U0ANA", "untick INC-1 take the alert because it was another").text
    assert "not resolved" in says(app, "U0ANA", "close INC-1").text
    wanted = catalogue.CATALOGUE["resolve"]
    wanted.do(app, "INC-1", wanted.request(override="a test"), ANA)
    assert "has 2 open" in says(app, "U0ANA", "close INC-1").text
    assert "closed it with 2 open" in says(app, "U0ANA", "close INC-1 because we bake again").text


@pytest.mark.parametrize("text", ["answer INC-1 yes", "tick INC-1", "rule INC-1 the first", "close INC-1 now"])
def test_what_is_not_understood_is_answered_with_how_it_is_written(app: App, text: str) -> None:
    """Nothing is guessed."""
    answer = says(app, "U0ANA", text)
    assert not answer.ok and "Write: " in answer.text
