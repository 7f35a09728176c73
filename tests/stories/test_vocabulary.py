"""The language of the stories: small, explained, and used."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.guide import ROOT, filled
from tests.stories.script import read_story
from tests.stories.test_stories import STORIES
from tests.stories.vocabulary import ACTIONS, CHECKS, GUIDE, Sentence

DEED = ", and the machine dies while it runs"


@pytest.mark.parametrize("sentence", [*ACTIONS, *CHECKS], ids=lambda sentence: sentence.example)
def test_every_sentence_has_an_example_and_a_meaning(sentence: Sentence) -> None:
    """The example that the guide shows is a sentence of its kind."""
    assert sentence.pattern.fullmatch(sentence.example)
    assert sentence.says


def test_the_guide_lists_every_sentence() -> None:
    """What the guide shows is what the stories understand."""
    text = (ROOT / GUIDE).read_text("utf-8")
    assert filled(text) == text, "Write it anew: python -m tests.stories.guide"


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_sentence_means_one_thing(path: Path) -> None:
    """No sentence of a story fits two kinds."""
    for row in read_story(path).rows:
        deed = row.does.removesuffix(DEED)
        assert len(_kinds(ACTIONS, deed)) == 1, deed
        for says in row.then:
            assert len(_kinds(CHECKS, says)) == 1, says


def test_every_kind_of_sentence_is_used() -> None:
    """A kind of sentence that no story needs goes."""
    rows = [row for path in STORIES for row in read_story(path).rows]
    deeds = [row.does.removesuffix(DEED) for row in rows] + [row.does for row in rows if row.does.endswith(DEED)]
    used = {kind.example for text in deeds for kind in _kinds(ACTIONS, text)}
    used |= {kind.example for row in rows for says in row.then for kind in _kinds(CHECKS, says)}
    assert [kind.example for kind in (*ACTIONS, *CHECKS) if kind.example not in used] == []


def _kinds(known: list[Sentence], text: str) -> list[Sentence]:
    return [sentence for sentence in known if sentence.pattern.fullmatch(text)]
