"""Whatever the text: there is a verdict, it is the same again, and the plan is what was analysed."""

from __future__ import annotations

import subprocess
import sys
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.safety import bypasses
from tests.safety.commands import CHANGES, READS, UNKNOWNS
from tocsin.core.run import Process, Verdict
from tocsin.safety import classify
from tocsin.safety.shell import parse
from tocsin.safety.specs import library

COMMANDS = [command for command, _ in (*READS, *CHANGES, *UNKNOWNS)]
TEXTS = [*COMMANDS, *bypasses.SHELL, *bypasses.SQL]
PIECES = [
    "'",
    '"',
    "\\",
    "\n",
    "$",
    "$X",
    "$(",
    "`",
    "|",
    "&&",
    ";",
    ">",
    "<",
    "<x>",
    "#",
    "-",
    "--",
    "=",
    " ",
    "\0",
    "\1",
    "é",
]
PIECES += [
    "\u2028",
    "\ud800",
    "\r",
    "*",
    "{",
    "(",
    ")",
    "/*",
    "--\n",
    "::",
    "E'",
    "$$",
    "~",
    "!",
    "%output",
    "@f",
    "file://",
]
UNWRAPPED = ("ulimit", "time", "watch")


@st.composite
def _mutated(draw: st.DrawFn) -> str:
    """A known text with something cut out, put in or put twice."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        until = draw(st.integers(at, min(len(text), at + 6)))
        text = text[:at] + draw(st.sampled_from([*PIECES, text[at:until] * 2, ""])) + text[until:]
    return text


def _fits(verdict: Verdict) -> bool:
    words = verdict.word in ("read", "change", "unknown")
    return words and verdict.why.endswith(".") and (verdict.plan is None or verdict.word == "read")


@settings(max_examples=400, deadline=None)
@given(
    text=st.one_of(st.text(), _mutated()),
    kind=st.sampled_from(["shell", "sql", "manual", ""]),
    gaps=st.lists(st.text(max_size=3)),
)
def test_any_text_has_a_verdict(text: str, kind: str, gaps: list[str]) -> None:
    """It never raises, it is well formed, and a second look says the same."""
    verdict = classify(kind, text, placeholders=gaps)
    assert _fits(verdict)
    assert "the check itself failed" not in verdict.why
    assert classify(kind, text, placeholders=gaps) == verdict


def _guards() -> set[str]:
    found: set[str] = set()
    todo = list(library().root.commands.values())
    while todo:
        spec = todo.pop()
        found |= set(spec.guard)
        todo += spec.commands.values()
    return found


GUARDS = _guards()


def _without_guards(process: Process, expected: list[object]) -> bool:
    """Whether the words are the expected ones, in order, with nothing but guards put between them."""
    rest = list(expected)
    for word in process.argv:
        if rest and word == rest[0]:
            rest.pop(0)
        elif "".join(str(part) for part in word) not in GUARDS:
            return False
    return not rest


@settings(max_examples=400, deadline=None)
@given(text=_mutated())
def test_the_plan_is_what_was_analysed(text: str) -> None:
    """Take our guards out of a plan and the words of the text are left, all of them and in order."""
    verdict = classify("shell", text)
    if verdict.plan is None or any(name in text for name in UNWRAPPED):
        return
    script = parse(text)
    assert [pipeline.after for pipeline in verdict.plan] == [chain.after for chain in script.chains]
    for pipeline, chain in zip(verdict.plan, script.chains, strict=True):
        for process, command in zip(pipeline.processes, chain.commands, strict=True):
            assert (process.stdout, process.stderr) == (command.stdout, command.stderr)
            sets = [("env",), *((each,) for each in command.sets)] if command.sets else []
            assert _without_guards(process, [*sets, *command.words])


@settings(max_examples=300, deadline=None)
@given(
    first=st.sampled_from(TEXTS),
    second=st.sampled_from(COMMANDS),
    joint=st.sampled_from(["; ", " && ", " || ", "\n", " | "]),
)
def test_joining_never_makes_a_read_of_what_is_none(first: str, second: str, joint: str) -> None:
    """A joined text is a read only where both parts are (a comment, a last backslash or operator swallow it)."""
    if "#" in first or first.endswith("\\") or first.rstrip().endswith(("|", "&&")):
        return
    if classify("shell", first + joint + second).word == "read":
        assert classify("shell", first).word == "read"
        assert classify("shell", second).word == "read"


def test_a_typical_command_is_judged_in_under_a_millisecond() -> None:
    """A runbook of a hundred commands must not be felt."""
    texts = [
        "git log --oneline -10",
        "docker compose logs web --tail=50 | grep WARN",
        "kubectl get pods -n shop -o wide",
    ]
    for text in texts:
        classify("shell", text)
        spans = []
        for _ in range(200):
            begun = time.thread_time()
            classify("shell", text)
            spans.append(time.thread_time() - begun)
        assert min(spans) < 0.001


def test_sql_is_loaded_only_where_sql_is_met() -> None:
    """The SQL parser costs more to import than all the rest."""
    code = (
        "import sys; from tocsin.safety import classify;"
        "classify('shell', 'git log'); assert 'sqlglot' not in sys.modules;"
        "classify('sql', 'SELECT 1'); assert 'sqlglot' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_long_text_ends_quickly() -> None:
    """Nothing grows worse than the text does."""
    begun = time.thread_time()
    for text in (
        "a " * 9_000,
        "'" * 19_999,
        "ls | " * 3_900 + "ls",
        "watch " * 3_000 + "ls",
        "timeout 5 " * 1_900 + "ls",
        "$A" * 9_000,
    ):
        assert _fits(classify("shell", text))
    for text in ("SELECT 1" + " + 1" * 4_000, "SELECT " + "(" * 9_000, "SELECT 1;" * 2_000, "SELECT CASE " * 1_000):
        assert _fits(classify("sql", text))
    assert time.thread_time() - begun < 60
