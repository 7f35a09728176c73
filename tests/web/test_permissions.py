"""All routes that the router holds, asked by everybody: what each answers is what is declared for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette

from tests.web import house
from tests.web.house import bearer
from tests.web.walking import Answer, Spot, ask, spots
from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.core.scopes import DEEDS
from tocsin.service import access, catalogue, respond
from tocsin.service.respond import Declaration
from tocsin.settings import ROLES
from tocsin.store import people
from tocsin.web import auth, permissions, server
from tocsin.web.permissions import UNKNOWN

SENDS = {"/login": {"token": house.TOKENS["viewer"]}, "/theme": {"theme": "dark"}}
FORM = "application/x-www-form-urlencoded"
ENDS_AT_THE_LOGIN = {"/logout"}
"""Where being let in looks like being sent away."""


@pytest.fixture
def web(app: App) -> Starlette:
    """The application with two incidents: INC-1 follows the runbook's first scenario, INC-2 its second."""
    with_actor = access.caller_of(app, house.TOKENS["admin"]).actor
    for scenario in ("lamp", "horn"):
        respond.declare_by_hand(app, Declaration(title=scenario, scenario=f"the {scenario}", severity="P1"), with_actor)
    return server.build(app)


def make_token(app: App, name: str, role: str = "admin", *scopes: str, **more: Any) -> dict[str, str]:
    """The header of a token of the database."""
    secret = f"secret-of-{name}-0123456789"
    token = people.Token(
        hash=access.hashed(secret), name=name, role=role, scopes=scopes, created_at=app.clock.now(), **more
    )
    app.db.write(lambda tx: people.add_token(tx, token))
    return {"Authorization": f"Bearer {secret}"}


async def try_(web: Starlette, spot: Spot, headers: dict[str, str], ref: str = "INC-1") -> Answer:
    """An almost empty request."""
    body = urlencode(SENDS.get(spot.path, {})).encode() if spot.page else b""
    return await ask(
        web, spot.method, spot.filled(ref), {**headers, **({"Content-Type": FORM} if spot.page else {})}, body
    )


def walk(web: Starlette, each: Callable[[Spot], Coroutine[Any, Any, str]]) -> None:
    """Go to every spot and fail with all complaints together."""

    async def go() -> list[str]:
        return [complaint for spot in spots(web) if (complaint := await each(spot))]

    complaints = asyncio.run(go())
    assert not complaints, "\n".join(complaints)


def test_every_route_declares_what_it_asks(web: Starlette) -> None:
    """A new route without a permission is named here; so is a permission without a route."""
    found = list(spots(web))
    undeclared = [str(spot) for spot in found if spot.permission is None or spot.permission.deed == UNKNOWN]

    assert len(found) > 80
    assert not undeclared, f"declare these in tocsin/web/permissions.py: {undeclared}"
    assert set(permissions.PAGES) == {(spot.method, spot.path) for spot in found if spot.page}
    assert {spot.role for spot in found} <= {"", *ROLES}
    assert {spot.path for spot in found if not spot.role} == {
        "/healthz", "/readyz", "/-/healthy", "/-/ready", "/metrics", "/openapi.json", "/login", "/theme", "/icon.svg",
        "/assets/{name}", "/oncall/feed/{secret}", "/answer/{deed}/{token}", "/answers/sms", "/answers/voice/{token}",
    }  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_let_in_where_the_table_says(web: Starlette, role: str) -> None:
    """Below the least role 403, from it on anything else."""

    async def each(spot: Spot) -> str:
        answer = await try_(web, spot, bearer(role))
        let_in = not spot.role or ROLES.index(role) >= ROLES.index(spot.role)
        seen = "in" if spot.path in ENDS_AT_THE_LOGIN and answer.status == 303 else answer.verdict
        good = seen in ("in", "absent") if let_in else seen == "denied"
        return (
            "" if good and answer.status < 500 else f"{spot} as {role}: {answer.status}, declared {spot.role or 'open'}"
        )

    walk(web, each)


def test_nobody_comes_in_without_a_token_that_counts(app: App, web: Starlette) -> None:
    """No token, a made-up, a revoked and an expired one, and sessions of those: 401, or the way to the login."""
    now = app.clock.now()
    revoked, expired = make_token(app, "gone"), make_token(app, "old", expires_at=now + timedelta(hours=1))
    cookies = [access.start_session(app, each["Authorization"].partition(" ")[2]) for each in (revoked, expired)]
    app.db.write(lambda tx: people.revoke(tx, "gone", now))
    app.db.write(lambda tx: tx.execute("update tokens set expires_at = :now where name = 'old'", now=now))
    made_up = {"Authorization": "Bearer made-up-0123456789"}
    same = {"Sec-Fetch-Site": "same-origin"}
    sessions = [{"Cookie": f"{auth.COOKIE}={cookie}", **same} for cookie in (*cookies, "made-up")]

    async def each(spot: Spot) -> str:
        answers = [(await try_(web, spot, headers)).verdict for headers in ({}, made_up, revoked, expired, *sessions)]
        if spot.role:
            return "" if set(answers) == {"nobody"} else f"{spot}: {answers}"
        return "" if set(answers) <= {"in", "absent"} else f"{spot} is open, yet: {answers}"

    walk(web, each)


@pytest.mark.parametrize("scope", DEEDS)
def test_a_scope_opens_what_it_names_and_nothing_else(app: App, web: Starlette, scope: str) -> None:
    """Even an admin's token is denied what its scopes do not name."""
    headers = make_token(app, "narrow", "admin", scope)

    async def each(spot: Spot) -> str:
        answer = await try_(web, spot, headers)
        deed = spot.permission.deed if spot.permission else UNKNOWN
        let_in = not deed or deed in DEEDS[scope][1]
        seen = "in" if spot.path in ENDS_AT_THE_LOGIN and answer.status == 303 else answer.verdict
        good = seen in ("in", "absent") if let_in else seen == "denied"
        return "" if good else f"{spot} with {scope}: {answer.status}, declared {deed}"

    walk(web, each)


@pytest.mark.parametrize("scope", ["incident:INC-1", "runbook:lighthouse.md", "runbook:Ferry runbook"])
def test_an_incident_out_of_reach_is_as_one_that_does_not_exist(app: App, web: Starlette, scope: str) -> None:
    """404 with the same words, at every route that names an incident; the right one is let in."""
    headers = {**make_token(app, "narrow", "admin", scope), "X-Request-Id": "same", "HX-Request": "true"}
    reached = {"incident:INC-1": ("INC-1",), "runbook:lighthouse.md": ("INC-1", "INC-2")}.get(scope, ())

    async def each(spot: Spot) -> str:
        if "{ref}" not in spot.path:
            return ""
        never = await try_(web, spot, headers, "INC-7")
        for ref in ("INC-1", "INC-2"):
            answer = await try_(web, spot, headers, ref)
            told = (answer.status, plain(answer.body, ref))
            hidden = told == (404, plain(never.body, "INC-7"))
            if (ref in reached and answer.verdict == "denied") or (ref not in reached and not hidden):
                return f"{spot} with {scope} on {ref}: {answer.status} {answer.body[:200]!r}"
        return ""

    walk(web, each)


def plain(body: bytes, ref: str) -> str:
    """What an answer says, without the name that was asked for and without the time of day."""
    text = body.decode().replace(ref, "REF").replace(f"{ref}".lower(), "REF")
    return text.partition('data-now="')[0] + text.partition('data-now="')[2].partition('"')[2]


def test_lists_leave_out_what_is_out_of_reach(app: App, web: Starlette) -> None:
    """Incidents, approvals, runbooks, alerts and the page Now show a narrowed token its own only."""
    branch = catalogue.Branch(branch="If the fuse is blown")
    catalogue.make(app, "choose_branch", "INC-1", branch, Actor("person", "ana"), "admin")
    assert respond.exists(app, "INC-1").waiting_approvals
    narrow = make_token(app, "narrow", "admin", "incident:INC-2")
    books = make_token(app, "books", "viewer", "read", "runbook:ferry.md")

    async def look() -> None:
        one = await ask(web, "GET", "/api/v1/incidents", narrow)
        assert [each["incident"]["id"] for each in json.loads(one.body)["incidents"]] == ["INC-2"]
        assert json.loads((await ask(web, "GET", "/api/v1/approvals", narrow)).body) == {"approvals": []}
        assert json.loads((await ask(web, "GET", "/api/v1/runbooks", books)).body) == {"runbooks": []}
        for path in ("/", "/incidents", "/approvals"):
            page = (await ask(web, "GET", path, narrow)).body.decode()
            assert "INC-1" not in page
            assert "INC-2" in page or path == "/approvals"
        assert b"Lighthouse" not in (await ask(web, "GET", "/runbooks", books)).body
        assert (await ask(web, "GET", "/runbooks/lighthouse.md", books)).status == 404

    asyncio.run(look())


def test_another_sites_form_changes_nothing_anywhere(app: App, web: Starlette) -> None:
    """A session is refused on every unsafe method of every route unless the request comes from our own page."""
    cookie = {"Cookie": f"{auth.COOKIE}={access.start_session(app, house.TOKENS['admin'])}"}
    foreign = ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}, {})

    async def each(spot: Spot) -> str:
        if spot.method == "GET":
            return ""
        statuses = [(await try_(web, spot, {**cookie, **site})).status for site in foreign]
        return "" if statuses == [403] * len(foreign) else f"{spot}: {statuses}"

    walk(web, each)


def test_an_agent_proposes_and_decides_nothing() -> None:
    """What a program may do for a person: write down and ask."""
    reached = {move.name for move in catalogue.CATALOGUE.values() if ROLES.index(move.role) <= ROLES.index("agent")}

    assert reached == {"note", "request_step"}
    assert {catalogue.CATALOGUE[name].role for name in ("approve", "deny")} == {"approver"}
