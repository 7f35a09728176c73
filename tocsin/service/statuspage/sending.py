"""Messages to subscribers, sent one by one beside the outbox: pages to people on call never wait for these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin import wire
from tocsin.app import App
from tocsin.core.notices import Notice
from tocsin.core.statuspage import documents
from tocsin.core.statuspage.model import Post, Public, Report
from tocsin.errors import Undelivered
from tocsin.notifiers.webhook import sign
from tocsin.plug.kinds import Address, Secret
from tocsin.service.statuspage import links
from tocsin.service.statuspage.showing import public_of
from tocsin.service.statuspage.subscribing import KEY
from tocsin.settings.statuspage import StatusPage
from tocsin.store import statuspage as store
from tocsin.store import subscribers
from tocsin.store.db import Tx
from tocsin.store.subscribers import Sending, Subscriber
from tocsin.times import EPOCH

LEASE, TIMEOUT = timedelta(minutes=2), timedelta(seconds=10)
AT_ONCE = 10
MOST_TRIES = 6
_WAIT = (1, 5, 20, 60, 180)
"""Minutes until the next try."""
_GONE = 410
_WORDS: Mapping[str, str] = {
    "investigating": "Investigating", "identified": "Identified", "monitoring": "Monitoring", "resolved": "Resolved",
    "scheduled": "Planned maintenance", "in_progress": "Maintenance has begun", "completed": "Maintenance is over",
    "remind": "Soon: planned maintenance", "begin": "Maintenance has begun", "end": "Maintenance is over",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A message that is to be sent, and all that is known for it. ``key`` signs links."""

    status: StatusPage
    public: Public
    sending: Sending
    to: Subscriber
    report: Report | None
    key: str
    now: datetime


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message before it takes the shape of its way; ``document`` is what a webhook is sent."""

    subject: str
    body: str
    url: str
    document: Mapping[str, object]


def send_due(app: App) -> bool:
    """Send what is due, a handful of messages; whether there was any."""
    status = app.settings.status
    if status is None:
        return False
    now = app.clock.now()
    if not app.db.read(lambda tx: subscribers.backlog(tx, now))[0]:
        return False
    claimed = app.db.write(lambda tx: subscribers.claim(tx, now, now + LEASE, AT_ONCE))
    for sending in claimed:
        _send(app, status, sending)
    return bool(claimed)


def _send(app: App, status: StatusPage, sending: Sending) -> None:
    now = app.clock.now()

    def read(tx: Tx) -> tuple[Subscriber | None, Report | None, Public]:
        report = store.find(tx, sending.report) if sending.report else None
        return subscribers.get(tx, sending.subscriber), report, public_of(status.page, tx, now)

    to, report, public = app.db.read(read)
    key = app.db.write(lambda tx: store.secret(tx, KEY))
    if to is None or not _still(sending, to, report):
        app.db.write(lambda tx: subscribers.settle(tx, sending.id, "dropped", now, "nobody needs it any more"))
        return
    case = _Case(status=status, public=public, sending=sending, to=to, report=report, key=key, now=now)
    try:
        _deliver(app, case)
    except Undelivered as error:
        _failed(app, sending, to, error, now)
        return
    app.db.write(lambda tx: subscribers.settle(tx, sending.id, "done", now))


def _still(sending: Sending, to: Subscriber, report: Report | None) -> bool:
    """Whether a message still tells its receiver something: an update that another one has overtaken does not."""
    if sending.what == "confirm":
        return to.ended_at is None and to.confirmed_at is None
    if not to.counts or report is None or not report.posts:
        return False
    number = sending.what.removeprefix("post:")
    return number == sending.what or (number.isdigit() and int(number) == report.posts[-1].seq) or sending.tries == 1


def _failed(app: App, sending: Sending, to: Subscriber, error: Undelivered, now: datetime) -> None:
    over = error.permanent or sending.tries >= MOST_TRIES
    again = now + timedelta(minutes=_WAIT[min(sending.tries, len(_WAIT)) - 1])

    def write(tx: Tx) -> None:
        subscribers.settle(tx, sending.id, "failed" if over else "due", again, error.message[:300])
        if error.permanent:
            subscribers.end(tx, to.id, f"could not be reached: {error.message}"[:300], now)

    app.db.write(write)


def _letter(case: _Case) -> _Letter:
    name, url, report, what = case.status.page.name, case.status.url, case.report, case.sending.what
    if what == "confirm" or report is None:
        until = case.now + links.CONFIRM_WITHIN
        link = f"{url}/confirm/{links.sign(case.key, 'confirm', case.to.id, until)}"
        body = (
            f"Somebody asked that updates of {name} be sent to this address.\n\n"
            f"If that was you, confirm it within two days:\n{link}\n\nElse do nothing, and nothing will come."
        )
        asked = {"type": "subscription.confirm", "confirm_url": link, "page": name}
        return _Letter(f"Confirm: updates of {name}", body, link, asked)
    at = int(what.removeprefix("post:")) if what.startswith("post:") else 0
    post = next((each for each in report.posts if each.seq == at), report.posts[-1])
    standing = {f"status_{key}": said for key, said in documents.status_document(case.public, case.now).items()}
    end = _end_of(case)
    said: dict[str, object] = {  # as Statuspage's webhooks are: support.atlassian.com, "Enable webhook notifications"
        "meta": {"unsubscribe": end, "documentation": url, "generated_at": documents.stamp(case.now)},
        "page": {"id": documents.page_id(case.public), **standing},
        "incident": documents.report_document(case.public, report, url, case.now),
    }
    subject = f"[{name}] {_WORDS.get(what) or _WORDS[post.stage]}: {report.title}"
    return _Letter(subject, _body(case.status, report, post), f"{url}/incidents/{report.id}.html", said)


def _end_of(case: _Case) -> str:
    """The link by which a subscriber gets no more."""
    return f"{case.status.url}/unsubscribe/{links.sign(case.key, 'end', case.to.id)}"


def _body(status: StatusPage, report: Report, post: Post) -> str:
    names = {each.id: each.name for each in status.page.components}
    lines = [
        f"{names.get(name, name)}: {each.message or documents.WORDS[each.state]}"
        for name, each in post.components.items()
    ]
    when = f"{report.begun_at:%Y-%m-%d %H:%M} to {report.over_at:%Y-%m-%d %H:%M} UTC" if report.ends_at else ""
    return "\n\n".join(part for part in (when, post.text, "\n".join(lines)) if part)


def _deliver(app: App, case: _Case) -> None:
    """Hand a message over once; raises `Undelivered`."""
    status, to, sending, letter = case.status, case.to, case.sending, _letter(case)
    end = _end_of(case)
    if to.kind != "mail":
        _post(case, {**letter.document, "unsubscribe_url": end})
        return
    notifier = app.settings.notifiers.get(status.mail)
    if notifier is None:
        raise Undelivered("No notifier for mail is configured.", "Set [status] mail.")
    asked = sending.what == "confirm"
    notice = Notice(
        id=sending.id, incident=sending.report or sending.id, kind="inform", to=to.id, subject=letter.subject,
        why="" if asked else f"you asked for updates of {status.page.name}. To get no more: {end}",
        body=letter.body, url=letter.url,
    )  # fmt: skip
    more = {} if asked else {"unsubscribe": end}
    notifier.send(notice, Address(name=to.address, fields={"email": to.address, **more}), TIMEOUT)


def _post(case: _Case, document: Mapping[str, object]) -> None:
    """Post to a stranger's address, signed as Standard Webhooks are; private networks are never reached."""
    from tocsin.plug.web import NoAnswer, fetch

    message, secret = case.sending.id, Secret(links.secret_of(case.key, case.to.id))
    body, moment = wire.encode(document), str(int((case.now - EPOCH).total_seconds()))
    headers = {
        "content-type": "application/json; charset=utf-8", "webhook-id": message, "webhook-timestamp": moment,
        "webhook-signature": sign(secret, message, moment, body),
    }  # fmt: skip
    try:
        answer = fetch(
            case.to.address, TIMEOUT, method="POST", headers=headers, body=body, allow=case.status.allow, max_bytes=0
        )
    except NoAnswer as error:
        raise Undelivered(error.message, error.hint, permanent=error.permanent) from None
    if not 200 <= answer.status < 300:
        raise Undelivered(f"The address answers {answer.status}.", permanent=answer.status == _GONE)
