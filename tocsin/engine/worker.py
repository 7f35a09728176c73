"""Telling people: notices leave the outbox, each by the first of the person's ways that works."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tocsin import wire
from tocsin.app import App
from tocsin.core import facts
from tocsin.core.facts import ENGINE
from tocsin.core.notices import Notice
from tocsin.core.oncall import Person
from tocsin.engine.loops import complain
from tocsin.errors import Undelivered
from tocsin.plug.kinds import Address
from tocsin.service.commit import commit
from tocsin.store import incidents, outbox
from tocsin.store.db import Tx

LEASE = timedelta(seconds=60)
TIMEOUT = timedelta(seconds=10)
MOST_ATTEMPTS = 8
BATCH = 16
LONGEST_WAIT = timedelta(minutes=15)


class Worker:
    """Delivers notices in parallel. A notice may be sent twice after a crash, and is never silently lost."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(max_workers=BATCH, thread_name_prefix="tocsin-notice")

    def recover(self) -> None:
        """Take up at once what an earlier life of this node had claimed and not finished."""
        self._app.db.write(lambda tx: outbox.release(tx, self._app.node))

    def turn(self) -> bool:
        """Claim what is due and hand it out; whether there was anything."""
        app = self._app
        claimed = app.db.write(lambda tx: outbox.claim(tx, app.clock.now(), LEASE, BATCH, app.node))
        for done in [self._pool.submit(self._deliver, effect) for effect in claimed]:
            done.result()
        return bool(claimed)

    def stop(self, timeout: float) -> None:
        """Finish what was begun."""
        del timeout
        self._pool.shutdown(wait=True)

    def _deliver(self, effect: outbox.Effect) -> None:
        try:
            notice = wire.decode(Notice, effect.body)
            person = self._app.settings.directory.people.get(notice.to)
            if person is None:
                self._bury(effect, notice, f"{notice.to} is nobody that tocsin.toml knows")
            else:
                self._try(effect, notice, person)
        except Exception as error:  # noqa: BLE001 -- one bad notice must not stop the others
            complain("notices", error)

    def _try(self, effect: outbox.Effect, notice: Notice, person: Person) -> None:
        """Each of the person's ways in turn; again later while at least one of them might still work."""
        why: list[str] = []
        permanent = True
        address = Address(name=person.name, fields=person.contacts)
        for via in person.notify or ("console",):
            try:
                self._app.settings.notifiers[via].send(notice, address, TIMEOUT)
            except Undelivered as error:
                why.append(f"{via}: {error}")
                permanent = permanent and error.permanent
                self._record(effect, notice, via, detail=str(error))
            else:
                self._arrived(effect, notice, via)
                return
        if permanent or effect.attempts >= MOST_ATTEMPTS:
            self._bury(effect, notice, "; ".join(why))
        else:
            self._again(effect, "; ".join(why))

    def _arrived(self, effect: outbox.Effect, notice: Notice, via: str) -> None:
        fact = facts.Notified(person=notice.to, via=via, notice=notice.id, subject=notice.subject)

        def write(tx: Tx) -> None:
            if outbox.done(tx, effect.id):
                self._note(tx, notice, fact)

        self._app.db.write(write)
        self._record(effect, notice, via, ok=True)

    def _bury(self, effect: outbox.Effect, notice: Notice, why: str) -> None:
        fact = facts.NotifyFailed(person=notice.to, notice=notice.id, why=why)

        def write(tx: Tx) -> None:
            if outbox.bury(tx, effect.id, why):
                self._note(tx, notice, fact)

        self._app.db.write(write)

    def _again(self, effect: outbox.Effect, why: str) -> None:
        """Wait 2, 4, 8 … seconds: a first page is retried quickly, a dead server is not hammered."""
        wait = min(timedelta(seconds=2**effect.attempts), LONGEST_WAIT)
        due_at = self._app.clock.now() + wait
        self._app.db.write(lambda tx: outbox.again(tx, effect.id, due_at, why))

    def _note(self, tx: Tx, notice: Notice, fact: facts.Notified | facts.NotifyFailed) -> None:
        incident = incidents.load(tx, notice.incident, lock=True)
        if incident is not None:
            commit(self._app, tx, incident, [fact], ENGINE)

    def _record(self, effect: outbox.Effect, notice: Notice, via: str, *, ok: bool = False, detail: str = "") -> None:
        delivery = outbox.Delivery(
            id=f"{effect.id}#{effect.attempts}/{via}", at=self._app.clock.now(), person=notice.to, via=via,
            notice=notice.id, ok=ok, detail=detail,
        )  # fmt: skip
        self._app.db.write(lambda tx: outbox.record(tx, delivery))
