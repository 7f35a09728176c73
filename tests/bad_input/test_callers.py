"""Who may not come in, and who may not do that: 401 or 403 with one sentence, and nothing happens.

| who | answer |
|---|---|
| nobody, another scheme, a token that is unknown, in other letters, cut off, sent as a session, in the URL | 401 |
| more than twenty such tries within a minute | 429 with Retry-After; whoever has a valid token still comes in |
| a viewer, on every door that changes something | 403, and the incident is as it was |
| an agent, on every move that needs a person | 403 |
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest

from tests.bad_input.node import CONFIG, Node, assert_told, node
from tests.cli.terminal import TOKEN
from tocsin.service.catalogue import CATALOGUE
from tocsin.settings import ROLES
from tocsin.web.endpoints import Endpoint
from tocsin.web.permissions import of_program
from tocsin.web.server import ENDPOINTS

TOKENS = {role: f"Token-of-the-{role}" for role in ROLES}
TABLES = "".join(f'[tokens.{role}]\ntoken = "{token}"\nrole = "{role}"\n' for role, token in TOKENS.items())
ADMIN = TOKENS["admin"]


WRONG: dict[str, dict[str, str]] = {
    "none": {},
    "empty": {"Authorization": ""},
    "bearer of nothing": {"Authorization": "Bearer"},
    "unknown": {"Authorization": "Bearer Token-of-somebody-else"},
    "upper case": {"Authorization": f"Bearer {ADMIN.upper()}"},
    "lower case": {"Authorization": f"Bearer {ADMIN.lower()}"},
    "cut off": {"Authorization": f"Bearer {ADMIN[:-1]}"},
    "one more": {"Authorization": f"Bearer {ADMIN}x"},
    "a blank inside": {"Authorization": f"Bearer {ADMIN[:5]} {ADMIN[5:]}"},
    "another scheme": {"Authorization": f"Digest {ADMIN}"},
    "as a session": {"Cookie": f"tocsin_session={ADMIN}"},
    "no Basic": {"Authorization": "Basic ###"},
    "of the environment": {"Authorization": f"Bearer {TOKEN}"},
    "not ASCII": {"Authorization": "Bearer Zoë-Zoë-Zoë-Zoë-Zoë"},
}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node with a token of each role and one open incident."""
    with node(tmp_path_factory.mktemp("callers"), config=CONFIG + TABLES, token=ADMIN) as made:
        assert made.fire("SwitchStuck").status_code == 200
        made.incident("SwitchStuck")
        yield made
        made.is_well()


def test_whoever_is_not_known_is_told_so_in_one_sentence(ours: Node) -> None:
    """401 with the scheme that would do, the token is not repeated; after twenty tries 429 with the time to wait."""
    statuses = []
    for kind, headers in WRONG.items():
        for method, door in (("POST", "/api/v2/alerts"), ("GET", "/api/v1/incidents")):
            sent = {name: value.encode() for name, value in headers.items()}
            answer = ours.ask(method, door, token="", headers=sent)
            statuses.append(answer.status_code)
            if "Cookie" in headers and method == "POST":
                assert_told(answer, 403, "This did not come from Tocsin's own page.")
                continue
            assert answer.status_code in (401, 429), f"{kind} at {door}: {answer.text}"
            if answer.status_code == 401:
                assert_told(answer, 401, "Bearer")
                assert "Bearer" in answer.headers["www-authenticate"]
            else:
                assert_told(answer, 429, "Too many failed tries came from this address.", "Wait a minute.")
                assert answer.headers["retry-after"] == "60"
            assert ADMIN[:10].lower() not in answer.text.lower()

    assert statuses.count(401) >= len(WRONG)
    assert ours.fire("Meanwhile").status_code == 200, "whoever has a valid token comes in all the same"


def test_basic_and_the_address_are_ways_in_for_programs_only(ours: Node) -> None:
    """Alertmanager's clients may send the token so; the API that changes incidents takes neither."""
    by_basic = {"Authorization": "Basic " + base64.b64encode(f"tocsin:{ADMIN}".encode()).decode()}

    assert ours.ask("GET", "/api/v2/alerts", token="", headers=by_basic).status_code == 200
    assert ours.ask("GET", "/api/v1/incidents", token="", headers=by_basic).status_code == 401
    assert ours.ask("GET", f"/api/v1/incidents?token={ADMIN}", token="").status_code == 401


def as_it_is(ours: Node) -> tuple[object, ...]:
    """Everything that a forbidden request could have changed."""
    listed = ours.get("/api/v1/incidents")["incidents"]
    silences = ours.ask("GET", "/api/v2/silences").json()
    return [(each["incident"]["id"], each["incident"]["version"]) for each in listed], silences, ours.alerts()


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_viewer_makes_no_move(name: str, ours: Node) -> None:
    """403 that names the role that it takes, over the API and on the page, whatever the body; nothing has changed."""
    before = as_it_is(ours)
    for body in ({}, {"why": "because", "text": "x", "step": "x", "approval": "x"}):
        answer = ours.ask("POST", f"/api/v1/incidents/INC-1/{name}", body, token=TOKENS["viewer"])
        assert_told(answer, 403, "The role viewer may not", CATALOGUE[name].role)
    with ours.signed_in(TOKENS["viewer"]) as browser:
        page = browser.post(f"/incidents/INC-1/{name}", data={"why": "because"}, headers={"Origin": ours.url})
        assert (page.status_code, "The role viewer may not" in page.text) == (403, True), page.text
        assert "Traceback" not in page.text

    assert as_it_is(ours) == before


MOVES = {*CATALOGUE, "{move}"}
DOORS = [each for each in ENDPOINTS if each.method != "GET" and each.path.rpartition("/")[2] not in MOVES]


@pytest.mark.parametrize("endpoint", DOORS, ids=lambda each: f"{each.method} {each.path}")
def test_a_viewer_opens_no_door_that_changes_something(endpoint: Endpoint, ours: Node) -> None:
    """403 on every endpoint that is not for looking; nothing has changed."""
    if endpoint.door == "open" or not of_program(endpoint.method, endpoint.path, endpoint.role).deed:
        pytest.skip("this one is for anybody, or about the caller alone")
    before = as_it_is(ours)
    path = re.sub(
        r"{(\w+)(:path)?}", lambda part: {"ref": "INC-1", "source": "alertmanager"}.get(part[1], "x"), endpoint.path
    )
    answer = ours.ask(endpoint.method, path, [] if endpoint.method == "POST" else None, token=TOKENS["viewer"])

    assert_told(answer, 403, "The role viewer may not")
    assert as_it_is(ours) == before


@pytest.mark.parametrize("name", [name for name, move in CATALOGUE.items() if move.role not in ("viewer", "agent")])
def test_an_agent_makes_no_move_that_needs_a_person(name: str, ours: Node) -> None:
    """Least of all approve."""
    answer = ours.ask("POST", f"/api/v1/incidents/INC-1/{name}", {}, token=TOKENS["agent"])

    assert_told(answer, 403, "The role agent may not")


@pytest.mark.parametrize("name", [name for name, move in CATALOGUE.items() if move.role == "approver"])
def test_a_responder_does_not_approve(name: str, ours: Node) -> None:
    """That takes an approver."""
    body = {"approval": "x"}

    assert_told(ours.ask("POST", f"/api/v1/incidents/INC-1/{name}", body, token=TOKENS["responder"]), 403, "approver")
