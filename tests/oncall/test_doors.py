"""On-call by page, API and terminal's shapes: the same for all of them, and a calendar for whoever has its address."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from tests.oncall.ferry import BEGIN, HandClock, bearer
from tocsin.app import App
from tocsin.plug import icalendars

ORIGIN = {"Origin": "http://tocsin.test", "Sec-Fetch-Site": "same-origin"}


def page(client: TestClient, who: str = "ana", **query: str) -> str:
    answer = client.get("/oncall", headers={**bearer(who), **ORIGIN}, params=query)
    assert answer.status_code == 200
    return unescape(answer.text)


def post(client: TestClient, path: str, who: str = "ana", **fields: str) -> tuple[int, str]:
    answer = client.post(path, data=fields, headers={**bearer(who), **ORIGIN}, follow_redirects=False)
    return answer.status_code, unescape(answer.text)


def test_the_page_shows_who_it_is_the_weeks_and_what_would_hurt(client: TestClient) -> None:
    """Names and not only colours, the day of today marked, gaps in words."""
    text = page(client)
    assert "Ben is on call by primary, week 48" in text
    assert text.count('<table class="rota">') == 2
    assert text.count('aria-current="date"') == 2
    assert "This would hurt" in text
    assert re.search(r'<time datetime="2026-11-30">.*?<small>09:00</small> Ana', text, re.DOTALL)
    assert "On call at 2026-12-01" in page(client, at="2026-12-01T12:00")
    assert client.get("/oncall", params={"at": "tomorrow"}, headers=bearer("ana")).status_code == 400


def test_a_form_puts_somebody_on_call_and_comes_back_with_what_was_refused(client: TestClient) -> None:
    """By the wall of the schedule's zone; what was typed is not lost."""
    fields = {"schedule": "primary", "people": "ana, zoe", "begins": "2026-11-25T09:00", "ends": "2026-11-27T09:00"}
    assert post(client, "/oncall/changes", **fields, every="1d", why="the fair")[0] == 303
    assert "the fair" in page(client)
    status, text = post(client, "/oncall/changes", **{**fields, "people": "eve"}, why="a typo")
    assert status == 400
    assert "is nobody under [people]" in text
    assert 'value="a typo"' in text
    assert post(client, "/oncall/changes", **{**fields, "begins": "soon"})[0] == 400
    (made,) = client.get("/api/v1/oncall/changes", headers=bearer("vera")).json()["changes"]
    assert (made["kind"], made["names"], made["begins"]) == ("temporary", ["Ana", "Zoe"], "2026-11-25T09:00:00Z")
    assert post(client, f"/oncall/changes/{made['id']}/end", "ben")[0] == 303
    assert "called off" in page(client)


def test_a_swap_is_offered_and_accepted_on_the_page(client: TestClient) -> None:
    """Whom it is offered to sees the button; others don't."""
    offered = {"schedule": "primary", "to": "ana", "begins": "2026-11-25T09:00", "ends": "2026-11-26T09:00"}
    assert post(client, "/oncall/swaps", "ben", **offered)[0] == 303
    (made,) = client.get("/api/v1/oncall/changes", headers=bearer("vera")).json()["changes"]
    accept = f"/oncall/swaps/{made['id']}/accept"
    assert accept in page(client, "ana")
    assert accept not in page(client, "ben")
    assert "Take it back" in page(client, "ben")
    assert post(client, f"/oncall/swaps/{made['id']}/maybe")[0] == 404
    assert post(client, accept, "ben")[0] == 403
    assert post(client, accept)[0] == 303
    seen = client.get("/api/v1/oncall", params={"at": "2026-11-25T12:00Z", "weeks": "0"}, headers=bearer("vera")).json()
    assert seen["schedules"][0]["now"]["why"].startswith("Ana is on call by primary, swap for ben by ben")


def test_who_may_only_look_gets_no_forms_and_no_deeds(client: TestClient) -> None:
    """A viewer reads; every change is refused by its role."""
    assert '<form method="post" action="/oncall' not in page(client, "vera")
    body = {"schedule": "primary", "people": ["ana"], "lasts": "1h"}
    assert client.post("/api/v1/oncall/changes", json=body, headers=bearer("vera")).status_code == 403
    assert client.post("/api/v1/oncall/feeds", json={}, headers=bearer("vera")).status_code == 403
    assert client.get("/api/v1/oncall").status_code == 401


def test_the_api_answers_for_a_moment_and_refuses_odd_ones(client: TestClient) -> None:
    """A moment needs its zone; a year is as far as anybody looks."""
    get = lambda **query: client.get("/api/v1/oncall", params=query, headers=bearer("vera"))  # noqa: E731
    assert get(at="2026-11-09T10:00+01:00").json()["schedules"][0]["now"]["person"] == "ben"
    for wrong in ({"at": "2026-11-09T10:00"}, {"at": "now"}, {"at": "2036-01-01T00:00Z"}, {"weeks": "99"}):
        assert get(**wrong).status_code == 400


def test_a_calendar_is_read_at_its_secret_address_until_it_is_revoked(
    client: TestClient, app: App, clock: HandClock
) -> None:
    """Without a token, never cached, and gone at once; a wrong secret is unknown."""
    made = client.post("/api/v1/oncall/feeds", json={"schedule": "primary"}, headers=bearer("ana")).json()
    answer = client.get(made["path"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("private, no-store", "no-referrer")
    found = icalendars.read(answer.text, "UTC", BEGIN, BEGIN + timedelta(days=30)).entries
    assert [each.names[0] for each in found][:2] == ["Ben on call: primary", "Ana on call: primary"]
    assert "goes on" in icalendars.read(answer.text, "UTC", BEGIN, BEGIN + timedelta(days=400)).entries[-1].names[0]
    assert b"BEGIN:VEVENT" in client.get(made["path"]).content

    renewed = client.post("/api/v1/oncall/feeds", json={"replaces": made["id"]}, headers=bearer("ana")).json()
    assert client.get(made["path"]).status_code == 404
    assert client.get(renewed["path"]).status_code == 200
    assert client.get("/oncall/feed/guess.ics").status_code == 404

    revoke = f"/api/v1/oncall/feeds/{renewed['id']}/revoke"
    assert client.post(revoke, json={}, headers=bearer("ben")).status_code == 403
    assert client.post(revoke, json={}, headers=bearer("root")).status_code == 200
    assert client.get(renewed["path"]).status_code == 404
    stored = app.db.read(lambda tx: tx.all("select hash, made_by, revoked_by from calendar_feeds order by made_at"))
    assert all(made["path"][-20:-4] not in row["hash"] for row in stored)
    assert [(row["made_by"], row["revoked_by"]) for row in stored] == [("ana", "ana"), ("ana", "root")]


def test_a_persons_calendar_holds_their_shifts_of_all_schedules(client: TestClient) -> None:
    """And nobody else's; made on the page it is shown once."""
    status, text = post(client, "/oncall/feeds", "ana", schedule="")
    assert status == 200
    (path,) = re.findall(r"http://tocsin\.test(/oncall/feed/[\w-]+\.ics)", text)
    assert path not in page(client)
    found = icalendars.read(client.get(path).text, "UTC", BEGIN, BEGIN + timedelta(days=30)).entries
    titles = {each.names[0] for each in found}
    assert titles == {"Ana on call: primary", "Ana on call: night"}


@pytest.mark.parametrize("path", ["/oncall/changes", "/oncall/swaps", "/oncall/feeds"])
def test_another_site_can_t_send_the_forms(client: TestClient, path: str) -> None:
    """As every form of ours."""
    answer = client.post(path, data={}, headers={"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code in (401, 403)
