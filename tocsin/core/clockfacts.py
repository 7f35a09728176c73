"""What clocks make true, and what people say to them."""

from __future__ import annotations

from datetime import datetime

from tocsin.core.entries import fact


@fact
class OutageBegan:
    """The service has been unavailable since then. ``alert``: the fingerprint of the one that says so."""

    since: datetime
    why: str
    alert: str = ""


@fact
class OutageEnded:
    """The service is available again."""

    why: str


@fact
class ResolutionEstimated:
    """Somebody says how long the rest will take, counted from now; it takes the place of what was said before."""

    seconds: float
    why: str = ""


@fact
class CadenceSet:
    """Somebody says how often people are told how it goes."""

    seconds: float
    why: str = ""


@fact
class ResponseMissed:
    """Nobody took the incident by the time at which the document wants that."""

    severity: str
    due: datetime
    line: int = 0


@fact
class FirstResponseBegun:
    """What the document wants done first at a severity, in its ``words``, begins; ``deeds`` are what they come to.

    ``team``: whom "alert" names; ``to``: the person or channel that fills it, empty where nobody does. ``on_call``: who
    hears of what is only tracked, being on call at that moment.
    """

    severity: str
    words: str
    deeds: tuple[str, ...]
    team: str = ""
    to: str = ""
    on_call: str = ""
    line: int = 0


@fact
class PhaseMissed:
    """A phase was not reached within its window."""

    phase: str
    minutes: float
    line: int = 0


@fact
class UpdateReminded:
    """The next update is due soon."""

    due: datetime
    line: int = 0


@fact
class UpdateMissed:
    """The promised update was not posted."""

    due: datetime
    again: int = 0
    line: int = 0


@fact
class DeadlineNear:
    """Most of the time for something that the document wants done has passed."""

    task: str
    what: str
    due: datetime
    line: int = 0


@fact
class DeadlineMissed:
    """It was not done in time; ``again`` counts how often that was said before."""

    task: str
    what: str
    due: datetime
    again: int = 0
    line: int = 0


@fact
class DeadlineMet:
    """It was done."""

    task: str
    what: str
    note: str = ""


@fact
class EveryoneCalled:
    """Nobody fills any rung of the ladder, so whoever can be reached was called; ``people`` empty: there is nobody."""

    people: tuple[str, ...]
    why: str
    again: int = 0
