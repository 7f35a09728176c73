"""The words of the stories' table: which sentences there are, and what they speak of.

`doing`, `happening` and `sending` say what is done, `expecting` and `noticing` what must then be true. Each sentence is
registered with an example, and the guide for people who write stories is checked against these.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.stories.devices import Message
from tests.stories.world import World
from tocsin.core.incident import Incident
from tocsin.core.runbook import Step
from tocsin.errors import TocsinError
from tocsin.service import respond, views
from tocsin.store import incidents

WHO = r"(?P<who>[a-z]+)"
STEP = r"(?P<step>line \d+|`[^`]+`)"
REF = r"(?: (?P<ref>INC-\d+))?"
IN = r"(?: in (?P<ref>INC-\d+))?"
WHY = r"(?: because (?P<why>.+))?"
GUIDE = "docs/how-to/write-a-story.md"

Do = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A kind of sentence. ``example`` is one, and ``says`` what it means."""

    pattern: re.Pattern[str]
    example: str
    says: str
    do: Do


@dataclass(slots=True)
class Seen:
    """What happened because of a row, less what the row has named so far."""

    world: World
    messages: list[Message]
    refusal: TocsinError | None
    named: set[str] = field(default_factory=set)


ACTIONS: list[Sentence] = []
CHECKS: list[Sentence] = []


def action(pattern: str, example: str) -> Callable[[Do], Do]:
    """Register what a sentence of the column "does" does."""
    return _register(ACTIONS, pattern, example)


def check(pattern: str, example: str) -> Callable[[Do], Do]:
    """Register what a sentence of the column "then" promises."""
    return _register(CHECKS, pattern, example)


def perform(world: World, does: str) -> TocsinError | None:
    """Do what the sentence says; a refusal is an answer, not a failure."""
    sentence, words = _find(ACTIONS, does)
    try:
        sentence.do(world, **words)
    except TocsinError as error:
        return error
    return None


def expect(seen: Seen, says: str) -> None:
    """Hold the world to one sentence."""
    sentence, words = _find(CHECKS, says)
    sentence.do(seen, **words)


def nothing_else(seen: Seen) -> None:
    """Fail for a message or a refusal that no sentence named."""
    left = [f"{say_message(message)} ({message.notice.why})" for message in seen.messages]
    assert not left, "unexpected messages:\n  " + "\n  ".join(left)
    assert seen.refusal is None, f"unexpected refusal: {seen.refusal}"


def say_message(message: Message) -> str:
    """A message in words, for somebody who looks for the fault."""
    notice = message.notice
    return f"{notice.to} got {notice.kind} by {message.via}: {notice.subject}"


def latest(world: World, ref: str | None) -> Incident:
    """The incident that a sentence means: the one it names, else the newest."""
    if ref:
        return respond.exists(world.app, ref)
    found = world.app.db.read(lambda tx: incidents.listing(tx, limit=1))
    assert found, "there is no incident yet"
    return found[0]


def page_of(world: World, ref: str | None = None) -> views.IncidentPage:
    """What the incident's page shows."""
    return views.incident_page(world.app, latest(world, ref).id)


def step_of(world: World, ref: str | None, words: str) -> Step:
    """The step that a sentence means, in the incident's own version of its runbook: by line, title or command.

    Where several fit, the one of the incident's scenario is meant.
    """
    page = page_of(world, ref)
    wanted = words.strip("`")
    line = int(words.removeprefix("line ")) if words.startswith("line ") else None
    every = list(page.runbook.steps())
    found = [step for step in every if (step.line == line if line else wanted in (step.title, step.command))]
    inside = [step for step in found if page.scenario and step in page.scenario.steps] or found
    known = "\n  ".join(f"line {step.line}: {step.title}" for step in every)
    assert inside, f"{page.runbook.title!r} has no step {words!r}. It has:\n  {known}"
    return inside[0]


def _register(to: list[Sentence], pattern: str, example: str) -> Callable[[Do], Do]:
    def register(do: Do) -> Do:
        to.append(Sentence(re.compile(pattern), example, (do.__doc__ or "").strip(), do))
        return do

    return register


def _find(known: list[Sentence], text: str) -> tuple[Sentence, dict[str, str | None]]:
    for sentence in known:
        found = sentence.pattern.fullmatch(text)
        if found:
            return sentence, found.groupdict()
    raise AssertionError(f"No story knows what {text!r} means. See {GUIDE}.")
