"""The post-mortem and its action items."""

from __future__ import annotations

from tocsin.app import App
from tocsin.core import facts
from tocsin.core.facts import ENGINE, Actor
from tocsin.core.incident import Incident
from tocsin.core.review import draft, proposed_actions
from tocsin.core.runbook import Runbook
from tocsin.errors import Invalid, NotFound, Refused
from tocsin.ids import new_id
from tocsin.service import discretion
from tocsin.service.act import find
from tocsin.service.commit import commit
from tocsin.store import incidents, library
from tocsin.store.db import Tx

LONGEST_REVIEW = 512 * 1024


def propose_actions(app: App, tx: Tx, incident: Incident, runbook: Runbook) -> Incident:
    """Propose the scenario's long-term fixes as action items, once."""
    if incident.actions:
        return incident
    now = app.clock.now()
    for text, line in proposed_actions(incident, runbook):
        action = facts.ActionAdded(action=new_id("act", now), text=text, line=line)
        item = library.Action(id=action.action, incident=incident.id, text=text, line=line, created_at=now)
        library.put_action(tx, item)
        incident = commit(app, tx, incident, [action], ENGINE)
    return incident


def open_review(app: App, ref: str, by: Actor) -> library.ReviewText:
    """The post-mortem; drafted from the timeline where there is none yet, and anew while nobody has edited it."""

    def write(tx: Tx) -> library.ReviewText:
        incident, runbook = find(app, tx, ref)
        known = library.review(tx, incident.id)
        if known is not None and known.updated_by != ENGINE.name:
            return known
        text = draft(incident, incidents.timeline(tx, incident.id), runbook, app.settings.directory)
        if incident.review == "":
            incident = commit(app, tx, incident, [facts.ReviewDrafted(words=len(text.split()))], by)
        if known is not None and known.text == text:
            return known
        return _save(app, tx, incident, text, known.version if known else 0, ENGINE)

    return app.db.write(write)


def edit_review(app: App, ref: str, text: str, version: int, by: Actor) -> library.ReviewText:
    """Replace the text. Refused when somebody else was faster: nobody's words are lost."""
    if not text.strip():
        raise Invalid("A post-mortem can't be empty.")
    if len(text) > LONGEST_REVIEW:
        raise Invalid(f"This is {len(text):,} characters long; at most {LONGEST_REVIEW:,} are kept.")

    def write(tx: Tx) -> library.ReviewText:
        incident, _ = find(app, tx, ref)
        if library.review(tx, incident.id) is None:
            raise NotFound(f"{incident.id} has no post-mortem yet.", "Open it first.")
        return _save(app, tx, incident, text, version, by)

    return app.db.write(write)


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


def close_action(app: App, ref: str, action: str, by: Actor) -> Incident:
    """An action item was done."""

    def write(tx: Tx) -> Incident:
        incident, _ = find(app, tx, ref)
        if action not in incident.actions:
            raise NotFound(f"{incident.id} has no action item {action!r}.")
        if incident.actions[action]:
            raise Refused("This action item is already done.")
        library.finish_action(tx, action)
        return commit(app, tx, incident, [facts.ActionDone(action=action)], by)

    return app.db.write(write)


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
