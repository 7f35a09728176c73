"""Takes alerts from any JSON, by a mapping that the configuration gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from tocsin.core.alert import Alert
from tocsin.errors import Invalid
from tocsin.plug.guarding import Guarded, check_signature, fingerprint_of
from tocsin.plug.kinds import NO_SECRET, Example, Inbound, Secret
from tocsin.times import EPOCH
from tocsin.wire import read_json

EXAMPLES = (
    Example(
        settings={
            "alerts": "events", "labels": {"alertname": "check.title", "service": "tags.0"},
            "annotations": {"summary": "message"}, "fixed": {"severity": "critical"},
            "status": "state", "starts_at": "since", "url": "link",
        },
        given=b"""{"events": [{"check": {"title": "LoginSlow"}, "tags": ["web"], "message": "p95 is 900 ms",
            "state": "alarm", "since": 1795216651, "link": "https://checks.example.org/7"}]}""",
        gives=("LoginSlow",),
    ),
    Example(settings={"labels": {"alertname": "name"}}, given=b'{"name": "Backup", "x": 1}', gives=("Backup",)),
    Example(settings={"labels": {"alertname": "name"}, "secret": "not-a-real-one", "signature_header": "X-Signature"}),
)  # fmt: skip

_STEP = re.compile(r"(?:[^.\\]|\\.)+")
_MOST_ALERTS = 10_000
_LATEST = 253_402_300_799  # the last second of the year 9999


@dataclass(frozen=True, slots=True, kw_only=True)
class Generic(Guarded):
    """Takes alerts from JSON of any shape.

    A path names a place in it: ``check.title``, ``tags.0`` (a list's first item), ``a\\.b`` (a key with a dot).
    """

    labels: Annotated[Mapping[str, str], "Label name → path; alertname is needed here or in fixed"]
    name: Annotated[str, "How the source is called on the timeline"] = "generic"
    alerts: Annotated[str, "Path of the list of alerts; empty where the body is one alert or a list"] = ""
    annotations: Annotated[Mapping[str, str], "Annotation name → path"] = field(default_factory=dict)
    fixed: Annotated[Mapping[str, str], "Labels that every alert gets, with their values"] = field(default_factory=dict)
    status: Annotated[str, "Path of the state; empty means always firing"] = ""
    resolved: Annotated[tuple[str, ...], "States that mean resolved, in any case"] = ("resolved", "ok", "closed", "up")
    starts_at: Annotated[str, "Path of the start, as text or Unix time"] = ""
    ends_at: Annotated[str, "Path of the end, as text or Unix time"] = ""
    url: Annotated[str, "Path of a link to the alert"] = ""
    key: Annotated[str, "Path of the sender's own name for the alert; unless told, its labels tell it"] = ""
    secret: Annotated[Secret, "With which the sender signs the raw body (HMAC-SHA256, in hexadecimal)"] = NO_SECRET
    signature_header: Annotated[str, "The header that holds the signature"] = "X-Signature"
    signature_prefix: Annotated[str, "What stands before the signature there, for example sha256="] = ""
    timestamp_header: Annotated[str, "The header with the time of signing, where TIME:BODY is signed"] = ""

    @property
    def guarded(self) -> bool:
        """Whether the source itself looks who sends."""
        return bool(self.token.value or self.secret.value)

    def admit(self, inbound: Inbound) -> None:
        """Raise `Unauthorized` unless token and signature, as far as they are set, are right."""
        Guarded.admit(self, inbound)
        if self.secret.value:
            header, time = self.signature_header, self.timestamp_header
            check_signature(inbound, self.secret, header, prefix=self.signature_prefix, timestamp=time)

    def message(self, inbound: Inbound) -> str:
        """A name of a message whose time was signed; others may be the same because nothing has changed."""
        timed = bool(self.secret.value and self.timestamp_header)
        return fingerprint_of(inbound, self.timestamp_header) if timed else ""

    def __post_init__(self) -> None:
        if "alertname" not in self.labels and "alertname" not in self.fixed:
            raise ValueError("labels has no alertname; without it no alert has a name.")
        paths = (*self.labels.values(), *self.annotations.values(), self.alerts, self.status, self.starts_at, self.url)
        for path in filter(None, (*paths, self.ends_at, self.key)):
            _steps(path)

    def parse(self, inbound: Inbound) -> list[Alert]:
        """The alerts in the body; raises `Unauthorized`, or `Invalid` with the place of the fault."""
        self.admit(inbound)
        body = read_json(inbound.body)
        root = "$" + "".join(f".{step}" for step in _steps(self.alerts)) if self.alerts else "$"
        found = _look(body, self.alerts) if self.alerts else body
        if isinstance(found, dict):
            return [self._alert(found, root, inbound.received_at)]
        if not isinstance(found, list):
            raise Invalid("there is no alert or list of alerts.", where=root)
        if len(found) > _MOST_ALERTS:
            raise Invalid(f"{len(found):,} alerts are too many; at most {_MOST_ALERTS:,} are read.", where=root)
        return [self._alert(item, f"{root}[{number}]", inbound.received_at) for number, item in enumerate(found)]

    def _alert(self, item: Any, where: str, received_at: datetime) -> Alert:
        labels = {**_texts(item, self.labels, where), **self.fixed}
        if not labels.get("alertname"):
            raise Invalid("there is no name for the alert.", where=f"{where}.{self.labels.get('alertname', '')}")
        state = (_text(item, self.status, where) or "") if self.status else ""
        is_resolved = state.lower() in {word.lower() for word in self.resolved}
        ends_at = _moment(item, self.ends_at, where)
        url = (_text(item, self.url, where) or "") if self.url else ""
        return Alert(
            source=self.name,
            key=(_text(item, self.key, where) or "") if self.key else "",
            labels=labels,
            annotations=_texts(item, self.annotations, where),
            status="resolved" if is_resolved else "firing",
            starts_at=_moment(item, self.starts_at, where) or received_at,
            ends_at=ends_at or received_at if is_resolved else ends_at,
            updated_at=received_at,
            url=url if url.startswith(("http://", "https://")) else "",
        )


def _steps(path: str) -> list[str]:
    steps = [re.sub(r"\\(.)", r"\1", step) for step in _STEP.findall(path)]
    if not steps or path.startswith(".") or path.endswith(".") or ".." in path:
        raise ValueError(f"{path!r} is not a path; write for example check.title or tags.0.")
    return steps


def _look(value: Any, path: str) -> Any:
    """What stands at the path, or None."""
    for step in _steps(path):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and re.fullmatch(r"[0-9]{1,6}", step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _text(item: Any, path: str, where: str) -> str | None:
    value = _look(item, path)
    if isinstance(value, dict | list):
        raise Invalid("expected text or a number.", where=f"{where}.{path}")
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _texts(item: Any, paths: Mapping[str, str], where: str) -> dict[str, str]:
    found = {name: _text(item, path, where) for name, path in paths.items()}
    return {name: text for name, text in found.items() if text}


def _moment(item: Any, path: str, where: str) -> datetime | None:
    """Text with a zone, or Unix time in seconds or milliseconds → UTC."""
    text = _text(item, path, where) if path else None
    if not text or text.startswith("0001-01-01"):
        return None
    try:
        if re.fullmatch(r"\d{1,16}(?:\.\d+)?", text):
            seconds = float(text)
            return EPOCH + timedelta(seconds=seconds / 1000 if seconds > _LATEST else seconds)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Invalid(f"{text[:40]!r} is not a time with a zone.", where=f"{where}.{path}")
