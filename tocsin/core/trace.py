"""Runs of the system under care, as it tells of them: a request, a workflow, a job, from its beginning to its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from tocsin.times import say_duration

TraceStatus = Literal["ok", "error", "running"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One run. ``source`` is who told of it; with ``id`` it names the run. All texts are hostile.

    ``spans`` counts the parts that were told of, ``failed`` those that failed; ``whole``: the part that holds all
    others is among them, so that the name is the run's own.
    """

    source: str
    id: str
    name: str
    service: str = ""
    status: TraceStatus = "ok"
    started_at: datetime
    ended_at: datetime | None = None
    error: str = ""
    url: str = ""
    spans: int = 1
    failed: int = 0
    whole: bool = True

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it goes on."""
        return None if self.ended_at is None else max((self.ended_at - self.started_at).total_seconds(), 0.0)

    def says(self) -> str:
        """The run in one line: ``chat reply (assistant) failed after 3 s: the model timed out``."""
        took = "" if self.seconds is None else f" after {say_duration(timedelta(seconds=self.seconds))}"
        what = {"ok": "went well", "error": "failed", "running": "goes on"}[self.status]
        where = f" ({self.service})" if self.service else ""
        return f"{self.name}{where} {what}{took if self.status != 'running' else ''}" + (
            f": {self.error}" if self.error else ""
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TracesNear:
    """The runs around the beginning of an incident: how many, how many failed, the slowest, and the last failed ones.

    ``latest`` are the failed ones, the newest first, where none failed the newest of all.
    """

    since: datetime
    number: int
    failed: int
    slowest_seconds: float | None = None
    latest: tuple[Trace, ...] = ()

    def says(self) -> str:
        """``120 runs, 14 failed (12 %)``."""
        share = f" ({100 * self.failed / self.number:.0f} %)" if self.failed else ""
        return f"{self.number} run{'' if self.number == 1 else 's'}, {self.failed or 'none'} failed{share}"


def joined(before: Trace, more: Trace) -> Trace:
    """What is known of a run of which another part is told: its whole span of time; one failed part fails it."""
    named = more if more.whole or not before.whole else before
    ends = [each.ended_at for each in (before, more) if each.ended_at is not None]
    failed = before.failed + more.failed
    running = before.status == more.status == "running"
    return replace(
        named,
        started_at=min(before.started_at, more.started_at),
        ended_at=None if running else max(ends, default=None),
        status="error" if failed else "running" if running else "ok",
        error=(named.error or before.error or more.error) if failed else "",
        service=named.service or before.service or more.service,
        url=named.url or before.url or more.url,
        spans=before.spans + more.spans,
        failed=failed,
        whole=before.whole or more.whole,
    )
