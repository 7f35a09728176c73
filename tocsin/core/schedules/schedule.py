"""A schedule: layers of rotations, what people changed about them, and who is on call at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core.schedules.changes import Change, changed
from tocsin.core.schedules.layers import Layer
from tocsin.core.schedules.shifts import NOBODY, Shift, laid_over
from tocsin.core.schedules.windows import Window

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Who is on call when. A later layer lies over those before it; ``changes`` lie over all of them.

    ``covers``: the hours in which somebody must be on call; none: always. ``zone`` is the one in which it is shown.
    ``imported``: below its layers lie shifts from the calendar of somebody else.
    """

    name: str
    zone: str
    layers: tuple[Layer, ...] = ()
    covers: tuple[Window, ...] = ()
    changes: tuple[Change, ...] = ()
    imported: bool = False

    def shifts(self, begins: datetime, ends: datetime) -> list[Shift]:
        """Who is on call between two moments, in order; where no shift stands, nobody is."""
        plan: list[Shift] = []
        for layer in self.layers:
            plan = laid_over(plan, list(layer.shifts(begins, ends)))
        return [shift for shift in changed(plan, self.changes, self.zone, begins, ends) if shift.person != NOBODY]

    def on_call(self, moment: datetime) -> Shift | None:
        """Who is on call at a moment; the shift's ends are not looked for (`until`)."""
        found = self.shifts(moment, moment + _MOMENT)
        return found[0] if found else None

    def until(self, moment: datetime, farthest: timedelta = timedelta(days=62)) -> datetime | None:
        """When somebody else is on call, or nobody, or again somebody; None where that is not in sight."""
        plan = self.shifts(moment, moment + farthest)
        if not plan or plan[0].begins > moment:
            return plan[0].begins if plan else None
        ends = plan[0].ends
        for shift in plan[1:]:
            if shift.begins != ends or shift.person != plan[0].person:
                break
            ends = shift.ends
        return ends if ends < moment + farthest else None
