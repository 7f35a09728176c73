"""What people publish of an incident: a fact on its timeline, and in the same transaction a row of the public page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any

from msgspec import Meta

from tocsin.app import App
from tocsin.core import facts
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.statuspage import moves
from tocsin.core.statuspage.model import Affected, Post, Report
from tocsin.core.statuspage.proposing import Proposal, propose
from tocsin.errors import Invalid, NotFound
from tocsin.ids import new_id
from tocsin.service import discretion
from tocsin.service.act import find
from tocsin.service.commit import commit
from tocsin.service.respond import Name, Words
from tocsin.service.statuspage import telling
from tocsin.service.statuspage.showing import configured
from tocsin.store import statuspage as store
from tocsin.store.db import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What the public is told. A component that is not named works; the title is asked once and then kept."""

    text: Words
    title: Annotated[Name, Meta(description="what the public calls it; never taken from the incident")] = ""
    stage: Annotated[Name, Meta(description="investigating, identified, monitoring or resolved")] = ""
    components: Annotated[
        dict[str, str], Meta(description="a component's id and its state: degraded, partial, major or maintenance")
    ] = field(default_factory=dict)
    messages: Annotated[
        dict[str, str], Meta(description="a component's id and what its users read where they meet it")
    ] = field(default_factory=dict)
    began: Annotated[Name, Meta(description="since when, where that was earlier: 2026-03-07T22:00, in UTC")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction:
    """What should not have been published: an entry of the timeline, or with 0 all of it."""

    why: Words
    entry: Annotated[int, Meta(ge=0, description="the entry that published it; 0: everything")] = 0


def publish(app: App, ref: str, request: Publication, by: Actor) -> Incident:
    """Say something of the incident on the public status page."""
    return app.db.write(lambda tx: publish_in(app, tx, find(app, tx, ref)[0], request, by))


def publish_in(app: App, tx: Tx, incident: Incident, request: Publication, by: Actor) -> Incident:
    """The same, in the caller's transaction, so that what is said elsewhere with it leaves with it or not at all."""
    page = configured(app).page
    words = moves.Words(
        text=discretion.said(app, request.text), title=discretion.said(app, request.title), stage=request.stage,
        components=request.components, began=moment(request.began, "began"),
        messages={name: discretion.said(app, text) for name, text in request.messages.items()},
    )  # fmt: skip

    before, now = store.of_incident(tx, incident.id), app.clock.now()
    made = moves.publish(incident, page, words, before, now=now, first=before is None)
    after = commit(app, tx, incident, made, by)
    report = before or Report(
        id=new_id("pub", now), kind="incident", title="", begun_at=now, created_at=now, incident=after.id
    )
    _show(tx, report, made[0], _Shown(incident.version + 1, by.name, now))
    return after


def retract(app: App, ref: str, request: Retraction, by: Actor) -> Incident:
    """Take back what was published of the incident."""
    configured(app)

    def write(tx: Tx) -> Incident:
        incident, _ = find(app, tx, ref)
        before = store.of_incident(tx, incident.id)
        made = moves.retract(incident, before, request.entry, request.why)
        if before is not None and not store.retract(tx, before.id, request.entry, app.clock.now()):
            raise NotFound(f"Entry {request.entry} published nothing that is still public.", "See the timeline.")
        return commit(app, tx, incident, made, by)

    return app.db.write(write)


def standing(app: App, incident: Incident) -> tuple[Report | None, Proposal]:
    """What the public knows of an incident, and what a form begins with."""
    return app.db.read(lambda tx: standing_in(app, tx, incident))


def standing_in(app: App, tx: Tx, incident: Incident) -> tuple[Report | None, Proposal]:
    """The same, in the caller's transaction."""
    before = store.of_incident(tx, incident.id)
    return before, propose(configured(app).page, incident, before)


@dataclass(frozen=True, slots=True)
class _Shown:
    """Which entry of the timeline published something, whose it is and when."""

    entry: int
    by: str
    at: datetime


def _show(tx: Tx, report: Report, posted: facts.UpdatePosted, shown: _Shown) -> None:
    store.put(tx, replace(report, title=posted.title, begun_at=posted.began or report.begun_at), shown.at)
    affected: dict[str, Affected] = {}
    for name, state in posted.components.items():
        chosen: Any = state
        affected[name] = Affected(state=chosen, message=posted.messages.get(name, ""))
    stage: Any = posted.stage
    post = Post(seq=store.next_seq(tx, report.id), at=shown.at, stage=stage, text=posted.text, components=affected)
    store.add_post(tx, report.id, post, entry=shown.entry, by=shown.by)
    telling.of_post(tx, report.id, post.seq, shown.at)


def moment(text: str, what: str) -> datetime | None:
    """A moment that somebody wrote; one without a zone is in UTC. Raises `Invalid` for what is none."""
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(f"{text[:40]!r} is not a moment.", "Write for example 2026-03-07T22:00.", where=what) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
