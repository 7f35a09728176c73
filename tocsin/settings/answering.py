"""``[answers]`` and ``[war_room]``: by which ways people answer a page, and where they meet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

from tocsin.errors import Invalid
from tocsin.settings import shapes
from tocsin.settings.spans import span

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=7)
SHORTEST_SECRET = 16
_MAILBOX = re.compile(r"[A-Za-z0-9._-]{1,30}@[A-Za-z0-9.-]{1,200}")
_TOKEN = re.compile(r"\{[^{}]*\}")
_TOKENS = ("{incident.number}", "{incident.id}")
_LONGEST_URL = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """By which ways people answer without signing in.

    ``lasts``: for so long the links and reply addresses of a page count; ``mail``: replies come to this mailbox, empty
    for none; ``twilio_token``: with it Twilio signs what it hands in, empty where it hands in nothing.
    """

    links: bool = True
    lasts: timedelta = timedelta(hours=24)
    mail: str = ""
    twilio_token: str = field(default="", repr=False)


def answers(raw: shapes.AnswersTable, base_url: str, where: str) -> Answers:
    """Checked. Raises `Invalid` for a mailbox that is none, and for Twilio without our own address."""
    place = f"{where}: [answers]"
    if raw.mail and not _MAILBOX.fullmatch(raw.mail):
        hint = 'Write a short one, for example "answers@ops.example.org"; a token goes between its name and the @.'
        raise Invalid(f"{raw.mail[:60]!r} is not a mailbox for replies.", hint, where=f"{place} mail")
    if raw.twilio_token and len(raw.twilio_token) < SHORTEST_SECRET:
        raise Invalid("This is shorter than any of Twilio's tokens.", "Copy it whole.", where=f"{place} twilio_token")
    if raw.twilio_token and not base_url:
        hint = "Write [server] url; Twilio signs the address that it asks for."
        raise Invalid("Twilio's signature can't be checked without our own address.", hint, where=place)
    lasts = span(raw.lasts, f"{place} lasts", SHORTEST)
    if lasts > LONGEST:
        raise Invalid("Links that last longer than 7 days open a door to old mail.", where=f"{place} lasts")
    return Answers(links=raw.links, lasts=lasts, mail=raw.mail, twilio_token=raw.twilio_token)


def war_room(raw: shapes.WarRoomTable, where: str) -> str:
    """The template of the address where people meet. Raises `Invalid` for what is no address, and unknown tokens."""
    place, url = f"{where}: [war_room] url", raw.url.strip()
    if not url:
        return ""
    strange = next((token for token in _TOKEN.findall(url) if token not in _TOKENS), None)
    if strange is not None:
        raise Invalid(f"{strange} is not known here.", f"Use {' or '.join(_TOKENS)}.", where=place)
    plain = _TOKEN.sub("1", url)
    if not re.fullmatch(r"https?://[^\s\"'<>\\^`{|}]+", plain) or len(url) > _LONGEST_URL:
        raise Invalid("That is not an address of a page.", "Begin it with https://.", where=place)
    return url


def war_room_of(template: str, number: int) -> str:
    """The address for one incident; nothing but its number is put in."""
    return template.replace("{incident.number}", str(number)).replace("{incident.id}", f"INC-{number}")
