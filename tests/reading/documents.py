"""Documents that Hypothesis puts together from the pieces of real ones: headings, lists, tables, quotations, fences."""

from __future__ import annotations

from hypothesis import strategies as st

_HEADINGS = [
    "# Ferry",
    "## Common Incidents",
    "## Incident: Fog",
    "### Scenario 1: Leak",
    "### Symptoms",
    "### Diagnosis",
    "### Fix",
    "### Rollback",
    "### Verification",
    "### Prevention",
    "## Escalation",
    "## Contacts",
    "## Phase 1 (0-5 minutes)",
    "## Message Template",
    "### Detection",
    "## Quick Reference",
    "## Severity Levels",
    "**Symptoms:**",
    "**If the pier is wet:**",
    "**Steps**",
    "## 症状",
    "## Lösung",
    "## 🔥",
]
_SENTENCES = [
    "Ask the pilot.",
    "Run `ferry list --late` first.",
    "Never run `ferry sink --all`.",
    "If fog: wait",
    "P1: `SELECT a FROM b`",
    "**Lead**: [name]",
    "loss > 7% for 5 minutes",
    "See [other](other.md)",
    "→ done",
    "- [ ] ask",
    "Call <id>",
    "a\\",
    "café 🛳",
]
_LANGUAGES = [
    "bash",
    "sh",
    "sql",
    "",
    "yaml",
    "json",
    "promql",
    "text",
    "markdown",
    "console",
    "powershell",
    "mermaid",
    "unheard",
]
_CODE = [
    "ferry status",
    "$ ferry list",
    "# Look",
    "# 1. Look at the pier",
    "# Or by hand",
    "# If it rains:",
    "# Expected: dry",
    "ferry stop \\",
    "  --now",
    "curl -s x | jq .a",
    'psql -c "',
    "SELECT 1;",
    "SELECT a",
    "FROM b;",
    "-- why",
    "cat <<EOF",
    "EOF",
    "for a in b; do",
    "done",
    "BERTH=3",
    "BERTH_KEY",
    "",
    "  ",
    "Name: [name]",
    "+---+---+",
    "| a | b |",
    '{ "a": 1 }',
    "{",
    "}",
    "PS> Get-Process",
    "# tocsin: ignore=no-effect",
    "rate(a[5m]) > 2",
    "1. Press stop",
    "https://ferry.example",
    "└─ yes",
    "'",
    '"',
    "if wet; then",
    "fi",
    "export A=b",
    "> go on",
    "\tferry",
    "ERROR: fog",
    "GO",
    "kubectl get ferries -o wide",
    "~~",
    "``",
]

_bodies = st.lists(st.sampled_from(_CODE), max_size=8)
_prefixes = st.sampled_from(["", "", "", "", "  ", "   ", "> ", "- ", "1. ", "    "])


@st.composite
def fences(draw: st.DrawFn) -> str:
    """A fence at the margin, indented, in a quotation or in an item."""
    prefix, marker = draw(_prefixes), draw(st.sampled_from(["```", "~~~", "````"]))
    rest = prefix if prefix.strip() in ("", ">") else " " * len(prefix)
    body = [rest + line for line in draw(_bodies)]
    return "\n".join([f"{prefix}{marker}{draw(st.sampled_from(_LANGUAGES))}", *body, f"{rest}{marker}"])


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A table with a command in some cells."""
    cells = st.sampled_from(["fog", "`ferry list -v`", 'See "Big Fog"', "", "a \\| b", "P1", "5 min"])
    rows = draw(st.lists(st.tuples(cells, cells), max_size=4))
    return "\n".join(["| Symptom | Action |", "|---|---|", *(f"| {left} | {right} |" for left, right in rows)])


@st.composite
def lists(draw: st.DrawFn) -> str:
    """A list with points below its points and fences in it."""
    lines = []
    for number, sentence in enumerate(draw(st.lists(st.sampled_from(_SENTENCES), min_size=1, max_size=4)), 1):
        lines.append(draw(st.sampled_from(["- ", f"{number}. ", "  - ", "* [ ] "])) + sentence)
        if draw(st.integers(0, 4)) == 0:
            lines += ["   " + line for line in draw(fences()).split("\n")]
    return "\n".join(lines)


def documents() -> st.SearchStrategy[str]:
    """Whole documents."""
    blocks = st.one_of(st.sampled_from(_HEADINGS), st.sampled_from(_SENTENCES), fences(), fences(), tables(), lists())
    glue = st.sampled_from(["\n\n", "\n\n", "\n\n", "\n", "\r\n\r\n"])
    return st.lists(st.tuples(blocks, glue), max_size=10).map(lambda parts: "".join(map("".join, parts)))
