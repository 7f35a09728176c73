"""Every line of every fence is accounted for: none is lost, none is two things, no command is missing or made up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reading.documents import documents
from tocsin.core.runbook import CodeFence, Runbook, Step
from tocsin.reading import read
from tocsin.reading.decoding import decode

_SHARED = Path(__file__).resolve().parents[2].parent / "shared"
_DOCUMENTS = [*sorted((_SHARED / "seeds").glob("*.txt")), *sorted((_SHARED / "corpus").glob("[0-9]*.md"))]
_RUNS = {"shell": "command", "sql": "command", "set": "setting"}


@dataclass(frozen=True)
class Scanned:
    """A fence as this test finds it, by counting markers and nothing else."""

    line: int
    end_line: int
    filled: tuple[int, ...]


def scan(lines: list[str]) -> Iterator[Scanned]:
    """Pairs of marker lines, each with the numbers of the lines between them that are not blank."""
    opened: tuple[int, str] | None = None
    for number, line in enumerate(lines, 1):
        found = re.match(r"^[\s>]*(?:(?:[-*+]|\d+[.)])\s+)?(```+|~~~+)([^`]*)$", line)
        if found is None:
            continue
        marker, info = found.group(1), found.group(2).strip()
        if opened is None:
            opened = (number, marker)
        elif marker.startswith(opened[1]) and not info:
            between = range(opened[0] + 1, number)
            yield Scanned(opened[0], number, tuple(at for at in between if lines[at - 1].strip(" \t\r>")))
            opened = None


def in_fences(book: Runbook) -> dict[int, str]:
    """The role of every line that a fence of the book accounts for; fails where a line has two."""
    roles: dict[int, str] = {}
    for fence in book.fences:
        for part in fence.parts:
            assert part.line <= part.end_line
            for number in range(part.line, part.end_line + 1):
                assert number not in roles, f"line {number} is {roles[number]} and {part.role}"
                roles[number] = part.role
    return roles


def check(text: str, scanned: list[Scanned]) -> Runbook:
    """The promises of this file, for one document."""
    lines = decode(text.encode()).text.split("\n")
    book = read(text.encode(), "any.md")
    roles = in_fences(book)
    found = {fence.line: fence for fence in book.fences}
    for one in scanned:
        assert one.line in found, f"the fence of line {one.line} is missing"
        assert found[one.line].end_line == one.end_line
        assert [number for number in one.filled if number not in roles] == []
        assert not {one.line, one.end_line} & roles.keys(), "a marker line is no content"
    check_steps(book, lines, roles)
    return book


def check_steps(book: Runbook, lines: list[str], roles: dict[int, str]) -> None:
    """Each command is a part and each part a command, with no word that its lines don't have."""
    told: set[int] = set()
    for step in book.steps():
        if step.kind not in _RUNS or step.line not in roles:
            continue
        numbers = [number for number in range(step.line, step.end_line + 1) if lines[number - 1].strip()]
        assert {roles[number] for number in numbers} == {_RUNS[step.kind]}, step
        told.update(numbers)
        there = Counter(re.findall(r"\w+", " ".join(lines[step.line - 1 : step.end_line])))
        assert not Counter(re.findall(r"\w+", step.command or "")) - there, step
    filled = {number for number, role in roles.items() if role == "command" and lines[number - 1].strip()}
    assert filled - told == set(), "a command belongs to no step"


@pytest.mark.skipif(not _DOCUMENTS, reason="the example runbooks (../shared) are not here")
@pytest.mark.parametrize("path", _DOCUMENTS, ids=lambda path: path.stem[:8])
def test_every_fence_of_the_example_runbooks(path: Path) -> None:
    """Forty real documents: every line of their fences is in one part, every command in a step."""
    text = decode(path.read_bytes()).text
    scanned = list(scan(text.split("\n")))
    book = check(text, scanned)
    assert len(book.fences) >= len(scanned)


@settings(deadline=None, max_examples=3000)
@given(documents().filter(str.strip))
def test_every_fence_of_any_document(text: str) -> None:
    """Whatever headings, lists, tables, quotations and fences are mixed: no line of a fence gets lost."""
    check(text, list(scan(text.split("\n"))))


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [
                "pump status",
                "# Look",
                "",
                "  -v \\",
                "ls |",
                "'",
                "Q=1",
                "$ ls",
                "SELECT 1;",
                "+---+",
                "EOF",
                "cat <<EOF",
                "done",
                "for a in b; do",
                "{",
                "}",
                "# Or",
                "# Expected: 1",
                "WATER_KEY",
            ]
        ),
        max_size=14,
    ),
    st.sampled_from(["bash", "sql", "", "console", "powershell", "promql", "text", "yaml", "unheard"]),
)
def test_every_line_of_any_fence(body: list[str], language: str) -> None:
    """However odd the lines of one fence are, each has its place."""
    text = "\n".join(["# Water", "", "## Fix", "", f"```{language}", *body, "```", ""])
    check(text, list(scan(text.split("\n"))))


def _roles(text: str) -> list[tuple[int, int, str]]:
    return [(part.line, part.end_line, part.role) for fence in _fences(text) for part in fence.parts]


def _fences(text: str) -> tuple[CodeFence, ...]:
    return read(text.encode(), "water.md").fences


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("```bash\n# Look\nferry status\n\nBERTH=3\n```\n", [(2, 2, "comment"), (3, 3, "command"), (5, 5, "setting")]),
        ("```bash\n$ ferry list\nname  berth\nIsolde  3\n```\n", [(2, 2, "command"), (3, 4, "output")]),
        (
            "```sql\n-- why\nSELECT 1;\n id | berth\n(1 row)\n```\n",
            [(2, 2, "comment"), (3, 3, "command"), (4, 5, "output")],
        ),
        ("```bash\nBERTH_KEY\nBERTH_URL  # where\n```\n", [(2, 3, "setting")]),
        ("```bash\n1. Open the harbour page\n2. Press stop\n```\n", [(2, 3, "text")]),
        ("```yaml\nberth: 3\n```\n", [(2, 2, "code")]),
        ("```mermaid\ngraph TD\n```\n", [(2, 2, "diagram")]),
        ("```\nharbour ──▶ ferry\n  │\n  ▼\n```\n", [(2, 4, "diagram")]),
        ("```\n2026-02-01 10:00:00 ERROR no berth\n```\n", [(2, 2, "output")]),
        ("```log\nany words\n```\n", [(2, 2, "output")]),
        ("```text\nHarbour > Berths > Free\n```\n", [(2, 2, "text")]),
        ("```\nIncident: [name]\nBerth: [number]\n```\n", [(2, 3, "template")]),
        ("```isolang\nberth\n```\n", [(2, 2, "unknown")]),
        ("```\nAsk the pilot first.\n\nkubectl get berths -o wide\n```\n", [(2, 2, "text"), (4, 4, "unknown")]),
        ("    ferry\n    harbour\n", [(1, 2, "text")]),
        ("```bash\n# tocsin: ignore=no-effect\nBERTH=3\n```\n", [(2, 2, "comment"), (3, 3, "setting")]),
        ("<!--\n```bash\nferry sink\n```\n-->\n", [(3, 3, "comment")]),
        ("```bash\n```\n", []),
    ],
)
def test_what_a_line_of_a_fence_is(text: str, roles: list[tuple[int, int, str]]) -> None:
    """One example for each role."""
    assert _roles(text) == roles


def test_the_condition_of_an_alert_is_a_query_and_no_command() -> None:
    """A query that says when the alert fires is a rule; the same query elsewhere is a command."""
    query = "```promql\nrate(ferries_late[5m]) > 2\n```\n"
    fired = f"# H\n\n## Late ferries\n\n### Detection\n\n{query}\n### Fix\n\n- Call the pilot\n"
    looked = f"# H\n\n## Late ferries\n\n### Symptoms\n\n- late\n\n### Diagnosis\n\n{query}"
    assert [role for *_, role in _roles(fired)] == ["query"]
    assert [role for *_, role in _roles(looked)] == ["command"]


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n|---|---|\n| c | d |\n```bash\nferry status -v\n```\n",
        "- item\n```bash\nferry status -v\n```\n",
        "1. item\n\n   ~~~sh\n   ferry status -v\n   ~~~\n",
        "> quoted\n>\n> ```bash\n> ferry status -v\n> ```\n",
        "> ```bash\n> ferry status -v\n> ```\n> more\n",
        "words\n```bash\nferry status -v\n```\nwords\n",
        "Words\n~~~~bash\nferry status -v\n~~~~\n---\n",
        "<details>\n<summary>More</summary>\n\n```bash\nferry status -v\n```\n\n</details>\n",
        "<div>\n```bash\nferry status -v\n```\n</div>\n",
        "## Prevention\n\n```bash\nferry status -v\n```\n",
        "## Incident: Fog\n\n### Symptoms\n- fog\n\n### Prevention\n\n```bash\nferry status -v\n```\n",
        "## Contacts\n\n```bash\nferry status -v\n```\n",
        "## Message Template\n\n```bash\nferry status -v\n```\n",
        "### **Escalation**\n\n**If nobody answers:**\n\n```bash\nferry status -v\n```\n",
        "\t```bash\n\tferry status -v\n\t```\n",
        "[a]: b\n```bash\nferry status -v\n```\n",
        "```bash\r\nferry status -v\r\n```\r\n",
        "```bash\nferry status -v\n\n## Next\n\nWords.\n",
        "```bash\nferry status -v",
        "```\n\n## Fix\n\n```bash\nferry status -v\n```\n",
        "```bash\nferry status -v\n\n```yaml\na: b\n```\n",
        "1. Look\n\n```bash\nferry status -v\n```\n\n2. Wait\n",
        "- a\n  - b\n\n\t```bash\n\tferry status -v\n\t```\n",
        "    - ~~~sh\n    ferry status -v\n    ~~~\n",
    ],
)
def test_a_command_is_found_wherever_its_fence_stands(text: str) -> None:
    """Below a table, in a quotation, in HTML, under any heading: a fenced command is a step."""
    book = check("# Harbour\n\n" + text, [])
    assert [_told(step) for step in book.steps() if step.kind == "shell"] == [("ferry status -v", True)]


def _told(step: Step) -> tuple[str, bool]:
    return step.command or "", step.line == step.end_line
