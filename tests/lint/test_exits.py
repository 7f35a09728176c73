"""Exit codes that mislead: a search for errors, a health check by curl."""

from __future__ import annotations

import pytest

from tests.lint.looking import fenced, found
from tocsin.lint.exits import CHECKS


@pytest.mark.parametrize(
    "command",
    [
        "docker logs oven --tail 100 | grep ERROR",
        "grep -i exception /var/log/oven.log",
        'journalctl -u oven | grep -E "timeout|refused"',
        "dmesg | grep -i oom",
    ],
)
def test_a_search_for_errors_fails_when_all_is_well(command: str) -> None:
    """grep that finds nothing exits 1."""
    assert found(CHECKS, fenced(command)) == [(9, "misleading-exit")]


@pytest.mark.parametrize(
    "command",
    [
        "docker logs oven | grep ERROR || true",
        "docker logs oven | grep ERROR | wc -l",
        "docker logs oven | grep -q ERROR",
        "docker ps | grep oven",
        "docker logs oven | grep -v error",
        "docker logs oven | grep error-budget-exporter",
        "docker logs -f oven | grep ERROR",
    ],
)
def test_a_search_whose_exit_code_is_right_or_does_not_count_is_no_finding(command: str) -> None:
    """Caught, counted, asked for on purpose, or a search for what should be there."""
    assert found(CHECKS, fenced(command)) == []


@pytest.mark.parametrize(
    ("title", "command"),
    [
        ("See how it does", "curl http://oven.example/health"),
        ("See how it does", "curl -s https://oven.example/api/healthz"),
        ("Check oven status", "curl http://oven.example/v1"),
        ("See how it does", "curl -s http://oven.example/health || echo down"),
    ],
)
def test_curl_as_a_health_check_never_fails(title: str, command: str) -> None:
    """An answer of 503 is exit code 0."""
    assert found(CHECKS, fenced(command, title=title)) == [(9, "misleading-exit")]


@pytest.mark.parametrize(
    "command",
    [
        "curl -f http://oven.example/health",
        "curl -fsS http://oven.example/health",
        "curl --fail http://oven.example/health",
        'curl -s -o /dev/null -w "%{http_code}" http://oven.example/health',
        "curl -I http://oven.example/health",
        "curl -s http://oven.example/health | jq .state",
        "curl https://status.example.com/api/v2/status.json",
        "curl http://oven.example/metrics",
    ],
)
def test_curl_that_fails_or_shows_the_status_is_no_finding(command: str) -> None:
    """--fail, the status in the output, another program that judges, or no health check at all."""
    assert found(CHECKS, fenced(command)) == []


def test_the_same_command_is_told_once() -> None:
    """A health check that stands in every scenario is one finding, at its first place."""
    text = fenced("curl http://oven/health") + "\n### Verification\n\n```bash\ncurl http://oven/health\n```\n"
    assert found(CHECKS, text) == [(9, "misleading-exit")]
