"""What changed between two versions of a runbook."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.differences import Change, differences
from tocsin.core.runbook import Runbook
from tocsin.reading import read
from tocsin.service.books import judge

BAKERY = """\
# Bakery incidents

| Severity | Meaning | Response time |
|---|---|---|
| P1 | No bread | 5 minutes |
| P2 | Cold bread | 30 minutes |

## Incident: Oven too cold

**Symptoms:**
- oven failures > 5 % for 10 minutes

### Diagnosis
1. See the oven's log: `journalctl -u oven --no-pager -n 50`
2. See the disk: `df -h`

### Mitigation
1. Start it again: `systemctl restart oven`
2. Call the smith

### Verification
- Monitor oven failures return to < 1 %

## Escalation
- If unresolved after 30 minutes, page the master baker

## Contacts

| Role | Name | Phone |
|---|---|---|
| Master baker | Ines | [phone] |
"""


def book(text: str) -> Runbook:
    """The runbook in a text, with verdicts."""
    return judge(read(text.encode(), "bakery.md"))


def changes(*edits: tuple[str, str], text: str = BAKERY) -> list[Change]:
    """What changes when pieces of the text are replaced."""
    new = text
    for before, after in edits:
        assert before in new
        new = new.replace(before, after)
    return list(differences(book(text), book(new)))


def told(change: Change) -> tuple[str, str, dict[str, tuple[str, str]]]:
    """A change without its place."""
    return change.area, change.kind, {facet.name: (facet.before, facet.after) for facet in change.facets}


def test_the_same_text_is_no_change() -> None:
    """Neither is text that means nothing to Tocsin, blank lines, or another way to write a list."""
    assert changes() == []
    assert changes(("# Bakery incidents", "# Bakery incidents\n\nSome words about bread.\n\n")) == []
    assert changes(("1. See the oven", "1) See the oven"), ("2. See the disk", "2) See the disk")) == []


def test_a_threshold_s_number_is_one_change_of_its_rule() -> None:
    """With both lines, and the window told apart from the limit."""
    found = [change for change in changes(("> 5 % for 10 minutes", "> 7 % for 5 minutes")) if change.area == "rules"]

    assert [told(change) for change in found] == [
        ("rules", "changed", {"limit": ("> 5%", "> 7%"), "for": ("10 min", "5 min")})
    ]
    assert (found[0].within, found[0].line_before, found[0].line_after) == ("Oven too cold", 11, 11)


def test_a_command_that_no_longer_only_reads_is_seen_in_its_step() -> None:
    """The verdict is compared, not only the words."""
    (found,) = changes(("`df -h`", "`rm -rf /var/tmp/oven`"))

    area, kind, facets = told(found)
    assert (area, kind, facets["verdict"]) == ("steps", "changed", ("read", "change"))
    assert facets["command"] == ("df -h", "rm -rf /var/tmp/oven")


def test_a_new_step_is_added_and_its_neighbours_are_left_alone() -> None:
    """One change."""
    (found,) = changes(("2. See the disk", "2. See the memory: `free -m`\n3. See the disk"))

    assert (found.area, found.kind, found.line_before, found.line_after) == ("steps", "added", None, 15)


def test_a_step_that_is_gone_is_removed() -> None:
    """With its line in the old version."""
    (found,) = changes(("2. See the disk: `df -h`\n", ""))

    assert (found.area, found.kind, found.line_before, found.line_after) == ("steps", "removed", 15, None)


def test_a_step_in_another_place_of_the_order_is_moved() -> None:
    """The one that moved, not all that stand after it."""
    text = BAKERY.replace("2. Call the smith", "2. Call the smith\n3. Sweep the floor\n4. Write it down")
    (found,) = changes(
        ("1. Start it again: `systemctl restart oven`\n", ""),
        ("4. Write it down", "4. Write it down\n5. Start it again: `systemctl restart oven`"), text=text,
    )  # fmt: skip

    assert (found.kind, found.name.startswith("Start it again")) == ("moved", True)


def test_clocks_and_contacts_are_compared() -> None:
    """A waiting time, an answer time, a phone number."""
    found = {change.area: told(change)[2] for change in changes(
        ("after 30 minutes", "after 20 minutes"), ("| 5 minutes", "| 10 minutes"), ("[phone]", "+44 20 7946 0001"),
    )}  # fmt: skip

    assert found["severities"] == {"answer within": ("5 min", "10 min")}
    assert found["clocks"]["after"] == ("30 min", "20 min")
    assert found["contacts"]["phone"] == ("", "+44 20 7946 0001")


def test_a_scenario_with_another_heading_stays_itself() -> None:
    """Its steps are no new ones."""
    found = changes(("## Incident: Oven too cold", "## Incident: Oven too cold or off"))

    assert [(change.area, change.kind) for change in found] == [("scenarios", "changed")]


_some_lines = st.lists(st.sampled_from(BAKERY.splitlines()), max_size=40)


@given(_some_lines, _some_lines)
def test_differences_are_those_of_a_mirror(one: list[str], other: list[str]) -> None:
    """What is added one way is removed the other way; a version does not differ from itself."""
    left, right = book("\n".join(["# A", *one])), book("\n".join(["# A", *other]))
    there, back = differences(left, right), differences(right, left)

    assert differences(left, left) == ()
    assert len([c for c in there if c.kind == "added"]) == len([c for c in back if c.kind == "removed"])
    assert len([c for c in there if c.kind == "removed"]) == len([c for c in back if c.kind == "added"])


@pytest.mark.parametrize("swap", ["> 5 %", "30 minutes"])
def test_every_change_names_what_differs(swap: str) -> None:
    """No change without facets, unless it is new, gone or moved."""
    for change in changes((swap, swap.replace("5", "9").replace("30", "90"))):
        assert change.facets or change.kind != "changed"
