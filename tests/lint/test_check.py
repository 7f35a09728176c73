"""All checks over one document: their order, their stubbornness, what they find in the example runbooks."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lint.document import Tree, problems
from tocsin import reading
from tocsin.core.runbook import Problem
from tocsin.errors import Invalid
from tocsin.lint.codes import CODES
from tocsin.lint.subject import Bindings, Repository
from tocsin.reading.decoding import decode
from tocsin.service.books import checked, judge, read_book

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
DOCUMENTS = [*sorted((SHARED / "seeds").glob("*.txt")), *sorted((SHARED / "corpus").glob("[0-9]*.md"))]
PIECES = [
    "# Lamps\n", "## Scenario 1: Dark\n", "## Contacts\n", "## Escalation\n", "- **Lead**: [phone]\n",
    "1. 0-5 min: lead\n", "2. 5-9 min: call the director\n", "```bash\n", "```sql\n", "```\n",
    "cd web && npm run x\n", "make y -C z\n",
    "docker compose -f a restart b\n", "./x.sh <id>\n", "# tocsin: ignore=dead-link\n", "<!-- tocsin: ignore=x,-->",
    "<!-- tocsin: ignore=open-promise -->\n", "[a](b.md#c)", "![](/d)", "[e](#)", "`docs/f.md` ", "every [X] minutes\n",
    "**Next Review:** 2019-01-01\n", "| Role | Phone |\n|---|---|\n| Lead | TBD |\n", "loss > 5%\n", "\n", "\n\n", " ",
    "â†’", "'", '"', "\\\n", "$(", "|", ">", "\0", "é", "灯", "%41", "://", "<", "]",
]  # fmt: skip


def checked_everywhere(data: bytes) -> tuple[Problem, ...]:
    """The findings in a world in which everything is looked at and nothing is there."""
    book = judge(reading.read(data, "f.md"))
    files = Tree(
        {"docs/f.md": "", "package.json": "{}", "Makefile": "a:\n", "compose.yml": "services:\n  a:\n    b: c\n"}
    )
    world = Repository(files=files, path="docs/f.md")
    return checked(book, data, today=date(2031, 6, 1), repository=world, bindings=Bindings()).problems


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_whatever_stands_in_a_document_is_checked(pieces: list[str]) -> None:
    """Nothing is raised; lines lie in the file, codes are known, and all is in order and stands once."""
    data = "".join(pieces).encode()
    try:
        found = checked_everywhere(data)
    except Invalid:
        return
    last = len(decode(data).text.split("\n"))
    keys = [(each.line, each.code, each.message) for each in found]
    assert keys == sorted(set(keys))
    assert all(1 <= each.line <= last and each.code in CODES and each.message for each in found)


@pytest.mark.parametrize(
    "text",
    [
        "every [X" * 50_000,
        "1. " + "0-" * 100_000,
        "[a](" * 20_000,
        "# " + "a-" * 50_000 + "\n[x](#" + "a-" * 50_000 + ")",
        "<a " * 50_000,
        "```sh\n" + "cd a && " * 5_000 + "\n```",
        "```sh\n" + "A=b " * 20_000 + "\n```",
        "\n".join(f"<!-- tocsin: ignore=dead-link -->\n[a](#b{n})" for n in range(2_000)),
        "\n".join(f"- call the director {n} @a" for n in range(5_000)),
        "\n".join(f"# A\n\n[b](#a-{n})\n" for n in range(4_000)),
    ],
    ids=["promise", "band", "links", "anchor", "tags", "cd", "assignments", "ignores", "roles", "headings"],
)
def test_long_documents_take_seconds_at_most(text: str) -> None:
    """No pattern runs away."""
    begun = time.thread_time()
    checked_everywhere(f"# F\n\n## Escalation\n\n{text}\n".encode())
    assert time.thread_time() - begun < 10


def test_checking_twice_changes_nothing() -> None:
    """The findings are those of the document, not of its earlier findings."""
    raw = b"# B\n\nevery [X] minutes <!-- tocsin: ignore=late -->\n\n```sh\nls\n"
    once = checked(judge(reading.read(raw, "b.md")), raw)
    assert checked(once, raw).problems == once.problems
    assert {each.code for each in once.problems} >= {"open-promise", "unknown-ignore", "unclosed-fence"}


def test_a_book_that_is_read_has_its_findings(tmp_path: Path) -> None:
    """Those that depend neither on the day nor on other files."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "f.md").write_text("# F\n\n**Next Review:** 2019-01-01\n\nevery [X] hours [gone](gone.md)\n")
    book, _ = read_book(tmp_path / "f.md")
    assert [each.code for each in book.problems] == ["no-scenario", "open-promise"]


@pytest.mark.skipif(not DOCUMENTS, reason="the example runbooks (../shared) are not here")
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem[:8])
def test_the_example_runbooks_are_checked(path: Path) -> None:
    """In every world at once, with sentences that end, and hints that say what to do."""
    found = checked_everywhere(path.read_bytes())
    assert [each.message for each in found if not each.message.endswith((".", "?"))] == []
    assert [each.code for each in found if not each.hint] == []


@pytest.mark.skipif(not DOCUMENTS, reason="the example runbooks (../shared) are not here")
@pytest.mark.parametrize(
    ("number", "code", "lines"),
    [
        ("001", "unfilled-contact", [341, 342, 343]),
        ("001", "overlapping-bands", [347]),
        ("002", "double-encoded", [25]),
        ("002", "comments-only", [242]),
        ("002", "open-promise", [457]),
        ("002", "unfilled-contact", [376, 381, 386, 530, 531, 532]),
        ("003", "unfilled-contact", [303, 304, 305, 306]),
        ("004", "nobody-to-page", [141]),
        ("004", "unfilled-contact", [141, 142, 143, 144]),
    ],
)
def test_what_the_example_runbooks_leave_open_is_found(number: str, code: str, lines: list[int]) -> None:
    """At its line."""
    (path,) = (SHARED / "seeds").glob(f"{number}_*")
    assert [each.line for each in problems(path.read_bytes()) if each.code == code] == lines
