"""The page of the figures, its CSV, and the same for programs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from html import unescape

import pytest
from starlette.testclient import TestClient

from tests.web.house import bearer
from tests.web.test_permissions import make_token
from tocsin.app import App
from tocsin.core.facts import Actor, Entry
from tocsin.core.figures.meanings import MEANINGS, MEASURES, NAMES
from tocsin.core.figures.measuring import Measured, measure
from tocsin.core.figures.sheets import SHEETS
from tocsin.service import catalogue, figuring, respond
from tocsin.service.respond import Declaration

ANA = Actor("person", "ana")


@pytest.fixture
def get(app: App, client: TestClient) -> TestClient:
    """A viewer's browser: INC-1 was taken, INC-2 is private to ana, INC-3 is a drill."""
    for told in (
        Declaration(title="The lamp <b>", scenario="the lamp", severity="P1"),
        Declaration(title="Secret", severity="P1", private=True),
        Declaration(title="Practice", severity="P2", drill=True),
    ):
        respond.declare_by_hand(app, told, ANA)
    catalogue.make(app, "acknowledge", "INC-1", catalogue.Nothing(), ANA, "admin")
    client.headers.update(bearer("viewer"))
    return client


def plain(html: str) -> str:
    """Text without markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_the_page_says_what_is_counted_and_what_is_not(get: TestClient) -> None:
    """The drill is told, the private incident is not; each figure has its meaning and a table beside its chart."""
    html = get.get("/figures").text
    shown = plain(html)
    assert "1 incident declared from" in shown
    assert "Left out: 1 drill, 0 duplicates." in shown
    assert "too few for a median" in shown
    for each in MEASURES:
        assert NAMES[each] in shown
        assert MEANINGS[each] in shown
    assert html.count('<svg class="chart"') == 2, "time to acknowledge, and the months"
    assert html.count('<table class="figures">') == 4 + 6


def test_a_chart_says_its_values_to_who_does_not_see_it(get: TestClient) -> None:
    """The same as the table."""
    assert re.search(r'role="img" aria-label="Time to acknowledge: P1 \d+ s"', get.get("/figures").text)


def test_the_form_s_period_and_grouping_count(get: TestClient) -> None:
    """By a label nobody set, all are "none"; before there was anything, nothing is."""
    assert "none" in plain(get.get("/figures?label=tower").text)
    old = get.get("/figures?since=2020-01-01&until=2020-02-01&by=month")
    assert "0 incidents declared from 2020-01-01 to 2020-02-01" in plain(old.text)
    assert "Nobody was paged." in plain(old.text)


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "by=<b>", "label=%00", "since=2026-02-02&until=2026-01-01", "until=9999-12-31"],
)
def test_a_wrong_question_is_answered_on_the_page(get: TestClient, query: str) -> None:
    """In one sentence, with the usual figures below it."""
    answer = get.get(f"/figures?{query}")
    assert answer.status_code in (200, 400)
    assert answer.status_code == 200 or "Not done." in answer.text
    assert '<b>"' not in answer.text


@pytest.mark.parametrize("table", SHEETS)
def test_every_table_is_there_as_csv(get: TestClient, table: str) -> None:
    """Under the link beside it, as a file with a name."""
    assert f"table={table}" in get.get("/figures").text
    answer = get.get(f"/figures.csv?table={table}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert f'filename="figures-{table}.csv"' in answer.headers["content-disposition"]
    assert tuple(next(csv.reader(io.StringIO(answer.text)))) == SHEETS[table][0]


def test_programs_get_the_same(get: TestClient) -> None:
    """Who may see the private incident has it counted; whose scopes leave out an incident has it not."""
    told = get.get("/api/v1/figures?by=scenario").json()
    assert [(each["name"], each["incidents"]) for each in told["groups"]] == [("The lamp is out", 1)]
    assert told["whole"]["times"]["acknowledge"]["n"] == 1


def test_who_sees_more_or_less_is_told_more_or_less(get: TestClient, app: App) -> None:
    """Names of private incidents, and scopes of one runbook or one incident."""
    counts = []
    for name, scopes in (("ana", ()), ("ben", ()), ("one", ("incident:INC-3",)), ("book", ("runbook:lighthouse.md",))):
        header = make_token(app, name, "viewer", *(["incidents:read", *scopes] if scopes else []))
        told = get.get("/api/v1/figures", headers=header).json()
        counts.append((name, told["whole"]["incidents"], told["drills"]))
    assert counts == [("ana", 2, 1), ("ben", 1, 1), ("one", 0, 1), ("book", 1, 1)]


def test_the_report_is_text(get: TestClient) -> None:
    """Of the day until now; another kind there is not."""
    told = get.get("/api/v1/figures/report").json()
    assert told["subject"].startswith("Tocsin daily report")
    assert "1 began, 0 ended, 1 is open at the end." in told["text"]
    assert get.get("/api/v1/figures/report?kind=weekly").json()["kind"] == "weekly"
    assert get.get("/api/v1/figures/report?kind=yearly").status_code == 400


def test_an_incident_is_rolled_up_once(get: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page does not read timelines of which it knows everything."""
    read: list[str] = []

    def noted(entries: Sequence[Entry]) -> Measured:
        read.append(entries[0].kind)
        return measure(entries)

    monkeypatch.setattr(figuring, "measure", noted)
    get.get("/figures")
    get.get("/figures")
    assert len(read) == 3
