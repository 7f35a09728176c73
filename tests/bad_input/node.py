"""A real Tocsin in a process of its own, what is asked of it, and what it must never do however bad the input is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.cli.terminal import TOKEN, Done, Server, here, running, tocsin
from tests.house import until

PATIENCE = 30.0
NOWHERE = "no.such.host.invalid"
RUNBOOK = """\
# Incidents of the tram line

## Severity levels

- **P1 (High)**: no tram runs
- **P2 (Medium)**: trams are late

## Scenario 1: The switch is stuck

### Symptoms
- Alert: `SwitchStuck`

## Escalation

1. **0-15 min**: On-call engineer
"""
CONFIG = """
[people.ana]
name = "Ana"
[roles]
"on-call engineer" = "ana"
"""


class Node:
    """A running ``tocsin up``, and what it has promised to keep."""

    def __init__(self, server: Server, token: str) -> None:
        self.server, self.token = server, token
        self.kept: set[str] = set()

    @property
    def url(self) -> str:
        """Where it is."""
        return self.server.url

    @property
    def words(self) -> str:
        """What it said on standard error so far."""
        return self.server.words

    @property
    def memory(self) -> int:
        """Its resident memory in MiB."""
        told = Path(f"/proc/{self.server.process.pid}/status")
        found = re.search(r"VmRSS:\s+(\d+) kB", told.read_text("ascii")) if told.exists() else None
        if found is None:
            pytest.skip("there is no /proc here to tell how much memory a process has")
        return int(found[1]) // 1024

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None, **more: Any) -> httpx2.Response:
        """One request as the admin, with another token, or with none where it is empty."""
        token = self.token if token is None else token
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        return httpx2.request(method, self.url + path, headers=headers, timeout=PATIENCE, **more)

    @contextmanager
    def signed_in(self, token: str) -> Iterator[httpx2.Client]:
        """A browser, so to speak, in which somebody has logged in."""
        with httpx2.Client(base_url=self.url, timeout=PATIENCE) as browser:
            answer = browser.post("/login", data={"token": token}, headers={"Origin": self.url})
            assert answer.status_code == 303, answer.text
            yield browser

    def get(self, path: str) -> Any:
        """What it answers the admin, as JSON."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fire(self, name: str, **more: Any) -> httpx2.Response:
        """Send an alert as Prometheus does; a 2xx is a promise that is kept in mind."""
        answer = self.ask("POST", "/api/v2/alerts", [{"labels": {"alertname": name}, **more}])
        if answer.is_success:
            self.kept.add(name)
        return answer

    def alerts(self) -> set[str]:
        """The names of the alerts that it knows."""
        return {alert["labels"].get("alertname", "") for alert in self.get("/api/v1/alerts")["alerts"]}

    def incident(self, alert: str) -> Any:
        """The incident that an alert of this name has begun, as soon as it is there."""

        def look() -> Any:
            found = self.get("/api/v1/incidents")["incidents"]
            names = [{each["name"] for each in one["incident"]["alerts"].values()} for one in found]
            return next((one["incident"] for one, each in zip(found, names, strict=True) if alert in each), None)

        return until(look, PATIENCE)

    def lines(self, ref: str, kind: str) -> list[str]:
        """What the timeline of an incident tells under this kind of entry."""
        entries = self.get(f"/api/v1/incidents/{ref}/timeline")["timeline"]
        return [
            f"{each['line']['title']}. {each['line']['detail']}" for each in entries if each["kind"] == kind
        ]  # fmt: skip

    def ready(self) -> bool:
        """Whether it says that it takes alerts."""
        return self.ask("GET", "/readyz", token="").status_code == 200

    def is_well(self) -> None:
        """It takes alerts, a page answers, nothing that it promised is lost, and it never lost its countenance."""
        until(self.ready, PATIENCE)
        assert self.ask("GET", "/login", token="").status_code == 200
        until(lambda: self.kept <= self.alerts(), PATIENCE)
        assert_calm(self.words)


@contextmanager
def node(
    folder: Path, *options: str, runbook: str = RUNBOOK, config: str = CONFIG, token: str = TOKEN, **variables: str
) -> Iterator[Node]:
    """A node over a folder; at the end it is stopped and must have stayed calm."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tram.md").write_text(runbook, "utf-8")
    (folder / "tocsin.toml").write_text(config, "utf-8")
    with running(folder, "tram.md", *options, **variables) as server:
        made = Node(server, token)
        yield made
        if server.process.poll() is None:
            assert server.end() == 0
        assert_calm(made.words)


def up(*options: str, cwd: Path, own_process: bool = False, **variables: str) -> Done:
    """Try to start what must be refused; if it is not, it ends because nobody can listen on such a host.

    Unless it may hang, the command line runs in this process, which saves the time that its start takes.
    """
    line = ("up", *options, "--host", NOWHERE)
    return tocsin(*line, cwd=cwd, **variables) if own_process else here(*line, cwd=cwd, **variables)


def assert_calm(words: str) -> None:
    """No traceback, neither as text nor inside a line of the log."""
    assert "Traceback" not in words, words
    for line in words.splitlines():
        if line.startswith("{"):
            assert "traceback" not in json.loads(line), line


def assert_refused(done: Done, code: int, *words: str) -> None:
    """A command line that ended with this code, nothing on stdout and one line that says these words on stderr."""
    assert (done.code, done.out) == (code, ""), done
    (line,) = done.err.splitlines()
    assert line.startswith("tocsin: "), line
    missing = [word for word in words if word not in line]
    assert not missing, line
    assert line.endswith((".", "…")), line


def assert_told(answer: httpx2.Response, status: int, *words: str) -> None:
    """An answer with this status that tells these words, and neither a traceback nor a word of our own files."""
    assert answer.status_code == status, answer.text
    text = json.dumps(answer.json(), ensure_ascii=False) if "json" in answer.headers["content-type"] else answer.text
    missing = [word for word in words if word.replace('"', '\\"') not in text and word not in text]
    assert not missing, text
    assert not re.search(r"Traceback|\.py\b|site-packages|object at 0x", text), text
    if answer.headers["content-type"] == "application/problem+json":
        told = answer.json()
        assert told["status"] == status
        assert told["detail"].endswith((".", "…")), told
        assert sentences(told["detail"]) == 1, told


def sentences(text: str) -> int:
    """How many sentences a text has: a full stop, a space and a capital begin another one."""
    return 1 + len(re.findall(r"[.!?] [A-Z]", text))
