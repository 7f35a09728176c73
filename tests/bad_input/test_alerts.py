"""Alerts and runbooks that do not fit each other: somebody is paged all the same.

| alert | runbook | becomes |
|---|---|---|
| named nowhere | with scenarios | an incident that follows the general process, with the reason |
| without a name | with scenarios | the same, called so |
| any | without a scenario | the same; the runbook is shown with what was not found in it |
| any | one line of prose | the same, unrated |
| with labels that mean no good | any | the same; they stay words |
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bad_input.node import CONFIG, Node, assert_told, node

PROCESS = """\
# When a tram stops

## Severity levels

- **P1 (High)**: no tram runs
- **P2 (Medium)**: trams are late

## Phase 1: Look (0-5 minutes)

1. Look at the board
2. Who is running? `uptime`

## Escalation

1. **0-15 min**: On-call engineer
"""
PROSE = "Call Ana.\n"
EVIL = "<script>alert(1)</script> {{7*7}} '; drop table alerts; -- \u202e$(reboot)"


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node whose runbook has one scenario."""
    apart = f"{CONFIG}\n[grouping]\nstorm = 200\nmost = 200\n"  # each of these is looked at by itself
    with node(tmp_path_factory.mktemp("alerts"), config=apart) as made:
        yield made
        made.is_well()


@pytest.mark.parametrize(
    ("labels", "title"),
    [
        ({"alertname": "NobodyKnowsThis"}, "NobodyKnowsThis"),
        ({"line": "7"}, "Alert without a name"),
        ({"alertname": "", "line": "8"}, "Alert without a name"),
        ({"alertname": EVIL}, EVIL),
        ({"alertname": "N" * 10_000}, "N" * 300),
        ({"alertname": "Rated", "severity": "unheard of"}, "Rated"),
    ],
)
def test_an_alert_that_no_scenario_names_pages_all_the_same(labels: dict[str, str], title: str, ours: Node) -> None:
    """By the general process, and the reason says why."""
    assert ours.ask("POST", "/api/v2/alerts", [{"labels": labels}]).status_code == 200
    incident = ours.incident(labels.get("alertname", "")[:200])

    assert (incident["title"], incident["severity"], incident["scenario"]) in [(title, "P2", None), (title, "P2", "")]
    assert "no scenario of any runbook names the alert" in incident["why"]
    page = ours.ask("GET", f"/api/v1/incidents/{incident['id']}")
    assert page.status_code == 200
    with ours.signed_in(ours.token) as browser:
        shown = browser.get(f"/incidents/{incident['id']}")
        assert shown.status_code == 200
        assert "<script>alert(1)</script>" not in shown.text


def test_an_alert_without_any_label_is_refused_and_its_neighbours_are_kept(ours: Node) -> None:
    """Alertmanager's own words, and its own way: the good ones of a message count."""
    good, bad = {"labels": {"alertname": "Neighbour"}}, {"labels": {}}

    assert_told(ours.ask("POST", "/api/v2/alerts", [bad, good]), 400, "at least one label pair required")
    assert ours.incident("Neighbour")["title"] == "Neighbour"


@pytest.mark.parametrize(
    ("runbook", "said", "severity"),
    [(PROCESS, "no scenarios that an alert could select", "P2"), (PROSE, "no scenarios", "unrated")],
)
def test_a_runbook_without_a_scenario_runs_incidents(runbook: str, said: str, severity: str, tmp_path: Path) -> None:
    """It is loaded with a word about it, it is shown, it takes alerts, and an incident goes from end to end."""
    with node(tmp_path, runbook=runbook) as ours:
        assert said in ours.words
        (listed,) = ours.get("/api/v1/runbooks")["runbooks"]
        assert listed["scenarios"] == []
        assert ours.fire("TramStops").status_code == 200
        incident = ours.incident("TramStops")
        ref = incident["id"]
        assert (incident["title"], incident["severity"]) == ("TramStops", severity)
        for move, body in (("acknowledge", {}), ("note", {"text": "it rolls"}), ("mitigate", {"how": "pushed"})):
            assert ours.ask("POST", f"/api/v1/incidents/{ref}/{move}", body).status_code == 200
        resolved = ours.ask("POST", f"/api/v1/incidents/{ref}/resolve", {"summary": "over", "override": "it is over"})
        assert (resolved.status_code, resolved.json()["status"]) == (200, "resolved")
        with ours.signed_in(ours.token) as browser:
            for path in ("/", "/runbooks", f"/incidents/{ref}", f"/incidents/{ref}/review"):
                assert browser.get(path).status_code == 200, path
        ours.is_well()
