"""``[review]`` and ``[tracker]``: the team's own template for post-mortems, and where action items are tracked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from tocsin.errors import Invalid
from tocsin.settings import shapes
from tocsin.settings.spans import span

LARGEST = 256 * 1024
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """Where action items are tracked, too. ``kind`` github: ``repository`` is ``owner/name``; webhook: any address.

    ``allow``: addresses inside that may be asked, as for every outgoing request; ``every``: how often it is asked
    what became of an item.
    """

    kind: Literal["github", "webhook"]
    url: str
    repository: str = ""
    token: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    labels: tuple[str, ...] = ()
    assignees: Mapping[str, str] = field(default_factory=dict)
    allow: bool | tuple[str, ...] = False
    every: timedelta = timedelta(minutes=5)

    @property
    def name(self) -> str:
        """As it stands on timelines."""
        return f"GitHub {self.repository}" if self.kind == "github" else urlsplit(self.url).hostname or "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewing:
    """``template``: the team's own text, empty for the runbook's or ours. ``owner``: who hears of a due runbook."""

    template: str = ""
    owner: str = ""
    tracker: Tracker | None = None


def reviewing(raw: shapes.File, folder: Path, where: str) -> Reviewing:
    """How post-mortems are written and their items tracked. Raises `Invalid` that names the place."""
    return Reviewing(
        template=_template(raw.review.template, folder, f"{where}: [review] template"),
        owner=raw.review.owner.strip(),
        tracker=_tracker(raw.tracker, f"{where}: [tracker]"),
    )


def _template(name: str, folder: Path, where: str) -> str:
    if not name:
        return ""
    path = folder / name
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise Invalid(f"{path} can't be read: {error.strerror}.", where=where) from None
    except UnicodeDecodeError:
        raise Invalid(f"{path} is not UTF-8 text.", "Save it as UTF-8.", where=where) from None
    if not text.strip() or len(data) > LARGEST:
        raise Invalid(f"{path} is empty or larger than {LARGEST:,} bytes.", where=where)
    return text.replace("\r\n", "\n")


def _tracker(table: shapes.TrackerTable, where: str) -> Tracker | None:
    if not table.kind:
        if table.repository or table.url or table.token:
            raise Invalid(
                "Nothing says what kind of tracker it is.", 'Write kind = "github" or "webhook".', where=where
            )
        return None
    if table.kind not in ("github", "webhook"):
        raise Invalid(f"{table.kind!r} is no kind of tracker.", "Write github or webhook.", where=f"{where} kind")
    kind: Any = table.kind
    if kind == "github" and not (_REPOSITORY.fullmatch(table.repository) and table.token):
        raise Invalid("GitHub needs a repository (owner/name) and a token.", where=where)
    url = (table.url or ("https://api.github.com" if kind == "github" else "")).rstrip("/")
    if urlsplit(url).scheme not in ("http", "https"):
        raise Invalid(f"{url[:80]!r} is no address.", "Write https://…", where=f"{where} url")
    return Tracker(
        kind=kind, url=url, repository=table.repository, token=table.token, secret=table.secret,
        labels=tuple(table.labels), assignees=table.assignees,
        allow=table.allow if isinstance(table.allow, bool) else tuple(table.allow),
        every=span(table.every, f"{where} every"),
    )  # fmt: skip
