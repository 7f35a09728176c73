"""The document's messages in a story: what is answered, written and sent, and what arrives at real servers."""

from __future__ import annotations

import re

from tests.stories.doing import move
from tests.stories.vocabulary import IN, WHO, Seen, action, check, latest, page_of, say_message
from tests.stories.world import World
from tocsin.core.messages.drafts import Draft
from tocsin.service import messagedrafts, messaging

MESSAGE = r"the message of line (?P<line>\d+)"
PAIR = re.compile(r"`([^`]*)` = `([^`]*)`")
PAIRS = r"(?: with (?P<pairs>`[^`]*` = `[^`]*`(?:, `[^`]*` = `[^`]*`)*))?"


def _draft(world: World, ref: str | None, line: str) -> Draft:
    every = messaging.of_incident(world.app, latest(world, ref).id).messages
    found = [each for each in every if each.line == int(line)]
    known = ", ".join(f"{each.line}: {each.id}" for each in every)
    assert found, f"no message stands on line {line}; there are {known}"
    return found[0]


@action(
    rf"{WHO} answers (?P<pairs>`[^`]*` = `[^`]*`(?:, `[^`]*` = `[^`]*`)*){IN}",
    "ana answers `impact` = `no bread`, `cadence` = `30`",
)
def _answers(world: World, who: str, pairs: str, ref: str | None) -> None:
    """Answer what the document's messages ask, by the names of their fields; an empty answer takes one back."""
    move(world, who, ref, "fill_in", answers=dict(PAIR.findall(pairs)))


@action(
    rf"{WHO} sends {MESSAGE}(?: to (?P<to>\S+))?(?P<public> and publishes it)?(?: as `(?P<title>[^`]*)`)?{IN}",
    "ana sends the message of line 12 to #bakery",
)
def _sends(
    world: World, *, who: str, line: str, to: str | None, public: str | None, title: str | None, ref: str | None
) -> None:
    """Send a message of the document, known by its line: to the channels of the severity, or to one that is named."""
    move(
        world, who, ref, "send_message", message=_draft(world, ref, line).id, channels={to: "yes"} if to else {},
        status_page=bool(public), title=title or "",
    )  # fmt: skip


@action(rf"{WHO} writes {MESSAGE} as `(?P<text>[^`]*)`{IN}", "ana writes the message of line 12 as `No bread today`")
def _writes(world: World, who: str, line: str, text: str, ref: str | None) -> None:
    """Write a message otherwise than its template; `\\n` is a line break; an empty text takes the template again."""
    move(world, who, ref, "draft_message", message=_draft(world, ref, line).id, text=text.replace("\\n", "\n"))


@check(rf"{MESSAGE} (?P<state>is ready|asks|waits|was sent)(?P<due>, and is due)?", "the message of line 12 is ready")
def _state(seen: Seen, line: str, state: str, due: str | None) -> None:
    """Whether a message could be sent, asks a person, waits for a moment, or says nothing new; and whose turn it is."""
    found = _draft(seen.world, None, line)
    wanted = {"is ready": "ready", "was sent": "sent"}.get(state, state)
    asks = "; ".join(each.field for each in (*found.open_fields, *found.waiting))
    assert found.state == wanted, f"it is {found.state} ({asks})\n{found.text}"
    assert found.due or not due, "it is not its turn"


@check(rf"{MESSAGE} asks for (?P<fields>`[^`]+`(?:, `[^`]+`)*)", "the message of line 12 asks for `impact`")
def _asks(seen: Seen, line: str, fields: str) -> None:
    """Exactly these fields of it are open."""
    found = [each.field for each in _draft(seen.world, None, line).open_fields]
    assert found == fields.strip("`").split("`, `"), found


@check(rf"(?P<who>\S+) has {MESSAGE}{PAIRS}", "#bakery has the message of line 12 with `[time]` = `03:00 UTC`")
def _has(seen: Seen, who: str, line: str, pairs: str | None) -> None:
    """A channel got the document's own text, each gap replaced in its order, and not a letter more.

    Channels of a real mail server and a real receiver of webhooks (`[notifiers.letters]`, `[notifiers.hook]`), too.
    """
    expected = _expected(seen, line, PAIR.findall(pairs or ""))
    for message in seen.messages:
        if (message.notice.to, message.notice.kind, message.notice.body) == (who, "message", expected):
            seen.messages.remove(message)
            return
    post = seen.world.letters
    for letter in list(post.got if post else ()):
        if letter.to == who and letter.text.rstrip("\n") == expected:
            post.got.remove(letter)  # type: ignore[union-attr]
            return
    got = [f"{each.to}: {each.subject}\n{each.text}" for each in (post.got if post else ())]
    got += [f"{say_message(each)}\n{each.notice.body}" for each in seen.messages]
    raise AssertionError(f"{who} did not get\n{expected}\nbut\n" + "\n".join(got))


@check(r"no letter is left over", "no letter is left over")
def _none_left(seen: Seen) -> None:
    """Nothing but what was named came to the real servers, save the words that an incident began, went on or ended."""
    post = seen.world.letters
    news = re.compile(r"declared:|resolved:|update for|now ")
    left = [each for each in (post.got if post else ()) if not news.search(each.subject)]
    assert not left, left


@check(r"the promises were (?P<words>(?:kept|broken)(?:, (?:kept|broken))*)", "the promises were kept, broken")
def _promises(seen: Seen, words: str) -> None:
    """What became of each promised update so far, in their order."""
    found = ["kept" if each.kept else "broken" for each in latest(seen.world, None).clocks.promised]
    assert found == words.split(", "), found


@check(r"the draft waits in a word to (?P<who>[a-z]+)", "the draft waits in a word to ana")
def _reminded(seen: Seen, who: str) -> None:
    """Somebody is told that an update is due, and finds the text of the message that waits in it."""
    page = page_of(seen.world)
    told = seen.world.app.db.read(lambda tx: messagedrafts.messages(seen.world.app, tx, page.incident, page.runbook))
    due = next(each for each in told.messages if each.due)
    fitting = [each for each in seen.messages if each.notice.to == who and due.text in each.notice.body]
    assert fitting, "; ".join(f"{say_message(each)}\n{each.notice.body}" for each in seen.messages)
    seen.messages.remove(fitting[0])


def _expected(seen: Seen, line: str, pairs: list[tuple[str, str]]) -> str:
    """The text that stands on this line of the runbook, its gaps replaced one behind the other."""
    book = page_of(seen.world).runbook
    text = next((each.text for each in book.templates if each.line == int(line)), "")
    if not text:
        raw = (seen.world.folder / seen.world.story.runbooks[0][0]).read_text("utf-8").splitlines()[int(line) - 1]
        text = raw.partition('"')[2].rpartition('"')[0]
    done = ""
    for gap, value in pairs:
        before, found, text = text.partition(gap)
        assert found, f"{gap} does not follow in {text!r}"
        done += before + value
    return f"{done}{text}".strip()
