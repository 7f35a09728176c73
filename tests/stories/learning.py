"""What is learned in a story: causes, the root cause, the post-mortem in files, its meeting, action items."""

from __future__ import annotations

from datetime import timedelta

from tests.stories.doing import caller, move
from tests.stories.vocabulary import IN, STEP, WHO, WHY, Seen, action, check, latest, page_of, step_of
from tests.stories.world import World
from tocsin.core.causes import Hypothesis
from tocsin.core.learningstate import ActionState
from tocsin.core.runbook import SET_BACK
from tocsin.reading.learned import proposed
from tocsin.service import actions, bookhealth, learning, review
from tocsin.service.access import Caller
from tocsin.service.books import checked
from tocsin.service.checkout import repository_of

CAUSE = r"`(?P<cause>[^`]*)`"
ITEM = r"`(?P<item>[^`]*)`"


@action(rf"{WHO} suspects {CAUSE}{IN}", "ana suspects `The yeast is dead`")
def _suspects(world: World, who: str, cause: str, ref: str | None) -> None:
    """Name a possible cause that the document does not list."""
    move(world, who, ref, "suspect", text=cause)


@action(
    rf"{WHO} (?P<verdict>confirms|rules out) the cause {CAUSE}{IN}(?: because (?P<why>.+))?",
    "ana rules out the cause `The flour is damp` because the meter says 12 %",
)
def _judges(world: World, who: str, verdict: str, cause: str, ref: str | None, why: str | None) -> None:
    """Judge a possible cause, by words that only it has; the words behind "because" are the evidence."""
    name = {"confirms": "confirm_cause", "rules out": "rule_out_cause"}[verdict]
    move(world, who, ref, name, cause=_cause(world, ref, cause).id, evidence=why or "")


@action(rf"{WHO} records the root cause `(?P<text>[^`]*)`{IN}", "ana records the root cause `Nobody orders yeast`")
def _records(world: World, who: str, text: str, ref: str | None) -> None:
    """Say what the root cause was; empty: the one that was confirmed."""
    move(world, who, ref, "record_root_cause", text=text)


@action(
    rf"{WHO} (?P<how>runs|sets back) {STEP}{IN} without a root cause because (?P<why>.+)",
    "ana sets back line 36 without a root cause because the night shift needs it",
)
def _overrules(world: World, who: str, how: str, step: str, ref: str | None, why: str) -> None:
    """Ask to switch on what an incident switched off although its root cause is open; a second person must approve."""
    found = step_of(world, ref, step).id
    move(world, who, ref, "request_step", step=SET_BACK + found if how == "sets back" else found, why=why)


@action(rf"{WHO} calls the meeting for (?P<at>\S+){IN}", "ana calls the meeting for 2026-03-03T14:00")
def _calls_meeting(world: World, who: str, at: str, ref: str | None) -> None:
    """Call the meeting about the post-mortem; everybody involved is invited."""
    move(world, who, ref, "schedule_review", at=at)


@action(rf"{WHO} has read the post-mortem{IN}", "ben has read the post-mortem")
def _reads(world: World, who: str, ref: str | None) -> None:
    """Say that one agrees with the post-mortem as it stands."""
    move(world, who, ref, "approve_review")


@action(
    rf"{WHO} writes `(?P<new>[^`]*)` instead of `(?P<old>[^`]*)` into (?:version (?P<version>\d+) of )?the post-mortem"
    rf"{IN}",
    "ben writes `Due to damp flour` instead of `TBD` into version 2 of the post-mortem",
)
def _rewrites(world: World, who: str, new: str, old: str, version: str | None, ref: str | None) -> None:
    """Save a post-mortem that somebody changed, from its newest text or from an older version, as from a file."""
    incident, by = latest(world, ref).id, caller(world, who).actor
    known = review.open_review(world.app, incident, by)
    base = review.version_of(world.app, incident, int(version)) if version else known
    old, new = old.replace("\\n", "\n"), new.replace("\\n", "\n")
    assert old in base.text, base.text
    review.edit_review(world.app, incident, base.text.replace(old, new, 1), base.version, by)


@action(rf"{WHO} adds the action item {ITEM}{IN}", "ana adds the action item `Buy a second thermometer`")
def _adds(world: World, who: str, item: str, ref: str | None) -> None:
    """Take something on that is to be done."""
    move(world, who, ref, "add_action", text=item)


@action(
    rf"{WHO} gives the action item {ITEM} to (?P<owner>[a-z]+) until (?P<due>\S+){IN}",
    "ana gives the action item `Buy a` to ben until 3d",
)
def _gives(world: World, *, who: str, item: str, owner: str, due: str, ref: str | None) -> None:
    """Give it an owner and a day; its first words are enough."""
    move(world, who, ref, "change_action", action=_item(world, ref, item)[0], owner=owner, due=due)


@action(rf"{WHO} drops the action item {ITEM}{IN}{WHY}", "ana drops the action item `Buy a` because we have one")
def _drops(world: World, who: str, item: str, ref: str | None, why: str | None) -> None:
    """Decide that it will not be done."""
    move(world, who, ref, "drop_action", action=_item(world, ref, item)[0], why=why or "")


@action(
    r"the runbook's words `(?P<old>[^`]*)` become the command `(?P<new>[^`]*)` from now on",
    "the runbook's words `restart it` become the command `systemctl restart oven` from now on",
)
def _commanded(world: World, old: str, new: str) -> None:
    """The team writes a command, in backquotes, into a sentence of its first runbook, and Tocsin starts again."""
    path = world.folder / world.story.runbooks[0][0]
    text = path.read_text("utf-8")
    assert old in text, f"the runbook does not say {old!r}"
    path.write_text(text.replace(old, f"`{new}`", 1), "utf-8")
    world.off_for(timedelta(0))


@check(rf"the cause {CAUSE}{IN} is (?P<verdict>open|confirmed|ruled out)", "the cause `damp` is ruled out")
def _stands(seen: Seen, cause: str, ref: str | None, verdict: str) -> None:
    """How a possible cause stands."""
    found = _cause(seen.world, ref, cause)
    assert (found.verdict or "open") == verdict, found


@check(
    rf"for the cause {CAUSE}{IN} speaks (?:`(?P<words>[^`]*)`|(?P<nothing>nothing))",
    "for the cause `Rate limits` speaks `429 Too many`",
)
def _speaks(seen: Seen, cause: str, ref: str | None, words: str | None, nothing: str | None) -> None:
    """What a command printed that tells of this kind of fault stands beside it."""
    hints = _cause(seen.world, ref, cause).hints
    assert not (nothing and hints), hints
    assert nothing or any((words or "") in hint.example for hint in hints), hints


@check(rf"the root cause{IN} is `(?P<words>[^`]*)`", "the root cause is `Nobody orders yeast`")
def _root_cause(seen: Seen, ref: str | None, words: str) -> None:
    """What the incident says was the root cause; empty: nobody has said."""
    assert latest(seen.world, ref).learning.root_cause == words


@check(
    rf"the action item {ITEM}{IN} is (?P<state>open|done|dropped|overdue)(?: and (?P<owner>[a-z]+)'s)?",
    "the action item `Buy a` is open and ben's",
)
def _item_is(seen: Seen, item: str, ref: str | None, state: str, owner: str | None) -> None:
    """How an action item stands in the list over all incidents, and who owns it."""
    name, _ = _item(seen.world, ref, item)
    app = seen.world.app
    found = next(each for each in actions.listing(app, None, state="all") if each.id == name)
    assert state == ("overdue" if found.overdue else found.state), found
    assert owner in (None, found.owner), found


@check(rf"{WHO}'s invitation says `(?P<words>[^`]*)`", "ben's invitation says `DTSTART:20260303T140000Z`")
def _invited(seen: Seen, who: str, words: str) -> None:
    """The calendar entry that somebody got last."""
    got = [each.notice.calendar for each in seen.world.office.got if each.notice.to == who and each.notice.calendar]
    assert got, f"{who} was not invited"
    assert words in got[-1].replace("\r\n ", ""), got[-1]


@check(
    rf"the action (?:table|rows) of the post-mortem{IN} say `(?P<words>[^`]*)`",
    "the action table of the post-mortem say `done`",
)
def _table(seen: Seen, ref: str | None, words: str) -> None:
    """A row of the post-mortem's table of action items, as it stands; a bar is written \\|."""
    text = review.open_review(seen.world.app, latest(seen.world, ref).id, Caller("reader", "admin").actor).text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert any(words in row for row in rows), "\n".join(rows)


def _cause(world: World, ref: str | None, words: str) -> Hypothesis:
    page = page_of(world, ref)
    known = learning.causes_of(page.incident, page.runbook)
    found = [each for each in known if words in each.text]
    assert len(found) == 1, f"{words!r} names {len(found)} of {[each.text for each in known]}"
    return found[0]


def _item(world: World, ref: str | None, words: str) -> tuple[str, ActionState]:
    known = latest(world, ref).learning.actions
    found = [(name, item) for name, item in known.items() if item.text.startswith(words)]
    assert found, f"no action item begins with {words!r}: {[item.text for item in known.values()]}"
    return found[0]


@action(rf"{WHO} wants the action items in the tracker{IN}", "ana wants the action items in the tracker")
def _tracks(world: World, who: str, ref: str | None) -> None:
    """Have every open action item made in the team's tracker (a table `[tracker]` of the story brings one)."""
    move(world, who, ref, "track_actions")


@action(
    r"the tracker (?:forgets to answer|is limited for (?P<seconds>\d+)s|(?P<deed>closes|reopens) #(?P<number>\d+))",
    "the tracker closes #1",
)
def _tracker_does(world: World, seconds: str | None, deed: str | None, number: str | None) -> None:
    """The next request is done and not answered, or refused by a limit; or somebody closes an issue there."""
    if number:
        world.tracker.issues[int(number) - 1]["state"] = {"closes": "closed", "reopens": "open"}[str(deed)]
    elif seconds:
        world.tracker.limits.append((403, {"x-ratelimit-remaining": "0", "retry-after": seconds}))
    else:
        world.tracker.forgets_to_answer = 1


@check(
    r"the tracker has (?P<count>\d+) issues?(?:, #1 is `(?P<title>[^`]*)`)?", "the tracker has 2 issues, #1 is `Buy a`"
)
def _tracker_has(seen: Seen, count: str, title: str | None) -> None:
    """How many issues were made there, and what the first is called."""
    found = seen.world.tracker.issues
    assert len(found) == int(count), [each["title"] for each in found]
    assert title is None or found[0]["title"] == title, found[0]


@check(
    r"the runbook (?:should (?P<never>not )?learn `(?P<words>[^`]*)`(?: behind line (?P<line>\d+))?"
    r"|(?P<nothing>has nothing to learn))",
    "the runbook should learn `failed with exit code 7` behind line 43",
)
def _learns(seen: Seen, *, words: str | None, line: str | None, nothing: str | None, never: str | None) -> None:
    """What its incidents ask for is proposed as lines of the first runbook's own file, read as before otherwise."""
    app = seen.world.app
    book = app.books[0]
    observed = bookhealth.observed(app, book, Caller("reader", "admin"))
    after, found = proposed(app.raw[book.digest], book.source, observed, f"{seen.world.clock.at:%Y-%m-%d}")
    if nothing:
        assert not found, found
        return
    fitting = [each for each in found if (words or "") in f"{each.text} {each.why}"]
    if never:
        assert not fitting, fitting
        return
    assert fitting, [f"behind {each.after}: {each.text or each.why}" for each in found]
    assert line is None or int(line) in {each.after for each in fitting}, fitting
    assert (fitting[0].text or seen.world.clock.at.strftime("%Y-%m-%d")) in after.decode("utf-8", "replace")


@check(
    r"in a repository (?:a finding on line (?P<line>\d+) says `(?P<words>[^`]*)`|line (?P<free>\d+) has no finding)",
    "in a repository a finding on line 197 says `leads nowhere`",
)
def _in_repository(seen: Seen, line: str | None, words: str | None, free: str | None) -> None:
    """What `tocsin check` says of links and scripts, where the story's folder is the repository."""
    app, folder = seen.world.app, seen.world.folder
    book = app.books[0]
    repository = repository_of(folder / seen.world.story.runbooks[0][0], folder)
    found = checked(book, app.raw[book.digest], repository=repository).problems
    here = [each.message for each in found if each.line == int(line or free or 0)]
    assert not (free and here), here
    assert free or any((words or "") in message for message in here), [(each.line, each.message) for each in found]
