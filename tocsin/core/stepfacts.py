"""The part of the vocabulary that is about commands: values, branches, approvals, runs and what came of them.

The rules of `facts` hold here too, and everything here is reached as ``facts.StepStarted``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tocsin.core.entries import fact
from tocsin.core.expected import Check


@fact
class PlaceholderBound:
    """A gap of the text has a value for this incident."""

    placeholder: str
    value: str


@fact
class BranchChosen:
    """One of the document's "If …" branches was taken."""

    branch: str
    why: str
    line: int = 0


@fact
class BranchLeftOpen:
    """What was measured decides for no branch: a person must choose. ``why`` names the words that leave it open."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One command of an approved set: what is asked about it, and who may say yes to it."""

    step: str
    command: str
    kind: str
    verdict: str
    verdict_why: str
    target: str
    sha: str
    traits: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    policy: str = ""


@fact
class ApprovalRequested:
    """A command waits for people. The approval counts for exactly this command, target and runbook (``sha``).

    ``policy`` says why so many people are needed, ``roles`` who may say yes (empty: every approver). With ``members``
    it is about several commands in their order, each after the one before went well (with ``go_on``: ended);
    ``step`` and the rest then tell of all of them. ``undoes`` is the step in doubt that they set right.
    """

    approval: str
    step: str
    command: str
    kind: str
    verdict: str
    verdict_why: str
    target: str
    sha: str
    needs: int
    self_approve: bool
    expires_at: datetime
    policy: str = ""
    roles: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    go_on: bool = False
    undoes: str = ""


@fact
class ApprovalGranted:
    """A person allowed it."""

    approval: str
    step: str
    sha: str


@fact
class ApprovalDenied:
    """A person said no."""

    approval: str
    step: str
    why: str


@fact
class ApprovalExpired:
    """Nobody answered in time."""

    approval: str
    step: str


@fact
class ApprovalWithdrawn:
    """It is no longer wanted, or what was asked for has changed."""

    approval: str
    step: str
    why: str


@fact
class StepQueued:
    """A run was ordered. ``approval`` is empty for a command that is proved to read.

    ``place`` is the name of the target that ``target`` describes; empty on old records, where there was only one.
    ``member`` is its place in an approved set, counted from 1.
    """

    step: str
    run: str
    command: str
    kind: str
    verdict: str
    target: str
    sha: str
    why: str
    approval: str = ""
    place: str = ""
    labels: tuple[str, ...] = ()
    member: int = 0


@fact
class SetStopped:
    """The rest of an approved set does not run. ``ran`` and ``left`` are steps."""

    approval: str
    why: str
    ran: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@fact
class StepStarted:
    """The intent to start is on record; the command starts after this."""

    step: str
    run: str


@fact
class ValueKept:
    """What a step was about to change, read just before by the command ``read``; ``back`` sets it again."""

    step: str
    run: str
    value: str
    read: str
    back: str = ""


@fact
class StepFinished:
    """A run ended. ``files`` were written by redirection; ``check`` is what was expected; ``verifies``: is all well?"""

    step: str
    run: str
    status: Literal["succeeded", "failed", "timed_out", "cancelled", "unrunnable"]
    exit_code: int | None = None
    seconds: float = 0.0
    excerpt: str = ""
    note: str = ""
    files: tuple[str, ...] = ()
    check: Check | None = None
    verifies: bool = False


@fact
class StepInDoubt:
    """A run was interrupted and nobody knows whether it had its effect. It is never repeated by itself."""

    step: str
    run: str
    why: str


@fact
class StepSettled:
    """A human found out what an interrupted run did, or had it undone, which settles it whatever it did."""

    step: str
    run: str
    happened: bool
    why: str = ""
    undone: bool = False


@fact
class StepDone:
    """A human did a manual step."""

    step: str
    text: str = ""


@fact
class StepSkipped:
    """A human decided against a step."""

    step: str
    why: str
