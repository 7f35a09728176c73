"""A secret goes in by every door and is printed in every spelling; afterwards nothing that Tocsin has holds it."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.cli.terminal import Server, folder_with_runbook, here, running
from tests.plug.test_spellings import spelled
from tests.web.serving import eventually

SECRET = "Kr4bbe/+ü&\"7'\\x-north"
TOKEN = "ghp_" + "a1B2" * 9
RUNBOOK = """# Incidents of the lighthouse

## Severities

| Severity | Meaning |
|---|---|
| P1 | No light |
| P2 | Weak light |

## The lamp is out

**Severity:** P1
**Alert:** `LampOut`

### Mitigation
**If the fuse is blown:**

```bash
# Change the fuse
python fuse.py
```

## Escalation

1. **0-15 min**: Keeper
"""
CONFIG = """
[people.ana]
notify = ["hook"]
[roles]
"keeper" = "ana"
"on-call" = "ana"
[notifiers.hook]
kind = "webhook"
allow = ["127.0.0.0/8"]
url = "http://127.0.0.1:{port}/"
secret = "whsec_c2lnbmVkLXdpdGgtMDEyMzQ1Njc4OS1hYmNkZWY="
[target]
env = ["LAMP_SECRET"]
path = "{python}"
"""
PROGRAM = """
import json, os, sys, time
for name, text in json.load(open("spelled.json")).items():
    print(f"{name}: [{text}]", flush=True)
print("and in pieces: ", end="", flush=True)
for letter in os.environ["LAMP_SECRET"]:
    print(letter, end="", flush=True)
print("\\nlooked at by everybody", flush=True)
while not os.path.exists("go"):
    time.sleep(0.02)
"""


@contextmanager
def hook() -> Iterator[tuple[int, list[bytes]]]:
    """A receiver of webhooks: its port, and what it was sent."""
    sent: list[bytes] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent.append(repr(self.headers.items()).encode() + self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1], sent
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the runbook and the program that knows the secret in all its spellings."""
    folder_with_runbook(tmp_path, RUNBOOK)
    (tmp_path / "spelled.json").write_text(json.dumps({**spelled(SECRET), "a token": TOKEN}), "utf-8")
    (tmp_path / "fuse.py").write_text(PROGRAM, "utf-8")
    return tmp_path


def by_every_door(client: httpx2.Client, heard: list[bytes]) -> None:
    """Type it, send it, be refused with it."""
    words = f"it is {SECRET} or {spelled(SECRET)['base64, one before']} or {spelled(SECRET)['URL']} with {TOKEN}"
    alert = {"labels": {"alertname": "LampOut", "tower": TOKEN}, "annotations": {"summary": words, "note": SECRET}}
    heard.append(client.post("/api/v2/alerts", json=[alert]).content)
    eventually(lambda: client.get("/api/v1/incidents").json()["incidents"], "The incident")
    for move, body in (
        ("note", {"text": words}), ("post_update", {"text": words, "audience": "everybody"}),
        ("assess", {"severity": "P2", "why": words}), ("hold", {"minutes": 5, "why": words}),
        ("mitigate", {"how": words}), ("assign", {"role": "scribe", "person": SECRET}),
        ("assess", {"severity": SECRET, "why": "x"}), ("escalate", {"to": SECRET, "why": "x"}),
        ("bind", {"placeholder": SECRET, "value": SECRET}), ("request_step", {"step": SECRET}),
        ("note", {SECRET: "x"}), ("reach_phase", {"phase": TOKEN}), (SECRET.replace("/", ""), {}),
        ("close_action", {"action": SECRET}), ("confirm_criterion", {"criterion": 7, "why": SECRET}),
    ):  # fmt: skip
        heard.append(client.post(f"/api/v1/incidents/INC-1/{move}", json=body).content)
    heard.append(client.post("/api/v1/incidents", json={"title": words, "severity": "P2"}).content)
    heard.append(client.get(f"/api/v1/runbooks?name={TOKEN}").content)
    heard.append(client.post("/in/alertmanager", json={"alerts": [{"labels": SECRET}], "x": SECRET}).content)
    heard.append(client.post("/api/v2/alerts", json=[{**alert, "startsAt": TOKEN}]).content)
    silence = {"matchers": [{"name": "tower", "value": "north", "isRegex": False}], "createdBy": "ana",
               "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2036-01-01T00:00:00Z", "comment": words}  # fmt: skip
    heard.append(client.post("/api/v2/silences", json=silence).content)
    for value in (SECRET, TOKEN):
        wrong = {**silence, "matchers": [{"name": "tower", "value": value, "isRegex": False}], "createdBy": SECRET}
        answer = client.post("/api/v2/silences", json=wrong)
        assert answer.status_code == 400
        heard.append(answer.content)
    seen = client.get("/api/v1/incidents/INC-1/review").json()
    review = {"text": seen["text"] + words, "version": seen["version"]}
    heard.append(client.put("/api/v1/incidents/INC-1/review", json=review).content)


def print_it(server: Server, client: httpx2.Client, heard: list[bytes]) -> None:
    """Let the approved program print, and listen on the page's stream meanwhile."""

    def listen() -> None:
        with client.stream("GET", "/incidents/INC-1/live") as stream:
            assert stream.status_code == 200
            listening.set()
            for piece in stream.iter_bytes():
                heard.append(piece)
                if b"looked at by everybody" in b"".join(heard[-50:]):
                    shown.set()
                if ended.is_set():
                    return

    listening, shown, ended = threading.Event(), threading.Event(), threading.Event()
    thread = threading.Thread(target=listen)
    thread.start()
    assert listening.wait(20)
    body = {"branch": "If the fuse is blown"}
    (approval,) = client.post("/api/v1/incidents/INC-1/choose_branch", json=body).json()["approvals"].values()
    granted = client.post("/api/v1/incidents/INC-1/approve", json={"approval": approval["id"]})
    assert granted.status_code == 200, granted.text

    assert shown.wait(20), "The stream did not show the output."
    (server.folder / "go").touch()

    def succeeded() -> bool:
        steps = client.get("/api/v1/incidents/INC-1").json()["incident"]["steps"].values()
        return any(step["status"] == "succeeded" for step in steps)

    eventually(succeeded, "The end of the program")
    ended.set()
    client.post("/api/v1/incidents/INC-1/note", json={"text": "the end"})
    thread.join(20)
    assert not thread.is_alive()
    parts = ("", "/timeline", "/review", f"/steps/{approval['step']}/output")
    heard += [client.get(f"/api/v1/incidents/INC-1{part}").content for part in parts]
    assert b"and in pieces" in heard[-1] and "•••".encode() in heard[-1]
    heard += [client.get(page).content for page in ("/", "/incidents/INC-1", "/incidents/INC-1/review", "/alerts")]


def test_nothing_holds_a_secret_that_went_in_everywhere(place: Path) -> None:
    """Database, log, stream, answers, notices, pages, export: none holds it, in any of its spellings, nor the token."""
    heard: list[bytes] = []
    with hook() as (port, sent):
        (place / "tocsin.toml").write_text(
            CONFIG.replace("{port}", str(port)).replace("{python}", str(Path(sys.executable).parent))
        )
        with running(place, LAMP_SECRET=SECRET) as server:
            headers = {"Authorization": f"Bearer {server.token}"}
            with httpx2.Client(base_url=server.url, headers=headers, timeout=30) as client:
                by_every_door(client, heard)
                print_it(server, client, heard)
            eventually(lambda: len(sent) >= 2, "The notices")
            assert server.end() == 0
            log = server.words
    export = here("export", cwd=place).out
    kept = {
        "answers and the stream": b"\n".join(heard), "notices": b"\n".join(sent), "the log": log.encode(),
        "the export": export.encode(),
        **{file.name: file.read_bytes() for file in (place / "tocsin-data").iterdir() if file.is_file()},
    }  # fmt: skip

    assert all(kept[name] for name in ("answers and the stream", "notices", "the export", "tocsin.db"))
    assert "the end" in export and "•••" in export
    found = [(place_, name) for place_, data in kept.items() for name, text in looked_for().items() if text in data]
    assert not found


def looked_for() -> dict[str, bytes]:
    """What nothing may hold: each spelling as it was printed, and as JSON and HTML write it once more."""
    every = {**spelled(SECRET), "a token": TOKEN, "the token in base64": "Z2hwX2ExQjJhMUIyYTFCMm"}
    written = {f"{name} in JSON": json.dumps(text)[1:-1] for name, text in every.items()}
    return {name: text.encode() for name, text in {**every, **written}.items()}
