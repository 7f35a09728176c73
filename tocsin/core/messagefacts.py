"""What can be true of the messages that a document has templates for."""

from __future__ import annotations

from tocsin.core.entries import fact


@fact
class FieldAnswered:
    """Somebody said what a template asks for; it counts in every later message. ``text`` empty: it is open again.

    ``asked``: the document's own words for it, on its ``line``.
    """

    field: str
    text: str
    asked: str = ""
    line: int = 0


@fact
class MessageDrafted:
    """Somebody wrote a message otherwise than its template does; an empty ``text`` takes the template again."""

    message: str
    text: str
    title: str = ""


@fact
class MessageSent:
    """A message left, to these channels. ``kind``: of its template; ``alone``: it left without a person."""

    message: str
    title: str
    kind: str
    text: str
    channels: tuple[str, ...] = ()
    line: int = 0
    alone: bool = False
