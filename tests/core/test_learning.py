"""Causes, switches, merged texts, tables of action items and a team's own template."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import ANA, NOW, PEOPLE, a_runbook
from tests.core.test_review import a_life
from tocsin.core import facts, learning
from tocsin.core.actiontable import refreshed, rows_of, table_of
from tocsin.core.causes import hypotheses
from tocsin.core.clocks import struck
from tocsin.core.facts import ENGINE, Actor, Entry
from tocsin.core.fold import fold
from tocsin.core.incident import Incident
from tocsin.core.lessons import lessons
from tocsin.core.merging import has_markers, merge
from tocsin.core.observations import observations
from tocsin.core.review import parts
from tocsin.core.reviewclock import reviewed
from tocsin.core.reviewlabels import labels_of, resolution_of
from tocsin.core.reviewtemplate import Filling, filled
from tocsin.core.reviewtimeline import MOST_LINES, moments
from tocsin.core.runbook import Review
from tocsin.core.switching import off_keys, switches_on
from tocsin.core.telling import titles_of
from tocsin.errors import Invalid, Refused
from tocsin.reading.learned import applied, as_diff, proposed

BEN = Actor("person", "ben")
LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n", "e\n"]), max_size=8).map("".join)


def after(*new: object, by: Actor = ANA) -> Incident:
    """The life of an incident with these facts at its end."""
    entries = a_life()
    for fact in new:
        entries.append(Entry(seq=len(entries) + 1, at=NOW + timedelta(hours=1), by=by, fact=fact))
    return fold(entries)


@pytest.mark.parametrize(
    ("command", "off", "same"),
    [
        ("oven set NIGHT true", "oven set NIGHT false", True),
        ("oven set NIGHT=on", "oven set NIGHT=off", True),
        ("oven --enable door", "oven --disable door", True),
        ("scale bakers --replicas=3", "scale bakers --replicas=0", True),
        ("oven set DAY true", "oven set NIGHT false", False),
        ("oven set NIGHT false", "oven set NIGHT false", False),
        ("oven set NIGHT true now", "oven set NIGHT false", False),
        ("oven restart", "oven stop", False),
    ],
)
def test_what_switches_the_same_thing_on_is_known_by_its_text(command: str, off: str, same: bool) -> None:
    """The same words but at the place of an off-word; another name or number of words is another thing."""
    assert switches_on(command, off) is same


@given(st.text(max_size=200))
def test_any_text_has_keys(text: str) -> None:
    """Whatever a command looks like, asking is safe and nothing is switched on by what switches off."""
    assert not switches_on(text, text)
    assert off_keys(text) == off_keys(text)


@given(LINES, LINES, LINES)
def test_a_merge_loses_nothing_and_invents_nothing(base: str, mine: str, theirs: str) -> None:
    """One side alone wins; each line that a side added is there; without a conflict there are no markers."""
    assert merge(base, mine, base).text == mine
    assert merge(base, base, theirs).text == theirs
    assert merge(base, mine, mine).text == mine
    found = merge(base, mine, theirs)
    assert has_markers(found.text) == (found.conflicts > 0)
    for side in (mine, theirs):
        for line in set(side.splitlines()) - set(base.splitlines()):
            assert line in found.text.splitlines()


def test_places_that_lie_apart_are_merged() -> None:
    """The first line by one, the last by the other."""
    assert merge("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n").text == "A\nb\nC\n"
    both = merge("a\n", "mine\n", "theirs\n", mine_is="ana", theirs_is="ben")
    assert both.conflicts == 1 and both.text == "<<<<<<< ana\nmine\n=======\ntheirs\n>>>>>>> ben\n"


def test_an_action_item_is_chased_from_the_day_before_until_it_is_closed() -> None:
    """Near, on its day, then daily, four times; whoever sets a day that is near already is not told so."""
    day = NOW + timedelta(days=5)
    item = facts.ActionAdded(action="act-9", text="Mend the wheel", owner="ben", due_at=day)
    incident = after(item)
    assert struck(incident, day - timedelta(hours=25)) == []
    near = struck(incident, day - timedelta(hours=23))
    assert [type(each) for each in near] == [facts.ActionNear]
    late = struck(after(item, near[0]), day)
    assert [type(each) for each in late] == [facts.ActionOverdue]
    assert [type(each) for each in struck(incident, day)] == [facts.ActionOverdue], "after an outage only the later one"
    assert struck(after(item, facts.ActionDone(action="act-9")), day) == []
    soon = facts.ActionAdded(action="act-8", text="Oil it", due_at=NOW + timedelta(hours=2))
    assert struck(after(soon), NOW + timedelta(hours=1, minutes=30)) == []


def test_the_table_follows_the_items_and_keeps_what_people_added() -> None:
    """A column and a row of theirs stay, words of a row too; items without a row come at the end."""
    incident = after(facts.ActionDone(action="act-1"), facts.ActionAdded(action="act-2", text="Oil | the *wheel*"))
    text = (
        "## Action items\n\n| Task | Owner | Cost | Status |\n|---|---|---|---|\n"
        "| Test the payment path | | 7 | open |\n| Only ours | cleo | 3 | open |\n\nMore.\n"
    )
    new = refreshed(text, incident.learning.actions, PEOPLE)
    assert "| Test the payment path | nobody yet | 7 | done |" in new
    assert "| Only ours | cleo | 3 | open |" in new and new.endswith("\nMore.\n")
    assert "| Oil \\| the \\*wheel\\* | nobody yet |  | open |" in new
    assert refreshed(new, incident.learning.actions, PEOPLE) == new, "it is brought up to date once"
    rows = rows_of(table_of(incident.learning.actions, PEOPLE))
    assert rows is not None and [row.text for row in rows] == ["Test the payment path", "Oil | the *wheel*"]
    assert rows[0].done and not rows[1].done
    assert rows_of("# No table\n\n| a | b |\n|---|---|\n| 1 | 2 |\n") is None


def test_a_template_keeps_what_nobody_knows() -> None:
    """Headings, labels and sentences of the team stay; gaps that are known are filled, each in its place."""
    entries, book = a_life(), a_runbook()
    incident = fold(entries)
    template = (
        "# [Title]\n\n**Severity:** S[1-4]\n**Weather:** [sunny or not]\nWe never blame.\n\n## Zeitverlauf\n"
        "- HH:MM - [Event]\n\n## Root Cause\n[Five whys]\n\n## Action Items\n- [ ] Something\n"
    )
    told = moments(incident, entries, PEOPLE, titles_of(book))
    text = filled(
        template,
        Filling(
            incident=incident, parts=parts(incident, entries, book, PEOPLE), told=told,
            labels=labels_of(incident, entries, PEOPLE), resolution=resolution_of(entries), directory=PEOPLE,
        ),
    )  # fmt: skip
    for words in ("**Severity:** P1", "**Weather:** [sunny or not]", "We never blame.", "[Five whys]",
                  "- 02:57 - The first sign (recorded 03:00)", "| Test the payment path |"):  # fmt: skip
        assert words in text, words
    assert "HH:MM" not in text and "Something" not in text and "<b>" not in text.replace("\\<b\\>", "")
    assert "What was recorded" in text and "load is 99" in text


def test_a_long_timeline_is_told_in_bounds() -> None:
    """What follows from something else goes first, then the middle; what was left out is counted."""
    entries = a_life()
    for number in range(3_000):
        entries.append(Entry(seq=len(entries) + 1, at=NOW, by=ANA, fact=facts.Noted(text=f"note {number}")))
    told = moments(fold(entries), entries, PEOPLE, {})
    assert len(told.moments) <= MOST_LINES + 1 and told.left_out > 2_700
    assert "note 2999" in told.moments[-1].what


def test_causes_need_evidence_and_the_root_cause_meets_its_criterion() -> None:
    """A person's own cause can be judged like the document's."""
    book, incident = a_runbook(), after()
    with pytest.raises(Refused):
        learning.close_action(after(facts.ActionDone(action="act-1")), "act-1")
    named = after(*learning.suspect(incident, book, "  the   moon "))
    cause = hypotheses(named, book)[-1]
    assert cause.text == "the moon"
    with pytest.raises(Invalid, match="evidence"):
        learning.judge_cause(named, book, cause.id, "confirmed", " ")
    with pytest.raises(Invalid, match="0 possible causes"):
        learning.record_root_cause(named, book, "")
    judged = after(
        *learning.suspect(incident, book, "the moon"),
        *learning.judge_cause(named, book, cause.id, "confirmed", "it is full"),
    )
    assert learning.record_root_cause(judged, book, "")[0] == facts.RootCauseRecorded(text="the moon", cause=cause.id)


RUNBOOK = b"""# Mill\r
\r
## Severity Levels\r
\r
- **P1**: no flour\r
\r
## Scenario 1: The wheel stands\r
\r
### Diagnosis\r
\r
```bash\r
# Look at the gauge\r
cat gauge.txt\r
```\r
\r
### Mitigation\r
\r
- Push the wheel\r
\r
**Last Reviewed:** 2026-01-01\r
"""


def test_a_runbook_learns_in_its_own_bytes_and_is_read_as_before() -> None:
    """Line ends stay, nothing is taken away, the day of the review moves, and a second time there is nothing new."""
    from tocsin.reading import read

    book = read(RUNBOOK, "mill.md")
    step = next(step for step in book.steps() if step.command == "cat gauge.txt")
    entries = a_life()
    failed = facts.StepFinished(step=step.id, run="run-9", status="failed", exit_code=1, excerpt="no such <b>file</b>")
    entries.append(Entry(seq=len(entries) + 1, at=NOW, by=ENGINE, fact=failed))
    seen = observations([(fold(a_life()), book, entries)])

    new, learned = proposed(RUNBOOK, "mill.md", seen, "2026-03-02")

    text = new.decode()
    assert text.count("\r\n") == text.count("\n") and "**Last Reviewed:** 2026-03-02" in text
    assert "“Look at the gauge” failed with exit code 1, saying “no such ‹b›file‹/b›”" in text
    assert [(each.id, each.command) for each in read(new, "mill.md").steps()] == [  # its remarks are no steps
        (each.id, each.command) for each in book.steps()
    ]
    assert set(RUNBOOK.decode().replace("2026-01-01", "2026-03-02").splitlines()) <= set(text.splitlines())
    assert "INC-1" in as_diff("mill.md", RUNBOOK, new, learned)
    assert lessons(read(new, "mill.md"), text, seen) == () and applied(RUNBOOK, []) == RUNBOOK


@pytest.mark.parametrize(
    ("review", "due", "overdue"),
    [
        (Review(every="month", last="2026-01-01", line=3), "2026-01-31", True),
        (Review(every="month", last="[Date]", line=3), "2026-03-12", False),
        (Review(every="quarter", last="2026-02-01", line=3), "2026-05-03", False),
        (Review(next="2026-02-28", line=3), "2026-02-28", True),
        (Review(every="after each incident", line=3), "None", False),
        (None, "None", False),
    ],
)
def test_a_review_is_due_as_the_document_says(review: Review | None, due: str, overdue: bool) -> None:
    """Counted from the day that is filled in, else from when the document was loaded first; nothing is guessed."""
    state = reviewed(review, NOW.date(), (NOW - timedelta(days=20)).date())
    assert (str(state.due), state.overdue) == (due, overdue)


def _drafted(template: str) -> str:
    entries = a_life()
    incident = fold(entries)
    titles = titles_of(a_runbook())
    return filled(
        template,
        Filling(
            incident=incident, parts=parts(incident, entries, a_runbook(), PEOPLE),
            told=moments(incident, entries, PEOPLE, titles), labels=labels_of(incident, entries, PEOPLE),
            resolution=resolution_of(entries), directory=PEOPLE,
        ),
    )  # fmt: skip


def test_several_labels_of_one_line_are_filled_each_for_itself() -> None:
    """None of them is lost because another one is known."""
    text = _drafted("# Note\n\n**Date:** [Date]   **Severity:** [P1/P2] | **Baker:** [who]\n- **Status**: [x]\n")
    assert "**Date:** 2026-03-02   **Severity:** P1 | **Baker:** [who]\n- **Status**: resolved\n" in text


def test_what_only_people_know_of_the_impact_is_still_asked() -> None:
    """An alert's words stand below the question, not in its place."""
    text = _drafted("# Note\n\n## Who was affected\n[how many, and how]\n\n## Weather\nSunny\n")
    assert "[how many, and how]" in text and "Alert" in text.partition("## Weather")[0]


def test_a_table_of_tasks_below_any_heading_holds_the_items_once() -> None:
    """Also where no heading says so; the same table is the one that is kept current later."""
    table = "| Task | Who | By when | Status |\n|---|---|---|---|\n| ... | ... | ... | ... |\n"
    text = _drafted(f"# Note\n\n## What we will do\n\n{table}")
    assert text.count("Test the payment path | nobody yet |") == 1
    assert "| Test the payment path | nobody yet |  | open |" in text
    assert "Action items" not in text
