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


LONG = "p" * 70
MADE = [
    ("(select 1 as loaves) p", "loaves", "rye"),
    ("(select 1 loaves, 2 as rye) as p", "rye", "loaf"),
    ("(values (1, 2)) p", "column2", "column3"),
    ("(values (1)) as p(rye)", "rye", "column1"),
    ("((select 1 as rye)) p", "rye", "loaf"),
    ("((values (1))) as p(rye)", "rye", "column1"),
    ("((select 1 as rye) a cross join (select 2 as loaf) b) p", "loaf", "a"),
    ("(select * from (select 1 as rye) a join (values (1)) as b(loaf) on true) p", "loaf", "column1"),
    ("(select a.* from (select 1 as rye) a, (select 2 as loaf) b) p", "rye", "loaf"),
    ("(select 1 as rye union all select 2 as loaf) p", "rye", "loaf"),
    ("(with q as (select 1 as rye) select * from q) p", "rye", "q"),
    ("(with recursive q(rye) as (values (1)) select * from q limit 1) p", "rye", "column1"),
    ("(select count(*) from (select 1) q) p", "count", "rye"),
    ("(select q.rye::text from (select 1 as rye) q) p", "rye", "text"),
    ("(select case when true then 1 else q.rye end from (select 1 as rye) q) p", "rye", "q"),
    ("(select 1) o, lateral (select 1 as rye) p", "rye", "o"),
    ('(select 1 as "Rye") p', '"Rye"', "rye"),
    ('(select 1 as rye) "p"', "RYE", '"RYE"'),
    ("(select 1 as rye) P", "rye", "loaf"),
]
"""What stands in FROM, a column that it has, and one that it hasn't."""


@pytest.mark.postgres
@pytest.mark.parametrize(("source", "column", "other"), MADE)
def test_columns_that_stand_in_the_text_are_those_of_the_server(
    database: PostgresServer, source: str, column: str, other: str
) -> None:
    """Of a query's own rows a column is read, and any other name is a call, as that of `row_to_json` here."""
    assert ask(database, f"select p.{column} from {source}").returncode == 0
    assert classify("sql", f"select p.{column} from {source}").word == "read"
    assert ask(database, f"select p.row_to_json from {source}").stdout.startswith("{")
    assert "does not exist" in ask(database, f"select p.{other} from {source}").stderr
    for name in (other, "row_to_json", "purge"):
        assert classify("sql", f"select p.{name} from {source}").word == "unknown"
        assert classify("sql", f"select 1 from {source} where (p . {name}) is null").word == "unknown"
        assert classify("sql", f"select row_number() over (order by p.{name}) from {source}").word == "unknown"
        assert classify("sql", f"select count(*) filter (where p.{name} > 0) from {source}").word == "unknown"
        assert classify("sql", f"select 1 from {source} having bool_or(p.{name})").word == "unknown"


@pytest.mark.postgres
@pytest.mark.parametrize(
    "query",
    [
        "with p as (select 1 as rye) select p.{} from p",
        "with p(rye) as (select 1) select q.{} from p as q",
        "with p as (values (1)), q as (select * from p) select q.{} from q",
        "with recursive p as (select 1 as rye union all select p.rye + 1 from p where rye < 3) select p.{} from p",
        f"select {LONG}2.{{}} from (select 1 as rye) {LONG}1",
        'select "p""".{} from (select 1 as rye) "p"""',
        "select (select p.{} from (select 1 as rye) p)",
        "select 1 as rye order by (select p.{}::text from (select 1 as loaf) p)",
    ],
)
def test_no_other_way_of_naming_a_row_hides_the_call(database: PostgresServer, query: str) -> None:
    """The server prints the row as JSON, so the name was a function's."""
    assert ask(database, query.format("row_to_json")).returncode == 0
    assert classify("sql", query.format("row_to_json")).word == "unknown"
    assert classify("sql", query.format("purge")).word == "unknown"


@pytest.mark.postgres
@pytest.mark.parametrize("source", ["(select * from generate_series(0, 0)) p", "(table pg_database) p"])
def test_the_row_of_what_is_not_in_the_text_is_that_of_a_table(database: PostgresServer, source: str) -> None:
    """No function of the server takes it, so its columns stay readable."""
    assert "does not exist" in ask(database, f"select p.pg_sleep from {source}").stderr
    assert classify("sql", f"select p.orders from {source}").word == "read"


def test_two_parts_of_one_name_prove_nothing() -> None:
    """Which of them is meant depends on where it stands."""
    text = "with a as (with q as (select 1 as rye) select * from q), q as (select 2 as loaf) select a.loaf from a"
    assert classify("sql", text).word == "unknown"
