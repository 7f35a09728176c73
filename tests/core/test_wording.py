"""A team's own words: tokens are replaced once, by what is known, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.core.test_ways import a_notice
from tests.house import boarding_stops, open_house
from tocsin.core.incident import Incident
from tocsin.core.wording import TOKENS, Wording, unknown_tokens, worded


@pytest.fixture
def incident(tmp_path: Path) -> Incident:
    """An open incident with an alert."""
    app = open_house(tmp_path, f"sqlite://{tmp_path}/t.db")
    try:
        return boarding_stops(app)
    finally:
        app.db.close()


def test_every_token_has_a_value(incident: Incident) -> None:
    """What the list promises is filled, in the subject as in the body."""
    every = " | ".join(f"{{{token}}}" for token in TOKENS)
    made = worded(a_notice(), incident, "Ana", {"page": Wording(subject=every, body=every)})
    assert "{" not in made.subject + made.body
    assert "INC-1 | 1 | Boarding stops" in made.body
    assert "Ana | the oven" in made.body
    assert "BoardingStops" in made.body


def test_a_kind_without_a_template_stays_as_it_is(incident: Incident) -> None:
    """Also the half of a template that is not written."""
    notice = a_notice("inform")
    assert worded(notice, incident, "Ana", {"page": Wording(subject="x")}) == notice
    assert worded(a_notice(), incident, "Ana", {"page": Wording(subject="x")}).body == "b"


@pytest.mark.parametrize("title", ["{why}", "{{why}}", "{incident.id", "{x.__init__.__globals__}", "%(why)s", "${7*7}"])
def test_no_value_is_read_again(incident: Incident, title: str) -> None:
    """A hostile title stands there as it is."""
    made = worded(
        a_notice(), replace(incident, title=title), "Ana", {"page": Wording(subject="<{incident.title}>", body="{why}")}
    )
    assert made.subject == f"<{title}>"
    assert made.body == "the oven"


def test_a_subject_is_one_line_and_a_drill_says_so(incident: Incident) -> None:
    """Whatever the template forgets."""
    hostile = replace(incident, title="a\r\nBcc: all\u2028b")
    made = worded(replace(a_notice(), drill=True), hostile, "Ana", {"page": Wording(subject="{incident.title}")})
    assert made.subject == "DRILL a Bcc: all b"


def test_tokens_that_are_none_are_found() -> None:
    """What only looks like a brace is none."""
    assert list(unknown_tokens('{incident.sverity} {to} {} { why } {"a": 1} {nobody}')) == [
        "incident.sverity",
        "nobody",
    ]
