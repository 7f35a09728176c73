"""Boxes on an incident: ticked, unticked, beside steps and deadlines, and the closing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.build import ANA, BEN, NOW, PEOPLE, a_runbook, a_step, after
from tocsin.core import assessing, checklists, facts, moves
from tocsin.core.clocks import struck, timers
from tocsin.core.closingtext import body_of
from tocsin.core.incident import Incident
from tocsin.core.questions import Question, named
from tocsin.core.reminders import reminder
from tocsin.core.runbook import Checklist, Deadline, Phase, Text
from tocsin.errors import Invalid, Refused

DAY = timedelta(days=1)
BOOK = a_runbook(
    phases=(
        Phase(
            id="look", title="Look", to_minutes=5, line=30,
            steps=(a_step("look/1", kind="manual", command=None, line=31), a_step("look/2", line=35)),
        ),
    ),
    checklists=(
        Checklist(title="Look", items=(Text(text="Look at the till", line=31),), line=30),
        Checklist(
            title="Within a day", line=40, deadline_hours=24,
            items=(Text(text="Write it down", line=41), Text(text="Thank the bakers", line=42)),
        ),
        Checklist(title="If security incident", conditional=True, items=(Text(text="Lock up", line=51),), line=50),
    ),
    deadlines=(Deadline(what="Within a day", hours=24, line=40), Deadline(what="Meet", hours=48, line=60)),
    questions=(Question(text="Is security compromised?", line=70),),
    scenarios=(),
)  # fmt: skip
DAY_LIST = "40-within-a-day"


def opened() -> Incident:
    """An incident of that document."""
    opening = moves.Opening(number=1, title="No bread", severity="P1", why="a test")
    return after(None, moves.declare(BOOK, opening))


def over(incident: Incident) -> Incident:
    """The same, resolved."""
    return after(incident, moves.resolve(incident, "", "a test", NOW), ANA)


def ticked(incident: Incident, *names: str, at: datetime = NOW) -> Incident:
    """With these boxes ticked by Ana."""
    for name in names:
        incident = after(incident, checklists.tick(incident, BOOK, name, ""), ANA, at)
    return incident


def state(incident: Incident, line: int) -> checklists.Box:
    """The box on a line."""
    every = [box for each in checklists.lists_of(incident, BOOK) for box in each.boxes]
    return next(box for box in every if box.line == line)


def test_a_tick_says_who_and_when_and_does_the_step_on_its_line() -> None:
    """And is taken away again, with the step."""
    incident = ticked(opened(), "till")
    assert (state(incident, 31).state, state(incident, 31).by, state(incident, 31).at) == ("ticked", "ana", NOW)
    assert incident.steps["look/1"].status == "done"
    with pytest.raises(Refused, match="already ticked by ana"):
        checklists.tick(incident, BOOK, "31", "")
    incident = after(incident, checklists.untick(incident, BOOK, "31", "it was yesterday's"), BEN)
    assert state(incident, 31).state == "open" and "look/1" not in incident.steps
    with pytest.raises(Refused, match="not ticked"):
        checklists.untick(incident, BOOK, "31", "")


def test_a_step_that_was_done_or_skipped_says_the_same_of_its_box() -> None:
    """Whoever comes from the steps need not tick twice."""
    assert state(after(opened(), [facts.StepDone(step="look/1", text="I did")], BEN), 31).by == "ben"
    assert state(after(opened(), [facts.StepSkipped(step="look/1", why="no till")], BEN), 31).state == "skipped"


def test_a_box_is_named_by_line_or_words() -> None:
    """Several or none are refused with what there is."""
    assert checklists.find_box(opened(), BOOK, "L42").text == "Thank the bakers"
    with pytest.raises(Invalid, match="names 0 boxes"):
        checklists.find_box(opened(), BOOK, "no such thing")
    with pytest.raises(Invalid, match="names 3 boxes"):
        checklists.find_box(opened(), BOOK, "o")


def test_the_last_tick_meets_the_lists_deadline_and_an_untick_opens_it_again() -> None:
    """Reminders follow."""
    incident = ticked(over(opened()), "Write it")
    assert incident.clocks.tasks.get(DAY_LIST) is None
    incident = ticked(incident, "Thank")
    assert incident.clocks.tasks[DAY_LIST].met_at == NOW
    incident = after(incident, checklists.untick(incident, BOOK, "42", ""), BEN)
    assert incident.clocks.tasks[DAY_LIST].met_at is None
    assert any(isinstance(each, facts.DeadlineMissed) and each.task == DAY_LIST for each in struck(incident, NOW + DAY))


def test_the_last_tick_meets_the_deadline_of_an_incident_of_an_earlier_release() -> None:
    """Such an incident knows what is to be done in time, but not which boxes belong to it: the document does."""
    incident = over(opened())
    timetable = incident.clocks.timetable
    unknown = replace(timetable, tasks=tuple(replace(task, boxes=()) for task in timetable.tasks))
    incident = replace(incident, clocks=replace(incident.clocks, timetable=unknown))
    assert ticked(incident, "Write it").clocks.tasks.get(DAY_LIST) is None
    assert ticked(incident, "Write it", "Thank").clocks.tasks[DAY_LIST].met_at == NOW


def test_whoever_answers_for_a_list_is_reminded_with_what_is_open() -> None:
    """Its owner, before whoever led."""
    incident = over(opened())
    plan = checklists.plan_deadline(incident, DAY_LIST, owner="cleo", due_at=None, why="", now=NOW)
    incident = after(incident, plan, ANA)
    incident = ticked(incident, "Write it")
    late = next(each for each in struck(incident, NOW + DAY) if isinstance(each, facts.DeadlineMissed))
    told = reminder(late, incident, PEOPLE)
    assert told is not None and told.people == ["cleo"] and "1 of its 2 boxes are open" in told.why


def test_a_later_day_takes_a_reason_and_moves_the_reminder() -> None:
    """An earlier one does not; a day that has passed is none."""
    incident = over(opened())
    with pytest.raises(Invalid, match="reason"):
        checklists.plan_deadline(incident, DAY_LIST, owner="", due_at=NOW + 3 * DAY, why="", now=NOW)
    with pytest.raises(Invalid, match="passed"):
        checklists.plan_deadline(incident, DAY_LIST, owner="", due_at=NOW, why="", now=NOW)
    later = checklists.plan_deadline(incident, DAY_LIST, owner="", due_at=NOW + 3 * DAY, why="a feast", now=NOW)
    incident = after(incident, later, ANA)
    missed = [each.at for each in timers(incident) if getattr(each.fact, "task", "") == DAY_LIST]
    assert max(missed) == NOW + 3 * DAY


def test_a_list_below_a_condition_counts_when_somebody_says_so() -> None:
    """A tick of its own, or a yes to a question that speaks of the same."""

    def counts(incident: Incident) -> bool:
        return checklists.lists_of(incident, BOOK)[2].applies

    assert not counts(opened())
    assert counts(ticked(opened(), "Lock up"))
    assert counts(after(opened(), assessing.answer(opened(), BOOK, {"70": "yes"}), ANA))
    assert not counts(after(opened(), assessing.answer(opened(), BOOK, {"70": "no"}), ANA))


def test_closing_with_something_open_takes_a_reason_that_stays() -> None:
    """Boxes and deadlines; then nobody is chased any more, until it is reopened."""
    with pytest.raises(Refused, match="not resolved"):
        checklists.close(opened(), BOOK, "")
    incident = ticked(over(opened()), "till", "Write it", "Thank")
    with pytest.raises(Refused, match=r"has 1 open: Meet \(line 60\)"):
        checklists.close(incident, BOOK, "  ")
    incident = after(incident, checklists.close(incident, BOOK, "we never meet"), BEN)
    assert "we never meet" in body_of(incident) and "Meet (line 60)" in body_of(incident)
    assert not [each for each in timers(incident) if isinstance(each.fact, facts.DeadlineMissed)]
    with pytest.raises(Refused, match="already closed by ben"):
        checklists.close(incident, BOOK, "")
    assert after(incident, moves.reopen(incident, "again"), ANA).checklist.closed is None


def test_a_box_keeps_its_name() -> None:
    """Its line and its words, in letters of any script."""
    assert named(7, "Write it down, äh") == "7-write-it-down-äh"


def test_the_last_box_of_a_phase_reaches_it_once() -> None:
    """Who has done all that a phase asks need not say so again, and it is not late."""
    incident = opened()
    told = checklists.tick(incident, BOOK, "till", "")
    assert [each.why for each in told if isinstance(each, facts.PhaseReached)] == ["all 1 boxes are ticked"]
    reached = after(incident, told, ANA)
    again = after(reached, checklists.untick(reached, BOOK, "31", ""), ANA)
    assert not [each for each in checklists.tick(again, BOOK, "31", "") if isinstance(each, facts.PhaseReached)]
    assert checklists.completed(incident, BOOK, 99) == []


def test_a_command_on_a_box_s_line_ticks_it_when_it_was_done_by_hand() -> None:
    """That it ran does not, because somebody must look at what it printed."""
    command = a_step("look/3", line=51)
    book = replace(BOOK, phases=(replace(BOOK.phases[0], steps=(*BOOK.phases[0].steps, command)),))

    def look(*made: object) -> str:
        every = checklists.lists_of(after(opened(), made), book)
        return next(box for each in every for box in each.boxes if box.line == 51).state

    assert look(facts.StepDone(step="look/3", text="I asked the landlord")) == "ticked"
    queued = facts.StepQueued(
        step="look/3", run="1", command="uptime", kind="shell", verdict="read", target="here", sha="0", why="a test"
    )
    assert look(queued, facts.StepFinished(step="look/3", run="1", status="succeeded")) == "open"
