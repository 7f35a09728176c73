"""What lies around the incidents of a story: commits in a real repository, and what an incident's context tells."""

from __future__ import annotations

import subprocess

from tests.stories.vocabulary import IN, Seen, action, check, latest
from tests.stories.world import World
from tocsin.core.context import in_words
from tocsin.service import context
from tocsin.service.access import Caller
from tocsin.service.context import Context

EVERYBODY = Caller("ana", "responder", ())


@action(r"(?P<who>[a-z]+) commits `(?P<words>[^`]*)`", "mara commits `lower the timeout`")
def _commits(world: World, who: str, words: str) -> None:
    """A commit in the repository that the story's folder is, at the story's time."""
    at = world.clock.at.isoformat()
    env = {
        "PATH": "/usr/bin:/bin", "HOME": str(world.folder), "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_DATE": at,
        "GIT_COMMITTER_DATE": at, "GIT_AUTHOR_NAME": who, "GIT_AUTHOR_EMAIL": f"{who}@example.org",
        "GIT_COMMITTER_NAME": who, "GIT_COMMITTER_EMAIL": f"{who}@example.org",
    }  # fmt: skip
    if not (world.folder / ".git").exists():
        subprocess.run(["git", "init", "-q"], cwd=world.folder, env=env, check=True)
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", words], cwd=world.folder, env=env, check=True)


@check(rf"around it{IN}: `(?P<words>[^`]*)`", "around it in INC-2: `12 min before: v42 deployed`")
def _around(seen: Seen, ref: str | None, words: str) -> None:
    """What the page shows around an incident: a value, a change with its distance, a supplier, an earlier incident."""
    lines = _lines(_context(seen, ref))
    assert any(words in line for line in lines), "\n  ".join(["it shows:", *lines])


@check(rf"nothing is known around it{IN}", "nothing is known around it")
def _nothing(seen: Seen, ref: str | None) -> None:
    """The page shows a sentence instead."""
    found = _context(seen, ref)
    assert found.empty, _lines(found)


def _context(seen: Seen, ref: str | None) -> Context:
    return context.around(seen.world.app, EVERYBODY, latest(seen.world, ref).id)


def _lines(found: Context) -> list[str]:
    values = [f"{each.metric} is {each.value} {each.unit}, {each.rule}" for each in found.signals]
    changes = [
        f"{'nearest: ' if each.nearest else ''}{each.distance()}: {in_words(each.change)}" for each in found.changes
    ]
    suppliers = [f"{each.name}: {each.state()}" for each in found.suppliers]
    then = [f"then {each.name}: {each.says or each.problem}" for each in found.then.suppliers] if found.then else []
    alike = [f"{each.incident}: {'; '.join(each.why)}: {each.resolution}" for each in found.similar]
    values += [f"{each.metric} is {each.value} {each.unit}".rstrip() + f", {each.state}" for each in found.beside]
    if found.then:
        values += [f"then {each.metric} was {each.value} {each.unit}".rstrip() for each in found.then.signals]
    people = [found.affected.says()] if found.affected else []
    ran = [found.traces.says(), *(each.says() for each in found.traces.latest)] if found.traces else []
    return [*people, *ran, *values, *changes, *suppliers, *then, *alike]
