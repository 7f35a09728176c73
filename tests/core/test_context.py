"""What lies around an incident, in words; and which earlier incidents are like it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.build import NOW
from tests.core.test_asking import an_incident
from tocsin.core.change import Change
from tocsin.core.context import Affected, SupplierAt, affected, in_words, near
from tocsin.core.similar import Said, ranked, words_of


def a_change(minutes_before: float, what: str = "v42 deployed") -> Change:
    """A change of the bakery's till, so many minutes before now."""
    at = NOW - timedelta(minutes=minutes_before)
    return Change(source="till", kind="deployment", what=what, where="till", who="mara", at=at)


def test_changes_have_their_distance_and_the_last_one_before_is_marked() -> None:
    """What came after the beginning can't be what caused it, however near it is."""
    found = near([a_change(12.2), a_change(-1), a_change(70), a_change(0.5)], NOW)
    assert [each.distance() for each in found] == ["1 min after", "30 s before", "12 min before", "1 h 10 min before"]
    assert [each.nearest for each in found] == [False, True, False, False]
    assert not any(each.nearest for each in near([a_change(-1)], NOW))
    (same,) = near([a_change(0)], NOW)
    assert (same.distance(), same.nearest) == ("at that moment", True)


def test_a_change_in_one_line_says_nothing_twice() -> None:
    """Where and who stand behind it, unless its own words say so."""
    assert in_words(a_change(1)) == "v42 deployed, till by mara"
    said = replace(a_change(1), what="v42 deployed to till by mara", outcome="success")
    assert in_words(said) == "v42 deployed to till by mara (success)"


@pytest.mark.parametrize(
    ("count", "of", "share", "says"),
    [
        (340, 12_000, None, "340 of 12,000 users (2.8 %)"),
        (340, None, None, "340 users"),
        (None, None, 2.8, "2.8 % of users"),
        (None, 12_000, 40, "40 % of users"),
        (7, 0, None, "7 users"),
        (None, 12_000, None, None),
    ],
)
def test_people_affected_are_a_number_and_a_share(
    count: float | None, of: float | None, share: float | None, says: str | None
) -> None:
    """As far as they are told; how many there are in all says nothing of who is affected."""
    found = affected(count, of, share, NOW)
    assert (found.says() if isinstance(found, Affected) else None) == says


def test_a_supplier_s_level_is_said_in_words() -> None:
    """Also one that no page should give."""
    states = [SupplierAt(name="x", level=level).state() for level in (0, 1, 3, 9, -1, None)]
    assert states == ["all is well", "minor trouble or maintenance", "critical", "critical", "all is well", "not known"]


def test_the_reasons_rank_earlier_incidents() -> None:
    """Scenario above alerts above words; what has no reason is not shown, and the newer of two alike comes first."""
    one = replace(an_incident(), id="INC-9", number=9, scenario="cold", runbook="b", title="Ovens cold")
    own = Said(title="Ovens cold", alerts=("OvenCold", "ChimneyHot"), notes="black smoke over the northern chimney")

    def other(number: int, scenario: str, said: Said, runbook: str = "b") -> tuple[object, Said]:
        made = replace(one, id=f"INC-{number}", number=number, scenario=scenario, runbook=runbook)
        return replace(made, declared_at=NOW + timedelta(days=number)), said

    found = ranked(
        one, own,
        [
            other(1, "cold", Said(title="Ovens cold", resolution="lit it")),
            other(2, "smoke", Said(title="Smoke", notes="black smoke again, northern side")),
            other(3, "smoke", Said(title="Tills", alerts=("OvenCold",))),
            other(4, "cold", Said(title="Ovens cold", alerts=("OvenCold", "ChimneyHot"))),
            other(5, "tills", Said(title="Tills", notes="smoke")),
            other(6, "cold", Said(title="Ovens"), runbook="another runbook"),
            other(7, "cold", Said(title="Ovens cold")),
            (one, own),
        ],  # type: ignore[list-item]
    )  # fmt: skip
    assert [each.incident for each in found] == ["INC-4", "INC-7", "INC-1", "INC-3", "INC-2"]
    assert [each.why for each in found] == [
        ("same scenario", "2 common alerts: OvenCold, ChimneyHot"), ("same scenario",), ("same scenario",),
        ("1 common alert: OvenCold",), ("common words: black, smoke, northern",),
    ]  # fmt: skip
    assert found[2].resolution == "lit it"


def test_words_that_say_nothing_are_no_words() -> None:
    """Short ones, numbers and the mortar of sentences."""
    assert words_of("The oven is at 40 °C, and 4711 loaves_are: Größe! the") == ["oven", "loaves", "größe"]
