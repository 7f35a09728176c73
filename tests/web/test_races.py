"""Many at once, over a real server."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.web.house import alert
from tests.web.serving import Serving, eventually

MANY = 30
INCIDENT = "/api/v1/incidents/INC-1"


def at_once(server: Serving, path: str, body: Any) -> Counter[int]:
    """The statuses of many equal requests that are sent together."""
    with ThreadPoolExecutor(MANY) as senders:
        return Counter(senders.map(lambda _: server.post(path, body).status_code, range(MANY)))


def test_one_alert_sent_many_times_is_one_incident(server: Serving) -> None:
    """Every delivery is answered 200, and one incident with one alert comes of it."""
    assert at_once(server, "/api/v2/alerts", [alert()]) == {200: MANY}
    eventually(lambda: "\ntocsin_intake_backlog 0\n" in server.text("/metrics"), "The merging")
    (found,) = server.get("/api/v1/incidents")["incidents"]
    kinds = [entry["kind"] for entry in server.get(f"{INCIDENT}/timeline")["timeline"]]

    assert len(found["incident"]["alerts"]) == 1
    assert (kinds.count("Declared"), kinds.count("AlertLinked")) == (1, 1)


def test_one_approval_given_many_times_runs_once(server: Serving) -> None:
    """One is told 200, the others 409, and the command ran once."""
    server.post("/api/v2/alerts", [alert()])
    eventually(lambda: server.get("/api/v1/incidents")["incidents"], "The declaration")
    asked = server.post(f"{INCIDENT}/choose_branch", {"branch": "If the fuse is blown", "why": "it smells"})
    assert asked.status_code == 200, asked.text
    (waiting,) = server.get("/api/v1/approvals")["approvals"]
    statuses = at_once(server, f"{INCIDENT}/approve", {"approval": waiting["approval"]["id"]})
    step = waiting["approval"]["step"]
    done = eventually(
        lambda: (state := server.get(INCIDENT)["incident"]["steps"][step])["status"] == "succeeded" and state, "The run"
    )
    kinds = [entry["kind"] for entry in server.get(f"{INCIDENT}/timeline")["timeline"]]

    assert statuses == {200: 1, 409: MANY - 1}
    assert done["runs"] == 1
    assert kinds.count("ApprovalGranted") == 1
    assert (server.folder / "new-fuse").exists()


def test_many_acknowledge_and_one_has_it(server: Serving) -> None:
    """Who was faster has it, the others are told so; the numbers of incidents have no gap."""
    with ThreadPoolExecutor(MANY) as senders:
        made = list(senders.map(lambda n: server.post("/api/v1/incidents", {"title": f"Fog {n}"}), range(MANY)))
    statuses = at_once(server, f"{INCIDENT}/acknowledge", {})

    assert sorted(each.json()["number"] for each in made) == list(range(1, MANY + 1))
    assert statuses == {200: 1, 409: MANY - 1}
