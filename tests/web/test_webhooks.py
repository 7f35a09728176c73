"""Sources that are set up: their addresses, their own guards, signatures, repetitions, changes."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web import house, sending
from tests.web.house import bearer
from tocsin.app import App

SECRET = "It's a Secret to Everybody"
TOKEN = "a-token-of-one-source-01"
TOPIC = "arn:aws:sns:eu-north-1:123456789012:lights"
SOURCES = f"""
[sources.boats]
kind = "generic"
labels = {{alertname = "name", boat = "boat"}}
status = "state"
key = "id"
token = "{TOKEN}"
[sources.signed]
kind = "generic"
labels = {{alertname = "name"}}
secret = "{SECRET}"
signature_header = "X-Sign"
timestamp_header = "X-Time"
[sources.repository]
kind = "github"
secret = "{SECRET}"
branches = ["main"]
[sources.errors]
kind = "sentry"
secret = "{SECRET}"
[sources.graphs]
kind = "grafana"
secret = "{SECRET}"
timestamp_header = "X-Grafana-Alerting-Timestamp"
[sources.alarms]
kind = "cloudwatch"
signatures = false
token = "{TOKEN}"
topics = ["{TOPIC}"]
[sources.plain]
kind = "alertmanager"
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The lighthouse with sources of every sort."""
    opened = sending.enter_with(tmp_path, SOURCES)
    yield opened
    opened.db.close()


def sign(body: bytes, secret: str = SECRET) -> str:
    """The hexadecimal HMAC-SHA256."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def now(app: App, later: float = 0) -> str:
    """Unix time."""
    return str(int(app.clock.now().timestamp() + later))


def push(sha: str = "22222222aa") -> bytes:
    """A push to main."""
    head = {"id": sha, "message": "Brighter", "timestamp": "2026-11-20T23:17:31Z"}
    told = {"ref": "refs/heads/main", "head_commit": head, "commits": [{}], "pusher": {"name": "mara"},
            "compare": "https://github.example.org/c", "repository": {"full_name": "coast/lamp"}}  # fmt: skip
    return json.dumps(told).encode()


def test_several_of_one_kind_have_an_address_each(app: App, client: TestClient) -> None:
    """The token of one opens that one, and no other; a token of ours opens what has no guard of its own."""
    body = {"name": "LampOut", "boat": "7", "id": 1}
    own = {"Authorization": f"Bearer {TOKEN}"}
    message = {"version": "4", "alerts": [{"status": "firing", "labels": {"alertname": "HornSilent"}}]}

    assert client.post("/in/boats", json=body, headers=own).json() == {"accepted": 1}
    assert client.post(f"/in/boats?token={TOKEN}", json=body).status_code == 202
    assert client.post("/in/boats", json=body, headers=bearer("admin")).status_code == 401
    assert client.post("/in/boats", json=body).status_code == 401
    assert client.post("/in/plain", json=message, headers=own).status_code == 401
    assert client.post("/in/plain", json=message, headers=bearer("agent")).status_code == 202
    assert client.post("/in/plain", json=message, headers=bearer("viewer")).status_code == 403
    assert sorted((alert.source, alert.name) for alert in sending.alerts(app)) == [
        ("boats", "LampOut"), ("plain", "HornSilent"),
    ]  # fmt: skip


def test_a_key_joins_what_is_told_of_one_alert(app: App, client: TestClient) -> None:
    """With another boat in it, it is still the same alert, and its end needs no labels but the name."""
    own = {"Authorization": f"Bearer {TOKEN}"}
    told = ({"name": "LampOut", "boat": "7"}, {"name": "LampOut", "boat": "8"}, {"name": "LampOut", "state": "ok"})
    for body in told:
        client.post("/in/boats", json={**body, "id": "a"}, headers=own)
        house.merge(app)
    (alert,) = sending.alerts(app)
    assert (alert.status, alert.key) == ("resolved", "a")
    assert len(sending.incidents(app)) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"X-Sign": ""}, "missing"), ({"X-Sign": "0" * 64}, "wrong"), ({"X-Sign": "ü"}, "wrong"),
        ({"X-Time": "soon"}, "wrong"), ({}, ""),
    ],
)  # fmt: skip
def test_a_signature_is_over_the_raw_bytes_and_the_time(
    app: App, client: TestClient, change: dict[str, str], says: str
) -> None:
    """Missing, wrong, over another time or over other bytes of the same JSON: 401, and nothing is stored."""
    body, time = b'{"name": "LampOut"}', now(app)
    headers = {"X-Sign": sign(time.encode() + b":" + body), "X-Time": time, **change}
    sent = {name.encode(): value.encode("utf-8") for name, value in headers.items()}
    answer = client.post("/in/signed", content=body, headers=sent)

    assert answer.status_code == (401 if says else 202)
    assert says in answer.json().get("detail", "")
    other = client.post("/in/signed", content=b'{"name":"LampOut"}', headers=sent)
    assert other.status_code == 401
    assert len(sending.alerts(app)) == (0 if says else 1)


@pytest.mark.parametrize(("seconds", "status"), [(-299, 202), (299, 202), (-302, 401), (302, 401), (-9e14, 401)])
def test_a_message_signed_at_another_time_is_refused(app: App, client: TestClient, seconds: float, status: int) -> None:
    """Within five minutes of now it is taken."""
    body, time = b'{"name": "LampOut"}', now(app, max(seconds, -int(now(app))))
    signature = sign(time.encode() + b":" + body)
    answer = client.post("/in/signed", content=body, headers={"X-Sign": signature, "X-Time": time})
    assert answer.status_code == status


def test_a_message_that_was_recorded_is_taken_once(app: App, client: TestClient) -> None:
    """Of a hundred at the same moment one is taken, the others are told so with 409, whatever delivery id they bear."""
    body = push()
    head = {"X-Hub-Signature-256": f"sha256={sign(body)}", "X-GitHub-Event": "push"}

    def send(number: int) -> int:
        delivery = {**head, "X-GitHub-Delivery": str(number)}
        return client.post("/in/repository", content=body, headers=delivery).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(send, range(100)))
    assert sorted(statuses) == [202] + [409] * 99
    assert [change.what for change in sending.changes(app)] == ["1 commit to main: Brighter"]
    again = client.post("/in/repository", content=body, headers=head)
    assert again.json()["detail"] == "This message was taken already; nothing was done twice."


def test_what_could_not_be_stored_may_be_sent_again(app: App, client: TestClient) -> None:
    """That a message was taken and what it says are stored together, or not at all."""
    body = push().replace(b'"commits": [{}]', b'"commits": 7').replace(b"Brighter", b"\\ud800")
    head = {"X-Hub-Signature-256": f"sha256={sign(body)}", "X-GitHub-Event": "push"}
    statuses = [client.post("/in/repository", content=body, headers=head).status_code for _ in range(2)]
    assert statuses == [400, 400]


def test_changes_are_listed_by_time(app: App, client: TestClient) -> None:
    """The newest first, with who, where and how it went; pushes to other branches are left out."""
    deployed = {"deployment_status": {"state": "failure", "environment": "tower", "created_at": "2026-11-21T01:00:00Z",
                                      "target_url": "javascript:alert(1)"},
                "deployment": {"sha": "abcdef0123456789", "ref": "v2"}, "sender": {"login": "ben"},
                "repository": {"full_name": "coast/lamp"}}  # fmt: skip
    bodies = [("push", push()), ("push", push().replace(b"heads/main", b"heads/try")), ("ping", b'{"zen": "x"}'),
              ("deployment_status", json.dumps(deployed).encode())]  # fmt: skip
    for event, body in bodies:
        head = {"X-Hub-Signature-256": f"sha256={sign(body)}", "X-GitHub-Event": event}
        assert client.post("/in/repository", content=body, headers=head).status_code == 202

    def listed(query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client.get(f"/api/v1/changes{query}", headers=bearer("viewer")).json()["changes"]
        return found

    newest, oldest = listed()
    assert {key: newest[key] for key in ("what", "where", "who", "outcome", "kind", "url")} == {
        "what": "v2 (abcdef0123) failure on its way to tower", "where": "coast/lamp", "who": "ben",
        "outcome": "failure", "kind": "deployment_status", "url": "",
    }  # fmt: skip
    assert oldest["who"] == "mara"
    assert listed("?since=2026-11-21T00:00:00Z") == [newest]
    assert listed("?until=2026-11-21T00:00:00Z") == [oldest]
    assert listed("?limit=1") == [newest]
    assert client.get("/api/v1/changes?since=soon", headers=bearer("viewer")).status_code == 400
    assert sending.incidents(app) == []


def test_githubs_own_vector_is_verified(app: App, client: TestClient) -> None:
    """The signature in its documentation fits its secret and its body, which then is no JSON."""
    vector = Path(__file__).parents[3] / "shared" / "fixtures" / "signature_vectors.json"
    if not vector.exists():
        pytest.skip("the vectors are not here")
    known = json.loads(vector.read_text("utf-8"))["github"]
    assert known["secret"] == SECRET
    head = {"X-Hub-Signature-256": known["X-Hub-Signature-256"], "X-GitHub-Event": "push"}
    assert client.post("/in/repository", content=known["body"].encode(), headers=head).status_code == 400
    assert client.post("/in/repository", content=known["body"].encode() + b" ", headers=head).status_code == 401


def test_sentry_is_believed_by_signature_and_time(app: App, client: TestClient) -> None:
    """An issue alert fires, the same one is not taken twice, and that its issue was resolved ends it."""
    event = {"title": "KeyError", "issue_id": "77", "level": "error", "web_url": "https://sentry.example.org/77"}
    fires = json.dumps({"action": "triggered", "data": {"event": event, "triggered_rule": "LampOut"}}).encode()
    ends = json.dumps({"action": "resolved", "data": {"issue": {"id": "77"}}}).encode()

    def send(body: bytes, resource: str, time: str) -> int:
        head = {"Sentry-Hook-Signature": sign(body), "Sentry-Hook-Resource": resource, "Sentry-Hook-Timestamp": time}
        return client.post("/in/errors", content=body, headers=head).status_code

    assert send(fires, "event_alert", now(app, -400)) == 401
    assert send(fires, "event_alert", now(app)) == 202
    assert send(fires, "event_alert", now(app)) == 409
    (incident,) = sending.incidents(app)
    assert incident.scenario_title == "The lamp is out"
    assert send(ends, "issue", now(app)) == 202
    assert [alert.status for alert in sending.alerts(app)] == ["resolved"]
    assert send(b'{"action": "created", "data": {}}', "comment", now(app)) == 202


def test_grafana_is_believed_by_signature(app: App, client: TestClient) -> None:
    """With the time signed, over the raw bytes."""
    told = {"status": "firing", "labels": {"alertname": "LampOut"}, "annotations": {}, "valueString": "[ A=5 ]"}
    body, time = json.dumps({"version": "1", "orgId": 1, "alerts": [told]}).encode(), now(app)
    head = {"X-Grafana-Alerting-Signature": sign(time.encode() + b":" + body), "X-Grafana-Alerting-Timestamp": time}

    assert client.post("/in/graphs", content=body, headers=head).status_code == 202
    assert client.post("/in/graphs", content=body, headers=head).status_code == 409
    assert client.post("/in/graphs", content=body).status_code == 401
    (alert,) = sending.alerts(app)
    assert alert.annotations == {"values": "[ A=5 ]"}


def notification(kind: str = "Notification", topic: str = TOPIC, **more: Any) -> bytes:
    """What SNS posts."""
    alarm = {"AlarmName": "LampOut", "NewStateValue": more.pop("state", "ALARM"), "AlarmArn": "arn:1"}
    told = {"Type": kind, "MessageId": more.pop("number", "m1"), "TopicArn": topic, "Message": json.dumps(alarm)}
    return json.dumps({**told, **more}).encode()


def test_alarms_come_by_sns(app: App, client: TestClient) -> None:
    """As text/plain, with the token in the address; a repetition is told, another topic is refused."""
    door, head = f"/in/alarms?token={TOKEN}", {"Content-Type": "text/plain; charset=UTF-8"}
    ok = notification(state="OK", number="m2")

    assert client.post("/in/alarms", content=notification(), headers=head).status_code == 401
    assert client.post(door, content=notification(), headers=head).status_code == 202
    assert client.post(door, content=notification(), headers=head).status_code == 409
    assert client.post(door, content=notification(topic="arn:other"), headers=head).status_code == 403
    assert [alert.status for alert in sending.alerts(app)] == ["firing"]
    assert client.post(door, content=ok, headers=head).status_code == 202
    assert [alert.status for alert in sending.alerts(app)] == ["resolved"]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("https://sns.eu-north-1.amazonaws.com/?Action=ConfirmSubscription&Token=abcdef0123456789", "abcdef0123456789"),
        ("https://sns.eu-north-1.amazonaws.com.evil.test/?Action=ConfirmSubscription", "not SNS'; ignore it"),
        ("https://user@sns.eu-north-1.amazonaws.com/", "not SNS'; ignore it"),
        ("http://sns.eu-north-1.amazonaws.com/", "not SNS'; ignore it"),
        ("http://169.254.169.254/", "not SNS'; ignore it"),
        (7, "not SNS'; ignore it"),
    ],
)
def test_a_subscription_is_never_confirmed_by_itself(
    client: TestClient, caplog: pytest.LogCaptureFixture, address: object, says: str
) -> None:
    """Its address is for a person, who finds it in the log, if it is one of SNS; nothing is fetched."""
    body = notification("SubscriptionConfirmation", SubscribeURL=address, Token="abcdef0123456789")
    with caplog.at_level(logging.WARNING, "tocsin.web"):
        assert client.post(f"/in/alarms?token={TOKEN}", content=body).status_code == 202
    (line,) = [record.getMessage() for record in caplog.records]
    assert says in json.loads(line)["message"]


def test_failing_at_a_source_is_slowed_down(client: TestClient) -> None:
    """After 20 wrong signatures within a minute 429 with Retry-After."""
    statuses = [client.post("/in/repository", content=b"{}").status_code for _ in range(22)]
    assert statuses == [401] * 20 + [429] * 2


def test_a_large_body_of_somebody_unknown_is_not_read(client: TestClient) -> None:
    """Who is known by the body only is read for 4 MiB; an ordinary source takes more from who is known before."""
    assert client.post("/in/repository", content=b"x" * (4 * 1024 * 1024 + 1)).status_code == 413
