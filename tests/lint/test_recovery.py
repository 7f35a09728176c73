"""Scenarios that change something without a look afterwards or a way back."""

from __future__ import annotations

import pytest

from tests.lint.looking import found
from tocsin.lint.recovery import missing_rollback, missing_verification

CHANGE = """
# Ferry runbook

## Scenario 1: Tickets hang

### Symptoms
- Queue depth > 40

### Mitigation

```bash
# Restart the desk
docker restart desk
```
"""


def test_a_change_without_a_look_afterwards_is_found_at_the_scenario() -> None:
    """Nothing in the scenario or the document says how to see that it worked."""
    assert found([missing_verification], CHANGE) == [(3, "missing-verification")]


@pytest.mark.parametrize(
    "more",
    [
        "### Verification\n\n- [ ] The queue is below 10\n",
        "```bash\n# Check the queue\ndocker exec desk queue\n```\n",
        "1. Wait until the queue is empty\n",
        "## Incident response process\n\n### Step 4: Resolve\n\n1. Verify that travellers can buy tickets\n",
    ],
)
def test_a_look_in_the_scenario_or_in_the_process_is_enough(more: str) -> None:
    """A part, a command, a step by hand, a general phase."""
    assert found([missing_verification], f"{CHANGE}\n{more}") == []


def test_a_scenario_that_only_reads_needs_no_verification() -> None:
    """Nothing was changed."""
    text = CHANGE.replace("docker restart desk", "docker ps").replace("Restart the desk", "Look at the desk")
    assert found([missing_verification], text) == []


def test_a_change_that_cannot_be_undone_needs_a_word_about_the_way_back() -> None:
    """The finding stands at the command."""
    text = CHANGE.replace("docker restart desk", 'psql -c "DELETE FROM tickets WHERE stuck"')
    assert found([missing_rollback], text) == [(12, "missing-rollback")]


@pytest.mark.parametrize(
    "more",
    [
        "Take a backup first.\n",
        "### Rollback\n\n1. Put the tickets back from the paper list\n",
        "## Emergency rollback\n\n```bash\ndocker start old-desk\n```\n",
    ],
)
def test_a_word_about_the_way_back_is_enough(more: str) -> None:
    """In the scenario, or anywhere in the document."""
    text = CHANGE.replace("docker restart desk", 'psql -c "DELETE FROM tickets WHERE stuck"')
    assert found([missing_rollback], f"{text}\n{more}") == []


@pytest.mark.parametrize(
    "command", ["docker restart desk", "kubectl delete pod desk-0", "redis-cli FLUSHALL", "rm -rf /tmp/desk"]
)
def test_what_comes_back_by_itself_needs_no_way_back(command: str) -> None:
    """Restarts, pods, caches, temporary files."""
    assert found([missing_rollback], CHANGE.replace("docker restart desk", command)) == []
