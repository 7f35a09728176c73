"""SQLite's own troubles: full and failing disks, other processes, files that are none."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tests.store.making import NOW, declare
from tocsin.errors import Invalid, Refused, Unavailable
from tocsin.store import incidents
from tocsin.store.db import Database, Tx, open_database
from tocsin.store.hold import hold
from tocsin.store.migrate import migrate

PUT = "insert into counters (name, value) values (:name, 1)"
NAMES = "select name from counters order by name"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tocsin.db"


@pytest.fixture
def db(file: Path) -> Iterator[Database]:
    opened = open_database(str(file), patience=timedelta(seconds=0.2))
    migrate(opened, NOW)
    yield opened
    opened.close()


def _names(db: Database) -> list[str]:
    return [row["name"] for row in db.read(lambda tx: tx.all(NAMES))]


def _block_writer(db: Database) -> tuple[threading.Event, Future[None], ThreadPoolExecutor]:
    """Hold the writer inside a function until the event is set, so that others gather behind it."""
    inside, go = threading.Event(), threading.Event()

    def waits(tx: Tx) -> None:
        inside.set()
        assert go.wait(30)

    pool = ThreadPoolExecutor(1)
    blocked = pool.submit(db.write, waits)
    assert inside.wait(30)
    return go, blocked, pool


def test_writes_that_wait_together_share_one_commit(db: Database, file: Path) -> None:
    """Of 20 functions that gathered, all are one commit: another connection sees the file change once."""
    watcher = sqlite3.connect(file)
    go, blocked, blocker = _block_writer(db)
    with blocker, ThreadPoolExecutor(20) as pool:
        writes = [pool.submit(db.write, lambda tx, i=i: tx.execute(PUT, name=f"n{i}")) for i in range(20)]
        while db._jobs.qsize() < 20:  # type: ignore[attr-defined]
            blocked.exception(0.001) if blocked.done() else os.sched_yield()
        frames = _wal_commits(file)
        go.set()
        blocked.result(30)
        assert [write.result(30) for write in writes] == [1] * 20
    watcher.close()
    assert _wal_commits(file) - frames == 1


def _wal_commits(file: Path) -> int:
    """Commits in the log: its frames whose "size after commit" is not zero (sqlite.org/fileformat2.html)."""
    log = file.with_name(file.name + "-wal").read_bytes()
    page = int.from_bytes(log[8:12], "big")
    salt = log[16:24]
    frames = range(32, len(log) - 24, 24 + page)
    return sum(1 for at in frames if log[at + 8 : at + 16] == salt and log[at + 4 : at + 8] != b"\0\0\0\0")


def test_a_write_that_never_got_its_turn_stored_nothing(db: Database) -> None:
    """A timeout in the queue is Unavailable, and the function is never run afterwards."""
    go, blocked, pool = _block_writer(db)
    with pool:
        with pytest.raises(Unavailable, match="too busy; nothing was stored"):
            db.write(lambda tx: tx.execute(PUT, name="late"), timeout=timedelta(milliseconds=20))
        go.set()
        blocked.result(30)
    db.write(lambda tx: tx.execute(PUT, name="next"))
    assert _names(db) == ["next"]


def test_a_write_inside_a_write_is_named_as_the_mistake_it_is(db: Database) -> None:
    """The writer can't wait for itself; the mistake is told at once and the store goes on."""
    with pytest.raises(RuntimeError, match="pass the transaction on"):
        db.write(lambda tx: db.write(lambda inner: inner.execute(PUT, name="a")))
    db.write(lambda tx: tx.execute(PUT, name="b"))
    assert _names(db) == ["b"]


def test_a_full_disk_is_told_and_the_store_goes_on_when_there_is_space(db: Database) -> None:
    """Everybody whose write did not fit hears a sentence; what was stored stays; later writes work."""
    db.write(lambda tx: tx.execute(PUT, name="before"))
    pages = db.write(lambda tx: tx.one("pragma page_count"))
    assert pages is not None
    db.write(lambda tx: tx.all(f"pragma max_page_count = {pages[0] + 3}"))

    def fill(i: int) -> str:
        try:
            db.write(lambda tx: tx.execute(PUT, name=f"{i}" + "x" * 3000))
        except Unavailable as error:
            return error.message
        return "stored"

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(fill, range(64)))
    assert "The disk is full; nothing of this was stored." in answers
    assert set(answers) <= {"stored", "The disk is full; nothing of this was stored."}
    assert len(_names(db)) == 1 + answers.count("stored")
    db.write(lambda tx: tx.all("pragma max_page_count = 100000"))
    db.write(lambda tx: tx.execute(PUT, name="after"))
    assert {"before", "after"} <= set(_names(db))


def test_a_swallowed_full_disk_does_not_let_half_a_function_through(db: Database) -> None:
    """After SQLite gave up the transaction, the rest of the function must not commit by itself."""
    pages = db.write(lambda tx: tx.one("pragma page_count"))
    assert pages is not None
    db.write(lambda tx: tx.all(f"pragma max_page_count = {pages[0]}"))

    def swallows(tx: Tx) -> None:
        try:
            tx.execute(PUT, name="big" + "x" * 50_000)
        except Unavailable:
            tx.execute(PUT, name="small")

    with pytest.raises(Unavailable, match="disk is full"):
        db.write(swallows)
    db.write(lambda tx: tx.all("pragma max_page_count = 100000"))
    assert _names(db) == []


_LIMITED = """
import resource, sys
from pathlib import Path
from tocsin.errors import Unavailable
from tocsin.store.db import open_database
db = open_database(sys.argv[1])
put = "insert into counters (name, value) values (:name, 1)"
db.write(lambda tx: tx.execute(put, name="before"))
wal = Path(sys.argv[1] + "-wal")
resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size + 1000, resource.RLIM_INFINITY))
for name in ("refused one", "refused two"):
    try:
        db.write(lambda tx: tx.execute(put, name=name))
        print("stored?!")
    except Unavailable as error:
        print(error.message)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
db.write(lambda tx: tx.execute(put, name="after"))
print(*(row["name"] for row in db.read(lambda tx: tx.all("select name from counters order by name"))), sep=",")
db.close()
"""


def test_a_commit_that_the_disk_refuses_stores_nothing_and_the_next_one_works(db: Database, file: Path) -> None:
    """The operating system refuses to let the log grow (a real EFBIG in the commit): a sentence, then recovery."""
    db.close()
    done = subprocess.run([sys.executable, "-c", _LIMITED, str(file)], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    refused = "The disk failed to read or write the database."
    assert done.stdout.splitlines() == [refused, refused, "after,before"]


_LOCKER = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("begin immediate")
print("locked", flush=True)
sys.stdin.readline()
held.execute("rollback")
held.close()
print("free", flush=True)
"""


def test_another_process_that_holds_the_lock_is_named_in_a_sentence(db: Database, file: Path) -> None:
    """While another process writes, we say so instead of hanging, reading goes on, and then so does writing."""
    with subprocess.Popen(
        [sys.executable, "-c", _LOCKER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(Unavailable, match="The database is locked by another process"):
            db.write(lambda tx: tx.execute(PUT, name="a"))
        assert _names(db) == []
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "free\n"
    db.write(lambda tx: tx.execute(PUT, name="b"))
    assert _names(db) == ["b"]


def test_who_is_due_is_found_by_index(db: Database) -> None:
    """The question of the ticker does not read the whole table."""
    plan = db.read(lambda tx: tx.all("explain query plan " + incidents._DUE, now=NOW, limit=5))
    assert "incidents_wake" in " ".join(str(row["detail"]) for row in plan)


def test_somebody_elses_client_meets_the_same_triggers(db: Database, file: Path) -> None:
    """The file itself refuses to change a timeline, whoever opens it."""
    db.write(declare)
    other = sqlite3.connect(file, timeout=5)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute("delete from timeline")
    other.close()


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """A wrong file is Invalid and keeps its bytes."""
    file = tmp_path / "notes.md"
    file.write_text("# Notes\n" * 200)
    with pytest.raises(Invalid, match="not a SQLite database"):
        open_database(str(file))
    assert file.read_text() == "# Notes\n" * 200


def test_a_database_is_for_its_owner_only(db: Database, file: Path) -> None:
    """Nobody else may read the file or its log."""
    modes = {part.name: part.stat().st_mode & 0o077 for part in file.parent.iterdir()}
    assert modes == dict.fromkeys(modes, 0)
    assert len(modes) >= 2


_HOLDER = """
import sys
from pathlib import Path
from tocsin.store.hold import hold
held = hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_second_engine_is_refused_until_the_first_is_gone_however_it_went(tmp_path: Path) -> None:
    """The refusal names the process; SIGKILL frees the lock."""
    lock = tmp_path / "tocsin.lock"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Refused, match=f"process {other.pid} holds"):
            hold(lock)
        other.kill()
        other.wait(30)
    with hold(lock), pytest.raises(Refused, match=f"process {os.getpid()} holds"):
        hold(lock)
    hold(lock).release()


def test_a_lock_in_a_folder_that_is_not_there_is_invalid(tmp_path: Path) -> None:
    """A wrong place is told in a sentence."""
    with pytest.raises(Invalid, match="can't be opened"):
        hold(tmp_path / "no" / "tocsin.lock")
