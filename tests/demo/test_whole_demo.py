"""The whole demo, as somebody would run it: a process, its page, its post-mortem, and nothing left behind."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.demo.stagehand import PATIENCE, ROOT, playing
from tocsin.demo import postgres
from tocsin.errors import Unavailable

SEEDS = ROOT.parent / "shared" / "seeds"
LONGEST = 90.0
NUMBERLESS = """# Checkout

## Severity levels

- **P1**: bad
- **P2**: less bad

## Scenario 1: Checkout broken

### Symptoms
- Alert: `CheckoutBroken`

### Mitigation

```bash
# Flip the switch
flipper disable new-checkout
```
"""


def has_postgres() -> bool:
    """Whether a PostgreSQL can be found for the shop."""
    try:
        postgres.find_programs()
    except Unavailable:
        return False
    return True


def ask(address: str, token: str, path: str, body: object = None) -> Any:
    """One request to the demo's own Tocsin."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(address + path, data, headers), timeout=10) as answer:
        return json.loads(answer.read())


def test_unattended_it_goes_from_the_fault_to_the_post_mortem(tmp_path: Path) -> None:
    """`tocsin demo --yes` detects, diagnoses, rolls back, recovers, writes it up and leaves nothing running."""
    with playing(tmp_path / "demo", "--yes") as demo:
        code = demo.end()

    assert code == 0, demo.story()
    assert demo.events[-1]["seconds"] < LONGEST
    told = {event["event"] for event in demo.events}
    assert {"page", "incident", "timeline", "approval", "postmortem", "resolved"} <= told
    assert demo.left_running() == []
    assert list((demo.folder / "pids").iterdir()) == []
    assert not (demo.folder / "data").exists()
    assert_post_mortem((demo.folder / "INC-1-postmortem.md").read_text("utf-8"))
    log = subprocess.run(
        ["git", "log", "--format=%s"], cwd=demo.folder / "shop", capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert log[0] == 'Revert "Give loyal customers a discount"'


def assert_post_mortem(text: str) -> None:
    """It holds the times, who chose which branch, what ran and what that said, who approved, what is to be done."""
    for row in ("detect", "acknowledge", "mitigate", "resolve"):
        assert re.search(rf"\| Time to {row} \| \d+", text), row
    assert "took “If a release went live shortly before”" in text
    assert "git revert --no-edit HEAD" in text
    assert "docker compose restart shop" in text
    assert "[stand-in for docker: acting on the demo's processes]" in text
    assert "ZeroDivisionError" in text
    assert re.search(r"Ben Okoye approved .*Take the newest release back", text)
    assert re.search(r"Around it: Give loyal customers a discount \(\w+\), shop by Rosa", text)
    assert "| Mend the release and cover the case with a test |" in text
    assert "password" not in text
    assert "postgresql://" not in text


@pytest.mark.skipif(not has_postgres(), reason="no PostgreSQL programs here; the demo falls back to SQLite")
def test_the_shop_uses_a_real_postgresql(tmp_path: Path) -> None:
    """Where PostgreSQL can run, the shop's data is in one, and the runbook's psql asks it."""
    with playing(tmp_path / "demo", "--yes") as demo:
        database = demo.until("database")
        demo.until("incident")
        assert "tocsin.demo.lifeline" in demo.arguments
        demo.end(signal.SIGTERM)

    assert database["kind"] == "postgres"
    assert demo.left_running() == []


def test_without_postgresql_the_shop_falls_back_to_sqlite_and_says_so(tmp_path: Path) -> None:
    """No PostgreSQL is a sentence, not an end: the same incident is led over a SQLite file."""
    nothing_found = (
        "import sys, tocsin.demo.postgres as p; p._places = lambda: iter(());"
        "from tocsin.cli.demo import command; command(sys.argv[1:])"
    )
    with playing(tmp_path / "demo", "--yes", python=["-c", nothing_found]) as demo:
        database = demo.until("database")
        code = demo.end()

    assert code == 0, demo.story()
    assert database["kind"] == "sqlite"
    assert "No PostgreSQL is installed here." in database["text"]
    assert "pip install" in database["text"]
    stood_in = [event["names"] for event in demo.events if event["event"] == "standins"]
    assert any("psql" in names.split(", ") for names in stood_in)
    review = (demo.folder / "INC-1-postmortem.md").read_text("utf-8")
    assert "[the shop's data is in SQLite here" in review
    assert re.search(r"^\d+ \| \d+$", review, re.MULTILINE)
    assert demo.left_running() == []


def test_the_same_demo_runs_another_teams_runbook(tmp_path: Path) -> None:
    """Scenario 1 of a real runbook runs end to end: its alert, its branch, its commands by stand-ins, its criterion."""
    seed = next(SEEDS.glob("001_*.txt"), None)
    if seed is None:
        pytest.skip("the example runbooks of ../shared are not here")
    with playing(tmp_path / "demo", "--yes", "--runbook", str(seed)) as demo:
        code = demo.end()

    assert code == 0, demo.story()
    review = (demo.folder / "INC-1-postmortem.md").read_text("utf-8")
    assert "HighErrorRate" in review
    assert "took “If recent deployment”" in review
    ended = [event for event in demo.events if event.get("kind") == "StepFinished"]
    assert [event["status"] for event in ended if "/mitigation/" in event["step"]] == ["succeeded"] * 3
    assert {event["text"].partition(" ")[2] for event in demo.events if event["event"] == "front"}
    assert demo.left_running() == []


def test_a_runbook_without_numbers_is_helped_along_and_that_is_told(tmp_path: Path) -> None:
    """Its alert is posted as monitoring would, a foreign command is not approved, the rollback is done by hand."""
    (tmp_path / "runbook.md").write_text(NUMBERLESS, "utf-8")
    with playing(tmp_path / "demo", "--yes", "--runbook", str(tmp_path / "runbook.md")) as demo:
        code = demo.end()

    assert code == 0, demo.story()
    said = demo.story()
    assert "its alert CheckoutBroken is posted" in said
    assert "nobody is watching, and `flipper` is not the demo's own to run" in said
    assert "taken back by hand" in said
    assert "Alert CheckoutBroken cleared" in said
    assert demo.left_running() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_midway_leaves_nothing_running(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C in the middle of the incident ends everything, with one sentence and exit code 1."""
    with playing(tmp_path / "demo") as demo:
        demo.until("approval")
        code = demo.end(number)

    assert code == 1
    assert demo.events[-1]["text"] == "The demo ended before the incident was resolved."
    assert len(demo.started) >= 2
    assert demo.left_running() == []


def test_even_a_killed_demo_takes_its_processes_with_it(tmp_path: Path) -> None:
    """SIGKILL can't be handled, but the children hold a lifeline that the kernel cuts."""
    with playing(tmp_path / "demo") as demo:
        demo.until("approval")
        demo.end(signal.SIGKILL)

        assert len(demo.started) >= 2
        assert demo.left_running(20) == []
    arguments = " ".join(demo.arguments)
    assert not [folder for folder in re.findall(r"/\S*/tocsin-demo-\w+", arguments) if Path(folder).exists()]


def test_the_page_can_approve_what_the_terminal_does_not(tmp_path: Path) -> None:
    """Without a terminal the demo waits for the page, and goes on by itself once somebody approved there."""
    with playing(tmp_path / "demo") as demo:
        page = demo.until("page")
        address, token = page["address"], page["token"]
        for command in ("git revert --no-edit HEAD", "docker compose restart shop"):
            asked = demo.until("approval")
            assert asked["command"] == command
            answer = {"approval": asked["approval"]}
            ask(address, token, "/api/v1/incidents/INC-1/approve", answer)
        demo.until("serving")
        shown = ask(address, token, "/api/v1/incidents/INC-1")["incident"]
        code = demo.end(signal.SIGINT)

    assert shown["status"] == "resolved"
    assert {approval["granted_by"][0] for approval in shown["approvals"].values()} == {"you"}
    assert code == 0, "it was resolved before Ctrl-C"
    assert demo.left_running() == []


def test_a_person_at_the_terminal_is_asked_and_may_say_no(tmp_path: Path) -> None:
    """On a terminal the exact command is shown and asked about; a "no" runs nothing and ends nothing."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tocsin.cli.demo", "--dir", str(tmp_path / "demo")],
        stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, cwd=ROOT, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"},
    )  # fmt: skip
    os.close(theirs)
    try:
        shown = _read_until(ours, "Approve? [y/N] ")
        os.write(ours, b"n\n")
        shown += _read_until(ours, "It does not run.")
        process.send_signal(signal.SIGINT)
        shown += _read_until(ours, "before the incident was resolved.")
        code = process.wait(PATIENCE)
    finally:
        os.close(ours)
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE)

    assert "git revert --no-edit HEAD" in shown
    assert "1. A shop that works" in shown
    assert code == 1
    log = subprocess.run(["git", "log", "--format=%s", "-1"], cwd=tmp_path / "demo" / "shop", capture_output=True)
    assert log.stdout == b"Give loyal customers a discount\n"


def _read_until(terminal: int, words: str) -> str:
    text = ""
    while words not in text:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            piece = b""
        assert piece, f"the demo ended before {words!r}:\n{text}"
        text += piece.decode("utf-8", "replace")
    return text


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    """Two demos don't share a folder; the second one says so and the first one goes on."""
    with playing(tmp_path / "demo") as first:
        first.until("page")
        with playing(tmp_path / "demo") as second:
            assert second.end() == 1
        assert b"A demo runs in" in second.errors
        assert first.process.poll() is None
        first.end(signal.SIGTERM)

    assert first.left_running() == []


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    """`--port` of somebody else: the sentence names it, and all that had been started is ended."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with playing(tmp_path / "demo", "--yes", "--port", str(port)) as demo:
            code = demo.end()

    assert code == 1
    assert f"Port {port} on 127.0.0.1 is in use.".encode() in demo.errors
    assert b"Traceback" not in demo.errors
    assert demo.left_running() == []
