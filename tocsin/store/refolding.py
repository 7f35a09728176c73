"""Rows that an earlier release folded, written anew: the same facts may mean more to a later one."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from tocsin import core
from tocsin.core.wake import next_wake
from tocsin.errors import TocsinError
from tocsin.store import incidents
from tocsin.store.db import Database, Tx

log = logging.getLogger("tocsin.store")

AT_ONCE = 50
"""How many incidents one transaction takes."""
UNREADABLE = (TocsinError, LookupError, ValueError, AttributeError, TypeError)
"""What folding a timeline that somebody changed may raise."""

_BY = "select code from folded"
_FORGET = "delete from folded"
_REMEMBER = "insert into folded (code, at) values (:code, :at)"
_LOCKED = "select id from incidents where id = :id for update"


@cache
def present_code() -> str:
    """A digest of the code that folds timelines; any change of it may change what a row should be."""
    folder = Path(core.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def of_earlier_release(tx: Tx) -> bool:
    """Whether rows may differ from their timelines only because other code folded them."""
    row = tx.one(_BY)
    return row is None or row["code"] != present_code()


def refold(db: Database, now: datetime) -> list[str]:
    """Bring every row up to this release's fold; returns the incidents whose rows changed.

    One whose timeline can't be folded stays as it is, for `tocsin doctor` to say. Several nodes may do this at once.
    """
    if not db.read(of_earlier_release):
        return []
    refs = db.read(incidents.references)
    changed: list[str] = []
    for first in range(0, len(refs), AT_ONCE):
        changed += db.write(partial(_several, refs=refs[first : first + AT_ONCE]))
    db.write(partial(_remember, now=now))
    if changed:
        log.info("%d incidents of an earlier release were written anew from their timelines.", len(changed))
    return changed


def _several(tx: Tx, refs: list[str]) -> list[str]:
    return [ref for ref in refs if _one(tx, ref)]


def _one(tx: Tx, ref: str) -> bool:
    tx.one(_LOCKED, id=ref)
    try:
        if not incidents.differs(tx, ref):
            return False
        incident = incidents.rebuild(tx, ref)
        incidents.save(tx, incident, next_wake(incident))
    except UNREADABLE as error:
        log.error("%s can't be written anew: %s", ref, error)  # noqa: TRY400 -- the sentence says all
        return False
    return True


def _remember(tx: Tx, now: datetime) -> None:
    tx.alone("folded")
    tx.execute(_FORGET)
    tx.execute(_REMEMBER, code=present_code(), at=now)
