"""Commands that print secrets, open doors, or name no target."""

from __future__ import annotations

import pytest

from tests.lint.looking import fenced, found, problems
from tocsin.lint.risks import opens_door, shows_secret, wrong_target


@pytest.mark.parametrize(
    "command",
    [
        "cat .env",
        "cat .env | grep OVEN_KEY",
        "grep DATABASE /srv/oven/.env.production",
        "printenv",
        "env | grep TOKEN",
        "kubectl exec oven-0 -- env",
        "kubectl get secret oven -o yaml",
        "echo $OVEN_API_KEY",
        "aws secretsmanager get-secret-value --secret-id oven",
        'psql -c "SELECT name, password FROM bakers"',
    ],
)
def test_a_command_that_prints_a_secret_is_found(command: str) -> None:
    """Settings files, environments, secret stores, columns."""
    assert found([shows_secret], fenced(command)) == [(9, "shows-secret")]


@pytest.mark.parametrize(
    "command",
    [
        "cat .env.example",
        "cat .env | cut -d= -f1",
        "cat .env | grep NODE_ENV",
        "env | grep -c OVEN",
        "grep -c '^OVEN_KEY=.' .env",
        "env | grep LANG",
        "kubectl get secret oven",
        "kubectl get secret oven -o jsonpath='{.data.tls\\.crt}' | base64 -d | openssl x509 -noout -dates",
        "OVEN_KEY=$(kubectl get secret oven -o jsonpath='{.data.key}') bake",
        "echo done",
        'psql -c "SELECT count(*) FROM bakers WHERE password IS NULL"',
        'psql -c "SELECT sum(tokens_used) FROM calls"',
    ],
)
def test_a_command_that_asks_without_printing_is_no_finding(command: str) -> None:
    """Names only, counts, a public certificate, a harmless variable."""
    assert found([shows_secret], fenced(command)) == []


@pytest.mark.parametrize(
    ("command", "level"),
    [
        ("supabase functions deploy bake --no-verify-jwt", "error"),
        ("chmod -R 777 /srv/oven", "error"),
        ("sudo ufw disable", "error"),
        ("setenforce 0", "error"),
        ('psql -c "ALTER TABLE recipes DISABLE ROW LEVEL SECURITY"', "error"),
        ('curl -sk -H "Authorization: Bearer $KEY" https://oven.example/doors', "warning"),
        ("kubectl get pods --insecure-skip-tls-verify", "warning"),
    ],
)
def test_a_command_that_switches_a_protection_off_is_found(command: str, level: str) -> None:
    """Authentication, permissions, firewalls; certificates that nobody looks at are a warning."""
    (problem,) = problems([opens_door], fenced(command, stage="Mitigation"))
    assert (problem.line, problem.code, problem.level) == (9, "opens-door", level)


@pytest.mark.parametrize(
    "command",
    [
        "supabase functions deploy bake",
        "chmod 640 /srv/oven/key",
        "curl -k https://oven.example/health",
        "ufw status",
        "git push --no-verify",
    ],
)
def test_a_command_that_leaves_the_doors_shut_is_no_finding(command: str) -> None:
    """The same programs with harmless words."""
    assert found([opens_door], fenced(command, stage="Mitigation")) == []


def test_commands_without_a_target_are_one_finding_for_each_fence() -> None:
    """A default target is told once for the commands that stand together."""
    text = fenced("npx convex env set BAKE false\nnpx convex env set COOL true", stage="Mitigation")
    assert found([wrong_target], text) == [(9, "wrong-target")]


def test_a_named_target_is_no_finding() -> None:
    """``--prod`` says which one is meant."""
    assert found([wrong_target], fenced("npx convex env set BAKE false --prod", stage="Mitigation")) == []
