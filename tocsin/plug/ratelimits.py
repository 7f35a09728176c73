"""What an answer says of its sender's limit of requests: how many, how many are left, when there are more.

Read are `Retry-After` (RFC 9110), the fields of draft-ietf-httpapi-ratelimit-headers in its older and newer form, and
what services had before it: `X-RateLimit-Remaining`, `X-Rate-Limit-Remaining`, one for each kind of limit such as
`x-ratelimit-remaining-tokens` or `…-ratelimit-requests-remaining`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from tocsin.times import parse_duration, say_duration

TOO_MANY = 429
_WHEN_EXHAUSTED = (403, 503)
"""Some answer so at their limit; the fields tell it from a refusal and from an outage."""
_NAME = re.compile(r"rate-?limit")
_PART = re.compile(r"(?:^|-)(limit|remaining|reset)(?=-|$)")
_NUMBER = re.compile(r"\s*\"?(\d{1,15})(?:\.\d+)?")
_PAIR = re.compile(r"\b(limit|remaining|reset|r|t|q)\s*=\s*(\d{1,15})")
_SHORT = {"r": "remaining", "t": "reset", "q": "limit"}
_EPOCH = 1_000_000_000
_LONGEST = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """One limit: ``limit`` requests, ``remaining`` of them are left, ``after`` this time there are more."""

    limit: int | None = None
    remaining: int | None = None
    after: timedelta | None = None

    @property
    def left(self) -> float | None:
        """What is left, in per cent; None where the sender does not say."""
        if self.remaining is None or not self.limit:
            return 0.0 if self.remaining == 0 else None
        return min(100.0, 100 * self.remaining / self.limit)

    def says(self) -> str:
        """``3 of 100 requests left, more in 30 s``; empty where nothing is said."""
        whole = f" of {self.limit}" if self.limit else ""
        told = [] if self.remaining is None else [f"{self.remaining}{whole} requests left"]
        told += [f"more in {say_duration(self.after)}"] if self.after else []
        return ", ".join(told)


def rate_limit(headers: Mapping[str, str], now: datetime) -> RateLimit | None:
    """The tightest limit that the header fields (names in lower case) tell; None where they tell none."""
    kinds: dict[str, dict[str, str]] = {}
    for name, value in headers.items():
        for kind, part, number in _told(name, value):
            kinds.setdefault(kind, {})[part] = number
    policy = kinds.pop("policy", {})
    found = [_limit({**policy, **parts}, now) for parts in kinds.values()]
    least = min((each for each in found if each.remaining is not None), key=_tightness, default=None)
    wait = _moment(headers.get("retry-after", ""), now)
    if wait is None:
        return least
    return RateLimit(limit=least.limit if least else None, remaining=least.remaining if least else None, after=wait)


def limited(status: int, headers: Mapping[str, str], now: datetime) -> str:
    """Why an answer is a refusal by a limit, in words; empty where it is none."""
    told = rate_limit(headers, now)
    exhausted = told is not None and told.remaining == 0
    if status != TOO_MANY and not (status in _WHEN_EXHAUSTED and exhausted):
        return ""
    says = told.says() if told else ""
    return f"rate limited: answers {status}" + (f", {says}" if says else "")


def _told(name: str, value: str) -> list[tuple[str, str, str]]:
    """(kind of limit, what is told of it, its text) of one field."""
    if not _NAME.search(name):
        return []
    rest = _NAME.sub("", name).strip("-")
    part = _PART.search(rest)
    if part:
        return [(_PART.sub("", rest).strip("-"), part[1], value)]
    pairs = _PAIR.findall(value)
    return [("policy" if rest == "policy" else rest, _SHORT.get(word, word), number) for word, number in pairs]


def _limit(parts: Mapping[str, str], now: datetime) -> RateLimit:
    limit, remaining = (_NUMBER.match(parts.get(part, "")) for part in ("limit", "remaining"))
    return RateLimit(
        limit=int(limit[1]) if limit else None,
        remaining=int(remaining[1]) if remaining else None,
        after=_moment(parts.get("reset", ""), now),
    )


def _tightness(one: RateLimit) -> tuple[float, int]:
    return (100.0 if one.left is None else one.left, one.remaining or 0)


def _moment(text: str, now: datetime) -> timedelta | None:
    """In how long, of seconds, ``6m0s``, seconds since 1970 or a date; None where it is none of them or far away."""
    text = text.strip()
    if not text:
        return None
    try:
        seconds = float(text)
        span = timedelta(seconds=seconds - now.timestamp() if seconds > _EPOCH else seconds)
    except (ValueError, OverflowError):
        span = _spelled(text, now)
    return span if timedelta(0) < span <= _LONGEST else None


def _spelled(text: str, now: datetime) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError:
        pass
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text)
        except (ValueError, TypeError, OverflowError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return timedelta(0)
