"""What moves over steps, approvals and doubts need to be told; the catalogue makes every door's form of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from tocsin.service.respond import Name, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class StepName:
    """A step of the runbook. ``why``: where it switches on what an incident without a root cause switched off.

    ``values`` fill its gaps, by their names; ``why`` also overrules that another step was done instead of it.
    """

    step: Name
    why: Words = ""
    values: Annotated[
        dict[Name, Annotated[str, Meta(max_length=500)]], Meta(description="gaps of the command and what fills them")
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAnswer:
    """An answer to a waiting approval. ``sha`` is the seal that the approver saw; empty: the one that was asked for."""

    approval: Name
    sha: Name = ""
    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSet:
    """Several steps in their order; without any those of a branch, else the document's rollback."""

    steps: tuple[Name, ...] = ()
    branch: Words = ""
    go_on: Annotated[bool, Meta(description="a command that fails does not stop the others")] = False
    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWords:
    """A step, and a few words about it."""

    step: Name
    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a human found out about an interrupted run."""

    step: Name
    happened: bool
    why: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """A step in doubt and what undoes it; without any steps, the document's own way back."""

    step: Name
    steps: tuple[Name, ...] = ()
    why: Words = ""
