"""The lexer agrees with bash on everything that it understands."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tocsin.core.run import Variable
from tocsin.safety.lexer import show
from tocsin.safety.shell import parse

BASH = shutil.which("bash")
PROGRAM = "xyzzy"
VALUES = {name: f"value of {name}".replace(" ", "-") for name in ("A", "B", "Aa", "Ab", "A7", "AA", "Aa7", "AB")}
PIECES = [
    "a",
    "b",
    "7",
    " ",
    "  ",
    "\t",
    "'",
    '"',
    "\\",
    "\\\n",
    "\n",
    "#",
    "$",
    "$A",
    "${B}",
    "$(",
    "`",
    "=",
    "~",
    "*",
    "?",
    "[",
]
PIECES += [
    "]",
    "{",
    "}",
    ",",
    "@",
    "!",
    "^",
    "%",
    "-",
    "--",
    ":",
    "/",
    ".",
    "+",
    "é",
    "'a b'",
    '"$A x"',
    '"\\$"',
    "'\\'",
    "|",
    "&&",
    ";",
]
PIECES += ["2>&1", ">/dev/null", "2>/dev/null", "||", "&", "<", ">", "(", ")", "~a", "a~", "#a", "a#"]


def test_words_quotes_and_variables_become_arguments() -> None:
    """Quotes join, backslashes protect, a variable stays one part of one word."""
    script = parse("""cat 'a b'"c"\\ d "$HOME/x" ${Y}z '' # comment""")
    words = script.chains[0].commands[0].words
    assert words == (("cat",), ("a bc d",), (Variable("HOME"), "/x"), (Variable("Y"), "z"), ("",))


def test_chains_know_when_they_start() -> None:
    """`&&`, `||`, `;` and new lines say on which ending the next chain starts."""
    script = parse("a | b && c || d; e\nf &&\n g")
    assert [chain.after for chain in script.chains] == ["always", "success", "failure", "always", "always", "success"]
    assert [len(chain.commands) for chain in script.chains] == [2, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("text", "stdout", "stderr"),
    [
        ("a", "keep", "keep"),
        ("a 2>&1", "keep", "join"),
        ("a 2>/dev/null", "keep", "drop"),
        ("a >/dev/null", "drop", "keep"),
        ("a 1> /dev/null 2>&1", "drop", "drop"),
        ("a &>/dev/null", "drop", "drop"),
        ("a >>/dev/null", "drop", "keep"),
        (">/dev/null a", "drop", "keep"),
        ("a 2>&1 | b", "keep", "join"),
    ],
)
def test_redirections_to_nowhere_are_understood(text: str, stdout: str, stderr: str) -> None:
    """They write no file, so they only say what is kept of the output."""
    first = parse(text).chains[0].commands[0]
    assert (first.stdout, first.stderr) == (stdout, stderr)


def test_a_text_is_read_up_to_its_trouble() -> None:
    """What came before the trouble is kept, so that a change in it is still seen."""
    script = parse("kubectl delete pod $(x)")
    assert "runs another command" in script.trouble
    assert [show(word) for word in script.chains[0].commands[0].words] == ["kubectl", "delete", "pod"]


def _ask_bash(text: str, folder: Path) -> list[list[str]] | None:
    """What bash would start, program by program; none where it refuses the text."""
    note = folder / "started"
    note.write_bytes(b"")
    handler = f"command_not_found_handle() {{ printf '%s\\0' \"$@\" $'\\1' >> {note}; }}\n"
    asked = subprocess.run(
        [BASH or "bash", "--norc", "-c", handler + text],
        cwd=folder / "empty",
        env={"PATH": "/nowhere", "LC_ALL": "C.UTF-8", "HOME": "/nowhere", **VALUES},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
    )
    if b"syntax error" in asked.stderr or b"unexpected EOF" in asked.stderr:
        return None
    programs = note.read_bytes().decode().split("\0\1\0")
    return sorted(program.split("\0") for program in programs if program)


def _ours(text: str) -> list[list[str]]:
    return sorted(
        ["".join(part if isinstance(part, str) else VALUES[part.name] for part in word) for word in command.words]
        for chain in parse(text).chains
        for command in chain.commands
    )


@pytest.mark.skipif(BASH is None, reason="bash is not on this machine")
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=12))
def test_bash_starts_the_same_words(pieces: list[str], tmp_path: Path) -> None:
    """For random texts that we understand, bash starts the same programs with the same arguments."""
    text = f"{PROGRAM} " + "".join(pieces)
    script = parse(text)
    commands = [command for chain in script.chains for command in chain.commands]
    assume(not script.trouble and not script.writes and len(commands) == 1)
    names = {part.name for word in commands[0].words for part in word if isinstance(part, Variable)}
    assume(names <= set(VALUES))
    (tmp_path / "empty").mkdir(exist_ok=True)
    assert _ask_bash(text, tmp_path) == _ours(text)


@pytest.mark.skipif(BASH is None, reason="bash is not on this machine")
@pytest.mark.parametrize(
    "text",
    [
        "xyzzy 'a b' \"c\"d e\\ f",
        "xyzzy a\\\nb \\\n c",
        "xyzzy ${A}\\\na",
        "xyzzy \"$A b\" ${B}c '$A'",
        "xyzzy a#b #c\nxyzzy d",
        "xyzzy \\# a '' \"\"",
        'xyzzy "a\\$b\\"c\\\\d\\e"',
        'xyzzy a$ "b$"',
        "xyzzy a=b HEAD@{1} ^x %y @z +w a:b",
        "xyzzy a; xyzzy b; xyzzy c",
        "xyzzy 2 2>/dev/null",
        "xyzzy 2>&1 a",
    ],
)
def test_bash_agrees_on_the_known_corners(text: str, tmp_path: Path) -> None:
    """The corners that tokenizers get wrong, each against the real thing."""
    (tmp_path / "empty").mkdir()
    assert not parse(text).trouble
    assert _ask_bash(text, tmp_path) == _ours(text)
