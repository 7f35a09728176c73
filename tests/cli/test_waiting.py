"""What waits in the log before the database, as the terminal tells it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.build import NOW, an_alert
from tests.cli.terminal import folder_with_runbook, here
from tests.house import CONFIG
from tocsin.service.intaking import intake_of, records_of
from tocsin.service.opening import open_app

DATABASE = Path("tocsin-data") / "tocsin.db"


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """A folder whose last process ended before it merged three messages."""
    folder = folder_with_runbook(tmp_path / "left", config=CONFIG)
    (folder / "tocsin-data").mkdir()
    app = open_app(runbooks=[], config=None, database=str(folder / DATABASE), environ={})
    try:
        with intake_of(app) as inbox:
            for name in ("One", "Two", "Three"):
                inbox.take(records_of(app, "prometheus", [an_alert(name, updated_at=NOW)]))
    finally:
        app.db.close()
    return folder


def test_the_doctor_says_what_waits(left: Path) -> None:
    """It is no finding: the next start works it off."""
    done = here("doctor", cwd=left)

    assert done.code == 0, done.out
    assert "3 messages of the intake's log wait to be merged" in done.err
    assert here("doctor", "--json", cwd=left).json["waiting"] == 3


def test_the_doctor_says_what_is_damaged_or_missing(left: Path) -> None:
    """Each with its file, and what to do about it."""
    file = left / "tocsin-data" / "tocsin.db.intake-000001.log"
    data = bytearray(file.read_bytes())
    data[data.index(b"Two")] ^= 1
    file.write_bytes(data)
    done = here("doctor", "--json", cwd=left)

    assert done.code == 1
    (finding,) = done.json["findings"]
    assert finding["kind"] == "intake"
    assert "segment 000001 of the intake's log" in finding["message"]
    assert "repeat" in finding["hint"]


def test_the_export_holds_what_waits(left: Path) -> None:
    """An alert that was answered is in it, merged or not."""
    lines = [json.loads(line) for line in here("export", cwd=left).out.splitlines()]
    waiting = [line for line in lines if line["type"] == "waiting"]

    assert [line["alerts"][0]["labels"]["alertname"] for line in waiting] == ["One", "Two", "Three"]
    assert {line["source"] for line in waiting} == {"prometheus"}
