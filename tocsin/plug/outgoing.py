"""What leaves the house: hostile text made harmless for a sink, and one posted message with its faults in words.

Titles and labels come from strangers. What steers (control characters, changes of the writing direction) is taken out
everywhere; what a sink itself reads (mrkdwn, XML) is escaped by that sink's own notifier; what is cut says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from tocsin.core.notices import Notice
from tocsin.errors import Undelivered
from tocsin.times import parse_duration
from tocsin.wire import encode

CUT = "… [cut]"
LONGEST_ANSWER = 64 * 1024
MOST_WAIT = 3600.0
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]+"
)
_RETRYABLE = frozenset({408, 425, 429})


def plain(text: str) -> str:
    """The text with line ends and tabs, without anything that steers or hides; what is not Unicode is replaced."""
    whole = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    return _STEERING.sub(" ", whole)


def one_line(text: str, longest: int = 0) -> str:
    """The same in one line, cut visibly where it is longer than ``longest`` (0: as long as it is)."""
    line = " ".join(plain(text).split())
    return cut(line, longest) if longest else line


def cut(text: str, longest: int) -> str:
    """The beginning of the text with a visible mark where it is longer than that."""
    return text if len(text) <= longest else text[: max(longest - len(CUT), 0)] + CUT[:longest]


def titled(notice: Notice, longest: int = 200) -> str:
    """The subject in one line; of a drill it says so."""
    drill = "[drill] " if notice.drill and "drill" not in notice.subject.casefold() else ""
    return one_line(drill + notice.subject, longest)


def parts(notice: Notice) -> str:
    """The whole text: body and, where that does not say it, why it was sent."""
    why = f"You get this because: {notice.why}" if notice.why and notice.why not in notice.body else ""
    return "\n\n".join(plain(part) for part in (notice.body, why) if part)


def links(notice: Notice) -> list[tuple[str, str]]:
    """What a message can lead to, each with its label: the answer that takes it, where there is one, and the page."""
    found = (("Take it", notice.answers.get("acknowledge", "")), ("Open the incident", notice.url))
    return [(label, url) for label, url in found if url.startswith(("http://", "https://"))]


def send(
    url: str,
    body: object,
    timeout: timedelta,
    *,
    what: str,
    headers: Mapping[str, str] | None = None,
    allow: bool | Sequence[str] = False,
) -> bytes:
    """Post JSON (or bytes, as they are), without following redirects; the answer's body where it was taken.

    Raises `Undelivered` that calls the other side ``what``: permanent where it will never take it.
    """
    from tocsin.plug.web import NoAnswer, fetch

    sent = {"content-type": "application/json; charset=utf-8", **(headers or {})}
    data = body if isinstance(body, bytes) else encode(body)
    try:
        answer = fetch(
            url, timeout, method="POST", headers=sent, body=data, allow=allow, max_bytes=LONGEST_ANSWER
        )  # fmt: skip
    except NoAnswer as error:
        raise Undelivered(f"{what}: {error.message}", error.hint, permanent=error.permanent) from None
    if 200 <= answer.status < 300:
        return answer.body
    raise refused(what, answer.status, answer.text, answer.headers.get("retry-after", ""))


def refused(what: str, status: int, said: str, retry_after: str = "") -> Undelivered:
    """The fault behind a status: overload and faults of the server can be tried again, the rest can't."""
    if 300 <= status < 400:
        words = f"{what} answers with a redirect ({status}), which is not followed."
        return Undelivered(words, "Configure the address that it leads to.", permanent=True)
    wait = seconds_of(retry_after)
    asks = f" It asks to wait {wait:g} s." if wait else ""
    words = one_line(said, 120)
    told = f"{what} answers {status}{f': {words}' if words else '.'}{asks}"
    return Undelivered(told, permanent=status < 500 and status not in _RETRYABLE, retry_after=wait)


def seconds_of(retry_after: str) -> float:
    """``Retry-After`` in seconds, an hour at most; 0 where it says nothing that is understood."""
    try:
        return min(parse_duration(f"{retry_after.strip()}s").total_seconds(), MOST_WAIT)
    except ValueError:
        return 0.0
