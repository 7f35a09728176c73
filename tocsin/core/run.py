"""A run: one start of one command. What was proved about it, what will be started, how it ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
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


STANDARD_PATH = "/usr/local/bin:/usr/bin:/bin"

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
class Proof:
    """One word of a command in its proof: what it is, what is known about it, and what follows from that.

    ``at`` and ``end`` say where it stands in the text (-1: it has no place of its own there). Of a word that decided
    against a read, ``fix`` says what would make it provable.
    """

    text: str
    role: str
    known: str
    word: VerdictWord = "read"
    at: int = -1
    end: int = -1
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a command's text alone proves. ``plan`` is what runs instead of the text; only a proven command has one.

    ``proof`` goes through the text word by word, up to the word that decides where it is not proved. ``pins`` are the
    team's scripts in the plan, each with the SHA-256 that it must have when it is started.
    """

    word: VerdictWord
    traits: tuple[str, ...] = ()
    why: str
    plan: tuple[Pipeline, ...] | None = None
    proof: tuple[Proof, ...] = ()
    pins: tuple[tuple[str, str], ...] = ()

    @property
    def deciding(self) -> Proof | None:
        """The word that decided against a read: the first change, else the first unknown."""
        return next((part for word in ("change", "unknown") for part in self.proof if part.word == word), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where and as what a command runs. All of it is part of what is approved, save the values of the variables.

    ``where`` holds what only its kind knows (a host, a port, a user), never a secret; ``labels`` say who may carry it
    out.
    """

    name: str = "local"
    kind: str = "local"
    workdir: str = "."
    env_names: tuple[str, ...] = ()
    path: str = STANDARD_PATH
    timeout: timedelta = timedelta(seconds=60)
    labels: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()

    def describe(self) -> str:
        """One line for the person who approves; what is not told is as it is everywhere."""
        names = ", ".join(f"${name}" for name in self.env_names) or "no variables"
        told = [f"{name} {value}" for name, value in self.where]
        folder = [self.workdir] if self.kind == "local" or self.workdir != "." else []
        path = [] if self.path == STANDARD_PATH else [f"PATH {self.path}"]
        labels = [f"labels {' '.join(self.labels)}"] if self.labels else []
        called = self.name if self.kind == "local" else f"{self.name} ({self.kind})"
        return f"{called}: {', '.join([*told, *folder, *path, *labels]) or 'as it is there'} with {names}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """A file that a command wrote by a redirection: its name below the folder, masked and capped; ``size`` in bytes."""

    name: str
    size: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended. ``output`` is masked and capped; ``size`` counts all bytes that were printed."""

    status: RunStatus
    exit_code: int | None = None
    seconds: float = 0.0
    output: str = ""
    size: int = 0
    note: str = ""
    files: tuple[WrittenFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A row of the journal: intent (``queued``, ``running``) before the command starts, the outcome after it ended.

    ``target`` describes where it runs, ``place`` is that target's name; only who has all its ``labels`` carries it out.
    """

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
    place: str = ""
    labels: tuple[str, ...] = ()


def seal(command: str, target: Target, incident: str, step: str, runbook_digest: str) -> str:
    """What an approval is bound to: change any of it and the approval is void."""
    parts = (target.name, target.kind, target.workdir, target.path, *(text for pair in target.where for text in pair))
    variables, labels = digest(*sorted(target.env_names)), digest(*target.labels)
    return digest(command, digest(*parts), variables, labels, incident, step, runbook_digest)


def seal_of_set(seals: Sequence[str], *, go_on: bool) -> str:
    """What one approval of several commands is bound to: every one of their seals, their order, and how they go on."""
    return digest("set", "go on" if go_on else "stop", *seals)


def after_crash(run: Run) -> Literal["repeat", "in_doubt"]:
    """A proven read may run again; whatever may have changed something is never repeated by itself."""
    return "repeat" if run.verdict == "read" or run.status == "queued" else "in_doubt"


def variable_of(placeholder: str) -> str:
    """The environment variable that a secret's placeholder means: ``<anon-key>`` → ``ANON_KEY``."""
    return re.sub(r"\W+", "_", placeholder.strip("<>[]{} ")).strip("_").upper()
