"""Probes of this machine and of databases: SQL on both kinds, programs, logs, heartbeats."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.servers import PostgresServer
from tocsin.errors import Unread
from tocsin.plug import logs
from tocsin.plug.kinds import Secret
from tocsin.probes.command import Command
from tocsin.probes.heartbeat import Heartbeat
from tocsin.probes.log import Log
from tocsin.probes.sql import Sql

SOON = timedelta(seconds=5)
MINUTE = timedelta(minutes=1)
STUCK = "select id, begun_at from jobs where state in ('STARTED', 'IN_PROGRESS') and begun_at < {now} - {five}"


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The address of a SQLite file with three jobs, two of them stuck."""
    path = tmp_path / "jobs.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table jobs (id integer, state text, begun_at integer)")
        connection.execute("insert into jobs values (1, 'STARTED', 0), (2, 'IN_PROGRESS', 10), (3, 'DONE', 0)")
    connection.close()
    return f"sqlite://{path}"


class TestSqlOnAFile:
    @pytest.mark.parametrize(
        ("query", "measure", "value"),
        [
            ("select count(*) from jobs", "value", 3), (STUCK.format(now=1000, five=300), "rows", 2),
            ("select id from jobs where id > 9", "rows", 0), ("select '2.5'", "value", 2.5),
        ],
    )  # fmt: skip
    def test_reads_one_number(self, file: str, now: datetime, query: str, measure: Any, value: float) -> None:
        """The only value, or how many rows there are; no row is a number of rows."""
        assert Sql(url=Secret(file), query=query, measure=measure, scale=1).read(now, SOON).value == value

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("select id from jobs where id > 9", "no row"), ("select max(id) from jobs where id > 9", "NULL"),
            ("select id from jobs", "3 rows"), ("select 'x', 2", "no number"),
            ("select state from jobs limit 1", "no number"),
            ("select * from nowhere", "no such table"), ("select 9e999", "inf"),
            ("with x as (select 1) insert into jobs select 4, 'x', 1", "readonly|attempt to write"),
            ("with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n", "interrupted"),
        ],
    )  # fmt: skip
    def test_whatever_else_has_no_value(self, file: str, now: datetime, query: str, message: str) -> None:
        """Nothing, NULL, several, words, faults, an attempt to write and an endless query each end in a sentence."""
        with pytest.raises(Unread, match=message):
            Sql(url=Secret(file), query=query).read(now, timedelta(seconds=0.2))
        assert Sql(url=Secret(file), query="select count(*) from jobs").read(now, SOON).value == 3

    def test_further_columns_stand_beside_the_number(self, file: str, now: datetime) -> None:
        """Which jobs they are, not only how many."""
        query = "select count(*), group_concat('job ' || id, ', '), null from jobs where state != 'DONE'"
        reading = Sql(url=Secret(file), query=query).read(now, SOON)
        assert (reading.value, reading.detail) == (2, "job 1, job 2")

    def test_a_file_that_is_not_there_is_not_made(self, tmp_path: Path, now: datetime) -> None:
        """Reading leaves nothing behind."""
        with pytest.raises(Unread, match="There is no file"):
            Sql(url=Secret(f"sqlite://{tmp_path}/gone.db"), query="select 1").read(now, SOON)
        assert not list(tmp_path.iterdir())


@pytest.mark.postgres
class TestSqlOnAServer:
    @pytest.fixture
    def reader(self, postgres_server: PostgresServer) -> str:
        """The address of a database with jobs, for a role that is no superuser."""
        name = postgres_server.new_database()
        with psycopg.connect(postgres_server.url(name), autocommit=True) as connection:
            connection.execute("create table jobs (id int, state text, begun_at timestamptz)")
            connection.execute(
                "insert into jobs values (1, 'STARTED', now() - interval '1 hour'), (2, 'STARTED', now())"
            )
            if not connection.execute("select 1 from pg_roles where rolname = 'reader'").fetchone():
                connection.execute("create role reader login")
            connection.execute("grant all on all tables in schema public to reader")
        return postgres_server.url(name).replace("postgres@", "reader@")

    def test_stuck_jobs_are_counted(self, reader: str, now: datetime) -> None:
        """What a runbook calls stuck is a query; the rows are named."""
        query = STUCK.format(now="now()", five="interval '5 minutes'")
        reading = Sql(url=Secret(reader), query=query, measure="rows").read(now, SOON)
        assert reading.value == 1
        assert reading.detail.startswith("1, ")
        assert Sql(url=Secret(reader), query="select avg(id) from jobs").read(now, SOON).value == 1.5

    def test_it_never_outlives_its_time(self, reader: str, now: datetime) -> None:
        """The server ends what takes too long."""
        query = "select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b"
        with pytest.raises(Unread, match="statement timeout"):
            Sql(url=Secret(reader), query=query).read(now, timedelta(seconds=0.3))

    def test_a_superuser_is_refused_unless_allowed(self, reader: str, now: datetime) -> None:
        """No transaction holds one back."""
        url = Secret(reader.replace("reader@", "postgres@"))
        with pytest.raises(Unread, match="superuser"):
            Sql(url=url, query="select 1").read(now, SOON)
        assert Sql(url=url, query="select 1", superuser=True).read(now, SOON).value == 1

    def test_nobody_answers(self, now: datetime) -> None:
        """A database that is away has no value, and its password stays out of the sentence."""
        with pytest.raises(Unread) as caught:
            Sql(url=Secret("postgresql://a:hunter-two@127.0.0.1:1/b"), query="select 1").read(now, SOON)
        assert "hunter-two" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("postgresql://a/b", "delete from jobs"), ("postgresql://a/b", "select pg_terminate_backend(1)"),
        ("postgresql://a/b", ""), ("sqlite:///a", "attach 'x' as y"), ("sqlite:///a", ""), ("mysql://a", "select 1"),
    ],
)  # fmt: skip
def test_a_query_that_is_not_proved_to_read_is_refused(url: str, query: str) -> None:
    """A signal is read every few seconds; none of its readings may change anything."""
    with pytest.raises(ValueError, match=r"query|url"):
        Sql(url=Secret(url), query=query)


class TestCommand:
    @pytest.mark.parametrize(
        ("settings", "value"),
        [
            ({"command": ("echo", "depth: 17 jobs")}, 17), ({"command": ("echo", "0.05"), "scale": 100}, 5),
            ({"command": ("printf", "a\nb\n\n"), "measure": "lines"}, 2),
            ({"command": ("echo", '{"q": [1, 2]}'), "measure": "json", "json": "q"}, 2),
            ({"command": ("true",), "measure": "up"}, 1), ({"command": ("false",), "measure": "up"}, 0),
            ({"command": ("false",), "measure": "up", "exits": (0, 1)}, 1),
            ({"command": ("echo", '{"q": "ok"}'), "measure": "up", "json": "q", "expect": "== ok"}, 1),
            ({"command": ("echo", "down"), "measure": "up", "json": "q", "expect": "== ok"}, 0),
            ({"command": ("sh", "-c", "echo 3; exit 1"), "exits": (0, 1)}, 3),
        ],
    )  # fmt: skip
    def test_reads_what_is_printed(self, now: datetime, settings: dict[str, Any], value: float) -> None:
        """A number among words, a place of JSON, lines, or how it ended."""
        assert Command(**settings).read(now, SOON).value == value

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (("false",), "exit 1"), (("echo", "well"), "no number"), (("no-such-program",), "no program"),
            (("sleep", "30"), "did not end within"), (("sh", "-c", "sleep 30 & exec >&-; wait"), "did not end within"),
            (("yes", "1"), "did not end within|too much"), (("sh", "-c", "kill -9 $$"), "SIGKILL"),
        ],
    )  # fmt: skip
    def test_whatever_else_has_no_value(self, now: datetime, words: tuple[str, ...], message: str) -> None:
        """A failure, no number, no program and no end are no data; nothing is left running."""
        with pytest.raises(Unread, match=message):
            Command(command=words).read(now, timedelta(seconds=0.5))

    def test_its_environment_is_what_was_written(self, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing of ours is handed down, and no shell looks at the words."""
        monkeypatch.setenv("OURS", "7")
        script = ("sh", "-c", "echo ${OURS:-0}${THEIRS}")
        assert Command(command=script, env={"THEIRS": Secret("5")}).read(now, SOON).value == 5
        with pytest.raises(Unread, match=r"no number.*\$HOME"):
            Command(command=("echo", "$HOME; rm -rf ~")).read(now, SOON)


class TestLogFile:
    @pytest.fixture
    def book(self, tmp_path: Path) -> Path:
        """A log that already holds an error and half a line."""
        path = tmp_path / "orders.log"
        path.write_bytes(b"old ERROR\nhalf an ERR")
        return path

    def read(self, probe: Log, at: datetime) -> float:
        """The value at a moment."""
        return probe.read(at, SOON).value

    def test_counts_what_is_written_from_now_on(self, book: Path, now: datetime) -> None:
        """Per minute over the window; what stood there before, even the rest of its last line, is not counted."""
        probe = Log(file=str(book), match="ERR", window=timedelta(minutes=2))
        with pytest.raises(Unread, match="no data yet"):
            self.read(probe, now)
        with book.open("ab") as log:
            log.write(b"OR\nERROR one\nfine\nERROR tw")
        assert self.read(probe, now + MINUTE) == 1
        with book.open("ab") as log:
            log.write(b"o\nERROR three\nERROR four\n")
        assert self.read(probe, now + 2 * MINUTE) == 2  # 4 in 2 minutes
        assert self.read(probe, now + 4 * MINUTE) == 0

    @pytest.mark.parametrize("how", ["rename", "truncate", "gap"])
    def test_rotation_loses_nothing(self, book: Path, now: datetime, how: str) -> None:
        """The rest of the old file counts, then the new one from its beginning."""
        probe = Log(file=str(book), match="ERROR", measure="count")
        with pytest.raises(Unread):
            self.read(probe, now)
        if how == "truncate":
            book.write_bytes(b"ERROR new\n")
        else:
            with book.open("ab") as log:
                log.write(b"\nERROR last of the old")
            book.rename(f"{book}.1")
            if how == "gap":
                assert self.read(probe, now + MINUTE) == 0
            book.write_bytes(b"ERROR new\nfine\n")
        assert self.read(probe, now + 2 * MINUTE) == (1 if how == "truncate" else 2)

    def test_a_share_of_the_lines(self, book: Path, now: datetime) -> None:
        """In per cent of all lines, or of those that a second pattern names; of no lines there is none."""
        book.write_bytes(b"")
        share = Log(file=str(book), match="ERROR", measure="share", of="level=")
        with pytest.raises(Unread, match="no data yet"):
            self.read(share, now)
        with pytest.raises(Unread, match="no lines"):
            self.read(share, now + MINUTE)
        book.write_bytes(b"level=ERROR\nlevel=info\nlevel=info\nlevel=info\nERROR in a trace\n")
        assert self.read(share, now + 2 * MINUTE) == 25

    def test_a_flood_is_read_in_bounds(self, book: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
        """The newest bytes count; what is beyond the bound is skipped, and half a line of it too."""
        monkeypatch.setattr(logs, "MOST_BYTES", 100)
        probe = Log(file=str(book), match="ERROR", measure="count")
        with pytest.raises(Unread):
            self.read(probe, now)
        with book.open("ab") as log:
            log.write(b"\n" + b"ERROR 789\n" * 1000)
        assert self.read(probe, now + MINUTE) == 9

    @pytest.mark.parametrize("name", ["gone.log", "."])
    def test_a_file_that_is_none(self, tmp_path: Path, now: datetime, name: str) -> None:
        """What can't be read has no value, and is found when it appears."""
        with pytest.raises(Unread, match="no data"):
            self.read(Log(file=str(tmp_path / name), match="x"), now)

    def test_what_is_printed_counts_over_the_window(self, now: datetime) -> None:
        """A command prints the window's lines itself, on either stream."""
        words = ("sh", "-c", "echo ERROR $0; echo ERROR >&2; echo fine", "{seconds}")
        assert Log(command=words, match=r"ERROR( 300)?$").read(now, SOON).value == 2 / 5
        with pytest.raises(Unread, match="exit 1"):
            Log(command=("false",), match="x").read(now, SOON)


@pytest.mark.parametrize(
    "settings",
    [{"match": "a"}, {"match": "", "file": "a"}, {"match": "(", "file": "a"},
     {"match": "a", "file": "a", "command": ("b",)},     {"match": "a", "file": "b", "window": timedelta(0)}],
)  # fmt: skip
def test_a_log_probe_that_can_t_be_is_refused(settings: dict[str, Any]) -> None:
    """When it is read."""
    with pytest.raises(ValueError, match=r"\."):
        Log(**settings)


class TestHeartbeat:
    def test_seconds_since_it_was_called(self, now: datetime) -> None:
        """Silence that began is a number; a beginning that never was is none."""
        probe = Heartbeat(name="nightly-backup")
        assert probe.heard(now - timedelta(hours=2), now).value == 7200
        assert probe.heard(now + MINUTE, now).value == 0
        with pytest.raises(Unread, match="never been called"):
            probe.read(now, SOON)

    @pytest.mark.parametrize("name", ["", "a/b", "a b", "../x", "é", "x" * 101])
    def test_a_name_that_can_t_stand_in_an_address(self, name: str) -> None:
        """It is refused when it is read."""
        with pytest.raises(ValueError, match="address"):
            Heartbeat(name=name)
