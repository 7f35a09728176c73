"""What must then be true of the incidents."""

from __future__ import annotations

from tests.stories.devices import BEGIN
from tests.stories.doing import named, phase_of
from tests.stories.vocabulary import IN, STEP, Seen, check, latest, page_of, step_of
from tocsin.core.facts import Actor
from tocsin.core.wake import next_due
from tocsin.service import alerting, duty, review, views
from tocsin.store import alerts, changes, incidents, library, runs

STATUS = (
    "untouched|awaiting approval|queued|running|succeeded|failed|timed out|cancelled|unrunnable|in doubt|done|skipped|"
    "undone"
)


@check(
    r"(?P<ref>INC-\d+) is declared(?: (?P<severity>\S+))?(?: as `(?P<scenario>[^`]*)`)?"
    r"(?: by the scenario on line (?P<line>\d+))?",
    "INC-1 is declared P2 as `Orders fail`",
)
def _declared(seen: Seen, ref: str, severity: str | None, scenario: str | None, line: str | None) -> None:
    """The incident exists and is open, with this severity, scenario or title."""
    incident = latest(seen.world, ref)
    assert incident.status == "open", f"{ref} is {incident.status}"
    assert severity in (None, incident.severity), f"{ref} is {incident.severity}"
    assert scenario in (None, incident.scenario_title, incident.title), f"{ref} is {incident.title!r}"
    assert line in (None, str(incident.line)), f"{ref} follows line {incident.line}"


@check(r"(?P<ref>INC-\d+) is (?P<status>open|acknowledged|mitigated|resolved)", "INC-1 is resolved")
def _status(seen: Seen, ref: str, status: str) -> None:
    """How far the incident is."""
    incident = latest(seen.world, ref)
    assert incident.status == status, f"{ref} is {incident.status}"


@check(r"(?P<ref>INC-\d+) is (?P<severity>(?:P|SEV-?)\d)", "INC-1 is P1")
def _severity(seen: Seen, ref: str, severity: str) -> None:
    """Its severity now."""
    assert latest(seen.world, ref).severity == severity, f"{ref} is {latest(seen.world, ref).severity}"


@check(r"the severity (?P<name>\S+) means `(?P<words>[^`]*)`", "the severity P1 means `nobody can order`")
def _means(seen: Seen, name: str, words: str) -> None:
    """How the runbook defines a severity."""
    found = page_of(seen.world).runbook.severity(name)
    assert found is not None, f"there is no severity {name}"
    assert words in f"{found.title} {found.description}", found


@check(r"(?P<ref>INC-\d+) is a drill", "INC-1 is a drill")
def _drill(seen: Seen, ref: str) -> None:
    """It is marked as a drill."""
    assert latest(seen.world, ref).drill, f"{ref} is no drill"


@check(r"there (?:is|are) (?P<count>\d+|no) incidents?", "there is 1 incident")
def _count(seen: Seen, count: str) -> None:
    """How many incidents there are, ended ones included."""
    found = views.listing(seen.world.app)
    assert len(found) == (0 if count == "no" else int(count)), [summary.incident.id for summary in found]


@check(r"(?P<ref>INC-\d+) holds (?P<count>\d+) alerts?", "INC-1 holds 300 alerts")
def _alerts(seen: Seen, ref: str, count: str) -> None:
    """How many alerts belong to it."""
    found = seen.world.app.db.read(lambda tx: alerts.listing(tx, incident=ref))
    assert len(found) == int(count), f"{ref} holds {len(found)} alerts"


@check(
    rf"{STEP}{IN} (?:is |was |has |)(?P<status>{STATUS})(?: printing `(?P<words>[^`]*)`)?(?: by (?P<who>[a-zA-Z]+))?",
    "line 28 succeeded printing `Linux`",
)
def _step(seen: Seen, step: str, ref: str | None, status: str, words: str | None, who: str | None) -> None:
    """What has become of a step (line, title or command), what it printed or noted, who asked for it or did it."""
    state = latest(seen.world, ref).step(step_of(seen.world, ref, step).id)
    if status == "untouched":
        assert state is None, f"{step} is {state.status if state else ''}"
        return
    assert state is not None, f"{step} is untouched"
    said = f"{state.note} {state.excerpt}"
    assert state.status == status.replace(" ", "_"), f"{step} is {state.status}: {said}"
    assert words is None or words in said, f"{step} said {said!r}"
    assert who in (None, state.by), f"{step} was asked for by {state.by}"


@check(rf"{STEP}{IN} wrote `(?P<name>[^`]*)` holding `(?P<words>[^`]*)`", "line 28 wrote `a.txt` holding `bread`")
def _wrote(seen: Seen, step: str, ref: str | None, name: str, words: str) -> None:
    """A file that its last run wrote is kept and holds these words."""
    files = _files(seen, step, ref)
    assert words in files.get(name, ""), f"{step} wrote {files!r}"


@check(rf"{STEP}{IN} never wrote `(?P<words>[^`]*)`", "line 28 never wrote `hunter2`")
def _never_wrote(seen: Seen, step: str, ref: str | None, words: str) -> None:
    """No file that is kept of its last run holds these words."""
    assert words not in str(_files(seen, step, ref)), f"{step} wrote {words!r}"


def _files(seen: Seen, step: str, ref: str | None) -> dict[str, str]:
    state = latest(seen.world, ref).step(step_of(seen.world, ref, step).id)
    run = seen.world.app.db.read(lambda tx: runs.get(tx, state.run)) if state else None
    return {file.name: file.text for file in run.outcome.files} if run and run.outcome else {}


@check(rf"{STEP}{IN} never printed `(?P<words>[^`]*)`", "line 28 never printed `hunter2`")
def _never_printed(seen: Seen, step: str, ref: str | None, words: str) -> None:
    """Its output does not hold these words."""
    state = latest(seen.world, ref).step(step_of(seen.world, ref, step).id)
    assert state is not None, f"{step} is untouched"
    assert words not in state.excerpt, f"{step} printed {state.excerpt!r}"


@check(
    rf"{STEP}{IN} came (?P<result>as expected|otherwise|incomparable)(?: saying `(?P<words>[^`]*)`)?",
    "line 28 came otherwise saying `expected 3, came 4`",
)
def _came(seen: Seen, step: str, ref: str | None, result: str, words: str | None) -> None:
    """How its output compares with what the document expects, and the first difference."""
    state = latest(seen.world, ref).step(step_of(seen.world, ref, step).id)
    assert state is not None and state.check is not None, f"{step} was not compared"
    wanted = {"as expected": "as expected", "otherwise": "differs", "incomparable": "not compared"}[result]
    assert state.check.result == wanted, f"{step}: {state.check}"
    assert (words or "") in state.check.detail, f"{step}: {state.check.detail!r}"


@check(rf"{STEP} (?:is judged|counts as) (?P<verdict>read|change|unknown)", "line 25 counts as unknown")
def _verdict(seen: Seen, step: str, verdict: str) -> None:
    """What is proved about a step's command."""
    found = step_of(seen.world, None, step)
    assert found.verdict == verdict, f"{step} is {found.verdict}: {found.why}"


@check(rf"{STEP} is (?P<kind>manual|shell|sql|link|set)", "line 30 is manual")
def _kind(seen: Seen, step: str, kind: str) -> None:
    """What kind of step it is."""
    found = step_of(seen.world, None, step)
    assert found.kind == kind, f"{step} is {found.kind}"


@check(rf"{STEP} waits for `(?P<names>[^`]*)`", "line 30 waits for `<pid>`")
def _unbound(seen: Seen, step: str, names: str) -> None:
    """The page says which placeholders of a step of the scenario still lack a value."""
    wanted = step_of(seen.world, None, step).id
    views_of = [view for part in page_of(seen.world).parts for view in part.steps if view.step.id == wanted]
    assert [list(view.unbound) for view in views_of] == [names.split()], views_of


@check(rf"the page{IN} offers to go back because `(?P<words>[^`]*)`", "the page offers to go back because `failed`")
def _goes_back(seen: Seen, ref: str | None, words: str) -> None:
    """A mitigation failed or made something worse, which is said at the top of the page."""
    found = page_of(seen.world, ref).go_back
    assert words in found, f"the page says {found!r}"


@check(rf"the page{IN} offers no way back", "the page offers no way back")
def _goes_on(seen: Seen, ref: str | None) -> None:
    """Nothing failed and nothing grew worse behind a mitigation."""
    found = page_of(seen.world, ref).go_back
    assert not found, f"the page says {found!r}"


@check(r"for `(?P<gap>[^`]*)` are offered `(?P<values>[^`]*)`", "for `<pid>` are offered `4711, 4712`")
def _offered(seen: Seen, gap: str, values: str) -> None:
    """The values that the page offers for a placeholder, the likeliest first."""
    found = [view.offers[gap] for part in page_of(seen.world).parts for view in part.steps if gap in view.offers]
    assert found, f"nothing takes {gap}"
    offered = ", ".join(offer.value for offer in found[0])
    assert offered == values, f"offered are {offered}"


@check(rf"the timeline{IN} says `(?P<words>[^`]*)`", "the timeline says `ben approved`")
def _timeline(seen: Seen, ref: str | None, words: str) -> None:
    """One of its lines holds these words."""
    lines = [f"{entry.line.title} {entry.line.detail}" for entry in page_of(seen.world, ref).timeline]
    assert any(words in line for line in lines), "the timeline says only:\n  " + "\n  ".join(lines)


@check(rf"the timeline{IN} never says `(?P<words>[^`]*)`", "the timeline never says `hunter2`")
def _never(seen: Seen, ref: str | None, words: str) -> None:
    """Neither the timeline nor anything else that is stored of the incident holds these words."""
    page = page_of(seen.world, ref)
    said = repr(page.incident) + "".join(f"{entry.line.title} {entry.line.detail}" for entry in page.timeline)
    assert words not in said


@check(r"the post-mortem says `(?P<words>[^`]*)`", "the post-mortem says `Time to acknowledge`")
def _postmortem(seen: Seen, words: str) -> None:
    """The post-mortem, as it stands, holds these words."""
    text = review.open_review(seen.world.app, latest(seen.world, None).id, Actor("person", "reader")).text
    assert words in text, text


@check(r"the post-mortem never says `(?P<words>[^`]*)`", "the post-mortem never says `<script>`")
def _postmortem_never(seen: Seen, words: str) -> None:
    """The post-mortem does not hold these words."""
    text = review.open_review(seen.world.app, latest(seen.world, None).id, Actor("person", "reader")).text
    assert words not in text, text


@check(r"the branches are `(?P<names>[^`]*)`", "the branches are `If it rains / If it snows`")
def _branches(seen: Seen, names: str) -> None:
    """The scenario's branches, in their order."""
    page = page_of(seen.world)
    found = page.scenario.branches if page.scenario else ()
    assert list(found) == [name.strip() for name in names.split(" / ")], found


@check(r"the branches begin on lines (?P<lines>[\d, ]+)", "the branches begin on lines 36, 41")
def _branch_lines(seen: Seen, lines: str) -> None:
    """The lines of each branch's first step, in the document's order."""
    scenario = page_of(seen.world).scenario
    firsts = {step.branch: step.line for step in reversed(scenario.steps if scenario else ()) if step.branch}
    found = [firsts[branch] for branch in (scenario.branches if scenario else ())]
    assert found == [int(line) for line in lines.split(",")], found


@check(
    r"the phase (?P<phase>[a-z0-9/-]+) is (?P<how>reached|open)(?: by (?P<who>[a-zA-Z]+))?(?: at (?P<at>[\d:]{8}))?"
    r"(?: and owned by (?P<owner>[a-z]+))?",
    "the phase process/assess is reached by ana at 03:02:00 and owned by ben",
)
def _phase(seen: Seen, phase: str, how: str, who: str | None, at: str | None, owner: str | None) -> None:
    """Whether a phase of the process was reached, by whom, when (stories begin at 03:00), and who answers for it."""
    wanted = phase_of(seen.world, None, phase)
    found = next((one for one in latest(seen.world, None).phases if one.id == wanted), None)
    assert found is not None, [one.id for one in latest(seen.world, None).phases]
    assert (found.at is not None) == (how == "reached"), f"{phase} was reached at {found.at}"
    assert who in (None, found.by), f"{phase} was reached by {found.by}"
    assert owner in (None, found.owner), f"{phase} is owned by {found.owner!r}"
    assert at is None or (found.at is not None and f"{found.at:%H:%M:%S}" == at), f"{phase} was reached at {found.at}"


@check(r"still missing: `(?P<words>[^`]*)`", "still missing: `must be watched for another 4 min`")
def _missing(seen: Seen, words: str) -> None:
    """A sentence about what stands between the incident and its end."""
    missing = page_of(seen.world).missing
    assert any(words in reason for reason in missing), missing


@check(r"nothing is missing", "nothing is missing")
def _recovered(seen: Seen) -> None:
    """Nothing stands between the incident and its end."""
    assert page_of(seen.world).missing == ()


@check(r"next: (?P<who>[a-z]+) in (?P<minutes>[\d.]+) min", "next: ben in 8 min")
def _next(seen: Seen, who: str, minutes: str) -> None:
    """Whom the ladder calls next, and when."""
    due = next_due(latest(seen.world, None))
    assert due is not None, "nobody is called next"
    person = duty.directory_now(seen.world.app).find(due.rung.to, due.at)
    assert person is not None, f"nobody is bound to {due.rung.to!r}"
    assert person.id == who, f"{person.id} is next"
    rest = (due.at - seen.world.clock.at).total_seconds() / 60
    assert abs(rest - float(minutes)) < 0.02, f"in {rest} min"


@check(r"nobody is next", "nobody is next")
def _nobody_next(seen: Seen) -> None:
    """The ladder will call nobody more."""
    due = next_due(latest(seen.world, None))
    assert due is None, due


@check(
    r"the clock `(?P<name>[^`]*)` (?:says `(?P<says>[^`]*)`|ends in (?P<minutes>[-\d.]+) min)(?P<late>, too late)?",
    "the clock `Recovery` says `0 of 1 hold`",
)
def _clock(seen: Seen, name: str, says: str | None, minutes: str | None, late: str | None) -> None:
    """What a clock of the incident's page shows."""
    clocks = {clock.name: clock for clock in page_of(seen.world).clocks}
    assert name in clocks, list(clocks)
    clock = clocks[name]
    assert says in (None, clock.text), clock.text
    assert late is None or clock.tone == "bad", clock
    if minutes:
        assert clock.until is not None, clock
        rest = (clock.until - seen.world.clock.at).total_seconds() / 60
        assert abs(rest - float(minutes)) < 0.02, f"in {rest} min"


@check(r"(?P<count>\d+) action items? (?:is|are) proposed", "1 action item is proposed")
def _actions(seen: Seen, count: str) -> None:
    """How many action items the incident has."""
    assert len(latest(seen.world, None).actions) == int(count), latest(seen.world, None).actions


@check(r"(?P<count>\d+|no) action items? (?:is|are) open", "no action item is open")
def _open_actions(seen: Seen, count: str) -> None:
    """How many of them are still to be done."""
    incident = latest(seen.world, None).id
    items = seen.world.app.db.read(lambda tx: library.actions(tx, incident=incident, state="open"))
    assert len(items) == (0 if count == "no" else int(count)), items


@check(r"the changes are `(?P<words>[^`]*)`", "the changes are `v42 was deployed / v41 was deployed`")
def _changes(seen: Seen, words: str) -> None:
    """What was changed, the newest first; the words stand in each."""
    found = [f"{one.what} by {one.who}" for one in seen.world.app.db.read(changes.listing)]
    wanted = words.split(" / ")
    assert len(found) == len(wanted) and all(map(str.__contains__, found, wanted)), found


@check(
    r"the alert `(?P<words>[^`]*)` (?:is (?P<state>[a-z ]+?)(?: until (?P<until>[\d:]{8}))?"
    r"|belongs to (?P<ref>INC-\d+))",
    "the alert `GateOpen{pier=2}` is silenced until 02:00:00",
)
def _alert(seen: Seen, words: str, state: str | None, until: str | None, ref: str | None) -> None:
    """What became of an alert (name, or name and a label): firing, silenced, kept back, resolved, or whose it is."""
    now = seen.world.clock.at
    found = [each for each in seen.world.app.db.read(alerts.listing) if named(each, words)]
    assert len(found) == 1, f"{words} means {len(found)} alerts"
    assert state in (None, alerting.state_of(found[0], now)), f"{words} is {alerting.state_of(found[0], now)}"
    assert ref in (None, found[0].incident), f"{words} belongs to {found[0].incident}"
    if until:
        end = found[0].muted_until
        assert end is not None and str(end - BEGIN).rjust(8, "0") == until, f"{words} is silenced until {end}"


@check(r"(?P<ref>INC-\d+) has at most (?P<count>\d+) entries", "INC-1 has at most 120 entries")
def _bounded(seen: Seen, ref: str, count: str) -> None:
    """However much came in, its timeline is short enough to be read."""
    found = latest(seen.world, ref).version
    assert found <= int(count), f"{ref} has {found} entries"


@check(r"row and timeline agree", "row and timeline agree")
def _agree(seen: Seen) -> None:
    """Every incident's row is the fold of its timeline."""
    for summary in views.listing(seen.world.app):
        ref = summary.incident.id
        assert seen.world.app.db.read(lambda tx, ref=ref: incidents.verify(tx, ref)) == []  # type: ignore[misc]
