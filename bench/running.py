"""What the executor costs: a proven ``true`` against the bare process, and a flood of output.

Both sides take turns in the same run, so that a busy machine slows both. Bare is `os.posix_spawn` and `os.waitpid`.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from tocsin.core.run import Outcome, Pipeline, Process
from tocsin.executors.local import Local
from tocsin.plug.kinds import Job
from tocsin.plug.neutral import clean_environment

MOST_TIMES, LEAST_MB_A_SECOND, MOST_GROWN_MB = 1.3, 150.0, 64.0
ROUNDS, BURSTS, WIDE = 400, 60, 20
GIGABYTE, MEGABYTE, PAGE = 1024**3, 1024**2, 4096
FLOOD = (("yes", "loaf 4711 is in the oven, 212 degrees"), ("head", "-c", str(GIGABYTE)))
PATH = "/usr/local/bin:/usr/bin:/bin"


def run() -> dict[str, Any]:
    """The figures, and whether every limit was kept."""
    found: dict[str, Any] = {"most_times": MOST_TIMES, "least_mb_a_second": LEAST_MB_A_SECOND}
    found |= _costs("")
    found |= _flood()
    grown = bytearray(GIGABYTE)
    for at in range(0, GIGABYTE, PAGE):
        grown[at] = 1  # every page is really there
    found |= _costs("_with_1_gb")
    del grown
    times = [value for name, value in found.items() if name.startswith("times")]
    kept = max(times) <= MOST_TIMES and found["mb_a_second"] >= LEAST_MB_A_SECOND
    return {**found, "kept": kept and found["grown_mb"] <= MOST_GROWN_MB}


def _costs(suffix: str) -> dict[str, float]:
    """Milliseconds at the median for one, alone and while 20 run; how many times the bare process that is."""
    job = _job(("true",))
    program = shutil.which("true", path=PATH) or "/bin/true"

    def bare() -> None:
        os.waitpid(os.posix_spawn(program, ["true"], job.env), 0)

    def ours() -> None:
        outcome = Local().run(job, _drop, threading.Event())
        if outcome.exit_code != 0:
            raise RuntimeError(outcome.note)

    alone = _alone(bare, ours)
    wide = _wide(bare, ours)
    return {
        f"bare_ms{suffix}": round(alone[0], 3), f"ours_ms{suffix}": round(alone[1], 3),
        f"times{suffix}": round(alone[1] / alone[0], 2),
        f"wide_bare_ms{suffix}": round(wide[0], 3), f"wide_ours_ms{suffix}": round(wide[1], 3),
        f"times_wide{suffix}": round(wide[1] / wide[0], 2),
    }  # fmt: skip


def _alone(*sides: Callable[[], None]) -> list[float]:
    """The median of each side, one at a time, in turn."""
    spans: list[list[float]] = [[] for _ in sides]
    for _ in range(ROUNDS):
        for mine, side in zip(spans, sides, strict=True):
            mine.append(_timed(side))
    return [statistics.median(mine) for mine in spans]


def _wide(*sides: Callable[[], None]) -> list[float]:
    """The median of each side from the moment at which 20 are asked for at once to its own end, in turn."""
    spans: list[list[float]] = [[] for _ in sides]
    with ThreadPoolExecutor(WIDE) as pool:
        for _ in range(BURSTS):
            for mine, side in zip(spans, sides, strict=True):
                asked = time.perf_counter()
                mine += [each.result() for each in [pool.submit(_since, asked, side) for _ in range(WIDE)]]
    return [statistics.median(mine) for mine in spans]


def _since(asked: float, side: Callable[[], None]) -> float:
    side()
    return (time.perf_counter() - asked) * 1000


def _timed(side: Callable[[], None]) -> float:
    begun = time.perf_counter()
    side()
    return (time.perf_counter() - begun) * 1000


def _flood() -> dict[str, float]:
    """1 GB of lines through the executor: megabytes a second, and by how much the largest memory grew."""
    job = _job(*FLOOD)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    outcome: Outcome = Local().run(job, _drop, threading.Event())
    span = time.perf_counter() - begun
    if outcome.size != GIGABYTE:
        raise RuntimeError(f"{outcome.size} bytes came: {outcome.note}")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {"mb_a_second": round(GIGABYTE / MEGABYTE / span, 1), "grown_mb": round(grown, 1)}


def _job(*commands: tuple[str, ...]) -> Job:
    """A proved pipeline of these commands, as the verdict plans it."""
    processes = tuple(Process(argv=tuple((word,) for word in words)) for words in commands)
    return Job(
        kind="shell", command="", plan=(Pipeline(processes=processes),), env=clean_environment(PATH, {}), workdir="/",
        timeout=timedelta(seconds=120), proved=True,
    )  # fmt: skip


def _drop(_: bytes) -> None:
    """Nobody looks."""
