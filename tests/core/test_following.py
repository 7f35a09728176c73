"""Linked runbooks, alternatives and commands for people: what the core says of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.build import NOW
from tocsin.core import facts, following, instead
from tocsin.core.facts import Actor, Entry
from tocsin.core.fold import fold
from tocsin.core.followfacts import Followed
from tocsin.core.incident import Incident, StepState
from tocsin.core.run import Verdict
from tocsin.core.runbook import SET_BACK
from tocsin.errors import Conflict, Refused
from tocsin.reading import read

ANA = Actor("person", "ana")
MAIN = read(b"# Main\n\n## Rollback\n\n```bash\nshopctl back\n\n# Or by hand\nshopctl front <pid>\n```\n", "/b/main.md")
LINKED = read(b"# Keys\n\n## New\n\n```bash\nkeyctl new <pid>\n```\n\n- [ ] Tell the baker\n", "/b/keys.md")
KEYS = Followed(number=0, title="Keys", digest=LINKED.digest, source="/b/keys.md", target="./keys.md", step="a", line=3)


def begun(*more: object) -> Incident:
    """An incident that follows the main runbook, after these facts."""
    first = facts.Declared(number=1, title="x", severity="P1", why="y", runbook=MAIN.title, runbook_digest=MAIN.digest)
    entries = [Entry(seq=at, at=NOW, by=ANA, fact=each) for at, each in enumerate((first, *more), 1)]
    return fold(entries)


def followed(incident: Incident, book: Followed, own: str = "/b/main.md") -> Incident:
    """The incident after a runbook was followed."""
    [new] = following.follow(incident, book, own)
    return begun(*(facts.RunbookFollowed(book=each) for each in incident.followed), new)


def test_a_step_of_a_linked_runbook_says_where_it_came_from_and_is_bound_to_that_version() -> None:
    """Also where it sets back what another one changed."""
    incident = followed(begun(), KEYS)
    whole = following.joined(MAIN, [(incident.followed[0], LINKED)])
    [linked] = [step for step in whole.steps() if step.command == "keyctl new <pid>"]
    own = next(step for step in whole.steps() if step.command == "shopctl back")
    assert following.digest_of(incident, linked.id) == LINKED.digest != following.digest_of(incident, own.id)
    assert following.digest_of(incident, SET_BACK + linked.id) == LINKED.digest
    assert following.origin(incident, own.id) is None
    assert following.own_id(linked.id) in {step.id for step in LINKED.steps()}
    assert following.titles_of_linked(incident, whole)[linked.id].endswith("(Keys)")
    assert [step.title for step in whole.steps() if step.id.startswith("followed/1/boxes/")] == ["Tell the baker"]
    assert following.origin(incident, "followed/2/x") is None


def test_boxes_stand_among_the_steps_of_their_heading_and_none_is_lost() -> None:
    """Also where two headings have the same words, and where a heading holds boxes alone."""
    text = "# K\n\n"
    for number in (1, 2):
        text += f"## Clean\n\n- [ ] Before {number}\n\n```bash\nmop run {number}\n```\n\n- [ ] After {number}\n\n"
    linked = read(f"{text}## Last\n\n- [ ] Lock up\n- [ ] Follow `docs/bed.md`\n".encode(), "/b/k.md")
    whole = following.joined(MAIN, [(replace(KEYS, number=1), linked)])
    plan = [[step.title for step in part.steps] for part in whole.procedures if part.id.startswith("followed/")]
    assert sorted(title for part in plan for title in part) == [
        "After 1", "After 2", "Before 1", "Before 2", "Follow docs/bed.md", "Lock up", "mop run 1", "mop run 2",
    ]  # fmt: skip
    assert ["Before 1", "mop run 1", "After 1"] in plan, plan
    assert len({step.id for step in whole.steps()}) == len(list(whole.steps()))
    assert next(step for step in whole.steps() if "bed" in step.title).kind == "link"


def test_a_runbook_is_followed_once_in_each_version_and_never_in_a_circle() -> None:
    """Neither back to the first document nor to one on the way."""
    once = followed(begun(), KEYS)
    with pytest.raises(Conflict, match="already"):
        following.follow(once, KEYS, "/b/main.md")
    newer = followed(once, replace(KEYS, digest="sha256:2"))
    assert [book.number for book in newer.followed] == [1, 2]
    with pytest.raises(Refused, match="circle"):
        following.follow(once, replace(KEYS, source="/b/main.md", digest="sha256:3"), "/b/main.md")
    inner = followed(once, replace(KEYS, source="/b/locks.md", digest="sha256:4", step="followed/1/x"))
    with pytest.raises(Refused, match="circle"):
        following.follow(inner, replace(KEYS, digest="sha256:5", step="followed/2/y"), "/b/main.md")


def test_following_ends_somewhere() -> None:
    """Four deep, and twenty in all."""
    incident = begun()
    for number in range(following.DEEPEST):
        deep = replace(KEYS, source=f"/b/{number}.md", digest=f"sha256:{number}", step=f"followed/{number}/x")
        incident = followed(incident, deep)
    with pytest.raises(Refused, match="deep"):
        following.follow(incident, replace(KEYS, source="/b/z.md", digest="z", step="followed/4/x"), "/b/main.md")
    for number in range(following.DEEPEST, following.MOST_FOLLOWED):
        incident = followed(incident, replace(KEYS, source=f"/b/{number}.md", digest=f"sha256:{number}", step=""))
    with pytest.raises(Refused, match="20 runbooks"):
        following.follow(incident, replace(KEYS, source="/b/z.md", digest="z", step=""), "/b/main.md")


def test_a_gap_that_is_a_secret_in_one_document_is_one() -> None:
    """Its value must not come to the timeline by way of the other."""
    secret = read(b"# K\n\n```bash\nkeyctl use <API_KEY>\n```\n", "/b/k.md")
    plain = replace(secret, placeholders=tuple(replace(gap, type="text") for gap in secret.placeholders))
    whole = following.joined(plain, [(replace(KEYS, number=1), secret)])
    assert [gap.type for gap in whole.placeholders] == ["secret"]


@pytest.mark.parametrize("status", ["succeeded", "done", "running", "awaiting_approval", "in_doubt"])
def test_of_two_alternatives_one_is_done(status: str) -> None:
    """Either way round; a reason overrules it."""
    first, other = MAIN.steps()
    assert other.alternative_to == first.id
    for taken, left in ((first, other), (other, first)):
        state = StepState(status=status, at=NOW, by="ana")  # type: ignore[arg-type]
        incident = replace(begun(), steps={taken.id: state})
        with pytest.raises(Refused, match="one of them, not both"):
            instead.must_be_free(incident, MAIN, left, " ")
        instead.must_be_free(incident, MAIN, left, "the first one was the wrong one")
        instead.must_be_free(incident, MAIN, taken, "")


@pytest.mark.parametrize("status", ["failed", "timed_out", "skipped", "undone", "cancelled"])
def test_an_alternative_is_free_where_the_other_came_to_nothing(status: str) -> None:
    """Then it is what the document offers."""
    first, other = MAIN.steps()
    state = StepState(status=status, at=NOW, by="ana")  # type: ignore[arg-type]
    instead.must_be_free(replace(begun(), steps={first.id: state}), MAIN, other, "")


def test_only_what_changes_nothing_for_certain_is_kept_from_a_machine() -> None:
    """An editor that a change would open is shut before it starts; what only shows something has nobody to show it."""
    for word, traits, wanted in (
        ("unknown", ("interactive", "endless"), True),
        ("change", ("interactive",), False),
        ("unknown", ("endless",), False),
    ):
        verdict = Verdict(word=word, traits=traits, why="")  # type: ignore[arg-type]
        assert instead.waits_for_a_person(verdict) is wanted
