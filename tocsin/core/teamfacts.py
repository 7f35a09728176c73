"""What can be true of the people of an incident: who hands over to whom, who answers for a step, who may see it."""

from __future__ import annotations

from datetime import datetime

from tocsin.core.entries import fact


@fact
class HandOverOffered:
    """Somebody offers a role to a person, who has it only after they accept; until then ``before`` keeps it.

    ``role`` ``owner`` is the incident itself: who acknowledged it. ``to`` is a person's id.
    """

    role: str
    to: str
    before: str
    until: datetime
    why: str = ""


@fact
class HandOverAccepted:
    """They have it now."""

    role: str
    person: str
    before: str = ""


@fact
class HandOverDeclined:
    """They do not take it, or it was taken back (``withdrawn``); who had it still has it."""

    role: str
    person: str
    before: str = ""
    why: str = ""
    withdrawn: bool = False


@fact
class HandOverExpired:
    """They did not answer in time; who had it still has it."""

    role: str
    person: str
    before: str = ""


@fact
class RoleLeft:
    """Somebody gave up a role, and nobody has it."""

    role: str
    person: str
    why: str


@fact
class StepOwned:
    """Somebody answers for a step."""

    step: str
    owner: str


@fact
class WarRoomSet:
    """Where people meet."""

    url: str


@fact
class MadePrivate:
    """From now on only those named see it: ``people`` (ids), and whoever is drawn in later."""

    people: tuple[str, ...]
    why: str


@fact
class LetIn:
    """Somebody may see it, too."""

    person: str
    why: str = ""


@fact
class ShutOut:
    """Somebody may see it no longer."""

    person: str
    why: str = ""


@fact
class MadePublic:
    """Everybody may see it again, with all that was said meanwhile."""

    why: str


@fact
class GlassBroken:
    """Somebody who was not named let themselves in, with a reason; those who are named are told."""

    person: str
    why: str
