"""The ways to each person: whether they were verified, and how the last attempts went. Codes are kept hashed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.store.db import Row, Tx

_ENSURE = """
insert into methods (person, via, contact) values (:person, :via, :contact) on conflict do nothing
"""
_RENEW = """
update methods set contact = :contact, verified_at = null, verified_by = '', ok_at = null, failed_at = null, error = '',
  code = '', code_until = null, tries = 0
where person = :person and via = :via and contact <> :contact
"""
_WORKED = "update methods set ok_at = :at where person = :person and via = :via and (ok_at is null or ok_at < :at)"
_FAILED = """
update methods set failed_at = :at, error = :error
where person = :person and via = :via and (failed_at is null or failed_at < :at)
"""
_ASK = """
update methods set code = :code, code_until = :until, tries = 0 where person = :person and via = :via
"""
_TRY = "update methods set tries = tries + 1 where person = :person and via = :via and tries < :most"
_VERIFY = """
update methods set verified_at = :at, verified_by = :by, code = '', code_until = null, tries = 0
where person = :person and via = :via
"""
_GET = "select * from methods where person = :person and via = :via for update"
_ALL = "select * from methods order by person, via"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to one person. ``contact`` is a hash of the address; ``code`` is a hash, empty where none was sent."""

    person: str
    via: str
    contact: str
    verified_at: datetime | None = None
    verified_by: str = ""
    ok_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""
    code: str = ""
    code_until: datetime | None = None
    tries: int = 0


def know(tx: Tx, person: str, via: str, contact: str) -> None:
    """There is such a way, to this address; what is known of another address is forgotten."""
    if tx.execute(_ENSURE, person=person, via=via, contact=contact) == 0:
        tx.execute(_RENEW, person=person, via=via, contact=contact)


def attempted(tx: Tx, person: str, via: str, at: datetime, error: str = "") -> None:
    """How an attempt went; without an error it was taken."""
    if error:
        tx.execute(_FAILED, person=person, via=via, at=at, error=error)
    else:
        tx.execute(_WORKED, person=person, via=via, at=at)


def asked(tx: Tx, person: str, via: str, code: str, until: datetime) -> None:
    """A code was sent; one that was sent before counts no more."""
    tx.execute(_ASK, person=person, via=via, code=code, until=until)


def count_try(tx: Tx, person: str, via: str, most: int) -> bool:
    """Count a try to type the code back; False where there were ``most`` before."""
    return tx.execute(_TRY, person=person, via=via, most=most) == 1


def verified(tx: Tx, person: str, via: str, at: datetime, by: str) -> None:
    """The code came back."""
    tx.execute(_VERIFY, person=person, via=via, at=at, by=by)


def get(tx: Tx, person: str, via: str) -> Method | None:
    """What is known of a way."""
    row = tx.one(_GET, person=person, via=via)
    return _method(row) if row else None


def listing(tx: Tx) -> list[Method]:
    """What is known of every way."""
    return [_method(row) for row in tx.all(_ALL)]


def _method(row: Row) -> Method:
    return Method(
        person=row["person"], via=row["via"], contact=row["contact"], verified_at=row.time_or_none("verified_at"),
        verified_by=row["verified_by"], ok_at=row.time_or_none("ok_at"), failed_at=row.time_or_none("failed_at"),
        error=row["error"], code=row["code"], code_until=row.time_or_none("code_until"), tries=row["tries"],
    )  # fmt: skip
