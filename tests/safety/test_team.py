"""A team's own commands are proved on the team's word, within what the word covers and not beyond."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.errors import Invalid
from tocsin.safety import classify
from tocsin.safety.team import Team, read_team

SHA = "ab" * 32
QUEUE = {
    "sha256": SHA,
    "reads": "prints how long the queue of an oven is",
    "options": "-n --lines <count>\n--watch @endless\n--drain ! empties the queue @destructive",
    "operands": "name?",
}
OVENCTL = {"vouched_by": "Mara", "status": {"reads": "prints how hot the ovens are", "traits": "@network"}}
TEAM = read_team({"scripts/queue.sh": QUEUE, "./rise.sh": {"sha256": SHA, "reads": "prints"}, "ovenctl": OVENCTL})


@pytest.mark.parametrize(
    ("command", "word", "traits"),
    [
        ("scripts/queue.sh -n 5 stone", "read", ()),
        ("./scripts/queue.sh stone | wc -l", "read", ()),
        ("bash scripts/queue.sh --watch", "read", ("endless",)),
        ("./rise.sh", "read", ()),
        ("sh rise.sh", "read", ()),
        ("timeout 5 scripts/queue.sh", "read", ()),
        ("scripts/queue.sh --drain", "change", ("destructive",)),
        ("scripts/queue.sh --odd", "unknown", ()),
        ("scripts/queue.sh a b", "unknown", ()),
        ("scripts/queue.sh $(touch x)", "unknown", ()),
        ("scripts/queue.sh > out", "change", ("local-write",)),
        ("other/scripts/queue.sh", "unknown", ()),
        ("scripts/../scripts/queue.sh", "unknown", ()),
        ("/scripts/queue.sh", "unknown", ()),
        ("bash -x scripts/queue.sh", "unknown", ()),
        ("bash -c scripts/queue.sh", "read", ()),
        ("bash -c 'scripts/queue.sh; rm x'", "change", ()),
        ("rise.sh", "unknown", ()),
        ("ovenctl status", "read", ("network",)),
        ("ovenctl off", "unknown", ()),
        ("bash ovenctl status", "unknown", ()),
        ("docker exec oven ovenctl status", "unknown", ()),
        ("docker exec oven scripts/queue.sh", "unknown", ()),
        ("sudo scripts/queue.sh", "unknown", ("privileged",)),
        ("xargs scripts/queue.sh", "unknown", ()),
    ],
)
def test_a_teams_word_covers_what_it_says(command: str, word: str, traits: tuple[str, ...]) -> None:
    """Its options and operands, on the target itself: not in a container, not as somebody else."""
    verdict = classify("shell", command, team=TEAM)
    assert verdict.word == word, verdict.why
    assert set(traits) <= set(verdict.traits)


def test_nobody_elses_word_counts() -> None:
    """Without the team's settings the same commands are unknown."""
    assert {classify("shell", text).word for text in ("scripts/queue.sh", "ovenctl status")} == {"unknown"}


def test_the_plan_carries_the_pin() -> None:
    """What starts it can look whether the script still is what was described; a program on PATH has no pin."""
    assert classify("shell", "df; bash scripts/queue.sh", team=TEAM).pins == (("scripts/queue.sh", SHA),)
    assert classify("shell", "ovenctl status", team=TEAM).pins == ()
    assert classify("shell", "scripts/queue.sh --odd", team=TEAM).pins == ()


def test_the_proof_says_whose_word_it_is() -> None:
    """Ours and the team's are never mixed up."""
    queue, oven = (classify("shell", text, team=TEAM).proof[0].known for text in ("scripts/queue.sh", "ovenctl status"))
    assert queue.endswith("by the word of your team, not ours")
    assert oven.endswith("by the word of Mara, not ours")


def test_a_broken_pin_is_unknown_with_its_sentence() -> None:
    """And says how to pin it again."""
    team = Team(TEAM.commands, {"scripts/queue.sh": "`scripts/queue.sh` is not what was pinned"})
    verdict = classify("shell", "scripts/queue.sh", team=team)
    assert (verdict.word, verdict.plan, verdict.pins) == ("unknown", None, ())
    assert "is not what was pinned" in verdict.why
    assert verdict.deciding is not None
    assert "tocsin classify --pin scripts/queue.sh" in verdict.deciding.fix


@pytest.mark.parametrize(
    ("name", "table", "said"),
    [
        ("scripts/a.sh", {"reads": "prints"}, "needs `sha256`"),
        ("scripts/a.sh", {"reads": "prints", "sha256": "AB" * 32}, "needs `sha256`"),
        ("scripts/a.sh", {"sha256": SHA}, "has no `reads`"),
        ("scripts/../a.sh", {"reads": "prints", "sha256": SHA}, "as plainly as it can be"),
        ("../a.sh", {"reads": "prints", "sha256": SHA}, "as plainly as it can be"),
        ("ovenctl", {"reads": "prints"}, "needs `vouched_by`"),
        ("ovenctl", {"vouched_by": "Mara"}, "has no `reads`"),
        ("ovenctl", {"reads": "prints", "vouched_by": "Mara", "sha256": SHA}, "Only a script"),
        ("git", {"reads": "prints", "vouched_by": "Mara"}, "is known already"),
        ("rm", {"reads": "prints", "vouched_by": "Mara"}, "is known already"),
        ("bash", {"reads": "prints", "vouched_by": "Mara"}, "can't be the name"),
        ("a b", {"reads": "prints", "vouched_by": "Mara"}, "can't be the name"),
        ("ovenctl", {"reads": "prints", "vouched_by": "Mara", "operands": "odd"}, "not a rule for values"),
        ("ovenctl", {"reads": "prints", "vouched_by": "Mara", "traits": "@odd"}, "not a trait"),
        ("ovenctl", {"reads": "prints", "vouched_by": "Mara", "surprise": "x"}, "not a key of a spec"),
        ("ovenctl", {"reads": "prints", "vouched_by": "Mara", "options": 3}, "not written as the specs are"),
        ("ovenctl", {"reads": "prints", "vouched_by": "Mara", "anywhere": True}, "not for commands of your own"),
        ("ovenctl", {"reads": "prints", "vouched_by": "Mara", "with": "git-choice"}, "not written as the specs are"),
        ("ovenctl", {"reads": "prints", "vouched_by": 3}, "vouched_by is a text"),
    ],
)
def test_a_table_that_says_too_little_or_too_much_is_refused(name: str, table: dict[str, Any], said: str) -> None:
    """When the configuration is read, with the table's name."""
    with pytest.raises(Invalid, match=said) as caught:
        read_team({name: table}, "bakery.toml")
    assert f'bakery.toml: [commands."{name}"]' in str(caught.value)
