"""Programs in awk and sed that we judge as reads, given to every awk and sed that is here: none of them writes."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tocsin.safety.awk import judge_awk
from tocsin.safety.scripts import judge_sed

AWKS = [[name] for name in ("mawk", "gawk", "original-awk", "awk") if shutil.which(name)]
SEDS = [[name] for name in ("sed",) if shutil.which(name)]
if shutil.which("busybox"):
    AWKS.append(["busybox", "awk"])
    SEDS.append(["busybox", "sed"])
INPUT = "loaf(\nrye 1\n/a]/\n"
SIGNS = [
    *"/[]()^ax1{},; \n!~|-=*",
    *("\\/", "\\]", "\\[", "[[:alpha:]]", "[^]", "[]", "[/]", "[^/]", "[\\/]", ":alpha:", "/a/"),
    *('"f"', ">", "print", "if", "(x)", "length", "$1", "++", "&&", "else", "x=1"),
]
IN_AWK = [
    '{print %s>"f" %s}',
    '{print %s>"f";x=%s}',
    '%s{print > "f"} %s',
    '%s {print | "touch f"} %s',
    '{if(%s) %s ; print > "f" %s }',
    '!%s{print > "f"}%s',
    '/%s/{print > "f"}/%s/',
    '{x=y%s; print > "f" %s}',
    '{x=(1)%s print > "f"; %s}',
    '{x[1]/%s; print "a" > "f"; y=%s}',
]
IN_SED = [
    "/%s/p;s,x,%s/w f,",
    "/%s/w f%s/p",
    "s/%s/%s/w f",
    "s,%s,%s,w f",
    "/%sp;%s/w f",
    "s#%s#%s#w f#",
    "s|%s|%s|w f",
]
WRITES_IN_AWK = [
    '{print /[(]/ > "f"; x = /[)]/}',
    '{if (x) /[(]/; print > "f"; y = /[)]/}',
    '{exit /[(]/ > "f"; y = /[)]/}',
]


def written_by(programs: list[list[str]], text: str, folder: Path) -> list[str]:
    """The files that these programs leave when they run this text."""
    (folder / "in").write_text(INPUT)
    for program in programs:
        subprocess.run(
            [*program, text, "in"], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        )  # fmt: skip
    left = [path for path in folder.iterdir() if path.name != "in"]
    for path in left:
        path.unlink()
    return [path.name for path in left]


def judged_reads(frames: list[str], reads: Callable[[str], bool], count: int) -> Iterator[str]:
    """Random programs of these shapes that are judged as reads; the same ones each time."""
    chance = random.Random(17)
    found: set[str] = set()
    for _ in range(200_000):
        frame = chance.choice(frames)
        pieces = ["".join(chance.choices(SIGNS, k=chance.randint(0, 5))) for _ in range(frame.count("%s"))]
        text = frame % tuple(pieces)
        if text not in found and reads(text):
            found.add(text)
            yield text
        if len(found) == count:
            return


@pytest.mark.skipif(not AWKS, reason="no awk is installed")
def test_no_awk_writes_what_is_judged_a_read(tmp_path: Path) -> None:
    """Wherever a pattern ends for them, and whatever they take for a division."""
    texts = list(judged_reads(IN_AWK, lambda text: judge_awk(text).word == "read", 120))
    assert len(texts) >= 50
    assert [text for text in texts if written_by(AWKS, text, tmp_path)] == []


@pytest.mark.skipif(not SEDS, reason="no sed is installed")
def test_no_sed_writes_what_is_judged_a_read(tmp_path: Path) -> None:
    """Whether or not a delimiter may stand inside brackets."""
    texts = list(judged_reads(IN_SED, lambda text: judge_sed(text).word == "read", 120))
    assert len(texts) >= 50
    assert [text for text in texts if written_by(SEDS, text, tmp_path)] == []


@pytest.mark.skipif(not AWKS, reason="no awk is installed")
def test_a_pattern_may_hide_a_bracket(tmp_path: Path) -> None:
    """The trap is real, and the two tests above can fail: this one writes, and is judged to."""
    assert written_by(AWKS, WRITES_IN_AWK[0], tmp_path) == ["f"]
    assert [judge_awk(text).word for text in WRITES_IN_AWK] == ["unknown"] * 3
    assert written_by(SEDS, "/[^]/p;s,x,]/w f,", tmp_path) in (["f,"], [])
    assert judge_sed("/[^]/p;s,x,]/w f,").word == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "$1 ~ /^(rye|oat)$/ {print $2}",
        "/[0-9]+ loaves/ && !/[^a-z]x/ {n++} END {print n/2}",
        "/[[:space:]]+[^[:alpha:]_]/ {print (a+b)/1024, $1/(2*3), a[1]/2}",
        "/oven\\/[a-z]+\\/[^\\/]+/ {print}",
        "{if ($1 > 5) print; else print $2}",
        "{sum += $1} END {print sum/NR \" loaves\"}",
        "{a[$1] += $2 / 60} END {for (k in a) print k, int(a[k])/2}",
        "length($0) > 80 {print length($0) / 2}",
    ],
)  # fmt: skip
def test_ordinary_awk_is_read(text: str) -> None:
    """Patterns, sums and divisions as people write them."""
    assert judge_awk(text).word == "read"
