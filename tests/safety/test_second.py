"""A second parser reads every text that seems proved; where it sees anything else, nothing is proved."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import pytest

from tests.safety.commands import READS
from tocsin.safety import classify, second, verdict
from tocsin.safety.lexer import GAP
from tocsin.safety.shell import Chain, Command, Script, parse
from tocsin.safety.shield import cover


@pytest.mark.parametrize("command", [command for command, _ in READS])
def test_both_readers_agree_on_what_is_proved(command: str) -> None:
    """No command of ours is lost to a fault of the second parser."""
    covered = cover(command, []).text
    assert second.disagreement(covered, parse(covered)) == ""


@pytest.mark.parametrize(
    "text",
    [
        "curl https://$HOST:$PORT/health",
        "cat a$A-$B.c 'x y'\"$A z\"q\\ r",
        "[ -f /srv/menu ] && echo yes",
        "[ \"$A\" = 'b c' ]",
        "test -f a || echo no",
        f"docker logs {GAP} --since={GAP} 2>&1 | grep -E 'a|b' >/dev/null",
        "df -h # the ovens\n\n# another\nuptime",
        'grep "a\\"b\\$c\\n" f; grep a\\|b f',
        "git show HEAD@{1} --format=%h",
        "LC_ALL=C TZ=Europe/Berlin date | TZ=UTC cat",
        "for x in a b; do LANG=C cat $x; done",
        "cat a \\\n  b",
        "echo 'it''s' \"$\" a$ '\n'",
    ],
)
def test_what_both_understand_is_the_same(text: str) -> None:
    """Quotes, variables, placeholders, comments and continued lines come out as the same words."""
    script = parse(text)
    assert not script.trouble
    assert second.disagreement(text, script) == ""


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("cat a; touch b", "cat a"),
        ("cat $(touch b)", "cat a"),
        ("cat `touch b`", "cat a"),
        ('cat "$(touch b)"', "cat a"),
        ("cat <(touch b)", "cat a"),
        ("cat ${a:-b}", "cat $a"),
        ("cat ${a@P}", "cat $a"),
        ("cat a b", "cat a"),
        ("cat 'a b'", "cat a b"),
        ("cat a > b", "cat a"),
        ("cat a >/dev/null", "cat a"),
        ("cat a &", "cat a"),
        ("X=1 cat a", "cat a"),
        ("LC_ALL=C cat a", "cat a"),
        ("LC_ALL=C cat a", "TZ=UTC cat a"),
        ("(cat a; cat b)", "cat a"),
        ("for x in a b; do cat $x; done", "cat a"),
        ("while cat a; do cat b; done", "cat a; cat b"),
        ("cat a < b", "cat a"),
        ("cat <<X\n$a\nX", "cat"),
        ("if cat a; then cat b; fi", "cat a; cat b"),
        ("cat a 'b", "cat a"),
        ("export A=b", "export A=b"),
        ("cat <<X\na\nX", "cat"),
    ],
)
def test_anything_more_in_the_second_reading_is_a_doubt(text: str, ours: str) -> None:
    """If our own grammar had overlooked it, this would be the sentence."""
    assert "two readings of this text disagree" in second.disagreement(text, parse(ours))


def test_a_fault_of_our_own_reading_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading that loses a command has no say any more."""

    def careless(text: str) -> Script:
        return Script((Chain((Command((("df",),), spans=((0, 2),)),)),))

    monkeypatch.setattr(verdict, "parse", careless)
    judged = classify("shell", "df; rm -rf /srv/menu")
    assert (judged.word, judged.plan) == ("unknown", None)
    assert "two readings of this text disagree: it holds 1 commands or 2" in judged.why
    assert judged.deciding is not None


@pytest.mark.parametrize("error", [ImportError("gone"), RuntimeError("broken"), UnicodeError("odd")])
def test_without_the_second_reader_nothing_is_proved(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing or broken, it fails closed."""

    def broken() -> None:
        raise error

    monkeypatch.setattr(second, "_parser", broken)
    judged = classify("shell", "df -h")
    assert (judged.word, judged.plan) == ("unknown", None)


def test_it_is_loaded_only_where_something_seems_proved() -> None:
    """A text that is no read anyway pays nothing."""
    code = (
        "import sys; from tocsin.safety import classify;"
        "classify('shell', 'rm menu'); assert 'tree_sitter' not in sys.modules;"
        "classify('shell', 'df'); assert 'tree_sitter' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_it_costs_next_to_nothing() -> None:
    """The median of its readings stays far below the verdict's own millisecond."""
    spans = []
    for command, _ in READS:
        script = parse(command)
        begun = time.thread_time()
        second.disagreement(command, script)
        spans.append(time.thread_time() - begun)
    assert statistics.median(spans) < 0.0005
