"""A text goes in, the findings of one family of checks come out as (line, code)."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import dedent

from tocsin import reading
from tocsin.core.runbook import Problem
from tocsin.lint.subject import Check, Subject
from tocsin.service.books import judge


def subject(text: str) -> Subject:
    """The document with its verdicts, as the checks see it."""
    told = dedent(text).strip("\n") + "\n"
    return Subject(book=judge(reading.read(told.encode(), "ferry.md")), lines=tuple(told.split("\n")))


def problems(checks: Sequence[Check], text: str, code: str = "") -> list[Problem]:
    """What these checks find, in the order of the lines; of one code only where it is named."""
    one = subject(text)
    found = [problem for check in checks for problem in check(one) if not code or problem.code == code]
    return sorted(found, key=lambda problem: problem.line)


def found(checks: Sequence[Check], text: str, code: str = "") -> list[tuple[int, str]]:
    """The places and codes of `problems`."""
    return [(problem.line, problem.code) for problem in problems(checks, text, code)]


def fenced(command: str, *, title: str = "Look at it", stage: str = "Diagnosis", language: str = "bash") -> str:
    """A scenario with one command under one title: the title stands in line 8, the command in line 9."""
    return (
        f"# Ferry runbook\n\n## Scenario 1: The ferry is late\n\n### {stage}\n\n"
        f"```{language}\n# {title}\n{command}\n```\n"
    )
