"""Replies by mail: the address that a page was sent with shows who may answer what; who seems to send it never does."""

from __future__ import annotations

import re
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser

from tocsin.app import App
from tocsin.core.answering import LONGEST_ANSWER, understood
from tocsin.core.facts import ENGINE, Entry
from tocsin.core.notices import Notice
from tocsin.errors import Invalid, Refused, TocsinError, Unauthorized
from tocsin.ids import digest
from tocsin.service import answering, notifying, signing
from tocsin.service.answering import MAIL, Answer, From
from tocsin.store import incidents
from tocsin.store.db import Tx

LARGEST = 1024 * 1024
MOST_PARTS = 50
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"<(?:br|/p|/div|blockquote)\b[^<>]{0,2000}>", re.IGNORECASE)
_QUOTED = re.compile(r"<blockquote\b.*", re.IGNORECASE | re.DOTALL)


def for_us(app: App, address: str) -> str | None:
    """The token of an address for replies; None for any other address, "" where it has none."""
    mailbox = app.settings.answers.mail
    local, _, domain = address.strip("<>").rpartition("@")
    name, _, token = local.partition("+")
    ours, _, our_domain = mailbox.partition("@")
    if not mailbox or name.lower() != ours.lower() or domain.lower() != our_domain.lower():
        return None
    return token


def take(app: App, body: bytes, token: str) -> None:
    """Take one reply; what came of it is told to who answered, by the ways in which they are told anything.

    Raises `Unauthorized` for an address that is not ours (any more) or a sender who is not its owner, `Invalid` for
    what is no mail. What a machine sent by itself, like the word that somebody is on holiday, is passed over.
    """
    signed = signing.read(app, MAIL, token, app.clock.now())
    mail = _read(body)
    _must_be_theirs(app, mail, signed.person)
    if _is_automatic(mail):
        return
    own = _own_name(mail, body)
    try:
        made = answering.answer(
            app, signed.ref, understood(_text(mail)), From(person=signed.person, via="mail", since=signed.at, own=own)
        )
    except (Invalid, Refused) as error:
        _tell(app, signed, str(error), own)
        return
    _tell(app, signed, made.says, own, made)


def _tell(app: App, signed: signing.Signed, says: str, own: str, made: Answer | None = None) -> None:
    def write(tx: Tx) -> None:
        incident = made.incident if made else incidents.load(tx, signed.ref)
        if incident is None or not incident.is_shown_to(signed.person):
            return
        entry = Entry(seq=incident.version, at=app.clock.now(), by=ENGINE, fact=None)
        notice: Notice = answering.told_back(incident, signed.person, says, own)
        notifying.put(app, tx, incident, entry, [notice])

    app.db.write(write)


def _must_be_theirs(app: App, mail: EmailMessage, person: str) -> None:
    """The address was theirs alone: a reply that comes from elsewhere was sent by whom it was forwarded to."""
    known = app.settings.directory.people[person].contacts.get("email", "")
    try:
        sender = str(mail["From"].addresses[0].addr_spec)
    except (IndexError, AttributeError, ValueError, TypeError):
        sender = ""
    if not known or sender.casefold() != known.casefold():
        raise Unauthorized("This address is for one person's replies, from their own mailbox.", "Sign in instead.")


def _is_automatic(mail: EmailMessage) -> bool:
    said = _header(mail, "Auto-Submitted").lower()
    bulk = _header(mail, "Precedence").lower() in ("bulk", "list", "junk", "auto_reply")
    return (bool(said) and said != "no") or bulk or bool(_header(mail, "X-Autoreply"))


def _own_name(mail: EmailMessage, body: bytes) -> str:
    named = _header(mail, "Message-ID")
    return digest(named or body.decode("latin-1")).removeprefix("sha256:")[:24]


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return str(mail.get(name) or "").strip()[:500]
    except (ValueError, IndexError, AttributeError):
        return ""


def _read(body: bytes) -> EmailMessage:
    if len(body) > LARGEST:
        raise Invalid(f"This reply has {len(body):,} bytes; at most {LARGEST:,} are read.")
    try:
        return BytesParser(EmailMessage, policy=policy.default).parsebytes(body)
    except (MessageError, ValueError, RecursionError, LookupError, AttributeError, IndexError) as error:
        raise Invalid(f"This is not an e-mail: {error}.") from None


def _text(mail: EmailMessage) -> str:
    """What somebody wrote: the plain part, else the words of the other one without what it quotes."""
    for kind in ("text/plain", "text/html"):
        for part in list(mail.walk())[:MOST_PARTS]:
            if part.get_content_type() != kind or part.get_content_disposition() == "attachment":
                continue
            try:
                words = str(part.get_content())
            except (TocsinError, MessageError, ValueError, LookupError, AttributeError, KeyError):
                continue
            if kind == "text/html":
                words = _TAG.sub(" ", _BREAK.sub("\n", _QUOTED.sub("", words)))
            words = words.encode("utf-8", "replace").decode().replace("\0", "").strip()
            if words:
                return words[:LONGEST_ANSWER]
    return ""
