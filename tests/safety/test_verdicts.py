"""Commands as they stand in runbooks, with the verdict that a person gave them."""

from __future__ import annotations

import pytest

from tests.safety.commands import CHANGES, READS, UNKNOWNS
from tocsin.safety import classify

SQL_READS = [
    "SELECT 1",
    "SELECT 1;",
    "select now()",
    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'",
    "SELECT pid, now() - query_start AS duration, left(query, 60) FROM pg_stat_activity ORDER BY duration DESC LIMIT 5",
    "SELECT relname, n_dead_tup FROM pg_stat_user_tables ORDER BY n_dead_tup DESC LIMIT 10",
    "SELECT a.pid, b.pid FROM pg_locks a JOIN pg_locks b USING (transactionid) WHERE NOT a.granted AND b.granted",
    "SELECT pg_size_pretty(pg_database_size('shop'))",
    "SELECT status, count(*) FROM jobs WHERE created_at > now() - interval '1 hour' GROUP BY 1 HAVING count(*) > 5",
    "WITH late AS (SELECT * FROM jobs WHERE done IS NULL) SELECT count(*) FROM late",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r",
    "SELECT settings->>'auto' FROM teams LIMIT 3",
    "SELECT extract(epoch FROM now() - query_start)::int FROM pg_stat_activity",
    "SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM t",
    "SELECT count(*) FILTER (WHERE failed) FROM jobs",
    "SELECT DISTINCT ON (a) a FROM t",
    "SELECT 'jobs'::regclass::oid",
    'SELECT * FROM "Jobs" WHERE "createdAt" > now()',
    "SELECT pg_blocking_pids(pid) FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0",
    "SELECT 1 -- a comment\n",
    "/* a comment */ SELECT ';' AS semicolon",
    "SELECT 1; SELECT 2;",
    "VALUES (1), (2)",
    "SHOW max_connections",
    "SHOW ALL",
    "EXPLAIN SELECT * FROM jobs WHERE id = 1",
    "EXPLAIN (COSTS off, FORMAT json) SELECT 1",
    "SELECT * FROM (VALUES (1, 'a')) AS v(id, name)",
    "SELECT jsonb_array_elements(items -> 'loaves') ->> 'name' FROM orders",
    "TABLE ovens",
    "SELECT * FROM orders FETCH FIRST 5 ROWS ONLY",
    "SELECT flour, count(*) FROM loaves GROUP BY ROLLUP (flour)",
    "SELECT * FROM orders TABLESAMPLE SYSTEM (1) LIMIT 5",
    "SELECT format('%s.%s', schemaname, relname) FROM pg_stat_user_tables",
    r"SELECT regexp_replace(query, '\s+', ' ', 'g') FROM pg_stat_activity",
    "SELECT pg_walfile_name(pg_current_wal_lsn()), mxid_age(relminmxid) FROM pg_class",
    "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM orders",
    "SHOW POOLS",
]


@pytest.mark.parametrize(("command", "traits"), READS)
def test_a_command_that_only_reads_is_proved_with_its_traits(command: str, traits: str) -> None:
    """What runbooks look with is recognised, and what is odd about it is said."""
    verdict = classify("shell", command)
    assert verdict.word == "read", verdict.why
    assert set(verdict.traits) == set(traits.split())


@pytest.mark.parametrize(("command", "traits"), READS)
def test_only_a_proved_command_without_gaps_has_a_plan(command: str, traits: str) -> None:
    """A plan is there exactly where it may run by itself."""
    assert (classify("shell", command).plan is None) == ("unbound" in traits)


@pytest.mark.parametrize(("command", "traits"), CHANGES)
def test_a_known_change_is_named_with_its_traits(command: str, traits: str) -> None:
    """A change that is known is never called unknown, and carries no plan."""
    verdict = classify("shell", command)
    assert (verdict.word, verdict.plan) == ("change", None), verdict.why
    assert set(verdict.traits) == set(traits.split())


@pytest.mark.parametrize(("command", "traits"), UNKNOWNS)
def test_what_nobody_can_prove_is_unknown_with_its_traits(command: str, traits: str) -> None:
    """Neither a read nor a known change: it asks a person."""
    verdict = classify("shell", command)
    assert (verdict.word, verdict.plan) == ("unknown", None), verdict.why
    assert set(verdict.traits) == set(traits.split())


@pytest.mark.parametrize("command", SQL_READS)
def test_a_query_that_only_reads_is_proved(command: str) -> None:
    """SQL has a verdict and no plan: it runs in a read-only session, not as processes."""
    verdict = classify("sql", command)
    assert verdict.word == "read", verdict.why
    assert verdict.plan is None


def test_sql_that_shows_secrets_says_so() -> None:
    """A policy above decides about secrets; the verdict only names them."""
    assert classify("sql", "SELECT * FROM pg_shadow").traits == ("secret",)
    assert classify("sql", "SELECT email, password_hash FROM people").traits == ("secret",)


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("docker compose restart api", "`docker compose restart` restarts containers"),
        ("sort --output=f x", "`--output` writes a file"),
        ("psql -c 'TRUNCATE jobs'", "`TRUNCATE` deletes every row"),
        ("frobnicate --now", "`frobnicate` is not a command that we know"),
        ("git log --made-up", "`--made-up` is not an option of `git log`"),
        ("echo $(date)", "`$(…)` runs another command"),
        ("curl http://h/x > m.txt", "`>` writes the file `m.txt`"),
        ("git log --oneline -10", "`git log` lists commits (`--oneline`, `-10` only shape that)"),
        ("psql -c 'SELECT 1'", "`psql` asks the database, the query only reads"),
    ],
)
def test_the_reason_names_the_word_that_decided(command: str, word: str) -> None:
    """A person who reads the reason knows which word to look at."""
    assert word in classify("shell", command).why


def test_listed_placeholders_are_covered_and_leave_no_plan() -> None:
    """A gap is no redirection; the verdict is one on the shape, and is made again when the gap is filled."""
    verdict = classify("shell", "vercel logs [deployment-id] --follow", placeholders=["[deployment-id]"])
    assert (verdict.word, verdict.plan) == ("read", None)
    assert set(verdict.traits) == {"endless", "network", "unbound"}
    assert classify("shell", "vercel logs [deployment-id]").word == "unknown"


def test_a_gap_where_anything_could_stand_proves_nothing() -> None:
    """Whole statements, programs and options may be anything once they are filled in."""
    for command in ("psql -c '<query>'", "<command>", "git <verb>", "jq '<filter>' f", "docker compose <verb> api"):
        assert classify("shell", command).word == "unknown", command


def test_a_setting_is_a_change_and_other_kinds_are_unknown() -> None:
    """Kinds without a command of ours have a verdict too."""
    assert classify("set", "LIMIT=3").word == "change"
    assert classify("manual", "look").word == "unknown"
    assert classify("fish", "ls").word == "unknown"
    assert classify("shell", "").word == "unknown"
    assert classify("shell", "# nothing").word == "unknown"
