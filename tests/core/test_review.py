"""The post-mortem, and how facts are told."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from markdown_it import MarkdownIt

from tests.build import ANA, NOW, PEOPLE, a_runbook, after, an_alert
from tests.core.test_steps import LOOK, RESTART, a_request
from tocsin.core import facts, moves, steps
from tocsin.core.facts import ENGINE, FACTS, Actor, Entry
from tocsin.core.fold import fold
from tocsin.core.review import draft, durations
from tocsin.core.run import Outcome
from tocsin.core.telling import _SAYINGS, tell

MINUTE = timedelta(minutes=1)


def a_life() -> list[Entry]:
    """An incident from its first sign to its end."""
    book, entries = a_runbook(), []
    opening = moves.Opening(
        number=1, title="Checkout fails <b>now</b>", severity="P1", why="the scenario names it",
        scenario=book.scenarios[0], detected_at=NOW - 3 * MINUTE,
    )  # fmt: skip

    def happen(new: list[object], by: Actor, minute: int) -> None:
        for fact in new:
            entries.append(Entry(seq=len(entries) + 1, at=NOW + minute * MINUTE, by=by, fact=fact))

    happen(moves.declare(book, opening), ENGINE, 0)
    happen(moves.link_alert(fold(entries), an_alert(), "it names it"), ENGINE, 0)
    happen(moves.acknowledge(fold(entries), ANA), ANA, 2)
    look = a_request(LOOK, "read", "uptime --since 02:50")
    happen(steps.request_step(fold(entries), look, steps.ApprovalPolicy(), NOW), ENGINE, 2)
    happen(steps.start_step(fold(entries), LOOK.id, look.run), ENGINE, 2)
    said = Outcome(status="succeeded", exit_code=0, seconds=0.2, output="load is 99\n```\n# not a heading\n")
    happen(steps.finish_step(fold(entries), LOOK, LOOK.id, look.run, said), ENGINE, 2)
    chosen = steps.choose_branch(fold(entries), book.scenarios[0], "If a release is to blame", "released at 02:50")
    happen(chosen, ANA, 5)
    happen(steps.skip_step(fold(entries), RESTART, "it restarts by itself"), ANA, 6)
    happen(moves.mitigate(fold(entries), "the release was taken back"), ANA, 9)
    happen(moves.resolve(fold(entries), "a bad release", "the meter is broken", NOW), ANA, 20)
    happen([facts.ActionAdded(action="act-1", text="Test the payment path", line=70)], ENGINE, 20)
    return entries


def test_the_four_times_are_measured_from_the_first_sign() -> None:
    """Detect, acknowledge, mitigate, resolve, as they are defined beside the numbers."""
    took = durations(fold(a_life()))
    assert (took.detect, took.acknowledge) == (3 * MINUTE, 2 * MINUTE)
    assert (took.mitigate, took.resolve) == (12 * MINUTE, 23 * MINUTE)


def test_a_beginning_that_a_person_says_is_that_of_the_post_mortem() -> None:
    """Its head, and the times that count from it, with who says so; the acknowledgement keeps its own beginning."""
    entries = a_life()
    said = facts.BeginningSet(at=entries[0].at - 10 * MINUTE)
    entries.append(Entry(seq=len(entries) + 1, at=entries[-1].at, by=ANA, fact=said))
    took, text = durations(fold(entries)), draft(fold(entries), entries, a_runbook(), PEOPLE)
    assert (took.detect, took.acknowledge, took.resolve) == (10 * MINUTE, 2 * MINUTE, 30 * MINUTE)
    assert "- Began: 2026-03-02 02:50:00" in text.replace("\\", "")
    assert "| Time to resolve | 30 min | beginning, as somebody said → recovery verified |" in text


def test_the_post_mortem_tells_who_what_ran_what_it_said_and_why() -> None:
    """A reader who was not there can follow it."""
    text = draft(fold(a_life()), a_life(), a_runbook(), PEOPLE)
    for words in (
        "| Time to detect | 3 min |",
        "load is 99",
        "\nuptime --since 02:50\n",
        "Ana took “If a release is to blame” (line 40): released at 02:50",
        "Ana skipped “1”: it restarts by itself",
        "although it had not recovered",
        "| Test the payment path | nobody yet |  | open | line 70 |",
        "acknowledged in 2 min",
    ):
        assert words in text.replace("\\_", "_"), words


def test_hostile_text_is_inert_markdown() -> None:
    """A title can't become markup, an output can't close its fence."""
    html = MarkdownIt("js-default").render(draft(fold(a_life()), a_life(), a_runbook(), PEOPLE))
    assert "<b>" not in html
    assert "<h1>not a heading</h1>" not in html
    assert html.count("<h1>") == 1


def test_every_fact_has_words() -> None:
    """No entry of the timeline is told by its class name."""
    assert set(_SAYINGS) == set(FACTS.values())


def test_every_fact_is_told_in_one_line_that_names_somebody_or_something() -> None:
    """A line is never empty."""
    for entry in a_life():
        line = tell(entry, PEOPLE)
        assert line.title.strip()
        assert dataclasses.asdict(line)["icon"]


def test_the_fold_of_a_life_is_what_its_steps_made_of_it() -> None:
    """Folding at once equals evolving one by one."""
    entries = a_life()
    incident = after(None, [entries[0].fact], entries[0].by, entries[0].at)
    for entry in entries[1:]:
        incident = after(incident, [entry.fact], entry.by, entry.at)
    assert incident == fold(entries)
