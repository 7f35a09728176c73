"""The real amtool and the real Prometheus against a real server. Where a program is missing its tests are skipped."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.web import house
from tests.web.serving import Serving, eventually

RULES = """
groups:
- name: lighthouse
  interval: 1s
  rules:
  - alert: LampOut
    expr: vector(1) > 0
    labels: {tower: north}
    annotations: {summary: "The lamp reads {{ $value }}"}
"""
SCRAPER = """
global: {evaluation_interval: 1s}
rule_files: [rules.yml]
alerting:
  alertmanagers:
  - scheme: http
    %s
    static_configs: [{targets: ["127.0.0.1:%d"]}]
"""
CREDENTIALS = {
    "authorization": f"authorization: {{credentials: {house.TOKENS['agent']}}}",
    "basic_auth": f"basic_auth: {{username: prometheus, password: {house.TOKENS['agent']}}}",
}


def program(name: str) -> str:
    """Where a program is; the test is skipped where it is missing."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


class Amtool:
    """amtool, told where the server is and with whose token."""

    def __init__(self, server: Serving, role: str) -> None:
        self._program = program("amtool")
        self._server = server
        self._config = server.folder / f"amtool-{role}.yml"
        self._config.write_text(f"basic_auth: {{username: amtool, password: {house.TOKENS[role]}}}\n")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            [
                self._program, *words, f"--alertmanager.url={self._server.url}",
                f"--http.config.file={self._config}", "--no-version-check",
            ],
            capture_output=True, text=True, timeout=30, cwd=self._server.folder, env={"HOME": str(self._server.folder)},
        )  # fmt: skip

    def say(self, *words: str) -> str:
        """What it prints, where it must succeed."""
        done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def json(self, *words: str) -> Any:
        """What it prints as JSON."""
        return json.loads(self.say(*words, "-o", "json"))


def test_amtool_adds_an_alert_and_finds_it(server: Serving) -> None:
    """`amtool alert add` declares an incident, `amtool alert query` shows the alert by its labels."""
    amtool = Amtool(server, "responder")
    amtool.say("alert", "add", "LampOut", "tower=north", "--annotation=summary=It is dark")
    eventually(lambda: server.get("/api/v1/incidents")["incidents"], "The declaration")
    (found,) = eventually(lambda: amtool.json("alert", "query", "LampOut"), "The listing")

    assert found["labels"] == {"alertname": "LampOut", "tower": "north"}
    assert found["annotations"] == {"summary": "It is dark"}
    assert amtool.json("alert", "query", "tower=~no.*")[0]["status"]["state"] == "active"
    assert amtool.json("alert", "query", "tower=south") == []
    assert "LampOut" in amtool.say("alert", "query")
    amtool.say("alert", "add", "LampOut", "tower=north", "--end=2020-01-01T00:00:00Z", "--start=2019-01-01T00:00:00Z")
    assert eventually(lambda: amtool.json("alert", "query", "LampOut") == [], "The end")


def test_amtool_adds_queries_updates_and_expires_a_silence(server: Serving) -> None:
    """What is silenced declares nothing and is shown with `-s` only."""
    amtool = Amtool(server, "responder")
    name = amtool.say(
        "silence", "add", "HornSilent", "tower=~n.*", "--comment=new horn", "--author=ana", "-d1h"
    ).strip()
    amtool.say("alert", "add", "HornSilent", "tower=north")
    (found,) = eventually(lambda: amtool.json("alert", "query", "-s"), "The listing")

    assert found["status"]["silencedBy"] == [name]
    assert amtool.json("alert", "query", "-a") == []
    assert server.get("/api/v1/incidents") == {"incidents": []}
    (listed,) = amtool.json("silence", "query")
    assert (listed["id"], listed["createdBy"], listed["comment"]) == (name, "ana", "new horn")
    assert amtool.say("silence", "update", "--duration=2h", "--comment=still", name)
    assert [one["comment"] for one in amtool.json("silence", "query")] == ["still"]
    amtool.say("silence", "expire", name)
    assert amtool.json("silence", "query") == []
    assert [one["id"] for one in amtool.json("silence", "query", "--expired")] == [name]
    assert amtool.json("alert", "query", "-a")[0]["labels"]["alertname"] == "HornSilent"


def test_amtool_is_told_what_it_may_not_do(server: Serving) -> None:
    """An agent's token posts alerts and reads; it silences nothing. A configuration can be shown."""
    agent = Amtool(server, "agent")

    refused = agent.run("silence", "add", "LampOut", "--comment=x", "--author=x")
    assert refused.returncode != 0
    assert "403" in refused.stderr, refused.stderr
    assert "receiver: tocsin" in agent.say("config", "show")
    assert Amtool(server, "viewer").run("alert", "add", "LampOut").returncode != 0
    stranger = Amtool(server, "viewer")
    stranger._config.write_text("basic_auth: {username: amtool, password: not-a-token-of-anybody}")
    assert "401" in stranger.run("alert", "query").stderr
    assert server.get("/api/v2/alerts") == []


def test_a_silence_of_amtool_says_whose_token_made_it(server: Serving) -> None:
    """amtool lets anybody write any author; whoever looks for a page that did not come finds who it really was."""
    amtool = Amtool(server, "responder")
    amtool.say("silence", "add", "LampOut", "--comment=new bulb", "--author=root", "-d1h")
    (listed,) = server.get("/api/v1/silences")["silences"]
    assert listed["created_by"].startswith("root (with the token of ")
    assert amtool.json("silence", "query")[0]["createdBy"] == "root"


@contextmanager
def prometheus(folder: Path, port: int, credentials: str) -> Iterator[None]:
    """A Prometheus with one rule that fires, which sends to ``port``."""
    (folder / "rules.yml").write_text(RULES)
    (folder / "prometheus.yml").write_text(SCRAPER % (credentials, port))
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [
                program("prometheus"), f"--config.file={folder / 'prometheus.yml'}", "--log.level=warn",
                f"--storage.tsdb.path={folder / 'tsdb'}", "--web.listen-address=127.0.0.1:0",
                "--rules.alert.resend-delay=1s",
            ],
            stdout=log, stderr=log, env={**os.environ, "NO_PROXY": "127.0.0.1"},
        )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


@pytest.mark.parametrize("way", CREDENTIALS)
def test_prometheus_sends_straight_to_us(server: Serving, way: str) -> None:
    """A rule that fires in a real Prometheus becomes an incident, and the alert ends when Prometheus falls silent."""
    with prometheus(server.folder, server.port, CREDENTIALS[way]):
        (found,) = eventually(lambda: server.get("/api/v1/incidents")["incidents"], "The declaration", 60)

    (alert,) = server.get("/api/v1/alerts")["alerts"]
    assert found["incident"]["scenario_title"] == "The lamp is out"
    assert alert["annotations"]["summary"] == "The lamp reads 1"
    assert alert["url"].endswith("g0.tab=1")
    assert alert["ends_at"] > alert["updated_at"]
