"""An invitation to a meeting as mail programs understand it: iCalendar (RFC 5545), REQUEST and CANCEL (RFC 5546)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A meeting. ``id`` stays while it is moved, ``sequence`` rises; ``people``: name → mail address.

    ``cancelled``: they are not to come.
    """

    id: str
    sequence: int
    title: str
    says: str
    at: datetime
    minutes: float
    where: str = ""
    url: str = ""
    organizer: str = ""
    people: Mapping[str, str] = field(default_factory=dict)
    made_at: datetime
    cancelled: bool = False


def write(invitation: Invitation) -> str:
    """The invitation as text; people without an address are named in its words only."""
    from icalendar import Calendar, Event, vCalAddress

    whole = Calendar()
    whole.add("VERSION", "2.0")
    whole.add("PRODID", "-//tocsin//post-mortems//EN")
    whole.add("CALSCALE", "GREGORIAN")
    whole.add("METHOD", "CANCEL" if invitation.cancelled else "REQUEST" if invitation.people else "PUBLISH")
    event = Event()
    event.add("UID", f"{invitation.id}@tocsin")
    event.add("SEQUENCE", invitation.sequence)
    event.add("DTSTAMP", invitation.made_at.astimezone(UTC).replace(microsecond=0))
    event.add("DTSTART", invitation.at.astimezone(UTC))
    event.add("DTEND", (invitation.at + timedelta(minutes=invitation.minutes)).astimezone(UTC))
    event.add("SUMMARY", invitation.title)
    if invitation.cancelled:
        event.add("STATUS", "CANCELLED")
    event.add("DESCRIPTION", invitation.says)
    for name, value in (("LOCATION", invitation.where), ("URL", invitation.url)):
        if value:
            event.add(name, value)
    if invitation.people:
        event.add("ORGANIZER", vCalAddress(f"mailto:{invitation.organizer}"))
    for name, mail in invitation.people.items():
        attendee = vCalAddress(f"mailto:{mail}")
        attendee.params["CN"] = name.replace('"', "'")
        attendee.params["ROLE"] = "REQ-PARTICIPANT"
        attendee.params["RSVP"] = "TRUE"
        event.add("ATTENDEE", attendee)
    whole.add_component(event)
    text: bytes = whole.to_ical()
    return text.decode("utf-8")
