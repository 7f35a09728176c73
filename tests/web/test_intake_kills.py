"""SIGKILL while alerts pour in: what was answered is there after the next start, and counts once."""

from __future__ import annotations

import json
import signal
import socket
import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.web import house
from tests.web.doors import post
from tests.web.serving import Serving, eventually, serving
from tocsin.core.alert import Alert
from tocsin.core.facts import AlertLinked
from tocsin.service import ingest
from tocsin.store import alerts as alert_store
from tocsin.store import incidents, intake
from tocsin.store.db import open_database
from tocsin.store.intakelog import base_of, waits

SENDERS = 8
BATCH = 3


class Sender(threading.Thread):
    """Sends different alerts on one connection, and remembers which were answered."""

    def __init__(self, port: int, first: int) -> None:
        super().__init__(daemon=True)
        self._port, self._number = port, first
        self.answered: list[int] = []

    def run(self) -> None:
        """Until the connection is lost."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=10) as link:
                while True:
                    numbers = [*range(self._number, self._number + BATCH)]
                    self._number += BATCH
                    told = [{"labels": {"alertname": "LampOut", "lamp": str(number)}} for number in numbers]
                    link.sendall(post(json.dumps(told, separators=(",", ":")).encode()))
                    got = b""
                    while b"\r\n\r\n" not in got:
                        data = link.recv(65536)
                        if not data:
                            return
                        got += data
                    if got.startswith(b"HTTP/1.1 200 "):
                        self.answered += numbers
        except OSError:
            return


def storm(server: Serving, life: int, wanted: int) -> list[int]:
    """Alerts from several senders until so many were answered; then the server is killed."""
    senders = [Sender(server.port, (life * SENDERS + number) * 1_000_000) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    eventually(lambda: sum(len(sender.answered) for sender in senders) >= wanted, f"{wanted} answers")
    server.stop(signal.SIGKILL)
    for sender in senders:
        sender.join()
    return [number for sender in senders for number in sender.answered]


def test_kills_in_mid_storm_lose_nothing_and_count_nothing_twice(tmp_path: Path) -> None:
    """After each of four kills the next life goes on; at the end every answered alert is known and linked once."""
    house.furnish(tmp_path)
    answered: set[int] = set()
    for life, wanted in enumerate((60, 300, 900, 150)):
        with serving(tmp_path) as server:
            answered.update(storm(server, life, wanted))
    with serving(tmp_path) as server:
        eventually(lambda: "tocsin_intake_backlog 0" in server.text("/metrics"), "working it off")
        assert server.stop()[0] == 0
    db = open_database(str(tmp_path / "tocsin.db"))
    try:
        known = {int(alert.labels["lamp"]) for alert in db.read(alert_store.listing)}
        linked = Counter(
            entry.fact.fingerprint
            for ref in db.read(incidents.references)
            for entry in db.read(lambda tx, ref=ref: incidents.timeline(tx, ref))  # type: ignore[misc]
            if isinstance(entry.fact, AlertLinked)
        )
        assert sorted(answered - known) == []
        assert set(linked.values()) == {1}
        assert db.read(lambda tx: intake.failures(tx, 10)) == []
        assert waits(base_of(tmp_path / "tocsin.db"), db.read(intake.place)) == (0, 0, [])
    finally:
        db.close()


def test_a_second_server_on_the_same_files_is_refused(tmp_path: Path) -> None:
    """It says which process has the log, and nothing is mixed up."""
    house.furnish(tmp_path)
    with serving(tmp_path) as first:
        with pytest.raises(AssertionError, match=f"process {first.process.pid}"), serving(tmp_path):
            pass
        assert first.post("/api/v2/alerts", [house.alert()], "agent").status_code == 200


def test_a_huge_backlog_is_worked_off_by_whoever_starts_next(tmp_path: Path) -> None:
    """Twenty thousand words of a killed process, in turns, from where it stood."""
    from tocsin.service.intaking import intake_of, records_of

    house.furnish(tmp_path)
    app = house.enter(tmp_path)
    now = app.clock.now()
    try:
        with intake_of(app) as inbox:
            told = [
                Alert(
                    source="prometheus", labels={"alertname": "LampOut", "lamp": str(n % 500)}, starts_at=now,
                    updated_at=now,
                )
                for n in range(20_000)
            ]  # fmt: skip
            inbox.take(records_of(app, "prometheus", told))
            assert ingest.merge_waiting(app, words=1000) == 10
    finally:
        app.db.close()
    with serving(tmp_path) as server:
        eventually(lambda: "tocsin_intake_backlog 0" in server.text("/metrics"), "working it off")
        assert len(server.get("/api/v1/incidents")["incidents"]) == 1
        assert len(server.get("/api/v2/alerts")) == 500
