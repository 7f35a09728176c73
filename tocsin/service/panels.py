"""The page of the signals: of every metric word its value, its last hours, its thresholds; what binds the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tocsin.app import App
from tocsin.ids import slug
from tocsin.lint.needs import MetricNeed, Use, needs
from tocsin.service import gauging
from tocsin.service.drafting import signal_table
from tocsin.service.gauging import Measured
from tocsin.service.systemhealth import problem_of
from tocsin.service.views import HISTORY
from tocsin.store import signals
from tocsin.store.db import Tx

State = Literal["firing", "no data", "pending", "ok", "read", "not measured"]
ORDER: tuple[State, ...] = ("firing", "no data", "pending", "ok", "read", "not measured")
"""What a page shows first comes first; ``read``: no threshold says what is ok."""
DRAWN = 60
"""So many signals are drawn; of the others everything but the curve is shown."""

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A metric as its page shows it.

    ``problem``: why there is no value. ``points``: (unix seconds, value) of the last hours, the oldest first.
    ``closes``: the recovery criteria that it decides. ``table``: the lines of tocsin.toml that would bind it.
    """

    measured: Measured
    state: State
    unit: str = ""
    problem: str = ""
    silent_since: datetime | None = None
    points: Points = ()
    since: datetime | None = None
    until: datetime | None = None
    closes: tuple[Use, ...] = ()
    table: str = ""


def panels(app: App) -> list[Panel]:
    """Everything bound and unbound; what fires comes first, what nothing measures last."""
    wanted = needs(app.books).metrics
    found = gauging.measured(app)
    now = app.clock.now()
    bound = [_bound(app, each, wanted) for each in found if each.probe]
    loose = [each for each in found if not each.probe]
    ordered = sorted(bound, key=lambda panel: ORDER.index(panel.state))
    drawn = app.db.read(lambda tx: [_drawn(tx, panel, now) for panel in ordered[:DRAWN]])
    return [*drawn, *ordered[DRAWN:], *_unbound(app, loose, wanted)]


def _bound(app: App, measured: Measured, wanted: Sequence[MetricNeed]) -> Panel:
    signal = app.settings.signal(measured.metric)
    mine = [need for need in wanted if signal is not None and app.settings.signal(need.name) is signal]
    silent = min((each.silent_since for each in measured.thresholds if each.silent_since), default=None)
    problem = problem_of(app, measured, signal)
    return Panel(
        measured=measured,
        state=_state(measured, problem),
        unit=measured.unit or _unit(mine),
        problem=problem,
        silent_since=silent or (measured.at if problem else None),
        closes=_closes(mine),
    )


def _drawn(tx: Tx, panel: Panel, now: datetime) -> Panel:
    window = signals.window(tx, slug(panel.measured.metric), now - HISTORY, now)
    return Panel(
        measured=panel.measured, state=panel.state, unit=panel.unit, problem=panel.problem,
        silent_since=panel.silent_since, closes=panel.closes, since=now - HISTORY, until=now,
        points=tuple((at.timestamp(), value) for at, value in window),
    )  # fmt: skip


def _state(measured: Measured, problem: str) -> State:
    states = {each.state for each in measured.thresholds}
    if "firing" in states:
        return "firing"
    if problem:
        return "no data"
    return "pending" if "pending" in states else "ok" if states else "read"


def _unbound(app: App, loose: Iterable[Measured], wanted: Sequence[MetricNeed]) -> list[Panel]:
    """Each unbound metric once, however the documents capitalize it; those of criteria alone, too."""
    by_words: dict[str, list[Measured]] = {}
    for each in loose:
        by_words.setdefault(slug(each.metric), []).append(each)
    found: list[Panel] = []
    for need in wanted:
        if app.settings.signal(need.name) is not None:
            continue
        same = by_words.get(slug(need.name), [])
        measured = Measured(
            metric=need.name, probe="", every_seconds=0, value=None, at=None, problem="no signal is bound to it",
            thresholds=tuple(threshold for each in same for threshold in each.thresholds),
        )  # fmt: skip
        found.append(
            Panel(
                measured=measured, state="not measured", unit=_unit([need]), closes=_closes([need]),
                table=signal_table(need),
            )
        )  # fmt: skip
    return found


def _unit(same: Iterable[MetricNeed]) -> str:
    return next((need.unit for need in same if need.unit), "")


def _closes(same: Iterable[MetricNeed]) -> tuple[Use, ...]:
    return tuple(use for need in same for use in need.uses if use.says.startswith(("recovered", "must recover")))
