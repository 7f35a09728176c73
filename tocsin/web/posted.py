"""Alerts as Alertmanager's API v2 posts them: from bytes to alerts, for both doors.

`read_posted` takes any message and says what is wrong with it. `Reader` takes only what is clearly good, in the compact
spelling of Go's and other writers of JSON, and remembers labels, annotations and moments by their bytes: a monitoring
system says the same again and again. What it does not take, it hands back, so that `read_posted` answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Generic, TypeVar

import msgspec

from tocsin import wire
from tocsin.core.alert import Alert
from tocsin.core.hearing import RESOLVED, Heard
from tocsin.errors import Invalid
from tocsin.ids import fingerprint
from tocsin.plug.masking import mask_text
from tocsin.store.parcels import pack_word
from tocsin.times import to_micros

SOURCE = "prometheus"
RESOLVE_TIMEOUT = timedelta(minutes=5)
LARGEST_ALERT = 256 * 1024
MOST_REMEMBERED = 16 * 1024 * 1024
"""Bytes of labels that a reader remembers, and as many of annotations; a quarter of it of moments and addresses."""
LABEL = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,500}")
"""A label's name, as Prometheus 3 and Alertmanager 0.27 take it: any text (``http.status``, ``k8s.io/name``)."""

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_TIMEOUT = RESOLVE_TIMEOUT // timedelta(microseconds=1)

Time = Annotated[str, msgspec.Meta(max_length=60)]
V = TypeVar("V")


class PostableAlert(msgspec.Struct):
    """An alert as Prometheus and amtool post it; keys that we don't know are passed over."""

    labels: dict[str, str]
    annotations: dict[str, str] | None = None
    startsAt: Time | None = None  # noqa: N815 -- Alertmanager's name
    endsAt: Time | None = None  # noqa: N815
    generatorURL: str | None = None  # noqa: N815


def read_posted(given: object, now: datetime) -> tuple[list[Alert], list[str]]:
    """The good alerts of a message, and what is wrong with the others. Raises `Invalid` where it can't be read."""
    posted = wire.convert(list[PostableAlert], given)
    times = [(moment(alert.startsAt), moment(alert.endsAt)) for alert in posted]
    good, faults = [], []
    for one, (starts_at, ends_at) in zip(posted, times, strict=True):
        alert = _alert(one, starts_at or ends_at or now, ends_at or now + RESOLVE_TIMEOUT, now)
        fault = _fault(alert)
        if fault:
            faults.append(fault)
        else:
            good.append(alert)
    return good, faults


def moment(text: str | None) -> datetime | None:
    """RFC 3339 with up to nine decimals; Go's zero time and nothing at all mean "not given"."""
    if not text or text.startswith("0001-01-01"):
        return None
    parts = _TIME.fullmatch(text)
    try:
        day, time, fraction, zone = parts.groups() if parts else ("", "", "", "")
        whole = f"{day}T{time}{(fraction or '')[:7]}{zone.upper().replace('Z', '+00:00')}"
        return datetime.fromisoformat(whole).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(f"parsing time {text!r} failed, it is not RFC 3339") from None


def _alert(posted: PostableAlert, starts_at: datetime, ends_at: datetime, now: datetime) -> Alert:
    return Alert(
        source=SOURCE,
        labels={name: value for name, value in posted.labels.items() if value},
        annotations=posted.annotations or {},
        status="firing" if ends_at > now else "resolved",
        starts_at=starts_at,
        ends_at=ends_at,
        updated_at=now,
        url=posted.generatorURL or "",
    )


def _fault(alert: Alert) -> str:
    """What is wrong with an alert, in Alertmanager's words; empty for a good one."""
    if not alert.labels:
        return "at least one label pair required"
    bad = _bad_name((*alert.labels, *alert.annotations))
    if bad is not None:
        return f"invalid label set: invalid name {bad[:60]!r}"
    if alert.ends_at is not None and alert.ends_at < alert.starts_at:
        return "start time must be before end time"
    texts = (*alert.labels.items(), *alert.annotations.items(), ("", alert.url))
    if sum(len(name) + len(value) for name, value in texts) > LARGEST_ALERT:
        return f"the alert has more than {LARGEST_ALERT} characters"
    return ""


def _bad_name(names: Iterable[str]) -> str | None:
    return next((name for name in names if not LABEL.fullmatch(name)), None)


# --- what is said again and again ------------------------------------------------------------------------------------


class Unusual(Exception):
    """Not of the kind that is read swiftly."""


class _Spelled(msgspec.Struct):
    """An alert of which every value is still as it was spelled; empty for a key that is not there."""

    labels: msgspec.Raw = msgspec.Raw()
    annotations: msgspec.Raw = msgspec.Raw()
    startsAt: msgspec.Raw = msgspec.Raw()  # noqa: N815
    endsAt: msgspec.Raw = msgspec.Raw()  # noqa: N815
    generatorURL: msgspec.Raw = msgspec.Raw()  # noqa: N815


wire.prepare(list[_Spelled])
_spelled = msgspec.json.Decoder(list[_Spelled])
_KEYS = (len('"labels":,'), len('"annotations":,'), len('"startsAt":,'), len('"endsAt":,'), len('"generatorURL":,'))


class Memory(Generic[V]):
    """What was made of bytes, for as long as it is asked for: at most ``most`` bytes of them in two generations."""

    def __init__(self, make: Callable[[bytes], V], most: int) -> None:
        self._make, self._most = make, most // 2
        self._young: dict[bytes, V] = {}
        self._old: dict[bytes, V] = {}
        self._size = 0

    def get(self, raw: bytes) -> V:
        """What it makes of these bytes; raises what making it raises, and remembers nothing then."""
        found = self._young.get(raw)
        if found is not None:
            return found
        found = self._old.get(raw)
        if found is None:
            found = self._make(raw)
        size = 2 * len(raw) + 200  # what was made of it is about as long
        self._size += size
        if self._size > self._most:
            self._old, self._young, self._size = self._young, {}, size
        self._young[raw] = found
        return found


class Reader:
    """Reads what is clearly good into words for the intake's log, without the declared secrets. For one thread."""

    def __init__(self, secrets: tuple[str, ...], naming_secrets: tuple[str, ...]) -> None:
        self._secrets, self._naming_secrets = secrets, naming_secrets
        self._labels = Memory(self._make_labels, MOST_REMEMBERED)
        self._notes = Memory(self._make_notes, MOST_REMEMBERED)
        self._moments = Memory(_make_moment, MOST_REMEMBERED // 4)
        self._urls = Memory(self._make_url, MOST_REMEMBERED // 4)

    def words(self, body: bytes, now: int) -> list[bytes]:
        """The packed words of a message that came at ``now`` (microseconds). Raises `Unusual` for any other."""
        try:
            posted = _spelled.decode(body)
            told, size = [], 2 + max(len(posted) - 1, 0)
            for each in posted:
                raws = (bytes(each.labels), bytes(each.annotations), bytes(each.startsAt), bytes(each.endsAt),
                        bytes(each.generatorURL))  # fmt: skip
                size += _spelled_size(raws)
                told.append(self._word(raws, now))
        except (msgspec.MsgspecError, Invalid, RecursionError) as error:
            raise Unusual from error
        if size != len(body) and size != len(body.rstrip()):
            raise Unusual  # a key twice, one that we don't know, or blanks
        return told

    def _word(self, raws: tuple[bytes, bytes, bytes, bytes, bytes], now: int) -> bytes:
        labels, notes, starts, ends, url = raws
        identity, names, size = self._labels.get(labels)
        said, more = self._notes.get(notes)
        link = self._urls.get(url)
        starts_at, ends_at = self._moments.get(starts)[0], self._moments.get(ends)[0]
        begun = starts_at if starts_at is not None else ends_at if ends_at is not None else now
        until = ends_at if ends_at is not None else now + _TIMEOUT
        if until < begun or size + more + len(url) > LARGEST_ALERT:
            raise Unusual
        flags = 0 if until > now else RESOLVED
        return pack_word(Heard(identity, begun, until, now, flags, b"prometheus", b"", link, names, said))

    def _make_labels(self, raw: bytes) -> tuple[bytes, bytes, int]:
        given = wire.convert(dict[str, str], wire.read_json(raw))
        labels = {name: value for name, value in given.items() if value}
        if not labels or _bad_name(labels) is not None:
            raise Unusual
        labels = masked(labels, self._naming_secrets)
        return bytes.fromhex(fingerprint(labels)), wire.encode(labels), len(raw)

    def _make_notes(self, raw: bytes) -> tuple[bytes, int]:
        given = wire.convert(dict[str, str] | None, wire.read_json(raw)) if raw else None  # type: ignore[arg-type]
        notes = given or {}
        if _bad_name(notes) is not None:
            raise Unusual
        return wire.encode(masked(notes, self._secrets)), len(raw)

    def _make_url(self, raw: bytes) -> bytes:
        given = wire.convert(str | None, wire.read_json(raw)) if raw else None  # type: ignore[arg-type]
        return mask_text(given or "", self._secrets).encode()


def masked(texts: dict[str, str], secrets: tuple[str, ...]) -> dict[str, str]:
    """The texts without secrets; they are looked at together first, because nearly all hold none."""
    whole = "\n".join(texts.values())
    if mask_text(whole, secrets) == whole:
        return texts
    return {name: mask_text(text, secrets) for name, text in texts.items()}


def _make_moment(raw: bytes) -> tuple[int | None]:
    given = wire.convert(Time | None, wire.read_json(raw)) if raw else None  # type: ignore[arg-type]
    found = moment(given)
    return (None if found is None else to_micros(found),)


def _spelled_size(raws: tuple[bytes, ...]) -> int:
    """How long an object of exactly these values is: more than that means that it holds something else."""
    return 1 + sum(len(raw) + key for raw, key in zip(raws, _KEYS, strict=True) if raw)
