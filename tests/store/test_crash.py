"""Killing the process in the middle of writing, again and again."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from tests.store.making import NOW, note
from tocsin.store import incidents
from tocsin.store.db import open_database
from tocsin.store.migrate import migrate

KILLS = 10


def _write_and_be_killed(file: Path, lines: int) -> dict[str, int]:
    """Kill the writer after so many acknowledgements; returns the last acknowledged version of each incident."""
    acknowledged: dict[str, int] = defaultdict(int)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.crash_writer", str(file)], stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    ) as writer:  # fmt: skip
        assert writer.stdout
        for count, line in enumerate(writer.stdout, 1):
            if count == lines:
                writer.kill()
            if line.endswith("\n"):
                ref, version = line.split()
                acknowledged[ref] = max(acknowledged[ref], int(version))
        assert writer.wait(30) == -9
    return acknowledged


def test_sigkill_in_mid_write_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """After each of ten kills: row ≡ fold, whole moves only, an effect for each, all acknowledged there."""
    file, dice = tmp_path / "tocsin.db", random.Random(7)
    db = open_database(str(file))
    migrate(db, NOW)
    db.close()
    acknowledged: dict[str, int] = {}
    for _ in range(KILLS):
        acknowledged.update(_write_and_be_killed(file, dice.randint(20, 200)))
        db = open_database(str(file))
        refs = db.read(incidents.references)
        faults = [fault for ref in refs for fault in db.read(lambda tx, ref=ref: incidents.verify(tx, ref))]
        versions = {ref: db.read(lambda tx, ref=ref: incidents.versions(tx, ref)) for ref in refs}
        effects = db.read(lambda tx: tx.one("select count(*) from outbox"))
        db.close()
        assert faults == []
        assert {ref: versions.get(ref, 0) for ref, told in acknowledged.items() if versions.get(ref, 0) < told} == {}
        assert [ref for ref, version in versions.items() if version % 2 == 0] == []
        assert effects is not None
        assert effects[0] == sum((version - 1) // 2 for version in versions.values())
    db = open_database(str(file))
    assert db.write(lambda tx: note(tx, refs[0], "and it goes on")).version == versions[refs[0]] + 1
    db.close()
