"""Who may do what: every route, every role, and nobody."""

from __future__ import annotations

import re

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.web import house
from tests.web.house import basic, bearer
from tocsin.app import App
from tocsin.service import access, catalogue
from tocsin.settings import ROLES
from tocsin.web import auth, server
from tocsin.web.endpoints import Endpoint

PUBLIC = {"/healthz", "/readyz", "/-/healthy", "/-/ready", "/metrics", "/openapi.json"}
PUBLIC_PAGES = {"/login", "/theme", "/icon.svg", "/assets/{name}"}
PROVED = {"/oncall/feed/{secret}", "/answers/sms", "/answers/voice/{token}", "/answer/{deed}/{token}"}
"""Open to whoever holds a secret address or signs the request; for anybody else there is nothing."""
SAMPLES = {"ref": "INC-1", "step": "scenario-1/diagnosis/1", "silence": "none", "source": "alertmanager", "move": "x"}


def filled(path: str) -> str:
    """A path with something in each of its gaps."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda gap: SAMPLES.get(gap[1], "x"), path)


def ask(client: TestClient, endpoint: Endpoint, headers: dict[str, str]) -> int:
    """The status of an empty request."""
    return client.request(endpoint.method, filled(endpoint.path), headers=headers).status_code


@pytest.mark.parametrize("endpoint", server.ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_every_endpoint_lets_in_exactly_its_roles(client: TestClient, endpoint: Endpoint) -> None:
    """401 without or with a wrong token, 403 below the role, something else from the role on."""
    if endpoint.door == "open":
        assert endpoint.path in PUBLIC | PROVED
        assert ask(client, endpoint, {}) == (404 if endpoint.path in PROVED else 200)
        return
    lowest = ROLES.index(endpoint.role)
    expected = {role: "in" if place >= lowest else 403 for place, role in enumerate(ROLES)}
    statuses = {role: ask(client, endpoint, bearer(role)) for role in ROLES}

    assert ask(client, endpoint, {}) == 401
    assert ask(client, endpoint, {"Authorization": "Bearer not-a-token"}) == 401
    assert {role: 403 if status == 403 else "in" for role, status in statuses.items()} == expected
    assert 401 not in statuses.values()
    assert not [status for status in statuses.values() if status >= 500]


def test_the_roles_of_the_moves_are_the_catalogues(client: TestClient) -> None:
    """The API adds no exception of its own."""
    stated = {one.path.rpartition("/")[2]: one.role for one in server.ENDPOINTS if "{ref}/" in one.path}

    assert {name: stated[name] for name in catalogue.CATALOGUE} == {
        move.name: move.role for move in catalogue.CATALOGUE.values()
    }
    assert stated["approve"] == "approver"
    client.post("/api/v1/incidents", json={"title": "Fog"}, headers=bearer("responder")).raise_for_status()
    assert client.post("/api/v1/incidents/INC-1/explode", headers=bearer("admin")).json()["hint"].startswith("Moves: ")


def test_every_page_sends_strangers_to_the_login(app: App, client: TestClient) -> None:
    """No page shows or does anything without a session."""
    stated = {endpoint.path for endpoint in server.ENDPOINTS}
    pages = [route for route in server.build(app).routes if isinstance(route, Route) and route.path not in stated]

    assert pages
    for route in pages:
        for method in (route.methods or set()) - {"HEAD"}:
            if route.path in PUBLIC_PAGES:
                continue
            answer = client.request(method, filled(route.path), follow_redirects=False)
            refused = (404,) if route.path in PROVED else (303, 401, 403)
            assert answer.status_code in refused, f"{method} {route.path} answers {answer.status_code}"
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/login")


@pytest.mark.parametrize(
    "header",
    [
        "", "Bearer", "Bearer ", "Basic", "Basic !!!", "Basic " + "A" * 4000, "Digest x", "Bearer " + "x" * 30_000,
        "Bearer \u00ff\u00fe", "Bearer a b c", f"Token {house.TOKENS['admin']}", f"bearer{house.TOKENS['admin']}",
    ],
)  # fmt: skip
def test_strange_authorization_is_nobody(client: TestClient, header: str) -> None:
    """401 with a sentence, for the API and for intake alike."""
    headers = {b"Authorization": header.encode("latin-1")}
    for path in ("/api/v1/me", "/api/v2/status"):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["detail"].endswith(".")
        assert "Bearer" in answer.headers["www-authenticate"]


def test_basic_is_for_intake_and_a_token_in_the_url_for_webhooks_only(client: TestClient) -> None:
    """The weaker ways of showing a token open the fewest doors."""
    in_url = f"?token={house.TOKENS['admin']}"

    assert client.get("/api/v2/status", headers=basic("viewer")).status_code == 200
    assert client.get("/api/v1/me", headers=basic("admin")).status_code == 401
    assert client.get(f"/api/v1/me{in_url}").status_code == 401
    assert client.get(f"/api/v2/status{in_url}").status_code == 401


def signed_in(app: App, client: TestClient, role: str = "approver") -> dict[str, str]:
    """A session's cookie."""
    return {"Cookie": f"{auth.COOKIE}={access.start_session(app, house.TOKENS[role])}"}


def test_a_session_opens_the_api_and_ends(app: App, client: TestClient) -> None:
    """The page's own requests need no token."""
    cookie = signed_in(app, client)

    assert client.get("/api/v1/me", headers=cookie).json() == {"name": "approver", "role": "approver", "scopes": []}
    access.end_session(app, cookie["Cookie"].partition("=")[2])
    assert client.get("/api/v1/me", headers=cookie).status_code == 401


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        ({}, False),
        ({"Origin": "http://evil.test"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://tocsin.test.evil.test"}, False),
        ({"Origin": "http://[bad"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://tocsin.test"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "http://tocsin.test"}, True),
    ],
)
def test_another_site_cannot_act_in_a_persons_name(
    app: App, client: TestClient, headers: dict[str, str], let_in: bool
) -> None:
    """A changing request with a session must come from our own page; on the API and on the pages."""
    cookie = signed_in(app, client)
    api = client.post("/api/v1/incidents", json={"title": "Fog"}, headers={**cookie, **headers})
    page = client.post("/theme", data={"theme": "dark"}, headers={**cookie, **headers}, follow_redirects=False)

    assert (api.status_code == 201) is let_in
    assert (page.status_code != 403) is let_in
    assert len(client.get("/api/v1/incidents", headers=cookie).json()["incidents"]) == (1 if let_in else 0)


def test_another_site_cannot_use_a_remembered_password(client: TestClient) -> None:
    """Basic is sent by a browser by itself once it was typed; a program sends no origin."""
    for site in ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post("/in/alertmanager", content=b"{}", headers={**basic("agent"), **site})
        assert answer.status_code == 403
    assert client.post("/api/v2/alerts", json=[house.alert()], headers=basic("agent")).status_code == 200


def test_a_token_needs_no_origin(client: TestClient) -> None:
    """A program is not a browser."""
    assert client.post("/api/v1/incidents", json={"title": "Fog"}, headers=bearer("responder")).status_code == 201


def test_guessing_is_slowed_and_never_stops_a_valid_token(client: TestClient) -> None:
    """After 20 wrong tokens within a minute 429 with Retry-After; who has a token is let in all the same."""
    statuses = [client.get("/api/v1/me", headers={"Authorization": f"Bearer guess-{n}"}).status_code for n in range(25)]
    answer = client.get("/api/v1/me", headers={"Authorization": "Bearer guess"})

    assert statuses == [401] * 20 + [429] * 5
    assert int(answer.headers["retry-after"]) == 60
    assert client.get("/api/v1/me", headers=bearer("viewer")).status_code == 200
    assert client.post("/api/v2/alerts", json=[house.alert()], headers=bearer("agent")).status_code == 200
