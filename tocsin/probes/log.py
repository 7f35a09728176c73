"""Counts the lines of a log that match: of a file as it grows, or of what a command prints of the last minutes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Literal

import re2

from tocsin.errors import Unread
from tocsin.plug.kinds import Example, Reading, Secret
from tocsin.plug.logs import Tail
from tocsin.times import say_duration

EXAMPLES = (
    Example(settings={"file": "/var/log/bakery/orders.log", "match": "ERROR|FATAL"}),
    Example(
        settings={
            "command": ["docker", "logs", "--since", "{seconds}s", "orders"], "match": "level=error",
            "measure": "share", "of": "level=", "window": "10m",
        }
    ),
)  # fmt: skip

_SECONDS = "{seconds}"
_MOST_SAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class _Count:
    at: datetime
    matching: int
    every: int


class _Counts:
    """What was counted so far, for as long as the window is; shared by threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.tail: Tail | None = None
        self.kept: list[_Count] = []
        self.begun: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Matching lines per minute over the window; or the share of them, in per cent of all lines (or of ``of``).

    A file is read from its end on, so its first reading has no value; rotation, by renaming or by truncating, loses
    nothing but what was written and rotated away twice between two readings. A command must print the lines of the
    window itself: ``{seconds}`` in its words is the window. Patterns are RE2's, which never take long.
    """

    match: Annotated[str, "Pattern of the lines that count (RE2)"]
    file: Annotated[str, "The log file"] = ""
    command: Annotated[tuple[str, ...], "Or the program and its words that print the lines"] = ()
    measure: Annotated[Literal["per_minute", "share", "count"], "What the value is"] = "per_minute"
    of: Annotated[str, "With share: pattern of the lines that it is a share of; empty means all"] = ""
    window: Annotated[timedelta, "Over how long is counted"] = timedelta(minutes=5)
    env: Annotated[Mapping[str, Secret], "Variables for the command, best as `env:NAME`"] = field(default_factory=dict)
    path: Annotated[str, "Where the command's program is found"] = "/usr/local/bin:/usr/bin:/bin"
    _counts: _Counts = field(default_factory=_Counts, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if bool(self.file) is bool(self.command):
            raise ValueError("Write either file or command.")
        if self.window < timedelta(seconds=1):
            raise ValueError("window is too short; write for example 5m.")
        for pattern in filter(None, (self.match, self.of)):
            _compiled(pattern)
        if not self.match:
            raise ValueError("match is empty, so every line would count.")

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """The number; raises `Unread` at the first reading of a file, for a share of no lines, and for faults."""
        if self.command:
            found = self._printed(now, timeout)
            return self._reading([found], self.window, now)
        with self._counts.lock:
            self._take(now)
            begun = self._counts.begun
            if begun is None or begun >= now:
                raise Unread("no data yet: a rate needs a second reading.")
            return self._reading(self._counts.kept, min(self.window, now - begun), now)

    def _take(self, now: datetime) -> None:
        """Count what was written since the last reading."""
        counts = self._counts
        if counts.tail is None:
            counts.tail = Tail(self.file)
            counts.begun = now
        counts.kept = [count for count in counts.kept if now - count.at < self.window][-_MOST_SAMPLES:]
        counts.kept.append(self._count(counts.tail.lines(), now))

    def _printed(self, now: datetime, timeout: timedelta) -> _Count:
        from tocsin.plug.asking import ask

        seconds = str(int(self.window.total_seconds()))
        argv = [word.replace(_SECONDS, seconds) for word in self.command]
        env = {name: secret.value for name, secret in self.env.items()}
        printed = ask(argv, self.path, env, "/", timeout, joined=True)
        if printed.code:
            raise Unread(f"no data: {argv[0]} ended with exit {printed.code}: {printed.text.strip()[:200]!r}.")
        if printed.cut:
            raise Unread("no data: it prints more than is read.", "Make the window shorter.")
        return self._count(printed.output.splitlines(), now)

    def _count(self, lines: list[bytes], now: datetime) -> _Count:
        wanted, every = _compiled(self.match), _compiled(self.of) if self.of else None
        texts = [line.decode("utf-8", "replace") for line in lines]
        counted = texts if every is None else [text for text in texts if every.search(text)]
        return _Count(now, sum(1 for text in counted if wanted.search(text)), len(counted))

    def _reading(self, counts: list[_Count], span: timedelta, now: datetime) -> Reading:
        matching, every = sum(count.matching for count in counts), sum(count.every for count in counts)
        said = f"{matching} of {every} lines in {say_duration(span)}"
        if self.measure == "count":
            return Reading(value=float(matching), at=now, detail=said)
        if self.measure == "per_minute":
            return Reading(value=matching / (span / timedelta(minutes=1)), at=now, detail=said)
        if not every:
            raise Unread(f"no data: no lines in the last {say_duration(span)}.")
        return Reading(value=100 * matching / every, at=now, detail=said)


def _compiled(pattern: str) -> re2._Regexp:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"{pattern!r} is not a pattern: {said}.") from None
