"""What is at hand in an incident: commands by their symptom, linked runbooks and documents, runs of the system."""

from __future__ import annotations

import re

import pytest

from tests.stories.doing import move
from tests.stories.vocabulary import IN, REF, STEP, WHO, Seen, action, check, latest, page_of, step_of
from tests.stories.world import World
from tocsin.core.incident import Incident
from tocsin.core.shown import StepView
from tocsin.errors import TocsinError
from tocsin.service import documents, following, palette, tracing
from tocsin.service.tracing import NewTrace, NewTraces
from tocsin.store import traces
from tocsin.times import parse_duration

SENDER = "assistant"
_VALUES = re.compile(r"(?P<name>[^=]+)=(?P<value>[^,]*),? *")


@action(rf"{WHO} runs {STEP} with `(?P<values>[^`]*)`{IN}", "ana runs line 25 with `service=oven, <pid>=7`")
def _runs_with(world: World, who: str, step: str, values: str, ref: str | None) -> None:
    """Ask for a step together with values for its gaps."""
    given = {found["name"].strip(): found["value"] for found in _VALUES.finditer(values)}
    move(world, who, ref, "request_step", step=step_of(world, ref, step).id, values=given)


@action(
    rf"{WHO} runs {STEP}{IN} all the same because (?P<why>.+)", "ana runs line 30 all the same because it came back"
)
def _runs_anyway(world: World, who: str, step: str, why: str, ref: str | None) -> None:
    """Ask for a step although another one was done instead."""
    move(world, who, ref, "request_step", step=step_of(world, ref, step).id, why=why)


@action(rf"{WHO} follows (?:the document `(?P<document>[^`]*)`|{STEP}){IN}", "ana follows line 40")
def _follows(world: World, who: str, document: str | None, step: str | None, ref: str | None) -> None:
    """Make a linked runbook's steps the incident's: by the step that links to it, or by the link as it is written."""
    wanted = {"document": document} if document else {"step": step_of(world, ref, step or "").id}
    move(world, who, ref, "follow", **wanted)


@action(
    r"the file `(?P<name>[^`]*)` says `(?P<new>[^`]*)` instead of `(?P<old>[^`]*)` from now on",
    "the file `oven.md` says `cold` instead of `warm` from now on",
)
def _file_edited(world: World, name: str, new: str, old: str) -> None:
    """A file of the story is changed; Tocsin goes on."""
    path = world.folder / name
    text = path.read_text("utf-8")
    assert old in text, f"{name} does not say {old!r}"
    path.write_text(text.replace(old, new), "utf-8")


@action(
    r"the system tells of (?:(?P<count>\d+) runs|a run) `(?P<name>[^`]*)` that (?P<how>went well|failed|goes on)"
    r"(?: after (?P<span>[\d.]+ ?s))?(?: because (?P<why>.+))?",
    "the system tells of 3 runs `bake a loaf` that failed after 2 s because the oven is cold",
)
def _tells(world: World, count: str | None, name: str, how: str, span: str | None, why: str | None) -> None:
    """The system under care sends what it ran; each has an id of its own."""
    status = {"went well": "ok", "failed": "error", "goes on": "running"}[how]
    seconds = parse_duration(span).total_seconds() if span else None
    known = len(world.app.db.read(traces.listing))
    told = [
        NewTrace(id=f"run-{known + number}", name=name, status=status, seconds=seconds, error=why or "")  # type: ignore[arg-type]
        for number in range(int(count or 1))
    ]
    tracing.record(world.app, NewTraces(traces=tuple(told)), SENDER)


@action(
    r"OpenTelemetry tells of a run `(?P<name>[^`]*)` with a part `(?P<part>[^`]*)` that failed because (?P<why>.+)",
    "OpenTelemetry tells of a run `bake a loaf` with a part `heat the oven` that failed because it is cold",
)
def _exports(world: World, name: str, part: str, why: str) -> None:
    """An exporter sends the part first and the run that holds it in a second message, both in OTLP's JSON."""
    at = str(int(world.clock.at.timestamp()) * 10**9)
    trace = f"{len(world.app.db.read(traces.listing)) + 1:032x}"
    inner = {"spanId": "b" * 16, "parentSpanId": "a" * 16, "name": part, "status": {"code": 2, "message": why}}
    for span in (inner, {"spanId": "a" * 16, "name": name}):
        whole = {"traceId": trace, "startTimeUnixNano": at, "endTimeUnixNano": at, **span}
        service = {"attributes": [{"key": "service.name", "value": {"stringValue": SENDER}}]}
        sent = {"resourceSpans": [{"resource": service, "scopeSpans": [{"spans": [whole]}]}]}
        assert tracing.record_spans(world.app, sent, SENDER).rejected == 0


@check(r"the words `(?P<words>[^`]*)` find lines? (?P<lines>[\d, ]+)", "the words `oven cold` find lines 9, 25")
def _find(seen: Seen, words: str, lines: str) -> None:
    """Which steps of all sections have these words, the document's order."""
    found = palette.palette(seen.world.app, latest(seen.world, None).id, words).rows
    assert [row.shown.step.line for row in found] == [int(line) for line in lines.split(",")], [
        (row.shown.step.line, row.shown.step.title) for row in found
    ]


@check(rf"{STEP} opens `(?P<title>[^`]*)` with (?P<count>\d+) steps", "line 12 opens `Put out the fire` with 3 steps")
def _opens(seen: Seen, step: str, title: str, count: str) -> None:
    """A step that points to a section opens it."""
    wanted, ref = step_of(seen.world, None, step).id, latest(seen.world, None).id
    whole = palette.palette(seen.world.app, ref)
    row = next(row for row in whole.rows if row.shown.step.id == wanted)
    section = next((each for each in whole.sections if each.id == row.opens), None)
    assert section is not None, f"{step} opens nothing"
    rows = palette.palette(seen.world.app, ref, section=section.id).rows
    assert (section.title, len(rows)) == (title, int(count)), (section, len(rows))


@check(rf"{STEP} is passed over for {STEP.replace('step', 'other')}", "line 30 is passed over for line 28")
def _passed(seen: Seen, step: str, other: str) -> None:
    """The page says that another step is done instead of it."""
    view = _row(seen, step)
    assert view.instead is not None and view.instead.id == step_of(seen.world, None, other).id, view.instead


@check(rf"{STEP} takes a person", "line 30 takes a person")
def _person(seen: Seen, step: str) -> None:
    """The page hands its command to a human."""
    assert _row(seen, step).for_a_person


def _row(seen: Seen, step: str) -> StepView:
    wanted = step_of(seen.world, None, step).id
    rows = palette.palette(seen.world.app, latest(seen.world, None).id).rows
    return next(row.shown for row in rows if row.shown.step.id == wanted)


@check(rf"the document `(?P<target>[^`]*)`{REF} says `(?P<words>[^`]*)`", "the document `./oven.md` says `warm`")
def _document(seen: Seen, target: str, ref: str | None, words: str) -> None:
    """What the runbook links to opens from the incident, and holds these words."""
    incident = latest(seen.world, ref)
    opened = documents.open_document(seen.world.app, incident.id, _number(seen, incident, target))
    assert words in opened.text, opened.text


@check(
    r"the document `(?P<target>[^`]*)` does not open because `(?P<words>[^`]*)`",
    "the document `./gone.md` does not open because `no file`",
)
def _closed(seen: Seen, target: str, words: str) -> None:
    """It is listed with the reason, and refused with it."""
    incident = latest(seen.world, None)
    number = _number(seen, incident, target)
    listed = next(each for each in documents.documents(seen.world.app, incident.id) if each.number == number)
    assert words in listed.problem, listed
    with pytest.raises(TocsinError) as caught:
        documents.open_document(seen.world.app, incident.id, number)
    assert words in caught.value.message


def _number(seen: Seen, incident: Incident, target: str) -> int:
    known = documents.documents(seen.world.app, incident.id)
    found = [each.number for each in known if each.target == target]
    assert found, [each.target for each in known]
    return found[0]


@check(r"line (?P<line>\d+) is repaired to `(?P<words>[^`]*)`", "line 25 is repaired to `→`")
def _repaired(seen: Seen, line: str, words: str) -> None:
    """A passage whose encoding was broken is shown mended, and said to be."""
    book = seen.world.app.books[0]
    found = [repair.after for repair in book.repairs if repair.line == int(line)]
    assert any(words in after for after in found), book.repairs


@check(
    rf"the runbook `(?P<title>[^`]*)` is followed{IN}(?P<old>, changed since)?", "the runbook `The oven` is followed"
)
def _followed(seen: Seen, title: str, ref: str | None, old: str | None) -> None:
    """Its steps are the incident's; the page says where its file was changed since."""
    found = [each for each in page_of(seen.world, ref).incident.followed if each.title == title]
    assert found, page_of(seen.world, ref).incident.followed
    assert bool(old) is bool(following.state_of(found[-1])), following.state_of(found[-1])


@check(
    r"the runs are `(?P<words>[^`]*)`",
    "the runs are `bake a loaf failed after 2 s: the oven is cold / bake a loaf went well`",
)
def _runs(seen: Seen, words: str) -> None:
    """The latest runs that the system told of, the newest first; the words stand in each."""
    found = [each.says() for each in seen.world.app.db.read(traces.listing)]
    wanted = words.split(" / ")
    assert len(found) == len(wanted) and all(map(str.__contains__, found, wanted)), found
