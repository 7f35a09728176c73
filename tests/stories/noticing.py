"""What must then be true around the incidents: who was told what, which programs ran, what the reader found."""

from __future__ import annotations

import psycopg

from tests.stories.vocabulary import Seen, check, nothing_else, say_message, step_of
from tocsin.core.steptelling import first_line

KINDS = {"paged": "page", "told": "inform", "asked": "approval"}


@check(r"nothing", "nothing")
def _nothing(seen: Seen) -> None:
    """Nobody gets a message, nothing is refused. Also without it a message that no sentence names fails the story."""
    nothing_else(seen)


@check(r"refused: (?P<words>.+)", "refused: must be watched for another 4 min")
def _refused(seen: Seen, words: str) -> None:
    """What was done is refused, in a sentence that holds these words."""
    assert seen.refusal is not None, "it was not refused"
    assert words.strip("`") in str(seen.refusal), f"refused with other words: {seen.refusal}"
    seen.refusal = None


@check(
    r"(?P<who>#?[a-z@.-]+) is (?P<how>paged|told|asked)(?: (?P<count>\d+) times)?(?: by (?P<via>phone|mail|chat))?"
    r"(?: (?:about line (?P<line>\d+)|about `(?P<words>[^`]*)`))?",
    "ana is paged by phone about `Orders fail`",
)
def _told(
    seen: Seen, *, who: str, how: str, count: str | None, via: str | None, line: str | None, words: str | None
) -> None:
    """Somebody, or a #channel, gets a page, a word (told) or a question (asked) with these words, or about a line."""
    if line:
        words = first_line(step_of(seen.world, None, f"line {line}").command or "").removesuffix(" …").rstrip("…")
    fitting = [
        message
        for message in seen.messages
        if (message.notice.to, message.notice.kind) == (who, KINDS[how])
        and via in (None, message.via)
        and (not words or words in f"{message.notice.subject}\n{message.notice.why}\n{message.notice.body}")
    ]
    wanted = int(count or 1)
    others = "; ".join(map(say_message, seen.messages))
    assert len(fitting) >= wanted, f"{who} was not {how}{f' about {words!r}' if words else ''}; messages: {others}"
    for message in fitting[:wanted]:
        seen.messages.remove(message)


@check(
    r"(?P<tool>[a-z]+) was (?:called (?P<count>once|\d+ times)|(?P<never>never) called)(?: with `(?P<words>[^`]*)`)?",
    "shopctl was called once with `rollback`",
)
def _called(seen: Seen, tool: str, count: str | None, never: str | None, words: str | None) -> None:
    """How often one of the story's tools was started so far, with these words among its arguments."""
    wanted = 0 if never else 1 if count == "once" else int((count or "").split()[0])
    found = seen.world.called(tool, words or "")
    assert found == wanted, f"{tool} was called {found} times"


@check(r"the secret (?P<name>[A-Z_]+) is nowhere", "the secret DATABASE_URL is nowhere")
def _nowhere(seen: Seen, name: str) -> None:
    """The variable's value stands neither in the database nor in any message."""
    value = seen.world.env[name]
    stored = b"".join(path.read_bytes() for path in seen.world.folder.glob("tocsin.db*"))
    assert value.encode() not in stored, f"the value of {name} is in the database"
    assert not any(value in repr(message.notice) for message in seen.world.office.got), "a message holds it"


@check(r"the file (?P<name>[\w.-]+) (?P<how>exists|does not exist)", "the file done.txt does not exist")
def _file(seen: Seen, name: str, how: str) -> None:
    """Whether a file lies in the folder where commands run."""
    assert (seen.world.folder / name).exists() == (how == "exists"), sorted(seen.world.folder.iterdir())


@check(r"a finding on line (?P<line>\d+) says `(?P<words>[^`]*)`", "a finding on line 12 says `not filled in`")
def _finding(seen: Seen, line: str, words: str) -> None:
    """The reader reports this about a line of a runbook, before any incident."""
    problems = [problem for book in seen.world.app.books for problem in book.problems]
    here = [problem.message for problem in problems if problem.line == int(line)]
    assert any(words in message for message in here), [(problem.line, problem.message) for problem in problems]


@check(r"there are (?P<count>\d+) incidents to be made from it", "there are 0 incidents to be made from it")
def _scenarios(seen: Seen, count: str) -> None:
    """How many scenarios were found in the runbooks."""
    found = [scenario.title for book in seen.world.app.books for scenario in book.scenarios]
    assert len(found) == int(count), found


@check(r"that session is gone", "that session is gone")
def _gone(seen: Seen) -> None:
    """The real database has ended the session that lingered."""
    try:
        seen.world.guests[-1].execute("select 1")
    except psycopg.OperationalError:
        return
    raise AssertionError("the session still lives")


@check(
    r"the database answers `(?P<answer>[^`]*)` to `(?P<query>[^`]*)`",
    "the database answers `7` to `select count(*) from orders`",
)
def _answers(seen: Seen, answer: str, query: str) -> None:
    """The real database gives this value."""
    with psycopg.connect(seen.world.env["DATABASE_URL"], autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None, "no row"
    assert str(row[0]) == answer, f"it answers {row[0]}"
