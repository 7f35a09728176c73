"""The document beside what was understood: every line of the file, and what was made of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from tests.reading.documents import documents
from tocsin import reading
from tocsin.core.marks import Mark, span
from tocsin.core.runbook import Link, Problem, Runbook, Scenario, Step
from tocsin.core.understood import headline, lines, understood
from tocsin.service.books import judge

LIBRARY = """# Town library: incidents

**Last reviewed:** 2026-02-01

## Severity Levels
- **P0 (Critical)**: nobody can borrow. Response: 5 minutes
- **P1 (High)**: the catalogue is slow. Response: 2 hours

## Escalation
- P0 unresolved after 30 minutes: page the head librarian

## Contacts
- **Head librarian**: [Phone]

## Scenario 1: Catalogue is slow (P1)

**Alert**: `CatalogueSlow`

### Symptoms
- Response time > 800 ms for 5 minutes
- Readers complain

### Diagnosis
```bash
# Look at the log
tail -n 50 catalogue.log

grep <card_number> loans.txt \\
  --count
```

### Mitigation
**If the index is stale:**
```bash
rm -rf index
```
- Tell the desk

### Resolution
- Response time returns to < 300 ms
- Buy a bigger disk later

A sentence that asks for nothing.

## After the incident
- [ ] Thank the readers
- Write the report within 48 hours
"""


@pytest.fixture(scope="module")
def book() -> Runbook:
    """The library's runbook, judged."""
    return judge(reading.read(LIBRARY.encode(), "library.md"))


def marks_at(book: Runbook, words: str) -> tuple[Mark, ...]:
    """The marks that begin on the first line with these words."""
    number = next(at for at, line in enumerate(LIBRARY.split("\n"), 1) if words in line)
    return tuple(mark for mark in understood(book).get(number, ()) if mark.line == number)


def said(book: Runbook, words: str) -> list[str]:
    """The same as sentences."""
    return [" ".join(filter(None, (mark.label, mark.text, *mark.facts))) for mark in marks_at(book, words)]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("P0 (Critical)", "severity P0 · Critical answer within 5 min"),
        ("P1 (High)", "severity P1 · High answer within 2 h"),
        ("## Scenario 1", "scenario Catalogue is slow P1 alert CatalogueSlow 4 steps"),
        ("Response time > 800", "fires Response time > 800 ms for 5 min P1"),
        ("Readers complain", "symptom"),
        ("# Look at the log", "comment"),
        ("tail -n 50", "read-only Look at the log diagnosis"),
        ("grep <card", "to fill in <card_number> integer"),
        ("If the index", "condition over 2 steps"),
        ("rm -rf index", "changes state mitigation under “If the index is stale”"),
        ("Tell the desk", "by hand mitigation under “If the index is stale”"),
        ("returns to < 300", "recovered when Response time < 300 ms"),
        ("page the head librarian", "escalates head librarian after 30 min unresolved P0"),
        ("[Phone]", "contact Head librarian not filled in: contact"),
        ("Thank the readers", "box"),
        ("within 48 hours", "deadline within 48 h Write the report"),
        ("Last reviewed", "review last on 2026-02-01"),
    ],
)
def test_each_line_says_what_was_made_of_it(book: Runbook, line: str, sentence: str) -> None:
    """The same words for every reader, with the numbers that were understood."""
    assert sentence in said(book, line)


def test_a_verdict_has_its_reason_and_its_traits(book: Runbook) -> None:
    """Why a command is taken for harmless or not stands with it."""
    (removing,) = (mark for mark in marks_at(book, "rm -rf index") if mark.kind == "step")

    assert removing.tone == "ask"
    assert "destructive" in removing.traits
    assert "rm" in removing.why


@pytest.mark.parametrize("words", ["A sentence that asks", "# Town library", "### Symptoms", "```bash"])
def test_what_is_only_text_has_no_mark(book: Runbook, words: str) -> None:
    """Text that is kept as it was written is not labelled."""
    assert marks_at(book, words) == ()


def test_a_command_over_several_lines_goes_on_at_each(book: Runbook) -> None:
    """A further line has the mark of the first, which says where it began."""
    first = next(at for at, line in enumerate(LIBRARY.split("\n"), 1) if line.startswith("grep"))
    further = understood(book)[first + 1]

    assert [(mark.kind, mark.line, mark.end_line) for mark in further] == [("step", first, first + 1)]


def test_findings_stand_in_place_and_none_is_lost(book: Runbook) -> None:
    """A finding about a line that the file does not have stands at the nearest one."""
    stray = Problem(line=0, code="stray", level="note", message="Somewhere.")
    beyond = Problem(line=10_000, code="beyond", level="note", message="Nowhere.")
    here = Problem(line=3, code="here", level="error", message="Here.")

    shown = lines(replace(book, problems=(beyond, here, stray)), LIBRARY)

    assert [(line.number, [each.code for each in line.problems]) for line in shown if line.problems] == [
        (1, ["stray"]), (3, ["here"]), (len(shown), ["beyond"]),
    ]  # fmt: skip


def test_headings_and_fences_are_told_from_text(book: Runbook) -> None:
    """A hash in a fence is a comment, not a heading."""
    looks = {line.text: line.look for line in lines(book, LIBRARY)}

    assert (looks["### Symptoms"], looks["# Look at the log"], looks["- Readers complain"]) == (
        "heading",
        "code",
        "text",
    )


def test_every_line_of_a_fence_is_accounted_for(book: Runbook) -> None:
    """What is neither blank nor a marker has a mark: a step, or what kind of text it is."""
    marked = understood(book)
    for fence in book.fences:
        for part in fence.parts:
            assert all(number in marked for number in range(part.line, part.end_line + 1)), part


def test_a_missing_file_and_an_unknown_fence_line_stand_out(book: Runbook) -> None:
    """They are red; a link that is there and a comment are quiet."""
    links = (
        Link(target="gone.md", kind="file", exists=False, line=1),
        Link(target="there.md", kind="file", exists=True, line=2),
    )
    marked = understood(replace(book, links=links))

    assert [(marked[line][-1].tone, marked[line][-1].facts) for line in (1, 2)] == [
        ("bad", ("not there",)), ("quiet", ("it is there",)),
    ]  # fmt: skip


def test_an_alternative_names_the_line_that_it_replaces() -> None:
    """“Or …” in a fence leads back to the command above."""
    text = "# Ferry\n\n## Scenario 1: Fog\n\n### Fix\n```bash\n# Slow down\n./slow\n# Or stop\n./stop\n```\n"
    book = judge(reading.read(text.encode(), "ferry.md"))
    (stopping,) = (mark for mark in understood(book)[10] if mark.kind == "step")

    assert "instead of line 8" in stopping.facts


def test_texts_as_long_as_the_document_are_cut() -> None:
    """A mark stays small whatever the document holds, so a page of many marks does."""
    step = Step(
        id="a", kind="shell", stage="diagnosis", title="t" * 100_000, command="c", branch="b" * 100_000,
        expected="e\n" * 50_000, why="w" * 100_000, line=1, end_line=1,
    )  # fmt: skip
    part = Scenario(id="s", title="x" * 100_000, line=1, steps=(step,), alerts=("a" * 50_000,) * 50)
    book = Runbook(title="T", source="t.md", digest="d", scenarios=(part,))

    for mark in understood(book)[1]:
        assert sum(map(len, (mark.label, mark.text, *mark.facts, mark.why))) < 1500
        assert "\n" not in "".join(mark.facts)


def test_overlapping_spans_cost_no_more_than_their_lines() -> None:
    """Ten thousand steps that each claim ten thousand lines are laid out once."""
    steps = tuple(
        Step(id=str(at), kind="manual", stage="other", title="x", line=at, end_line=20_000) for at in range(1, 10_001)
    )
    book = Runbook(title="T", source="t", digest="d", scenarios=(Scenario(id="s", title="S", line=1, steps=steps),))

    assert sum(map(len, understood(book).values())) < 60_000


def test_the_headline_counts_what_there_is(book: Runbook) -> None:
    """What there is none of is not mentioned."""
    words = headline(book)

    assert words[:2] == ("1 scenario", "4 steps")
    assert "1 escalation" in words
    assert not any("template" in each for each in words)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 s"), (4.98, "5 min"), (90, "1 h 30 min"), (120, "2 h"), (2880, "48 h"), (10080, "7 d"),
     (1e300, "1e+300 min"), (float("inf"), "inf min")],
)  # fmt: skip
def test_times_are_said_as_people_write_them(minutes: float, words: str) -> None:
    """Whole hours stay hours up to three days; nonsense is no reason to fail."""
    assert span(minutes) == words


@given(documents())
@settings(max_examples=60, deadline=None)
def test_any_document_is_laid_out_line_for_line(text: str) -> None:
    """Every line is there once, in order and as written; marks lie within their spans."""
    if not text.strip():
        return
    text = text.replace("\r\n", "\n")
    book = judge(reading.read(text.encode(), "any.md"))
    shown = lines(book, text)

    assert "\n".join(line.text for line in shown) == text.removesuffix("\n")
    assert all(mark.line <= line.number <= mark.end_line for line in shown for mark in line.marks)
    assert sum(len(line.problems) for line in shown) == len(book.problems)
