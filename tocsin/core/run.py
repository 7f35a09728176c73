"""A run: one start of one command. What was proved about it, what will be started, how it ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tocsin.core.runbook import VerdictWord
from tocsin.ids import digest

RunStatus = Literal["queued", "running", "succeeded", "failed", "timed_out", "cancelled", "unrunnable", "in_doubt"]
FINISHED: frozenset[RunStatus] = frozenset({"succeeded", "failed", "timed_out", "cancelled", "unrunnable"})


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable inside a word; its value is one argument, never split and never read as code."""

    name: str


Word = tuple[str | Variable, ...]
"""An argument: literal pieces and variables, joined when the process is started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One program with its arguments, started without a shell."""

    argv: tuple[Word, ...]
    stdout: Literal["keep", "drop"] = "keep"
    stderr: Literal["keep", "drop", "join"] = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Processes joined by ``|``, started when the pipeline before it ended as ``after`` says."""

    processes: tuple[Process, ...]
    after: Literal["always", "success", "failure"] = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a command's text alone proves. ``plan`` is what runs instead of the text; only a proven command has one."""

    word: VerdictWord
    traits: tuple[str, ...] = ()
    why: str
    plan: tuple[Pipeline, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where and as what a command runs. All of it is part of what is approved, save the values of the variables."""

    name: str = "local"
    workdir: str = "."
    env_names: tuple[str, ...] = ()
    path: str = "/usr/local/bin:/usr/bin:/bin"
    timeout: timedelta = timedelta(seconds=60)

    def describe(self) -> str:
        """One line for the person who approves."""
        names = ", ".join(f"${name}" for name in self.env_names) or "no variables"
        return f"{self.name}: {self.workdir} with {names}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended. ``output`` is masked and capped; ``size`` counts all bytes that were printed."""

    status: RunStatus
    exit_code: int | None = None
    seconds: float = 0.0
    output: str = ""
    size: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A row of the journal: intent (``queued``, ``running``) before the command starts, the outcome after it ended."""

    id: str
    incident: str
    step: str
    kind: str
    command: str
    verdict: VerdictWord
    target: str
    sha: str
    status: RunStatus
    queued_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    node: str = ""
    heartbeat_at: datetime | None = None
    outcome: Outcome | None = None


def seal(command: str, target: Target, incident: str, step: str, runbook_digest: str) -> str:
    """What an approval is bound to: change any of it and the approval is void."""
    variables = ",".join(sorted(target.env_names))
    return digest(command, target.name, target.workdir, target.path, variables, incident, step, runbook_digest)


def after_crash(run: Run) -> Literal["repeat", "in_doubt"]:
    """A proven read may run again; whatever may have changed something is never repeated by itself."""
    return "repeat" if run.verdict == "read" or run.status == "queued" else "in_doubt"


def variable_of(placeholder: str) -> str:
    """The environment variable that a secret's placeholder means: ``<anon-key>`` → ``ANON_KEY``."""
    return re.sub(r"\W+", "_", placeholder.strip("<>[]{} ")).strip("_").upper()


def fill(command: str, values: Mapping[str, str]) -> str:
    """The command with each placeholder replaced by its (already quoted) value, longest placeholder first."""
    for placeholder in sorted(values, key=len, reverse=True):
        command = command.replace(placeholder, values[placeholder])
    return command
