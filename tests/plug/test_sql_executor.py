"""The SQL executor on a real PostgreSQL and on a SQLite file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.house import until
from tests.servers import PostgresServer
from tocsin.core.run import Outcome
from tocsin.errors import Invalid, TocsinError, Unrunnable
from tocsin.executors.sql import Sql
from tocsin.plug.kinds import Job, Secret
from tocsin.plug.registry import bind, secrets_of, whereabouts


def job(statement: str, *, proved: bool = True, limit: float = 20.0, **more: object) -> Job:
    return Job(
        kind="sql", command=statement, plan=None, env={}, workdir="/", timeout=timedelta(seconds=limit), proved=proved,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def run(executor: Sql, work: Job, cancel: threading.Event | None = None) -> Outcome:
    return executor.run(work, lambda piece: None, cancel or threading.Event())


@pytest.fixture(scope="module")
def bakery(postgres_server: PostgresServer) -> Iterator[str]:
    """A database with three loaves and a role that may read and write them; its address as that role."""
    name = postgres_server.new_database()
    with psycopg.connect(postgres_server.url(name), autocommit=True) as connection:
        connection.execute("create table loaves (n int, kind text)")
        connection.execute("insert into loaves values (1, 'rye'), (20, 'wheat'), (300, null)")
        connection.execute("create role baker login")
        connection.execute("grant all on loaves to baker")
    yield postgres_server.url(name).replace("postgres@", "baker@")
    with psycopg.connect(postgres_server.url(name), autocommit=True) as connection:
        connection.execute("drop owned by baker; drop role baker")
    postgres_server.drop_database(name)


@pytest.fixture
def sql(bakery: str) -> Sql:
    """The executor for it."""
    return Sql(url=Secret(bakery))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The same three loaves in a SQLite file."""
    path = tmp_path / "bakery.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table loaves (n int, kind text)")
        connection.execute("insert into loaves values (1, 'rye'), (20, 'wheat'), (300, null)")
    connection.close()
    return path


TABLE = """\
  n  | kind
-----+-------
   1 | rye
  20 | wheat
 300 |
(3 rows)
"""


class TestPostgres:
    pytestmark = pytest.mark.postgres

    def test_a_read_is_printed_as_psql_prints_it(self, sql: Sql) -> None:
        """Numbers to the right, NULL as nothing, the count below."""
        outcome = run(sql, job("SELECT n, kind FROM loaves ORDER BY n"))
        assert (outcome.status, outcome.exit_code, outcome.output) == ("succeeded", 0, TABLE)

    @pytest.mark.parametrize(
        "statement",
        [
            "INSERT INTO loaves VALUES (4)",
            "SET TRANSACTION READ WRITE; INSERT INTO loaves VALUES (4)",
            "WITH gone AS (DELETE FROM loaves RETURNING n) SELECT * FROM gone",
        ],
    )
    def test_what_a_verdict_overlooked_is_stopped_by_the_session(self, sql: Sql, statement: str) -> None:
        """The second wall stands even where the first one let something through."""
        outcome = run(sql, job(statement))
        assert outcome.status == "failed"
        assert "read-only" in outcome.note or "must be set before any query" in outcome.note
        assert "(3 rows)" in run(sql, job("SELECT n FROM loaves")).output

    def test_a_superuser_is_refused_for_proved_reads(self, bakery: str) -> None:
        """Unless the team says that it knows."""
        url = Secret(bakery.replace("baker@", "postgres@"))
        with pytest.raises(Unrunnable, match="postgres is a superuser"):
            run(Sql(url=url), job("SELECT 1"))
        assert run(Sql(url=url, superuser=True), job("SELECT 1")).status == "succeeded"

    def test_an_approved_statement_runs_once_outside_of_a_transaction(self, sql: Sql) -> None:
        """VACUUM refuses to run inside one; per cent signs and quotes arrive as they are."""
        assert run(sql, job("VACUUM loaves", proved=False)).output.endswith("VACUUM\n")
        run(sql, job("INSERT INTO loaves VALUES (5, '100%s \"it''s\"')", proved=False))
        assert '100%s "it\'s"' in run(sql, job("SELECT kind FROM loaves WHERE n = 5")).output
        run(sql, job("DELETE FROM loaves WHERE n = 5", proved=False))
        assert run(sql, job("SELECT n FROM loaves WHERE n = 5")).output == " n\n---\n(0 rows)\n"

    def test_a_fault_is_the_databases_own_sentence(self, sql: Sql) -> None:
        """In the output and as the note."""
        outcome = run(sql, job("SELECT x FROM loaves"))
        assert (outcome.status, outcome.exit_code) == ("failed", 1)
        assert outcome.note == 'column "x" does not exist'
        assert outcome.output.startswith('ERROR:  column "x" does not exist')

    def test_the_limit_ends_a_statement_in_the_database_too(self, sql: Sql, bakery: str) -> None:
        """An approved one as well: nothing goes on behind our back."""
        for proved in (True, False):
            outcome = run(sql, job("SELECT pg_sleep(30), 'dough'", proved=proved, limit=0.5))
            assert outcome.status in ("timed_out", "failed"), outcome
            assert outcome.seconds < 5
        with psycopg.connect(bakery) as connection:
            asked = "select count(*) from pg_stat_activity where query like '%dough%' and state = 'active'"
            found = connection.execute(f"{asked} and pid <> pg_backend_pid()").fetchone()
        assert found == (0,)

    def test_cancelling_ends_it(self, sql: Sql) -> None:
        """At once."""
        cancel = threading.Event()
        threading.Timer(0.2, cancel.set).start()
        outcome = run(sql, job("SELECT pg_sleep(30)"), cancel)
        assert outcome.status == "cancelled"
        assert outcome.seconds < 5

    def test_a_connection_that_breaks_under_a_change_is_no_outcome(
        self, sql: Sql, postgres_server: PostgresServer
    ) -> None:
        """Nobody knows whether it happened, so nothing is claimed."""
        faults: list[BaseException] = []

        def change() -> None:
            try:
                run(sql, job("SELECT pg_sleep(30), 'crumbs'", proved=False))
            except Exception as fault:  # noqa: BLE001
                faults.append(fault)

        thread = threading.Thread(target=change)
        thread.start()
        with psycopg.connect(postgres_server.url(), autocommit=True) as admin:
            end = (
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where query like '%crumbs%' and pid <> pg_backend_pid()"
            )
            until(lambda: admin.execute(end).fetchone())
        thread.join(10)
        assert len(faults) == 1
        assert not isinstance(faults[0], Unrunnable)

    def test_a_large_result_is_cut_without_being_fetched(self, bakery: str) -> None:
        """A hundred million rows cost neither time nor room."""
        outcome = run(Sql(url=Secret(bakery), rows=2), job("SELECT generate_series(1, 100000000) AS n"))
        assert outcome.status == "succeeded"
        assert outcome.output.endswith(" 1\n 2\n(the first 2 rows; the others were not fetched)\n")
        assert outcome.seconds < 5

    def test_a_lock_is_not_waited_for(self, bakery: str) -> None:
        """A look must never queue up behind what is stuck, and others behind it."""
        with psycopg.connect(bakery) as holder:
            holder.execute("lock table loaves in access exclusive mode")
            outcome = run(Sql(url=Secret(bakery), lock_timeout=timedelta(seconds=0.2)), job("SELECT n FROM loaves"))
        assert outcome.note == "canceling statement due to lock timeout"

    def test_a_database_that_is_not_there_was_sent_nothing(self) -> None:
        """So the step may be asked for again."""
        with pytest.raises(Unrunnable, match="can't be reached"):
            run(Sql(url=Secret("postgresql://baker@127.0.0.1:1/x")), job("SELECT 1", proved=False))


class TestSqlite:
    def test_reads_and_changes(self, file: Path) -> None:
        """The same table; a change is counted."""
        sql = Sql(url=Secret(f"sqlite://{file}"))
        assert run(sql, job("SELECT n, kind FROM loaves ORDER BY n")).output == TABLE
        assert run(sql, job("DELETE FROM loaves WHERE n > 1", proved=False)).output == "2 rows changed\n"
        assert "(1 row)" in run(sql, job("SELECT n FROM loaves")).output

    def test_a_read_neither_writes_nor_makes_a_file(self, file: Path) -> None:
        """Opened read-only, whatever the statement is."""
        outcome = run(Sql(url=Secret(f"sqlite://{file}")), job("DELETE FROM loaves"))
        assert (outcome.status, outcome.exit_code) == ("failed", 1)
        assert "readonly" in outcome.note
        missing = file.with_name("other.db")
        for proved in (True, False):
            with pytest.raises(Unrunnable, match="can't be opened"):
                run(Sql(url=Secret(f"sqlite://{missing}")), job("SELECT 1", proved=proved))
        assert not missing.exists()

    def test_the_limit_and_cancelling_end_it(self, file: Path) -> None:
        """A statement without an end."""
        endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c"
        sql = Sql(url=Secret(f"sqlite://{file}"))
        assert run(sql, job(endless, limit=0.3)).status == "timed_out"
        cancel = threading.Event()
        threading.Timer(0.2, cancel.set).start()
        assert run(sql, job(endless), cancel).status == "cancelled"

    def test_two_statements_are_refused_before_the_first(self, file: Path) -> None:
        """One approval, one statement."""
        sql = Sql(url=Secret(f"sqlite://{file}"))
        with pytest.raises(Unrunnable, match="one statement"):
            run(sql, job("DELETE FROM loaves; DELETE FROM loaves", proved=False))
        assert "(3 rows)" in run(sql, job("SELECT n FROM loaves")).output


def test_where_it_is_told_without_the_password() -> None:
    """Host, database and user are part of what is approved; the password is masked everywhere."""
    sql = bind(Sql, {"url": "postgresql://ba%6Ber:not-a-real-one@db.example.org:5433/bread"}, "x")
    assert dict(whereabouts(sql)) == {"host": "db.example.org:5433", "database": "bread", "user": "baker"}
    assert secrets_of(sql) == ("postgresql://ba%6Ber:not-a-real-one@db.example.org:5433/bread",)


@pytest.mark.parametrize("settings", [{"url": "mysql://x/y"}, {"url": "sqlite:///x", "rows": 0}, {}])
def test_a_wrong_setting_is_refused_at_the_start(settings: dict[str, object]) -> None:
    """Not in the incident."""
    with pytest.raises(Invalid):
        bind(Sql, settings, "x")


def test_a_command_of_a_shell_is_not_for_a_database(file: Path) -> None:
    """Nothing is sent."""
    shell = Job(kind="shell", command="ls", plan=None, env={}, workdir="/", timeout=timedelta(seconds=1))
    with pytest.raises(TocsinError, match="not a statement"):
        run(Sql(url=Secret(f"sqlite://{file}")), shell)
