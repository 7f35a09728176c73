"""What reading a runbook costs: ten kilobytes and a mebibyte as people write them, and the largest files in odd shapes.

A file of the largest size is at most 1 MiB and at most as many lines as are read. Times are the process's own, so that
what else the machine does matters little; a shape is linear where twice the text takes at most ``ratio`` times as long.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from tocsin.cli import collecting
from tocsin.reading import read
from tocsin.reading.decoding import LARGEST
from tocsin.reading.runbook import MOST_LINES

LIMITS = {"usual_ms": 30.0, "largest_s": 2.0, "oddest_s": 15.0, "ratio": 2.6}

_CHAPTER = """## Incident {n}: Pump Stalls

**Symptoms:**
- Alert `PumpStalled{n}` fires
- loss > 7% for 5 minutes

**Diagnosis:**
```bash
# 1. Look at the pump
pump status --all

# 2. Read its log
pump log --last 50 | grep stalled
```

**If the valve is stuck:**
- Turn it: `valve turn <valve-id>`
- Tell the town

"""


Shape = Callable[[int], str]  # the part of the largest file that is wanted: 1 for all, 2 for a half → the text


def _lines(line: str, head: str = "", foot: str = "") -> Shape:
    """As many equal lines as a file may have."""
    filled = sum(1 for each in line.split("\n") if each)
    times = min((LARGEST - len(head) - len(foot)) // len(line.encode()), (MOST_LINES - 10) // filled)
    return lambda part: head + line * (times // part) + foot


def _words(word: str, head: str = "# Water\n\n") -> Shape:
    """One line as long as a file may be."""
    return lambda part: head + word * ((LARGEST - len(head)) // len(word.encode()) // part)


def _numbered(line: str, head: str = "", foot: str = "") -> Shape:
    """Lines that all differ."""
    filled = sum(1 for each in line.split("\n") if each)
    return lambda part: head + "".join(line.format(n=n) for n in range((MOST_LINES - 10) // filled // part)) + foot


def _wide(part: int) -> str:
    """A table of one row with a hundred thousand cells."""
    columns = 100_000 // part
    return "|" + "a|" * columns + "\n|" + "-|" * columns + "\n"


SHAPES: dict[str, Shape] = {
    "chapters": lambda part: "# Water\n\n" + "".join(_CHAPTER.format(n=n) for n in range(LARGEST // 270 // part)),
    "headings": _lines("# a\n"),
    "headings_all_different": _numbered("### Pump {n}\n"),
    "headings_far_down": _numbered("# a{n}\n## b\n### c\n#### d\n##### e\n###### f\n"),
    "labels": _lines("**If a:** b\n\n"),
    "list_items": _lines("- a b c\n"),
    "list_commands": _lines("- see `ls -l`\n"),
    "list_nested": lambda part: "".join(" " * min(2 * n, 180) + "- a\n" for n in range(5000 // part)),
    "list_deep": _words("- ", ""),
    "quotes_deep": lambda part: ">" * (LARGEST // 8 // part),
    "boxes": _lines("- [ ] a\n", "## Checklist\n\n"),
    "table_long": _lines("| a | `ls -l` |\n", "| a | b |\n|---|---|\n"),
    "table_wide": _wide,
    "fence_commands": _lines("ls -l a\n", "```bash\n", "```\n"),
    "fence_settings": _numbered("A{n}=1\n", "```bash\n", "```\n"),
    "fence_comments": _lines("# a b c\n", "```bash\n", "```\n"),
    "fence_open_quotes": _lines("echo \"don't\n", "```bash\n", "```\n"),
    "fence_open_loops": _lines("for a in b; do\n", "```bash\n", "done\n```\n"),
    "fence_open_brackets": _lines("{\n", "```bash\n", "```\n"),
    "fence_statements": _lines("SELECT a\nFROM b;\n\n", "```sql\n", "```\n"),
    "fence_one_statement": _lines("(1, 'x'),\n", "```sql\nINSERT INTO a VALUES\n", "```\n"),
    "fence_one_query": _lines("rate(a[5m]) /\n", "```promql\n", "```\n"),
    "fences": _lines("```bash\nls\n```\n\n"),
    "fences_untagged": _lines("```\nName: [name]\n```\n\n"),
    "fences_never_closed": _lines("```bash\n"),
    "fences_quoted": _lines("> ```bash\n> ls\n> ```\n\n"),
    "indented_code": _lines("    ls -l\n"),
    "scenarios": _numbered("## Incident: h{n}\n\n### Symptoms\n- loss > {n}%\n\n### Fix\n```sh\nls -l\n```\n"),
    "one_line_of_words": _words("word "),
    "one_line_of_links": _words("[x](y) "),
    "one_line_of_tags": _words("<a> "),
    "one_line_of_open_tags": _words("<a"),
    "one_line_of_open_brackets": _words("[a"),
    "one_line_of_backticks": _words("`a"),
    "one_line_of_stars": _words("**a"),
    "one_line_of_capitals": _words("ALPHA_ID BETA "),
    "one_line_of_conditions": _words("p95 > 5% for 5 minutes, "),
    "links": _lines("[x](y)\n"),
    "references": _lines("[x]\n"),
    "html": _lines("<div>\n"),
    "comments": _lines("<!-- a -->\n\n"),
    "thresholds": _lines("- p95 > 5% for 5 minutes\n", "## Alerts\n\n"),
    "escalations": _lines("- After 30 min: Page the lead\n", "## Escalation\n\n"),
    "contacts": _lines("- Lead: [name] a@b.example\n", "## Contacts\n\n"),
    "conditions": _lines("- If a b: do c\n"),
    "twice_encoded": _lines("â†’ \n"),
    "carriage_returns": _lines("a\r\n"),
    "blank": lambda part: "\n" * ((LARGEST - 10) // part) + "a\n",
}


def run() -> dict[str, Any]:
    """The usual file, and each shape at its largest and at half of that."""
    collecting.for_a_command()
    usual = "# Water Works\n\n" + "".join(_CHAPTER.format(n=n) for n in range(30))
    found: dict[str, Any] = {
        "usual_bytes": len(usual),
        "usual_ms": round(min(_took(usual) for _ in range(9)) * 1000, 1),
    }
    runbook = files("tocsin.demo").joinpath("runbook.md").read_text("utf-8")
    found["largest_s"] = round(min(_took(runbook * (LARGEST // len(runbook.encode()))) for _ in range(3)), 2)
    slowest, steepest = ("", 0.0), ("", 0.0)
    for name, shape in SHAPES.items():
        whole, half = _took(shape(1)), min(_took(shape(2)) for _ in range(2))
        slowest = max(slowest, (name, round(whole, 2)), key=lambda one: one[1])
        if half > 0.05:  # below that the clock is coarser than what it measures
            steepest = max(steepest, (name, round(whole / half, 2)), key=lambda one: one[1])
    found |= {"slowest": slowest[0], "oddest_s": slowest[1], "steepest": steepest[0], "ratio": steepest[1]}
    return {
        **found,
        "shapes": len(SHAPES),
        "limits": LIMITS,
        "kept": all(found[key] <= limit for key, limit in LIMITS.items()),
    }


def _forget() -> None:
    """Empty what the reader remembers of the texts that it was asked about: each reading is to be the first."""
    for name, module in list(sys.modules.items()):
        if name.startswith("tocsin."):
            for member in vars(module).values():
                if hasattr(member, "cache_clear"):
                    member.cache_clear()


def _took(text: str) -> float:
    data = text.encode()[:LARGEST]
    _forget()
    began = time.process_time()
    read(data, "water.md")
    return time.process_time() - began
