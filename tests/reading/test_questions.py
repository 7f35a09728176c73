"""What a document asks whoever assesses, and where it says that only some people may see an incident."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Runbook
from tocsin.reading.runbook import read

FERRY = """# Ferry

## First look (0-10 minutes)

- [ ] Ring the bell

**Questions to answer:**
- Is passenger data at risk? (names, cabins)
- How many passengers are affected?

### Assess the damage
1. When did it start?
2. Which piers are closed?
3. Ask the pilot.

## Scenario 1: Fog

### Symptoms
- Can nobody see the pier?

## Post-incident review

### Questions
- What went well?

## If somebody broke in:
- [ ] Change the locks
- Handle it as a private incident
"""


@pytest.fixture(scope="module")
def book() -> Runbook:
    """The ferry's document."""
    return read(FERRY.encode(), "ferry.md")


def test_questions_are_read_where_the_document_assesses(book: Runbook) -> None:
    """Below "Questions" or a heading that assesses; not of symptoms, not of a review afterwards, and no orders."""
    assert [(each.line, each.group, each.kind) for each in book.questions] == [
        (8, "Questions to answer", "yes or no"),
        (9, "Questions to answer", "words"),
        (12, "Assess the damage", "beginning"),
        (13, "Assess the damage", "words"),
    ]


def test_a_list_below_a_condition_is_conditional(book: Runbook) -> None:
    """It counts where the condition is true."""
    assert [(each.title, each.conditional) for each in book.checklists][-1] == ("If somebody broke in", True)
    assert not book.checklists[0].conditional


def test_a_sentence_that_hides_an_incident_is_kept_with_its_condition(book: Runbook) -> None:
    """The heading above it says when."""
    (found,) = book.confidential
    assert (found.text, found.line) == ("If somebody broke in: Handle it as a private incident", 28)


@pytest.mark.parametrize(
    "line", ["- Is it DNS?", "- [ ] Is data at risk?", "- Really?", "| Is data at risk? | yes |"]
)  # fmt: skip
def test_what_only_looks_like_a_question_of_an_assessment_is_none(line: str) -> None:
    """Somewhere else, a box, a single word, a table."""
    text = f"# Ferry\n\n## Checks\n\n- Is it DNS?\n\n## {'Checks' if 'DNS' in line else 'Assess'}\n\n{line}\n"
    assert read(text.encode(), "ferry.md").questions == ()
