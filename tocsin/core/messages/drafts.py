"""Drafts: the document's messages as they would be sent now, with what each still asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Literal

from tocsin.core.incident import Incident
from tocsin.core.messages.gaps import Gap, gaps_of, sentences
from tocsin.core.messages.meanings import MEANINGS, asked, key_of, own_key, plain
from tocsin.core.messages.values import Around, known, suggestions
from tocsin.core.messagestate import Sent
from tocsin.core.placeholders import choices_of
from tocsin.core.runbook import Runbook, Template
from tocsin.errors import NotFound

Kind = Literal["initial", "update", "resolution", "record", "other"]
State = Literal["ready", "asks", "waits", "sent"]
MOST_MESSAGES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A field of a message. ``value`` empty: it is open; then ``waits`` says for what, where nobody need answer.

    ``words`` are the document's own, on ``line``; ``source`` tells where the value is from; ``at``: when a person gave
    it. ``whose``: "person" where only one knows it. ``passing``: it says how things are now.
    """

    field: str
    words: str
    gap: str
    line: int
    value: str = ""
    source: str = ""
    waits: str = ""
    whose: str = "person"
    passing: bool = False
    at: datetime | None = None
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message as it would be sent now. A gap that is open stands in the text as the document writes it.

    ``state``: ready; it asks something; it waits for a moment to come; or it was sent, and nothing is new since.
    ``edited_by``: who wrote it otherwise than the template.
    """

    id: str
    title: str
    kind: Kind
    line: int
    text: str
    state: State
    fields: tuple[Asked, ...] = ()
    edited_by: str = ""
    sent: Sent | None = None
    due: bool = False

    @property
    def open_fields(self) -> tuple[Asked, ...]:
        """What a person is still asked."""
        return tuple(each for each in self.fields if not each.value and not each.waits)

    @property
    def waiting(self) -> tuple[Asked, ...]:
        """What will be known later."""
        return tuple(each for each in self.fields if not each.value and each.waits)


@dataclass(frozen=True, slots=True)
class Filled:
    """A template's text with its gaps filled, and the gaps."""

    text: str
    fields: tuple[Asked, ...] = ()


def templates_of(runbook: Runbook) -> tuple[Template, ...]:
    """The document's messages: its templates but the post-mortem, and the sentences that it tells people to say."""
    items = [(item.text, item.line) for part in runbook.checklists for item in part.items]
    items += [(step.title, step.line) for step in runbook.steps() if step.kind == "manual"]
    inside = [each for each in runbook.templates if each.kind != "postmortem" and each.fields]
    lines = {each.line for each in inside}
    told = {each.line: each for each in sentences(list(dict.fromkeys(items))) if each.line not in lines}
    return tuple(sorted([*inside, *told.values()], key=lambda each: each.line))[:MOST_MESSAGES]


@lru_cache(maxsize=256)
def kind_of(template: Template) -> Kind:
    """What a message is for; one that says itself that all is over tells of the end, whatever its heading."""
    if template.kind == "postmortem":
        return "record"
    over = any(
        plain(line).startswith(("status resolved", "estado resuelto", "status behoben"))
        for line in template.text.split("\n")
    )
    return "resolution" if over else template.kind


def drafts(around: Around) -> tuple[Draft, ...]:
    """Every message of the document, in its order; the one that is due next is marked."""
    found = [_draft(template, around) for template in templates_of(around.runbook)]
    chosen = next_of(found, around.incident)
    return tuple(replace(each, due=chosen is not None and each.id == chosen.id) for each in found)


def draft_of(around: Around, name: str) -> Draft:
    """One message, by its id or by words that only its title has. Raises `NotFound`."""
    every = drafts(around)
    exact = next((each for each in every if each.id == name), None)
    words = " ".join(name.casefold().split())
    fitting = [each for each in every if words and words in each.title.casefold()]
    found = exact or (fitting[0] if len(fitting) == 1 else None)
    if found is None:
        ids = ", ".join(each.id for each in every) or "none"
        raise NotFound(f"{around.incident.id} has no message {name[:60]!r}.", f"Its messages: {ids}.")
    return found


def next_of(every: Sequence[Draft], incident: Incident) -> Draft | None:
    """The message whose turn it is: the end once it is resolved, else the first one, then updates."""
    if not incident.open:
        over = [each for each in every if each.kind == "resolution"]
        return next((each for each in over if not _sent_since(each, incident.resolved_at)), None)
    first = [each for each in every if each.kind == "initial"]
    begun = any(_sent_since(each, incident.unresolved_since) for each in (*first, *every) if each.kind != "record")
    if first and not begun:
        return first[0]
    updates = [each for each in every if each.kind == "update"]
    return next(iter([*updates, *reversed(first)]), None)


def _sent_since(draft: Draft, since: datetime | None) -> bool:
    return draft.sent is not None and (since is None or draft.sent.at >= since)


def _draft(template: Template, around: Around) -> Draft:
    incident = around.incident
    edit, sent = incident.messages.edits.get(template.id), incident.messages.sent.get(template.id)
    filled = fill(template, around)
    text = filled.text if edit is None else edit.text
    fields = filled.fields
    if edit is not None:  # a gap that is no longer in somebody's own words asks nothing
        fields = tuple(each for each in fields if each.value or each.gap in edit.text)
    # What was said then, as far as it is known now: a duration that goes on is nothing new.
    then = text if edit or sent is None else fill(template, replace(around, now=sent.at)).text
    return Draft(
        id=template.id, title=template.title, kind=kind_of(template), line=template.line, text=text, fields=fields,
        state=_state(fields, then, sent), edited_by=edit.by if edit else "", sent=sent,
    )  # fmt: skip


def _state(fields: Sequence[Asked], text: str, sent: Sent | None) -> State:
    if sent is not None and sent.text == text:
        return "sent"
    if any(not each.value and not each.waits for each in fields):
        return "asks"
    return "waits" if any(not each.value for each in fields) else "ready"


def fill(template: Template, around: Around) -> Filled:
    """A template with everything that is known in its gaps. What a value holds is not looked at again."""
    gaps = gaps_of(template, around.incident.severities)
    around = replace(around, ending=kind_of(template) == "resolution")
    many = Counter(key_of(gap) for gap in gaps)
    parts, fields, at = list[str](), dict[str, Asked](), 0
    for gap in gaps:
        one = _asked(gap, around, record=many[key_of(gap)] > 1)
        parts += [template.text[at : gap.start], one.value or gap.text]
        at = gap.end
        if not gap.scale or not one.value:
            fields.setdefault(one.field, one)
    return Filled(text="".join((*parts, template.text[at:])), fields=tuple(fields.values()))


def _asked(gap: Gap, around: Around, *, record: bool) -> Asked:
    """One gap with its value: the incident's where it alone knows, else what a person said, else the incident's."""
    key = key_of(gap)
    if key == "now" and record:  # several moments of a list are several moments, and not this one
        key = own_key(gap)
    meaning = MEANINGS.get(key)
    whose = meaning.whose if meaning else "person"
    found, said = known(key, gap, around), around.incident.messages.answers.get(key)
    plain_field = Asked(
        field=key, words=asked(gap), gap=gap.text, line=gap.line, whose=whose,
        passing=bool(meaning and meaning.passing), offers=(*choices_of(gap.text), *suggestions(key, around)),
    )  # fmt: skip
    firm = whose == "incident" or key in _FIRM or (said and found and found.at and found.at >= said.at)
    if said is not None and not (firm and found is not None and found.text):
        source = f"as {around.directory.name_of(said.by)} said"
        return replace(plain_field, value=said.text, source=source, at=said.at)
    if found is not None and found.text:
        return replace(plain_field, value=found.text, source=found.source)
    return replace(plain_field, waits=found.source) if found is not None else plain_field


_FIRM = frozenset({"root cause", "cadence", "meeting"})
"""What the incident knows best as soon as it knows it, whatever was answered before."""
