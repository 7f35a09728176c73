"""What the demo tells: in the terminal as numbered acts, or as one JSON object a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

from rich.console import Console
from rich.text import Text

from tocsin.times import SystemClock, say_duration

Tone = Literal["plain", "good", "bad", "ask", "dim"]
_SIGNS: dict[Tone, tuple[str, str]] = {
    "plain": ("·", ""), "good": ("✓", "green"), "bad": ("✗", "red"), "ask": ("?", "yellow"), "dim": (" ", "dim"),
}  # fmt: skip


class Stage(Protocol):
    """Where the demo tells what happens. ``more`` are the facts behind the words, for programs."""

    def act(self, title: str) -> None:
        """A new part begins."""

    def say(self, text: str, tone: Tone = "plain", **more: Any) -> None:
        """One thing happened."""

    def quote(self, lines: Sequence[str]) -> None:
        """What a command is, or what it printed."""


class Terminal:
    """For people: plain lines, so that it reads the same in a log."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._clock = SystemClock()
        self._begun = self._clock.now()
        self._acts = 0

    def act(self, title: str) -> None:
        """A numbered heading."""
        self._acts += 1
        self._console.print()
        self._console.print(Text(f"{self._acts}. {plain(title)}", style="bold"))

    def say(self, text: str, tone: Tone = "plain", **more: Any) -> None:
        """The time since the start, a sign, the words."""
        del more
        sign, style = _SIGNS[tone]
        since = f"{_seconds(self._begun, self._clock.now()):6.1f} s "
        line = Text(since, style="dim").append(f" {sign} ", style=style)
        self._console.print(line.append(plain(text), style="dim" if tone == "dim" else style))

    def quote(self, lines: Sequence[str]) -> None:
        """Indented, behind a bar."""
        for line in lines:
            self._console.print(Text(f"            │ {plain(line)}", style="dim"))


class JsonLines:
    """For programs."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._begun = self._clock.now()
        self._acts = 0

    def act(self, title: str) -> None:
        """``{"event": "act", "number": 1, "title": …}``"""
        self._acts += 1
        self._write({"event": "act", "number": self._acts, "title": title})

    def say(self, text: str, tone: Tone = "plain", **more: Any) -> None:
        """``{"event": "said", "text": …, "tone": …, …}``; `more` may name another event."""
        self._write({"event": "said", "text": text, "tone": tone, **more})

    def quote(self, lines: Sequence[str]) -> None:
        """``{"event": "quoted", "lines": […]}``"""
        self._write({"event": "quoted", "lines": list(lines)})

    def _write(self, event: dict[str, Any]) -> None:
        event["seconds"] = round(_seconds(self._begun, self._clock.now()), 3)
        sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def plain(text: str) -> str:
    """Text without control characters, which would steer the terminal."""
    return "".join(char if char.isprintable() else " " for char in text.expandtabs(4))


def say_since(begun: datetime) -> str:
    """How long ago that was."""
    return say_duration(SystemClock().now() - begun)


def _seconds(begun: datetime, now: datetime) -> float:
    return max(0.0, (now - begun).total_seconds())
