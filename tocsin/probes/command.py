"""Reads a number from what a program prints, or from how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Literal

from tocsin.errors import Invalid, Unread
from tocsin.plug.ends import judge, name_in
from tocsin.plug.jsonpath import first_number, parse_comparison, parse_path
from tocsin.plug.kinds import Example, Reading, Secret
from tocsin.wire import read_json

EXAMPLES = (
    Example(settings={"command": ["ovenctl", "queue", "--length"]}),
    Example(
        settings={
            "command": ["ovenctl", "jobs", "--output", "json"], "measure": "json",
            "json": 'jobs[?state == "stuck"]', "env": {"OVEN_TOKEN": "not-a-real-one"},
        }
    ),
    Example(settings={"command": ["pg_isready", "-h", "127.0.0.1"], "measure": "up"}),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """The first number that a program prints; or the number at a place of its JSON, its lines, whether it succeeds.

    It is started without a shell, in an environment that holds nothing but what is written here, and ended at the time
    limit. ``up`` is 1 where its exit code is one of ``exits`` (and the place holds what is expected), else 0; the other
    measures have no value then.
    """

    command: Annotated[tuple[str, ...], "The program and its words, each by itself"]
    measure: Annotated[Literal["number", "json", "lines", "up"], "What the value is"] = "number"
    json: Annotated[str, "Place in the JSON that it prints; of a list, how many entries"] = ""
    expect: Annotated[str, 'With up: what must stand at that place: == "ok", < 100'] = ""
    exits: Annotated[tuple[int, ...], "Exit codes that mean success"] = (0,)
    env: Annotated[Mapping[str, Secret], "Variables, best as `env:NAME`"] = field(default_factory=dict)
    path: Annotated[str, "Where programs are found"] = "/usr/local/bin:/usr/bin:/bin"
    workdir: Annotated[str, "The folder in which it runs"] = "/"
    scale: Annotated[float, "What the value is multiplied by"] = 1.0

    def __post_init__(self) -> None:
        if not self.command or not self.command[0].strip():
            raise ValueError("command is empty; write a list such as ['ovenctl', 'queue'].")
        if self.json:
            parse_path(self.json)
        if self.expect:
            parse_comparison(self.expect)
        if (self.expect or self.measure == "json") and not self.json:
            raise ValueError("json is missing: it says at which place of the output to look.")

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """The number; raises `Unread` where it can't be started, fails, does not end or prints none."""
        from tocsin.plug.asking import ask

        env = {name: secret.value for name, secret in self.env.items()}
        printed = ask(self.command, self.path, env, self.workdir, timeout)
        ended = judge([name_in(self.command)], [printed.code])
        well = printed.code in self.exits
        if self.measure == "up":
            return self._up(printed.text, ended.note, now, well=well)
        if not well:
            raise Unread(f"no data: {ended.note or f'exit {printed.code}'}.")
        if printed.cut:
            raise Unread("no data: it prints too much.", "Let it print the number alone.")
        try:
            value = self._value(printed.text)
        except (ValueError, Invalid) as error:
            raise Unread(f"no data: {error}; it printed {printed.text.strip()[:100]!r}.") from None
        return Reading(value=value * self.scale, at=now)

    def _up(self, text: str, note: str, now: datetime, *, well: bool) -> Reading:
        if not well or not self.expect:
            return Reading(value=float(well), at=now, detail=note)
        try:
            found = parse_path(self.json).find(read_json(text.encode()))
        except Invalid as error:
            return Reading(value=0.0, at=now, detail=f"it does not print JSON: {error.message}")
        holds = bool(found) and all(parse_comparison(self.expect).holds(value) for value in found)
        said = ", ".join(str(value)[:60] for value in found[:3]) or "nothing"
        return Reading(value=float(holds), at=now, detail=f"{self.json} is {said}, expected {self.expect}")

    def _value(self, text: str) -> float:
        if self.measure == "lines":
            return float(sum(1 for line in text.splitlines() if line.strip()))
        if self.measure == "json":
            return parse_path(self.json).number(read_json(text.encode()))
        return first_number(text)
