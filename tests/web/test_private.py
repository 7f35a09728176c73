"""A private incident exists for those who are named; for everybody else, admins too, it is as one that never was."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Any

import pytest
from starlette.applications import Starlette

from tests.build import an_alert
from tests.web import house
from tests.web.house import bearer
from tests.web.test_permissions import make_token, plain, try_, walk
from tests.web.walking import Spot, ask
from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.core.facts import Actor
from tocsin.errors import NotFound, Refused
from tocsin.service import access, catalogue, ingest, respond, team, views
from tocsin.service.gathering import Merging, Splitting
from tocsin.service.respond import Declaration
from tocsin.settings import ROLES
from tocsin.store import incidents, outbox
from tocsin.web import live, server

TITLE = "Somebody has our keys"
REF, OTHER = "INC-737", "INC-738"
MARKS = (b"our keys", REF.encode(), REF.lower().encode())
ANA, ADMIN = Actor("person", "ana"), Actor("person", "admin")


@pytest.fixture
def web(app: App) -> Starlette:
    """INC-737 is private to ana, who declared it; INC-738 is everybody's. An alert belongs to each."""
    now = app.clock.now()
    app.db.write(lambda tx: tx.execute("insert into counters (name, value) values ('incident', 736)"))
    named = [an_alert(name, starts_at=now, updated_at=now) for name in ("LampOut", "HornSilent")]
    respond.declare_by_hand(app, Declaration(title=TITLE, severity="P1", scenario="the lamp", private=True), ANA)
    respond.declare_by_hand(app, Declaration(title="The horn", severity="P1", scenario="the horn"), ADMIN)
    ingest.accept(app, "alertmanager", named)
    house.merge(app)
    app.db.write(lambda tx: outbox.record(tx, _told(REF, now)))
    return server.build(app)


@pytest.mark.parametrize("role", ROLES)
def test_at_every_route_it_is_as_one_that_does_not_exist(web: Starlette, role: str) -> None:
    """Whoever is not named gets, at every route that names an incident, to the byte what INC-999 would get."""
    headers = {**bearer(role), "X-Request-Id": "same", "HX-Request": "true"}

    async def each(spot: Spot) -> str:
        if "{ref}" not in spot.path:
            return ""
        never, answer = await try_(web, spot, headers, "INC-999"), await try_(web, spot, headers, REF)
        same = (answer.status, plain(answer.body, REF)) == (never.status, plain(never.body, "INC-999"))
        return "" if same and answer.status >= 400 else f"{spot} as {role}: {answer.status} {answer.body[:300]!r}"

    walk(web, each)


@pytest.mark.parametrize("role", ROLES)
def test_no_list_page_search_or_count_holds_a_word_of_it(web: Starlette, role: str) -> None:
    """Everything that can be read without naming an incident is free of its title and its number."""
    headers = {**bearer(role), "HX-Request": "true"}

    async def each(spot: Spot) -> str:
        if spot.method != "GET" or "{ref}" in spot.path:
            return ""
        found = (await try_(web, spot, headers)).body.replace(b"placeholder=REF", b"")
        told = [mark for mark in MARKS if mark in found]
        return f"{spot} as {role} tells {told}" if told else ""

    walk(web, each)


def test_who_is_named_is_let_in_everywhere(app: App, web: Starlette) -> None:
    """The named one finds it in the lists, on its page, in the API; a role still counts."""
    headers = make_token(app, "ana", "responder")

    async def look() -> None:
        for path in ("/", "/incidents", f"/incidents/{REF}", f"/incidents/{REF}/review", f"/api/v1/incidents/{REF}"):
            answer = await ask(web, "GET", path, headers)
            assert (answer.status, b"our keys" in answer.body) == (200, True), path
        listed = json.loads((await ask(web, "GET", "/api/v1/incidents", headers)).body)["incidents"]
        assert [each["incident"]["id"] for each in listed] == [OTHER, REF]

    asyncio.run(look())
    with house.client_of(app) as client:
        assert client.get(f"/api/v1/alerts?incident={REF}", headers=headers).json()["total"] == 1


@pytest.mark.usefixtures("web")
def test_alerts_stay_and_do_not_tell_whose_they_are(app: App) -> None:
    """The alert of a private incident is listed without it, and can't be looked for by it."""
    with house.client_of(app) as client:
        alerts = client.get("/api/v1/alerts", headers=bearer("admin")).json()["alerts"]
        assert {each["labels"]["alertname"]: each["incident"] for each in alerts} == {
            "LampOut": None, "HornSilent": OTHER,
        }  # fmt: skip
        assert client.get(f"/api/v1/alerts?incident={REF}", headers=bearer("admin")).json()["total"] == 0
        page = client.get(f"/alerts?incident={REF}", headers={**bearer("admin"), "Accept": "text/html"}).text
        assert "LampOut" not in page


def test_an_admin_breaks_the_glass_with_a_reason_and_it_is_told(app: App, web: Starlette) -> None:
    """Only an admin, only with a reason; then they see it, and it stands on the timeline."""
    path = f"/api/v1/incidents/{REF}/break_glass"

    async def try_with(role: str, body: dict[str, Any]) -> int:
        headers = {**bearer(role), "Content-Type": "application/json"}
        return (await ask(web, "POST", path, headers, json.dumps(body).encode())).status

    async def go() -> list[int]:
        return [
            await try_with("approver", {"why": "I want to know"}),
            await try_with("admin", {"why": "  "}),
            await try_with("admin", {"why": "ana has left the company"}),
            await try_with("admin", {"why": "again"}),
            (await ask(web, "GET", f"/incidents/{REF}", bearer("admin"))).status,
            (await ask(web, "GET", f"/incidents/{REF}", bearer("approver"))).status,
        ]

    assert asyncio.run(go()) == [403, 400, 200, 409, 200, 404]
    told = app.db.read(lambda tx: incidents.timeline(tx, REF))[-1]
    assert (told.kind, told.fact.why) == ("GlassBroken", "ana has left the company")


def test_made_private_later_it_vanishes_and_made_public_it_is_back(app: App, web: Starlette) -> None:
    """Who makes it private sees it still; everybody else does again when it is public."""
    hidden = access.Caller("viewer", "viewer")
    team.make_private(app, OTHER, team.Privately(why="a name was posted", people="ben"), ANA)
    assert access.hidden(app, hidden) == {REF, OTHER}
    assert access.hidden(app, access.Caller("Ben", "viewer")) == {REF}
    with pytest.raises(NotFound):
        access.need_in_reach(app, hidden, "738")
    team.make_public(app, OTHER, team.Because(why="it was a mistake"), ANA)
    access.need_in_reach(app, hidden, "738")
    assert [each.incident.id for each in views.in_reach(app, hidden, views.listing(app))] == [OTHER]
    assert app.db.read(lambda tx: incidents.verify(tx, OTHER)) == []


def test_its_words_do_not_flow_into_what_others_see(app: App, web: Starlette) -> None:
    """It is not merged into an incident that more people see, and what is split off from it is private, too."""
    with pytest.raises(Refused, match=f"more people see {OTHER}"):
        catalogue.make(app, "merge", REF, Merging(into=OTHER), ANA, "responder")
    now = app.clock.now()
    ingest.accept(app, "alertmanager", [_second(now)])
    house.merge(app)
    chosen = tuple(respond.exists(app, REF).alerts)[:1]
    made = catalogue.make(app, "split", REF, Splitting(alerts=chosen), ANA, "responder")
    assert (made.team.private, made.team.named) == (True, ("ana",))


def test_the_stream_of_the_lists_tells_nothing_of_it(app: App, web: Starlette) -> None:
    """What happens in it changes the state that its people watch, and nobody else's."""
    ana, other = access.Caller("ana", "viewer"), access.Caller("viewer", "viewer")
    before = live.everything_since(app, ana), live.everything_since(app, other)
    respond.move(app, REF, ANA, lambda incident, _: catalogue.moves.note(incident, "a word"))
    after = live.everything_since(app, ana), live.everything_since(app, other)
    assert after[0] != before[0]
    assert after[1] == before[1]


@pytest.mark.usefixtures("web")
def test_what_is_overdue_is_said_without_its_name(app: App) -> None:
    """On the page Now and at the open door of readiness; its own people read which it is."""
    app.late = (f"{REF} was to be looked at 5 min ago.", f"{OTHER} was to be looked at 5 min ago.")
    with house.client_of(app) as client:
        told = client.get("/readyz").text
    assert REF not in told and OTHER in told and "A private incident is overdue." in told
    assert access.late(app, access.Caller("ana", "viewer")) == list(app.late)


def test_a_stream_ends_when_its_incident_becomes_private(app: App) -> None:
    """An open tab loses what it may no longer see within seconds."""
    incident = respond.declare_by_hand(app, Declaration(title="The horn", severity="P1"), ANA)
    viewer = access.Caller("viewer", "viewer")
    assert live._still_theirs(app, viewer, incident.id)
    team.make_private(app, incident.id, team.Privately(why="names"), ANA)
    assert not live._still_theirs(app, viewer, incident.id)
    assert live._still_theirs(app, access.Caller("ana", "viewer"), incident.id)


def _told(incident: str, now: datetime) -> outbox.Delivery:
    """An attempt to tell somebody of an incident."""
    return outbox.Delivery(
        id="1", at=now, person="ana", via="phone", notice=f"{incident}/1/ana", ok=True, detail="", incident=incident
    )


def _second(now: datetime) -> Alert:
    return an_alert("LampOut", starts_at=now, updated_at=now, labels={"alertname": "LampOut", "lamp": "two"})
