"""Samples that programs send: kept as a whole or not at all, and measured like scraped ones."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from tests.web.house import bearer
from tocsin.app import App
from tocsin.probes.promql import Promql
from tocsin.service import queries
from tocsin.store import samples
from tocsin.times import to_micros

PLAIN = {"content-type": "text/plain; version=0.0.4"}


def send(client: TestClient, text: str, role: str = "agent", **headers: str) -> tuple[int, str]:
    """The status and the words of the answer."""
    told = client.post("/api/v1/samples", content=text.encode(), headers={**bearer(role), **PLAIN, **headers})
    return told.status_code, told.text


def value(app: App, query: str) -> float:
    """The query's value now."""
    return queries.look(app, Promql(query=query), timedelta(seconds=5)).value


def test_what_is_sent_is_measured(app: App, client: TestClient) -> None:
    """With its own time where it has one; the job is who sent it, unless it says so."""
    hour_ago = to_micros(app.clock.now()) // 1000 - 3_600_000
    text = f'# HELP x X.\nbackup_bytes{{disk="a"}} 7\nbackup_bytes{{disk="b"}} 5 {hour_ago}\nboats{{job="ferry"}} 3\n'
    assert send(client, text) == (202, '{"kept":3}\n')
    assert value(app, 'backup_bytes{disk="a"}') == 7
    assert value(app, "sum(last_over_time(backup_bytes[2h]))") == 12
    assert value(app, 'count(boats{job="ferry"})') == 1
    assert value(app, 'count({job=~".+"}) - count({job="ferry"})') == 1


def test_sending_again_ends_nothing(app: App, client: TestClient) -> None:
    """Each message is a part; what is not in the next one goes on."""
    assert send(client, "a 1")[0] == send(client, "b 2")[0] == 202
    assert (value(app, "a"), value(app, "b")) == (1, 2)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a 1\nb one\n", "line 2"),
        ("a 1\n\nb{x=} 1\n", "line 3"),
        ("a 1 99999999999999999\n", "line 1"),
        ("a 1 1395066363000\n", "older than samples are kept"),
        ("a 1 " + "9" * 400 + "\n", "is not a time"),
        ("a\0b 1\n", "line 1"),
        ("# nothing\n\n", "0 samples"),
        ("a" * 5_000 + " 1\n", "line 1"),
        ("\n".join(f'a{{n="{n}"}} 1' for n in range(20_001)), "20,001 samples"),
    ],
)
def test_what_can_not_be_kept_as_a_whole_is_refused(app: App, client: TestClient, text: str, why: str) -> None:
    """With the line; nothing of it is stored."""
    status, words = send(client, text)
    assert status == 400
    assert why in words
    assert app.db.read(samples.extent) == (0, 0)


def test_only_text_of_those_who_may_send_is_taken(client: TestClient) -> None:
    """A viewer may not; JSON is of another type."""
    assert send(client, "a 1", role="viewer")[0] == 403
    assert send(client, "a 1", **{"content-type": "application/json"})[0] == 415
    assert client.post("/api/v1/samples", content=b"a 1", headers=PLAIN).status_code == 401
    assert client.post("/api/v1/samples", content=b"\xff", headers={**bearer("agent"), **PLAIN}).status_code == 400
