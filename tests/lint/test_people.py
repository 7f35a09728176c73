"""Whom the document can reach, and its promises about time."""

from __future__ import annotations

import pytest

from tests.lint.document import codes, problems
from tocsin.lint.subject import Bindings

CONTACTS = "# F\n\n## Contacts\n\n- **Captain on call**: @captain\n- **Fleet manager**: [Contact]\n"


def levels(text: str) -> list[tuple[str, str]]:
    """Code and level of every finding but the missing scenario."""
    return [(each.code, each.level) for each in problems(text) if each.code != "no-scenario"]


def test_a_gap_in_a_contact_is_an_error_where_the_role_has_no_other_address() -> None:
    """With another address, in this place or another, it is a warning."""
    assert levels(CONTACTS) == [("unfilled-contact", "error")]
    assert levels(CONTACTS + "\n## More Contacts\n\n- **Fleet Manager**: fleet@ferry.example\n") == [
        ("unfilled-contact", "warning")
    ]


def test_a_dash_in_a_table_is_no_gap() -> None:
    """It says that there is none, as long as there is another address."""
    table = "# F\n\n## Contacts\n\n| Role | Chat | Phone |\n|---|---|---|\n| Captain | @captain | {} |\n"
    assert levels(table.format("—")) == []
    assert levels(table.format("[phone]")) == [("unfilled-contact", "warning")]


def test_a_list_of_contacts_without_any_address_can_page_nobody() -> None:
    """An error at the first of them; one address, or a paging service, is enough to be silent."""
    text = "# F\n\n## Contacts\n\n- **Captain**: [phone]\n- **Fleet manager**: [phone]\n"
    assert (5, "nobody-to-page") in codes(text)
    assert dict(levels(text))["nobody-to-page"] == "error"
    assert "nobody-to-page" not in dict(levels(text + "- **Director**: director@ferry.example\n"))
    assert "nobody-to-page" not in dict(levels(text + "\nThe schedule is in PagerDuty.\n"))


def test_an_escalation_without_any_contacts_is_a_warning() -> None:
    """Unless somebody is named in passing."""
    text = "# F\n\n## Escalation\n\n- After 20 minutes unresolved: escalate to the fleet manager\n"
    assert levels(text) == [("nobody-to-page", "warning")]
    assert levels(text.replace("manager", "manager (fleet@ferry.example)")) == []


def test_a_role_that_the_configuration_binds_can_be_paged() -> None:
    """Whoever has done what the finding asks for is not told it again; a role that stays open is told by itself."""
    text = "# F\n\n## Escalation\n\n1. **0-15 min**: The captain\n2. **15+ min**: The fleet manager\n"
    assert "nobody-to-page" in [code for _, code in codes(text, bindings=Bindings())]
    found = [code for _, code in codes(text, bindings=Bindings(roles=frozenset({"fleet manager"})))]
    assert "nobody-to-page" not in found
    assert "unbound-role" in found


@pytest.mark.parametrize(
    ("called", "found"),
    [
        ("the fleet manager", True),
        ("the captain", False),
        ("the on-call captain", False),
        ("the director (director@ferry.example)", False),
        ("all customers", False),
    ],
)
def test_a_role_that_the_contacts_leave_out_is_found(called: str, found: bool) -> None:
    """Other words for a role that stands there do not count."""
    ladder = f"## Escalation\n\n- After 20 minutes unresolved: escalate to {called}\n"
    text = f"# F\n\n## Contacts\n\n- **Captain on call**: @captain\n\n{ladder}"
    assert ((9, "unreachable-person") in codes(text)) is found


def test_a_ladder_of_bands_that_share_their_ends_is_one_note() -> None:
    """It names the minutes; bands that do not touch, and phases of the work, are none."""
    ladder = (
        "# F\n\n## Escalation\n\n1. **0-10 min**: on-call @a\n2. **{}-40 min**: escalate to lead @b\n"
        "3. **40+ min**: director @c\n"
    )
    (found,) = [each for each in problems(ladder.format(10)) if each.code == "overlapping-bands"]
    assert (found.line, found.level, "Minutes 10 and 40" in found.message) == (5, "note", True)
    apart = ladder.format(11).replace("40+", "41+")
    assert "overlapping-bands" not in [code for _, code in codes(apart)]
    phases = "# F\n\n## Work\n\n- 0-10 min: look around\n- 10-20 min: mend it\n"
    assert codes(phases) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("We write again every [X] minutes.", True),
        ("Updates every <N> hours", True),
        ("We will respond within [X] hours.", True),
        ("Next update in __ min", True),
        ("We write again every 30 minutes.", False),
        ("Duration: [X] minutes", False),
        ("The oven was cold for X minutes.", False),
        ("Every [baker] knows it.", False),
    ],
)
def test_a_promise_without_its_number_is_found(line: str, found: bool) -> None:
    """An interval that is promised; a duration that is told afterwards is none."""
    assert ([code for _, code in codes(f"# B\n\n{line}\n")] == ["open-promise"]) is found
