"""Publishing, as moves: what a person writes for the public becomes facts, or is refused with a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tocsin.core import facts
from tocsin.core.incident import Incident
from tocsin.core.moves import reach
from tocsin.core.statuspage.model import STAGES, STATES, Page, Report
from tocsin.errors import Invalid, Refused

PUBLIC = "public"
"""The audience of what stands on the status page."""
LONGEST_TITLE, LONGEST_TEXT, LONGEST_MESSAGE = 200, 5_000, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a person has written for the public. ``components`` and ``messages``: by a component's id."""

    text: str
    title: str = ""
    stage: str = ""
    components: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    began: datetime | None = None


def publish(
    incident: Incident, page: Page, words: Words, before: Report | None, *, now: datetime, first: bool
) -> list[Any]:
    """Say something of an incident on the status page; ``first``: nobody outside was told of it yet."""
    _may(incident)
    known = before.posts[-1] if before and before.posts else None
    title = words.title.strip() or (before.title if before else "")
    if not title:
        raise Refused("What the public reads needs a title of its own.", "Write one; the incident's own stays inside.")
    stage = words.stage or (known.stage if known else "investigating")
    if stage not in STAGES:
        raise Invalid(f"{stage[:60]!r} is no stage.", f"Use one of: {', '.join(STAGES)}.")
    began = words.began
    if began is not None and began > now:
        raise Invalid("It can't have begun in the future.", "Give a moment that is over.", where="began")
    chosen = affected(page, words.components)
    said = messages(page, words.messages, chosen)
    if stage == "resolved":
        chosen, said = {}, {}
    posted = facts.UpdatePosted(
        audience=PUBLIC, text=text_of(words.text), title=title_of(title), stage=stage, components=chosen,
        messages=said, began=began,
    )  # fmt: skip
    if before is not None and known is not None and _same(posted, before):
        raise Refused("The status page says exactly this already.", "Say what is new.")
    return [posted, *(reach(incident, "communicate", "the first update was published") if first else ())]


def retract(incident: Incident, before: Report | None, entry: int, why: str) -> list[Any]:
    """Take back what was published; what people have read or got by mail they keep."""
    if before is None:
        raise Refused(f"Nothing of {incident.id} is public.", "There is nothing to take back.")
    if not why.strip():
        raise Refused("This needs a reason.", "Say why it should not have been published.")
    return [facts.UpdateRetracted(entry=entry, why=why.strip())]


def affected(page: Page, chosen: Mapping[str, str]) -> dict[str, str]:
    """The components that are affected, each with its state. Raises `Invalid` for names that are none."""
    found: dict[str, str] = {}
    for name, state in chosen.items():
        _known(page, name)
        if state not in STATES:
            known = ", ".join(STATES)
            raise Invalid(f"{state[:60]!r} is no state of a component.", f"Use one of: {known}.", where=name)
        if state != "operational":
            found[name] = state
    return found


def messages(page: Page, given: Mapping[str, str], chosen: Mapping[str, str]) -> dict[str, str]:
    """What users of affected components read; nothing is said of one that works."""
    for name, message in given.items():
        _known(page, name)
        if len(message) > LONGEST_MESSAGE:
            raise Invalid(f"A message has at most {LONGEST_MESSAGE} characters.", "Make it shorter.", where=name)
    return {name: text.strip() for name, text in given.items() if text.strip() and name in chosen}


def title_of(text: str) -> str:
    """A title in one line. Raises `Invalid` for none, or one that is too long."""
    line = " ".join(text.split())
    if not line or len(line) > LONGEST_TITLE:
        raise Invalid(f"A title has 1 to {LONGEST_TITLE} characters.", "Say in a few words what people notice.")
    return line


def text_of(text: str) -> str:
    """A text for the public. Raises `Invalid` for none, or one that is too long."""
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise Invalid(f"A text for the public has 1 to {LONGEST_TEXT:,} characters.", "Say what people notice and do.")
    return text.strip()


def _may(incident: Incident) -> None:
    if incident.team.private:
        raise Refused(
            f"{incident.id} is private, so nothing of it can be published.",
            "Make it public inside first, or plan a maintenance that says what the public must know.",
        )
    if incident.drill:
        raise Refused(f"{incident.id} is a drill; the public is not told of drills.", "Practise on the preview.")
    if incident.duplicate_of:
        raise Refused(f"{incident.id} is a duplicate.", f"Publish {incident.duplicate_of} instead.")


def _known(page: Page, name: str) -> None:
    if page.component(name) is None:
        known = ", ".join(each.id for each in page.components) or "none"
        raise Invalid(f"There is no component {name[:60]!r}.", f"Components: {known}.")


def _same(posted: facts.UpdatePosted, before: Report) -> bool:
    last = before.posts[-1]
    states = {name: each.state for name, each in last.components.items()}
    said = {name: each.message for name, each in last.components.items() if each.message}
    same_words = (posted.title, posted.text, posted.stage) == (before.title, last.text, last.stage)
    return same_words and dict(posted.components) == states and dict(posted.messages) == said
