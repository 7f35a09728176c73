"""The post-mortem: drafted from the timeline, edited in the page and in files, read by others, released."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.core import facts
from tocsin.core.clocks import task_due
from tocsin.core.facts import ENGINE, Actor, Entry
from tocsin.core.incident import Incident
from tocsin.core.learning import meeting_task
from tocsin.core.merging import has_markers, merge
from tocsin.core.review import Chart, draft, parts
from tocsin.core.reviewlabels import labels_of, resolution_of
from tocsin.core.reviewtemplate import Filling, filled
from tocsin.core.reviewtimeline import moments
from tocsin.core.runbook import Runbook
from tocsin.core.telling import titles_in
from tocsin.errors import Conflict, Invalid, NotFound, Refused
from tocsin.ids import slug
from tocsin.service import actionrows, discretion, views
from tocsin.service.act import find
from tocsin.service.books import pinned
from tocsin.service.commit import commit
from tocsin.service.views import SignalView
from tocsin.store import incidents, library, signals
from tocsin.store.db import Tx

LONGEST_REVIEW = 512 * 1024
AROUND = timedelta(minutes=30)
"""So much before the first sign and behind the end is drawn."""


class Disagreed(Conflict):
    """Somebody else changed the same place. ``merged`` holds both sides between markers, made from ``version``."""

    def __init__(self, ref: str, merged: str, version: int, places: int) -> None:
        super().__init__(
            f"Somebody else has changed the review of {ref} at {places} of the same places.",
            "Both are kept between markers: decide at each, then save.",
        )
        self.merged, self.version, self.places = merged, version, places


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSummary:
    """A post-mortem in a list. ``due``: by when the document wants the meeting, on its ``line``."""

    incident: str
    title: str
    severity: str
    status: str
    resolved_at: datetime | None = None
    updated_at: datetime | None = None
    updated_by: str = ""
    meeting_at: datetime | None = None
    due: datetime | None = None
    line: int = 0
    late: bool = False
    open_actions: int = 0
    read_by: tuple[str, ...] = ()


def text_of(app: App, tx: Tx, incident: Incident, runbook: Runbook, entries: Sequence[Entry]) -> str:
    """The draft: in the team's own template where it has one (`tocsin.toml`, else its runbook), else ours."""
    directory, pictures = app.settings.directory, charts(app, tx, incident, runbook)
    template = app.settings.reviewing.template or next(
        (each.text for each in runbook.templates if each.kind == "postmortem"), ""
    )
    if not template:
        return draft(incident, entries, runbook, directory, pictures)
    filling = Filling(
        incident=incident, parts=parts(incident, entries, runbook, directory, pictures),
        told=moments(incident, entries, directory, titles_in(incident, runbook)),
        labels=labels_of(incident, entries, directory),
        resolution=resolution_of(entries), directory=directory,
    )  # fmt: skip
    return filled(template, filling)


def charts(app: App, tx: Tx, incident: Incident, runbook: Runbook) -> list[Chart]:
    """The signals of which there are values around the incident, each with the file that shows it."""
    return [
        Chart(metric=view.metric, target=f"charts/{incident.id}-{slug(view.metric)}.svg")
        for view in around(app, tx, incident, runbook)
    ]


def around(app: App, tx: Tx, incident: Incident, runbook: Runbook) -> list[SignalView]:
    """The signals of an incident with their values from before its first sign until behind its end."""
    since = incident.detected_at - AROUND
    until = min((incident.resolved_at or app.clock.now()) + AROUND, app.clock.now())
    found = []
    for view in views.signals_of(app, tx, incident, runbook, app.clock.now()):
        points = signals.window(tx, slug(view.metric), since, until, 20_000)
        if points:
            found.append(views.with_points(view, points))
    return found


def pictures(app: App, incident: Incident) -> list[SignalView]:
    """What is drawn of an incident: its signals from before its first sign until behind its end."""
    return app.db.read(lambda tx: around(app, tx, incident, pinned(app, tx, incident.runbook_digest)))


def open_review(app: App, ref: str, by: Actor) -> library.ReviewText:
    """The post-mortem; drafted from the timeline where there is none yet, and anew while nobody has edited it."""

    def write(tx: Tx) -> library.ReviewText:
        incident, runbook = find(app, tx, ref)
        known = library.review(tx, incident.id)
        if known is not None and known.updated_by != ENGINE.name:
            return known
        text = text_of(app, tx, incident, runbook, incidents.timeline(tx, incident.id))
        if incident.review == "":
            incident = commit(app, tx, incident, [facts.ReviewDrafted(words=len(text.split()))], by)
        if known is not None and known.text == text:
            return known
        return _save(app, tx, incident, text, known.version if known else 0, ENGINE)

    return app.db.write(write)


def edit_review(app: App, ref: str, text: str, version: int, by: Actor) -> library.ReviewText:
    """Replace the text. What others wrote since ``version`` is merged; raises `Disagreed` where that can't be.

    What it says in its table of action items becomes true of them: new rows, owners, days, and what is done.
    """
    if not text.strip():
        raise Invalid("A post-mortem can't be empty.")
    if len(text) > LONGEST_REVIEW:
        raise Invalid(f"This is {len(text):,} characters long; at most {LONGEST_REVIEW:,} are kept.")
    if has_markers(text):
        raise Refused("The text still holds both sides of a conflict.", "Decide at each marker, then save.")

    def write(tx: Tx) -> library.ReviewText:
        incident, _ = find(app, tx, ref)
        known = library.review(tx, incident.id)
        if known is None:
            raise NotFound(f"{incident.id} has no post-mortem yet.", "Open it first.")
        merged = _merged(tx, known, text, version, by)
        saved = _save(app, tx, incident, merged, known.version, by)
        return actionrows.take_over(app, tx, incident, saved, by)

    return app.db.write(write)


def version_of(app: App, ref: str, version: int) -> library.ReviewText:
    """A version of the text, as it was written. Raises `NotFound`."""
    found = app.db.read(lambda tx: library.review_version(tx, ref, version))
    if found is None:
        raise NotFound(f"The review of {ref} has no version {version}.")
    return found


def publish(app: App, ref: str, by: Actor) -> Incident:
    """Release the post-mortem."""

    def write(tx: Tx) -> Incident:
        incident, _ = find(app, tx, ref)
        if incident.review != "draft":
            raise Refused(f"{incident.id} has no draft to publish.", "Open the post-mortem first.")
        after = commit(app, tx, incident, [facts.ReviewPublished()], by)
        known = library.review(tx, incident.id)
        if known is not None:
            _save(app, tx, after, known.text, known.version, by)
        return after

    return app.db.write(write)


def listing(app: App, found: Sequence[Incident]) -> list[ReviewSummary]:
    """The post-mortems of these incidents, and those that are still to be written; the newest incident first."""

    def read(tx: Tx) -> list[ReviewSummary]:
        return [_summary(app, tx, incident) for incident in found if incident.review or not incident.open]

    return app.db.read(read)


def deadline(incident: Incident) -> tuple[datetime, int, str] | None:
    """By when the document wants people to meet, its line and its words; None where it says nothing, or not yet."""
    task = meeting_task(incident)
    due = task_due(incident, task) if task else None
    return (due, task.line, task.what) if task and due else None


def _summary(app: App, tx: Tx, incident: Incident) -> ReviewSummary:
    known, due, now = library.review(tx, incident.id), deadline(incident), app.clock.now()
    task = meeting_task(incident)
    state = incident.clocks.tasks.get(task.id) if task else None
    met = state is not None and state.met_at is not None
    return ReviewSummary(
        incident=incident.id, title=incident.title, severity=incident.severity, status=incident.review or "not opened",
        resolved_at=incident.resolved_at, updated_at=known.updated_at if known else None,
        updated_by=known.updated_by if known else "",
        meeting_at=incident.learning.meeting.at if incident.learning.meeting else None,
        due=due[0] if due and not met else None, line=due[1] if due else 0,
        late=bool(due and not met and due[0] <= now), read_by=tuple(incident.learning.approved),
        open_actions=sum(each.state == "open" for each in incident.learning.actions.values()),
    )  # fmt: skip


def _merged(tx: Tx, known: library.ReviewText, text: str, version: int, by: Actor) -> str:
    if version == known.version:
        return text
    base = library.review_version(tx, known.incident, version)
    if base is None:
        raise Conflict(f"Nobody knows version {version} of the review of {known.incident}.", "Fetch it again.")
    found = merge(
        base.text, text, known.text, mine_is=by.name, theirs_is=f"{known.updated_by}, version {known.version}"
    )
    if found.conflicts:
        raise Disagreed(known.incident, found.text, known.version, found.conflicts)
    return found.text


def _save(app: App, tx: Tx, incident: Incident, text: str, version: int, by: Actor) -> library.ReviewText:
    """Write the version after ``version``; raises `Conflict` where somebody else has."""
    review = library.ReviewText(
        incident=incident.id,
        text=discretion.said(app, text),
        status=incident.review or "draft",
        version=version + 1,
        updated_at=app.clock.now(),
        updated_by=by.name,
    )
    library.write_review(tx, review)
    return review
