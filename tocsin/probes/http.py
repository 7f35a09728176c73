"""Asks whether a page or health endpoint answers as it should, how fast, with which number, on which certificate."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urljoin, urlsplit

from tocsin.errors import Invalid, Unread
from tocsin.plug.addresses import check_networks
from tocsin.plug.jsonpath import parse_comparison, parse_path
from tocsin.plug.kinds import NO_SECRET, Example, Reading, Secret
from tocsin.plug.ratelimits import limited, rate_limit
from tocsin.wire import read_json

if TYPE_CHECKING:
    from tocsin.plug.web import Answer

EXAMPLES = (
    Example(settings={"url": "https://www.example.org/api/health"}),
    Example(
        settings={
            "url": "http://127.0.0.1:8000/health", "status": "200", "content_type": "application/json",
            "contains": '"status":"ok"',
        }
    ),
    Example(settings={"url": "https://ovens.example.org/health", "json": "checks.oven.state", "expect": "== warm"}),
    Example(
        settings={"url": "http://127.0.0.1:8288/v1/runs", "measure": "json", "json": 'data[?status == "Running"]'}
    ),
    Example(settings={"url": "https://www.example.org", "measure": "tls_days"}),
    Example(settings={"url": "https://api.example.org/v1/models", "measure": "rate_left"}),
)  # fmt: skip

_STATUS = re.compile(r"[1-5](?:\d\d|xx)(?:\s*,\s*[1-5](?:\d\d|xx))*")
_MOVED = (301, 302, 303, 307, 308)
_MOST_HOPS = 10


class _Off(Exception):
    """The answer is not as expected; the text says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """Whether an address answers as expected: 1 when it does, 0 when it does not or can't be reached.

    Or another measure of it: the milliseconds until the whole answer is there, the number at a place of a JSON answer
    (of a list: how many entries), the days that its TLS certificate is still valid (0 where it has expired), whether it
    refuses because of a limit of requests, how many per cent of that limit are left. A refusal by a limit (429, or 403
    and 503 with nothing left) is no outage: `up` has no value then. Redirects are followed only as far as ``follow``
    says, and each hop's address is checked like the first; a token is not taken along to another host.
    """

    url: Annotated[str, "What to ask"]
    measure: Annotated[
        Literal["up", "milliseconds", "json", "tls_days", "rate_limited", "rate_left"], "What the value is"
    ] = "up"
    status: Annotated[str, "Expected status: 200, 2xx, or several with commas"] = "2xx"
    content_type: Annotated[str, "What the content type must begin with; empty takes any"] = ""
    contains: Annotated[str, "What the body must hold; empty takes any"] = ""
    json: Annotated[str, 'Place in a JSON answer: checks.db.state, or runs[?state == "Running"] for how many'] = ""
    expect: Annotated[str, 'What must stand at that place: == "ok", < 100'] = ""
    follow: Annotated[int, "How many redirects are followed, at most 10"] = 0
    scale: Annotated[float, "What the number at the place is multiplied by"] = 1.0
    token: Annotated[Secret, "Bearer token, if the address asks for one"] = NO_SECRET
    allow: Annotated[bool | tuple[str, ...], "Whether private addresses may be asked, or which networks"] = True

    def __post_init__(self) -> None:
        check_networks(() if isinstance(self.allow, bool) else self.allow)
        if not _STATUS.fullmatch(self.status):
            raise ValueError(f"status {self.status!r} is not a status; write 200, 2xx or 200, 204.")
        if not 0 <= self.follow <= _MOST_HOPS:
            raise ValueError(f"follow is a number from 0 to {_MOST_HOPS}.")
        if self.json:
            parse_path(self.json)
        if self.expect:
            parse_comparison(self.expect)
        if (self.expect or self.measure == "json") and not self.json:
            raise ValueError("json is missing: it says at which place of the answer to look.")
        if self.measure == "tls_days" and not self.url.startswith("https://"):
            raise ValueError("tls_days needs an address that begins with https://.")

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """The measure; `Unread` where the question itself is wrong, and where what is measured is not there."""
        from tocsin.plug.web import NoAnswer

        if self.measure == "tls_days":
            return self._days(now, timeout)
        begun = time.perf_counter()
        try:
            answer = self._ask(timeout)
            took = (time.perf_counter() - begun) * 1000
            if self.measure in ("rate_limited", "rate_left"):
                return self._limit(answer, now)
            self._check(answer, now)
        except NoAnswer as error:
            if error.permanent:
                raise Unread(error.message, error.hint) from None
            return self._without(error.message, now)
        except _Off as error:
            return self._without(str(error), now)
        if self.measure == "json":
            return Reading(value=self._number(answer), at=now, detail=f"answers {answer.status}")
        value, told = took if self.measure == "milliseconds" else 1.0, rate_limit(answer.headers, now)
        said = told.says() if told else ""
        return Reading(
            value=value, at=now, detail=f"answers {answer.status} after {took:.0f} ms" + (f", {said}" if said else "")
        )

    def _limit(self, answer: Answer, now: datetime) -> Reading:
        """1 where a limit refuses, else 0; or the per cent that are left, where the sender tells them."""
        told, refused = rate_limit(answer.headers, now), limited(answer.status, answer.headers, now)
        says = refused or f"answers {answer.status}" + (f", {told.says()}" if told and told.says() else "")
        if self.measure == "rate_limited":
            return Reading(value=float(bool(refused)), at=now, detail=says)
        left = told.left if told else None
        if left is None and not refused:
            raise Unread(f"no data: answers {answer.status}, and no header field tells how many requests are left.")
        return Reading(value=0.0 if left is None else left, at=now, detail=says)

    def _without(self, why: str, now: datetime) -> Reading:
        if self.measure == "up":
            return Reading(value=0.0, at=now, detail=why)
        raise Unread(f"no data: {why}")

    def _ask(self, timeout: timedelta) -> Answer:
        """The answer behind the redirects, all within the time limit."""
        from tocsin.plug.web import fetch

        url, deadline = self.url, time.monotonic() + timeout.total_seconds()
        for hop in range(self.follow + 1):
            headers = {"accept": "application/json"} if self.json else {}
            if self.token.value and _origin(url) == _origin(self.url):
                headers["authorization"] = f"Bearer {self.token.value}"
            left = timedelta(seconds=max(0.001, deadline - time.monotonic()))
            answer = fetch(url, left, headers=headers, allow=self.allow)
            place = answer.headers.get("location", "")
            if answer.status not in _MOVED or not place or hop == self.follow:
                break
            url = urljoin(url, place)
        return answer

    def _check(self, answer: Answer, now: datetime) -> None:
        """Raise `_Off` where the answer is not as expected, `Unread` where a limit of requests refuses it."""
        status, kind = answer.status, answer.headers.get("content-type", "")
        if not any(_fits(status, wanted.strip()) for wanted in self.status.split(",")):
            refused = limited(status, answer.headers, now)
            if refused:
                raise Unread(f"no data: {refused}.")
            raise _Off(f"answers {status}, expected {self.status}")
        if self.content_type and not kind.lower().startswith(self.content_type.lower()):
            raise _Off(f"answers {status} with content type {kind[:80] or 'none'}, expected {self.content_type}")
        if self.contains and self.contains not in answer.text:
            raise _Off(f"answers {status}, but the body does not hold {self.contains!r}")
        if self.expect:
            found = parse_path(self.json).find(self._document(answer))
            if not found or not all(parse_comparison(self.expect).holds(value) for value in found):
                said = ", ".join(str(value)[:60] for value in found[:3]) or "nothing"
                raise _Off(f"{self.json} is {said}, expected {self.expect}")

    def _document(self, answer: Answer) -> object:
        try:
            return read_json(answer.body)
        except Invalid as error:
            raise _Off(f"answers {answer.status}, but not with JSON: {error.message.rstrip('.')}") from None

    def _number(self, answer: Answer) -> float:
        try:
            return parse_path(self.json).number(self._document(answer)) * self.scale
        except (_Off, ValueError) as error:
            raise Unread(f"no data: {error}.") from None

    def _days(self, now: datetime, timeout: timedelta) -> Reading:
        from tocsin.plug.certificates import expiry
        from tocsin.plug.reaching import Forbidden, Unreachable

        try:
            parts = urlsplit(self.url)
            ends = expiry(parts.hostname or "", parts.port or 443, timeout, self.allow)
        except (Forbidden, Unreachable) as error:
            raise Unread(error.message, error.hint) from None
        except ValueError as error:
            raise Unread(f"{self.url!r} is not a URL: {error}.") from None
        if ends is None or ends <= now:
            return Reading(value=0.0, at=now, detail="the certificate has expired")
        return Reading(value=(ends - now) / timedelta(days=1), at=now, detail=f"valid until {ends:%Y-%m-%d %H:%M} UTC")


def _fits(status: int, wanted: str) -> bool:
    return str(status) == wanted or (wanted.endswith("xx") and str(status)[0] == wanted[0])


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
