"""`tocsin signals`, `tocsin health`, `tocsin runbook rules`."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Server, folder_with_runbook, here, running

BOOK = """# Ferry runbook

## Severity Levels

- **P1 (High)**: nobody crosses
- **P2 (Medium)**: crossings are late

## Scenario 1: Boarding is slow

### Symptoms

- Late boats > 50% for 10 minutes
- Empty berths > 7

### Mitigation

- Add a boat

### Resolution

1. Late boats below 20%
2. The harbour has confirmed
"""


@pytest.fixture(scope="module")
def ferry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that measures one metric by a program, and hears no heartbeat."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = f"""
[signals."late boats"]
probe = "command"
command = ["echo", "12 boats"]
every = "1h"
[signals."pier"]
probe = "tcp"
host = "127.0.0.1"
port = {listener.getsockname()[1]}
every = "1h"
[signals."backup age"]
probe = "heartbeat"
name = "nightly"
every = "1h"
"""
        folder = folder_with_runbook(tmp_path_factory.mktemp("ferry"), BOOK, config)
        with running(folder) as found:
            yield found


def test_signals_lists_what_is_measured(ferry: Server) -> None:
    """A row for each threshold, and what nothing measures."""
    for _ in range(100):
        said = ferry("signals").out
        if " 12 " in said:
            break
    rows = {line.split("  ")[0]: line for line in said.splitlines()[1:]}
    assert "command" in rows["late boats"]
    assert "Late boats > 50 % for 10 min, ends at < 20" in rows["late boats"]
    assert "inactive" in rows["late boats"]
    assert "nothing" in rows["Empty berths"]
    assert "not watched" in rows["Empty berths"]
    assert {each["metric"] for each in ferry("signals", "--json").json["signals"]} >= {"pier", "backup age"}


def test_health_reads_everything_once(ferry: Server) -> None:
    """Each value with its state; exit code 1, and the reason, where the whole is not healthy."""
    done = ferry("health")
    assert done.code == 1
    rows = done.out.splitlines()
    assert rows[0].startswith("The system is unknown: backup age: /in/heartbeat/nightly has never been called")
    assert next(row.split()[:5] for row in rows if "late boats" in row)[0::4] == ["healthy", "12"]
    assert next(row.split()[0] for row in rows[1:] if "pier" in row) == "healthy"
    told = ferry("health", "--json").json
    assert {each["metric"]: each["value"] for each in told["readings"]} == {
        "late boats": 12.0, "pier": 1.0, "backup age": None,
    }  # fmt: skip
    assert told["health"]["state"] == "unknown"


def test_health_of_the_last_reading_reads_nothing(ferry: Server) -> None:
    """The same words without a new reading, for who may only look."""
    ferry("health")
    done = ferry("health", "--last")
    assert done.code == 1
    assert "The system is unknown: backup age" in done.out
    assert ferry("health", "--last", "--json").json["state"] == "unknown"


def test_a_criterion_is_confirmed_by_the_number_that_is_shown_or_by_its_words(ferry: Server) -> None:
    """The list, the command and the timeline count alike, so that nobody confirms another one than they mean."""
    for how in ("2", "harbour"):
        ref = ferry("incident", "declare", "--scenario", "boarding").out.split()[0]
        shown = ferry("incident", "show", ref).out
        assert "The harbour has confirmed  nobody has said so yet" in shown
        assert next(line.split()[0] for line in shown.splitlines() if "The harbour has confirmed" in line) == "2"
        done = ferry("incident", "confirm-criterion", ref, how, "--why", "they phoned")
        assert done.code == 0, done.err
        assert "confirmed recovery criterion 2" in ferry("incident", "timeline", ref).out
    wrong = ferry("incident", "confirm-criterion", ref, "0", "--why", "they phoned")
    assert (wrong.code, "has no recovery criterion 0. There are 2." in wrong.err) == (1, True)


def test_rules_lists_thresholds_and_where_they_end(tmp_path: Path) -> None:
    """Without a configuration nothing measures them; the data is the same as JSON."""
    folder = folder_with_runbook(tmp_path / "ferry", BOOK)
    done = here("runbook", "rules", "shop.md", cwd=folder)
    assert done.code == 0
    assert "Late boats > 50 %" in done.out
    (late, empty) = here("runbook", "rules", "shop.md", "--json", cwd=folder).json["rules"]
    assert (late["ends"], late["for_seconds"], late["signal"]) == ("< 20", 600, None)
    assert (empty["ends"], empty["for_seconds"], empty["line"]) == ("", 0, 13)


def test_rules_for_prometheus_say_what_is_left_out(tmp_path: Path) -> None:
    """The file on stdout, the count on stderr; exit code 1 where no rule could be written."""
    folder = folder_with_runbook(tmp_path / "ferry", BOOK)
    done = here("runbook", "rules", "shop.md", "--prometheus", cwd=folder)
    assert (done.code, "groups: []" in done.out, "0 rules" in done.err or "no rules" in done.err) == (1, True, True)
    (folder / "tocsin.toml").write_text(
        '[signals."late boats"]\nprobe = "prometheus"\nurl = "http://127.0.0.1:9090"\nquery = "late"\n'
    )
    done = here("runbook", "rules", "shop.md", "--prometheus", cwd=folder)
    assert done.code == 0
    assert "for: 600s" in done.out
    assert "# Not here: shop.md line 13: Empty berths > 7" in done.out
    assert here("runbook", "rules", "shop.md", "--prometheus", "--json", cwd=folder).code == 2


@pytest.mark.parametrize(("clear", "ends"), [(10, "<= 10"), (60, "its own number (clear = 60 is on the wrong side")])
def test_an_end_on_the_wrong_side_is_said(tmp_path: Path, clear: int, ends: str) -> None:
    """It is left out, and not silently."""
    table = f'[signals."late boats"]\nprobe = "heartbeat"\nname = "a"\nclear = {clear}\n'
    folder = folder_with_runbook(tmp_path / "ferry", BOOK, table)
    (late, _) = here("runbook", "rules", "shop.md", "--json", cwd=folder).json["rules"]
    assert late["ends"].startswith(ends)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("clear = true", "clear: True is not a number"), ("clear = nan", "not a number"),
        ('no_data = "zero"', "'zero' is not one of keep, clear, say, fire"), ('resend = "0s"', "resend"),
        ('keep_firing_for = "long"', "keep_firing_for"), ('every = "0s"', "too short"), ("timeout = 5", "timeout"),
    ],
)  # fmt: skip
def test_a_signal_s_own_keys_are_checked(tmp_path: Path, line: str, says: str) -> None:
    """Each fault names its place."""
    folder = folder_with_runbook(
        tmp_path / "ferry", BOOK, f'[signals."late boats"]\nprobe = "heartbeat"\nname = "a"\n{line}\n'
    )
    done = here("runbook", "rules", "shop.md", cwd=folder)
    assert done.code == 2
    assert '[signals."late boats"]' in done.err
    assert says in done.err
