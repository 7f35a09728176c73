"""Commands at hand, linked runbooks, documents and runs of the system, in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.terminal import Server, folder_with_runbook, running

BOOK = """# Ferry runbook

## Severity Levels

- **P1 (High)**: nobody crosses

## Quick Reference

| Symptom | Action | Command |
|---|---|---|
| The gate hangs | Look at the gate | `ls -d <gate-name>` |
| Nobody can land | Everything back | See "Way Back" |

## Way Back

```bash
# Anchor up
touch anchor

# Bow back
touch bow
```

## Related

- [The pier](./pier.md)
- [The harbour](https://harbour.example.org)
"""
PIER = """# The pier

## Clear it

```bash
# Which system is this
uname -s
```
"""


@pytest.fixture(scope="module")
def ferry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with one incident."""
    folder = folder_with_runbook(tmp_path_factory.mktemp("ferry"), BOOK, "")
    (folder / "pier.md").write_text(PIER, "utf-8")
    with running(folder) as found:
        assert found("incident", "declare", "Nobody crosses").code == 0
        yield found


def test_a_command_is_found_by_its_symptom_and_run_with_its_argument(ferry: Server) -> None:
    """By words on both; what it printed comes on stdout, and a wrong gap is named."""
    listed = ferry("incident", "commands", "INC-1", "gate hangs")
    assert listed.code == 0 and "ls -d <gate-name>" in listed.out and "anchor" not in listed.out
    assert "read" in listed.out and "Quick Reference" in listed.out
    wrong = ferry("incident", "run", "INC-1", "gate hangs", "--value", "bow=.")
    assert wrong.code == 2 and "has no gap" in wrong.err
    ran = ferry("incident", "run", "INC-1", "gate hangs", "--value", "gate-name=pier.md")
    assert (ran.code, ran.out) == (0, "pier.md\n"), ran
    assert ferry("incident", "commands", "INC-1", "no-such-words").err.startswith("No step")


def test_a_row_that_names_a_section_asks_for_all_of_it(ferry: Server) -> None:
    """And the section is listed by words of its title; a wrong one names those that there are."""
    section = ferry("incident", "commands", "INC-1", "--section", "way back", "--json").json
    assert [row["shown"]["step"]["title"] for row in section["rows"]] == ["Anchor up", "Bow back"]
    asked = ferry("incident", "run", "INC-1", "nobody can land")
    assert asked.code == 0 and "2 commands wait for an approval" in asked.err
    nowhere = ferry("incident", "commands", "INC-1", "--section", "moon")
    assert nowhere.code == 1 and "There are: Quick Reference; Way Back" in nowhere.err


def test_documents_are_listed_printed_and_followed(ferry: Server) -> None:
    """A followed runbook's steps are found and run like the incident's own."""
    listed = ferry("incident", "documents", "INC-1")
    assert "./pier.md" in listed.out and "harbour.example.org" in listed.out
    assert ferry("incident", "documents", "INC-1", "1").out == PIER
    assert ferry("incident", "documents", "INC-1", "9").code == 1
    followed = ferry("incident", "follow", "INC-1", "./pier.md")
    assert followed.code == 0 and "The pier is followed" in followed.err
    again = ferry("incident", "follow", "INC-1", "./pier.md")
    assert again.code == 1 and "is followed already" in again.err
    assert "The pier" in ferry("incident", "commands", "INC-1", "which system").out
    assert ferry("incident", "run", "INC-1", "which system").code == 0
    assert "(The pier)" in ferry("incident", "timeline", "INC-1").out


def test_runs_of_the_system_are_told_and_listed(ferry: Server) -> None:
    """By status and words; around the incident, too."""
    assert ferry("traces", "list").err.startswith("No run was told of")
    told = ferry("traces", "add", "run-1", "cross over", "--status", "error", "--seconds", "3", "--error", "fog")
    assert (told.code, told.out) == (0, "kept run-1\n")
    assert "fog" in ferry("traces", "list", "--status", "error").out
    assert ferry("traces", "list", "--status", "ok", "--json").json == {"traces": []}
    assert ferry("traces", "add", "x", "y", "--at", "noon").code == 2
    assert "1 run, 1 failed (100 %)" in ferry("incident", "context", "INC-1").out
