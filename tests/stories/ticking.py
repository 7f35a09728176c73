"""What people find out and tick off in a story: the document's questions, its boxes, its deadlines, the end."""

from __future__ import annotations

from tests.stories.doing import move
from tests.stories.vocabulary import IN, WHO, WHY, Seen, action, check, latest, page_of
from tests.stories.world import World
from tocsin.core.checklists import Box
from tocsin.service import assessing, checklists, duelist
from tocsin.service.access import Caller
from tocsin.web.assessing import panel

LINE = r"line (?P<line>\d+)"


@action(
    rf"{WHO} answers {LINE} with `(?P<text>[^`]*)`(?:, following (?P<rules>L[\d-]+(?:, L[\d-]+)*))?{IN}",
    "ana answers line 57 with `yes, names and addresses`, following L365",
)
def _answers(world: World, *, who: str, line: str, text: str, rules: str | None, ref: str | None) -> None:
    """Answer a question of the document; rules that are named are carried out where the answer then speaks of them."""
    wanted = tuple(rules.split(", ")) if rules else ()
    move(world, who, ref, "answer_questions", answers={line: text}, rules=wanted)


@action(rf"{WHO} follows (?P<rule>L\d+(?:-\d+)?) of the document{IN}{WHY}", "ana follows L365 of the document")
def _follows(world: World, *, who: str, rule: str, ref: str | None, why: str | None) -> None:
    """Have a rule of the document carried out that the answers speak of."""
    move(world, who, ref, "follow_rule", rule=rule, why=why or "")


@action(rf"{WHO} counts `(?P<users>[^`]*)` users{IN}{WHY}", "ana counts `340 of 12,000` users")
def _counts(world: World, *, who: str, users: str, ref: str | None, why: str | None) -> None:
    """Say how many users are affected."""
    move(world, who, ref, "count_affected", users=users, why=why or "")


@action(rf"{WHO} says that it began (?P<at>\S+)(?: ago)?{IN}", "ana says that it began 25m ago")
def _began(world: World, who: str, at: str, ref: str | None) -> None:
    """Say when the trouble began: so long ago, or at a time."""
    move(world, who, ref, "set_beginning", at=at)


@action(rf"{WHO} ticks the box of {LINE}{IN}{WHY}", "ana ticks the box of line 33 because I saw it")
def _ticks(world: World, *, who: str, line: str, ref: str | None, why: str | None) -> None:
    """Tick a box of the document's checklists."""
    move(world, who, ref, "tick", box=line, why=why or "")


@action(rf"{WHO} takes the tick from {LINE}{IN}{WHY}", "ana takes the tick from line 33 because it was another one")
def _unticks(world: World, *, who: str, line: str, ref: str | None, why: str | None) -> None:
    """Take the tick from a box again."""
    move(world, who, ref, "untick", box=line, why=why or "")


@action(
    rf"{WHO} gives the deadline of {LINE} to (?P<owner>[a-z]+)(?: until (?P<due>\S+))?{IN}{WHY}",
    "ana gives the deadline of line 317 to ben until 2d because he is away today",
)
def _plans(
    world: World, *, who: str, line: str, owner: str, due: str | None, ref: str | None, why: str | None
) -> None:  # fmt: skip
    """Say who answers for what is to be done in time, and until when where it is another day than the document's."""
    tasks = [task.id for task in latest(world, ref).clocks.timetable.tasks if task.line == int(line)]
    assert tasks, f"no deadline stands on line {line}"
    move(world, who, ref, "plan_deadline", deadline=tasks[0], owner=owner, due=due or "", why=why or "")


@action(rf"{WHO} closes it{IN}{WHY}", "ana closes it because the rest is not needed here")
def _closes(world: World, who: str, ref: str | None, why: str | None) -> None:
    """Close a resolved incident: nothing is left to do, or there is a reason."""
    move(world, who, ref, "close", why=why or "")


@check(
    rf"the box of {LINE}{IN} is (?P<state>open|ticked|skipped)(?: by (?P<by>[a-z]+))?",
    "the box of line 33 is ticked by ana",
)
def _box(seen: Seen, line: str, ref: str | None, state: str, by: str | None) -> None:
    """How a box stands, and who said so."""
    found = _box_on(seen, ref, int(line))
    assert found.state == state and by in (None, found.by), found
    assert state == "open" or found.at is not None, found


@check(rf"(?P<count>\d+|no) box(?:es)?(?: of {LINE})?{IN} (?:is|are) open", "3 boxes of line 31 are open")
def _open_boxes(seen: Seen, count: str, line: str | None, ref: str | None) -> None:
    """How many boxes are open, of all lists that count or of the one on a line."""
    lists = [each for each in _shown(seen, ref).every if (each.line == int(line) if line else each.applies)]
    assert lists or not line, f"no checklist stands on line {line}"
    left = sum(each.left for each in lists)
    assert left == (0 if count == "no" else int(count)), [(each.line, each.left) for each in lists]


@check(
    rf"the phase of {LINE} has (?P<boxes>\d+) boxes(?: in (?P<lists>\d+) lists?)?(?:, (?P<questions>\d+) questions?)?"
    r"(?:,? and (?P<commands>\d+) commands?)?(?: within (?P<window>[\d.-]+ (?:min|h)))?",
    "the phase of line 31 has 4 boxes and 3 commands within 0-5 min",
)
def _phase(
    seen: Seen, *, line: str, boxes: str, lists: str | None, questions: str | None, commands: str | None,
    window: str | None,
) -> None:  # fmt: skip
    """What belongs to a phase of the process: boxes, what it asks, its commands, its window."""
    phase = next(each for each in _shown(seen, None).phases if each.line == int(line))
    found = (sum(len(each.boxes) for each in phase.lists), len(phase.lists), len(phase.questions), len(phase.steps))
    wanted = (int(boxes), lists, questions, commands)
    assert all(each is None or got == int(each) for got, each in zip(found, wanted, strict=True)), found
    assert window in (None, phase.window), phase.window


@check(
    rf"the list of {LINE}{IN} (?:is (?P<owner>[a-z]+)'s|(?P<counts>counts|does not count)|is (?P<state>overdue|done))",
    "the list of line 317 is ben's",
)
def _list(
    seen: Seen, *, line: str, ref: str | None, owner: str | None, counts: str | None, state: str | None
) -> None:  # fmt: skip
    """Whose a checklist is, whether it counts in this incident, and whether its day has passed."""
    found = next(each for each in _shown(seen, ref).every if each.line == int(line))
    assert owner in (None, found.owner), found
    assert counts is None or found.applies is (counts == "counts"), found
    assert state != "overdue" or found.late(seen.world.clock.at), found
    assert state != "done" or found.met_at is not None, found


@check(r"(?P<ref>INC-\d+) is (?P<no>not )?closed", "INC-1 is closed")
def _is_closed(seen: Seen, ref: str, no: str | None) -> None:
    """Whether nothing is left to do, or what is left has its reason."""
    assert (latest(seen.world, ref).checklist.closed is None) is bool(no)


@check(rf"{LINE}{IN} is answered `(?P<words>[^`]*)`(?: by (?P<by>[a-z]+))?", "line 57 is answered `yes` by ana")
def _answered(seen: Seen, line: str, ref: str | None, words: str, by: str | None) -> None:
    """The last answer to a question of the document."""
    found = assessing.assessment(seen.world.app, latest(seen.world, ref).id)
    said = next(each.answer for each in found.questions if each.line == int(line))
    assert said is not None and words in said.answer and by in (None, said.by), said


@check(
    rf"the document (?:asks (?P<questions>\d+) questions?|proposes (?P<rules>nothing|L[\d-]+(?:, L[\d-]+)*)){IN}",
    "the document proposes L365, L360",
)
def _proposes(seen: Seen, questions: str | None, rules: str | None, ref: str | None) -> None:
    """What the document asks, and which of its rules wait for somebody's word, those that fit as written first."""
    found = assessing.assessment(seen.world.app, latest(seen.world, ref).id)
    assert questions is None or len(found.questions) == int(questions), found.questions
    shown = [each.id for each in found.rules]
    assert rules is None or shown == ([] if rules == "nothing" else rules.split(", ")), [
        (each.id, each.says(), each.beyond) for each in found.rules
    ]


@check(
    r"(?P<rule>L[\d-]+) (?:(?P<effect>calls|makes it|takes the branch)(?P<to> .+?)??(?: only if `(?P<beyond>[^`]*)`)?)",
    "L365 calls CTO only if `customer`",
)
def _effect(seen: Seen, rule: str, effect: str, to: str | None, beyond: str | None) -> None:
    """What a rule of the document leads to, and which of its words were not answered."""
    found = assessing.assessment(seen.world.app, latest(seen.world, None).id)
    one = next(each for each in found.rules if each.id == rule)
    assert f"{effect}{to or ''} (line" in one.says(), one.says()
    assert ", ".join(one.beyond) == (beyond or ""), one


@check(rf"the branch `(?P<words>[^`]*)`{IN} is taken", "the branch `If the pool is full` is taken")
def _taken(seen: Seen, words: str, ref: str | None) -> None:
    """Which of the document's branches was taken last."""
    assert words in latest(seen.world, ref).branch, latest(seen.world, ref).branch


@check(rf"the users affected{IN} are `(?P<words>[^`]*)`", "the users affected are `340 of 12,000 users (2.8 %)`")
def _affected(seen: Seen, ref: str | None, words: str) -> None:
    """How many users were counted, the oldest first, divided by semicolons."""
    found = assessing.assessment(seen.world.app, latest(seen.world, ref).id)
    assert "; ".join(each.says() for each in found.affected) == words, [each.says() for each in found.affected]


@check(rf"the last change before it{IN} is `(?P<words>[^`]*)`", "the last change before it is `v42, 12 min before`")
def _nearest(seen: Seen, ref: str | None, words: str) -> None:
    """The change that stands nearest before the beginning, and how far."""
    near = assessing.assessment(seen.world.app, latest(seen.world, ref).id).nearest
    assert near is not None, "no change stands before it"
    assert words in f"{near.change.what}, {near.distance()}", near


@check(r"(?P<count>\d+|no) deadlines? (?:is|are) (?P<state>due|overdue)", "2 deadlines are overdue")
def _deadlines(seen: Seen, count: str, state: str) -> None:
    """How many things that documents want done in time are open, over all incidents, or late."""
    found = duelist.listing(seen.world.app, Caller("reader", "admin"))
    shown = [each for each in found if state == "due" or each.overdue]
    assert len(shown) == (0 if count == "no" else int(count)), [(each.what, each.due_at) for each in found]


def _shown(seen: Seen, ref: str | None) -> checklists.Checklists:
    page = page_of(seen.world, ref)
    panel(seen.world.app, page)  # what the page shows can be drawn
    return checklists.shown(page.incident, page.runbook)


def _box_on(seen: Seen, ref: str | None, line: int) -> Box:
    found = [box for each in _shown(seen, ref).every for box in each.boxes if box.line == line]
    assert len(found) == 1, f"{len(found)} boxes stand on line {line}"
    return found[0]
