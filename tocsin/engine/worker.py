"""Telling people: notices leave the outbox, each way of a notice as a row of its own.

A way that fails is tried again for hours, in growing gaps, while the next one is taken at once; a way that was taken
ends the others, but for those that wait for an answer (`tocsin.core.ways`).
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from tocsin import wire
from tocsin.app import App
from tocsin.core import facts
from tocsin.core.facts import ENGINE
from tocsin.core.incident import Incident
from tocsin.core.notices import Notice
from tocsin.core.ways import FALLBACK
from tocsin.engine.loops import complain
from tocsin.errors import Invalid, Unavailable, Undelivered
from tocsin.plug.kinds import Address
from tocsin.service import answering, deliveries
from tocsin.service.commit import commit
from tocsin.store import incidents, outbox
from tocsin.store.db import Tx
from tocsin.times import to_micros

LEASE = timedelta(seconds=60)
TIMEOUT = timedelta(seconds=10)
MOST_ATTEMPTS = 32
"""Of a page or a question by one way: some six hours."""
MOST_OF_A_WORD = 12
HANDS = 24
MOST_OF_A_WAY = 12
"""So many hands, or a few more, wait for one mail server that hangs; the others have the other ways."""
LONGEST_WAIT = timedelta(minutes=15)
JITTER = 0.1
LONGEST_FAULT = 300
Told = facts.Notified | facts.NotifyDelayed | facts.NotifyFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One way to a person, and what was wrong with it; no fault: the notice was taken. ``wait``: not before that."""

    via: str
    fault: str = ""
    permanent: bool = False
    wait: timedelta = timedelta(0)


class Worker:
    """Delivers notices in parallel. A notice may be sent twice after a crash, and is never silently lost."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(max_workers=HANDS, thread_name_prefix="tocsin-notice")
        self._under_way: dict[Future[None], str] = {}

    def recover(self) -> None:
        """Take up at once what an earlier life of this node had claimed and not finished, and calls that were lost."""
        self._app.db.write(lambda tx: outbox.release(tx, self._app.node))
        deliveries.call_again(self._app)

    def hand_out(self) -> bool:
        """Claim what is due, as much as there are hands free, and don't wait for it; whether there was anything."""
        self._under_way = {future: via for future, via in self._under_way.items() if not future.done()}
        app, most = self._app, min(HANDS - len(self._under_way), MOST_OF_A_WAY)
        if most <= 0:
            return False
        full = [via for via, hands in Counter(self._under_way.values()).items() if hands >= MOST_OF_A_WAY]
        claimed = app.db.write(lambda tx: outbox.claim(tx, app.clock.now(), LEASE, most, app.node, full))
        self._under_way |= {self._pool.submit(self._deliver, effect): effect.via for effect in claimed}
        return bool(claimed)

    def turn(self) -> bool:
        """`hand_out`, and wait for the end of it."""
        busy = self.hand_out()
        for future in list(self._under_way):
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
            self._put_on_record(effect, notice, self._try(effect, notice))

    def _try(self, effect: outbox.Effect, notice: Notice) -> list[Tried]:
        """The way of this row; a row of an earlier release stands for all of the receiver's ways in turn."""
        receiver = self._app.settings.directory.receiver(notice.to)
        if receiver is None:
            return [Tried(via="", fault=f"{notice.to} is nobody that tocsin.toml knows", permanent=True)]
        address, tried = Address(name=receiver.name, fields=receiver.contacts), list[Tried]()
        for via in (effect.via,) if effect.via else receiver.notify or FALLBACK:
            tried.append(self._send(via, notice, address))
            if not tried[-1].fault:
                break
        return tried

    def _send(self, via: str, notice: Notice, address: Address) -> Tried:
        notifier = self._app.settings.notifiers.get(via)
        if notifier is None:
            return Tried(via=via, fault=f"{via}: tocsin.toml has no such notifier any more", permanent=True)
        try:
            notifier.send(self._answerable(notice), address, TIMEOUT)
        except Undelivered as error:
            said = deliveries.fault_of(self._app, error, LONGEST_FAULT)
            wait = timedelta(seconds=error.retry_after)
            return Tried(via=via, fault=f"{via}: {said}", permanent=error.permanent, wait=wait)
        except Exception as error:  # noqa: BLE001 -- somebody else's plugin; the next way may work
            complain(f"notifier {via}", error)
            return Tried(via=via, fault=f"{via}: it failed ({type(error).__name__}); the log says more")
        return Tried(via=via)

    def _answerable(self, notice: Notice) -> Notice:
        """The notice with the ways to answer it; as it is where they can't be told, for it must go out."""
        try:
            return answering.with_ways(self._app, notice)
        except Exception as error:  # noqa: BLE001 -- a page without a link is a page
            complain(f"the answers to notice {notice.id}", error)
            return notice

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
        now = self._app.clock.now()
        books = _locked(tx, notice) if tell else {}  # before the outbox, in the order of everybody who writes both
        for each in tried:
            if each.via:
                outbox.record(tx, _delivery(effect, notice, each, now))
                deliveries.note(self._app, tx, notice.to, each.via, now, each.fault)
        fact = self._taken(tx, effect, notice, tried[-1].via) if not tried[-1].fault else None
        if tried[-1].fault:
            fact = self._failed(tx, effect, notice, tried)
        if fact is not None:
            self._tell(tx, notice, fact, books)

    def _taken(self, tx: Tx, effect: outbox.Effect, notice: Notice, via: str) -> Told | None:
        before = any(each.state == "done" for each in outbox.siblings(tx, effect.notice) if each.id != effect.id)
        if not outbox.done(tx, effect.id):
            return None
        outbox.settle(tx, effect.notice, f"{via} took it", self._app.clock.now())
        return facts.Notified(
            person=notice.to, via=via, notice=notice.id, subject=notice.subject, why=effect.why,
            place=effect.place if before else 0, kind=notice.kind,
        )  # fmt: skip

    def _failed(self, tx: Tx, effect: outbox.Effect, notice: Notice, tried: Sequence[Tried]) -> Told | None:
        """The next way is taken at once; this one again later, unless that can't help or another one was taken."""
        now, why = self._app.clock.now(), "; ".join(each.fault for each in tried if each.fault)
        others = [each for each in outbox.siblings(tx, effect.notice) if each.id != effect.id]
        taken = any(each.state == "done" for each in others)
        most = MOST_OF_A_WORD if notice.kind == "inform" else MOST_ATTEMPTS
        again = not taken and effect.attempts < most and not all(each.permanent for each in tried)
        further = "" if taken else _next_of(others)
        if further and outbox.promote(tx, effect.notice, now):
            tx.after_commit(self._app.bell.ring)
        if again:
            outbox.again(tx, effect.id, now + _pause(effect, max(each.wait for each in tried)), why)
        elif taken or any(each.state in ("due", "spare") for each in others):
            outbox.fail(tx, effect.id, why)
        elif not outbox.bury(tx, effect.id, why):
            return None
        else:
            said = "; ".join(each.error for each in others if each.error and each.state == "failed")
            return facts.NotifyFailed(person=notice.to, notice=notice.id, why="; ".join(filter(None, (said, why))))
        if effect.attempts > 1 or taken or notice.kind == "inform":
            return None
        via = effect.via or ", ".join(each.via for each in tried)
        return facts.NotifyDelayed(
            person=notice.to, via=via, notice=notice.id, why=why, next_via=further, again=again
        )  # fmt: skip

    def _tell(self, tx: Tx, notice: Notice, fact: Told, books: Mapping[str, Incident]) -> None:
        """On the timeline of every incident that the notice is about; of a bundle each gets its own part's name."""
        for ref, incident in books.items():
            mine = next(part for part in notice.members if part.incident == ref)
            commit(self._app, tx, incident, [replace(fact, notice=mine.id)], ENGINE)


def _locked(tx: Tx, notice: Notice) -> dict[str, Incident]:
    """The incidents that a notice is about, locked in one order for everybody."""
    refs = sorted({part.incident for part in notice.members})
    found = {ref: incidents.load(tx, ref, lock=True) for ref in refs}
    return {ref: incident for ref, incident in found.items() if incident is not None}


def _next_of(others: Sequence[outbox.Effect]) -> str:
    """The way that is tried next where there is one that was not tried."""
    left = [each for each in others if each.attempts == 0 and each.state in ("due", "spare")]
    return min(left, key=lambda each: each.place).via if left else ""


def _pause(effect: outbox.Effect, least: timedelta = timedelta(0)) -> timedelta:
    """2, 4, 8 … seconds up to a quarter of an hour, and as long as the other side asks for.

    A first page is tried again quickly, a dead server is not hammered, and what failed together does not come back
    together: from the second gap on each row's differ a little, always by the same.
    """
    gap = min(timedelta(seconds=2.0 ** min(effect.attempts, 16)), LONGEST_WAIT)
    if effect.attempts < 2:
        return max(gap, min(least, LONGEST_WAIT))
    share = zlib.crc32(f"{effect.id}#{effect.attempts}".encode("utf-8", "surrogatepass")) / 2**32
    return max(gap * (1 + JITTER * share), min(least, LONGEST_WAIT))


def _bury(effect: outbox.Effect, why: str, tx: Tx) -> bool:
    return outbox.bury(tx, effect.id, why)


def _delivery(effect: outbox.Effect, notice: Notice, tried: Tried, now: datetime) -> outbox.Delivery:
    return outbox.Delivery(
        id=f"{effect.id}#{effect.attempts}/{tried.via}@{to_micros(now)}", at=now, person=notice.to, via=tried.via,
        notice=notice.id, ok=not tried.fault, detail=tried.fault, incident=notice.incident,
    )  # fmt: skip
