"""Comments in the document that silence findings."""

from __future__ import annotations

import pytest

from tests.lint.document import codes, problems
from tocsin import reading

PROMISE = "We write again every [X] minutes."


@pytest.mark.parametrize(
    "text",
    [
        f"# F\n\n{PROMISE} <!-- tocsin: ignore=open-promise -->\n",
        f"# F\n\n<!-- tocsin: ignore=open-promise -->\n{PROMISE}\n",
        f"# F\n\n<!-- # tocsin: ignore=open-promise -->\n\n\n{PROMISE}\n",
        f"# F\n\n<!-- tocsin: ignore=open-promise -->\n```text\nOven cold.\n\n{PROMISE}\n```\n",
        f"# F\n\n```text\nOven cold.\n# tocsin: ignore=open-promise\n{PROMISE}\n```\n",
        f"# F\n\n```sql\n-- tocsin: ignore = open-promise\n-- {PROMISE}\nselect 1;\n```\n",
        f"# F\n\n<!-- tocsin: ignore=open-promise -->\n| a |\n|---|\n| b |\n| {PROMISE} |\n",
    ],
    ids=["same line", "line below", "over blank lines", "whole fence", "in a fence", "in SQL", "whole table"],
)
def test_a_comment_silences_its_line_or_the_block_below(text: str) -> None:
    """The finding is gone, and nothing is said about the comment."""
    assert "open-promise" in [code for _, code in codes(text.replace("tocsin: ignore", "nothing: ignore"))]
    assert [code for _, code in codes(text) if code in ("open-promise", "unused-ignore", "unknown-ignore")] == []


def test_a_comment_covers_no_more_than_its_block() -> None:
    """The line after the block is reported, and so is the one below a heading."""
    comment = "<!-- tocsin: ignore=open-promise -->"
    assert codes(f"# F\n\n{comment}\n{PROMISE}\n{PROMISE}\n") == [(5, "open-promise")]
    assert codes(f"# F\n\n{comment}\n## Words\n{PROMISE}\n") == [(3, "unused-ignore"), (5, "open-promise")]
    assert (8, "open-promise") in codes(f"# F\n\n{comment}\n```text\n{PROMISE}\n```\n\n{PROMISE}\n")


def test_several_codes_and_several_comments_stack() -> None:
    """Codes are divided by commas or blanks; comments above each other all reach the block."""
    text = f"# F\n\n{{}}\n{PROMISE} See [x](#gone).\n"
    assert codes(text.format("")) == [(4, "dead-link"), (4, "open-promise")]
    assert codes(text.format("<!-- tocsin: ignore=open-promise, dead-link -->")) == []
    assert codes(text.format("<!-- tocsin: ignore=open-promise -->\n<!-- tocsin: ignore=dead-link -->")) == []


def test_a_comment_that_helps_nobody_is_a_finding() -> None:
    """An unknown code, no code at all, and a code that is not found there; the known one still works."""
    text = f"# F\n\n{PROMISE} <!-- tocsin: ignore=open-promise,late,dead-link -->\n\nx <!-- tocsin: ignore= -->\n"
    found = [each for each in problems(text) if each.code != "no-scenario"]

    assert [(each.line, each.code) for each in found] == [(3, "unknown-ignore"), (5, "unknown-ignore")]
    assert "late" in found[0].message


@pytest.mark.parametrize("code", ["missing-script", "unbound-role", "review-overdue"])
def test_a_comment_is_unused_only_where_its_code_was_looked_for(code: str) -> None:
    """Without a repository, a configuration or a date nothing of those kinds can be found, so nothing is said."""
    assert codes(f"# F\n\nAll is well. <!-- tocsin: ignore={code} -->\n") == []


def test_an_unused_comment_is_found_where_there_is_a_repository() -> None:
    """The same comment, with the repository at hand."""
    text = "# F\n\nAll is well. <!-- tocsin: ignore=missing-script -->\n"
    assert codes(text, files={"docs/ferry.md": text}) == [(3, "unused-ignore")]


def test_a_comment_shown_as_an_example_is_none() -> None:
    """HTML in a fence is text."""
    assert codes(f"# F\n\n```text\nSo: <!-- tocsin: ignore=open-promise -->\n```\n\n{PROMISE}\n") == [
        (7, "open-promise")
    ]


def test_a_comment_alone_on_a_line_does_not_disturb_the_reading() -> None:
    """The document with its comments has the same steps, titles and commands as without."""
    plain = (
        "# F\n\n## Lamps out\n\n### Diagnosis\n\n1. Look: `systemctl status lamps`\n\n"
        "```bash\n# Read the log\njournalctl -u lamps\n```\n"
    )
    marked = plain.replace("```bash", "<!-- tocsin: ignore=endless-command -->\n```bash")
    told = [[(step.title, step.command, step.kind) for step in reading.read(text.encode(), "f.md").steps()]
            for text in (plain, marked)]  # fmt: skip

    assert told[0] == told[1] and len(told[0]) == 2
