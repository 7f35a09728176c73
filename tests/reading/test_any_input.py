"""Whatever the bytes are, reading ends, and only `Invalid` is ever raised."""

from __future__ import annotations

import time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin import wire
from tocsin.core.runbook import Runbook
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


def _reads(data: bytes) -> None:
    try:
        book = read(data, "any.md")
    except Invalid:
        return
    assert wire.decode(Runbook, wire.encode(book)) == book
    ids = [step.id for step in book.steps()]
    assert len(ids) == len(set(ids))


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    """Bytes of any kind are read or refused."""
    _reads(data)


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    """Text of any script is read or refused."""
    _reads(text.encode("utf-8", "replace"))


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(_PIECES), max_size=60).map("".join))
def test_any_heap_of_markdown(text: str) -> None:
    """Markdown that no writer meant is read or refused; the result is valid published JSON."""
    _reads(text.encode())


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
    ],
)
def test_repetition_does_not_hang(text: str) -> None:
    """A hundred kilobytes of one pattern are read in seconds, not in minutes."""
    for head in ("", "## Escalation Contacts\n- ", "## Scenario 1: x\n**Symptoms:**\n- ", "```bash\n"):
        began = time.perf_counter()
        _reads((head + text * (100_000 // len(text))).encode())
        assert time.perf_counter() - began < 20


def test_ten_kilobytes_take_milliseconds() -> None:
    """The reader is fast enough to run on every request (goal 30 ms; the limit here leaves room for slow machines)."""
    part = (
        "## Scenario {n}: Leak\n\n**Symptoms:**\n- loss > 7%\n\n**Fix:**\n```bash\n# Look\npump status\n"
        "\n# Mend\npump mend <id>\n```\n- Tell the town\n\n"
    )
    text = "# Water\n\n" + "".join(part.replace("{n}", str(n)) for n in range(80))
    assert 9_000 < len(text) < 14_000
    read(text.encode(), "water.md")
    best = min(_seconds(text.encode()) for _ in range(3))
    assert best < 0.3


def _seconds(data: bytes) -> float:
    began = time.perf_counter()
    read(data, "water.md")
    return time.perf_counter() - began


def test_the_published_names_are_the_field_names() -> None:
    """The JSON of a runbook has the keys of the published shape."""
    book = msgspec.to_builtins(read(b"# W\n", "w.md"))
    assert {"schema", "title", "digest", "scenarios", "phases", "procedures", "rules", "problems"} <= set(book)
    assert book["digest"].startswith("sha256:")
