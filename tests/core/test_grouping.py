"""What belongs together: by scenario and labels, by name, by service in time; and never a storm of incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.build import NOW, a_runbook, after, an_alert, an_incident
from tocsin.core import moves
from tocsin.core.alert import Alert, Silence, turn_of
from tocsin.core.facts import AlertsGathered, Topic
from tocsin.core.gathering import counts_again
from tocsin.core.grouping import Grouping
from tocsin.core.incident import Incident
from tocsin.core.labels import parse_matchers
from tocsin.core.routing import OURSELVES, Attach, Declare, Mute, route

BOOK = a_runbook()
BY_CLUSTER = Grouping(by=("cluster",))


def heard(name: str, **labels: str) -> Alert:
    """An alert of this name with these labels."""
    return an_alert(name, labels={"alertname": name, **labels})


def declared(number: int, alert: Alert, *, gathers: bool = False, at: datetime = NOW) -> Incident:
    """An incident without a scenario that holds this alert."""
    opening = moves.Opening(number=number, title=alert.name, severity="P2", why="a test says so", gathers=gathers)
    incident = after(None, moves.declare(BOOK, opening), at=at)
    return after(incident, moves.link_alert(incident, alert, ""), at=at)


def go(alert: Alert, incidents: Sequence[Incident], terms: Grouping, now: datetime = NOW) -> object:
    """Where this alert goes."""
    return route(alert, [BOOK], incidents, [], "P2", now, terms=terms)


def test_of_a_scenario_only_alerts_with_the_same_labels_join() -> None:
    """And both the new incident and the reason name those labels."""
    first = go(heard("CheckoutFails", cluster="north"), [], BY_CLUSTER)
    assert isinstance(first, Declare)
    assert first.group == {"cluster": "north"}
    incident = replace(an_incident(BOOK), group=first.group)
    joined = go(heard("CheckoutFails", cluster="north", host="b"), [incident], BY_CLUSTER)
    assert isinstance(joined, Attach)
    assert joined.why.endswith("and cluster=north is the same")
    assert isinstance(go(heard("CheckoutFails", cluster="south"), [incident], BY_CLUSTER), Declare)
    assert isinstance(go(heard("CheckoutFails"), [incident], BY_CLUSTER), Declare)


def test_an_incident_without_a_group_takes_every_alert_of_its_scenario() -> None:
    """What people declared, and what our own thresholds declared, is about the scenario as a whole."""
    assert isinstance(go(heard("CheckoutFails", cluster="south"), [an_incident(BOOK)], BY_CLUSTER), Attach)
    ours = replace(heard("CheckoutFails"), source=OURSELVES)
    grouped = replace(an_incident(BOOK), group={"cluster": "north"})
    assert isinstance(go(ours, [grouped], BY_CLUSTER), Attach)
    begun = go(ours, [], BY_CLUSTER)
    assert isinstance(begun, Declare)
    assert begun.group == {}


def test_a_label_with_too_many_values_still_makes_few_incidents() -> None:
    """Whoever groups by instance does not get ten thousand incidents; the last one says that it gathers."""
    full = [replace(an_incident(BOOK), id=f"INC-{n}", group={"cluster": str(n)}) for n in range(20)]
    decision = go(heard("CheckoutFails", cluster="new"), full, BY_CLUSTER)
    assert isinstance(decision, Attach)
    assert decision.incident == "INC-19"
    assert "20 incidents of it are open" in decision.why


@pytest.mark.parametrize(("later", "joins"), [(timedelta(minutes=4), True), (timedelta(minutes=6), False)])
def test_what_no_scenario_names_joins_its_service_for_a_while(later: timedelta, joins: bool) -> None:
    """Two faults of one service a moment apart are one incident; an hour apart they are two."""
    incident = declared(1, heard("QueueStuck", service="bakery"))
    decision = go(heard("OvenCold", service="bakery"), [incident], Grouping(), NOW + later)
    assert isinstance(decision, Attach) is joins
    assert isinstance(go(heard("OvenCold", service="cellar"), [incident], Grouping()), Declare)


def test_a_storm_of_unknown_names_is_gathered_in_one_incident_that_says_so() -> None:
    """It begins with the sixth name in five minutes, goes on while it blows, and is over when it was quiet."""
    five = [declared(n, heard(f"Odd{n}")) for n in range(1, 6)]
    sixth = go(heard("Odd6"), five, Grouping())
    assert isinstance(sixth, Declare)
    assert sixth.gathers
    assert "5 incidents for alerts that no scenario names began within 5 min" in sixth.why
    gathering = declared(6, heard("Odd6"), gathers=True)
    assert go(heard("Odd7"), [*five, gathering], Grouping()) == Attach(
        incident="INC-6",
        why="5 incidents for alerts that no scenario names began within 5 min, so it is kept in this one",
    )
    blowing = after(gathering, [AlertsGathered(alerts=300, names=300, listed=100)], at=NOW + timedelta(minutes=7))
    later = NOW + timedelta(minutes=8)
    assert isinstance(go(heard("Odd8"), [*five, blowing], Grouping(), later), Attach)
    quiet = go(heard("Odd9"), [*five, blowing], Grouping(), NOW + timedelta(hours=1))
    assert isinstance(quiet, Declare)
    assert not quiet.gathers


def test_a_number_that_the_timeline_does_not_list_is_told_seldom() -> None:
    """When it has doubled, or when nothing was said for half of the time in which alerts join."""
    told = after(an_incident(BOOK), [AlertsGathered(alerts=200, names=7, listed=100)])
    assert not counts_again(told, 399, Grouping(), NOW)
    assert counts_again(told, 400, Grouping(), NOW)
    assert counts_again(told, 201, Grouping(), NOW + timedelta(minutes=3))


def test_a_merged_incidents_scenario_leads_to_where_it_went() -> None:
    """Until it is open itself again."""
    topic = Topic(incident="INC-7", runbook=BOOK.title, scenario="checkout-fails")
    holder = replace(declared(2, heard("Odd")), topics=(topic,))
    assert isinstance(go(heard("CheckoutFails", host="new"), [holder], Grouping()), Attach)
    reopened = replace(an_incident(BOOK), id="INC-7")
    decision = go(heard("CheckoutFails", host="new"), [holder, reopened], Grouping())
    assert isinstance(decision, Attach)
    assert decision.incident == "INC-7"


def test_what_is_silenced_says_until_when() -> None:
    """So that it can be decided anew then."""
    silence = Silence(
        id="s", matchers=parse_matchers("service=bakery"), starts_at=NOW, ends_at=NOW + timedelta(hours=1),
        created_by="ana", comment="new oven", updated_at=NOW,
    )  # fmt: skip
    decision = route(heard("OvenCold", service="bakery"), [BOOK], [], [silence], "P2", NOW)
    assert decision == Mute(why="silenced by ana: new oven", until=silence.ends_at)


def test_only_what_is_new_about_an_alert_is_kept_of_it() -> None:
    """Its repetition is no news; firing, joining, being silenced and ending are."""
    alert = heard("OvenCold")
    fired = turn_of(None, replace(alert, incident="INC-1"), NOW)
    assert fired is not None
    assert (fired.what, fired.incident) == ("fired", "INC-1")
    assert turn_of(alert, alert, NOW) is None
    said = [
        turn_of(alert, replace(alert, incident="INC-1"), NOW),
        turn_of(alert, replace(alert, muted="m", muted_until=NOW), NOW),
        turn_of(alert, replace(alert, muted="m"), NOW),
        turn_of(alert, replace(alert, status="resolved"), NOW),
        turn_of(replace(alert, status="resolved"), replace(alert, status="resolved"), NOW),
    ]
    assert [turn and turn.what for turn in said] == ["joined", "silenced", "kept back", "ended", None]
