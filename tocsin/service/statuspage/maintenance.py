"""Planned maintenance, and maintenance mode: while it lasts health checks answer 503. Both end by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from msgspec import Meta

from tocsin.app import App
from tocsin.core.statuspage import moves
from tocsin.core.statuspage.model import Affected, Post, Report
from tocsin.errors import Invalid, NotFound, Refused
from tocsin.ids import new_id
from tocsin.service import discretion
from tocsin.service.catalogue import allow
from tocsin.service.respond import Name, Words
from tocsin.service.statuspage import telling
from tocsin.service.statuspage.publishing import moment
from tocsin.service.statuspage.showing import configured
from tocsin.store import statuspage as store
from tocsin.store.db import Tx
from tocsin.times import parse_duration, say_duration

LONGEST = timedelta(days=31)
FURTHEST = timedelta(days=366)
MOST_AHEAD = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """A maintenance: from when (unless told, now), until when or for how long, what it touches.

    ``offline``: maintenance mode, in which health checks answer 503 while it lasts. ``remind``: so long before it
    begins subscribers are reminded; 0s: not.
    """

    title: Name
    text: Words
    starts_at: Name = ""
    ends_at: Name = ""
    lasts: Annotated[Name, Meta(description="for how long, in place of its end: 2h")] = ""
    components: tuple[str, ...] = ()
    messages: dict[str, str] = field(default_factory=dict)
    remind: Name = "24h"
    offline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The end of a maintenance before its time, or its calling off; ``text`` says so to the public."""

    text: Words = ""


def plan(app: App, wanted: Planning, by: str, role: str) -> Report:
    """Plan a maintenance, or begin one now. Raises `Invalid` where it has no end, or one that can't be."""
    allow(role, "responder", "plan a maintenance")
    page, now = configured(app).page, app.clock.now()
    begun = max(moment(wanted.starts_at, "starts_at") or now, now)
    ends = _end(wanted, begun)
    _check(begun, ends, now)
    chosen = moves.affected(page, dict.fromkeys(wanted.components, "maintenance"))
    said = moves.messages(
        page, {name: discretion.said(app, text) for name, text in wanted.messages.items()}, chosen
    )  # fmt: skip
    report = Report(
        id=new_id("mnt", now), kind="maintenance", title=moves.title_of(discretion.said(app, wanted.title)),
        begun_at=begun, created_at=now, ends_at=ends, offline=wanted.offline,
        remind_seconds=_span(wanted.remind or "0s", "remind").total_seconds(),
    )  # fmt: skip
    affected = {name: Affected(state="maintenance", message=said.get(name, "")) for name in chosen}
    post = Post(
        seq=1, at=now, stage="in_progress" if begun <= now else "scheduled",
        text=moves.text_of(discretion.said(app, wanted.text)), components=affected,
    )  # fmt: skip

    def write(tx: Tx) -> Report:
        ahead = [each for each in store.reports(tx, now) if each.kind == "maintenance" and each.open(now)]
        if len(ahead) >= MOST_AHEAD:
            raise Refused(f"{len(ahead)} maintenances are planned already.", "Call some of them off.")
        store.put(tx, report, now)
        store.add_post(tx, report.id, post, by=by)
        telling.of_plan(tx, report, now)
        tx.after_commit(app.bell.ring)
        return replace(report, posts=(post,))

    return app.db.write(write)


def end(app: App, report_id: str, wanted: Ending, by: str, role: str) -> Report:
    """End a maintenance now; one that has not begun is called off."""
    allow(role, "responder", "end a maintenance")
    now = app.clock.now()

    def write(tx: Tx) -> Report:
        report = _found(tx, report_id)
        if not report.open(now):
            raise Refused("It is over already.", "`tocsin status-page show` lists what is planned.")
        ended = replace(report, ended_at=max(now, report.created_at) if report.begun_at < now else report.begun_at)
        store.put(tx, ended, now)
        post = _post(app, tx, ended, "completed", wanted.text or _over(report, now), now)
        store.add_post(tx, report.id, post, by=by)
        telling.of_end(tx, ended, post.seq, now)
        tx.after_commit(app.bell.ring)
        return replace(ended, posts=(*report.posts, post))

    return app.db.write(write)


def update(app: App, report_id: str, text: str, by: str, role: str) -> Report:
    """Say more of a maintenance that is planned or goes on."""
    allow(role, "responder", "write on the status page")
    now = app.clock.now()

    def write(tx: Tx) -> Report:
        report = _found(tx, report_id)
        if not report.open(now):
            raise Refused("It is over.", "Plan another one.")
        post = _post(app, tx, report, report.stage(now), text, now)
        store.put(tx, report, now)
        store.add_post(tx, report.id, post, by=by)
        telling.of_post(tx, report.id, post.seq, now)
        tx.after_commit(app.bell.ring)
        return replace(report, posts=(*report.posts, post))

    return app.db.write(write)


def _post(app: App, tx: Tx, report: Report, stage: str, text: str, now: datetime) -> Post:
    words: Any = stage
    before = report.posts[-1].components if report.posts else {}
    said = moves.text_of(discretion.said(app, text))
    return Post(seq=store.next_seq(tx, report.id), at=now, stage=words, text=said, components=before)


def _found(tx: Tx, report_id: str) -> Report:
    report = store.find(tx, report_id)
    if report is None or report.kind != "maintenance":
        raise NotFound("There is no such maintenance.", "`tocsin status-page show` lists them.")
    return report


def _over(report: Report, now: datetime) -> str:
    return "It is over." if report.begun_at < now else "It was called off."


def _end(wanted: Planning, begun: datetime) -> datetime:
    ends = moment(wanted.ends_at, "ends_at")
    if (ends is None) is (not wanted.lasts.strip()):
        raise Invalid("A maintenance has one end.", "Say until when, or for how long; not both.", where="ends_at")
    return ends if ends is not None else begun + _span(wanted.lasts, "lasts")


def _span(text: str, where: str) -> timedelta:
    try:
        return min(parse_duration(text), FURTHEST)
    except ValueError as error:
        raise Invalid(str(error), where=where) from None


def _check(begun: datetime, ends: datetime, now: datetime) -> None:
    if ends <= begun:
        raise Invalid("It would end before it begins.", "Check both moments; they are in UTC.")
    if ends - begun > LONGEST:
        said = f"It would last {say_duration(ends - begun)}; at most {say_duration(LONGEST)} are taken."
        raise Invalid(said, "Plan it in parts.")
    if begun - now > FURTHEST:
        raise Invalid("That is more than a year ahead.", "Plan it later.")
