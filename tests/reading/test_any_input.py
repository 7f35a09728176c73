"""Whatever the bytes are, reading ends, and only `Invalid` is ever raised."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reading.documents import documents
from tests.reading.fuzz import check
from tocsin.errors import Invalid
from tocsin.reading import read

_PIECES = [
    "# Title\n",
    "## Symptoms\n",
    "### Scenario 1: Leak\n",
    "**Fix:**\n",
    "**If wet**: ",
    "- ",
    "1. ",
    "  - [ ] ",
    "> ",
    "```bash\n",
    "```sql\n",
    "```\n",
    "    ",
    "| a | b |\n",
    "|---|---|\n",
    "`git log -3`",
    "ls -l \\\n",
    'psql -c "\n',
    "'",
    "$(",
    "<<EOF\n",
    "EOF\n",
    "# Or\n",
    "# Expected: x\n",
    "loss > 7% ",
    "for 5 minutes",
    "P0",
    "(0-5 minutes)\n",
    "Escalate to lead",
    "[gap]",
    "<id>",
    "{x}",
    "→",
    "\n",
    "\n\n",
    " ",
    "\t",
    "\r\n",
    "é",
    "🔥",
    "\ue0000\ue001\n",
    "---\n",
    "<details>",
    "<!--",
    "-->",
    "&lt;",
    "\\",
    "\x0c",
    "\u2028",
    "\u0085",
]


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    """Bytes of any kind are read or refused."""
    check(data)


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    """Text of any script is read or refused."""
    check(text.encode("utf-8", "replace"))


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(_PIECES), max_size=60).map("".join))
def test_any_heap_of_markdown(text: str) -> None:
    """Markdown that no writer meant is read or refused; the result is valid published JSON."""
    check(text.encode())


@settings(deadline=None, max_examples=400)
@given(st.lists(documents(), min_size=1, max_size=3).map("\n".join), st.data())
def test_any_document_after_any_cut(text: str, data: st.DataObject) -> None:
    """A document of headings, lists, tables and fences in which some characters were lost, doubled or swapped."""
    for _ in range(data.draw(st.integers(0, 4))):
        first, last = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
        piece = text[first:last]
        text = data.draw(
            st.sampled_from([text[:first] + text[last:], text[:last] + piece + text[last:], text[last:] + text[:first]])
        )
    check(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "> 5 ",
        "p95 > 5% ",
        "**a:** b ",
        "> ",
        "- ",
        "`kubectl get a` ",
        "escalate to the lead ",
        "within 5 ",
        "a.",
        "[a",
        "<a",
        "{a",
        "https://a/[",
        "alert ",
        " \t",
        "'\"",
        "1. If x: y\n",
        "```\n",
        "```a\n",
        "# a\n",
        "|a|b|\n",
        "    a\n",
        "> ```\n",
        "- ```sh\n",
        "for a in b; do\n",
        "case a in\n",
        "cat <<E\n",
        "psql -c '\n",
        "SELECT (\n",
        "$$ /* \n",
        "# Expected: a\n",
        "# Or a\n",
        "# If a\n",
        "A=1\n",
        "{\n",
        "$ a\n",
        "rate(a) /\n",
        "a |\n",
        "**a** ",
        "<!-- ",
        "&lt;a&gt; ",
        "YYYY-MM-DD ",
        "A_ID ",
        "# ====",
        "# a.",
        "# aa",
        "#  ",
        "AB  ",
        "a→  ",
        'A="b" ',
        "-H 'a\" ",
        "`a b` ",
    ],
)
def test_repetition_does_not_hang(text: str) -> None:
    """A hundred kilobytes of one pattern are read; what is not linear would take minutes (`make bench` measures)."""
    for head in ("", "## Escalation Contacts\n- ", "## Scenario 1: x\n**Symptoms:**\n- ", "```bash\n"):
        check((head + text * (100_000 // len(text))).encode())


@pytest.mark.parametrize(
    "text",
    [
        "---\n" + "-a: b\n" * 70 + "x\n",
        f"# {'инцидент' * 40} zebra\n\n## Symptoms\n- a\n\n## Fix\n- b\n",
        f"# F\n\n## Aa{'A' * 60}!\n\n### Symptoms\n- a\n\n### Fix\n- b\n",
        f"```bash\n{'ALPHA-BETA ' * 60}x\n```\n",
        f"```bash\n{'A=1 ' * 200}\n```\n",
        f"```bash\n{'pump AB_ID' + ' CD_ID' * 4000}\n```\n",
    ],
    ids=["front matter", "words without spaces", "alert name", "columns", "assignments", "capitals"],
)
def test_what_can_be_read_in_many_ways_is_read_once(text: str) -> None:
    """A pattern that tries every way to split such a text would need longer than there is."""
    check(text.encode())


def test_too_many_lines_are_refused() -> None:
    """No runbook is that long; the sentence says what to do. Blank lines cost nothing."""
    with pytest.raises(Invalid, match=r"has 60,001 lines; a runbook of at most 60,000 lines is read"):
        read(b"- a\n" * 60_001, "ferry.md")
    assert read(b"\n" * 200_000 + b"# Ferry\n", "ferry.md").title == "Ferry"


def test_the_published_names_are_the_field_names() -> None:
    """The JSON of a runbook has the keys of the published shape."""
    book = msgspec.to_builtins(read(b"# W\n", "w.md"))
    assert {"schema", "title", "digest", "scenarios", "phases", "procedures", "rules", "problems"} <= set(book)
    assert book["digest"].startswith("sha256:")
