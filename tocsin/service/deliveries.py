"""How telling people went: the log, what reached nobody, trying it again, and trying a way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin import wire
from tocsin.app import App
from tocsin.core.notices import Notice
from tocsin.core.oncall import Directory, Person
from tocsin.core.ways import FALLBACK
from tocsin.errors import Invalid, NotFound, Refused, Undelivered
from tocsin.ids import digest, new_id
from tocsin.plug.kinds import Address, uses
from tocsin.plug.masking import mask_text
from tocsin.store import incidents, methods, outbox
from tocsin.store.db import Tx

TIMEOUT = timedelta(seconds=10)
LONGEST_FAULT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """A notice that reached nobody, and why. ``about``: every incident that it tells of."""

    id: str
    incident: str
    to: str
    kind: str
    subject: str
    since: datetime
    error: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How trying a way out went; ``reference`` is what the other side said when it took the message."""

    to: str
    via: str
    ok: bool
    detail: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodView:
    """A way to a person: whether it was verified, when it worked last, and what was wrong with it last."""

    person: str
    name: str
    via: str
    address: str
    verified_at: datetime | None = None
    verified_by: str = ""
    ok_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""


def fault_of(app: App, error: Undelivered, longest: int = LONGEST_FAULT) -> str:
    """Why a notice was not taken: masked, in plain text, at most so long."""
    said = mask_text(str(error), app.settings.secrets)[:longest]
    return said.encode("utf-8", "replace").decode().replace("\0", "")


def note(app: App, tx: Tx, to: str, via: str, at: datetime, fault: str = "") -> None:
    """Remember how a way to a person works; of channels nothing is verified."""
    person = app.settings.directory.people.get(to)
    if person is not None:
        methods.know(tx, to, via, contact_of(app, person, via))
        methods.attempted(tx, to, via, at, fault)


def contact_of(app: App, person: Person, via: str) -> str:
    """A hash of the address that a way leads to; another address is another way, which nobody has verified."""
    fields = uses(app.settings.notifiers.get(via))
    given = [person.contacts[name] for name in fields if person.contacts.get(name)]
    return digest(via, *(given or ("",) * bool(fields)))


def known(app: App) -> list[MethodView]:
    """Every way to every person, in the order of the file."""
    kept = {(each.person, each.via): each for each in app.db.read(methods.listing)}
    return [_view(app, person, via, kept.get((person.id, via))) for person, via in ways(app.settings.directory)]


def ways(directory: Directory) -> list[tuple[Person, str]]:
    """Each person with each of their ways, those of their rules among them, each once."""
    return [
        (person, via)
        for person in directory.people.values()
        for via in dict.fromkeys(
            [*(person.notify or FALLBACK), *(via for rule in person.rules for via in rule.methods)]
        )
    ]


def dead(app: App, limit: int = 100, hidden: frozenset[str] = frozenset()) -> list[Dead]:
    """What reached nobody, the newest first, but for what is about ``hidden`` incidents."""
    found = [_dead(effect) for effect in app.db.read(lambda tx: outbox.dead(tx, limit))]
    return [one for one in found if hidden.isdisjoint(one.about)]


def log(
    app: App, limit: int, *, person: str = "", incident: str = "", hidden: frozenset[str] = frozenset()
) -> list[outbox.Delivery]:
    """The attempts, the newest first, but for those about ``hidden`` incidents."""
    found = app.db.read(lambda tx: outbox.deliveries(tx, limit=limit, person=person, incident=incident))
    return [one for one in found if one.incident not in hidden]


def retry(app: App, notice: str) -> int:
    """Try a notice that reached nobody again, by every way; how many ways. Raises `NotFound`, `Refused`."""
    now = app.clock.now()

    def write(tx: Tx) -> int:
        rows = [one for one in (*outbox.siblings(tx, notice), outbox.get(tx, notice)) if one is not None]
        if not rows:
            raise NotFound(f"There is no notice {notice[:100]!r}.", "`tocsin notify log` lists them.")
        buried = next((one for one in rows if one.state == "dead"), None)
        if buried is None:
            raise Refused("That notice is not given up.", "Only those are tried again that reached nobody.")
        outbox.revive(tx, buried.id, now)
        tx.after_commit(app.bell.ring)
        return sum(one.state == "due" for one in outbox.siblings(tx, notice)) or 1

    return app.db.write(write)


def call_again(app: App) -> int:
    """Try the calls again that arrived nowhere while somebody is still waited for; how many.

    For the start of a node: what kept them back was often a setting, and was mended before it.
    """
    now = app.clock.now()

    def write(tx: Tx) -> int:
        lost = [effect for effect in outbox.dead(tx) if _waits(tx, effect)]
        return sum(outbox.revive(tx, effect.id, now) for effect in lost)

    return app.db.write(write)


def _waits(tx: Tx, effect: outbox.Effect) -> bool:
    try:
        notice = wire.decode(Notice, effect.body)
    except Invalid:
        return False
    incident = incidents.load(tx, effect.incident) if notice.kind == "page" else None
    return incident is not None and incident.open and incident.acknowledged_at is None


def try_out(app: App, to: str, via: str = "", *, by: str) -> list[Trial]:
    """Send a test by each way to a person or channel, or by one, and wait for what comes of it.

    Raises `NotFound` for somebody who is nobody, `Invalid` for a way that is none.
    """
    receiver = receiver_of(app, to)
    named = [name for person, name in ways(app.settings.directory) if person.id == receiver.id]
    chosen = [via] if via else named or list(receiver.notify or FALLBACK)
    check_ways(app, chosen)
    return [send_now(app, receiver, each, _test(app, receiver, each, by)) for each in chosen]


def check_ways(app: App, chosen: Sequence[str]) -> None:
    """Raise `Invalid` for the name of a notifier that there is none of."""
    strange = next((each for each in chosen if each not in app.settings.notifiers), None)
    if strange is not None:
        known_ones = ", ".join(app.settings.notifiers)
        raise Invalid(f"There is no notifier {strange[:60]!r}.", f"Known: {known_ones}.", where="via")


def receiver_of(app: App, to: str) -> Person:
    """The person or channel of this id or name. Raises `NotFound`."""
    directory = app.settings.directory
    everybody = [*directory.people.values(), *directory.channels.values()]
    found = directory.receiver(to) or next((one for one in everybody if one.name.casefold() == to.casefold()), None)
    if found is None:
        names = ", ".join(one.id for one in everybody) or "nobody"
        raise NotFound(f"{to[:60]!r} is nobody that tocsin.toml knows.", f"Known: {names}.")
    return found


def send_now(app: App, receiver: Person, via: str, notice: Notice) -> Trial:
    """Send at once, outside the outbox, and keep how it went."""
    reference = fault = ""
    try:
        address = Address(name=receiver.name, fields=receiver.contacts)
        reference = app.settings.notifiers[via].send(notice, address, TIMEOUT).reference
    except Undelivered as error:
        fault = fault_of(app, error)
    except Exception as error:  # noqa: BLE001 -- somebody else's plugin
        fault = f"it failed ({type(error).__name__})"
    now = app.clock.now()
    sent = outbox.Delivery(
        id=f"{notice.id}/{via}", at=now, person=receiver.id, via=via, notice=notice.id, ok=not fault,
        detail=f"{via}: {fault}" if fault else notice.subject,
    )  # fmt: skip

    def write(tx: Tx) -> None:
        outbox.record(tx, sent)
        note(app, tx, receiver.id, via, now, fault)

    app.db.write(write)
    shown = mask_text(reference[:200], app.settings.secrets)
    return Trial(to=receiver.id, via=via, ok=not fault, detail=fault, reference=shown)


def _test(app: App, receiver: Person, via: str, by: str) -> Notice:
    return Notice(
        id=new_id("test", app.clock.now()), incident="", kind="test", to=receiver.id, why=f"{by} tries {via} out",
        subject=f"Tocsin: a test of {via}",
        body=f"{by} tries out whether {receiver.name} is reached by {via}. Nothing happened; nothing is to be done.",
        url=app.settings.base_url,
    )  # fmt: skip


def _view(app: App, person: Person, via: str, kept: methods.Method | None) -> MethodView:
    address = _shown(person, uses(app.settings.notifiers.get(via)))
    if kept is None or kept.contact != contact_of(app, person, via):
        return MethodView(person=person.id, name=person.name, via=via, address=address)
    return MethodView(
        person=person.id, name=person.name, via=via, address=address, verified_at=kept.verified_at,
        verified_by=kept.verified_by, ok_at=kept.ok_at, failed_at=kept.failed_at, error=kept.error,
    )  # fmt: skip


def _shown(person: Person, fields: Sequence[str]) -> str:
    """The address that people may read: of a URL only where it leads, because who knows it all may speak there."""
    name = next((name for name in fields if person.contacts.get(name)), "")
    address = person.contacts.get(name, "")
    return address.partition("://")[2].partition("/")[0].rpartition("@")[2] if name == "url" else address


def _dead(effect: outbox.Effect) -> Dead:
    try:
        notice = wire.decode(Notice, effect.body)
    except Invalid:
        return Dead(
            id=effect.notice or effect.id, incident=effect.incident, to=effect.person, kind="", subject="unreadable",
            since=effect.created_at, error=effect.error, about=(effect.incident,),
        )  # fmt: skip
    return Dead(
        id=effect.notice or effect.id, incident=effect.incident, to=notice.to, kind=notice.kind,
        subject=notice.subject, since=effect.created_at, error=effect.error,
        about=tuple(dict.fromkeys(part.incident for part in notice.members)),
    )  # fmt: skip
