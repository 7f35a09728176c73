"""What incidents show about their runbook: whom nobody reached, what fired for nothing, what had to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from tests.build import ANA, NOW
from tocsin.core import facts
from tocsin.core.facts import ENGINE, Actor, Entry
from tocsin.core.fold import fold
from tocsin.core.lessons import Lesson
from tocsin.core.observations import Observation, observations
from tocsin.core.policy import Rung
from tocsin.core.reviewclock import Past, major, reviewed
from tocsin.core.runbook import Review, Runbook, Severity, Text
from tocsin.reading import read
from tocsin.reading.learned import as_diff, as_patch, proposed

BEN = Actor("person", "ben")
TEXT = """# Lighthouse

**Review Frequency:** Monthly

**Update Triggers:**
- After major incidents
- When procedures change
- Yearly, in spring

## Severity Levels

- **P1**: dark – nobody sees the cliff
- **P2**: dim
- **P3**: dusty
- **P4**: ugly

## Scenario 1: The lamp is dark

### Symptoms
- Alert: `LampDark`
- Light level < 40

### Diagnosis

```bash
# Look at the fuel
cat fuel.txt
```

### Mitigation

**If wind is above 8:**
- Close the shutters

**If wind is below 8:**
- Light the spare lamp

## Escalation

1. **0-15 min**: Keeper
2. **15+ min**: Harbour master
"""
BOOK = read(TEXT.encode(), "lamp.md")


def life(*told: tuple[float, Any] | tuple[float, Any, Actor], **change: Any) -> list[Entry]:
    """An incident of the scenario, by minutes; what an alert declares is declared by its source."""
    opening: dict[str, Any] = {
        "number": 1, "title": "The lamp is dark", "severity": "P1", "why": "an alert", "scenario": BOOK.scenarios[0].id,
        "runbook": "Lighthouse", "runbook_digest": BOOK.digest, "severities": ("P1", "P2"), "response_seconds": 300.0,
        "responses": {}, "ladder": (Rung(to="Keeper"), Rung(to="Harbour master")), **change,
    }  # fmt: skip
    by = opening.pop("by", Actor("source", "alertmanager"))
    every: Sequence[Any] = [(0, facts.Declared(**opening), by), *told]
    return [
        Entry(seq=seq, at=NOW + timedelta(minutes=each[0]), by=each[2] if len(each) > 2 else ENGINE, fact=each[1])
        for seq, each in enumerate(every, 1)
    ]


def seen(entries: list[Entry], book: Runbook = BOOK) -> list[tuple[str, str, str]]:
    """What an incident shows, as kind, place and words."""
    return [(each.kind, each.names, each.says) for each in observations([(fold(entries), book, entries)])]


def alert(**labels: str) -> facts.AlertLinked:
    """The scenario's alert, or our own."""
    return facts.AlertLinked(fingerprint="f", name="LampDark", labels=labels)


ALONE = ((0, alert()), (5, facts.AlertCleared(fingerprint="f", name="LampDark")), (6, facts.Resolved(), ANA))


def test_an_alert_that_ended_by_itself_fired_in_vain_where_the_document_names_it() -> None:
    """The line of the alert, or of the threshold where it was that; of a drill or a duplicate nothing is told."""
    vain = "it ended by itself, nobody did anything"
    assert seen(life(*ALONE)) == [("in vain", "alert LampDark", vain)]
    ours = alert(metric=BOOK.rules[0].metric, threshold=f"{BOOK.rules[0].op} {BOOK.rules[0].value:g}")
    assert seen(life((0, ours), *ALONE[1:])) == [("in vain", "Light level < 40", vain)]
    assert seen(life(*ALONE, drill=True)) == []
    merged = facts.Merged(into="INC-2", why="one lamp")
    assert seen(life((0, alert()), (5, merged, ANA))) == []


def test_a_threshold_is_late_behind_a_person_and_behind_the_beginning_that_one_says() -> None:
    """By how much stands there."""
    by_hand = life((12, alert()), (13, facts.StepDone(step="x", text="lit"), ANA), by=ANA)
    assert ("late", "alert LampDark", "fired 12 min after a person had noticed") in seen(by_hand)
    began = facts.BeginningSet(at=NOW - timedelta(minutes=20))
    told = seen(life((0, alert()), (5, began, ANA), (6, facts.Mitigated(how="lit"), ANA)))
    assert told == [("late", "alert LampDark", "fired 20 min after it had begun, as ana says")]


def test_who_was_called_and_did_not_answer_is_told_with_the_rung() -> None:
    """Only where the next one had to be called; whoever answers, or takes it, is not named."""
    first = facts.Escalated(to="Keeper", why="w", rung=0, person="ana", line=43)
    then = facts.Escalated(to="Harbour master", why="w", rung=1, person="ben", line=44)
    silent = "ana was called and had not answered 15 min later, when the next one was called"
    assert seen(life((0, first), (15, then))) == [("unanswered", "Keeper", silent)]
    assert seen(life((0, first), (3, facts.Acknowledged(), BEN), (15, then))) == []
    assert seen(life((0, first), (3, facts.Noted(text="on my way"), ANA), (15, then))) == []
    assert seen(life((0, first), (0, then))) == []
    failed = facts.NotifyFailed(person="ana", notice="n", why="the number is dead")
    assert seen(life((0, first), (1, failed))) == [
        ("unanswered", "Keeper", "ana was not reached: the number is dead")
    ]  # fmt: skip


def test_a_boundary_is_told_at_its_own_line_with_what_a_person_chose() -> None:
    """A condition that the text no longer has leads nowhere."""
    why = "8 (wind in line 1) fits neither “If wind is above 8” nor “If wind is below 8”"
    chosen = facts.BranchChosen(branch="If wind is below 8", why="it is calm")
    entries = life((1, facts.BranchLeftOpen(why=why)), (4, chosen, ANA))
    (lesson,) = learned(observations([(fold(entries), BOOK, entries)]))
    assert TEXT.splitlines()[lesson.after - 1] == "**If wind is above 8:**"
    assert lesson.why.endswith("; ana chose “If wind is below 8”")
    other = TEXT.replace("wind", "rain").encode()
    assert proposed(other, "lamp.md", observations([(fold(entries), BOOK, entries)]), "2026-03-02")[1] == ()


def test_words_in_backquotes_are_a_step_only_where_they_are_a_command() -> None:
    """Others are a remark, and letters that a terminal would obey are gone."""
    noted = "ran `lampctl relight --all`, saw `connection \x1b[31mrefused by peer` and `cat oil.txt`"
    entries = life((1, facts.Noted(text=noted), ANA))
    found = learned(observations([(fold(entries), BOOK, entries)]))
    assert {each.command for each in found} == {"lampctl relight --all", "cat oil.txt", ""}
    (remark,) = [each for each in found if not each.command]
    assert "written down by hand: connection [31mrefused by peer" in remark.text
    assert all(letter.isprintable() for each in found for letter in each.text.replace("\n", ""))


@pytest.mark.parametrize("codec", ["utf-8", "latin-1"])
def test_what_stands_there_is_not_said_again_for_a_newer_incident(codec: str) -> None:
    """Whichever incident it was that showed it last."""
    text = TEXT.replace("–", "é").encode(codec)
    for number in (1, 2):
        asked = facts.BranchLeftOpen(why="8 (a gust) fits neither “If wind is above 8” nor “If wind is below 8” …")
        entries = life((0, asked), *ALONE, number=number)
        text, found = proposed(text, "lamp.md", observations([(fold(entries), BOOK, entries)]), "2026-03-02")
        assert bool(found) is (number == 1), found


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_patch_is_in_the_bytes_of_the_file(codec: str, ends: str) -> None:
    """Every line that it takes out or passes by stands in the file, byte for byte; no command is put in changed."""
    raw = TEXT.replace("# Lighthouse", "# Lighthouse\x0c\u00a0é").replace("\n", ends).encode(codec)
    entries = life(
        (0, alert()), (1, facts.Noted(text="ran `lampctl relight --all` and `lampctl oil --kind Ω`"), ANA), *ALONE[1:]
    )
    after, found = proposed(raw, "lamp.md", observations([(fold(entries), BOOK, entries)]), "2026-03-02")
    patch = as_patch("lamp.md", raw, after, found)
    body = patch[patch.index(b"--- a/lamp.md") :].split(b"\n")[2:]
    old, new = set(raw.split(b"\n")), set(after.split(b"\n"))
    for line in body:
        assert line[:1] not in (b" ", b"-") or line[1:] in old, line
        assert line[:1] not in (b" ", b"+") or line[1:] in new, line
    assert "lampctl relight --all\n" in as_diff("lamp.md", raw, after, found).replace("\r", "")
    assert ("oil --kind ?" in [each.command for each in found]) is False
    assert any("oil --kind ?" in each.text for each in found) is (codec == "cp1252")
    assert after.decode(codec).count(ends) == after.decode(codec).count("\n")


def learned(found: Sequence[Observation]) -> tuple[Lesson, ...]:
    """What these come to in the text."""
    return proposed(TEXT.encode(), "lamp.md", found, "2026-03-02")[1]


LEVELS = tuple(Severity(name=name, line=1) for name in ("P1", "P2", "P3", "P4"))
MARCH = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("trigger", "severity", "due"),
    [
        ("After major incidents", "P2", True), ("After major incidents", "P3", False),
        ("After every incident", "P4", True), ("After P3 incidents", "P3", True),
        ("After P3 incidents", "P1", False), ("When procedures change", "P1", False),
    ],
)  # fmt: skip
def test_an_incident_asks_for_a_review_where_the_document_says_so(trigger: str, severity: str, due: bool) -> None:
    """The day after its end, with its name; and no more once the document was read since."""
    past = [Past(id="INC-7", severity=severity, ended=MARCH)]
    asked = Review(every="year", last="2026-02-01", line=3, triggers=(Text(text=trigger, line=6),))
    state = reviewed(asked, MARCH + timedelta(days=1), None, past, LEVELS)
    assert (state.overdue, "INC-7" in state.from_what, state.line == 6) == (due, due, due)
    assert not reviewed(asked, MARCH, None, past, LEVELS).overdue
    read_since = Review(every="year", last="2026-03-01", line=3, triggers=asked.triggers)
    assert not reviewed(read_since, MARCH + timedelta(days=1), None, past, LEVELS).overdue


def test_what_the_document_lists_is_read_with_its_lines_and_the_calendar_apart() -> None:
    """What only people know is shown as that; the worse half of the severities is major."""
    assert BOOK.review is not None
    assert [(each.text, each.line) for each in BOOK.review.triggers][:2] == [
        ("After major incidents", 6), ("When procedures change", 7),
    ]  # fmt: skip
    state = reviewed(BOOK.review, MARCH, MARCH)
    assert [(each.text, each.watched) for each in state.occasions] == [
        ("After major incidents", True), ("When procedures change", False),
    ]  # fmt: skip
    assert (major(LEVELS), major(LEVELS[:1]), major(())) == (("P1", "P2"), ("P1",), ())


def test_what_was_run_by_hand_without_a_scenario_belongs_to_the_step_before_it() -> None:
    """An incident of the general process teaches its document, too; with nothing before it there is no place."""
    (looked,) = (step for step in BOOK.steps() if step.command == "cat fuel.txt")
    by_hand = facts.Mitigated(how="a spare, by `lampctl spare`")
    without = life((1, by_hand), scenario="")
    assert [each.line for each in observations([(fold(without), BOOK, without)])] == [0]
    behind = life((1, facts.StepDone(step=looked.id)), (2, by_hand), scenario="")
    (found,) = observations([(fold(behind), BOOK, behind)])
    assert (found.step, found.line, found.command) == (looked.id, looked.line, "lampctl spare")
    after, _ = proposed(TEXT.encode(), "lamp.md", [found], "2026-03-02")
    assert "lampctl spare" in after.decode()


def test_a_command_of_an_incident_without_a_scenario_is_a_remark_at_the_end() -> None:
    """Word for word, so that nothing of it is lost; it becomes a step of no scenario."""
    entries = life((1, facts.Noted(text="ran `lampctl relight --all | tee >log`"), ANA), scenario="")
    new, (lesson, *_) = proposed(
        TEXT.encode(), "lamp.md", observations([(fold(entries), BOOK, entries)]), "2026-03-02"
    )  # fmt: skip
    assert lesson.after == len(TEXT.splitlines()) and not lesson.command
    last = new.decode().splitlines()[-1]
    assert last.startswith("<!-- ") and last.endswith("followed: lampctl relight --all | tee ›log. -->")
    assert len(list(read(new, "lamp.md").steps())) == len(list(BOOK.steps()))


def test_the_day_of_the_review_goes_where_the_document_asks_for_it() -> None:
    """Behind "last reviewed", filled in or not, before any line that only says when something was updated."""
    text = "**Last Updated:** 2024-01-XX\n\n" + TEXT.replace("Monthly", "Monthly\n**Last Reviewed:** [Date]", 1)
    entries = life(*ALONE)
    new, found = proposed(
        text.encode(), "lamp.md", observations([(fold(entries), BOOK, entries)]), "2026-03-02"
    )  # fmt: skip
    assert "**Last Updated:** 2024-01-XX\n" in new.decode()
    assert new.decode().splitlines()[found[-1].after - 1] == "**Last Reviewed:** 2026-03-02"
