"""Who is on call when, computed from what is written: pure arithmetic with clocks on walls.

`walltime` holds the one rule for the hours that daylight saving leaves out or repeats; everything else is written in
times as they stand on a wall, and only turned into moments by it.
"""

from tocsin.core.schedules.changes import Change
from tocsin.core.schedules.findings import Clash, Gap, clashes, gaps
from tocsin.core.schedules.layers import Booked, Layer, Rotation, Turns
from tocsin.core.schedules.schedule import Schedule
from tocsin.core.schedules.shifts import NOBODY, Shift
from tocsin.core.schedules.walltime import instant, shown_at
from tocsin.core.schedules.windows import Window, parse_day, parse_days, parse_window

__all__ = [
    "NOBODY",
    "Booked",
    "Change",
    "Clash",
    "Gap",
    "Layer",
    "Rotation",
    "Schedule",
    "Shift",
    "Turns",
    "Window",
    "clashes",
    "gaps",
    "instant",
    "parse_day",
    "parse_days",
    "parse_window",
    "shown_at",
]
