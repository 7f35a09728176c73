"""A year of incidents: every page that the document demands goes out once, at its minute, and none that it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.year import driver, oracle
from tests.year.plan import YEAR, a_year

INCIDENTS = 60


@pytest.mark.parametrize("seed", [1, 2])
def test_every_page_goes_out_once_at_its_minute_and_no_other_does(tmp_path: Path, seed: int) -> None:
    """Over acknowledgements, severities, outages, estimates, restarts and edits of who fills which role."""
    year = a_year(seed, INCIDENTS, YEAR * INCIDENTS // 10_000)
    sent = driver.live(tmp_path, year)
    for case in year.cases:
        assert sent[case.number] == oracle.pages(year, case), case
    assert sum(map(len, sent.values())) > INCIDENTS
