"""Commands that mean no good: each ends by its limit at the latest, and the server stays as it was.

| command | ends as | what is shown |
|---|---|---|
| never ends, with children, some in a session of their own | timed out, all of them gone | what it printed until then |
| never ends although it is asked to | timed out, killed | what it printed until then |
| prints a gigabyte | succeeded | its first and last part; memory flat |
| prints NUL only, escape sequences, no UTF-8 | succeeded | only what can be shown |
| does not exist, kills itself, leaves a child | failed, failed, succeeded | the reason |
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bad_input.node import CONFIG, RUNBOOK, Node, node
from tests.house import until

LIMIT = 2.0
SCRIPTS = {
    "endless.sh": (
        "echo begun\nsh -c 'echo $$ >> pids; exec sleep 600' &\n"
        "setsid sh -c 'echo $$ >> pids; exec sleep 600' > /dev/null 2>&1 &\n"
        "echo $$ >> pids\nsleep 600\n"
    ),
    "stubborn.sh": "trap '' TERM INT HUP\necho $$ >> pids\necho begun\nwhile true; do sleep 0.2; done\n",
    "gigabyte.sh": "echo the first line\nyes tocsin | head -c 1000000000\necho\necho the last line\n",
    "nul.sh": "head -c 3000000 /dev/zero\n",
    "escapes.sh": "printf '\\033[2J\\033[31mred\\033[0m \\033]0;stolen title\\007\\033]8;;http://evil\\007link\\007\\n'\n",
    "noise.sh": "printf '\\377\\376\\303( \\355\\240\\200 \\302\\205ok\\n'\n",
    "suicide.sh": "echo begun\nkill -9 $$\n",
    "leftover.sh": "sh -c 'echo $$ >> pids; exec sleep 600' &\necho done\n",
}
BOOK = RUNBOOK.replace(
    "## Escalation",
    "### Mitigation\n\n```bash\n"
    + "".join(f"# Run {name}\nsh {name}; exit $?\n\n" for name in SCRIPTS)
    + "# Run missing\n./missing.sh && touch x\n```\n\n## Escalation",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the scripts lie."""
    made = tmp_path_factory.mktemp("commands")
    for name, text in SCRIPTS.items():
        (made / name).write_text(text, "utf-8")
    return made


@pytest.fixture(scope="module")
def ours(folder: Path) -> Iterator[Node]:
    """One node with an open incident, whose target gives a command two seconds."""
    with in_incident(folder, f"{LIMIT:g}s") as made:
        yield made
        made.is_well()


@contextlib.contextmanager
def in_incident(folder: Path, limit: str) -> Iterator[Node]:
    """A node with an open incident, whose target gives a command so long."""
    config = CONFIG + f'[target]\nworkdir = "."\ntimeout = "{limit}"\n'
    with node(folder, runbook=BOOK, config=config) as made:
        made.fire("SwitchStuck")
        made.incident("SwitchStuck")
        yield made


@pytest.fixture(autouse=True)
def no_process_is_left(folder: Path) -> Iterator[None]:
    """Whatever a failing test leaves is ended by its id."""
    yield
    for pid in pids(folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    (folder / "pids").unlink(missing_ok=True)


def pids(folder: Path) -> list[int]:
    """The processes that the scripts said they are."""
    file = folder / "pids"
    return [int(word) for word in file.read_text("ascii").split()] if file.exists() else []


def alive(pid: int) -> bool:
    """Whether a process still does something; one that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def run(ours: Node, script: str, seconds: float = 30) -> dict[str, object]:
    """Order a step, approve it and wait for its end; its state, with how long that took."""
    parts = ours.get("/api/v1/incidents/INC-1")["parts"]
    words = [(each["step"]["id"], each["command"] or "") for part in parts for each in part["steps"]]
    (step,) = [name for name, command in words if script in command]
    asked = ours.ask("POST", "/api/v1/incidents/INC-1/request_step", {"step": step}).json()
    before = time.monotonic()
    answer = ours.ask("POST", "/api/v1/incidents/INC-1/approve", {"approval": asked["steps"][step]["approval"]})
    assert answer.status_code == 200, answer.text

    def ended() -> dict[str, object] | None:
        state: dict[str, object] = ours.get("/api/v1/incidents/INC-1")["incident"]["steps"][step]
        return None if state["status"] in ("queued", "running") else state

    state = until(ended, seconds)
    return {**state, "took": time.monotonic() - before, "step": step}


def printed(ours: Node, state: dict[str, object]) -> str:
    """All that is kept of what a run printed, as the page shows it."""
    with ours.signed_in(ours.token) as browser:
        answer = browser.get(f"/incidents/INC-1/runs/{state['run']}/output")
        assert answer.status_code == 200
        page = browser.get("/incidents/INC-1")
        assert (page.status_code, "Traceback" in page.text) == (200, False)
        return answer.text


@pytest.mark.parametrize("script", ["endless.sh", "stubborn.sh"])
def test_a_command_that_never_ends_is_ended_with_all_that_it_started(script: str, ours: Node, folder: Path) -> None:
    """At its limit and a little; what it printed is kept, and the timeline says why it ended."""
    state = run(ours, script)

    assert (state["status"], state["took"] < LIMIT + 6) == ("timed_out", True), state
    assert "not done within its time limit of 2 s; it was ended" in str(state["note"])
    assert printed(ours, state).startswith("begun\n")
    started = pids(folder)
    assert len(started) == (3 if script == "endless.sh" else 1)
    until(lambda: not any(map(alive, started)), 5)
    assert any("timed out" in line and "time limit of 2 s" in line for line in ours.lines("INC-1", "StepFinished"))


def test_a_gigabyte_leaves_the_memory_as_it_was(tmp_path: Path) -> None:
    """Its beginning and end are kept with the number of bytes between; meanwhile pages answer within moments."""
    (tmp_path / "gigabyte.sh").write_text(SCRIPTS["gigabyte.sh"], "utf-8")
    with in_incident(tmp_path, "60s") as ours:
        before, most, slowest = ours.memory, [0], [0.0]
        ended = threading.Event()

        def watch() -> None:
            while not ended.is_set():
                begun = time.monotonic()
                ours.get("/api/v1/incidents")
                slowest.append(time.monotonic() - begun)
                most.append(ours.memory)

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            state = run(ours, "gigabyte.sh", 60)
        finally:
            ended.set()
            watching.join()
        text = printed(ours, state)
        live = ours.ask("GET", f"/api/v1/incidents/INC-1/steps/{state['step']}/output")
        after = ours.memory
        ours.is_well()

    assert state["status"] == "succeeded", state
    assert text.startswith("the first line\ntocsin\n") and text.endswith("\nthe last line\n")
    (left_out,) = re.findall(r"… ([\d,]+) bytes left out …", text)
    assert 990_000_000 < int(left_out.replace(",", "")) < 1_000_000_000
    assert max(most) - before < 64 and after - before < 64, f"{before} MiB, at most {max(most)}, then {after}"
    assert max(slowest) < 5
    assert len(live.content) < 8_000_000


@pytest.mark.parametrize(
    ("script", "shown"),
    [("nul.sh", ""), ("escapes.sh", "red link\n"), ("noise.sh", "\ufffd\ufffd\ufffd( \ufffd\ufffd\ufffd ok\n")],
)
def test_what_can_t_be_shown_is_not(script: str, shown: str, ours: Node) -> None:
    """No control character, no escape sequence and no NUL reaches a page, the API or a terminal."""
    state = run(ours, script)
    text = printed(ours, state)

    assert (state["status"], text) == ("succeeded", shown)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
    shown_by_cli = ours.server("incident", "timeline", "INC-1")
    assert shown_by_cli.code == 0
    assert "\x1b" not in shown_by_cli.out


def test_a_command_that_is_not_there_says_so(ours: Node) -> None:
    """It failed, and what the shell said is kept."""
    state = run(ours, "missing.sh")

    assert (state["status"], state["exit_code"]) == ("failed", 127)
    assert "missing.sh" in printed(ours, state)


def test_a_command_that_is_killed_says_by_what(ours: Node) -> None:
    """Its end is told as it was."""
    state = run(ours, "suicide.sh")

    assert state["status"] == "failed"
    assert re.search(r"SIGKILL|exit 137", str(state["note"]))
    assert printed(ours, state).startswith("begun\n")


def test_a_child_that_is_left_behind_is_not_waited_for(ours: Node) -> None:
    """The command has ended; that something still holds its output is noted."""
    state = run(ours, "leftover.sh")

    assert (state["status"], state["took"] < LIMIT) == ("succeeded", True), state
    assert "a background process still held the output" in str(state["note"])
    assert printed(ours, state) == "done\n"
