"""How the document is written."""

from __future__ import annotations

from datetime import date

import pytest

from tests.lint.document import codes, problems
from tocsin.lint.written import last_day

TODAY = date(2031, 6, 15)


def test_text_that_was_encoded_twice_is_one_finding_for_the_file() -> None:
    """It names the lines and shows what stands for what."""
    (found,) = [each for each in problems("# B\n\nbaker â†’ owner\n\nmore â†’ less\n") if each.code != "no-scenario"]

    assert (found.line, found.code) == (3, "double-encoded")
    assert "Lines 3, 5" in found.message and "“→”" in found.message


def test_what_the_reader_reports_is_among_the_findings() -> None:
    """The encoding and a fence without an end."""
    assert codes("# Caf\xe9\n\n```sh\nls\n".encode("latin-1")) == [(1, "encoding"), (3, "unclosed-fence")]


def test_a_fence_of_comments_is_told_from_one_with_a_command() -> None:
    """At the line of the fence."""
    assert (5, "comments-only") in codes("# B\n\n## Look\n\n```sh\n# Turn the switch\n# Wait\n```\n")
    assert codes("# B\n\n## Look\n\n```sh\n# How full it is\ndf -h\n```\n") == []


def test_a_document_without_a_scenario_is_noted_at_its_title() -> None:
    """Behind the front matter, where a comment can silence it."""
    text = "---\nowner: bakery\n---\n\n# Notes\n\nCall Ana.\n"
    assert [(each.line, each.code, each.level) for each in problems(text)] == [(5, "no-scenario", "note")]
    assert problems(text.replace("# Notes", "<!-- tocsin: ignore=no-scenario -->\n# Notes")) == []


@pytest.mark.parametrize(
    ("text", "overdue"),
    [
        ("**Next Review:** 2031-06-14", True),
        ("**Next Review:** 2031-06-15", False),
        ("**Next Review:** June 2031", False),
        ("**Next Review:** May 2031", True),
        ("**Next Review:** Q2 2031", False),
        ("**Next Review:** 03/04/2031", False),
        ("**Next Review:** [Date]", False),
        ("**Review Frequency:** Monthly\n**Last Reviewed:** 2 May 2031", True),
        ("**Review Frequency:** Quarterly\n**Last Reviewed:** 2 May 2031", False),
        ("**Last Reviewed:** 2 May 2019", False),
        ("**Review Frequency:** Yearly\n**Last Reviewed:** 2029-01-01\n**Next Review:** 2032-01-01", False),
    ],
)
def test_the_review_date_is_held_against_today(text: str, overdue: bool) -> None:
    """The last day that a date can mean counts; what can be read in two ways counts not at all."""
    found = codes(f"# B\n\n{text}\n", today=TODAY)
    assert ("review-overdue" in [code for _, code in found]) is overdue
    assert "review-overdue" not in [code for _, code in codes(f"# B\n\n{text}\n")]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2031-02", date(2031, 2, 28)),
        ("14th of nothing", None),
        ("14th May 2031", date(2031, 5, 14)),
        ("May 14, 2031", date(2031, 5, 14)),
        ("2031-13-45", None),
        ("2031-02-30", None),
        ("Q4 2031", date(2031, 12, 31)),
    ],
)
def test_a_date_means_its_last_day(text: str, day: date | None) -> None:
    """A month its last day, a quarter the end of its last month; no such day is none."""
    assert last_day(text) == day
