"""``tocsin doctor``: the records checked against each other, and what would not work in an incident."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import click

from tocsin.cli import output, places
from tocsin.cli.named import read_named
from tocsin.cli.unbound import bindings_of
from tocsin.core.runbook import Runbook
from tocsin.core.wake import next_wake
from tocsin.lint.bindings import loose_ends
from tocsin.plug import sandbox
from tocsin.service import audit, deadman
from tocsin.settings import Settings, read_settings
from tocsin.store import incidents, intake, library, outbox, rooms, workers
from tocsin.store.db import EVERYTHING, Database, Tx, file_of
from tocsin.store.intakelog import base_of, waits
from tocsin.store.refolding import UNREADABLE, of_earlier_release, refold
from tocsin.times import SystemClock

MOST = 100
UNHEARD = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong. ``kind``: record, intake, notice, run, deadman, clock, or a kind of `Loose`."""

    kind: str
    where: str
    message: str
    hint: str = ""


@click.command("doctor", short_help="Check the records, and what would not work in an incident.")
@click.argument("runbooks", nargs=-1, type=click.Path(path_type=Path), metavar="[RUNBOOK.md]...",
                help="Runbooks to check; without any, those that incidents have used last.")  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path),
              help="The configuration; unless told, tocsin.toml beside the first runbook, else here.")  # fmt: skip
@click.option("--rebuild", is_flag=True, help="Write incidents that differ from their timelines anew from them.")
@output.as_json
@places.database
def command(database: str, runbooks: tuple[Path, ...], config: Path | None, rebuild: bool, as_json: bool) -> None:
    """Check the records, and what would not work in an incident. Exit code 1 where anything is found.

    Every incident must be what its timeline tells, and every timeline an unbroken chain. Messages that could not be
    merged, notices that reached nobody and commands in doubt are listed; so are a dead man's switch that nobody hears,
    and roles, metrics, variables and programs that the runbooks name and nobody provides. It opens the database itself;
    a server may run meanwhile.

    \b
    Example:
      tocsin doctor docs/incidents.md --data tocsin-data
      tocsin doctor --rebuild
    """
    given = [read_named(path) for path in runbooks]
    with places.opened(database) as db:
        if rebuild:
            with places.held(database):
                _rebuild(db)
        books = given or db.read(_newest)
        chosen = places.config_of(config, tuple(Path(book.source) for book in books)) or _here()
        settings = read_settings(chosen)
        checked = db.read(incidents.references)
        earlier = bool(checked) and db.read(of_earlier_release)
        found = [*_records(db, checked, rows=not earlier), *db.read(lambda tx: list(_left(tx)))]
        found += _loose(books, settings)
        found += db.read(lambda tx: list(_unserved(tx, settings)))
        found += db.read(lambda tx: list(_unheard(tx, settings)))
        found += db.read(lambda tx: list(_untold(tx)))
        found += _late(db)
        waiting, damaged = _logged(db, file_of(database))
        found += damaged
    unfenced = sandbox.sentence(settings.sandbox)
    if unfenced and settings.sandbox == "on":
        found.append(Finding(kind="sandbox", where="bwrap", message=unfenced, hint="Install it, or say `auto`."))
    noted = {"sandbox": unfenced, "waiting": waiting, "earlier_release": earlier}
    if as_json:
        told = {name: value for name, value in noted.items() if value}
        output.give({"incidents": len(checked), "findings": [asdict(each) for each in found], **told})
    else:
        _tell(found, waiting=waiting, earlier=earlier)
        if unfenced and settings.sandbox != "on":
            output.say(output.one_line(unfenced))
        for said in _about_settings(chosen, settings):
            output.say(said)
        output.say(_summary(found, len(checked), earlier=earlier))
    if found:
        raise click.exceptions.Exit(1)


def _tell(found: Sequence[Finding], *, waiting: int, earlier: bool) -> None:
    """Each finding, and what is none."""
    for each in found:
        output.tell(output.one_line(f"{each.message} {each.hint}".strip()))
    if waiting:
        output.say(f"{output.count(waiting, 'message')} of the intake's log wait to be merged; `tocsin up` does it.")
    if earlier:
        output.say("The rows are of an earlier release; the next `tocsin up` writes them anew from their timelines.")


def _summary(found: Sequence[Finding], checked: int, *, earlier: bool) -> str:
    sound = "" if earlier or any(each.kind == "record" for each in found) else ": each is what its timeline tells"
    return f"{output.count(checked, 'incident')} checked{sound}; {output.count(len(found), 'finding')}.".capitalize()


def _about_settings(chosen: Path | None, settings: Settings) -> Iterator[str]:
    """What is no finding, and worth a word."""
    if chosen is None:
        yield "No configuration was read, so what it says was not checked: name it with --config."
    elif not settings.deadman.url:
        yield "Nobody outside notices when Tocsin itself is down: set [deadman] url."


def _here() -> Path | None:
    """The configuration in this folder, where no runbook leads to one."""
    return Path(places.CONFIG) if Path(places.CONFIG).is_file() else None


def _untold(tx: Tx) -> Iterator[Finding]:
    """Channels in chats that could not be told the last time."""
    for room in rooms.ill(tx):
        yield Finding(
            kind="chat", where=f"{room.chat} {room.incident}",
            message=f"The channel of {room.incident} on {room.chat} could not be told: {room.error}",
            hint="It is tried again by itself; see docs/how-to/respond-from-a-chat.md.",
        )  # fmt: skip


def _logged(db: Database, file: Path | None) -> tuple[int, list[Finding]]:
    """How many records wait in the log before a SQLite file, and what is missing or damaged there.

    A server may work it off meanwhile, so a fault counts when it is there at a second look from a later place.
    """
    if file is None:
        return 0, []
    base = base_of(file)
    for _ in range(2):
        waiting, _, faults = waits(base, db.read(intake.place))
        if not faults:
            break
    hint = "What it held was answered and is lost; let the senders repeat what still fires."
    return waiting, [
        Finding(kind="intake", where=str(base), message=f"{fault[:1].upper()}{fault[1:]}.", hint=hint)
        for fault in faults
    ]


def _records(db: Database, refs: Sequence[str], *, rows: bool) -> Iterator[Finding]:
    for ref in refs:
        for fault in db.read(partial(_verify, ref, rows=rows)):
            yield Finding(
                kind="record", where=ref, message=fault,
                hint="`tocsin doctor --rebuild` writes rows anew; a timeline that was changed needs a backup.",
            )  # fmt: skip


def _verify(ref: str, tx: Tx, *, rows: bool = True) -> list[str]:
    return incidents.verify(tx, ref, rows=rows)


def _rebuild(db: Database) -> None:
    """Write every row that differs anew, with the moment at which its clocks must look again."""
    late = {finding.where for finding in _late(db)}
    for ref in refold(db, SystemClock().now()):
        output.say(f"{ref} was written anew from its timeline.")
    for ref in db.read(incidents.references):
        if ref not in late and not db.read(partial(_verify, ref)):
            continue
        try:
            db.write(partial(_write_anew, ref))
        except UNREADABLE as error:
            output.say(f"{ref} can't be written anew: {error}")
        else:
            output.say(f"{ref} was written anew from its timeline.")


def _write_anew(ref: str, tx: Tx) -> None:
    incident = incidents.rebuild(tx, ref)
    incidents.save(tx, incident, next_wake(incident))


def _left(tx: Tx) -> Iterator[Finding]:
    """What was set aside, given up or left undecided."""
    for arrival in intake.failures(tx, MOST):
        when = output.moment(arrival.received_at)
        message = f"A message of {arrival.source} of {when} could not be merged: {arrival.error}."
        yield Finding(kind="intake", where=arrival.id, message=message, hint="Mend the cause and send it again.")
    for effect in outbox.dead(tx, MOST):
        message = f"A notice of {effect.incident} reached nobody: {effect.error}."
        hint = f"Check `notify` and contacts, then `tocsin notify retry {effect.notice or effect.id}`."
        yield Finding(kind="notice", where=effect.id, message=message, hint=hint)
    for ref in incidents.references(tx):
        for step in _in_doubt(tx, ref):
            message = f"{ref}: {step} was interrupted, and nobody has said whether it happened."
            hint = f"Find out, then use `tocsin incident settle_step {ref}` with --happened or --not-happened."
            yield Finding(kind="run", where=f"{ref}/{step}", message=message, hint=hint)


def _unserved(tx: Tx, settings: Settings) -> Iterator[Finding]:
    """Labels of targets that nobody who is there has."""
    there = workers.present(tx, SystemClock().now() - UNHEARD)
    for labels in dict.fromkeys(frozenset(place.target.labels) for place in settings.places):
        served = any(each.carries(labels) for each in there)
        if labels and not served and not labels <= set(settings.labels):
            names = ", ".join(
                place.target.name for place in settings.places if frozenset(place.target.labels) == labels
            )
            words = ",".join(sorted(labels))
            message = f"Nobody who was heard of in the last minute carries out steps on {names} (labels {words})."
            yield Finding(kind="labels", where=words, message=message, hint=f"Start `tocsin work --labels {words}`.")


def _unheard(tx: Tx, settings: Settings) -> Iterator[Finding]:
    """Whether somebody would notice that alerts do not come through."""
    found = deadman.standing_of(settings, tx, SystemClock().now())
    for problem in found.problems:
        hint = "Look whether the server runs, whether Prometheus reaches it, and at [deadman]."
        yield Finding(kind="deadman", where="[deadman]", message=problem, hint=hint)


def _late(db: Database) -> Iterator[Finding]:
    """Clocks that should have struck, found by other code than theirs."""
    after = 0
    while True:
        seen = db.read(partial(audit.look, now=SystemClock().now(), after=after))
        for told in seen.faults:
            hint = "Is the server running? Call by hand whoever is needed; `--rebuild` sets the clocks anew."
            yield Finding(kind="clock", where=told.partition(":")[0].partition(" ")[0], message=told, hint=hint)
        after = seen.last
        if not after:
            return


def _in_doubt(tx: Tx, ref: str) -> list[str]:
    """The steps of an incident that are in doubt; one that can't be read is reported as a fault of its record."""
    try:
        incident = incidents.load(tx, ref)
    except UNREADABLE:
        return []
    return [step for step, state in incident.steps.items() if state.status == "in_doubt"] if incident else []


def _loose(books: Sequence[Runbook], settings: Settings) -> Iterator[Finding]:
    for each in loose_ends(books, bindings_of(books, settings, programs=True)):
        yield Finding(kind=each.kind, where=each.name, message=f"{each.message} (Line {each.line}.)", hint=each.hint)


def _newest(tx: Tx) -> list[Runbook]:
    """Of each runbook that incidents have followed, the version that was pinned last."""
    newest: dict[str, str] = {}
    for book in library.pinned(tx, limit=EVERYTHING):
        newest.setdefault(book.source, book.digest)
    return [found for digest in newest.values() if (found := library.load(tx, digest)) is not None]
