"""Where an alert goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.build import NOW, a_runbook, a_scenario, after, an_alert, an_incident
from tocsin.core import moves
from tocsin.core.alert import Alert
from tocsin.core.incident import Incident
from tocsin.core.routing import OURSELVES, Attach, Clear, Decision, Declare, route

BOOK = a_runbook()


def go(alert: Alert, *open_incidents: Incident) -> Decision:
    """Where this alert goes."""
    return route(alert, [BOOK], open_incidents, [], "P2", NOW)


def without_scenario(alert: Alert, *, drill: bool) -> Incident:
    """An incident that follows the general process and holds this alert."""
    opening = moves.Opening(number=1, title=alert.name, severity="P1", why="a test says so", drill=drill)
    incident = after(None, moves.declare(BOOK, opening))
    return after(incident, moves.link_alert(incident, alert, ""))


@pytest.mark.parametrize(
    "real",
    [
        an_alert("CheckoutFails"),
        an_alert("NobodyNamesThis"),
        an_alert("Metric", source=OURSELVES, labels={"alertname": "Metric", "metric": "queue depth"}),
    ],
)
def test_a_real_alert_never_disappears_in_a_drill(real: Alert) -> None:
    """While people practise, the real thing pages as always; and practice is never taken for the real thing."""
    rehearsed = replace(real, labels={**real.labels, "tocsin_drill": "true"})
    for practice in (replace(an_incident(), drill=True), without_scenario(rehearsed, drill=True)):
        assert isinstance(go(real, practice), Declare)
    for serious in (an_incident(), without_scenario(real, drill=False)):
        assert isinstance(go(rehearsed, serious), Declare)


def test_the_same_alert_stays_with_its_incident_until_it_is_over() -> None:
    """Its repetition belongs to it, its end clears it."""
    alert = an_alert("NobodyNamesThis")
    incident = without_scenario(alert, drill=False)
    assert isinstance(go(alert, incident), Attach)
    assert isinstance(go(replace(alert, status="resolved"), incident), Clear)


def test_an_alert_that_names_its_runbook_goes_to_that_one() -> None:
    """Two documents may call a scenario the same; a threshold of one of them never declares the other's."""
    second = a_runbook(title="Bank runbook", digest="sha256:" + "1" * 64, scenarios=(a_scenario(line=99),))
    alert = an_alert(source=OURSELVES, labels={"alertname": "CheckoutFails", "runbook": "Bank runbook"})
    decision = route(alert, [BOOK, second], [], [], "P2", NOW)
    assert isinstance(decision, Declare)
    assert (decision.runbook.title, decision.scenario and decision.scenario.line) == ("Bank runbook", 99)
    unnamed = route(replace(alert, labels={**alert.labels, "alertname": "Other"}), [BOOK, second], [], [], "P2", NOW)
    assert isinstance(unnamed, Declare)
    assert (unnamed.runbook.title, unnamed.scenario) == ("Bank runbook", None)
