"""Tokens and sessions in time: how they begin, are used, and end; a real clock is turned where time must pass."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.build import NOW
from tests.web import house
from tests.web.serving import Serving
from tocsin.app import App
from tocsin.service import access
from tocsin.service.opening import open_app
from tocsin.store import people
from tocsin.store.db import open_database

HOME = {"Origin": "http://tocsin.test"}


class Hands:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        """Where the hands are."""
        return self.at


@pytest.fixture
def hands() -> Hands:
    """The clock of these tests."""
    return Hands()


@pytest.fixture
def app(tmp_path: Path, hands: Hands) -> Iterator[App]:
    """The application under a clock that is turned by hand."""
    house.furnish(tmp_path)
    opened = open_app(
        runbooks=[tmp_path / "lighthouse.md"], config=tmp_path / "tocsin.toml", database=str(tmp_path / "tocsin.db"),
        environ={}, clock=hands,
    )  # fmt: skip
    yield opened
    opened.db.close()


def sign_in(client: TestClient, role: str = "approver", **headers: str) -> httpx2.Response:
    """Sign in with a role's token, as the login page does."""
    return client.post(
        "/login", data={"token": house.TOKENS[role]}, headers={**HOME, **headers}, follow_redirects=False
    )


def cookie_of(answer: httpx2.Response) -> dict[str, str]:
    """The session that an answer gave."""
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def make_token(app: App, name: str, *scopes: str, expires_at: datetime | None = None) -> str:
    """A responder's token of the database."""
    secret = f"secret-of-{name}-0123456789"
    token = people.Token(
        hash=access.hashed(secret), name=name, role="responder", scopes=scopes, expires_at=expires_at,
        created_at=app.clock.now(),
    )  # fmt: skip
    app.db.write(lambda tx: people.add_token(tx, token))
    return secret


def status(client: TestClient, headers: dict[str, str]) -> int:
    """How ``/api/v1/me`` answers."""
    return client.get("/api/v1/me", headers=headers).status_code


def test_the_cookie_is_for_this_site_and_no_script(app: App, client: TestClient) -> None:
    """HttpOnly, SameSite=Lax, and Secure wherever the browser speaks TLS: to us or to what stands before us."""
    plain = sign_in(client).headers["set-cookie"].lower()
    with TestClient(client.app, base_url="https://tocsin.test") as tls:
        secure = sign_in(tls, Origin="https://tocsin.test").headers["set-cookie"].lower()

    assert all(word in plain for word in ("httponly", "samesite=lax", "path=/", "max-age=43200"))
    assert ("secure" in plain, "secure" in secure) == (False, True)


def test_the_cookie_is_secure_behind_a_proxy_that_speaks_tls(tmp_path: Path) -> None:
    """``[server] url`` says how browsers come; a browser that comes past the proxy can still sign in."""
    house.furnish(tmp_path)
    (tmp_path / "tocsin.toml").write_text('[server]\nurl = "https://tocsin.test"\n' + house.CONFIG)
    opened = house.enter(tmp_path)
    with house.client_of(opened) as client:
        through = sign_in(client).headers["set-cookie"].lower()
        past = sign_in(client, Host="127.0.0.1:8080", Origin="http://127.0.0.1:8080").headers["set-cookie"].lower()
    opened.db.close()
    assert ("secure" in through, "secure" in past) == (True, False)


def test_every_sign_in_begins_a_new_session_and_ends_the_old_one(app: App, client: TestClient) -> None:
    """A cookie that somebody planted or kept is worth nothing after it."""
    first = cookie_of(sign_in(client))
    second = cookie_of(sign_in(client, **first))

    assert first != second
    assert (status(client, first), status(client, second)) == (401, 200)


def test_signing_out_ends_the_session_itself(app: App, client: TestClient) -> None:
    """Not only the browser forgets it."""
    cookie = cookie_of(sign_in(client))
    client.post("/logout", headers={**cookie, **HOME}, follow_redirects=False)

    assert status(client, cookie) == 401
    assert app.db.read(lambda tx: tx.all("select * from sessions")) == []


def test_a_session_ends_idle_and_at_the_latest_after_a_shift(hands: Hands, client: TestClient, app: App) -> None:
    """Used every three hours it lasts twelve; left alone, four. A page that renews itself counts as left alone."""
    used, left = cookie_of(sign_in(client)), {}
    client.cookies.clear()
    left = cookie_of(sign_in(client, "viewer"))
    client.cookies.clear()
    seen = []
    for _ in range(4):
        hands.at += timedelta(hours=3)
        itself = client.get("/", headers={**left, "HX-Request": "true"})
        seen.append((status(client, used), 401 if itself.status_code == 401 else 200))

    assert seen == [(200, 200), (200, 401), (200, 401), (401, 401)]


def test_a_token_ends_by_itself_and_takes_its_sessions_along(hands: Hands, app: App, client: TestClient) -> None:
    """401 with the day on which it ended."""
    token = make_token(app, "guest", expires_at=NOW + timedelta(hours=2))
    cookie = {"Cookie": f"tocsin_session={access.start_session(app, token)}"}
    bearer = {"Authorization": f"Bearer {token}"}
    assert (status(client, cookie), status(client, bearer)) == (200, 200)
    hands.at += timedelta(hours=2)

    answer = client.get("/api/v1/me", headers=bearer)
    assert (answer.status_code, status(client, cookie)) == (401, 401)
    assert answer.json()["detail"] == "This token expired on 2026-03-02 at 05:00:00 UTC."


def test_the_last_use_is_on_record_to_the_minute(hands: Hands, app: App, client: TestClient) -> None:
    """One write a minute, however often it is used."""
    bearer = {"Authorization": f"Bearer {make_token(app, 'guest')}"}

    def last() -> datetime | None:
        return next(each.last_used_at for each in app.db.read(people.tokens))

    assert last() is None
    moments = []
    for seconds in (0, 30, 29, 1):
        hands.at += timedelta(seconds=seconds)
        status(client, bearer)
        moments.append(last())
    assert moments == [NOW, NOW, NOW, NOW + timedelta(minutes=1)]


def test_people_see_and_end_their_own_sessions_only(hands: Hands, app: App, client: TestClient) -> None:
    """By the API and by the page; somebody else's is as one that does not exist."""
    mine = [cookie_of(sign_in(client, **{"User-Agent": f"Browser/{n}"})) for n in (1, 2)]
    assert status(client, mine[0]) == 401  # the same client signed in again
    client.cookies.clear()
    hands.at += timedelta(minutes=1)
    mine[0] = cookie_of(sign_in(client, **{"User-Agent": "Phone <b>"}))
    client.cookies.clear()
    hers = cookie_of(sign_in(client, "viewer"))
    client.cookies.clear()

    listed = client.get("/api/v1/sessions", headers=mine[0]).json()["sessions"]
    assert [(each["device"], each["this"]) for each in listed] == [("Browser/2", False), ("Phone <b>", True)]
    page = client.get("/account", headers=mine[0]).text
    assert "Phone &lt;b&gt;" in page and "This browser" in page
    (theirs,) = client.get("/api/v1/sessions", headers=hers).json()["sessions"]
    assert client.delete(f"/api/v1/sessions/{theirs['id']}", headers={**mine[0], **HOME}).status_code == 404
    assert client.post(f"/account/sessions/{listed[0]['id']}/end", headers={**mine[0], **HOME}).status_code == 200
    assert (status(client, mine[1]), status(client, mine[0]), status(client, hers)) == (401, 200, 200)
    assert client.delete(f"/api/v1/sessions/{listed[1]['id']}", headers={**mine[0], **HOME}).status_code == 204
    assert status(client, mine[0]) == 401


def test_a_narrowed_token_sees_no_session_of_a_whole_one(app: App, client: TestClient) -> None:
    """Who was given a part of somebody's rights can't sign them out."""
    whole, narrow = make_token(app, "ana"), make_token(app, "ana2", "incidents:read")
    app.db.write(lambda tx: tx.execute("update tokens set name = 'ana' where name = 'ana2'"))
    access.start_session(app, whole)
    headers = {"Authorization": f"Bearer {narrow}"}

    assert client.get("/api/v1/sessions", headers=headers).json() == {"sessions": []}
    assert len(client.get("/api/v1/sessions", headers={"Authorization": f"Bearer {whole}"}).json()["sessions"]) == 1


def test_an_open_stream_ends_soon_after_its_token_was_revoked(server: Serving) -> None:
    """Another process revokes it; the stream of one token ends within seconds, that of another goes on."""
    db = open_database(str(server.folder / "tocsin.db"))
    made = {name: f"secret-of-{name}-0123456789" for name in ("ana", "ben")}
    for name, secret in made.items():
        token = people.Token(hash=access.hashed(secret), name=name, role="viewer", created_at=NOW)
        db.write(lambda tx, token=token: people.add_token(tx, token))
    streams = {}
    with httpx2.Client(base_url=server.url, timeout=8) as client:
        for name, secret in made.items():
            request = client.build_request("GET", "/live", headers={"Authorization": f"Bearer {secret}"})
            streams[name] = client.send(request, stream=True)
            assert streams[name].status_code == 200
        db.write(lambda tx: people.revoke(tx, "ana", NOW))
        list(streams["ana"].iter_bytes())  # ends, else the client's time limit fails the test
        server.post("/api/v1/incidents", {"title": "Fog"})
        assert b"changed" in next(streams["ben"].iter_bytes())
        for stream in streams.values():
            stream.close()
    db.close()
