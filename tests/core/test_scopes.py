"""What the words of a token mean together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.scopes import DEEDS, MOST_SCOPES, checked, reach_of
from tocsin.errors import Invalid

WORDS = st.sampled_from([*DEEDS, "incident:INC-1", "incident:INC-2", "runbook:ferry.md", "runbook:Bakery"])
EVERY_DEED = {deed for _, deeds in DEEDS.values() for deed in deeds} | {"server:write"}
INCIDENTS = (("INC-1", "ferry.md"), ("INC-2", "bakery"), ("INC-3", "library"))


def test_without_scopes_everything_is_in_reach() -> None:
    """A role is narrowed by words only."""
    reach = reach_of(())

    assert reach.everything
    assert all(reach.may(deed) for deed in EVERY_DEED)


def test_words_of_the_two_kinds_mean_what_both_allow() -> None:
    """Reading, and this one incident: reading this one incident."""
    reach = reach_of(("incidents:read", "incident:INC-1"))

    assert (reach.may("incidents:read"), reach.may("incidents:write")) == (True, False)
    assert [reach.holds(name, book) for name, book in INCIDENTS] == [True, False, False]


def test_a_word_for_an_incident_says_nothing_of_alerts() -> None:
    """The role's moves there, and nothing beside it."""
    reach = reach_of(("incident:INC-1",))

    assert {deed for deed in EVERY_DEED if reach.may(deed)} == {"incidents:read", "incidents:write"}


def test_words_that_leave_nothing_are_refused() -> None:
    """Sending alerts is not done in an incident; who asks for both has something else in mind."""
    with pytest.raises(Invalid, match="leave nothing"):
        reach_of(("alerts:send", "incident:INC-1"))


def test_a_runbook_is_named_by_any_of_its_names() -> None:
    """By its file or its title, in whatever case."""
    assert reach_of(("runbook:FERRY.md",)).holds("INC-9", "Ferry runbook", "ferry.md")
    assert not reach_of(("runbook:ferry",)).holds("INC-9", "Ferry runbook", "ferry.md")


@given(st.lists(WORDS, max_size=4), WORDS)
def test_a_word_of_the_other_kind_never_widens(words: list[str], more: str) -> None:
    """With one word more of a kind that was missing, nothing is reached that was out of reach."""
    places = [word for word in words if word.startswith(("incident:", "runbook:"))]
    alike = places if more.startswith(("incident:", "runbook:")) else [word for word in words if word not in places]
    if alike:
        return
    before = reach_of(tuple(words))
    try:
        after = reach_of((*words, more))
    except Invalid:
        return  # nothing is left
    for deed in EVERY_DEED:
        for name, book in INCIDENTS:
            assert (before.may(deed) and before.holds(name, book)) or not (after.may(deed) and after.holds(name, book))


@pytest.mark.parametrize(
    "word",
    ["", "incidents", "incidents:all", "incident:", "incident:12", "incident:INC-0", "runbook:", "runbook: ", "*",
     "incident:INC-1 ", "Incidents:read", "runbook:a\nb", "runbook:" + "x" * 400],
)  # fmt: skip
def test_a_word_that_means_nothing_is_refused(word: str) -> None:
    """A scope with a slip of the pen must not widen or be passed over."""
    with pytest.raises(Invalid, match="is not a scope"):
        reach_of((word,))


def test_words_are_kept_once_and_bounded() -> None:
    """In the order of their first use."""
    assert checked([" incidents:read ", "read", "incidents:read"]) == ("incidents:read", "read")
    with pytest.raises(Invalid, match="at most"):
        checked([f"incident:INC-{number}" for number in range(1, MOST_SCOPES + 2)])
