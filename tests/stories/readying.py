"""Readiness: what people say of their access, looking at targets, what is not ready, and who is asked."""

from __future__ import annotations

from tests.stories.doing import caller
from tests.stories.vocabulary import WHO, WHY, Seen, action, check
from tests.stories.world import World
from tocsin.service import accessasks, readiness, targetchecks


@action(
    rf"{WHO} says that they (?P<word>reach|can't reach) (?P<system>[a-z-]+){WHY}", "ana says that they reach vercel"
)
def _says(world: World, who: str, word: str, system: str, why: str | None) -> None:
    """A responder's own word on a system of the runbook's list of access."""
    said = readiness.Said(system=system, ok=word == "reach", note=why or "")
    readiness.say_access(world.app, said, caller(world, who))


@action(r"Tocsin looks at its targets", "Tocsin looks at its targets")
def _looks(world: World) -> None:
    """Whether they answer and have the programs of their steps; a server does it once a day."""
    targetchecks.check_targets(world.app)


@action(r"everybody is asked for their access", "everybody is asked for their access")
def _asks(world: World) -> None:
    """Whoever's turn it is, which a server looks for every ten minutes."""
    accessasks.ask_due(world.app)


@check(
    r"readiness says `(?P<words>[^`]*)`(?: on line (?P<line>\d+))?", "readiness says `nobody is bound to` on line 12"
)
def _says_so(seen: Seen, words: str, line: str | None) -> None:
    """Something is not ready, in these words, and (where told) with the line of the document."""
    found = readiness.overview(seen.world.app).findings
    fitting = [one for one in found if words in one.message and (not line or one.line == int(line))]
    assert fitting, [(one.line, one.message) for one in found]


@check(r"readiness does not say `(?P<words>[^`]*)`", "readiness does not say `GitHub`")
def _is_silent(seen: Seen, words: str) -> None:
    """Nothing of it is told in these words."""
    found = readiness.overview(seen.world.app).findings
    assert not [one.message for one in found if words in one.message]


@check(r"the page Now warns `(?P<words>[^`]*)`", "the page Now warns `nobody is on call by nights`")
def _news(seen: Seen, words: str) -> None:
    """Something becomes unready within a day, and whoever looks at the first page sees it."""
    found = readiness.soon(seen.world.app)
    assert any(words in one.message for one in found), found
