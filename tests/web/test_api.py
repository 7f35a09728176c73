"""The JSON API: an incident from its declaration to its post-mortem."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.house import alert, bearer, merge
from tocsin.app import App
from tocsin.core.run import Outcome
from tocsin.service import act, catalogue
from tocsin.settings import ROLES
from tocsin.store import runs

RESPONDER, APPROVER, VIEWER = bearer("responder"), bearer("approver"), bearer("viewer")
BRANCH = "If the fuse is blown"


@pytest.fixture
def incident(app: App, client: TestClient) -> str:
    """An incident that an alert declared."""
    assert client.post("/api/v2/alerts", json=[alert()], headers=bearer("agent")).status_code == 200
    merge(app)
    return "/api/v1/incidents/INC-1"


def carry_out(app: App) -> None:
    """Carry out what is queued, as the engine would, without starting anything."""
    for run in app.db.read(lambda tx: runs.queued(tx, 10)):
        assert act.started(app, run)
        app.db.write(lambda tx, run=run: runs.emit(tx, run.id, 1, "first\n", app.clock.now()))  # type: ignore[misc]
        app.db.write(lambda tx, run=run: runs.emit(tx, run.id, 2, "second\n", app.clock.now()))  # type: ignore[misc]
        act.finished(app, run, Outcome(status="succeeded", exit_code=0, output="first\nsecond\n", size=13))


def post(client: TestClient, path: str, headers: dict[str, str], **body: Any) -> Any:
    """Make a move that is taken."""
    answer = client.post(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_incident_goes_from_alert_to_post_mortem(app: App, client: TestClient, incident: str) -> None:
    """Every move by its own word, each answered with the incident as it then is."""
    assert post(client, f"{incident}/acknowledge", RESPONDER)["acknowledged_by"] == "responder"
    asked = post(client, f"{incident}/choose_branch", RESPONDER, branch=BRANCH, why="it smells")
    (approval,) = client.get("/api/v1/approvals", headers=VIEWER).json()["approvals"]
    assert approval["approval"]["command"] == "touch new-fuse"
    assert approval["incident"] == asked["id"] == "INC-1"
    assert client.post(f"{incident}/approve", json={"approval": "x"}, headers=RESPONDER).status_code == 403
    post(client, f"{incident}/approve", APPROVER, approval=approval["approval"]["id"], sha=approval["approval"]["sha"])
    carry_out(app)
    assert client.get("/api/v1/approvals", headers=VIEWER).json() == {"approvals": []}
    refused = client.post(f"{incident}/resolve", json={}, headers=RESPONDER)
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    assert "LampOut still fires" in refused.json()["detail"]
    assert post(client, f"{incident}/resolve", RESPONDER, override="It is noon")["status"] == "resolved"
    text = client.get(f"{incident}/review", headers=VIEWER).json()["text"]
    assert "touch new-fuse" in text
    assert "Buy better fuses" in text


def test_a_full_incident_has_its_steps_with_verdicts(client: TestClient, incident: str) -> None:
    """What a program needs to follow the runbook: parts, clocks, criteria, ladder, what is missing."""
    shown = client.get(incident, headers=VIEWER).json()
    steps = {view["step"]["command"]: view["step"]["verdict"] for part in shown["parts"] for view in part["steps"]}

    assert set(shown) == {
        "incident", "runbook", "parts", "clocks", "signals", "criteria", "ladder", "missing", "now",
        "measured", "go_back", "held", "countdowns",
    }  # fmt: skip
    assert steps["uname -n"] == "read"
    assert steps["touch new-fuse"] == "change"
    assert shown["runbook"]["title"] == "Lighthouse runbook"
    assert shown["missing"] == ["The alert LampOut still fires."]


def test_lists_are_filtered_and_bounded(app: App, client: TestClient, incident: str) -> None:
    """By status, the newest first, at most as many as asked for."""
    client.post("/api/v1/incidents", json={"title": "Fog", "scenario": "horn"}, headers=RESPONDER)

    def listed(query: str) -> list[str]:
        found = client.get(f"/api/v1/incidents?{query}", headers=VIEWER).json()["incidents"]
        return [one["incident"]["id"] for one in found]

    assert listed("") == ["INC-2", "INC-1"]
    assert listed("status=open&limit=1") == ["INC-2"]
    assert listed("status=resolved") == []
    assert client.get("/api/v1/incidents?status=bad", headers=VIEWER).status_code == 400
    (firing,) = client.get("/api/v1/alerts", headers=VIEWER).json()["alerts"]
    assert (firing["labels"]["alertname"], firing["incident"]) == ("LampOut", incident.rpartition("/")[2])


def test_declaring_answers_where_the_incident_is(client: TestClient) -> None:
    """201 with Location."""
    answer = client.post("/api/v1/incidents", json={"title": "Fog", "severity": "P1"}, headers=RESPONDER)

    assert answer.status_code == 201
    assert client.get(answer.headers["location"], headers=VIEWER).json()["incident"]["severity"] == "P1"
    assert client.post("/api/v1/incidents", json={"severity": "P9"}, headers=RESPONDER).status_code == 400


def test_the_timeline_tells_facts_and_words_after_a_place(client: TestClient, incident: str) -> None:
    """Each entry as it is stored and as it is said."""
    post(client, f"{incident}/note", RESPONDER, text="It flickers")
    whole = client.get(f"{incident}/timeline", headers=VIEWER).json()["timeline"]
    rest = client.get(f"{incident}/timeline?after={whole[-2]['seq']}", headers=VIEWER).json()["timeline"]

    assert [entry["seq"] for entry in whole] == list(range(1, len(whole) + 1))
    assert rest == whole[-1:]
    assert rest[0]["kind"] == "Noted"
    assert rest[0]["fact"] == {"text": "It flickers", "happened": None}
    assert rest[0]["by"] == {"kind": "person", "name": "responder"}
    assert rest[0]["line"]["title"]


def test_output_is_told_piece_by_piece(app: App, client: TestClient, incident: str) -> None:
    """A step's id holds slashes; ``after`` continues where somebody left off."""
    steps = client.get(incident, headers=VIEWER).json()["incident"]["steps"]
    (step,) = steps
    before = client.get(f"{incident}/steps/{step}/output", headers=VIEWER).json()
    carry_out(app)
    after = client.get(f"{incident}/steps/{step}/output?after=1", headers=VIEWER).json()

    assert before["output"] == []
    assert after["output"] == [{"seq": 2, "text": "second\n"}]
    assert after["state"]["status"] == "succeeded"
    assert client.get(f"{incident}/steps/no/such/output", headers=VIEWER).status_code == 404


def test_the_end_of_a_flood_is_told_to_whoever_comes_and_to_whoever_followed(
    app: App, client: TestClient, incident: str
) -> None:
    """What is shown live has gaps; whoever comes later gets what was kept, and whoever followed gets its end."""
    (step,) = client.get(incident, headers=VIEWER).json()["incident"]["steps"]
    kept = "loaf 1\n\n… 4,711 bytes left out …\nloaf 900\n"
    for run in app.db.read(lambda tx: runs.queued(tx, 10)):
        assert act.started(app, run)
        app.db.write(lambda tx, run=run: runs.emit(tx, run.id, 1, "loaf 1\n", app.clock.now()))  # type: ignore[misc]
        app.db.write(lambda tx, run=run: runs.emit(tx, run.id, 2, "\n… not live …\n", app.clock.now()))  # type: ignore[misc]
        act.finished(app, run, Outcome(status="succeeded", exit_code=0, output=kept, size=4725))

    def asked(after: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client.get(
            f"{incident}/steps/{step}/output?after={after}", headers=VIEWER
        ).json()["output"]
        return found

    assert asked(0) == [{"seq": 3, "text": kept}]
    assert [piece["seq"] for piece in asked(1)] == [2, 3]
    assert asked(2)[-1]["text"].endswith("loaf 900\n")
    assert asked(3) == []
    app.db.write(lambda tx: runs.prune_output(tx, app.clock.now() + timedelta(days=1)))
    assert asked(0) == [{"seq": 1, "text": kept}]


def test_asking_for_a_review_changes_nothing_and_editing_is_guarded(client: TestClient, incident: str) -> None:
    """GET shows the draft; PUT needs the version that the text was made from, so nobody's words are lost."""
    first = client.get(f"{incident}/review", headers=VIEWER)
    length = len(client.get(f"{incident}/timeline", headers=VIEWER).json()["timeline"])
    assert (first.json()["version"], first.headers["etag"]) == (0, '"0"')
    assert client.get(f"{incident}/review", headers=VIEWER).json()["version"] == 0
    assert len(client.get(f"{incident}/timeline", headers=VIEWER).json()["timeline"]) == length

    put = client.put(f"{incident}/review", json={"text": "# Ours", "version": 0}, headers=RESPONDER)
    assert put.status_code == 200, put.text
    version = put.json()["version"]
    assert (put.json()["text"], put.json()["updated_by"]) == ("# Ours", "responder")

    late = client.put(f"{incident}/review", json={"text": "# Mine", "version": version - 1}, headers=RESPONDER)
    assert (late.status_code, late.json()["type"]) == (409, "urn:tocsin:problem:conflict")
    matched = client.put(
        f"{incident}/review", json={"text": "# Both"}, headers={**RESPONDER, "If-Match": put.headers["etag"]}
    )
    assert matched.status_code == 200, matched.text
    assert client.get(f"{incident}/review", headers=VIEWER).json()["text"] == "# Both"
    assert client.put(f"{incident}/review", json={"text": "x"}, headers=RESPONDER).status_code == 400
    assert client.put(f"{incident}/review", json={"text": "x", "version": 3}, headers=VIEWER).status_code == 403


def test_loaded_runbooks_are_listed_and_shown(client: TestClient) -> None:
    """The list is short, one of them is whole."""
    (book,) = client.get("/api/v1/runbooks", headers=VIEWER).json()["runbooks"]
    whole = client.get("/api/v1/runbooks?name=lighthouse.md", headers=VIEWER).json()

    assert (book["title"], book["severities"]) == ("Lighthouse runbook", ["P1", "P2"])
    assert whole["schema"] == "tocsin.runbook/1"
    assert whole["scenarios"][0]["alerts"] == ["LampOut"]
    assert client.get("/api/v1/runbooks?name=none", headers=VIEWER).status_code == 404


@pytest.mark.parametrize(
    ("move", "body", "status", "says"),
    [
        ("note", b'{"text": "x", "txet": "y"}', 400, "There is no key 'txet'"),
        ("note", b"{}", 400, "text"),
        ("note", b"", 400, "text"),
        ("note", b'{"text": 7}', 400, "$.text"),
        ("note", b'{"text": null}', 400, "$.text"),
        ("note", b'{"text": "   "}', 400, "This needs a note."),
        ("note", b"[]", 400, "not a JSON object"),
        ("note", b'{"text": "a", "text": "b"}', 400, "stands twice"),
        ("note", b'{"text": "\\ud800"}', 400, "surrogate"),
        ("note", b'{"text": "\\u0000"}', 400, "NUL"),
        ("note", b'{"text": "' + b"x" * 20_001 + b'"}', 400, "20000"),
        ("note", b"{" * 50_000, 400, "not JSON"),
        ("note", b"[" * 200_000, 400, "nested too deeply"),
        ("note", b'{"text": ' + b"9" * 5000 + b"}", 400, "can't be read"),
        ("note", b"\xff", 400, "UTF-8"),
        ("hold", b'{"minutes": NaN, "why": "x"}', 400, "NaN"),
        ("hold", b'{"minutes": 1e999, "why": "x"}', 400, "too large"),
        ("hold", b'{"minutes": "5", "why": "x"}', 400, "$.minutes"),
        ("hold", b'{"minutes": true, "why": "x"}', 400, "$.minutes"),
        ("hold", b'{"minutes": -1, "why": "x"}', 400, "$.minutes"),
        ("confirm_criterion", b'{"criterion": 99999999999999999999}', 400, "$.criterion"),
        ("request_step", b'{"step": "no/such"}', 404, "no step"),
        ("assess", b'{"severity": "P0", "why": "x"}', 400, "Use one of: P1, P2"),
        ("reopen", b'{"why": "x"}', 409, "not resolved"),
        ("escalate", b'{"to": "nobody", "why": "x"}', 400, "Nobody is bound"),
    ],
)
def test_bad_input_is_told_in_one_sentence_and_changes_nothing(
    client: TestClient, incident: str, move: str, body: bytes, status: int, says: str
) -> None:
    """The right status, a problem that names the place, and the timeline as before."""
    before = client.get(f"{incident}/timeline", headers=VIEWER).json()
    headers = {**RESPONDER, "Content-Type": "application/json"}
    answer = client.post(f"{incident}/{move}", content=body, headers=headers)
    problem = answer.json()

    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in problem["detail"] + problem.get("hint", "")
    assert client.get(f"{incident}/timeline", headers=VIEWER).json() == before


@pytest.mark.parametrize(
    "ref", ["INC-999", "0", "-1", "INC-1%00", "%F0%9F%92%A9", "x" * 5000, "1e9", "INC-" + "9" * 30, "..%2f..%2fetc"]
)
def test_an_incident_that_is_not_there_is_not_found(client: TestClient, incident: str, ref: str) -> None:
    """404, or 400 for what can't be a name; never a fault of ours."""
    for path in (f"/api/v1/incidents/{ref}", f"/api/v1/incidents/{ref}/timeline", f"/api/v1/incidents/{ref}/review"):
        answer = client.get(path, headers=VIEWER)
        assert answer.status_code in (400, 404)
        assert len(answer.content) < 1000
    assert client.post(f"/api/v1/incidents/{ref}/acknowledge", headers=RESPONDER).status_code in (400, 404)


@pytest.mark.parametrize("number", ["-1", "1.5", "x", "%C2%B2", "9" * 40, "0x10", "1e3"])
def test_a_number_of_the_query_is_a_number(client: TestClient, incident: str, number: str) -> None:
    """400 with the parameter's name."""
    for path in (f"{incident}/timeline?after={number}", f"/api/v1/incidents?limit={number}"):
        answer = client.get(path, headers=VIEWER)
        assert answer.status_code == 400
        assert "is not a whole number" in answer.json()["detail"]


def test_an_agent_reads_and_never_decides(client: TestClient, incident: str) -> None:
    """What an agent may not do is refused before its body is read; allowing a command is among that."""
    agent = bearer("agent")

    assert client.get(incident, headers=agent).status_code == 200
    beyond = [move.name for move in catalogue.CATALOGUE.values() if ROLES.index(move.role) > ROLES.index("agent")]
    assert {"approve", "deny", "acknowledge", "resolve", "settle_step"} <= set(beyond)
    for name in beyond:
        assert client.post(f"{incident}/{name}", json={"strange": 1}, headers=agent).status_code == 403
