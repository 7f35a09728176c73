"""Gaps that name nothing, that a shell misreads, that are spelled in several ways, that were never filled."""

from __future__ import annotations

import pytest

from tests.lint.looking import fenced, found, problems
from tocsin.lint.gaps import mixed, shell_gaps, unbindable, unfilled_text


@pytest.mark.parametrize("command", ["docker restart <...>", "docker restart <xxx>", "docker run <?> oven"])
def test_a_gap_without_a_name_is_found(command: str) -> None:
    """``<...>`` can't be filled in by anybody."""
    assert found([unbindable], fenced(command, stage="Mitigation")) == [(9, "unbindable-placeholder")]


@pytest.mark.parametrize(
    "command", ["docker restart <oven>", "go test ./...", "git log main...HEAD", "echo one ... two"]
)
def test_a_gap_with_a_name_and_dots_that_mean_something_are_no_finding(command: str) -> None:
    """A name can be asked for; three dots within a word belong to the program."""
    assert found([unbindable], fenced(command, stage="Mitigation")) == []


def test_a_gap_before_another_word_would_overwrite_a_file() -> None:
    """``<name> --tail`` reads from one file and writes into another; the finding names both, and Tocsin's part."""
    (problem,) = problems([shell_gaps], fenced("docker logs <oven-name> --tail"))
    assert (problem.line, problem.code, problem.level) == (9, "shell-placeholder", "warning")
    assert "oven-name" in problem.message
    assert "overwrite the file --tail" in problem.message
    assert "Tocsin fills" in problem.hint


def test_a_gap_at_the_end_only_fails() -> None:
    """Nothing stands behind it that could be written: a note."""
    (problem,) = problems([shell_gaps], fenced("kill <pid>"))
    assert problem.level == "note"


def test_a_gap_before_a_continued_line_names_the_word_there() -> None:
    """A backslash at the end of the line is no file."""
    (problem,) = problems([shell_gaps], fenced("helm upgrade --set tag=<tag> \\\n  --wait"))
    assert "overwrite the file --wait" in problem.message


@pytest.mark.parametrize(
    "command", ['docker logs "<oven>" --tail', "psql -c 'SELECT <id>'", "docker logs $OVEN --tail"]
)
def test_a_quoted_gap_is_no_redirection(command: str) -> None:
    """Quotes protect it, a variable needs no protection."""
    assert found([shell_gaps], fenced(command)) == []


def test_a_gap_is_told_once_at_its_worst_place() -> None:
    """The place where it would write a file stands for the others, which are counted."""
    text = fenced("docker restart <oven>\ndocker logs <oven> --tail\ndocker logs <oven> -n 5", stage="Mitigation")
    (problem,) = problems([shell_gaps], text)
    assert problem.line == 10
    assert "2 more lines" in problem.message


def test_two_spellings_of_one_gap_are_found_at_the_second() -> None:
    """Each would be asked for by itself."""
    text = fenced("docker restart <oven-name>\ndocker logs [oven name]\ndocker stop YOUR_OVEN_NAME", stage="Mitigation")
    assert found([mixed], text) == [(10, "mixed-placeholders")]


def test_one_spelling_and_different_gaps_are_no_finding() -> None:
    """The same text twice is one gap; other names are other gaps; messages are not commands."""
    text = fenced("docker logs <oven>\ndocker logs <oven>\ndocker stop <mixer>", stage="Mitigation")
    assert found([mixed], text + "\n## Message template\n\n```\nThe [OVEN] is cold.\n```\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "**Last updated:** 2031-04-XX",
        "**Last reviewed:** [Date]",
        "Owner: TBD",
        "- **Version:** <version>",
        "Welcome to the runbook of [Company Name].",
        "Code: https://git.example/[org]/oven",
        "TODO: say who has the key of the oven",
    ],
)
def test_text_that_was_never_filled_in_is_found(line: str) -> None:
    """Dates, names and addresses of the document itself."""
    assert found([unfilled_text], f"# Bakery runbook\n\n{line}\n") == [(3, "unfilled-text")]


@pytest.mark.parametrize(
    "line",
    [
        "**Last updated:** 2031-04-02",
        "Owner: the bakery team",
        "Create a channel #incident-YYYY-MM-DD-oven",
        'Post: "Investigating [symptom]"',
        "See the [oven](oven.md) and [1].",
        "- [ ] Update the owner: ask the lead",
        "| Owner | [Name] |",
        "Use `[company]` in the message.",
    ],
)
def test_text_that_is_filled_in_or_is_filled_during_the_incident_is_no_finding(line: str) -> None:
    """Real values, links, tables and sentences to complete on the day."""
    assert found([unfilled_text], f"# Bakery runbook\n\n{line}\n") == []


def test_gaps_of_templates_and_fences_are_meant() -> None:
    """A template is filled in during the incident; a comment that only says TODO is a hole."""
    template = "# Bakery\n\n## Status template\n\n```\n**Date:** [Date]\nOwner: TBD\n```\n"
    assert found([unfilled_text], template) == []
    assert found([unfilled_text], fenced("docker ps\n# TODO: the command")) == [(10, "unfilled-text")]
