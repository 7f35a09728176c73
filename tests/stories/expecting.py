"""What can stand in a story's "then" column. Anything that happened and is not named there fails the story."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.stories.doing import latest, step_at
from tests.stories.world import World
from tocsin.core.facts import Actor
from tocsin.core.notices import Notice
from tocsin.errors import TocsinError
from tocsin.service import review, views

Check = Callable[..., None]
CHECKS: list[tuple[re.Pattern[str], Check]] = []


@dataclass(slots=True)
class Seen:
    """What happened because of a row, less what the row has named so far."""

    world: World
    messages: list[Notice]
    refusal: TocsinError | None
    named: set[str] = field(default_factory=set)


def check(pattern: str) -> Callable[[Check], Check]:
    """Register what a sentence promises."""

    def register(do: Check) -> Check:
        CHECKS.append((re.compile(pattern), do))
        return do

    return register


def expect(seen: Seen, sentence: str) -> None:
    """Hold the world to one sentence."""
    for pattern, do in CHECKS:
        found = pattern.fullmatch(sentence)
        if found:
            do(seen, **found.groupdict())
            return
    raise AssertionError(f"No story knows how to check: {sentence!r}. See docs/how-to/write-a-story.md.")


def nothing_else(seen: Seen) -> None:
    """Fail for a message or a refusal that no sentence named."""
    left = [f"{notice.to} got {notice.kind}: {notice.subject} ({notice.why})" for notice in seen.messages]
    assert not left, "unexpected messages:\n  " + "\n  ".join(left)
    assert seen.refusal is None, f"unexpected refusal: {seen.refusal}"


@check(r"nothing")
def _nothing(seen: Seen) -> None:
    nothing_else(seen)


@check(r"refused: (?P<words>.+)")
def _refused(seen: Seen, words: str) -> None:
    assert seen.refusal is not None, "it was not refused"
    assert words.strip("`") in str(seen.refusal), f"refused with other words: {seen.refusal}"
    seen.refusal = None


@check(r"(?P<who>[a-z]+) is (?P<how>paged|told|asked)(?: (?P<count>\d+) times)?(?: (?:about|that) `(?P<words>[^`]*)`)?")
def _told(seen: Seen, who: str, how: str, count: str | None, words: str | None) -> None:
    kind = {"paged": "page", "told": "inform", "asked": "approval"}[how]
    fitting = [notice for notice in seen.messages if notice.to == who and notice.kind == kind]
    if words:
        fitting = [notice for notice in fitting if words in f"{notice.subject}\n{notice.why}\n{notice.body}"]
    wanted = int(count or 1)
    others = [f"{notice.to}: {notice.kind} {notice.subject}" for notice in seen.messages]
    assert len(fitting) >= wanted, f"{who} was not {how}{f' about {words!r}' if words else ''}; messages: {others}"
    for notice in fitting[:wanted]:
        seen.messages.remove(notice)


@check(r"(?P<ref>INC-\d+) is declared(?: (?P<severity>\S+))?(?: as `(?P<scenario>[^`]*)`)?")
def _declared(seen: Seen, ref: str, severity: str | None, scenario: str | None) -> None:
    incident = latest(seen.world, ref)
    assert incident.status == "open", f"{ref} is {incident.status}"
    assert severity in (None, incident.severity), f"{ref} is {incident.severity}"
    assert scenario in (None, incident.scenario_title, incident.title), f"{ref} is {incident.scenario_title!r}"


@check(r"(?P<ref>INC-\d+) is (?P<status>open|acknowledged|mitigated|resolved)")
def _status(seen: Seen, ref: str, status: str) -> None:
    incident = latest(seen.world, ref)
    assert incident.status == status, f"{ref} is {incident.status}"


@check(r"(?P<ref>INC-\d+) is (?P<severity>(?:P|SEV-?)\d)")
def _severity(seen: Seen, ref: str, severity: str) -> None:
    assert latest(seen.world, ref).severity == severity, f"{ref} is {latest(seen.world, ref).severity}"


@check(r"there (?:is|are) (?P<count>\d+|no) incidents?")
def _count(seen: Seen, count: str) -> None:
    found = views.listing(seen.world.app)
    assert len(found) == (0 if count == "no" else int(count)), [summary.incident.id for summary in found]


@check(r"(?P<ref>INC-\d+) holds (?P<count>\d+) alerts")
def _alerts(seen: Seen, ref: str, count: str) -> None:
    from tocsin.store import alerts

    found = seen.world.app.db.read(lambda tx: alerts.listing(tx, incident=ref))
    assert len(found) == int(count), f"{ref} holds {len(found)} alerts"


@check(
    r"line (?P<line>\d+)(?: of (?P<ref>INC-\d+))? (?:is |was |has |)(?P<status>[a-z ]+?)"
    r"(?: printing `(?P<words>[^`]*)`)?"
)
def _line(seen: Seen, line: str, ref: str | None, status: str, words: str | None) -> None:
    state = latest(seen.world, ref).step(step_at(seen.world, ref, line))
    if status in ("untouched", "not run"):
        assert state is None, f"line {line} is {state.status if state else ''}"
        return
    assert state is not None, f"line {line} is untouched"
    wanted = {"awaiting approval": "awaiting_approval", "waiting": "awaiting_approval", "in doubt": "in_doubt"}
    said = f"{state.note} {state.excerpt}"
    assert state.status == wanted.get(status, status.replace(" ", "_")), f"line {line} is {state.status}: {said}"
    if words:
        assert words in said, f"line {line} printed {said!r}"


@check(r"the timeline says `(?P<words>[^`]*)`")
def _timeline(seen: Seen, words: str) -> None:
    page = views.incident_page(seen.world.app, latest(seen.world, None).id)
    lines = [f"{entry.line.title} {entry.line.detail}" for entry in page.timeline]
    assert any(words in line for line in lines), "the timeline says only:\n  " + "\n  ".join(lines)


@check(r"the timeline never says `(?P<words>[^`]*)`")
def _never(seen: Seen, words: str) -> None:
    page = views.incident_page(seen.world.app, latest(seen.world, None).id)
    said = repr(page.incident) + "".join(f"{entry.line.title} {entry.line.detail}" for entry in page.timeline)
    assert words not in said


@check(r"the post-mortem says `(?P<words>[^`]*)`")
def _postmortem(seen: Seen, words: str) -> None:
    text = review.open_review(seen.world.app, latest(seen.world, None).id, Actor("person", "reader")).text
    assert words in text, text


@check(r"the branches are `(?P<names>[^`]*)`")
def _branches(seen: Seen, names: str) -> None:
    page = views.incident_page(seen.world.app, latest(seen.world, None).id)
    found = page.scenario.branches if page.scenario else ()
    assert list(found) == [name.strip() for name in names.split("/")], found


@check(r"the phase (?P<phase>[a-z0-9/-]+) is (?P<how>reached|open)(?: by (?P<who>[a-zA-Z]+))?")
def _phase(seen: Seen, phase: str, how: str, who: str | None) -> None:
    found = next((one for one in latest(seen.world, None).phases if one.id == phase), None)
    assert found is not None, [one.id for one in latest(seen.world, None).phases]
    assert (found.at is not None) == (how == "reached"), f"{phase} was reached at {found.at}"
    assert who in (None, found.by, found.owner), f"{phase} was reached by {found.by}"


@check(r"still missing: `(?P<words>[^`]*)`")
def _missing(seen: Seen, words: str) -> None:
    page = views.incident_page(seen.world.app, latest(seen.world, None).id)
    assert any(words in reason for reason in page.missing), page.missing


@check(r"next: (?P<who>[a-z]+) in (?P<minutes>[\d.]+) min")
def _next(seen: Seen, who: str, minutes: str) -> None:
    from tocsin.core.wake import next_due

    due = next_due(latest(seen.world, None))
    assert due is not None, "nobody is called next"
    person = seen.world.app.settings.directory.find(due.rung.to)
    assert person is not None and person.id == who, due.rung.to
    rest = (due.at - seen.world.clock.at).total_seconds() / 60
    assert abs(rest - float(minutes)) < 0.02, f"in {rest} min"


@check(r"(?P<count>\d+) action items? (?:is|are) proposed")
def _actions(seen: Seen, count: str) -> None:
    assert len(latest(seen.world, None).actions) == int(count), latest(seen.world, None).actions


@check(r"row and timeline agree")
def _agree(seen: Seen) -> None:
    from tocsin.store import incidents

    for summary in views.listing(seen.world.app):
        ref = summary.incident.id
        assert seen.world.app.db.read(lambda tx, ref=ref: incidents.verify(tx, ref)) == []  # type: ignore[misc]
