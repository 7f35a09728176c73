"""The record of every command of the example runbooks: its digest, the truth that a person decided, and the verdict.

``judged.csv`` holds no texts. ``python -m tests.safety.judging`` writes it anew from the texts beside the project; the
truth of a command that is known stays, and one that is new stands there with ``?`` until a person has read it.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tocsin.cli.named import read_named
from tocsin.core.runbook import Step
from tocsin.safety import classify

SHARED = Path(__file__).resolve().parents[3] / "shared"
RECORD = Path(__file__).with_name("judged.csv")


@dataclass(frozen=True, slots=True)
class Judged:
    """One row of the record."""

    sha256: str
    truth: str
    verdict: str


def books() -> list[Path]:
    """The example runbooks, the five first ones before the others; empty where they are not."""
    return [*sorted(SHARED.glob("seeds/*")), *sorted(SHARED.glob("corpus/[0-9]*.md"))]


def commands(paths: list[Path]) -> Iterator[Step]:
    """Each different command of these runbooks, once."""
    seen: set[str] = set()
    for path in paths:
        for step in read_named(path).steps():
            if step.kind in ("shell", "sql") and key(step) not in seen:
                seen.add(key(step))
                yield step


def key(step: Step) -> str:
    """What a row is found by: the SHA-256 of its kind, a line break and the command."""
    return hashlib.sha256(f"{step.kind}\n{step.command}".encode("utf-8", "surrogatepass")).hexdigest()


def record() -> dict[str, Judged]:
    """The record by its digests."""
    with RECORD.open(newline="", encoding="utf-8") as file:
        return {row["sha256"]: Judged(row["sha256"], row["truth"], row["verdict"]) for row in csv.DictReader(file)}


def main() -> None:
    """Write the record anew."""
    known = record() if RECORD.exists() else {}
    rows = {
        key(step): Judged(
            key(step),
            known[key(step)].truth if key(step) in known else "?",
            classify(step.kind, step.command or "", placeholders=step.placeholders).word,
        )
        for step in commands(books())
    }
    with RECORD.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["sha256", "truth", "verdict"])
        writer.writerows(
            (row.sha256, row.truth, row.verdict) for row in sorted(rows.values(), key=lambda row: row.sha256)
        )


if __name__ == "__main__":
    main()
