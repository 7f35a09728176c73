"""GitHub's issues over its REST API: look for one by a marker in its text, make it, ask how it stands.

Source: docs.github.com, REST API (version 2022-11-28), "Issues" and "Rate limits for the REST API".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.errors import TocsinError

VERSION = "2022-11-28"
TIMEOUT = timedelta(seconds=15)
MOST_PAGES = 5
PAGE = 100
SECONDARY = timedelta(minutes=1)
"""So long is waited where a limit says nothing of how long, as GitHub asks."""
LONGEST_TITLE, LONGEST_BODY = 250, 60_000


class NotTracked(TocsinError):
    """The tracker did not take it. ``wait``: not again before; ``permanent``: a person has to change something."""

    def __init__(
        self, message: str, hint: str = "", *, wait: timedelta = timedelta(0), permanent: bool = False
    ) -> None:
        super().__init__(message, hint)
        self.wait, self.permanent = wait, permanent


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue there. ``key``: ``#41``; ``etag``: with it, asking again costs nothing while nothing changed."""

    key: str
    url: str
    closed: bool = False
    etag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issues:
    """The issues of one repository (``owner/name``). ``allow``: see `tocsin.plug.addresses.check_address`."""

    repository: str
    token: str = field(repr=False)
    url: str = "https://api.github.com"
    allow: bool | Sequence[str] = False

    def find(self, marker: str, since: datetime) -> Issue | None:
        """The issue whose text holds a marker, among those changed since then; None where there is none."""
        for page in range(1, MOST_PAGES + 1):
            moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            query = f"state=all&since={moment}&sort=created&direction=asc&per_page={PAGE}&page={page}"
            found = self._ask("GET", f"issues?{query}")[0]
            for each in found if isinstance(found, list) else []:
                if isinstance(each, dict) and "pull_request" not in each and marker in str(each.get("body") or ""):
                    return _issue(each)
            if not isinstance(found, list) or len(found) < PAGE:
                return None
        return None

    def create(self, title: str, body: str, labels: Sequence[str] = (), assignee: str = "") -> Issue:
        """Make an issue."""
        asked: dict[str, Any] = {"title": title[:LONGEST_TITLE], "body": body[:LONGEST_BODY]}
        if labels:
            asked["labels"] = list(labels)
        if assignee:
            asked["assignees"] = [assignee]
        return _issue(self._ask("POST", "issues", asked)[0])

    def get(self, key: str, etag: str = "") -> Issue | None:
        """How an issue stands; None where nothing changed since ``etag``."""
        found, headers = self._ask("GET", f"issues/{int(key.removeprefix('#'))}", headers={"if-none-match": etag})
        return _issue(found, headers.get("etag", "")) if found is not None else None

    def _ask(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None
    ) -> tuple[Any, Mapping[str, str]]:  # fmt: skip
        from tocsin.plug.web import NoAnswer, fetch

        sent = {
            "accept": "application/vnd.github+json", "authorization": f"Bearer {self.token}",
            "x-github-api-version": VERSION, **{name: value for name, value in (headers or {}).items() if value},
        }  # fmt: skip
        data = b"" if body is None else json.dumps(body).encode()
        if data:
            sent["content-type"] = "application/json"
        address = f"{self.url}/repos/{self.repository}/{path}"
        try:
            answer = fetch(address, TIMEOUT, method=method, headers=sent, body=data, allow=self.allow)
        except NoAnswer as error:
            raise NotTracked(error.message, error.hint, permanent=error.permanent) from None
        if answer.status == 304:
            return None, answer.headers
        if answer.status not in (200, 201):
            raise _refused(self.repository, answer.status, answer.headers, answer.body)
        try:
            return json.loads(answer.body), answer.headers
        except ValueError:
            raise NotTracked(f"{self.url} does not answer with JSON.", permanent=True) from None


def _issue(told: Any, etag: str = "") -> Issue:
    number, url = (told.get("number"), told.get("html_url")) if isinstance(told, dict) else (None, None)
    if not isinstance(number, int) or not isinstance(url, str):
        raise NotTracked("GitHub's answer names no issue.", permanent=True)
    safe = url if url.startswith(("https://", "http://")) and url.isprintable() and len(url) < 500 else ""
    return Issue(key=f"#{number}", url=safe, closed=told.get("state") == "closed", etag=etag)


def _refused(repository: str, status: int, headers: Mapping[str, str], body: bytes) -> NotTracked:
    said = _said(body)
    limited = headers.get("x-ratelimit-remaining") == "0" or "rate limit" in said.lower() or "retry-after" in headers
    if status == 429 or (status == 403 and limited):
        return NotTracked(f"GitHub's rate limit is reached ({status}).", said, wait=_wait(headers))
    if status >= 500:
        return NotTracked(f"GitHub answers {status}.", said)
    hint = {
        401: "The token is not valid: make a new one.",
        403: "The token needs to write issues of this repository.",
        404: "Look at the repository's name, and whether the token may read it.",
        410: "Switch issues on in the repository's settings.",
    }.get(status, said)
    return NotTracked(f"GitHub refuses for {repository} ({status}).", hint, permanent=True)


def _wait(headers: Mapping[str, str]) -> timedelta:
    """As long as the answer asks for: its own seconds, else until the moment at which the limit begins anew."""
    after, reset, date = (headers.get(name, "") for name in ("retry-after", "x-ratelimit-reset", "date"))
    if after.isdigit():
        return timedelta(seconds=min(int(after), 86_400))
    if reset.isdigit() and date:
        from email.utils import parsedate_to_datetime

        try:
            left = int(reset) - parsedate_to_datetime(date).timestamp()
        except ValueError:
            return SECONDARY
        return timedelta(seconds=min(max(left, 1.0), 86_400))
    return SECONDARY


def _said(body: bytes) -> str:
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    return str(told.get("message", ""))[:300] if isinstance(told, dict) else ""
