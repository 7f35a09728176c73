"""Messages of templates: which gaps are recognised, what fills them, what is asked, what is never taken for a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build import ANA, NOW, PEOPLE
from tocsin.core import facts
from tocsin.core.clocks import timers
from tocsin.core.facts import ENGINE, Entry
from tocsin.core.fold import evolve, fold
from tocsin.core.incident import Incident
from tocsin.core.messages import moves
from tocsin.core.messages.commands import own_values
from tocsin.core.messages.drafts import Draft, draft_of, drafts
from tocsin.core.messages.gaps import gaps_of
from tocsin.core.messages.meanings import key_of
from tocsin.core.messages.values import Around
from tocsin.core.notices import notices_for
from tocsin.core.oncall import Directory, Person
from tocsin.core.runbook import Runbook, Step, Template
from tocsin.core.timetable import Cadence, Timetable
from tocsin.errors import Invalid, NotFound, Refused
from tocsin.reading import read

BOOK = """# Library runbook

## Severity Levels

- **P1 (High)**: nobody can borrow
- **P2 (Medium)**: borrowing is slow

## First steps

- [ ] Post a note: "The library looks into [symptom]"

## Communication templates

### Initial message

```
INCIDENT: [Brief description]
Severity: P1/P2
Started: [Time]
Impact: [Description]
Shelf: [Which shelf]
You hear of us every [X] minutes.
```

### Status update

```
[Incident ID] lasts [time since start]. Next: [next steps]
```

### Resolution

```
Over after [total duration], [start time] to [end time]. Root cause: [brief explanation]. Fix: [what was done]
```
"""


def entry(seq: int, fact: Any, minutes: float = 0) -> Entry:
    """An entry so many minutes behind the beginning."""
    return Entry(seq=seq, at=NOW + timedelta(minutes=minutes), by=ANA, fact=fact)


def book(text: str = BOOK) -> Runbook:
    """The runbook of the library."""
    return read(text.encode(), "library.md")


def begun(runbook: Runbook, *more: tuple[Any, float], timetable: Timetable | None = None) -> Incident:
    """INC-7 of it, and what happened since."""
    first = facts.Declared(
        number=7, title="Nobody can borrow", severity="P1", why="people queue", runbook=runbook.title,
        runbook_digest=runbook.digest, severities=("P1", "P2"), timetable=timetable or Timetable(),
    )  # fmt: skip
    return fold([entry(1, first), *(entry(seq, fact, at) for seq, (fact, at) in enumerate(more, 2))])


def around(runbook: Runbook, incident: Incident, minutes: float = 10) -> Around:
    """What drafts are made of at that minute."""
    return Around(incident=incident, runbook=runbook, directory=PEOPLE, now=NOW + timedelta(minutes=minutes))


def by_id(found: Sequence[Draft]) -> dict[str, Draft]:
    """Drafts by their names."""
    return {each.id: each for each in found}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Root cause: [brief explanation]", ["root cause"]),
        ("**Duration:** [start time] to [end time]", ["began", "ended"]),
        ("- Users: [estimated number]", ["users"]),
        ("Updates every [X] minutes, next update: [time]", ["cadence", "next update"]),
        ("Post-mortem: [date/time]", ["meeting"]),
        ("Status: [Investigating/Identified/Resolved]", ["status"]),
        ("### What we know\n- [Brief summary of findings]", ["found"]),
        ("Auswirkung: [Beschreibung]", ["impact"]),
        ("Causa raíz: [descripción]", ["root cause"]),
        ("INC-<number> at <incident id>", ["number", "id"]),
        ("Contact: [phone]", ["own phone-contact-phone"]),
        ("Restored from: [timestamp]", ["own timestamp-restored-from-timestamp"]),
        ("Subject: [Westwind] is down", ["own westwind-subject-westwind"]),
        ("Dear [Name],", ["own name-dear-name"]),
    ],
)
def test_gaps_are_recognised_by_their_words_and_their_labels(text: str, keys: list[str]) -> None:
    """What the vocabulary does not hold keeps the document's own words, and is never filled with something else."""
    found = book(f"# B\n\n## Update message\n\n```\n{text}\n\nWith regards, the library\n```\n").templates
    assert [key_of(gap) for gap in gaps_of(found[0])] == keys


def test_what_the_incident_knows_is_filled_and_the_rest_is_asked() -> None:
    """A sentence in quotes is a message, too; each question has the document's words and its line."""
    runbook = book()
    found = by_id(drafts(around(runbook, begun(runbook))))
    first = found["initial-message"]
    assert first.text.splitlines()[:3] == ["INCIDENT: Nobody can borrow", "Severity: P1", f"Started: {NOW:%H:%M} UTC"]
    assert [(each.field, each.words, each.line) for each in first.open_fields] == [
        ("impact", "Impact: [Description]", 20),
        ("own which-shelf-shelf-which-shelf", "Shelf: [Which shelf]", 21),
        ("cadence", "You hear of us every [X] minutes", 22),
    ]
    assert found["status-update"].text.startswith("INC-7 lasts 10 min.")
    assert found["line-10"].title == "Post a note" and found["line-10"].due
    over = found["resolution"]
    assert (over.state, [each.field for each in over.waiting]) == ("asks", ["duration", "ended"])


def test_a_title_of_several_lines_is_one_line_of_the_message() -> None:
    """What an alert or a hurried person wrote can't pretend to be a line of the template."""
    incident = replace(begun(book()), title="No loans\r\nSeverity: none\n\tall is well")
    text = by_id(drafts(around(book(), incident)))["initial-message"].text
    assert text.splitlines()[:2] == ["INCIDENT: No loans Severity: none all is well", "Severity: P1"]


def test_an_answer_is_asked_once_and_stands_in_every_message() -> None:
    """The cause, the clock of updates, an estimate and a number of users become facts that all else heeds."""
    runbook = book()
    incident = begun(runbook)
    made = moves.fill_in(
        around(runbook, incident), {"impact": " no \x1b loans\n today ", "cadence": "15", "root cause": "A full disk"}
    )
    assert [type(each) for each in made] == [facts.FieldAnswered, facts.CadenceSet, facts.RootCauseRecorded]
    assert made[0].text == "no loans today" and made[0].asked == "Impact: [Description]" and made[1].seconds == 900
    after = begun(runbook, *((each, 1) for each in made))
    found = by_id(drafts(around(runbook, after)))
    assert (
        "Impact: no loans today" in found["initial-message"].text
        and "every 15 minutes" in found["initial-message"].text
    )
    assert "Root cause: A full disk." in found["resolution"].text
    with pytest.raises(Invalid, match="Nothing was answered"):
        moves.fill_in(around(runbook, after), {"impact": "no loans today"})
    back = moves.fill_in(around(runbook, after), {"impact": ""})
    assert (
        "Impact: [Description]"
        in by_id(drafts(around(runbook, begun(runbook, *((each, 1) for each in [*made, *back])))))[
            "initial-message"
        ].text
    )


@pytest.mark.parametrize(
    ("answers", "error", "says"),
    [
        ({"colour": "blue"}, NotFound, "asks for 'colour'"),
        ({"id": "INC-9"}, Refused, "the incident itself says"),
        ({"cadence": "often"}, Invalid, "no number"),
        ({"cadence": "0"}, Invalid, "at least a minute"),
        ({"impact": "x" * 2001}, Invalid, "at most 2,000"),
    ],
)
def test_answers_that_can_t_be_are_refused(answers: dict[str, str], error: type[Exception], says: str) -> None:
    """With the sentence why."""
    runbook = book()
    with pytest.raises(error, match=says):
        moves.fill_in(around(runbook, begun(runbook)), answers)


@pytest.mark.parametrize(
    ("words", "count", "share"), [("1,200", 1200, None), ("12 %", None, 12), ("40 users", 40, None)]
)
def test_a_number_of_users_is_counted_and_other_words_stay_words(
    words: str, count: float | None, share: float | None
) -> None:
    """What is a number goes into the assessment; a sentence is kept as it is."""
    runbook = book("# B\n\n## Update message\n\n```\nUsers affected: [number] of the town, we think\n```\n")
    where = around(runbook, begun(runbook))
    counted = moves.fill_in(where, {"users": words})[0]
    assert (counted.count, counted.share) == (count, share)
    assert isinstance(moves.fill_in(where, {"users": "about 40, mostly children"})[0], facts.FieldAnswered)


def test_the_end_is_known_at_the_end() -> None:
    """Duration, both times, the cause and what people said ended it; the same words are not sent twice as new."""
    runbook = book()
    done = [
        (facts.Mitigated(how="moved the logs"), 20), (facts.RootCauseRecorded(text="a full disk"), 21),
        (facts.Resolved(summary="a larger disk."), 45),
    ]  # fmt: skip
    incident = begun(runbook, *done)
    found = draft_of(around(runbook, incident, 50), "resolution")
    ends = NOW + timedelta(minutes=45)
    assert found.text == (
        f"Over after 45 min, {NOW:%H:%M} UTC to {ends:%H:%M} UTC. Root cause: a full disk. "
        "Fix: moved the logs; a larger disk"
    )
    assert (found.state, found.due) == ("ready", True)
    sent = moves.send(around(runbook, incident, 50), found, "", ["#desk"])
    after = begun(runbook, *done, *((each, 50) for each in sent))
    again = draft_of(around(runbook, after, 51), "resolution")
    assert (again.state, again.due) == ("sent", False)


def test_a_message_with_an_open_gap_leaves_only_when_the_gap_is_gone() -> None:
    """In somebody's own words it may; what they leave open is still asked."""
    runbook = book()
    where = around(runbook, begun(runbook))
    first = draft_of(where, "initial message")
    with pytest.raises(Refused, match=r"still asks: Impact: \[Description\]"):
        moves.send(where, first, "", ["#desk"])
    with pytest.raises(Refused, match="Which shelf"):
        moves.send(where, first, "Sorry. Shelf: [Which shelf]", ["#desk"])
    sent = moves.send(where, first, "We are closed today.", ["#desk"])[0]
    assert (sent.text, sent.kind, sent.channels) == ("We are closed today.", "initial", ("#desk",))
    with pytest.raises(Refused, match="No channel"):
        moves.send(where, first, "We are closed today.", [])
    hidden = replace(where.incident, team=replace(where.incident.team, private=True))
    with pytest.raises(Refused, match="is private"):
        moves.send(replace(where, incident=hidden), first, "We are closed today.", ["#desk"])


def test_a_draft_in_somebodys_words_waits_until_it_is_sent() -> None:
    """It is kept as it is, and the template counts again behind it."""
    runbook = book()
    where = around(runbook, begun(runbook))
    update = draft_of(where, "status-update")
    made = moves.draft(where, update, "Still closed.")
    kept = draft_of(around(runbook, begun(runbook, (made[0], 1))), "status-update")
    assert (kept.text, kept.edited_by, kept.state) == ("Still closed.", "ana", "ready")
    sent = moves.send(where, kept, "", ["#desk"])
    assert sent[0].text == "Still closed."
    fresh = draft_of(around(runbook, begun(runbook, (made[0], 1), (sent[0], 2))), "status-update")
    assert fresh.edited_by == "" and fresh.text.startswith("INC-7 lasts")
    with pytest.raises(Invalid, match="exactly this"):
        moves.draft(where, update, update.text)


def test_sending_keeps_a_promise_and_being_late_breaks_it() -> None:
    """A message, a post and a word on the status page count alike; a record that is sent does not."""
    runbook = book()
    timetable = Timetable(cadences=(Cadence(every_seconds=1800, line=3),))
    sent = facts.MessageSent(message="status-update", title="Status update", kind="update", text="x")
    record = replace(sent, message="record", kind="record")
    incident = begun(
        runbook, (record, 10), (sent, 29), (facts.UpdateMissed(due=NOW + timedelta(minutes=59)), 59),
        (facts.UpdatePosted(audience="readers", text="sorry"), 70), timetable=timetable,
    )  # fmt: skip
    told = [(each.kept, each.at and round((each.at - NOW) / timedelta(minutes=1))) for each in incident.clocks.promised]
    assert told == [(True, 29), (False, 70)]
    due = [each.at for each in timers(incident) if isinstance(each.fact, facts.UpdateMissed)]
    assert due == [NOW + timedelta(minutes=100)]


def test_a_duration_that_goes_on_is_nothing_new() -> None:
    """A message that was sent counts as sent until somebody says something, however long it takes."""
    runbook = book()
    said = facts.FieldAnswered(field="next", text="we dig")
    first = by_id(drafts(around(runbook, begun(runbook, (said, 5)), 20)))["status-update"]
    sent = facts.MessageSent(message=first.id, title=first.title, kind="update", text=first.text)
    incident = begun(runbook, (said, 5), (sent, 20))
    later = by_id(drafts(around(runbook, incident, 45)))["status-update"]
    assert "20 min" in first.text and "45 min" in later.text
    assert later.state == "sent"
    incident = begun(runbook, (said, 5), (sent, 20), (replace(said, text="we dig deeper"), 50))
    assert by_id(drafts(around(runbook, incident, 50)))["status-update"].state == "ready"


def test_what_is_said_in_several_places_at_once_is_one_promise_kept() -> None:
    """A message that stands on the status page, too, keeps one promise; a minute later another one begins."""
    timetable = Timetable(cadences=(Cadence(every_seconds=1800, line=3),))
    sent = facts.MessageSent(message="status-update", title="Status update", kind="update", text="x")
    posted = facts.UpdatePosted(audience="readers", text="x")
    incident = begun(book(), (posted, 29), (sent, 29), (sent, 29.5), (sent, 31), timetable=timetable)
    told = [round((each.at - NOW) / timedelta(minutes=1)) for each in incident.clocks.promised if each.at and each.kept]
    assert told == [29, 31]


def test_a_message_goes_to_its_channels_word_for_word() -> None:
    """Nothing of ours stands beside it, save that a drill says so; to channels that nobody bound nothing goes."""
    runbook = book()
    desk = Directory(channels={"#desk": Person(id="#desk", name="#desk")})
    incident = begun(runbook)
    sent = entry(
        2, facts.MessageSent(message="m", title="M", kind="update", text="Closed.", channels=("#desk", "#gone"))
    )
    after = evolve(incident, sent)
    told = notices_for(sent, after, desk, "https://tocsin.example")
    assert [(each.to, each.kind, each.body, each.url, each.why) for each in told] == [
        ("#desk", "message", "Closed.", "", "")
    ]
    drill = notices_for(sent, replace(after, drill=True), desk, "")
    assert drill[0].body == "This is a drill.\n\nClosed." and "DRILL" in drill[0].subject


@pytest.mark.parametrize(
    ("command", "gap", "filled"),
    [
        ("git checkout -b hotfix/incident-[id]", "[id]", True),
        ("mkdir inc_<number> && cd inc_<number>", "<number>", True),
        ("kubectl delete pod [id]", "[id]", False),
        ("git checkout -b incident-[id] origin/[id]", "[id]", False),
        ("git checkout -b incident-[brief-desc]", "[brief-desc]", False),
    ],
)
def test_a_command_gets_the_number_only_where_it_names_the_incident(command: str, gap: str, filled: bool) -> None:
    """Every place of the gap must ask for it; anything else stays to be filled by a person."""
    step = Step(
        id="s", kind="shell", stage="resolution", title="s", command=command, placeholders=(gap,), line=1, end_line=1
    )
    assert own_values(begun(book()), step) == ({gap: "7"} if filled else {})


@given(st.text(max_size=200))
def test_no_value_is_ever_read_as_a_gap(words: str) -> None:
    """Whatever people or alerts write, the text is the template with each gap replaced once."""
    template = Template(
        id="t",
        title="T",
        kind="update",
        text="A [symptom] B [Incident ID] C",
        fields=("[symptom]", "[Incident ID]"),
        line=1,
    )
    runbook = replace(book(), templates=(template,), checklists=())
    answer = facts.FieldAnswered(field="symptom", text=words or "x")
    found = drafts(around(runbook, begun(runbook, (answer, 1))))[0]
    assert found.text == f"A {words or 'x'} B INC-7 C"


@given(st.text(st.one_of(st.characters(exclude_categories=("Cs", "Cc")), st.just("\n")), max_size=400))
def test_any_text_is_a_template(text: str) -> None:
    """No document makes the drafts fail, and what has no gap is left as it is."""
    runbook = read(
        f'# B\n\n## Update message\n\n```\n{text}\n```\n\n- [ ] Post: "{text}"\n'.encode("utf-8", "replace"), "b.md"
    )
    for each in drafts(around(runbook, begun(runbook))):
        assert each.text or not each.fields


def test_what_leaves_by_itself_says_so_on_the_timeline() -> None:
    """Nobody's name stands there."""
    from tocsin.core.telling import tell

    made = facts.MessageSent(message="m", title="M", kind="update", text="Closed.", channels=("#desk",), alone=True)
    line = tell(Entry(seq=2, at=NOW, by=ENGINE, fact=made), PEOPLE, {})
    assert "[messages]" in line.detail and "Closed." in line.title


def test_what_was_said_elsewhere_is_not_asked_again() -> None:
    """The answer to the document's own question, and a count of users, stand in messages; a later answer counts."""
    text = "Impact: [description]\nUsers: [number]\nNext steps: [text]"
    runbook = book(f"# B\n\n## Update message\n\n```\n{text}\n```\n")
    said = facts.QuestionAnswered(question="q", text="What is the impact?", answer="no loans", line=9)
    incident = begun(runbook, (said, 1), (facts.AffectedCounted(count=340, of=12000), 2))
    found = drafts(around(runbook, incident))[0]
    assert found.text.splitlines()[:2] == ["Impact: no loans", "Users: 340 of 12,000 users (2.8 %)"]
    assert [each.field for each in found.open_fields] == ["next"]
    assert "(line 9)" in next(each.source for each in found.fields if each.field == "impact")
    later = begun(runbook, (said, 1), (facts.FieldAnswered(field="impact", text="no returns either"), 3))
    assert drafts(around(runbook, later))[0].text.startswith("Impact: no returns either")
