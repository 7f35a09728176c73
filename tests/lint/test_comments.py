"""Comments of a fence that carry alternatives or commands."""

from __future__ import annotations

import pytest

from tests.lint.looking import fenced, found, problems
from tocsin.lint.comments import alternatives_in_fence, hidden_commands


def test_alternatives_of_one_fence_are_found_at_their_comment() -> None:
    """Whoever copies the fence does both; one finding for all commands of the second way."""
    text = fenced("docker restart oven\n\n# Or bake on the old oven\ndocker start old-oven\ndocker stop oven")
    assert found([alternatives_in_fence], text) == [(11, "alternatives-in-fence")]


def test_alternatives_in_fences_of_their_own_are_no_finding() -> None:
    """Nobody copies both by accident."""
    text = fenced("docker restart oven") + "\nOr bake on the old oven:\n\n```bash\ndocker start old-oven\n```\n"
    assert found([alternatives_in_fence], text) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# SELECT * FROM loaves WHERE burnt;",
        "# kubectl get pods -n bakery",
        "# Run: docker restart oven",
        "# docker compose restart oven",
        "# tail -n 50 /var/log/oven.log",
    ],
)
def test_a_command_in_a_comment_is_found(comment: str) -> None:
    """A whole statement, or a program that is known with its arguments."""
    assert found([hidden_commands], fenced(f"docker ps\n{comment}")) == [(10, "hidden-command")]


@pytest.mark.parametrize(
    "comment",
    [
        "# Select the loaves that are burnt",
        "# find loaves that burn",
        "# docker needs more memory when the oven is hot",
        "# watch the temperature",
        "# kubectl",
        "# NAME READY STATUS",
        "# test the door directly",
        "# node is not ready",
    ],
)
def test_words_in_a_comment_are_no_command(comment: str) -> None:
    """Sentences that begin with the name of a program stay sentences."""
    assert found([hidden_commands], fenced(f"docker ps\n{comment}")) == []


def test_the_prompt_of_root_is_told_once_as_what_it_is() -> None:
    """``# systemctl …`` in every line of a fence is a prompt, and reads as a comment."""
    text = fenced("# journalctl -u ferry", title="systemctl status ferry", language="console")
    (problem,) = problems([hidden_commands], text)
    assert problem.line == 8
    assert "prompt" in problem.message


def test_options_on_lines_of_their_own_are_no_comments_of_a_shell() -> None:
    """``--set`` begins a comment in SQL only."""
    assert found([hidden_commands], fenced("helm upgrade oven \\\n  --set heat=low \\\n  --wait")) == []
