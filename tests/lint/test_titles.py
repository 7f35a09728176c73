"""Titles that say one thing over a command that does the other."""

from __future__ import annotations

import pytest

from tests.lint.looking import fenced, found, problems
from tocsin.lint.titles import CHECKS


@pytest.mark.parametrize(
    ("title", "command"),
    [
        ("Check release", "npx convex deploy -y"),
        ("Check the schema", "npx prisma db pull"),
        ("Verify the oven", "docker restart oven"),
        ("Show sessions", 'psql -c "DELETE FROM sessions"'),
        ("Comprobar el horno", "docker restart oven"),
        ("Prüfe den Ofen", "docker restart oven"),
        ("检查烤箱", "docker restart oven"),
        ("オーブンを確認", "docker restart oven"),
    ],
)
def test_a_title_that_promises_a_look_over_a_command_that_acts_is_found(title: str, command: str) -> None:
    """The finding quotes the title and says what the command does."""
    (problem,) = problems(CHECKS, fenced(command, title=title))
    assert (problem.line, problem.code) == (9, "misleading-title")
    assert title in problem.message


@pytest.mark.parametrize(
    ("title", "command"),
    [
        ("Check the oven", "docker ps"),
        ("Check and restart the oven", "docker restart oven"),
        ("Check the oven, restart it if cold", "docker restart oven"),
        ("Restart the oven", "docker restart oven"),
        ("Check the bread", "./bake --check"),
        ("View logs", "docker logs oven > oven.log"),
        ("Check DNS", "kubectl run probe --rm -i --image=busybox -- nslookup oven"),
        ("Verify token", "curl -X POST https://oven.example/introspect -d token=x"),
        ("Check the dump", "pg_restore --list menu.dump"),
    ],
)
def test_an_honest_title_is_no_finding(title: str, command: str) -> None:
    """It reads, it says so, nothing is proved, or the change is beside the point."""
    assert found(CHECKS, fenced(command, title=title)) == []


def test_a_query_that_acts_among_the_steps_that_look_is_found() -> None:
    """``SELECT pg_reload_conf()`` under Diagnosis with a neutral title."""
    text = fenced('psql -c "SELECT pg_reload_conf();"', title="Settings of the database")
    assert found(CHECKS, text) == [(9, "misleading-title")]


def test_a_query_that_acts_under_mitigation_is_no_finding() -> None:
    """There it does what one expects."""
    text = fenced('psql -c "SELECT pg_reload_conf();"', title="Read the settings again", stage="Mitigation")
    assert found(CHECKS, text) == []


def test_explain_analyze_of_an_unknown_statement_is_found() -> None:
    """It runs the statement; EXPLAIN alone, and ANALYZE of a SELECT, don't matter."""
    text = fenced('psql -c "EXPLAIN ANALYZE <statement>;"', title="Plans")
    assert found(CHECKS, text) == [(9, "misleading-title")]
    assert found(CHECKS, fenced('psql -c "EXPLAIN <statement>;"', title="Plans")) == []
    assert found(CHECKS, fenced('psql -c "EXPLAIN ANALYZE SELECT 1;"', title="Plans")) == []


@pytest.mark.parametrize(
    ("title", "command"),
    [
        ("Add an index for the loaves", 'psql -c "SELECT indexname FROM pg_indexes"'),
        ("Restart the oven", "docker ps"),
        ("Neustart: Ofen neu starten", "docker ps"),
        ("重启烤箱", "docker ps"),
    ],
)
def test_a_title_that_promises_a_change_over_commands_that_only_read_is_found(title: str, command: str) -> None:
    """Every command under it reads."""
    assert found(CHECKS, fenced(command, title=title, stage="Mitigation")) == [(9, "misleading-title")]


@pytest.mark.parametrize(
    ("title", "commands"),
    [
        ("Restart the oven", "docker ps\ndocker restart oven"),
        ("Restart status", "docker ps"),
        ("Restart the oven in the dashboard, then check", "docker ps"),
        ("Restart the oven", "./oven.sh again"),
        ("Deployment list", "docker ps"),
    ],
)
def test_a_title_whose_change_is_there_or_elsewhere_is_no_finding(title: str, commands: str) -> None:
    """One of its commands acts or may act, a person acts, or the words only name something."""
    assert found(CHECKS, fenced(commands, title=title, stage="Mitigation")) == []
