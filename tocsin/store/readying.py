"""What was found out before an incident: who reaches which system, which targets answer, what was drilled when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.store.db import Row, Tx

_SAY = """
insert into access_checks (person, system, at, ok, note, said_by, ok_at)
values (:person, :system, :at, :ok, :note, :said_by, :ok_at)
on conflict (person, system) do update set at = excluded.at, ok = excluded.ok, note = excluded.note,
  said_by = excluded.said_by, ok_at = coalesce(excluded.ok_at, access_checks.ok_at)
"""
_SAID = "select * from access_checks order by person, system"
_ASK = """
insert into access_asks (person, at) values (:person, :now)
on conflict (person) do update set at = excluded.at where access_asks.at <= :before
"""
_ASKED = "select * from access_asks"
_LOOK = """
insert into target_checks (target, subject, at, ok, detail, ok_at) values (:target, :subject, :at, :ok, :detail, :ok_at)
on conflict (target, subject) do update set at = excluded.at, ok = excluded.ok, detail = excluded.detail,
  ok_at = coalesce(excluded.ok_at, target_checks.ok_at)
"""
_FORGET = "delete from target_checks where target = :target and at < :at"
_LOOKED = "select * from target_checks order by target, subject"
_WANT = """
insert into target_asks (target, programs, at) values (:target, :programs, :now)
on conflict (target) do update set programs = excluded.programs, at = excluded.at, answered_at = null
"""
_WANTED = "select * from target_asks where answered_at is null order by target"
_TAKEN = "update target_asks set answered_at = :now where target = :target and at = :at and answered_at is null"
_DRILLED = """
select scenario, max(declared_at) as at from incidents
where drill = 1 and scenario <> '' and id not in (select incident from private_incidents) group by scenario
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessCheck:
    """What somebody last said of reaching a system."""

    person: str
    system: str
    at: datetime
    ok: bool
    note: str = ""
    said_by: str = ""
    ok_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCheck:
    """How looking at a target went last. ``subject``: ``reach``, or the name of a program."""

    target: str
    subject: str
    at: datetime
    ok: bool
    detail: str = ""
    ok_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAsk:
    """A server wants others to look at a target, whether it has these programs."""

    target: str
    programs: tuple[str, ...]
    at: datetime


def say(tx: Tx, check: AccessCheck) -> None:
    """Keep what somebody says; when they last reached the system stays known where they now can't."""
    tx.execute(
        _SAY, person=check.person, system=check.system, at=check.at, ok=check.ok, note=check.note,
        said_by=check.said_by, ok_at=check.at if check.ok else None,
    )  # fmt: skip


def said(tx: Tx) -> list[AccessCheck]:
    """What everybody last said."""
    return [_access(row) for row in tx.all(_SAID)]


def ask(tx: Tx, person: str, now: datetime, before: datetime) -> bool:
    """Take down that somebody is asked now; False where they were asked after ``before`` already, by any node."""
    return tx.execute(_ASK, person=person, now=now, before=before) == 1


def asked(tx: Tx) -> dict[str, datetime]:
    """When each person was last asked."""
    return {row["person"]: row.time("at") for row in tx.all(_ASKED)}


def looked(tx: Tx, target: str, checks: Sequence[TargetCheck], at: datetime) -> None:
    """Keep how looking at a target went, and forget what was not looked at any more."""
    for check in checks:
        tx.execute(
            _LOOK, target=target, subject=check.subject, at=at, ok=check.ok, detail=check.detail,
            ok_at=at if check.ok else None,
        )  # fmt: skip
    tx.execute(_FORGET, target=target, at=at)


def targets(tx: Tx) -> list[TargetCheck]:
    """How looking at each target went last."""
    return [_target(row) for row in tx.all(_LOOKED)]


def want(tx: Tx, target: str, programs: Sequence[str], now: datetime) -> None:
    """Ask whoever reaches a target to look at it; an older question about it is forgotten."""
    tx.execute(_WANT, target=target, programs="\n".join(programs), now=now)


def wanted(tx: Tx) -> list[TargetAsk]:
    """The questions that nobody has taken yet."""
    return [
        TargetAsk(target=row["target"], programs=tuple(row["programs"].split("\n")) if row["programs"] else (),
                  at=row.time("at"))
        for row in tx.all(_WANTED)
    ]  # fmt: skip


def take(tx: Tx, ask: TargetAsk, now: datetime) -> bool:
    """Take a question; False where somebody else was faster."""
    return tx.execute(_TAKEN, target=ask.target, at=ask.at, now=now) == 1


def drilled(tx: Tx) -> dict[str, datetime]:
    """Scenario → when it was last drilled; private drills count for nobody."""
    return {row["scenario"]: row.time("at") for row in tx.all(_DRILLED)}


def _access(row: Row) -> AccessCheck:
    return AccessCheck(
        person=row["person"], system=row["system"], at=row.time("at"), ok=bool(row["ok"]), note=row["note"],
        said_by=row["said_by"], ok_at=row.time_or_none("ok_at"),
    )  # fmt: skip


def _target(row: Row) -> TargetCheck:
    return TargetCheck(
        target=row["target"], subject=row["subject"], at=row.time("at"), ok=bool(row["ok"]), detail=row["detail"],
        ok_at=row.time_or_none("ok_at"),
    )  # fmt: skip
