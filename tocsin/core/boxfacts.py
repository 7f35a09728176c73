"""What people say to the boxes of the document's checklists, to the days of what must be done, and at the very end.

The rules of `facts` hold here too, and everything here is reached as ``facts.BoxTicked``.
"""

from __future__ import annotations

from datetime import datetime

from tocsin.core.entries import fact


@fact
class BoxTicked:
    """Something that a checklist of the document asks for was done. ``step``: the step that stands on its line."""

    box: str
    text: str
    line: int = 0
    step: str = ""
    note: str = ""


@fact
class BoxUnticked:
    """It was not done after all."""

    box: str
    text: str
    line: int = 0
    step: str = ""
    why: str = ""


@fact
class DeadlinePlanned:
    """Somebody answers for something that is to be done in time; ``due_at`` where it is another than the document's."""

    task: str
    what: str
    owner: str = ""
    due_at: datetime | None = None
    why: str = ""


@fact
class Closed:
    """Nothing is left to do. ``left_open``: what was not done all the same, and ``why`` that is so."""

    why: str = ""
    left_open: tuple[str, ...] = ()
