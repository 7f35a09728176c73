"""The open incidents by what an alert may have in common with them."""

from __future__ import annotations

from dataclasses import replace

from tests.build import after, an_alert, an_incident
from tocsin.core import moves
from tocsin.core.incident import Incident
from tocsin.core.openings import Openings


def numbered(number: int, **change: object) -> Incident:
    """An incident of the scenario checkout-fails with this number."""
    return replace(an_incident(), id=f"INC-{number}", number=number, **change)  # type: ignore[arg-type]


def test_they_are_met_in_the_order_of_their_numbers_however_they_came() -> None:
    """What changes last is not taken for the newest."""
    openings = Openings([numbered(3), numbered(10), numbered(2)])
    openings.put(numbered(2, version=9))
    assert [each.number for each in openings] == [2, 3, 10]
    assert [each.number for each in openings.about("checkout-fails")] == [2, 3, 10]
    assert len(openings) == 3


def test_an_incident_that_changes_leaves_nothing_of_its_former_self() -> None:
    """A new scenario, an alert split off, an end: it is found as it is now only."""
    alert = an_alert("CheckoutFails")
    linked = after(numbered(1), moves.link_alert(numbered(1), alert, ""))
    openings = Openings([linked])
    assert [each.id for each in openings.holding(alert.fingerprint)] == ["INC-1"]

    openings.put(replace(linked, alerts={}, scenario="another", version=linked.version + 1))
    assert openings.holding(alert.fingerprint) == []
    assert list(openings.about("checkout-fails")) == []
    assert [each.id for each in openings.about("another")] == ["INC-1"]

    openings.put(replace(linked, status="resolved", version=linked.version + 2))
    assert not openings.has("INC-1")
    assert openings.get("INC-1") is None
    assert list(openings.about("another")) == []


def test_of_incidents_without_a_scenario_only_those_that_can_be_joined_are_met() -> None:
    """Thousands that people declared by hand cost an alert that nobody names nothing."""
    byhand, gathering = numbered(1, scenario=""), numbered(2, scenario="", gathers=True)
    openings = Openings([byhand, gathering])
    assert list(openings.about("")) == [gathering]
    assert openings.has("INC-1")
