"""One module asks for the time; everybody else is told."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from project_tree import modules, syntax

# Module → why it measures spans by itself. A span is not a moment: these never see what time it is.
MAY_MEASURE_SPANS = {
    "store/sqlite.py": "how long a commit waits for the requests that are to share it",
    "plug/following.py": "how long a child process has run; its time limit must not move when the clock is set",
    "plug/processes.py": "how long a process that was killed is waited for",
    "plug/querying.py": "how long a statement has run; its time limit must not move when the clock is set",
    "plug/postgresql.py": "how long a database that was asked to stop is waited for",
    "plug/asking.py": "how long a program that is asked something has run; its limit must not move with the clock",
    "plug/reaching.py": "how long several addresses of one name may take in all",
    "probes/http.py": "how long a page takes is what it measures, and redirects share one limit",
    "probes/sql.py": "how long a query over a file has run; its limit must not move when the clock is set",
    "probes/tcp.py": "how long a connection takes is what it measures",
    "plug/sns.py": "how many certificates were fetched within a minute; that limit must not move with the clock",
    "service/watch.py": "how long each reading took, for the page and the terminal",
    "service/gauging.py": "how long each reading took, for the person who asked",
    "chats/ircline.py": "how many lines a server bears; its limit must not move when the clock is set",
    "chats/bolt.py": "how long an answer took; Slack waits three seconds for it, however the clock is set",
    "plug/web.py": "how long one HTTP exchange may take in all, however slowly its bytes come",
}

WALL = {"time", "time_ns", "localtime", "gmtime", "ctime", "asctime"}
SPANS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"}
NOW = {"now", "utcnow", "today", "fromtimestamp"}
CALENDAR = {"datetime", "date"}


def clock_reads(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Line, text and kind (``wall`` or ``span``) of whatever reads a clock, however it was imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            for alias in node.names:
                if alias.name in WALL | SPANS:
                    yield node.lineno, f"from time import {alias.name}", "wall" if alias.name in WALL else "span"
        if not isinstance(node, ast.Attribute):
            continue
        owner = ast.unparse(node.value)
        if owner.rpartition(".")[2] in CALENDAR and node.attr in NOW:
            yield node.lineno, f"{owner}.{node.attr}", "wall"
        if owner == "time" and node.attr in WALL | SPANS:
            yield node.lineno, f"time.{node.attr}", "wall" if node.attr in WALL else "span"


def reads_of(kind: str) -> dict[str, list[str]]:
    """Every module that reads this kind of clock, with the places."""
    found: dict[str, list[str]] = {}
    for name, path in modules():
        for line, text, its_kind in clock_reads(syntax(path)):
            if its_kind == kind:
                found.setdefault(name, []).append(f"line {line}: {text}")
    return found


def test_only_times_py_asks_what_time_it_is() -> None:
    """A story can turn every clock by hand, because there is one."""
    asked = reads_of("wall")

    assert asked.pop("times.py", None), "times.py no longer asks the time; then who does?"
    assert asked == {}


def test_spans_are_measured_only_where_there_is_a_reason() -> None:
    """`time.monotonic` stands where a reason is written down, and nowhere else."""
    measured = reads_of("span")
    measured.pop("times.py", None)

    assert {name: places for name, places in measured.items() if name not in MAY_MEASURE_SPANS} == {}
    assert [name for name in MAY_MEASURE_SPANS if name not in measured] == [], "an exception that nobody uses"


def test_the_check_sees_the_usual_spellings() -> None:
    """The scan itself works."""
    code = "import datetime as dt, time\nfrom time import monotonic\ndt.datetime.now()\ntime.time()\ndate.today()\n"

    assert [text for _, text, _ in clock_reads(ast.parse(code))] == [
        "from time import monotonic",
        "dt.datetime.now",
        "time.time",
        "date.today",
    ]
