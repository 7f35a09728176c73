"""Every message that left in a story, whole and in its order, as the story's fence ``messages`` has it.

``{line 98}`` stands for the words of that line of the runbook, ``{line 98 words 2-4}`` for some of them, so that a
story repeats no sentence of a document that is not its own. With ``WRITE_MESSAGES=1`` in the environment of pytest the
fence is written anew and its text printed (``-s``); what was written so counts only after somebody has read it.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tests.chats.workspace import shown
from tests.stories.devices import BEGIN

if TYPE_CHECKING:
    from tests.stories.script import Story
    from tests.stories.world import World

HOW = {"page": "is paged", "inform": "is told", "approval": "is asked", "message": "has a message"}
FEWEST = 3
"""So many words of a document, one behind the other, are written as a reference."""
_REFERENCE = re.compile(r"\{line (\d+)(?: words (\d+)-(\d+))?\}")
_MARKS = re.compile(r"^\s*(?:>\s*)*(?:#+\s+|[-*+]\s+(?:\[[ xX]\]\s+)?|\d+[.)]\s+)?")
_SIGNED = re.compile(r"\bsub_[0-9a-f]+_[0-9a-f]+(?:\.[0-9]+\.[\w-]+)?")
"""Whose mails of the status page these are, and the links by which they confirm and unsubscribe."""
_OTHERWISE = (
    (_SIGNED, "SUBSCRIBER"),
    (re.compile(r"\bpub_[0-9a-f]+_[0-9a-f]+"), "REPORT"),
    (re.compile(r"(?<=approve )(INC-\d+) [0-9a-f]{8}\b"), r"\1 CODE"),
    (re.compile(r"(exit -?\d+ in) [\d.]+ s\b"), r"\1 N s"),
)
"""What is another one each time the story is told: signed links, what a command and its folder are sealed with, how
long a command took."""
_FENCE = re.compile(r"^(`{3,})messages\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Left:
    """A message: when it left since the story's begin, for whom, how, and its whole text."""

    at: timedelta
    to: str
    how: str
    text: str


@dataclass(slots=True)
class Leaving:
    """Takes up what came to the story's devices, mail server, receiver of webhooks and chat."""

    left: list[Left] = field(default_factory=list)
    _known: dict[int, Any] = field(default_factory=dict)

    def collect(self, world: World) -> None:
        """Take up what is new at this moment."""
        for message in list(world.office.got):
            notice = message.notice
            how = f"{HOW.get(notice.kind, notice.kind)} by {message.via}"
            self._take(world.clock.at, message, notice.to, how, f"{notice.subject}\n\n{notice.body}")
        for letter in list(world.letters.got if world.letters else ()):
            way = "mail" if "@" in letter.to else "webhook"
            text = f"{letter.subject}\n\n{letter.text}"
            self._take(world.clock.at, letter, letter.to, f"has a letter by {way}", text)
        for channel in list(world.workspace.channels.values() if world.workspace else ()):
            for said in channel.messages:
                self._take(world.clock.at, said, f"#{channel.name}", "reads in Slack", shown(said))

    def said(self, world: World) -> str:
        """All of it, as the fence has it; in one moment by the text and the names, as they leave side by side."""
        places = {str(world.folder): "FOLDER", world.page.url: "METRICS"}
        places |= {value: name for name, value in world.env.items() if value.startswith(("http://", "postgres"))}
        key = lambda one: (one.at, one.how, one.text)  # noqa: E731
        parts = []
        for (at, how, text), group in groupby(sorted(self.left, key=key), key=key):
            people = ", ".join(sorted(_SIGNED.sub("SUBSCRIBER", one.to) for one in group))
            parts.append(f"== {_clock(at)} {people} {how}\n{_plain(text, places)}\n")
        return "\n".join(parts)

    def _take(self, now: datetime, thing: Any, to: str, how: str, text: str) -> None:
        if id(thing) not in self._known:
            self._known[id(thing)] = thing  # kept, so that no other thing gets its number
            self.left.append(Left(now - BEGIN, to, how, text))


def compare(story: Story, world: World) -> None:
    """Fail where a message left that the story's fence does not have, was never sent, or reads otherwise."""
    if not story.messages:
        return
    said = world.leaving.said(world)
    if os.environ.get("WRITE_MESSAGES"):
        sys.stdout.write(said)
        _write(story, said)
        return
    expected, found = resolved(story.messages, story).rstrip("\n").splitlines(), said.rstrip("\n").splitlines()
    difference = "\n".join(difflib.unified_diff(expected, found, "expected", "left", lineterm="", n=4))
    assert not difference, f"{story.path.name}: the messages that left are others:\n{difference}"


def resolved(text: str, story: Story) -> str:
    """The text with the document's own words in place of what refers to them."""
    lines = _lines(story)

    def words(match: re.Match[str]) -> str:
        assert int(match[1]) <= len(lines), f"{match[0]}: the document ends before"
        found = lines[int(match[1]) - 1]
        assert int(match[3] or 0) <= len(found), f"{match[0]}: the line has {len(found)} words"
        return " ".join(found[int(match[2]) - 1 : int(match[3])] if match[2] else found)

    return _REFERENCE.sub(words, text)


def referring(text: str, story: Story) -> str:
    """The text with references in place of what the document says."""
    lines = _lines(story)
    starts: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for number, words in enumerate(lines):
        for place in range(len(words) - FEWEST + 1):
            starts.setdefault(tuple(words[place : place + FEWEST]), []).append((number, place))
    return "\n".join(_refer(line, lines, starts) for line in text.split("\n"))


def _refer(line: str, lines: list[list[str]], starts: dict[tuple[str, ...], list[tuple[int, int]]]) -> str:
    said, done, at = line.split(" "), [], 0
    while at < len(said):
        known = starts.get(tuple(said[at : at + FEWEST]), ())
        lengths = [_shared(said[at:], lines[number][place:]) for number, place in known]
        if not known:
            done.append(said[at])
            at += 1
            continue
        length = max(lengths)
        fitting = [found for found, long in zip(known, lengths, strict=True) if long == length]
        number, place = min(fitting, key=lambda found: len(lines[found[0]]) > length)  # whole lines first
        whole = length == len(lines[number])
        done.append(f"{{line {number + 1}}}" if whole else f"{{line {number + 1} words {place + 1}-{place + length}}}")
        at += length
    return " ".join(done)


def _shared(one: list[str], other: list[str]) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _lines(story: Story) -> list[list[str]]:
    """The words of each line of the document, without the marks of lists, headings, emphasis and code."""
    raw = story.runbooks[-1][1].decode("utf-8", "replace")
    return [_MARKS.sub("", line).replace("**", "").replace("`", "").split() for line in raw.splitlines()]


def _clock(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _plain(text: str, places: dict[str, str]) -> str:
    for value, name in places.items():
        text = text.replace(value, name)
    for pattern, name in _OTHERWISE:
        text = pattern.sub(name, text)
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def _write(story: Story, said: str) -> None:
    text = story.path.read_text("utf-8")
    fence = f"````messages\n{referring(said, story)}````"
    new, count = _FENCE.subn(lambda _: fence, text)
    assert count == 1, f"{story.path.name} has {count} fences `messages`"
    story.path.write_text(new, "utf-8")
