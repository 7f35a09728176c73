"""An incident's channel kept as it should be: opened, people invited, its message current, its news told in order.

One deed at a time: each post is a turn of its own, so that a fault stops behind what was told, the chat's limits hold,
and the next turn begins where the last one ended, whoever makes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from tocsin.app import App
from tocsin.core import facts, posts
from tocsin.core.facts import ENGINE
from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory
from tocsin.core.posts import HEAD, Post
from tocsin.core.roomnames import Pattern, Subject, pattern_of, room_name
from tocsin.core.runbook import Runbook
from tocsin.core.steps import do_step
from tocsin.core.telling import titles_in
from tocsin.errors import Refused, TocsinError
from tocsin.ids import digest
from tocsin.plug.chat import ChannelGone, Chat, ChatFault, ChatSettings, NameTaken
from tocsin.plug.masking import mask_text
from tocsin.service import accounts, chatviews, duty
from tocsin.service.books import whole_book
from tocsin.service.commit import commit
from tocsin.store import incidents, rooms
from tocsin.store.db import Tx
from tocsin.store.rooms import Room, Shown

LEASE = timedelta(minutes=2)
LONGEST_WAIT = timedelta(minutes=15)
MOST_NAMES = 30
LONGEST_FAULT = 300
_CONCEALED = "It was made private"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """An incident and all that is said of it."""

    incident: Incident
    runbook: Runbook
    directory: Directory
    entries: tuple[facts.Entry, ...]
    shown: dict[str, Shown]

    def url(self, app: App) -> str:
        return f"{app.settings.base_url}/incidents/{self.incident.id}" if app.settings.base_url else ""


def turn(app: App, name: str, settings: ChatSettings, chat: Chat) -> bool:
    """Tell the room that waits longest what is next; whether there was one."""
    room = app.db.write(lambda tx: rooms.claim(tx, name, app.clock.now(), LEASE))
    if room is None:
        return False
    try:
        gap = _tell(app, settings, chat, room)
    except ChatFault as error:
        fault = error
        app.db.write(lambda tx: _failed(app, tx, room, fault))
        return True
    except Exception as error:
        broken = ChatFault(f"It can't be told ({type(error).__name__}).", "The log says more.")
        app.db.write(lambda tx: _failed(app, tx, room, broken))
        raise
    free_at = app.clock.now() + (gap or timedelta(0))
    app.db.write(lambda tx: rooms.done(tx, room, free_at, more=gap is not None))
    return True


def wants(settings: ChatSettings, chat: Chat, incident: Incident) -> bool:
    """Whether an incident gets a channel of its own in this chat."""
    if incident.team.private and not chat.privately:
        return False
    first = incident.clocks.timetable.first_for(incident.severity)
    asked = first is not None and "war room" in first.deeds  # the document's own words count beside the configuration
    return (asked or not settings.severities or incident.severity in settings.severities) and (
        settings.drills or not incident.drill
    )


def _tell(app: App, settings: ChatSettings, chat: Chat, room: Room) -> timedelta | None:
    """Do the next thing that is to be done in a room; when the next one may follow, null where nothing is left."""
    scene = app.db.read(lambda tx: _scene(app, tx, room))
    if scene is None:
        return None
    incident = scene.incident
    if room.channel and incident.team.private and not room.private:
        _conceal(app, chat, room, scene)
        return timedelta(0)
    if not room.channel:
        if not incident.open or not wants(settings, chat, incident):
            return None
        _open(app, settings, chat, room, scene)
        return timedelta(0)
    _invite(app, chat, room, scene)
    _topic(app, chat, room, scene)
    return chat.every if any(_one_of(app, chat, room, scene)) else None


def _one_of(app: App, chat: Chat, room: Room, scene: _Scene) -> Iterator[bool]:
    """Post or change one message; the first that was to be, in the order in which people must see them."""
    head = posts.head(
        scene.incident, scene.directory, scene.url(app), chatviews.readable(scene.runbook, scene.incident)
    )
    yield _keep(app, chat, room, scene, head)
    yield _news(app, chat, room, scene)
    offers = {posts.offer_key(each): each for each in scene.incident.team.offers.values()}
    for each in offers.values():
        yield _keep(app, chat, room, scene, posts.offer(scene.incident, each, scene.directory, scene.url(app)))
    for key in scene.shown:
        if key.startswith(posts.OFFERS) and key not in offers:
            yield _keep(app, chat, room, scene, posts.offer_over(scene.incident, key))
    for asked in sorted(scene.incident.approvals.values(), key=lambda each: (each.asked_at, each.id)):
        if asked.status == "waiting" or f"approval/{asked.id}" in scene.shown:
            yield _keep(app, chat, room, scene, posts.question(scene.incident, asked, scene.directory, scene.url(app)))


def _keep(app: App, chat: Chat, room: Room, scene: _Scene, post: Post) -> bool:
    """Have a message say what it must say; whether that was to be done.

    That it is about to be posted is written down before, so that a restart looks for it instead of posting it again.
    """
    known, wanted = scene.shown.get(post.key), digest(repr(post))
    if known is not None and known.message and (known.shown == wanted or not chat.updates):
        return False
    if known is not None and known.message:
        chat.update(room.channel, known.message, post)
        app.db.write(lambda tx: rooms.show(tx, room, post.key, Shown(known.message, wanted)))
        return True
    mark = f"{scene.incident.id}/{post.key}"
    message = chat.find(room.channel, mark) if known is not None else ""
    if not message:
        app.db.write(lambda tx: rooms.show(tx, room, post.key, Shown("", "")))
        message = chat.post(room.channel, post, mark)
    app.db.write(lambda tx: rooms.show(tx, room, post.key, Shown(message, wanted)))
    if post.key == HEAD:
        chat.pin(room.channel, message)
    return True


def _news(app: App, chat: Chat, room: Room, scene: _Scene) -> bool:
    """Tell what the timeline says behind the place up to which it was told, in one message; whether there was any."""
    if room.sending:
        if chat.find(room.channel, f"{scene.incident.id}/news/{room.sending}"):
            app.db.write(lambda tx: rooms.posted(tx, room, room.sending))
            return True
        app.db.write(lambda tx: rooms.sending(tx, room, 0))
    reads = frozenset(step.id for step in scene.runbook.steps() if step.verdict == "read")
    told = posts.news(scene.entries, scene.directory, titles_in(scene.incident, scene.runbook), reads)
    if not told:
        return False
    post, last = told[0], scene.entries[-1].seq
    app.db.write(lambda tx: rooms.sending(tx, room, last))
    try:
        chat.post(room.channel, post, f"{scene.incident.id}/{post.key}")
    except ChatFault as fault:
        if fault.certain:
            app.db.write(lambda tx: rooms.sending(tx, room, 0))
        raise
    app.db.write(lambda tx: rooms.posted(tx, room, last))
    return True


def _open(app: App, settings: ChatSettings, chat: Chat, room: Room, scene: _Scene) -> None:
    incident = scene.incident
    pattern = pattern_of(scene.runbook) or Pattern(text=settings.channel)
    private = incident.team.private
    channel, name = _free_name(app, chat, pattern.text, incident, private=private)
    opened = facts.RoomOpened(chat=room.chat, channel=channel, name=name, line=pattern.line, private=private)

    def write(tx: Tx) -> None:
        now = incidents.load(tx, incident.id, lock=True)
        if now is None:
            return
        rooms.opened(tx, room, channel, name, private=private, posted=room.posted or 1)
        commit(app, tx, now, [opened, *_ticked(now, scene.runbook, pattern.line, name)], ENGINE)

    app.db.write(write)


def _free_name(app: App, chat: Chat, pattern: str, incident: Incident, *, private: bool) -> tuple[str, str]:
    zone = app.settings.calendar.zone if app.settings.calendar else "UTC"
    subject = Subject(
        id=incident.id, title=incident.title, severity=incident.severity, drill=incident.drill,
        day=incident.declared_at.astimezone(ZoneInfo(zone)).date(),
    )  # fmt: skip
    for again in range(MOST_NAMES):
        name = room_name(pattern, subject, chat.longest_name, again)
        try:
            return chat.open_room(name, private=private), name
        except NameTaken:
            continue
    raise ChatFault(f"{MOST_NAMES} channels are called {name} already.", "Put the incident's number into the pattern.")


def _ticked(incident: Incident, runbook: Runbook, line: int, name: str) -> list[object]:
    """The document's own step to create the channel, done."""
    step = next((each for each in runbook.steps() if line and each.line == line and not each.runnable), None)
    if step is None or incident.step(step.id) is not None:
        return []
    try:
        return list(do_step(incident, step, f"Tocsin opened #{name}"))
    except Refused:
        return []


def _conceal(app: App, chat: Chat, room: Room, scene: _Scene) -> None:
    """Everybody reads this channel: say no more there, take back what is kept current, and open a private one."""
    gone = Post(key=HEAD, title=f"{scene.incident.id}: {_CONCEALED}", lines=("Nothing more is told here.",))
    chat.set_topic(room.channel, f"{scene.incident.id}: {_CONCEALED}")
    if chat.updates:
        for known in scene.shown.values():
            if known.message:
                chat.update(room.channel, known.message, gone)
    seq = scene.entries[-1].seq if scene.entries else room.posted
    app.db.write(lambda tx: rooms.opened(tx, room, "", "", private=chat.privately, posted=seq))


def _invite(app: App, chat: Chat, room: Room, scene: _Scene) -> None:
    """Those who have a part in it, as far as they have an account there and may see it."""
    incident = scene.incident
    part = (incident.owner, incident.acknowledged_by, *incident.roles.values(), *incident.paged, *incident.team.named)
    seen = [name for name in dict.fromkeys(filter(None, part)) if incident.is_shown_to(name)]
    wanted = [account for name in seen if (account := accounts.account_of(app, room.chat, name))]
    done = room.invited
    for account in dict.fromkeys(wanted):
        if account not in done:
            chat.invite(room.channel, account)
            done = (*done, account)
            app.db.write(lambda tx, now=done: rooms.invited(tx, room, now))  # type: ignore[misc]


def _topic(app: App, chat: Chat, room: Room, scene: _Scene) -> None:
    text = posts.topic(scene.incident, scene.directory, scene.url(app))
    if text != room.topic:
        chat.set_topic(room.channel, text)
        app.db.write(lambda tx: rooms.topic(tx, room, text))


def _scene(app: App, tx: Tx, room: Room) -> _Scene | None:
    incident = incidents.load(tx, room.incident)
    if incident is None:
        return None
    try:
        runbook = whole_book(app, tx, incident)
    except TocsinError:
        return None
    entries = tuple(incidents.timeline(tx, incident.id, room.posted))
    return _Scene(
        incident=incident, runbook=runbook, directory=duty.directory(app, tx), entries=entries,
        shown=rooms.posts(tx, room),
    )  # fmt: skip


def _failed(app: App, tx: Tx, room: Room, fault: ChatFault) -> None:
    """Later again, with growing gaps and not before the chat wants it; a channel that is gone is opened anew."""
    gap = LONGEST_WAIT if fault.permanent else min(timedelta(seconds=2.0 ** min(room.attempts + 1, 12)), LONGEST_WAIT)
    wait = max(gap if not fault.retry_after else timedelta(0), timedelta(seconds=fault.retry_after))
    if isinstance(fault, ChannelGone) and room.channel:
        rooms.opened(tx, room, "", "", private=room.private, posted=room.posted)
        wait = timedelta(seconds=5)
    said = mask_text(str(fault), app.settings.secrets)[:LONGEST_FAULT].encode("utf-8", "replace").decode()
    rooms.failed(tx, room, said.replace("\0", ""), app.clock.now() + wait)
