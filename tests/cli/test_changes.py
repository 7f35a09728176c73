"""`tocsin change` and `tocsin incident context`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.terminal import Server, folder_with_runbook, running

BOOK = """# Ferry runbook

## Severity Levels

- **P1 (High)**: nobody crosses
- **P2 (Medium)**: crossings are late

## Scenario 1: Boarding is slow

### Symptoms
- Late boats > 50%
"""
CONFIG = """
[signals."late boats"]
probe = "command"
command = ["echo", "60 boats"]
every = "1h"
[signals."affected users"]
probe = "command"
command = ["echo", "340"]
every = "1h"
"""


@pytest.fixture(scope="module")
def ferry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that was told of nothing yet."""
    with running(folder_with_runbook(tmp_path_factory.mktemp("ferry"), BOOK, CONFIG)) as found:
        yield found


def test_what_is_added_is_listed(ferry: Server) -> None:
    """The newest first, narrowed by its words and its time; data on stdout, words on stderr."""
    assert ferry("change", "list", "--words", "nothing like it").err.startswith("Nothing was told")
    assert ferry("change", "add", "v42 deployed", "--where", "pier", "--kind", "deployment").code == 0
    added = ferry("change", "add", "timeout raised", "--at", "2026-01-01T00:00:00Z", "--json")
    assert (added.json["what"], added.json["kind"]) == ("timeout raised", "change")

    day = ferry("change", "list")
    assert "v42 deployed" in day.out and "pier" in day.out and "timeout" not in day.out
    longer = ferry("change", "list", "--since", "520w", "--json").json["changes"]
    assert [each["what"] for each in longer] == ["v42 deployed", "timeout raised"]
    assert "timeout raised" in ferry("change", "list", "--since", "520w", "--words", "RAISED").out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", " "), "Nothing says what was changed"),
        (("add", "x", "--at", "noon"), "not a time with a zone"),
        (("add", "x", "--link", "ftp://x"), "not an address"),
        (("list", "--since", "long"), "not a duration"),
        (("list", "--limit", "0"), "limit"),
    ],
)
def test_what_can_t_be_is_refused(ferry: Server, words: tuple[str, ...], says: str) -> None:
    """With exit code 2 and a sentence."""
    done = ferry("change", *words)
    assert done.code == 2 and says in done.err and not done.out


def test_the_context_of_an_incident_is_printed(ferry: Server) -> None:
    """People, values, changes with their distance; the same as JSON; an incident that there is not is exit code 1."""
    at = (datetime.now(UTC) - timedelta(minutes=3)).isoformat()
    ferry("change", "add", "v43 deployed", "--at", at)
    ferry("incident", "declare", "Boats are late", "--scenario", "boarding", "--severity", "P1")
    incidents = ferry("incident", "list", "--json").json["incidents"]
    ref = next(each["incident"]["id"] for each in incidents if each["incident"]["title"] == "Boats are late")

    said = ferry("incident", "context", ref)

    assert said.code == 0
    assert "340 users" in said.out and "60 %" in said.out and "> 50 % crossed" in said.out
    assert "min" in next(line for line in said.out.splitlines() if "v43 deployed" in line)
    assert sum(line.startswith("→") for line in said.out.splitlines()) == 1
    told = ferry("incident", "context", ref, "--json").json
    assert told["changes"][0]["nearest"] is True
    assert ferry("incident", "context", "INC-99").code == 1
