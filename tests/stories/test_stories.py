"""The acceptance suite: every story of this folder, told to the real application on a clock that is turned by hand."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from tests.stories.devices import BEGIN
from tests.stories.guide import ROOT
from tests.stories.leaving import compare
from tests.stories.script import Row, Story, read_story
from tests.stories.vocabulary import GUIDE, Seen, expect, nothing_else, perform, say_message
from tests.stories.world import World, program

STORIES = sorted(Path(__file__).parent.glob("*.md"))
EXAMPLE = re.compile(r"^`{5}markdown\n(.*?)^`{5}$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_story_happens_as_it_is_told(path: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Each row's deed has exactly the consequences that stand beside it: no more messages, no fewer."""
    story = read_story(path)
    request.node.user_properties.append(("demands", ",".join(story.demands)))
    if story.missing:
        pytest.skip(story.missing)
    tell(story, tmp_path, _database(story, request))


def test_the_guide_s_story_happens_too(tmp_path: Path) -> None:
    """The example that the guide begins with is a story that passes."""
    found = EXAMPLE.search((ROOT / GUIDE).read_text("utf-8"))
    assert found, "the guide shows no story"
    path = tmp_path / "example.md"
    path.write_text(found[1], "utf-8")
    tell(read_story(path), tmp_path, "")


def tell(story: Story, folder: Path, database: str) -> None:
    """Tell a story to an application in this folder; raises `AssertionError` where it is not true."""
    world = World(story, folder, database)
    try:
        if story.rows[0].does != "Tocsin starts":
            world.start()
        for row in story.rows:
            _tell_row(world, story, row)
        compare(story, world)
    finally:
        world.close()


def _database(story: Story, request: pytest.FixtureRequest) -> str:
    """The address of a real database that the story's SQL has prepared, where the story needs one."""
    if "postgres" not in story.needs:
        return ""
    if program("psql") is None:
        pytest.skip("there is no psql on this machine")
    server = request.getfixturevalue("postgres_server")
    url = server.url(server.new_database())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(story.sql.encode() or b"select 1")
    return str(url)


def _tell_row(world: World, story: Story, row: Row) -> None:
    place = f"{story.path.name}:{row.line} ({row.does})"
    moment = BEGIN + row.at
    try:
        if world.is_up:
            for at in world.go_to(moment):
                if at < moment and not story.messages:
                    early = "; ".join(map(say_message, world.messages()))
                    assert not early, f"unexpected at {at - BEGIN}: {early}"
        refusal = perform(world, row.does)
        if world.is_up:
            world.settle()
        seen = Seen(world, world.messages(), refusal)
        for sentence in row.then:
            if not (story.messages and sentence == "nothing"):
                expect(seen, sentence)
        if story.messages:  # what left stands there, with its time
            seen.messages.clear()
        nothing_else(seen)
    except AssertionError as error:
        raise AssertionError(f"{place}: {error}") from None
