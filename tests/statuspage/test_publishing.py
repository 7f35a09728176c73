"""What goes out, and what never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.statuspage import pier
from tests.statuspage.pier import ANA, NOW, HandClock, an_incident, publish
from tocsin.app import App
from tocsin.core import facts
from tocsin.core.alert import Alert
from tocsin.core.routing import OURSELVES
from tocsin.core.statuspage.history import history
from tocsin.core.statuspage.model import Affected
from tocsin.errors import Denied, Invalid, NotFound, Refused
from tocsin.service import catalogue, respond
from tocsin.service.commit import commit
from tocsin.service.statuspage import maintenance, publishing, showing
from tocsin.store import alerts, incidents
from tocsin.web.statuspage.publisher import Publisher


def everything(app: App, but: str = "nothing") -> str:
    """All that anybody outside can read, ``but`` files that end so."""
    publisher = Publisher(app, showing.configured(app))
    publisher.refresh()
    return "\n".join(kept.body.decode() for name, kept in publisher.files.items() if not name.endswith(but))


def test_nothing_of_an_incident_is_public_unless_somebody_wrote_it_for_the_public(app: App) -> None:
    """Titles, notes, runbook, names and numbers stay inside, whatever is published."""
    ref = an_incident(app)
    catalogue.make(app, "note", ref, catalogue.Note(text="the mate was asleep"), ANA, "admin")
    assert "Boarding stands still" not in everything(app)

    publish(app, ref)

    seen = everything(app)
    assert "Boarding stands still" in seen
    assert "Nobody can board." in seen
    for inner in ("inner words", "asleep", ref, "ana", "ramp is stuck", "P1"):
        assert inner not in seen, inner


def test_a_private_incident_and_a_drill_are_never_published(app: App) -> None:
    """The refusal says why; nothing was written."""
    ref = an_incident(app)
    private = facts.MadePrivate(people=("ana",), why="a breach")

    def hide(tx: object) -> None:
        commit(app, tx, incidents.load(tx, ref), [private], ANA)  # type: ignore[arg-type]

    app.db.write(hide)
    with pytest.raises(Refused, match="is private"):
        publish(app, ref)
    drill = respond.declare_by_hand(app, respond.Declaration(title="x", severity="P1", drill=True), ANA).id
    with pytest.raises(Refused, match="is a drill"):
        publish(app, drill)
    assert showing.public(app).reports == ()


def test_the_title_is_asked_once_and_the_components_are_proposed_by_the_bindings(app: App) -> None:
    """With the reason beside each; a person may decide otherwise."""
    ref = an_incident(app)
    _, proposal = publishing.standing(app, respond.exists(app, ref))
    assert proposal.title == ""
    assert proposal.components == {"boarding": Affected(state="major", message="Board at the other ramp.")}
    assert proposal.why == {"boarding": "the scenario The ramp is stuck"}
    with pytest.raises(Refused, match="title of its own"):
        publish(app, ref, title="")

    publish(app, ref, components={"tickets": "degraded"})
    publish(app, ref, "Tickets are slow.", title="", components={"tickets": "degraded"})

    (report,) = showing.public(app).reports
    assert report.title == "Boarding stands still"
    assert [post.text for post in report.posts] == ["Nobody can board.", "Tickets are slow."]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"stage": "burning"}, "no stage"),
        ({"components": {"kitchen": "major"}}, "no component"),
        ({"components": {"boarding": "sad"}}, "no state"),
        ({"messages": {"boarding": "x" * 301}}, "at most 300"),
        ({"title": "x" * 201}, "1 to 200"),
        ({"text": "   "}, "1 to 5,000"),
        ({"began": "2026-03-02T10:00"}, "in the future"),
        ({"began": "yesterday"}, "not a moment"),
    ],
)
def test_what_can_not_be_published_is_said_and_nothing_is_written(
    app: App, change: dict[str, object], says: str
) -> None:
    """Each fault in its own words."""
    ref = an_incident(app)
    with pytest.raises(Invalid, match=says):
        publish(app, ref, **change)  # type: ignore[arg-type]
    assert showing.public(app).reports == ()
    assert all(not isinstance(entry.fact, facts.UpdatePosted) for entry in timeline(app, ref))


def timeline(app: App, ref: str) -> list[facts.Entry]:
    """What the incident tells of itself."""
    return app.db.read(lambda tx: incidents.timeline(tx, ref))


def test_secrets_are_masked_before_anything_is_public(app: App) -> None:
    """In the text, the title and the messages; on the timeline as on the page."""
    ref = an_incident(app)
    publish(app, ref, f"Use {pier.ADMIN}", title=f"Key {pier.ADMIN}", messages={"boarding": pier.ADMIN})

    assert pier.ADMIN not in everything(app)
    assert pier.ADMIN not in str(timeline(app, ref))


def test_what_is_taken_back_is_public_no_longer_and_stays_on_the_timeline(app: App) -> None:
    """One entry or all; it can be published anew."""
    ref = an_incident(app)
    publish(app, ref)
    first = respond.exists(app, ref).version
    publish(app, ref, "A wrong word.")
    second = respond.exists(app, ref).version
    publishing.retract(app, ref, publishing.Retraction(why="wrong", entry=second), ANA)
    assert "A wrong word." not in everything(app)
    assert "Nobody can board." in everything(app)
    with pytest.raises(NotFound):
        publishing.retract(app, ref, publishing.Retraction(why="wrong", entry=second), ANA)
    publishing.retract(app, ref, publishing.Retraction(why="wrong", entry=first), ANA)
    assert showing.public(app).reports == ()
    with pytest.raises(Refused, match="Nothing of"):
        publishing.retract(app, ref, publishing.Retraction(why="again"), ANA)
    publish(app, ref, "Anew.")
    assert "Anew." in everything(app)
    assert [type(entry.fact).__name__ for entry in timeline(app, ref)].count("UpdateRetracted") == 2


def test_an_agent_publishes_nothing_and_a_viewer_plans_nothing(app: App) -> None:
    """It takes a responder."""
    ref = an_incident(app)
    with pytest.raises(Denied):
        catalogue.make(app, "publish", ref, publishing.Publication(text="x", title="y"), ANA, "agent")
    with pytest.raises(Denied):
        maintenance.plan(app, maintenance.Planning(title="x", text="y", lasts="1h"), "vera", "viewer")


def test_hostile_words_are_text_and_nothing_else(app: App) -> None:
    """In HTML, in XML and in pictures."""
    ref = an_incident(app)
    publish(app, ref, '<script>alert(1)</script> ]]> & "\x0b\u202e', title="<b>&")

    seen = everything(app, but=".json")
    assert "<script" not in seen
    assert "&lt;b&gt;&amp;" in seen
    assert "\u202e" not in seen
    assert "\x0b" not in seen


def test_a_component_follows_its_thresholds_where_the_team_says_so(tmp_path: Path) -> None:
    """While one of its signals is crossed it shows the state that was chosen, and its history keeps it."""
    clock, folder = HandClock(), tmp_path / "follow"
    folder.mkdir()
    more = (
        '[[status.components]]\nname = "Queue"\nsignals = ["queue at the ramp"]\nfollow = "degraded"\n'
        '[signals."queue at the ramp"]\nprobe = "heartbeat"\nname = "ramp"\n'
    )
    app = pier.enter(folder, more, clock)
    try:
        labels = {"alertname": "QueueAtTheRamp", "metric": "queue at the ramp"}
        firing = Alert(source=OURSELVES, labels=labels, starts_at=clock.at, updated_at=clock.at)
        showing.look(app)
        app.db.write(lambda tx: alerts.upsert(tx, firing))
        assert showing.look(app)
        assert not showing.look(app)
        assert showing.public(app).state("queue", clock.at) == "degraded"
        clock.at += timedelta(minutes=20)
        over = replace(firing, status="resolved", ends_at=clock.at, updated_at=clock.at)
        app.db.write(lambda tx: alerts.upsert(tx, over))
        assert showing.look(app)
        public = showing.public(app)
        assert public.state("queue", clock.at) == "operational"
        assert [day.state for day in history(public, "queue", clock.at).bad] == ["degraded"]
    finally:
        app.db.close()


def test_maintenance_has_one_end_that_makes_sense(app: App, clock: HandClock) -> None:
    """Not before it begins, not after a month, not twice."""
    plan = maintenance.Planning

    for wanted, says in (
        (plan(title="x", text="y"), "one end"),
        (plan(title="x", text="y", lasts="1h", ends_at="2026-03-03T00:00"), "one end"),
        (plan(title="x", text="y", ends_at="2026-03-01T00:00"), "before it begins"),
        (plan(title="x", text="y", lasts="40d"), "at most 31 d"),
        (plan(title="x", text="y", starts_at="2028-01-01", lasts="1h"), "a year ahead"),
        (plan(title="x", text="y", lasts="soon"), "not a duration"),
    ):
        with pytest.raises(Invalid, match=says):
            maintenance.plan(app, wanted, "ana", "admin")
    made = maintenance.plan(app, plan(title="x", text="y", lasts="1h", offline=True), "ana", "admin")
    assert made.over_at == NOW + timedelta(hours=1)
    clock.at += timedelta(hours=2)
    with pytest.raises(Refused, match="over already"):
        maintenance.end(app, made.id, maintenance.Ending(), "ana", "admin")
