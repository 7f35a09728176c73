"""Telling people: notices leave the outbox, each by the first of the person's ways that works."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from tocsin import wire
from tocsin.app import App
from tocsin.core import facts
from tocsin.core.facts import ENGINE
from tocsin.core.notices import Notice
from tocsin.engine.loops import complain
from tocsin.errors import Invalid, Unavailable, Undelivered
from tocsin.plug.kinds import Address
from tocsin.plug.masking import mask_text
from tocsin.service.commit import commit
from tocsin.store import incidents, outbox
from tocsin.store.db import Tx

LEASE = timedelta(seconds=60)
TIMEOUT = timedelta(seconds=10)
MOST_ATTEMPTS = 8
HANDS = 16
LONGEST_WAIT = timedelta(minutes=15)
LONGEST_FAULT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One way to a person, and what was wrong with it; no fault: the notice was taken."""

    via: str
    fault: str = ""
    permanent: bool = False


class Worker:
    """Delivers notices in parallel. A notice may be sent twice after a crash, and is never silently lost."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(max_workers=HANDS, thread_name_prefix="tocsin-notice")
        self._under_way: set[Future[None]] = set()

    def recover(self) -> None:
        """Take up at once what an earlier life of this node had claimed and not finished."""
        self._app.db.write(lambda tx: outbox.release(tx, self._app.node))

    def hand_out(self) -> bool:
        """Claim what is due, as much as there are hands free, and don't wait for it; whether there was anything."""
        self._under_way = {future for future in self._under_way if not future.done()}
        app, free = self._app, HANDS - len(self._under_way)
        if free <= 0:
            return False
        claimed = app.db.write(lambda tx: outbox.claim(tx, app.clock.now(), LEASE, free, app.node))
        self._under_way |= {self._pool.submit(self._deliver, effect) for effect in claimed}
        return bool(claimed)

    def turn(self) -> bool:
        """`hand_out`, and wait for the end of it."""
        busy = self.hand_out()
        for future in self._under_way:
            future.result()
        return busy

    def stop(self, timeout: float) -> None:
        """Finish what was begun; each way has a time limit of its own."""
        del timeout
        self._pool.shutdown(wait=True)

    def _deliver(self, effect: outbox.Effect) -> None:
        try:
            self._settle(effect)
        except Exception as error:  # noqa: BLE001 -- the lease ends, and it is tried again
            complain(f"notice {effect.id}", error)

    def _settle(self, effect: outbox.Effect) -> None:
        try:
            notice = wire.decode(Notice, effect.body)
        except Invalid as error:
            complain(f"notice {effect.id}", error)
            self._app.db.write(partial(_bury, effect, f"It can't be read: {error}"))
        else:
            self._put_on_record(effect, notice, self._try(notice))

    def _try(self, notice: Notice) -> list[Tried]:
        """Each of the person's or channel's ways in turn, until one of them takes it."""
        receiver = self._app.settings.directory.receiver(notice.to)
        if receiver is None:
            return [Tried(via="", fault=f"{notice.to} is nobody that tocsin.toml knows", permanent=True)]
        address, tried = Address(name=receiver.name, fields=receiver.contacts), list[Tried]()
        for via in receiver.notify or ("console",):
            tried.append(self._send(via, notice, address))
            if not tried[-1].fault:
                break
        return tried

    def _send(self, via: str, notice: Notice, address: Address) -> Tried:
        try:
            self._app.settings.notifiers[via].send(notice, address, TIMEOUT)
        except Undelivered as error:
            said = mask_text(str(error), self._app.settings.secrets)[:LONGEST_FAULT]
            plain = said.encode("utf-8", "replace").decode().replace("\0", "")
            return Tried(via=via, fault=f"{via}: {plain}", permanent=error.permanent)
        except Exception as error:  # noqa: BLE001 -- somebody else's plugin; the next way may work
            complain(f"notifier {via}", error)
            return Tried(via=via, fault=f"{via}: it failed ({type(error).__name__}); the log says more")
        return Tried(via=via)

    def _put_on_record(self, effect: outbox.Effect, notice: Notice, tried: list[Tried]) -> None:
        """Outbox, attempts and timeline in one transaction; without the timeline where that can't be written."""
        try:
            self._app.db.write(partial(self._record, effect, notice, tried, tell=True))
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 -- else it would be sent again for ever
            complain(f"notice {effect.id}", error)
            self._app.db.write(partial(self._record, effect, notice, tried, tell=False))

    def _record(self, effect: outbox.Effect, notice: Notice, tried: list[Tried], tx: Tx, *, tell: bool) -> None:
        now, why = self._app.clock.now(), "; ".join(each.fault for each in tried if each.fault)
        for each in tried:
            if each.via:
                outbox.record(tx, _delivery(effect, notice, each, now))
        fact: facts.Notified | facts.NotifyFailed | None = None
        if not tried[-1].fault:
            if outbox.done(tx, effect.id):
                fact = facts.Notified(person=notice.to, via=tried[-1].via, notice=notice.id, subject=notice.subject)
        elif effect.attempts < MOST_ATTEMPTS and not all(each.permanent for each in tried):
            outbox.again(tx, effect.id, now + _pause(effect), why)
        elif _bury(effect, why, tx):
            fact = facts.NotifyFailed(person=notice.to, notice=notice.id, why=why)
        if fact and tell:
            self._tell(tx, notice, fact)

    def _tell(self, tx: Tx, notice: Notice, fact: facts.Notified | facts.NotifyFailed) -> None:
        incident = incidents.load(tx, notice.incident, lock=True)
        if incident is not None:
            commit(self._app, tx, incident, [fact], ENGINE)


def _pause(effect: outbox.Effect) -> timedelta:
    """2, 4, 8 … seconds: a first page is tried again quickly, a dead server is not hammered."""
    return min(timedelta(seconds=2**effect.attempts), LONGEST_WAIT)


def _bury(effect: outbox.Effect, why: str, tx: Tx) -> bool:
    return outbox.bury(tx, effect.id, why)


def _delivery(effect: outbox.Effect, notice: Notice, tried: Tried, now: datetime) -> outbox.Delivery:
    return outbox.Delivery(
        id=f"{effect.id}#{effect.attempts}/{tried.via}", at=now, person=notice.to, via=tried.via, notice=notice.id,
        ok=not tried.fault, detail=tried.fault,
    )  # fmt: skip
