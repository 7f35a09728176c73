"""Thresholds and criteria in other units than their signal's: compared, shown and exported in the right one."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.house import open_house
from tocsin.app import App
from tocsin.core.runbook import Runbook
from tocsin.plug.kinds import Reading
from tocsin.probes.prometheus import Prometheus
from tocsin.reading import read
from tocsin.service import gauging, ingest, respond, views, watch
from tocsin.service.prometheus_rules import rule_file
from tocsin.service.thresholds import factor, measured_by, stated, units_of
from tocsin.settings import Settings, Signal
from tocsin.store import incidents

BOOK = b"""# Ferries

| Severity | Meaning |
|---|---|
| P1 | no boat |
| P2 | late boats |

## Scenario 1: Slow booking

### Symptoms
- booking time > 800 ms

### Recovery criteria
- booking time < 0.5 s

## Alert thresholds

**P1 alerts:**
- crossing time > 2 h

**P2 alerts:**
- crossing time > 90 min
- lostShare > 0.2
"""
PROBE = 'probe = "http"\nurl = "http://127.0.0.1:1/"\nmeasure = "milliseconds"\n'


def book() -> Runbook:
    """The ferries' runbook."""
    return read(BOOK, "ferries.md")


def settings(**units: str) -> Settings:
    """Signals of these metrics (``_`` for a blank) in these units."""
    probe = Prometheus(url="http://127.0.0.1:1", query="m")
    return Settings(
        signals=tuple(Signal(metric=name.replace("_", " "), probe=probe, unit=unit) for name, unit in units.items())
    )


def test_a_signal_is_read_in_its_own_unit_or_in_that_which_the_document_states_first() -> None:
    """Nothing else says it; a metric without any unit has none."""
    assert units_of(settings(crossing_time="", booking_time=""), [book()]) == {
        "crossing time": "h",
        "booking time": "ms",
    }
    assert units_of(settings(crossing_time="min"), [book()]) == {"crossing time": "min"}


def heed(app: App, signal: Signal, reading: Reading) -> None:
    """Do all that a reading calls for."""
    watch.heed(app, signal, reading)
    ingest.merge_waiting(app)


@pytest.mark.parametrize(
    ("one", "other", "by"),
    [
        ("s", "ms", 1000),
        ("min", "h", 1 / 60),
        ("ratio", "%", 100),
        ("%", "ratio", 0.01),
        ("GB", "MB", 1000),
        ("d", "h", 24),
        ("", "ms", 1),
        ("req/s", "%", 1),
    ],
)
def test_units_of_one_kind_are_converted(one: str, other: str, by: float) -> None:
    """What can't be compared is taken as it is, as it always was."""
    assert factor(one, other) == pytest.approx(by)


def test_a_name_that_programs_write_is_the_same_metric() -> None:
    """``lostShare`` is the lost share, in whichever way it is bound; the words as they stand come first."""
    both = Settings(
        signals=tuple(Signal(metric=name, probe=Prometheus(url="http://x", query="m")) for name in ("lost share", "a"))
    )
    assert both.signal("lostShare") is both.signals[0]
    exact = Settings(signals=(*both.signals, Signal(metric="lostShare", probe=both.signals[0].probe)))
    assert exact.signal("lostShare") is exact.signals[2]
    assert exact.signal("lost share") is exact.signals[0]


def test_a_reading_counts_in_the_unit_of_each_threshold(tmp_path: Path) -> None:
    """From the reading to the incident, its page, its criterion, and the page of signals."""
    config = f'[signals."crossing time"]\n{PROBE}unit = "min"\n[signals."booking time"]\n{PROBE}unit = "s"\n'
    app = open_house(tmp_path, str(tmp_path / "tocsin.db"), runbook=BOOK.decode(), config=config)
    crossing, booking = app.settings.signals
    heed(app, crossing, Reading(value=100, at=app.clock.now()))
    assert [(one.severity, one.title) for one in app.db.read(incidents.open_ones)] == [("P2", "Crossing time")]
    heed(app, crossing, Reading(value=121, at=app.clock.now()))
    assert [one.severity for one in app.db.read(incidents.open_ones)] == ["P1"]
    heed(app, booking, Reading(value=0.7, at=app.clock.now()))
    assert len(app.db.read(incidents.open_ones)) == 1
    watch.keep(app, [(booking, Reading(value=0.9, at=app.clock.now()))])
    heed(app, booking, Reading(value=0.9, at=app.clock.now()))
    heed(app, booking, Reading(value=0.9, at=app.clock.now()))
    (slow,) = [one for one in app.db.read(incidents.open_ones) if one.scenario]
    assert (slow.criteria[0].holds, slow.criteria[0].value) == (False, pytest.approx(0.9))
    shown = views.incident_page(app, slow.id).signals[0]
    assert (shown.unit, shown.value, shown.threshold, shown.goal, shown.bad) == ("s", 0.9, 0.8, 0.5, True)
    levels = {(one.text, one.level, one.end_level) for each in gauging.measured(app) for one in each.thresholds}
    assert ("booking time > 800 ms", 0.8, 0.5) in levels
    assert ("crossing time > 2 h", 120, None) in levels
    heed(app, booking, Reading(value=0.6, at=app.clock.now()))
    assert respond.exists(app, slow.id).firing, "between the two numbers it goes on"
    heed(app, booking, Reading(value=0.4, at=app.clock.now()))
    after = respond.exists(app, slow.id)
    assert (bool(after.firing), after.criteria[0].holds) == (False, True)


def test_the_rule_file_converts_too(tmp_path: Path) -> None:
    """Seconds against 800 ms and an end at 0.5 s: Prometheus fires from 0.9 on, goes on at 0.6, ends at 0.4."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    bound = settings(booking_time="s")
    written = rule_file([book()], bound)
    watched = next(each for each in stated([book()], bound) if each.rule.metric == "booking time")
    (tmp_path / "rules.yml").write_text(written.text, "utf-8")
    labels = {name: text for name, text in watched.labels.items() if name != "alertname"}
    notes = {
        "summary": "booking time crosses the threshold booking time > 800 ms",
        "runbook_url": f"ferries.md#{watched.rule.scenario}",
    }
    fires = [False, True, True, False]
    test = {
        "interval": "1m",
        "input_series": [{"series": "m", "values": "0.7 0.9 0.6 0.4"}],
        "alert_rule_test": [
            {
                "eval_time": f"{minute}m",
                "alertname": watched.alert,
                "exp_alerts": [{"exp_labels": labels, "exp_annotations": notes}] if firing else [],
            }
            for minute, firing in enumerate(fires)
        ],
    }
    suite = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [test]}
    (tmp_path / "suite.yml").write_text(json.dumps(suite), "utf-8")
    done = subprocess.run([promtool, "test", "rules", "suite.yml"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_new_runbooks_and_settings_count_at_once(tmp_path: Path) -> None:
    """What was worked out for the old ones is not kept."""
    config = f'[signals."crossing time"]\n{PROBE}unit = "min"\n'
    app = open_house(tmp_path, str(tmp_path / "tocsin.db"), runbook=BOOK.decode(), config=config)
    (signal,) = app.settings.signals
    assert sorted(each.factor for each in measured_by(app, signal)) == [pytest.approx(1 / 60), 1]
    app.settings = replace(app.settings, signals=(replace(signal, unit="h"),))
    assert sorted(each.factor for each in measured_by(app, signal)) == [1, 60]
    app.books = (replace(app.books[0], rules=()),)
    assert measured_by(app, signal) == []
