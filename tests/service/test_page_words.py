"""What a page says: why it came, what ran by its title, and each name once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import ANA, RUNBOOK, boarding_stops, open_house, until
from tocsin.app import App
from tocsin.core.notices import Notice
from tocsin.core.telling import tell
from tocsin.engine.runner import Runner
from tocsin.service import respond, team
from tocsin.store import incidents
from tocsin.wire import decode

BARE = RUNBOOK.partition("## Escalation")[0]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """INC-1 of a document that says nothing of whom to call; what only looks has run."""
    opened = open_house(tmp_path, f"sqlite://{tmp_path}/tocsin.db", runbook=BARE)
    boarding_stops(opened)
    runner = Runner(opened)
    until(lambda: not runner.turn() and _ran(opened))
    runner.stop(5)
    yield opened
    opened.db.close()


def _ran(app: App) -> bool:
    states = respond.exists(app, "INC-1").steps.values()
    return bool(states) and all(state.status == "succeeded" for state in states)


def pages(app: App) -> list[Notice]:
    """Every page that was written, the oldest first."""
    bodies = app.db.read(lambda tx: [row["body"] for row in tx.all("select body from outbox order by created_at, id")])
    return [one for one in (decode(Notice, body) for body in bodies) if one.kind == "page"]


def test_the_first_page_names_no_line_that_there_is_not(app: App) -> None:
    """Where the document names nobody, the page says that, and not "line 0"."""
    (first,) = pages(app)
    assert first.why == "called at once: the document names nobody for the first page"


def test_who_is_drawn_in_reads_the_titles_of_what_ran(app: App) -> None:
    """The words of the document, never an id."""
    team.add_people(app, "INC-1", team.Added(people="ben", why="it grows"), ANA)
    said = pages(app)[-1].body
    assert "Which system is this: succeeded" in said
    assert "scenario-1" not in said


def test_somebody_called_by_name_is_named_once(app: App) -> None:
    """A role that somebody fills stands beside the name; the name itself does not."""
    team.add_people(app, "INC-1", team.Added(people="ben", why="it grows"), ANA)
    team.add_people(app, "INC-1", team.Added(people="team lead", why="it grows"), ANA)
    entries = app.db.read(lambda tx: incidents.timeline(tx, "INC-1"))
    said = [tell(each, app.settings.directory, {}).title for each in entries if each.kind == "Escalated"]
    assert said[1:] == ["ana called ben", "ana called ben (team lead)"]
