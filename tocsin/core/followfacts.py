"""What can be true of runbooks that an incident's own runbook links to."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.entries import fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A linked runbook whose steps belong to the incident, in the version that was read when it was followed.

    ``number`` stands in the ids of its steps; ``step`` is the step that links to it (empty: a link elsewhere in the
    document), ``target`` how it is written there, ``line`` where.
    """

    number: int
    title: str
    digest: str
    source: str
    target: str
    step: str = ""
    line: int = 0


@fact
class RunbookFollowed:
    """Somebody follows a linked runbook: its steps are the incident's from now on."""

    book: Followed
