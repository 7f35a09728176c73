"""Post-mortems as files, action items and causes in the terminal."""

from __future__ import annotations

import pytest

from tests.cli.terminal import Server


@pytest.fixture
def ended(server: Server) -> str:
    """A resolved incident."""
    ref = server.declare()
    assert server("incident", "resolve", ref, "--override", "a test").code == 0
    return ref


def test_what_two_people_wrote_in_two_files_is_merged(server: Server, ended: str) -> None:
    """One exports, the other saves, the first imports: both texts are there, and the file has the new version."""
    assert server("review", "export", ended, "one.md").code == 0
    assert server("review", "export", ended, "two.md").code == 0
    one, two = server.folder / "one.md", server.folder / "two.md"
    one.write_text(one.read_text() + "\nWritten by one.\n")
    two.write_text(two.read_text().replace("# Post-mortem of", "# What happened in"))

    assert server("review", "import", "two.md").code == 0
    done = server("review", "import", "one.md")

    assert (done.code, done.err) == (0, "")
    text = server("review", "show", ended).out
    assert "Written by one." in text and "# What happened in" in text
    assert "# What happened in" in one.read_text(), "the file is what is stored now"
    assert server("review", "import", "one.md").code == 0, "and can be imported again"


def test_of_two_who_changed_the_same_place_nothing_is_lost(server: Server, ended: str) -> None:
    """The second is refused, has both sides between markers, and what was written before beside it."""
    server("review", "export", ended, "first.md")
    server("review", "export", ended, "second.md")
    one, two = server.folder / "first.md", server.folder / "second.md"
    heading = f"# Post-mortem of {ended}"
    one.write_text(one.read_text().replace(heading, "# One's heading"))
    two.write_text(two.read_text().replace(heading, "# Two's heading"))
    assert server("review", "import", "second.md").code == 0

    refused = server("review", "import", "first.md")

    assert refused.code == 1 and "changed 1 place differently" in refused.err
    assert "One's heading" in one.read_text() and "Two's heading" in one.read_text()
    assert "One's heading" in (server.folder / "first.md.mine").read_text()
    assert "still holds both sides" in server("review", "import", "first.md").err
    lines = one.read_text().splitlines(keepends=True)
    start, middle, end = (
        next(at for at, line in enumerate(lines) if line.startswith(mark)) for mark in ("<<<<<<<", "=======", ">>>>>>>")
    )
    one.write_text("".join([*lines[:start], *lines[start + 1 : middle], *lines[end + 1 :]]))
    assert server("review", "import", "first.md").code == 0
    assert "One's heading" in server("review", "show", ended).out


def test_a_file_that_is_no_post_mortem_is_neither_read_nor_overwritten(server: Server, ended: str) -> None:
    """A sentence, and the file as it was."""
    other = server.folder / "notes.md"
    other.write_text("# Mine\n")
    assert "another file already" in server("review", "export", ended, "notes.md").err
    assert "does not say which post-mortem" in server("review", "import", "notes.md").err
    assert server("review", "import", "nothing.md").code == 2
    assert other.read_text() == "# Mine\n"


def test_reviews_are_listed_and_opened(server: Server, ended: str) -> None:
    """What nobody has opened is listed, too."""
    assert "not opened" in server("review", "list").out
    assert "version 1  draft" in server("review", "open", ended).out
    assert server("review", "list", "--json").json["reviews"][0]["status"] == "draft"


def test_action_items_are_added_given_and_listed(server: Server, ended: str) -> None:
    """Those without a day last; a day is a date or so long from now, and one that has passed is refused."""
    assert server("incident", "add_action", ended, "Test the rollback", "--owner", "ana", "--due", "3d").code == 0
    assert server("incident", "add_action", ended, "Paint the door").code == 0
    told = server("actions").out
    assert told.index("Test the rollback") < told.index("Paint the door")
    assert [each["text"] for each in server("actions", "--owner", "ana", "--json").json["actions"]] == [
        "Test the rollback"
    ]
    assert server("actions", "--overdue").code == 0
    assert "has passed" in server("incident", "change_action", ended, "paint", "--due", "2001-01-01").err
    assert server("incident", "drop_action", ended, "paint", "we have no door").code == 0
    assert "Paint the door" not in server("actions").out
    assert "dropped" in server("actions", "--state", "all").out


def test_causes_are_named_judged_and_recorded(server: Server) -> None:
    """Evidence is asked for, and what was said stands beside the cause."""
    ref = server.declare()
    assert server("incident", "suspect", ref, "the disk is full").code == 0
    assert server("incident", "rule_out_cause", ref, "disk", "12 % are used").code == 0
    told = server("incident", "causes", ref).out
    assert "[-] the disk is full" in told and "12 % are used" in told
    assert server("incident", "record_root_cause", ref, "--text", "a cable was loose").code == 0
    assert server("incident", "show", ref, "--json").json["incident"]["learning"]["root_cause"] == "a cable was loose"
