"""Takes alerts from e-mails."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Annotated, Any

from tocsin.core.alert import Alert
from tocsin.errors import Invalid
from tocsin.plug import heard
from tocsin.plug.guarding import Guarded
from tocsin.plug.kinds import Example, Inbound

EXAMPLES = (
    Example(
        settings={"resolved": "^OK:", "alertname": "^(?:ALERT|OK): ([A-Za-z]+)", "severity": "P2"},
        given=b"From: nagios@library.example.org\r\nTo: alerts@tocsin.example.org\r\n"
        b"Subject: ALERT: ShelvesFull on floor 2\r\nMessage-ID: <1@library.example.org>\r\n\r\nNo room.\r\n",
        gives=("ShelvesFull",),
    ),
    Example(settings={"token": "not-a-real-one", "senders": ["nagios@library.example.org"]}),
)

MOST_PARTS = 100
LONGEST_SUBJECT = 1000
LARGEST = 10 * 1024 * 1024
_WHITE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(Guarded):
    r"""Takes e-mails: the subject is the alert's name, or holds it, and the text is its summary.

    They come in by SMTP (`[intake.mail]`), to the source's name at any domain (`NAME@…`), or as raw messages posted to
    `/in/NAME`. An e-mail shows by nothing who sent it: let only your own mail server reach Tocsin, and let it check.
    Patterns are RE2's, and are looked for anywhere in the subject, in any case.
    """

    name: Annotated[str, "How the source is called on the timeline"] = "email"
    resolved: Annotated[str, "A pattern of subjects that tell the end of an alert"] = r"^\W*(resolved|recovered|ok)\b"
    alertname: Annotated[str, "A pattern whose first group is the name; unless told, the subject less `resolved`"] = ""
    ignored: Annotated[str, "A pattern of subjects that tell nothing"] = ""
    severity: Annotated[str, "The severity of these alerts, of the runbook's scale"] = ""
    labels: Annotated[Mapping[str, str], "Label → a pattern whose first group, in the subject, is its value"] = field(
        default_factory=dict
    )
    senders: Annotated[tuple[str, ...], "Addresses in From that may send; unless told, any"] = ()

    def __post_init__(self) -> None:
        groups = {"alertname": self.alertname, **self.labels}
        for name, pattern in {"resolved": self.resolved, "ignored": self.ignored, **groups}.items():
            try:
                found = _compiled(pattern)
            except ValueError as error:
                raise ValueError(f"{name}: {pattern[:60]!r} is not a pattern: {error}.") from None
            if name in groups and pattern and not found.groups:
                raise ValueError(f"{name}: {pattern[:60]!r} has no group; put what is the value in brackets.")

    def parse(self, inbound: Inbound) -> list[Alert]:
        """The alert that the e-mail tells; raises `Unauthorized`, or `Invalid` for what is no e-mail of ours."""
        self.admit(inbound)
        mail = _read(inbound.body)
        subject = _plain(mail.get("Subject"))[:LONGEST_SUBJECT]
        if not subject:
            raise Invalid("the e-mail has no subject.", "The subject is the alert's name.", where="Subject")
        sender = _address(mail)
        if self.senders and sender.lower() not in {one.lower() for one in self.senders}:
            raise Invalid(f"{sender[:100]!r} may not send here.", "Add it to `senders` of the source.", where="From")
        if self.ignored and _compiled(self.ignored).search(subject):
            return []
        over = _compiled(self.resolved).search(subject) if self.resolved else None
        name = _group(self.alertname, subject) if self.alertname else _without(subject, over)
        labels = {
            "alertname": name or subject, "severity": self.severity,
            **{label: _group(pattern, subject) for label, pattern in self.labels.items()},
        }  # fmt: skip
        told = heard.filled(labels)
        known = heard.filled({label: text for label, text in told.items() if label != "severity"})
        notes = {"summary": _text(mail) or subject, "subject": subject, "from": sender}
        return [
            Alert(
                source=self.name, key="\n".join(f"{label}={text}" for label, text in sorted(known.items())),
                labels=told, annotations=heard.filled(notes), status="resolved" if over else "firing",
                starts_at=inbound.received_at, ends_at=inbound.received_at if over else None,
                updated_at=inbound.received_at,
            )
        ]  # fmt: skip

    def message(self, inbound: Inbound) -> str:
        """The e-mail's own id, which its repetition by a mail server has too."""
        return _plain(_read(inbound.body).get("Message-ID"))[:500]


def _read(body: bytes) -> EmailMessage:
    if len(body) > LARGEST:
        raise Invalid(f"the e-mail has {len(body):,} bytes; at most {LARGEST:,} are read.", where="body")
    try:
        return BytesParser(EmailMessage, policy=policy.default).parsebytes(body)
    except (MessageError, ValueError, RecursionError, LookupError, AttributeError, IndexError) as error:
        raise Invalid(f"this is not an e-mail: {error}.", where="body") from None


def _plain(header: object) -> str:
    try:
        return _WHITE.sub(" ", str(header or "")).strip().encode("utf-8", "replace").decode().replace("\0", "")
    except (ValueError, IndexError, AttributeError):
        return ""


def _address(mail: EmailMessage) -> str:
    try:
        return str(mail["From"].addresses[0].addr_spec) if mail["From"] else ""
    except (ValueError, IndexError, AttributeError, TypeError):
        return ""


def _text(mail: EmailMessage) -> str:
    """The readable part; of HTML the words without the markup."""
    for count, part in enumerate(mail.walk()):
        if count >= MOST_PARTS:
            break
        if part.get_content_type() not in ("text/plain", "text/html") or part.get_content_disposition() == "attachment":
            continue
        try:
            words = str(part.get_content())
        except (MessageError, ValueError, LookupError, AttributeError, KeyError):
            continue
        if part.get_content_type() == "text/html":
            words = re.sub(r"<[^<>]{0,2000}>", " ", words)
        words = words.encode("utf-8", "replace").decode().replace("\0", "").strip()
        if words:
            return words[: heard.LONGEST_DETAILS]
    return ""


def _compiled(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.case_sensitive, options.log_errors = False, False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(str(error)) from None


def _group(pattern: str, subject: str) -> str:
    found = _compiled(pattern).search(subject)
    return (found.group(1) or "").strip() if found else ""


def _without(subject: str, over: Any) -> str:
    """The subject without the words that tell the end, so that both e-mails are about the same alert."""
    if over is None:
        return subject
    return f"{subject[: over.start()]}{subject[over.end() :]}".strip(" :;,-–]").strip()
