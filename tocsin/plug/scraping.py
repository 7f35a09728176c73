"""A page with a program's metrics that is read again and again, so that its samples are kept here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from tocsin.errors import Unread
from tocsin.plug.addresses import check_networks
from tocsin.plug.kinds import NO_SECRET, Secret

LARGEST_PAGE = 16 * 1024 * 1024
_LABEL = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SHORTEST = timedelta(seconds=1)
_LONGEST = timedelta(minutes=5)
"""A sample counts for five minutes; one that comes later leaves gaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrapeTarget:
    """One page in the Prometheus text format. Each of its series gets ``job``, ``instance`` and the labels given here;
    one that has such a label of its own keeps it as ``exported_…``. Whether the page answers is the series ``up``.
    """

    url: Annotated[str, "Address of the page in the Prometheus text format"]
    every: Annotated[timedelta, "How often it is read, from 1 s to 5 min"] = timedelta(seconds=15)
    labels: Annotated[Mapping[str, str], "Labels that every series of the page gets"] = field(default_factory=dict)
    token: Annotated[Secret, "Bearer token, if the page asks for one"] = NO_SECRET
    allow: Annotated[bool | tuple[str, ...], "Whether private addresses may be asked, or which networks"] = True

    def __post_init__(self) -> None:
        check_networks(() if isinstance(self.allow, bool) else self.allow)
        if not _SHORTEST <= self.every <= _LONGEST:
            raise ValueError("every is from 1s to 5m.")
        for name in self.labels:
            if not _LABEL.fullmatch(name) or name.startswith("__"):
                raise ValueError(f"{name!r} is not a label's name; use letters, digits and underscores.")

    def labels_of(self, name: str) -> dict[str, str]:
        """What the target called ``name`` adds to each series."""
        return {"job": name, "instance": urlsplit(self.url).netloc, **self.labels}

    def fetch(self, timeout: timedelta) -> str:
        """The page as it is now; raises `Unread` where there is none."""
        return fetch_page(self.url, self.token, self.allow, timeout)


def fetch_page(url: str, token: Secret, allow: bool | tuple[str, ...], timeout: timedelta) -> str:
    """A page of metrics as it is now; raises `Unread` where there is none."""
    from tocsin.plug.web import NoAnswer, fetch

    headers = {"accept": "text/plain;version=0.0.4"}
    if token.value:
        headers["authorization"] = f"Bearer {token.value}"
    try:
        answer = fetch(url, timeout, headers=headers, allow=allow, max_bytes=LARGEST_PAGE)
    except NoAnswer as error:
        raise Unread(error.message, error.hint) from None
    if answer.status != 200:
        raise Unread(f"{url} answers {answer.status}.")
    if "html" in answer.headers.get("content-type", ""):
        raise Unread(f"{url} answers with a web page, not with metrics.", "Is the path right?")
    return answer.text
