"""A year of random incidents: the pages of the real application beside those of a naive reading of the document."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from tests.year import driver, oracle
from tests.year.plan import a_year

INCIDENTS = 10_000


def run(incidents: int = INCIDENTS, seed: int = 20_26) -> dict[str, Any]:
    """How many pages were sent, and of how many incidents they were not exactly those that were demanded."""
    year = a_year(seed, incidents)
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        sent = driver.live(Path(folder), year)
    lived = time.perf_counter() - begun
    wrong = [case.number for case in year.cases if sent[case.number] != oracle.pages(year, case)]
    return {
        "incidents": incidents, "pages": sum(map(len, sent.values())), "restarts": len(year.off),
        "edits": len(year.bound), "seconds": round(lived, 1), "faults": wrong[:20],
    }  # fmt: skip
