"""The page and the API about telling people: what reached nobody, ways, tests, codes; and who may."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web import house
from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.core.notices import Notice
from tocsin.core.oncall import Directory, Person
from tocsin.engine.worker import Worker
from tocsin.errors import Undelivered
from tocsin.plug.kinds import Address, Receipt
from tocsin.service import deliveries, respond


@dataclass
class Phone:
    """A telephone that may be gone."""

    gone: bool = False
    got: list[Notice] = field(default_factory=list)
    uses = ("phone",)

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:
        """Keep the notice, or fail."""
        if self.gone:
            raise Undelivered("<b>gone</b>", permanent=True)
        self.got.append(notice)
        return Receipt(reference="SM1")


@pytest.fixture
def phone(app: App) -> Phone:
    """Ana's only way."""
    made = Phone()
    ana = Person(id="ana", name="Ana <i>", notify=("sms",), contacts={"phone": "+4930123456"})
    directory = Directory({"ana": ana}, {"on-call": "ana"})
    app.settings = replace(app.settings, directory=directory, notifiers={"sms": made, "console": made})
    return made


@pytest.fixture
def browser(client: TestClient, phone: Phone) -> TestClient:
    """A responder who is signed in."""
    del phone
    headers = {"Origin": "http://tocsin.test", "Sec-Fetch-Site": "same-origin"}
    signed = client.post(
        "/login", data={"token": house.TOKENS["responder"]}, headers=headers, follow_redirects=False
    )  # fmt: skip
    assert signed.status_code == 303
    client.headers.update(headers)
    return client


def lose_a_page(app: App, phone: Phone) -> str:
    """A page to ana that reaches nobody; its id."""
    phone.gone = True
    incident = respond.declare_by_hand(app, respond.Declaration(title="The <em>lamp</em>"), Actor("person", "ben"))
    catalogue_escalate(app, incident.id)
    worker = Worker(app)
    while worker.turn():
        pass
    worker.stop(1)
    phone.gone = False
    dead = app.db.read(lambda tx: tx.all("select notice from outbox where state = 'dead'"))
    return str(dead[0]["notice"])


def catalogue_escalate(app: App, ref: str) -> None:
    """Draw ana in."""
    from tocsin.service import catalogue

    request = catalogue.CATALOGUE["escalate"].request(to="ana", why="now")
    catalogue.make(app, "escalate", ref, request, Actor("person", "ben"), "responder")


def test_what_reached_nobody_is_seen_and_tried_again(app: App, phone: Phone, browser: TestClient) -> None:
    """On Now and on its own page, escaped; a button tries it again."""
    notice = lose_a_page(app, phone)
    incident = browser.get("/incidents/INC-1").text
    assert "was called and could not be told:</b> <bdi>" in incident and "<b>gone" not in incident
    for path in ("/", "/deliveries"):
        page = browser.get(path).text
        assert "reached nobody" in page.lower()
        assert "<em>lamp" not in page and "<b>gone" not in page
    assert "Try again" in browser.get("/deliveries").text
    answer = browser.post("/deliveries/retry", data={"notice": notice}, follow_redirects=False)
    assert answer.status_code == 303
    worker = Worker(app)
    worker.turn()
    worker.stop(1)
    assert [one.id for one in phone.got] == [notice]
    assert notice not in [one.id for one in deliveries.dead(app)]
    assert browser.post("/deliveries/retry", data={"notice": "x"}).status_code == 404


def test_a_test_is_sent_from_the_page(phone: Phone, browser: TestClient) -> None:
    """What came of it stands on the page; a failure with its words."""
    page = browser.post("/deliveries/test", data={"person": "ana", "via": "sms"}).text
    assert "What came of the test" in page and "SM1" in page
    phone.gone = True
    assert "&lt;b&gt;gone" in browser.post("/deliveries/test", data={"person": "ana", "via": "sms"}).text


def test_a_way_is_verified_on_the_page(phone: Phone, browser: TestClient) -> None:
    """Without a script: one form sends the code, the next one takes it; a wrong one keeps the form."""
    assert "not verified" in browser.get("/deliveries").text
    asked = browser.post("/deliveries/verify", data={"person": "ana", "via": "sms"}).text
    assert 'name="code"' in asked
    wrong = browser.post("/deliveries/verify", data={"person": "ana", "via": "sms", "code": "1"})
    assert wrong.status_code == 409 and 'name="code"' in wrong.text
    code = phone.got[-1].subject.rpartition(" ")[2]
    browser.post("/deliveries/verify", data={"person": "ana", "via": "sms", "code": code})
    assert "not verified" not in browser.get("/deliveries").text


def api(client: TestClient, path: str, role: str = "responder", **body: Any) -> Any:
    """A request as a program of this role."""
    headers = house.bearer(role)
    return client.post(path, json=body, headers=headers) if body else client.get(path, headers=headers)


def test_programs_can_do_the_same(app: App, phone: Phone, client: TestClient) -> None:
    """List, test, verify, retry: each with its own shape."""
    notice = lose_a_page(app, phone)
    dead = api(client, "/api/v1/notices").json()["dead"]
    assert (notice, "ana") in [(one["id"], one["to"]) for one in dead]
    assert api(client, "/api/v1/notices/retry", notice=notice).json() == {"ways": 1}
    (trial,) = api(client, "/api/v1/notices/test", to="ana").json()["trials"]
    assert (trial["via"], trial["ok"]) == ("sms", True)
    log = api(client, "/api/v1/deliveries?person=ana&limit=1").json()["deliveries"]
    assert [one["ok"] for one in log] == [True]
    assert api(client, "/api/v1/deliveries?incident=INC-1").json()["deliveries"][0]["incident"] == "INC-1"
    asked = api(client, "/api/v1/people/verify", person="ana", via="sms").json()
    assert asked["verified_at"] is None
    code = phone.got[-1].subject.rpartition(" ")[2]
    assert api(client, "/api/v1/people/verify", person="ana", via="sms", code=code).json()["verified_by"] == "responder"
    assert api(client, "/api/v1/people/methods").json()["methods"][0]["verified_at"]


@pytest.mark.parametrize("path", ["/api/v1/notices/test", "/api/v1/notices/retry", "/api/v1/people/verify"])
@pytest.mark.parametrize("role", ["viewer", "agent"])
def test_who_only_looks_wakes_nobody(phone: Phone, client: TestClient, path: str, role: str) -> None:
    """Neither a viewer nor an agent sends anything."""
    bodies = {"test": {"to": "ana"}, "retry": {"notice": "x"}, "verify": {"person": "ana", "via": "sms"}}
    body = bodies[path.rpartition("/")[2]]
    assert api(client, path, role, **body).status_code == 403
    assert phone.got == []


def test_the_address_of_a_hook_is_not_shown(app: App, phone: Phone, client: TestClient) -> None:
    """Whoever knows it may speak there: only its host is told."""
    phone.__class__.uses = ("url",)  # type: ignore[misc]
    try:
        ana = replace(
            app.settings.directory.people["ana"], contacts={"url": "https://u:p@hooks.example.org/hidden-path"}
        )
        app.settings = replace(app.settings, directory=replace(app.settings.directory, people={"ana": ana}))
        answer = api(client, "/api/v1/people/methods", "viewer").text
    finally:
        phone.__class__.uses = ("phone",)  # type: ignore[misc]
    assert "hooks.example.org" in answer and "hidden-path" not in answer and "u:p" not in answer
