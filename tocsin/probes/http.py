"""Asks whether a page or health endpoint answers as it should."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from tocsin.errors import Unread
from tocsin.plug.addresses import check_networks
from tocsin.plug.kinds import NO_SECRET, Example, Reading, Secret

EXAMPLES = (
    Example(settings={"url": "https://www.example.org/api/health"}),
    Example(
        settings={
            "url": "http://127.0.0.1:8000/health", "status": "200", "content_type": "application/json",
            "contains": '"status":"ok"',
        }
    ),
)  # fmt: skip

_STATUS = re.compile(r"[1-5](?:\d\d|xx)(?:\s*,\s*[1-5](?:\d\d|xx))*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """Whether an address answers as expected: 1 when it does, 0 when it does not or can't be reached.

    Redirects are not followed: expect 301 where one is meant.
    """

    url: Annotated[str, "What to ask"]
    status: Annotated[str, "Expected status: 200, 2xx, or several with commas"] = "2xx"
    content_type: Annotated[str, "What the content type must begin with; empty takes any"] = ""
    contains: Annotated[str, "What the body must hold; empty takes any"] = ""
    token: Annotated[Secret, "Bearer token, if the address asks for one"] = NO_SECRET
    allow: Annotated[bool | tuple[str, ...], "Whether private addresses may be asked, or which networks"] = True

    def __post_init__(self) -> None:
        check_networks(() if isinstance(self.allow, bool) else self.allow)
        if not _STATUS.fullmatch(self.status):
            raise ValueError(f"status {self.status!r} is not a status; write 200, 2xx or 200, 204.")

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """1.0 or 0.0 with the reason as detail; raises `Unread` where the question itself is wrong."""
        from tocsin.plug.web import NoAnswer, fetch

        headers = {"authorization": f"Bearer {self.token.value}"} if self.token.value else {}
        try:
            answer = fetch(self.url, timeout, headers=headers, allow=self.allow)
        except NoAnswer as error:
            if error.permanent:
                raise Unread(error.message, error.hint) from None
            return Reading(value=0.0, at=now, detail=error.message)
        wrong = self._wrong(answer.status, answer.headers.get("content-type", ""), answer.text)
        return Reading(value=0.0 if wrong else 1.0, at=now, detail=wrong or f"answers {answer.status}")

    def _wrong(self, status: int, content_type: str, text: str) -> str:
        """What is not as expected, or an empty string."""
        if not any(_fits(status, wanted.strip()) for wanted in self.status.split(",")):
            return f"answers {status}, expected {self.status}"
        if self.content_type and not content_type.lower().startswith(self.content_type.lower()):
            return f"answers {status} with content type {content_type[:80] or 'none'}, expected {self.content_type}"
        if self.contains and self.contains not in text:
            return f"answers {status}, but the body does not hold {self.contains!r}"
        return ""


def _fits(status: int, wanted: str) -> bool:
    return str(status) == wanted or (wanted.endswith("xx") and str(status)[0] == wanted[0])
