"""Messages of the document's templates: what people answer, write and send, and what leaves by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any

from msgspec import Meta

from tocsin.app import App
from tocsin.core.facts import ENGINE, Actor
from tocsin.core.incident import Incident
from tocsin.core.messages import moves
from tocsin.core.messages.drafts import Draft, draft_of, drafts, next_of
from tocsin.core.messages.values import Around
from tocsin.core.moves import Facts
from tocsin.core.oncall import channel_id
from tocsin.core.runbook import Runbook
from tocsin.errors import Invalid, NotFound, Refused, TocsinError
from tocsin.service import discretion, messagedrafts
from tocsin.service.act import find
from tocsin.service.books import pinned
from tocsin.service.commit import commit
from tocsin.service.messagedrafts import ChannelChoice, Messages
from tocsin.service.respond import Name, Words
from tocsin.service.statuspage import publishing
from tocsin.store import incidents
from tocsin.store.db import Tx

STAGES = {"initial": "investigating", "resolution": "resolved"}
"""Kind of a message → what the status page says with it; any other keeps the stage that the public knows."""


AFTERWARDS = timedelta(days=1)
MOST_ENDED = 20
"""A resolution leaves by itself within a day of the end, of so many of the last incidents."""
STATUS_PAGE = "status page"
"""How the status page is called among the channels of a message that was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What only a person knows, by the names of the fields; an empty answer takes an earlier one back."""

    answers: Annotated[
        dict[str, str], Meta(description="a field, as `tocsin incident message list` names it, and its words")
    ]
    shown: Annotated[
        dict[str, str], Meta(description="a field and the words that stood there when you looked; so they are not said")
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A message in other words than its template's; an empty text takes the template again."""

    message: Name
    text: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A message to send: as it is drafted, or in the words of ``text``; ``channels`` empty: those of the severity."""

    message: Name
    text: Words = ""
    channels: Annotated[
        dict[str, str], Meta(description="a bound channel and yes; without any: those for this severity")
    ] = field(default_factory=dict)
    status_page: Annotated[bool, Meta(description="publish it on the status page, too")] = False
    title: Annotated[Name, Meta(description="what the public calls it, at its first message there")] = ""
    exactly: Annotated[bool, Meta(description="to no other channels than those that are named")] = False
    seen: Annotated[
        int | None, Meta(description="how often it had left when you looked; refused where somebody sent it since")
    ] = None


def fill_in(app: App, ref: str, request: Answers, by: Actor) -> Incident:
    """Answer what the document's messages ask; each answer counts in every one of them."""
    answers = {name: words for name, words in request.answers.items() if words != request.shown.get(name)}
    for name, words in answers.items():
        if discretion.said(app, words) != words:
            raise Invalid(f"The answer to {name[:60]!r} is a secret, or holds one, and would be sent.", "Leave it out.")
    return _move(app, ref, by, lambda around: moves.fill_in(around, answers))


def draft_message(app: App, ref: str, request: Wording, by: Actor) -> Incident:
    """Write a message otherwise than its template; without a text the template counts again."""
    return _move(app, ref, by, lambda around: moves.draft(around, draft_of(around, request.message), request.text))


def send_message(app: App, ref: str, request: Sending, by: Actor) -> Incident:
    """Send a message to the channels for this severity, or to those that are named; it keeps the promise of updates."""

    def write(tx: Tx) -> Incident:
        incident, runbook = find(app, tx, ref)
        around = messagedrafts.around(app, tx, incident, runbook)
        draft = draft_of(around, request.message)
        if request.seen is not None:
            moves.unseen(around, draft, request.seen)
        channels = _channels(incident, request, messagedrafts.known_channels(app, incident, runbook))
        made = moves.send(around, draft, request.text, channels)
        if request.status_page:
            incident = _publish(app, tx, incident, draft, request, by)
        return commit(app, tx, incident, made, by)

    return app.db.write(write)


def _channels(incident: Incident, request: Sending, known: tuple[ChannelChoice, ...]) -> list[str]:
    """The ids of where a message goes. Raises `NotFound` for a channel that is not bound, `Refused` in a drill."""
    ids = [_channel(name, known) for name, said in request.channels.items() if said]
    if not ids and not request.exactly:
        ids = [each.id for each in known if each.chosen]
    if incident.drill and (public := next((each for each in known if each.public and each.id in ids), None)):
        raise Refused(f"{incident.id} is a drill, and people outside read {public.name}.", "Leave it out.")
    return [*ids, *([STATUS_PAGE] if request.status_page else [])]


def of_incident(app: App, ref: str) -> Messages:
    """Every message of an incident, as it would be sent now. Raises `NotFound`."""

    def read(tx: Tx) -> Messages:
        incident = incidents.load(tx, ref)
        if incident is None:
            raise NotFound(f"There is no incident {ref}.", "`tocsin incident list` shows them.")
        return messagedrafts.messages(app, tx, incident, pinned(app, tx, incident.runbook_digest))

    return app.db.read(read)


def send_due(app: App) -> int:
    """Send what leaves by itself ([messages] send): complete, its turn, and not said before; how many left."""
    if not app.settings.messaging.send or not app.settings.directory.channels:
        return 0
    return sum(_send_due(app, ref) for ref in app.db.read(lambda tx: list(_due(app, tx))))


def _due(app: App, tx: Tx) -> Iterator[str]:
    """Incidents of which a message leaves now: of the open ones, and of those that ended a short while ago."""
    ended = app.clock.now() - AFTERWARDS
    for incident in (*incidents.open_ones(tx), *incidents.listing(tx, status="resolved", limit=MOST_ENDED)):
        if incident.resolved_at is not None and incident.resolved_at < ended:
            continue
        try:
            book = pinned(app, tx, incident.runbook_digest)
        except TocsinError:  # its document is gone; people can still write
            continue
        if _leaving(app, tx, incident, book) is not None:
            yield incident.id


def _send_due(app: App, ref: str) -> int:
    def write(tx: Tx) -> int:
        incident, runbook = find(app, tx, ref)
        made = _leaving(app, tx, incident, runbook)
        if made is None:
            return 0
        commit(app, tx, incident, made, ENGINE)
        return 1

    return app.db.write(write)


def _leaving(app: App, tx: Tx, incident: Incident, runbook: Runbook) -> Facts | None:
    """What is said when the next message of an incident leaves by itself now; None where it does not."""
    if incident.drill or incident.team.private or incident.duplicate_of:
        return None
    around = messagedrafts.around(app, tx, incident, runbook)
    draft = next_of(drafts(around), incident)
    known = messagedrafts.known_channels(app, incident, runbook)
    ids = [each.id for each in known if each.chosen or (each.public and app.settings.messaging.public)]
    if draft is None or not ids or not _leaves(app, incident, draft):
        return None
    return moves.send(around, draft, "", ids, alone=True)


def _leaves(app: App, incident: Incident, draft: Draft) -> bool:
    """Whether a message leaves without a person. An update does when it is due, and says something new."""
    if draft.kind not in app.settings.messaging.send or draft.state != "ready":
        return False
    if draft.kind == "update":
        said = [each.at for each in draft.fields if each.passing and each.at]
        fresh = draft.sent is None or not said or max(said) > draft.sent.at
        return incident.clocks.reminded_at is not None and fresh
    since = incident.resolved_at or incident.unresolved_since
    return draft.sent is None or (draft.kind in ("initial", "resolution") and draft.sent.at < since)


def _publish(app: App, tx: Tx, incident: Incident, draft: Draft, request: Sending, by: Actor) -> Incident:
    """The same words on the status page, in the transaction in which the message leaves."""
    _, proposal = publishing.standing_in(app, tx, incident)
    return publishing.publish_in(
        app, tx, incident,
        publishing.Publication(
            text=request.text.strip() or draft.text, title=request.title or proposal.title,
            stage=STAGES.get(draft.kind, proposal.stage),
            components={name: each.state for name, each in proposal.components.items()},
            messages={name: each.message for name, each in proposal.components.items() if each.message},
        ),
        by,
    )  # fmt: skip


def _channel(name: str, known: tuple[ChannelChoice, ...]) -> str:
    """The id of a channel by its address or name. Raises `NotFound`."""
    wanted = channel_id(name)
    found = next((each.id for each in known if wanted in (each.id, channel_id(each.name))), None)
    if found is None:
        names = ", ".join(each.name for each in known) or "none"
        raise NotFound(f"No channel {name[:60]!r} is bound.", f"Bound under [channels]: {names}.")
    return found


def _move(app: App, ref: str, by: Actor, decide: Callable[[Around], Facts]) -> Incident:
    def write(tx: Tx) -> Incident:
        incident, runbook = find(app, tx, ref)
        return commit(app, tx, incident, decide(messagedrafts.around(app, tx, incident, runbook)), by)

    return app.db.write(write)


MOVES: dict[str, tuple[str, type[Any], Callable[..., Incident]]] = {
    "fill_in": ("responder", Answers, fill_in),
    "draft_message": ("responder", Wording, draft_message),
    "send_message": ("responder", Sending, send_message),
}
"""Name → role, request, deed."""
