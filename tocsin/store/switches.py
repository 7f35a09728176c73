"""What incidents have switched off while their root cause is open, to be looked for by what would be switched on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tocsin.ids import digest
from tocsin.store.db import Tx

_PUT = """
insert into switched_off (switch, place, incident, step, at) values (:switch, :place, :incident, :step, :at)
on conflict (switch, place, incident, step) do update set at = excluded.at
"""
_DROP_STEP = "delete from switched_off where incident = :incident and step = :step"
_DROP_ALL = "delete from switched_off where incident = :incident"
_DROP_SWITCH = "delete from switched_off where switch = :switch and place = :place"
_FIND = "select * from switched_off where switch = :switch and place = :place order by at desc limit 1"
_ANY = "select incident from switched_off limit 1"
_EVERY = "select * from switched_off order by at limit 5000"


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchedOff:
    """A step of an incident that switched something off, when."""

    incident: str
    step: str
    at: datetime


def put(tx: Tx, keys: Iterable[str], place: str, off: SwitchedOff) -> None:
    """Remember what a step has switched off; ``keys`` are `tocsin.core.switching.off_keys`."""
    for key in sorted(keys):
        tx.execute(_PUT, switch=digest(key), place=place, incident=off.incident, step=off.step, at=off.at)


def forget(tx: Tx, incident: str, step: str = "") -> None:
    """A step, or all of an incident, keeps nothing switched off any more."""
    if step:
        tx.execute(_DROP_STEP, incident=incident, step=step)
    else:
        tx.execute(_DROP_ALL, incident=incident)


def any_off(tx: Tx) -> bool:
    """Whether anything is off because of an incident; hardly ever."""
    return tx.one(_ANY) is not None


def switched_on(tx: Tx, keys: Iterable[str], place: str) -> None:
    """What these name is on again, whoever has switched it off."""
    for key in sorted(keys):
        tx.execute(_DROP_SWITCH, switch=digest(key), place=place)


def every(tx: Tx) -> Mapping[tuple[str, str], SwitchedOff]:
    """All that is off, by the digest of a switch's name and the target; of several who did it the last."""
    return {
        (str(row["switch"]), str(row["place"])): SwitchedOff(
            incident=row["incident"], step=row["step"], at=row.time("at")
        )
        for row in tx.all(_EVERY)
    }


def find(tx: Tx, keys: Iterable[str], place: str) -> SwitchedOff | None:
    """Who switched off one of these at this target, the last first; None where nobody did."""
    for key in sorted(keys):
        row = tx.one(_FIND, switch=digest(key), place=place)
        if row is not None:
            return SwitchedOff(incident=row["incident"], step=row["step"], at=row.time("at"))
    return None
