"""Findings as workflow commands of GitHub Actions, which shows them beside the changed lines of a pull request."""

from __future__ import annotations

from tocsin.cli.checked import Checked
from tocsin.core.runbook import Level, Problem

_COMMANDS: dict[Level, str] = {"error": "error", "warning": "warning", "note": "notice"}


def annotation(document: Checked, problem: Problem) -> str:
    """``::warning file=docs/ferry.md,line=7,title=dead-link::…``; escaped as the runner of GitHub Actions undoes it."""
    place = f"file={_property(document.path)},line={problem.line},title={_property(problem.code)}"
    return f"::{_COMMANDS[problem.level]} {place}::{_data(f'{problem.message} {problem.hint}'.strip())}"


def unread(document: Checked) -> str:
    """The annotation of a file that could not be read."""
    return f"::error file={_property(document.path)}::{_data(document.error)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
