"""The page of a runbook: the document line for line, with what was understood and what was found in place."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web import house
from tocsin.core.runbook import Problem, Rule, Runbook, Scenario, Step
from tocsin.core.understood import lines
from tocsin.web.books import BATCH, batches, chapters, rows

FERRY = """# Ferry <b>landing</b>

Nothing to do here.

## Severity Levels
- **P1 (High)**: no boat runs. Response: 5 minutes
- **P2 (Low)**: boats are late
## Escalation
- After 30 minutes: page the harbour master
- After 60 minutes: page the owner

## Scenario 1: Fog

### Symptoms
- visibility < 200 m

### Diagnosis
```bash
# Look <out>
tail -f fog.log
```

## Scenario 2: The ramp is stuck

### Mitigation
- Call the mechanic
"""
CONFIG = """
[people.ada]
name = "Ada Moore"
notify = ["console"]
[roles]
"harbour master" = "ada"
"""


@pytest.fixture
def get(tmp_path: Path) -> Iterator[TestClient]:
    """A client of a server that has loaded the ferry's runbook, logged in as a viewer."""
    house.furnish(tmp_path)
    (tmp_path / "lighthouse.md").write_text(FERRY, "utf-8")
    (tmp_path / "tocsin.toml").write_text(house.CONFIG + CONFIG, "utf-8")
    app = house.enter(tmp_path)
    with house.client_of(app) as client:
        client.headers.update(house.bearer("viewer"))
        yield client
    app.db.close()


def _line(page: str, number: int) -> str:
    """The element of a line."""
    found = re.search(rf'<li id="L{number}".*?</li>', page, re.DOTALL)
    assert found, f"line {number} is not on the page"
    return found[0]


def _shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<li id="L(\d+)"', page)]


def test_every_line_is_there_as_it_was_written(get: TestClient) -> None:
    """In order, escaped, each with an address of its own."""
    page = get.get("/runbooks/0").text

    assert _shown(page) == list(range(1, FERRY.count("\n") + 1))
    assert "# Ferry &lt;b&gt;landing&lt;/b&gt;" in _line(page, 1)
    assert 'href="#L3"' in _line(page, 3)


@pytest.mark.parametrize(
    ("number", "tone", "words"),
    [
        (6, "accent", ("severity", "P1 · High", "answer within 5 min")),
        (9, "accent", ("escalates", "harbour master", "after 30 min unresolved", "Ada Moore")),
        (10, "accent", ("escalates", "owner", "nobody is bound")),
        (12, "accent", ("scenario", "Fog", "1 step")),
        (15, "bad", ("fires", "visibility &lt; 200 m", "symptom")),
        (20, "good", ("read-only", "Look &lt;out&gt;", "endless", "<code>tail</code>")),
        (26, "plain", ("by hand", "mitigation")),
    ],
)
def test_beside_a_line_stands_what_was_understood(
    get: TestClient, number: int, tone: str, words: tuple[str, ...]
) -> None:
    """In words, with the tone of what matters most, and with whom the configuration names."""
    line = _line(get.get("/runbooks/0").text, number)

    assert re.match(rf'<li id="L{number}" class="\w+ {tone}">', line)
    for word in words:
        assert word in line


def test_a_line_about_which_nothing_was_understood_is_only_text(get: TestClient) -> None:
    """It has no mark and no tone."""
    line = _line(get.get("/runbooks/0").text, 3)

    assert 'class="text "' in line
    assert "marks" not in line


def test_a_finding_stands_in_its_line(get: TestClient) -> None:
    """With level, sentence and code, and it is counted above and in the contents."""
    page = get.get("/runbooks/0").text
    line = _line(page, 20)

    assert '<p class="finding warning"' in line
    assert "endless-command" in line
    assert re.search(r'<a href="#L12"><span class="name scenario">Fog</span> <span class="badge ask">\d', page)


def test_the_lines_can_be_filtered_without_a_script(get: TestClient) -> None:
    """Everything, what was understood, or the findings; what is left out is counted and can be reached."""
    everything, understood, findings = (
        _shown(get.get(f"/runbooks/0{query}").text)
        for query in ("?show=nonsense", "?show=understood", "?show=findings")
    )
    page = get.get("/runbooks/0?show=findings").text

    assert set(findings) < set(understood) < set(everything)
    assert 3 not in understood
    assert {20, 10} <= set(findings)
    assert 26 in understood
    assert re.search(r'<li class="gap"><a href="/runbooks/0#L\d+">\d+ lines?</a></li>', page)
    assert re.search(r'<a href="/runbooks/0\?show=findings" aria-current="true">findings</a>', page)


def test_the_rendered_page_stays(get: TestClient) -> None:
    """The tab shows the Markdown, and the contents lead back to the lines."""
    page = get.get("/runbooks/0?as=page").text

    assert "Ferry" in page
    assert 'class="document pad"' in page
    assert '<li id="L1"' not in page
    assert 'href="/runbooks/0#L12"' in page


def test_no_style_and_no_script_stand_in_the_page(get: TestClient) -> None:
    """The content security policy forbids them."""
    page = get.get("/runbooks/0").text

    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]* src=)", page)


def test_contents_count_the_findings_up_to_the_next_entry() -> None:
    """The tone is that of the worst; what stands before the first entry has one of its own."""
    problems = (
        Problem(line=1, code="c", level="note", message="m"),
        Problem(line=3, code="c", level="note", message="m"),
        Problem(line=4, code="c", level="error", message="m"),
        Problem(line=9, code="c", level="warning", message="m"),
    )
    parts = (Scenario(id="a", title="A", line=3), Scenario(id="b", title="B", line=6))
    book = Runbook(title="T", source="t", digest="d", scenarios=parts, problems=problems)

    found = chapters(book, lines(book, "\n" * 10))

    assert [(each.title, each.line, each.findings, each.tone) for each in found] == [
        ("Beginning", 1, 1, "plain"), ("A", 3, 2, "bad"), ("B", 6, 1, "ask"),
    ]  # fmt: skip


def test_blank_lines_are_not_counted_as_left_out() -> None:
    """Between two lines that are shown, only text is missed."""
    book = Runbook(title="T", source="t", digest="d")
    shown = list(rows(lines(book, "a\n\nb\n\nc\n\n"), "findings", {1, 5}))

    assert [(row.line.number if row.line else 0, row.first, row.hidden) for row in shown] == [
        (1, 0, 0), (0, 3, 1), (5, 0, 0),
    ]  # fmt: skip


def test_what_is_said_of_a_long_command_goes_on_beside_it() -> None:
    """Beside its further lines, up to the first about which something else is said, and within its batch."""
    step = Step(id="s", kind="shell", stage="other", title="t", command="c", line=2, end_line=9)
    rule = Rule(metric="m", op=">", value=1, line=6)
    book = Runbook(
        title="T", source="t", digest="d", rules=(rule,),
        scenarios=(Scenario(id="a", title="A", line=1, steps=(step,)),),
    )  # fmt: skip

    def over(book: Runbook, count: int = 12) -> dict[int, int]:
        found = [row for batch in batches(rows(lines(book, "x\n" * count), "", set())) for row in batch]
        return {row.line.number: row.over for row in found if row.line and row.over}

    assert over(book) == {2: 3}
    assert over(replace(book, problems=(Problem(line=3, code="c", level="note", message="m"),))) == {2: 1}
    assert over(replace(book, problems=(Problem(line=2, code="c", level="note", message="m"),))) == {}
    late = replace(step, line=BATCH, end_line=BATCH + 3)
    assert over(replace(book, scenarios=(Scenario(id="a", title="A", line=1, steps=(late,)),)), BATCH + 5) == {}


def test_a_long_document_is_drawn_fast(tmp_path: Path) -> None:
    """3,000 lines take a fraction of a second of the processor; a person waits for nothing."""
    house.furnish(tmp_path)
    (tmp_path / "lighthouse.md").write_text((FERRY * (3000 // FERRY.count("\n") + 1)), "utf-8")
    app = house.enter(tmp_path)
    with house.client_of(app) as client:
        client.get("/runbooks/0", headers=house.bearer("viewer"))
        began = time.process_time()
        page = client.get("/runbooks/0", headers=house.bearer("viewer")).text
        taken = time.process_time() - began
    app.db.close()

    assert len(_shown(page)) > 3000
    assert taken < 0.6  # here it takes a tenth of a second
