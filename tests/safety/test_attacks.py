"""Lists that eleven reviewers wrote without knowing each other's, to get a change judged as a read (a to g, i on what
was opened after them, j to l on the whole), and h: our own attacks on those openings.

``attacks/*.csv``: kind, command, truth, the reviewer's reason, and a remark where their truth was corrected:
``change`` is never judged a read; ``waits`` and ``shows`` read, but must never start by themselves; ``trusts`` only
reads as far as the remark says, which the text can't show; ``read`` should be recognised.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.safety import classify

LISTS = Path(__file__).parent / "attacks"
NEVER_BY_ITSELF = {"waits": {"endless", "interactive", "heavy"}, "shows": {"secret"}}
RECOGNISED = 0.86
"""Of the commands that truly only read."""

Row = tuple[str, str, str, str]


def _rows(*truths: str) -> Iterator[Row]:
    for path in sorted(LISTS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["truth"] in truths:
                    yield row["kind"], row["command"], row["truth"], row["remark"]


@pytest.mark.parametrize(
    "row", sorted({row[:2] for row in _rows("change")}), ids=lambda row: f"{row[0]}: {row[1]}"[:80]
)
def test_no_change_is_judged_a_read(row: tuple[str, str]) -> None:
    """Neither with a plan nor by an accident of ours."""
    verdict = classify(*row)
    assert verdict.word != "read", verdict.why
    assert verdict.plan is None
    assert "the check itself failed" not in verdict.why


@pytest.mark.parametrize("row", list(_rows("waits", "shows")), ids=lambda row: row[1][:80])
def test_what_would_hang_or_show_secrets_never_starts_by_itself(row: Row) -> None:
    """It is no read, or it has the trait that keeps it from starting without a person."""
    kind, command, truth, _ = row
    verdict = classify(kind, command)
    assert verdict.word != "read" or NEVER_BY_ITSELF[truth] & set(verdict.traits)


def test_every_correction_of_a_reviewer_has_its_remark() -> None:
    """Nothing was dropped silently."""
    assert [row for row in _rows("waits", "shows", "trusts") if not row[3]] == []
    known = ("change", "read", "trusts", *NEVER_BY_ITSELF)
    for path in sorted(LISTS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            assert [row for row in list(csv.reader(file))[1:] if len(row) != 5 or row[2] not in known] == []
    assert len(list(_rows("change"))) > 5_500


def test_most_of_what_truly_reads_is_recognised() -> None:
    """A gate that knew nothing would be safe, and of no use."""
    reads = list(_rows("read"))
    known = sum(classify(kind, command).word == "read" for kind, command, _, _ in reads)
    assert known / len(reads) >= RECOGNISED
