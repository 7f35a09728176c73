"""What people say to us in a chat, done: the same moves as everywhere, by the same catalogue, with the same checks."""

from __future__ import annotations

from collections.abc import Callable

from tocsin import wire
from tocsin.app import App
from tocsin.core import chatwords
from tocsin.core.answering import Deed, Said
from tocsin.core.chatwords import Order
from tocsin.core.incident import Incident
from tocsin.core.posts import not_shown, short
from tocsin.core.telling import tell, titles_in
from tocsin.errors import Invalid, NotFound, Refused, TocsinError, Unavailable
from tocsin.plug.chat import Answer, Heard
from tocsin.plug.outgoing import one_line
from tocsin.service import access, accounts, answering, assessing, catalogue, chatviews, duty
from tocsin.service.access import Caller
from tocsin.service.answering import From
from tocsin.service.books import whole_book
from tocsin.service.respond import Declaration
from tocsin.store import incidents, rooms
from tocsin.store.db import Tx

BY_BUTTON = frozenset({"acknowledge", "request_step", "approve", "deny", "accept", "decline"})
"""Moves that a click may make; whatever else a message claims its button to be is not one of ours."""
BUTTON_ANSWERS: dict[str, Deed] = {"escalate": "escalate", "hold": "hold"}
"""Buttons that are the short answers of a page: they need no words."""
LONGEST_NOTE = 4_000


def hear(app: App, chat: str, heard: Heard) -> Answer:
    """Do what somebody said, unless it was done already; every fault is an answer.

    Raises `Unavailable` where it can't be done now, so that the chat sends it again.
    """
    try:
        caller = accounts.caller_of(app, chat, heard.account)
        if heard.id and not app.db.write(lambda tx: rooms.heard(tx, heard.id, app.clock.now())):
            return Answer()
        return _done(app, chat, heard, caller)
    except Unavailable:
        if heard.id:
            app.db.write(lambda tx: rooms.unheard(tx, heard.id))
        raise
    except TocsinError as error:
        return Answer(text=str(error), ok=False)


def listener(app: App, chat: str) -> Callable[[Heard], Answer]:
    """`hear`, as a chat is given it."""
    return lambda heard: hear(app, chat, heard)


def _done(app: App, chat: str, heard: Heard, caller: Caller) -> Answer:
    if heard.how == "form":
        return _declare(app, caller, {**heard.value})
    if heard.how == "note":
        return _note(app, chat, heard, caller)
    if heard.how == "button":
        if deed := BUTTON_ANSWERS.get(heard.move):
            return _answered(app, chat, heard, caller, heard.value.get("ref", ""), Said(deed=deed))
        if heard.move not in BY_BUTTON:
            raise Refused(f"There is no button {heard.move[:40]!r}.")
        fields = {name: value for name, value in heard.value.items() if name != "ref"}
        return _make(app, caller, heard.value.get("ref", ""), heard.move, fields, heard)
    severities = tuple(dict.fromkeys(level.name for book in app.books for level in book.severities))
    return _ordered(app, chat, heard, caller, chatwords.parse(heard.text, severities), severities)


def _ordered(app: App, chat: str, heard: Heard, caller: Caller, order: Order, severities: tuple[str, ...]) -> Answer:
    if order.verb == "help":
        return Answer(text=chatviews.help_text())
    if order.verb == "declare":
        if not order.fields:
            return Answer(text="Write: declare P1 what is wrong", form=True, severities=severities)
        return _declare(app, caller, dict(order.fields))
    access.need(app, caller, "incidents:read")
    here = _here(app, chat, heard, caller)
    if order.verb == "status" and not order.ref and here is None:
        return Answer(text=chatviews.list_text(app, caller, shared=heard.shared))
    incident = _meant(app, heard, caller, order.ref, here)
    if order.verb in chatviews.VIEWS:
        return Answer(text=chatviews.VIEWS[order.verb](app, incident), private=incident.team.private)
    fields = dict(order.fields)
    if order.verb == chatwords.NEXT:
        said = Said(deed="escalate", words=str(fields["why"]))
        return _answered(app, chat, heard, caller, incident.id, said)
    if order.verb == "request_step":
        fields["step"] = chatviews.step_at(app, incident, order.place)
    if order.code:
        fields |= _question(incident, order)
    return _make(app, caller, incident.id, order.verb, fields, heard)


def _question(incident: Incident, order: Order) -> dict[str, object]:
    """The waiting question that a code stands for. Raises `NotFound`, `Refused` where it can't be answered here."""
    asked = [each for each in incident.waiting_approvals if short(each) == order.code[:8]]
    asked = [each for each in asked if each.sha.removeprefix("sha256:").startswith(order.code)]
    if len(asked) != 1:
        raise NotFound(f"{incident.id} has no waiting question {order.code}.", "Its code stands beside it.")
    hidden = not_shown(asked[0])
    if hidden and order.verb == "approve":
        raise Refused(f"{hidden}, so it is answered on the page.")
    return {"approval": asked[0].id, "sha": asked[0].sha}


def _make(
    app: App, caller: Caller, ref: str, move: str, fields: dict[str, object] | dict[str, str], heard: Heard
) -> Answer:
    known = catalogue.CATALOGUE[move]
    access.need(app, caller, "incidents:write", ref=ref)
    before = _load(app, ref)
    if heard.shared and before.team.private:
        raise NotFound(f"There is no incident {ref}.")
    request = wire.convert(known.request, dict(fields))
    after = catalogue.make(app, move, ref, request, caller.actor, caller.role)
    text = _said(app, before, after, caller)
    if move == "answer_questions":
        text = "\n".join([text, *map(chatviews.rule_text, assessing.assessment(app, after.id).rules)])
    return Answer(text=text, private=after.team.private)


def _answered(app: App, chat: str, heard: Heard, caller: Caller, ref: str, said: Said) -> Answer:
    """A short answer, as by a link or a text message."""
    access.need(app, caller, "incidents:write", ref=ref)
    if heard.shared and _load(app, ref).team.private:
        raise NotFound(f"There is no incident {ref}.")
    person = accounts.person_of(app, chat, heard.account)
    who = From(person=person.id if person else caller.name, via=chat, own=heard.id)
    made = answering.answer(app, ref, said, who)
    return Answer(text=made.says, private=made.incident.team.private)


def _declare(app: App, caller: Caller, fields: dict[str, object] | dict[str, str]) -> Answer:
    access.need(app, caller, "incidents:write", new=True)
    wanted = wire.convert(Declaration, dict(fields))
    if not wanted.title.strip():
        raise Invalid("Nothing says what is wrong.", "Write: declare P1 what is wrong")
    made = catalogue.declare(app, wanted, caller.actor, caller.role)
    link = f" {app.settings.base_url}/incidents/{made.id}" if app.settings.base_url else ""
    title = one_line(made.title, 200)
    return Answer(text=f"{made.id} is declared {made.severity}: {title}.{link}", private=made.team.private)


def _note(app: App, chat: str, heard: Heard, caller: Caller) -> Answer:
    """A message of an incident's own channel; in any other channel it is nothing to us."""
    here = _here(app, chat, heard, caller)
    if here is None:
        return Answer()
    text = heard.text[:LONGEST_NOTE]
    author = accounts.person_of(app, chat, heard.author)
    if heard.author and (author is None or author.contacts.get(chat) != heard.account):
        text = f"{author.name if author else 'somebody unknown'} wrote: {text}"
    return _make(app, caller, here.id, "note", {"text": text}, heard)


def _here(app: App, chat: str, heard: Heard, caller: Caller) -> Incident | None:
    """The incident whose channel it was said in, where the caller may see it."""

    def read(tx: Tx) -> Incident | None:
        room = rooms.of_channel(tx, chat, heard.channel)
        incident = incidents.load(tx, room.incident) if room else None
        return incident if incident and access.in_reach(app, tx, caller, incident) else None

    return app.db.read(read)


def _meant(app: App, heard: Heard, caller: Caller, ref: str, here: Incident | None) -> Incident:
    """The incident that is named, else the one whose channel this is, else the only one that is open."""
    if ref:
        access.need(app, caller, "", ref=ref)
        found = _load(app, ref)
        if heard.shared and found.team.private:
            raise NotFound(f"There is no incident {ref}.")
        return found
    if here is not None:
        return here
    seen = chatviews.open_to(app, caller, shared=heard.shared)
    if len(seen) == 1:
        return seen[0]
    if not seen:
        raise NotFound("No incident is open.", "Name the one that you mean: INC-12.")
    raise Invalid(f"{len(seen)} incidents are open.", f"Name the one that you mean, for example {seen[0].id}.")


def _said(app: App, before: Incident, after: Incident, caller: Caller) -> str:
    """What the move made true, as the timeline says it."""

    def read(tx: Tx) -> list[str]:
        titles, directory = titles_in(after, whole_book(app, tx, after)), duty.directory(app, tx)
        entries = [entry for entry in incidents.timeline(tx, after.id, before.version) if entry.by.name == caller.name]
        return [tell(entry, directory, titles).title for entry in entries[:3]]

    lines = app.db.read(read) or [f"{after.status}"]
    return one_line(f"{after.id}: {'; '.join(lines)}.", 1_000)


def _load(app: App, ref: str) -> Incident:
    found = app.db.read(lambda tx: incidents.load(tx, ref))
    if found is None:
        raise NotFound(f"There is no incident {ref[:40]}.")
    return found
