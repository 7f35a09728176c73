"""Writes the lists of sentences into the guide for people who write stories: ``python -m tests.stories.guide``."""

from __future__ import annotations

from pathlib import Path

from tests.stories import (
    clocking,
    doing,
    expecting,
    figuring,
    gauging,
    happening,
    learning,
    messaging,
    noticing,
    planning,
    publishing,
    reaching,
    readying,
    scraping,
    sending,
    surrounding,
    talking,
    teaming,
    ticking,
)
from tests.stories.vocabulary import ACTIONS, CHECKS, GUIDE, Sentence

ROOT = Path(__file__).resolve().parents[2]
MODULES = (
    doing, clocking, planning, readying, teaming, ticking, publishing, messaging, learning, happening, sending,
    gauging, scraping, surrounding, talking, figuring, reaching, expecting, noticing,
)  # fmt: skip


def table(sentences: list[Sentence]) -> str:
    """The sentences as a table, each by its example."""
    rows = [f"| {_code(sentence.example)} | {_plain(sentence.says)} |" for sentence in sentences]
    return "| for example | what it means |\n|---|---|\n" + "\n".join(rows) + "\n"


def filled(text: str) -> str:
    """The guide with its two lists as they are now."""
    for name, sentences in (("does", ACTIONS), ("then", CHECKS)):
        begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
        before, found, rest = text.partition(begin)
        _, also, after = rest.partition(end)
        assert found and also, f"the guide has no place for {name}"
        text = f"{before}{begin}\n{table(sentences)}\n{end}{after}"
    return text


def _code(text: str) -> str:
    return f"`` {text} ``".replace("|", "\\|")


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    path = ROOT / GUIDE
    path.write_text(filled(path.read_text("utf-8")), "utf-8")
