"""Calling somebody in by hand: a person, whoever fills a role, or the next one whom the document names."""

from __future__ import annotations

from tocsin.app import App
from tocsin.core import moves
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.wake import escalate_next
from tocsin.service import duty, respond

NEXT = "next"
"""Given for a person or role, it means whoever the document would call next; nobody else may be called so."""


def escalate(app: App, ref: str, to: str, why: str, by: Actor) -> Incident:
    """Call somebody in now. Raises `Invalid` for a name that nobody has, `Refused` where nobody is next."""
    directory, now = duty.directory_now(app), app.clock.now()
    if to.strip().casefold() == NEXT and directory.bound(NEXT) is None:
        return respond.move(app, ref, by, lambda incident, _: escalate_next(incident, directory, why, now))
    return respond.move(app, ref, by, lambda incident, _: moves.escalate(incident, directory, to, why, now))
