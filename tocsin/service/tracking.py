"""Action items in the team's tracker: made there once, and followed back when they are closed there.

That an item is to be made is a row of the transaction that asks for it; a worker makes it. Its text holds a marker, so
that an attempt of which nobody knows how it ended is looked for before anything is made again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any

from msgspec import Meta

from tocsin.app import App
from tocsin.core import facts, learning
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.learningstate import ActionState
from tocsin.errors import Refused
from tocsin.plug.github import Issue, Issues, NotTracked
from tocsin.plug.kinds import Secret
from tocsin.service import actions, discretion
from tocsin.service.act import find
from tocsin.service.commit import commit
from tocsin.settings.reviewing import Tracker
from tocsin.store import incidents, issues
from tocsin.store.db import Tx
from tocsin.store.issues import Tracked
from tocsin.times import MICROSECOND

LEASE = timedelta(minutes=2)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
EARLIER = timedelta(minutes=5)
"""The tracker's clock may be behind ours by so much."""
_TIMEOUT = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """An action item; none named: every open one."""

    only: Annotated[str, Meta(max_length=300, description="one action item, by its id; unless told every open one")] = (
        ""
    )


def track_actions(app: App, ref: str, request: Chosen, by: Actor) -> Incident:
    """Make action items in the team's tracker, too; each once."""

    def write(tx: Tx) -> Incident:
        incident, _ = find(app, tx, ref)
        tracker = _tracker(app)
        if incident.team.private:
            raise Refused(f"{incident.id} is private, so nothing of it leaves the house.")
        untracked = (name for name, item in incident.learning.actions.items() if item.state == "open" and not item.key)
        chosen = (request.only,) if request.only else tuple(untracked)
        for name in chosen:
            learning.action_of(incident, name)
        now = app.clock.now()
        in_order = {name: now - (len(chosen) - at) * MICROSECOND for at, name in enumerate(chosen)}
        new = [name for name, at in in_order.items() if issues.want(tx, name, incident.id, tracker.name, at)]
        if not new:
            raise Refused("Every open action item is tracked already, or waits for that.")
        tx.after_commit(app.bell.ring)
        return commit(app, tx, incident, [facts.TrackingAsked(actions=tuple(new), tracker=tracker.name)], by)

    return app.db.write(write)


def turn(app: App) -> bool:
    """Make and ask what is due; whether there was anything."""
    tracker = app.settings.reviewing.tracker
    if tracker is None:
        return False
    now = app.clock.now()
    if (app.db.read(issues.next_due) or now + LEASE) > now:
        return False
    leased = app.db.write(lambda tx: issues.lease(tx, now, now + LEASE))
    for each in leased:
        _work(app, tracker, each)
    return bool(leased)


def seen(app: App, told: Iterable[tuple[str, bool]]) -> int:
    """Take in what the tracker says by itself: an issue's address, and whether it is closed; how many were ours."""
    ours = 0
    for url, closed in told:
        known = app.db.read(lambda tx, url=url: issues.by_url(tx, url))  # type: ignore[misc]
        if known is not None:
            _heard(app, known, closed=closed)
            ours += 1
    return ours


def _work(app: App, tracker: Tracker, known: Tracked) -> None:
    """One item: made, or asked how it stands; what goes wrong is tried again, later and later."""
    try:
        if known.state == "wanted":
            _made(app, known, _make(app, tracker, known))
        else:
            found = _github(tracker).get(known.key, known.etag) if tracker.kind == "github" else None
            now = app.clock.now()
            current = replace(known, etag=found.etag) if found else known
            app.db.write(lambda tx: issues.linked(tx, current, closed=False, due=now + tracker.every))
            if found is not None and found.closed:
                _heard(app, known, closed=True)
    except NotTracked as error:
        wait = error.wait or min(FIRST_WAIT * 2 ** min(known.attempts, 10), LONGEST_WAIT)
        wait = LONGEST_WAIT if error.permanent else wait
        said, now = discretion.said(app, f"{error.message} {error.hint}".strip()), app.clock.now()
        app.db.write(lambda tx: issues.later(tx, known, said, now, wait))


def _make(app: App, tracker: Tracker, known: Tracked) -> Issue:
    incident = app.db.read(lambda tx: incidents.load(tx, known.incident))
    item = incident.learning.actions.get(known.action) if incident else None
    if incident is None or item is None:
        raise NotTracked(f"{known.incident} has no action item {known.action}.", permanent=True)
    if incident.team.private:  # it may have become so after it was asked for
        raise NotTracked(f"{known.incident} is private, so nothing of it leaves the house.", permanent=True)
    if tracker.kind == "webhook":
        return _post(app, tracker, incident, known.action, item)
    github, marker = _github(tracker), f"<!-- tocsin:{known.action} -->"
    if known.attempts and (found := github.find(marker, known.wanted_at - EARLIER)) is not None:
        return found  # an attempt before this one did it, and we never heard of it
    return github.create(
        item.text, f"{_words(app, incident, item)}\n\n{marker}\n", tracker.labels, tracker.assignees.get(item.owner, "")
    )


def _words(app: App, incident: Incident, item: ActionState) -> str:
    lines = [f"After {incident.id} ({incident.severity}): {incident.title}", ""]
    if item.line:
        lines.append(f"The runbook asks for it on line {item.line}.")
    if item.evidence:
        lines.append(f"Why: {item.evidence}")
    if item.due_at:
        lines.append(f"Due: {item.due_at:%Y-%m-%d}")
    if app.settings.base_url:
        lines += ["", f"{app.settings.base_url}/incidents/{incident.id}/review"]
    return "\n".join(lines)


def _post(app: App, tracker: Tracker, incident: Incident, action: str, item: ActionState) -> Issue:
    """Any tracker: one signed request, the same ``webhook-id`` on every retry; it may answer with a key and a url."""
    from tocsin.notifiers.webhook import sign
    from tocsin.plug.web import NoAnswer, fetch

    body = json.dumps({
        "type": "tocsin.action", "id": action, "incident": incident.id, "severity": incident.severity,
        "title": incident.title, "text": item.text, "owner": item.owner, "evidence": item.evidence,
        "due": item.due_at.isoformat() if item.due_at else None, "labels": list(tracker.labels),
    }).encode()  # fmt: skip
    moment = str(int(app.clock.now().timestamp()))
    headers = {"content-type": "application/json", "webhook-id": action, "webhook-timestamp": moment}
    if tracker.secret:
        headers["webhook-signature"] = sign(Secret(tracker.secret), action, moment, body)
    if tracker.token:
        headers["authorization"] = f"Bearer {tracker.token}"
    try:
        answer = fetch(tracker.url, _TIMEOUT, method="POST", headers=headers, body=body, allow=tracker.allow)
    except NoAnswer as error:
        raise NotTracked(error.message, error.hint, permanent=error.permanent) from None
    if not 200 <= answer.status < 300:
        raise NotTracked(f"{tracker.name} answers {answer.status}.", permanent=400 <= answer.status < 500)
    told = _answered(answer.body)
    url = str(told.get("url", ""))
    return Issue(key=str(told.get("key", ""))[:60] or action, url=url if url.startswith("https://") else "")


def _answered(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _made(app: App, known: Tracked, issue: Issue) -> None:
    tracker, now = _tracker(app), app.clock.now()
    after = replace(known, key=issue.key, url=issue.url, etag=issue.etag)

    def write(tx: Tx) -> None:
        incident, _ = find(app, tx, known.incident)
        issues.linked(tx, after, closed=tracker.kind == "webhook", due=now + tracker.every)
        item = incident.learning.actions.get(known.action)
        if item is None or item.key == issue.key:
            return
        fact = facts.ActionTracked(
            action=known.action, tracker=tracker.name, key=issue.key, url=issue.url, text=item.text
        )
        commit(app, tx, incident, [fact], Actor("source", tracker.name))

    app.db.write(write)


def _heard(app: App, known: Tracked, *, closed: bool) -> None:
    """The item is done because its issue is closed, or is to be done again."""
    now, by = app.clock.now(), Actor("source", known.tracker)
    fact: Any = facts.ActionDone(action=known.action)
    if not closed:
        fact = facts.ActionReopened(action=known.action, why=f"{known.key} was reopened")
    actions.heard(app, known.incident, known.action, fact, by)
    app.db.write(lambda tx: issues.linked(tx, known, closed=closed, due=now + _tracker(app).every))


def _github(tracker: Tracker) -> Issues:
    return Issues(repository=tracker.repository, token=tracker.token, url=tracker.url, allow=tracker.allow)


def _tracker(app: App) -> Tracker:
    if app.settings.reviewing.tracker is None:
        raise Refused("No tracker is set up.", "Write [tracker] into tocsin.toml.")
    return app.settings.reviewing.tracker
