"""Sets and doubts in the terminal: everything is shown before anything is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Server, folder_with_runbook, running
from tests.house import until

BOOK = """\
# Incidents of the ticket shop

## Severities

| Severity | Meaning |
|---|---|
| P1 | Nobody can buy |

## Scenario 1: Checkout fails

**Severity:** P1

### Diagnosis
1. How full is the disk? `df -h`

### Mitigation
1. Tell `echo <mountpoint>`
2. Mark the release:
```bash
touch begun; echo half of it; while [ ! -e go ]; do sleep 0.1; done
```

### Rollback
```bash
# Take the mark away
rm -f begun
# Say so
touch undone
```
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a rollback to ask for."""
    folder = folder_with_runbook(tmp_path_factory.mktemp("sets"), BOOK, '[target]\nworkdir = "."\ntimeout = "60s"\n')
    with running(folder) as found:
        yield found


def test_a_set_is_asked_for_shown_and_allowed(shop: Server) -> None:
    """Every command with its verdict and target stands there before the answer."""
    ref = shop.declare()
    asked = shop("incident", "approve-set", ref)
    assert asked.code == 0, asked.err
    for words in ("1 of 2", "    rm -f begun", "2 of 2", "    touch undone", "what does not go well stops the rest"):
        assert words in asked.err.replace("What", "what"), words
    line = next(line for line in shop("approvals").out.splitlines() if line.startswith(ref))
    assert "2 commands" in line
    done = shop("approve", ref, "--yes")
    assert (done.code, "    touch undone" in done.err) == (0, True)
    until((shop.folder / "undone").exists, 20)


def test_steps_are_named_by_words_in_any_order(shop: Server) -> None:
    """As JSON it is the incident."""
    ref = shop.declare()
    told = shop("incident", "request-set", ref, "say so", "take the mark", "--go-on", "--json").json
    (approval,) = told["approvals"].values()
    assert [each["command"] for each in approval["members"]] == ["touch undone", "rm -f begun"]
    assert approval["go_on"] is True
    assert shop("deny", ref, "--why", "not now").code == 0
    again = shop("incident", "approve-set", ref, "--branch", "moon")
    assert (again.code, "moon" in again.err) == (1, True)


def test_nothing_in_doubt_is_said_so(shop: Server) -> None:
    """Looking is no error; answering is."""
    ref = shop.declare()
    seen = shop("incident", "settle", ref)
    assert (seen.code, "Nothing is in doubt" in seen.err) == (0, True)
    assert shop("incident", "settle", ref, "--happened").code == 1
    assert shop("incident", "settle", ref, "--happened", "--undo").code == 2


def test_a_killed_server_s_doubt_is_looked_at_and_undone(tmp_path: Path) -> None:
    """What it printed until then is shown; undoing asks, and when that has run, the doubt is over."""
    config = '[target]\nworkdir = "."\ntimeout = "60s"\n'
    folder = folder_with_runbook(tmp_path / "shop", BOOK, config)
    with running(folder) as server:
        ref = server.declare()
        assert server("incident", "run", ref, "mark the release").code == 0
        assert server("approve", ref, "--yes").code == 0
        until(lambda: "half of it" in server("incident", "output", ref, "mark the release").out, 20)
        server.process.kill()
        server.process.wait(20)
    (folder / "go").touch()
    with running(folder) as server:
        seen = server("incident", "settle", ref)
        for words in ("Mark the release", "touch begun; echo half of it", "half of it", "Began:", "local: ",
                      "df -h", "rm -f begun"):  # fmt: skip
            assert words in seen.out, (words, seen.out)
        assert server("incident", "settle", ref, "--json").json["doubts"][0]["printed"] == "half of it\n"
        asked = server("incident", "settle", ref, "--undo")
        assert (asked.code, "which is in doubt" in asked.err) == (0, True), asked.err
        assert server("approve", ref, "--yes").code == 0
        until(lambda: "is undone" in server("incident", "timeline", ref).out, 20)
        assert not (folder / "begun").exists()


def test_a_server_asked_to_end_during_a_change_waits_for_it(tmp_path: Path) -> None:
    """SIGTERM, and the outcome is on record when the process has ended by itself."""
    folder = folder_with_runbook(tmp_path / "shop", BOOK, '[target]\nworkdir = "."\ntimeout = "60s"\n')
    with running(folder) as server:
        ref = server.declare()
        assert server("incident", "run", ref, "mark the release").code == 0
        assert server("approve", ref, "--yes").code == 0
        until((folder / "begun").exists, 20)
        server.process.terminate()
        with pytest.raises(Exception, match="timed out"):
            server.process.wait(1)
        (folder / "go").touch()
        assert server.process.wait(20) == 0
    with running(folder) as server:
        steps = server("incident", "show", ref, "--json").json["incident"]["steps"]
        assert [state["status"] for key, state in steps.items() if "mitigation" in key] == ["succeeded"]


def test_values_for_a_gap_are_listed_with_their_row_and_as_json(shop: Server) -> None:
    """A person sees the row in which each stands; a program gets the same."""
    ref = shop.declare()
    until(lambda: "Mounted" in shop("incident", "output", ref, "disk").out, 20)
    found = shop("incident", "offers", ref, "--json").json["offers"]
    assert all({"value", "source", "beside"} <= each.keys() for values in found.values() for each in values)
    assert set(found) == {"<mountpoint>"}
    assert shop("incident", "offers", ref).code == 0


def test_a_wait_for_an_approval_names_the_command(shop: Server) -> None:
    """Who asked reads what waits, not the step's id; an ended step is called by its title."""
    ref = shop.declare()
    until(lambda: "Mounted" in shop("incident", "output", ref, "disk").out, 20)
    assert "“How full is the disk?” succeeded" in shop("incident", "output", ref, "disk").err
    asked = shop("incident", "run", ref, "take the mark away")
    assert f"`rm -f begun` waits for an approval: tocsin approve {ref} apr_" in asked.err
