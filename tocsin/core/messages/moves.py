"""Moves of people over messages: answer what a template asks, write a message otherwise, send it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from tocsin.core import facts, learning, steps, timing
from tocsin.core.messages.drafts import Asked, Draft, drafts
from tocsin.core.messages.gaps import Gap, gaps_of
from tocsin.core.messages.meanings import key_of
from tocsin.core.messages.values import Around, unit_of
from tocsin.core.messagestate import TELLING
from tocsin.core.moves import Facts, reach
from tocsin.core.runbook import Step
from tocsin.errors import Invalid, NotFound, Refused
from tocsin.times import say_duration, say_time

AGAIN_AFTER = timedelta(minutes=1)
"""The same message leaves at most so often for the same people: two who press at the same moment mean one message."""
LONGEST_ANSWER = 2_000
LONGEST_MESSAGE = 20_000
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_SPAN = re.compile(r"(?:another )?(?P<number>\d{1,4}(?:\.\d)?) ?(?P<unit>m|h)(?:in|inutes?|ours?)?\.?", re.IGNORECASE)
_COUNT = re.compile(r"(?P<number>\d{1,3}(?:[,.' ]\d{3})+|\d{1,12})(?: users| customers)?", re.IGNORECASE)
_SHARE = re.compile(r"(?P<share>\d{1,3}(?:\.\d+)?) ?%(?: of (?:all |our )?(?:users|customers))?", re.IGNORECASE)


def fill_in(around: Around, answers: Mapping[str, str]) -> Facts:
    """Answer what templates ask, each once for all of them; an empty answer takes an earlier one back."""
    fields = {each.field: each for draft in drafts(around) for each in draft.fields}
    made: Facts = []
    for key, words in answers.items():
        field = fields.get(key)
        if field is None:
            known = ", ".join(name for name, each in fields.items() if each.whose != "incident") or "nothing"
            raise NotFound(f"No message of {around.incident.id} asks for {key[:60]!r}.", f"They ask for: {known}.")
        if field.whose == "incident":
            raise Refused(f"{field.words!r} is what the incident itself says ({field.source or field.waits}).")
        made += _answer(around, field, _one_line(words))
    if not made:
        raise Invalid("Nothing was answered.", "Give at least one answer that is new.")
    return made


def draft(around: Around, message: Draft, text: str) -> Facts:
    """Write a message in other words than its template; an empty text takes the template again."""
    said = _words(text)
    if said == message.text or (not said and not message.edited_by):
        raise Invalid("The message says exactly this already.", "Write it otherwise.")
    if not around.incident.open and not said and not message.edited_by:
        raise Refused("There is nothing to take back.")
    return [facts.MessageDrafted(message=message.id, text=said, title=message.title)]


def send(around: Around, message: Draft, text: str, channels: Sequence[str], *, alone: bool = False) -> Facts:
    """Send a message to channels, by their ids: as it is drafted, or in the words of ``text``."""
    incident = around.incident
    if incident.team.private:
        raise Refused(f"{incident.id} is private, so no message of it leaves.", "Tell those who may know in person.")
    if incident.duplicate_of:
        raise Refused(f"{incident.id} is a duplicate.", f"Send the messages of {incident.duplicate_of}.")
    said = _words(text) or message.text
    open_ones = [each for each in message.fields if not each.value and each.gap in said]
    if open_ones:
        asks = "; ".join(each.words for each in open_ones)
        waits = " ".join(f"“{each.words}” is {each.waits}." for each in open_ones if each.waits)
        raise Refused(f"“{message.title}” still asks: {asks}.", waits or "Answer it, or write the message otherwise.")
    if not channels:
        raise Refused(
            "No channel takes this message.", "Bind one under [channels] in tocsin.toml, or name one that is bound."
        )
    _just_left(around, message, said, channels)
    sent = facts.MessageSent(
        message=message.id, title=message.title, kind=message.kind, text=said, channels=tuple(channels),
        line=message.line, alone=alone,
    )  # fmt: skip
    first = reach(incident, "communicate", "the first message was sent") if message.kind in TELLING else []
    return [sent, *first, *_ticked(around, message)]


def unseen(around: Around, message: Draft, seen: int) -> None:
    """Refuse what somebody else sent meanwhile: it had left ``seen`` times when the sender looked."""
    if message.sent is not None and message.sent.times > seen:
        who = around.directory.name_of(message.sent.by)
        raise Refused(
            f"{who} sent “{message.title}” at {say_time(message.sent.at)}, after you looked.",
            "Look at what it said; where it is to leave again, send it again.",
        )


def _just_left(around: Around, message: Draft, said: str, channels: Sequence[str]) -> None:
    """Refuse the same message to the same people at the same moment; only the hour and durations may differ."""
    sent = message.sent
    if sent is None or around.now - sent.at >= AGAIN_AFTER or not set(channels) <= set(sent.channels):
        return
    if sent.text == said or (said == message.text and message.state == "sent"):
        who, ago = around.directory.name_of(sent.by), say_duration(around.now - sent.at)
        raise Refused(
            f"{who} sent “{message.title}” {ago} ago.",
            "Say what is new; where the same is to leave again, wait a minute.",
        )


def _answer(around: Around, field: Asked, words: str) -> Facts:
    """What an answer means: some are facts of their own, which everything else of the incident heeds, too."""
    incident = around.incident
    if words == field.value:
        return []
    if field.field == "root cause" and words:
        return learning.record_root_cause(incident, around.runbook, words)
    if field.field == "cadence":
        return timing.set_cadence(incident, _every(around, field, words), "a message asks for it")
    if field.field == "eta" and incident.open and (span := _SPAN.fullmatch(words)):
        rest = timedelta(minutes=1) if span["unit"].lower() == "m" else timedelta(hours=1)
        return timing.estimate(incident, float(span["number"]) * rest, "a message asks for it")
    if field.field == "users" and (counted := _counted(words)):
        return [counted]
    return [facts.FieldAnswered(field=field.field, text=words, asked=field.words, line=field.line)]


def _every(around: Around, field: Asked, words: str) -> timedelta:
    gap = _gap(around, field)
    number = re.fullmatch(r"(\d{1,5}(?:\.\d+)?)(?:\s*(?:min(?:ute)?s?|hours?|h))?", words)
    if number is None:
        raise Invalid(f"{words[:40]!r} is no number.", "Write for example 30.", where=field.words)
    return float(number[1]) * (unit_of(gap) if gap else timedelta(minutes=1))


def _gap(around: Around, field: Asked) -> Gap | None:
    every = (gap for each in around.runbook.templates for gap in gaps_of(each, around.incident.severities))
    return next((gap for gap in every if gap.line == field.line and key_of(gap) == field.field), None)


def _counted(words: str) -> facts.AffectedCounted | None:
    """A plain number or share of users; anything else stays the words that it is."""
    share = _SHARE.fullmatch(words)
    if share and float(share["share"]) <= 100:
        return facts.AffectedCounted(share=float(share["share"]), why="a message asks for it")
    count = _COUNT.fullmatch(words)
    if count:
        return facts.AffectedCounted(count=float(re.sub(r"\D", "", count["number"])), why="a message asks for it")
    return None


def _ticked(around: Around, message: Draft) -> Facts:
    """The document's own step to post this, done."""
    fitting = (step for step in around.runbook.steps() if step.line == message.line)
    step: Step | None = next((each for each in fitting if each.kind == "manual"), None)
    if step is None or not around.incident.open or around.incident.step(step.id) is not None:
        return []
    try:
        return list(steps.do_step(around.incident, step, "the message was sent"))
    except Refused:  # somebody is about it
        return []


def _one_line(text: str) -> str:
    cleaned = " ".join(_UNSEEN.sub(" ", text).split())
    if len(cleaned) > LONGEST_ANSWER:
        raise Invalid(f"This is {len(cleaned):,} characters long; at most {LONGEST_ANSWER:,} are kept.")
    return cleaned


def _words(text: str) -> str:
    cleaned = _UNSEEN.sub(" ", text.replace("\r\n", "\n").replace("\t", "    ")).strip()
    if len(cleaned) > LONGEST_MESSAGE:
        raise Invalid(f"This is {len(cleaned):,} characters long; at most {LONGEST_MESSAGE:,} are kept.")
    return cleaned
