"""The acceptance suite: every story of this folder, told to the real application on a clock that is turned by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.doing import perform
from tests.stories.expecting import Seen, expect, nothing_else
from tests.stories.script import Row, Story, read_story
from tests.stories.world import BEGIN, World, open_world

STORIES = sorted(Path(__file__).parent.glob("*.md"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_story_happens_as_it_is_told(path: Path, tmp_path: Path, record_property: pytest.FixtureRequest) -> None:
    """Each row's deed has exactly the consequences that stand beside it: no more messages, no fewer."""
    story = read_story(path)
    record_property("demands", ",".join(story.demands))  # type: ignore[operator]
    if story.missing:
        pytest.skip(story.missing)
    world = open_world(story, tmp_path)
    try:
        for row in story.rows:
            _tell(world, story, row)
    finally:
        world.close()


def _tell(world: World, story: Story, row: Row) -> None:
    place = f"{story.path.name}:{row.line} ({row.does})"
    moment = BEGIN + row.at
    try:
        for at in world.go_to(moment):
            if at < moment:
                early = world.messages()
                assert not early, f"unexpected at {at - BEGIN}: " + "; ".join(
                    f"{notice.to} got {notice.subject} ({notice.why})" for notice in early
                )
        refusal = perform(world, row.does)
        world.settle()
        seen = Seen(world, world.messages(), refusal)
        for sentence in row.then:
            expect(seen, sentence)
        nothing_else(seen)
    except AssertionError as error:
        raise AssertionError(f"{place}: {error}") from None
