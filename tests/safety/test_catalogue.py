"""What the lists of SQL say about PostgreSQL's own functions is what a real server says."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.servers import PostgresServer, postgres_programs, running_postgres
from tocsin.safety import classify
from tocsin.safety.specs import load_sql

NAMED = """
select proname || ': ' || string_agg(distinct name, ' ')
from pg_proc, unnest(proargnames, proargmodes) as one(name, mode)
where pronamespace = 'pg_catalog'::regnamespace and mode in ('o', 'b', 't')
  and proname = any(string_to_array('{}', ' '))
group by proname
"""


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    programs = postgres_programs()
    if programs is None or shutil.which("psql") is None:
        pytest.skip("PostgreSQL's programs are not installed")
    with running_postgres(programs) as server:
        yield server


def ask(database: PostgresServer, query: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["psql", "-X", database.url(), "-Atc", query], capture_output=True, text=True, check=False)


@pytest.mark.postgres
def test_functions_whose_columns_have_names_of_their_own_are_listed_with_them(database: PostgresServer) -> None:
    """For the others the alias is the column; for these `e.e` would call a function `e`."""
    lines = filter(None, load_sql()["columns"].splitlines())
    pairs = [line.partition(": ") for line in lines]
    listed = {name: set(columns.split()) for names, _, columns in pairs for name in names.split()}
    asked = ask(database, NAMED.format(load_sql()["reading"].replace("\n", " ").strip()))
    real = dict(line.split(": ") for line in asked.stdout.splitlines())
    assert len(real) > 10
    assert not [name for name, columns in real.items() if listed.get(name, set()) - set(columns.split())]
    # `unnest` has named columns for a tsvector only.
    assert {name for name in real if name not in listed} == {"unnest"}


@pytest.mark.postgres
@pytest.mark.parametrize(
    "source",
    [
        "generate_series(0, 0) p",
        "unnest(array[0]) as p",
        'generate_series(0, 0) "p"',
        "rows from (generate_series(0, 0)) p",
        "(generate_series(0, 0) p cross join (select 1) q)",
        "pg_catalog.abs(0) p",
        "lateral generate_series(0, 0) p(n)",
        "coalesce(0) p",
        "cast(0 as int) p",
    ],
)
def test_a_call_without_a_parenthesis_is_one(database: PostgresServer, source: str) -> None:
    """The server calls `pg_sleep(p)` here, and the verdict says so of any name."""
    assert ask(database, f"select p.pg_sleep from {source}").returncode == 0
    assert classify("sql", f"select p.pg_sleep from {source}").word == "unknown"
    assert classify("sql", f"select p.purge from {source}").word == "unknown"


@pytest.mark.postgres
@pytest.mark.parametrize(
    "source",
    ["(select 0) p", "(values (0)) p", "(select * from generate_series(0, 0)) p"],
)
def test_the_row_of_a_subquery_is_no_bare_value(database: PostgresServer, source: str) -> None:
    """No function of the server takes it, so its columns stay readable."""
    assert "does not exist" in ask(database, f"select p.pg_sleep from {source}").stderr
    assert classify("sql", f"select p.orders from {source}").word == "read"
