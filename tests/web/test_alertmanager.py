"""Alertmanager's API v2, answer by answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web import house
from tests.web.house import alert, basic, bearer, merge
from tocsin.app import App
from tocsin.core.labels import make_matcher, parse_matchers
from tocsin.store import alerts as alert_store
from tocsin.store import intake

AGENT, VIEWER = bearer("agent"), bearer("viewer")
NEVER = "0001-01-01T00:00:00.000Z"


def stamp(minutes: float) -> str:
    """A moment relative to now, as Prometheus writes it."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def waiting(app: App) -> int:
    """How many accepted messages wait."""
    return app.db.read(intake.backlog)[0]


def only(app: App) -> Any:
    """The one alert that is known."""
    merge(app)
    (known,) = app.db.read(alert_store.listing)
    return known


def test_a_valid_array_is_answered_with_nothing_and_is_on_disk(app: App, client: TestClient) -> None:
    """200 with an empty body, and the message is in the intake."""
    answer = client.post("/api/v2/alerts", json=[alert()], headers=AGENT)

    assert (answer.status_code, answer.content) == (200, b"")
    assert waiting(app) == 1


@pytest.mark.parametrize("name", ["http.status", "k8s.io/name", "bad-name", "größe", "two words"])
def test_a_label_may_be_called_anything(app: App, client: TestClient, name: str) -> None:
    """Prometheus 3 sends names of any letters and signs; no page is lost for one, and it can be silenced."""
    told = alert("LampOut")
    told["labels"][name] = 'a "b"'
    assert client.post("/api/v2/alerts", json=[told], headers=AGENT).status_code == 200
    merge(app)
    (listed,) = client.get("/api/v2/alerts", headers=VIEWER).json()
    assert listed["labels"][name] == 'a "b"'
    chosen = str(make_matcher(name, "=", 'a "b"'))
    assert len(client.get("/api/v2/alerts", params={"filter": chosen}, headers=VIEWER).json()) == 1
    assert parse_matchers(chosen) == (make_matcher(name, "=", 'a "b"'),)
    strange = silence("LampOut", matchers=[{"name": name, "value": 'a "b"', "isRegex": False}])
    assert client.post("/api/v2/silences", json=strange, headers=bearer("responder")).status_code == 200
    assert client.get("/api/v1/silences", headers=VIEWER).json()["silences"][0]["matches"] == 1


def test_an_empty_array_is_fine(app: App, client: TestClient) -> None:
    """Prometheus has nothing to say sometimes."""
    assert client.post("/api/v2/alerts", json=[], headers=AGENT).status_code == 200
    assert waiting(app) == 0


@pytest.mark.parametrize(
    ("posted", "says"),
    [
        ({"labels": {}}, "at least one label pair required"),
        ({"labels": {"alertname": ""}}, "at least one label pair required"),
        ({"labels": {"bad\nname": "x"}}, "invalid label set: invalid name 'bad\\nname'"),
        ({"labels": {"": "x"}}, "invalid label set: invalid name ''"),
        (alert(startsAt=stamp(5), endsAt=stamp(1)), "start time must be before end time"),
        (alert(startsAt=stamp(24 * 60)), "start time must be before end time"),
        ({"labels": {"alertname": "X", "big": "x" * 300_000}}, "the alert has more than 262144 characters"),
    ],
)
def test_what_is_wrong_with_an_alert_is_a_json_string(
    app: App, client: TestClient, posted: dict[str, Any], says: str
) -> None:
    """400 with Alertmanager's words; nothing is stored."""
    answer = client.post("/api/v2/alerts", json=[posted], headers=AGENT)

    assert (answer.status_code, answer.json()) == (400, says)
    assert waiting(app) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[",
        b"null",
        b'[{"labels": {"alertname": 7}}]',
        b"[{}]",
        b'[{"labels": {"alertname": "X"}, "startsAt": "yesterday"}]',
        b'[{"labels": {"alertname": "X"}, "endsAt": "2026-02-30T00:00:00Z"}]',
        b'[{"labels": {"alertname": "X"}, "endsAt": "9999-12-31T23:59:59-23:00"}]',
        b'[{"labels": {"alertname": "X", "alertname": "Y"}}]',
        b'[{"labels": {"alertname": "\\ud800"}}]',
        b'[{"labels": {"alertname": "a\\u0000b"}}]',
        b'[{"labels": {"alertname": NaN}}]',
        b"[" * 100_000,
        b"\xff\xfe",
        b"",
    ],
)
def test_what_cannot_be_read_is_a_code_and_a_message(app: App, client: TestClient, body: bytes) -> None:
    """400 with ``{code, message}``; nothing is stored, whatever the bytes."""
    answer = client.post("/api/v2/alerts", content=body, headers={**AGENT, "Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["code"] == 400
    assert answer.json()["message"].startswith("parsing alerts body")
    assert waiting(app) == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_another_type_of_body_is_not_read(app: App, client: TestClient, kind: str | None) -> None:
    """415, so that no form of another site can post alerts."""
    headers = {**AGENT, **({"Content-Type": kind} if kind else {})}
    answer = client.post("/api/v2/alerts", content=b"[]", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (415, 415)
    assert waiting(app) == 0


def test_a_bad_alert_does_not_hold_back_the_good_ones(app: App, client: TestClient) -> None:
    """A sender never mends a message: the good alert is kept, the bad one is told."""
    answer = client.post("/api/v2/alerts", json=[alert(), {"labels": {}}], headers=AGENT)

    assert (answer.status_code, answer.json()) == (400, "at least one label pair required")
    assert only(app).name == "LampOut"


def test_an_alert_without_an_end_fires_for_five_minutes(app: App, client: TestClient) -> None:
    """Go's zero time is "not given"; without word for five minutes the alert counts as resolved."""
    client.post("/api/v2/alerts", json=[alert(startsAt=NEVER, endsAt=NEVER)], headers=AGENT)
    known = only(app)

    assert known.status == "firing"
    assert abs(known.ends_at - known.updated_at - timedelta(minutes=5)) < timedelta(seconds=1)
    assert abs(known.starts_at - known.updated_at) < timedelta(seconds=1)


def test_an_end_in_the_past_resolves(app: App, client: TestClient) -> None:
    """Prometheus says so for 15 minutes after an alert has ended."""
    client.post("/api/v2/alerts", json=[alert(startsAt=stamp(-9), endsAt=stamp(-1))], headers=AGENT)

    assert only(app).status == "resolved"


def test_nine_decimals_and_any_zone_are_read(app: App, client: TestClient) -> None:
    """As Go writes moments."""
    client.post(
        "/api/v2/alerts", headers=AGENT,
        json=[alert(startsAt="2026-03-02T01:02:03.123456789+01:30", endsAt=stamp(4), generatorURL="http://prom/graph")],
    )  # fmt: skip
    known = only(app)

    assert known.starts_at == datetime(2026, 3, 1, 23, 32, 3, 123456, UTC)
    assert known.url == "http://prom/graph"


def test_unknown_keys_and_nulls_are_passed_over(app: App, client: TestClient) -> None:
    """What a later Prometheus adds must not stop alerts."""
    body = [alert(new="key", annotations=None, startsAt=None)]

    assert client.post("/api/v2/alerts", json=body, headers=AGENT).status_code == 200
    assert only(app).annotations == {}


def test_alerts_are_listed_in_alertmanagers_shape(app: App, client: TestClient) -> None:
    """Every key that amtool's client requires is there."""
    client.post("/api/v2/alerts", json=[alert(endsAt=stamp(4))], headers=basic("agent"))
    merge(app)
    (shown,) = client.get("/api/v2/alerts", headers=basic("viewer")).json()

    assert shown["labels"] == {"alertname": "LampOut", "tower": "north"}
    assert shown["status"] == {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []}
    assert shown["receivers"] == [{"name": "tocsin"}]
    assert shown["fingerprint"] == only(app).fingerprint
    assert {"annotations", "startsAt", "endsAt", "updatedAt", "generatorURL"} <= set(shown)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["HornSilent", "LampOut"]),
        ('filter=alertname="LampOut"', ["LampOut"]),
        ('filter=alertname=~"Lamp.*"&filter=tower!="north"', []),
        ("active=false", ["HornSilent"]),
        ("silenced=false", ["LampOut"]),
        ("active=false&silenced=false", []),
        ("receiver=toc.*", ["HornSilent", "LampOut"]),
        ("receiver=pager", []),
    ],
)
def test_the_query_chooses_alerts(app: App, client: TestClient, query: str, names: list[str]) -> None:
    """As amtool's flags do."""
    client.post("/api/v2/alerts", json=[alert(), alert("HornSilent")], headers=AGENT)
    client.post("/api/v2/silences", json=silence("HornSilent"), headers=bearer("responder"))
    merge(app)
    shown = client.get(f"/api/v2/alerts?{query}", headers=AGENT).json()
    groups = client.get(f"/api/v2/alerts/groups?{query}", headers=AGENT).json()

    assert sorted(one["labels"]["alertname"] for one in shown) == names
    assert [group["labels"]["alertname"] for group in groups] == names


@pytest.mark.parametrize("query", ["filter=%3D%3D", "filter=a=~%22(%22", "active=maybe", "receiver=("])
def test_a_bad_query_is_told(client: TestClient, query: str) -> None:
    """400 with a sentence."""
    answer = client.get(f"/api/v2/alerts?{query}", headers=AGENT)

    assert answer.status_code == 400
    assert isinstance(answer.json(), str)


def silence(name: str, **more: Any) -> dict[str, Any]:
    """A silence as amtool posts it."""
    matcher = {"name": "alertname", "value": name, "isRegex": False}
    times = {"startsAt": stamp(-1), "endsAt": stamp(60)}
    return {"matchers": [matcher], **times, "createdBy": "ana", "comment": "new horn", **more}


def test_a_silence_mutes_and_can_be_ended(app: App, client: TestClient) -> None:
    """A silenced alert declares nothing and is shown as suppressed until the silence ends."""
    made = client.post("/api/v2/silences", json=silence("HornSilent"), headers=bearer("responder"))
    name = made.json()["silenceID"]
    client.post("/api/v2/alerts", json=[alert("HornSilent")], headers=AGENT)
    merge(app)
    (shown,) = client.get("/api/v2/alerts", headers=AGENT).json()

    assert made.status_code == 200
    assert shown["status"]["state"] == "suppressed"
    assert shown["status"]["silencedBy"] == [name]
    assert client.get("/api/v1/incidents", headers=AGENT).json() == {"incidents": []}
    assert client.delete(f"/api/v2/silence/{name}", headers=bearer("responder")).status_code == 200
    assert client.get(f"/api/v2/silence/{name}", headers=AGENT).json()["status"] == {"state": "expired"}
    assert client.get("/api/v2/alerts", headers=AGENT).json()[0]["status"]["state"] == "active"
    assert client.delete(f"/api/v2/silence/{name}", headers=bearer("responder")).status_code == 409


def test_changing_a_silence_keeps_its_id_where_it_mutes_the_same(client: TestClient) -> None:
    """A new end keeps the id; new matchers end the old silence and begin another."""
    headers = bearer("responder")
    first = client.post("/api/v2/silences", json=silence("LampOut"), headers=headers).json()["silenceID"]
    longer = client.post("/api/v2/silences", json=silence("LampOut", id=first, endsAt=stamp(99)), headers=headers)
    other = client.post("/api/v2/silences", json=silence("HornSilent", id=first), headers=headers)
    listed = client.get("/api/v2/silences", headers=headers).json()

    assert longer.json()["silenceID"] == first
    assert other.json()["silenceID"] != first
    assert [(one["id"], one["status"]["state"]) for one in listed] == [
        (other.json()["silenceID"], "active"),
        (first, "expired"),
    ]


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"matchers": []}, 400, "at least one matcher required"),
        ({"endsAt": "2020-01-01T00:00:00Z"}, 400, "end time can't be in the past"),
        ({"startsAt": "2999-01-01T00:00:00Z"}, 400, "start time must be before end time"),
        ({"matchers": [{"name": "a", "value": ".*", "isRegex": True}]}, 400, "must not match the empty string"),
        ({"matchers": [{"name": "a", "value": "(", "isRegex": True}]}, 400, "can't be read"),
        ({"matchers": [{"name": "", "value": "x", "isRegex": False}]}, 400, "invalid label name"),
        ({"matchers": "all"}, 400, "parsing silence body"),
        ({"comment": 7}, 400, "parsing silence body"),
        ({"id": "never-made"}, 404, "not found"),
    ],
)
def test_a_bad_silence_is_refused(client: TestClient, change: dict[str, Any], status: int, says: str) -> None:
    """With Alertmanager's words, and nothing is made."""
    answer = client.post("/api/v2/silences", json=silence("LampOut", **change), headers=bearer("responder"))

    assert answer.status_code == status
    assert says in answer.text
    assert client.get("/api/v2/silences", headers=AGENT).json() == []


def test_status_receivers_and_health_are_what_clients_look_for(client: TestClient) -> None:
    """amtool asks for the status first; load balancers ask with HEAD and without a token."""
    status = client.get("/api/v2/status", headers=AGENT).json()

    assert {"cluster", "versionInfo", "config", "uptime"} <= set(status)
    assert status["versionInfo"]["version"]
    assert client.get("/api/v2/receivers", headers=AGENT).json() == [{"name": "tocsin"}]
    for path in ("/-/healthy", "/-/ready"):
        assert client.get(path).text == "OK"
        assert client.head(path).status_code == 200
    assert client.post("/-/reload", headers=bearer("admin")).status_code == 409


def test_the_webhook_of_alertmanager_is_taken(app: App, client: TestClient) -> None:
    """Version 4, with the token in the URL as Alertmanager's webhook_config can have it."""
    message = {
        "version": "4", "status": "firing", "receiver": "tocsin", "groupKey": "{}:{}", "truncatedAlerts": 0,
        "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://am",
        "alerts": [{**alert(), "status": "firing", "startsAt": stamp(-1), "endsAt": NEVER, "generatorURL": ""}],
    }  # fmt: skip
    answer = client.post(f"/in/alertmanager?token={house.TOKENS['agent']}", json=message)

    assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
    assert only(app).name == "LampOut"
    assert client.post("/in/alertmanager", json=message).status_code == 401
    assert client.post("/in/alertmanager?token=wrong", json=message).status_code == 401
    assert client.post("/in/nobody", json=message, headers=AGENT).status_code == 404
    assert client.post("/in/nobody", json=message).status_code == 401
    assert client.post(f"/api/v2/alerts?token={house.TOKENS['agent']}", json=[alert()]).status_code == 401
