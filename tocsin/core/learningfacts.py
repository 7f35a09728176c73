"""What people learn from an incident: its causes, its post-mortem, and what is to be done so that it stays away.

The rules of `facts` hold here too, and everything here is reached as ``facts.RootCauseRecorded``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from tocsin.core.entries import fact


@fact
class CauseSuspected:
    """Somebody names a possible cause that the document does not list."""

    cause: str
    text: str


@fact
class CauseJudged:
    """A possible cause was confirmed or ruled out, because of what somebody saw. ``line``: the document's."""

    cause: str
    text: str
    verdict: Literal["confirmed", "ruled out"]
    evidence: str
    line: int = 0


@fact
class RootCauseRecorded:
    """What had to be true for this to happen, in a person's words; the last one said counts."""

    text: str
    cause: str = ""


@fact
class CauseGateOverruled:
    """Somebody asks to switch on what ``incident`` switched off although its root cause is open.

    The approval that follows needs a second person. ``incident`` is empty where it is another one that is private.
    """

    approval: str
    steps: tuple[str, ...]
    incident: str
    why: str


@fact
class ReviewDrafted:
    """The post-mortem was drafted from the timeline."""

    words: int


@fact
class ReviewScheduled:
    """People meet to talk about it. ``due``: by when the document wants that, on its ``line``.

    ``left``: who was invited before and is no longer.
    """

    at: datetime
    minutes: float
    where: str = ""
    people: tuple[str, ...] = ()
    due: datetime | None = None
    line: int = 0
    left: tuple[str, ...] = ()


@fact
class ReviewApproved:
    """Somebody has read the post-mortem and agrees; ``version`` of its text."""

    version: int
    note: str = ""


@fact
class ReviewPublished:
    """The post-mortem was read and released."""


@fact
class ActionAdded:
    """Something is to be done so that this does not happen again.

    ``line``: where the document asks for it; ``evidence``: what went wrong, where that is the reason.
    """

    action: str
    text: str
    owner: str = ""
    line: int = 0
    due_at: datetime | None = None
    evidence: str = ""


@fact
class ActionChanged:
    """Its words, its owner or its day are these now."""

    action: str
    text: str
    owner: str = ""
    due_at: datetime | None = None


@fact
class ActionDone:
    """It was done; ``text`` are its words."""

    action: str
    text: str = ""


@fact
class ActionReopened:
    """It was not done after all; ``text`` are its words."""

    action: str
    why: str = ""
    text: str = ""


@fact
class ActionDropped:
    """It will not be done; ``text`` are its words."""

    action: str
    why: str
    text: str = ""


@fact
class TrackingAsked:
    """Somebody wants these action items to stand in a tracker, too."""

    actions: tuple[str, ...]
    tracker: str


@fact
class ActionTracked:
    """It stands in a tracker, too: ``key`` is its name there (``#41``), ``text`` are its words."""

    action: str
    tracker: str
    key: str
    url: str = ""
    text: str = ""


@fact
class ActionNear:
    """Its day comes soon."""

    action: str
    text: str
    owner: str
    due: datetime


@fact
class ActionOverdue:
    """Its day has passed; ``again`` counts how often that was said before."""

    action: str
    text: str
    owner: str
    due: datetime
    again: int = 0
