"""One statement on its way: its clock, what it printed, and how it ended. For whatever speaks to a database."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from tocsin.core.run import Outcome
from tocsin.plug.kinds import Emit, Job
from tocsin.plug.masking import mask_text
from tocsin.plug.printed import Printout
from tocsin.plug.tables import Row, table
from tocsin.times import say_duration

TICK = 0.05
"""Seconds between two looks at the clock."""


class Querying:
    """The clock and the output of one statement. ``proved``: it only reads, so it may be cut short at any time."""

    def __init__(self, job: Job, emit: Emit, cancel: threading.Event) -> None:
        self.job, self.printout = job, Printout(emit, job.secrets, job.keep_bytes)
        self._cancel = cancel
        self._begun = time.monotonic()

    @property
    def due(self) -> Literal["", "cancel", "limit"]:
        """Why it has to end now; empty as long as it may go on."""
        if self._cancel.is_set():
            return "cancel"
        return "limit" if time.monotonic() - self._begun >= self.job.timeout.total_seconds() else ""

    def show(self, result: Result) -> None:
        """Print a result and pass it on."""
        self.say(result.text)

    def say(self, text: str) -> None:
        """Print a text and pass it on."""
        self.printout.feed(text.encode("utf-8", "replace"))
        self.printout.pass_on()

    def ended(self, fault: str = "", why: Literal["", "cancel", "limit"] = "") -> Outcome:
        """How it ended: by itself, with the fault that the database named, or because it had to."""
        status = {"cancel": "cancelled", "limit": "timed_out"}.get(why) or ("failed" if fault else "succeeded")
        span = say_duration(self.job.timeout)
        notes = {
            "cancel": "cancelled; the database was asked to stop and did",
            "limit": f"not done within its time limit of {span}; the database was asked to stop and did",
        }
        note = notes.get(why, fault)
        return Outcome(
            status=status,  # type: ignore[arg-type]  # one of the four words above
            exit_code=None if why else int(bool(fault)),
            seconds=round(time.monotonic() - self._begun, 3),
            output=self.printout.finish(),
            size=self.printout.size,
            note=mask_text(note, self.job.secrets) if note else "",
        )


@dataclass(slots=True)
class Result:
    """The rows of one result as they come; beyond ``most`` they are counted, or the rest is not asked for."""

    names: Sequence[str]
    numeric: Sequence[bool]
    most: int
    rows: list[Row] = field(default_factory=list)
    left_out: int = 0
    cut: bool = False

    def add(self, row: Row) -> bool:
        """One more row; False where there was no room for it."""
        if len(self.rows) < self.most:
            self.rows.append(row)
            return True
        self.left_out += 1
        return False

    @property
    def text(self) -> str:
        """The table."""
        count = f"({len(self.rows) + self.left_out} rows; the first {self.most} are shown)" if self.left_out else ""
        if self.cut:
            count = f"(the first {self.most} rows; the others were not fetched)"
        return table(self.names, self.rows, self.numeric, count)
